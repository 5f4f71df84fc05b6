//! Model families and the components of their checkpoints.

use super::component::Component;
use super::diffusers::MODEL_INDEX;
use crate::error::{Error, Result, messages};
use crate::model::ClipTextConfig;

/// A model family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// SD 1.x and 2.x: one text encoder.
    StableDiffusion,
    /// SDXL: two text encoders, and the image size as a condition.
    StableDiffusionXl,
}

impl Family {
    /// Returns the family of a diffusers pipeline, `_class_name` in `model_index.json`.
    pub fn of(class_name: &str) -> Result<Self> {
        match class_name {
            "StableDiffusionPipeline"
            | "StableDiffusionImg2ImgPipeline"
            | "StableDiffusionInpaintPipeline"
            | "LatentConsistencyModelPipeline"
            | "LatentConsistencyModelImg2ImgPipeline" => Ok(Family::StableDiffusion),
            "StableDiffusionXLPipeline"
            | "StableDiffusionXLImg2ImgPipeline"
            | "StableDiffusionXLInpaintPipeline" => Ok(Family::StableDiffusionXl),
            other => Err(Error::Unsupported {
                path: MODEL_INDEX.to_string(),
                what: messages::pipeline_kind(other),
                remedy: messages::families_that_work(),
            }),
        }
    }

    /// Returns the folder of each tokenizer and the config of its text encoder.
    pub fn encoders(self) -> &'static [(&'static str, &'static str)] {
        const BOTH: [(&str, &str); 2] =
            [("tokenizer", ClipTextConfig::PATH), ("tokenizer_2", ClipTextConfig::SECOND_PATH)];
        match self {
            Family::StableDiffusion => &BOTH[..1],
            Family::StableDiffusionXl => &BOTH,
        }
    }

    /// Returns its networks.
    pub fn components(self) -> impl Iterator<Item = Component> {
        let both = self == Family::StableDiffusionXl;
        Component::ALL.into_iter().filter(move |&c| both || c != Component::TextEncoder2)
    }
}
