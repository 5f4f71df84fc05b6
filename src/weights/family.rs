//! The families of models, and what the checkpoints of each have.

use super::component::Component;
use super::diffusers::MODEL_INDEX;
use crate::error::{Error, Result, messages};
use crate::model::ClipTextConfig;

/// The families of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// SD 1.x and 2.x: one text encoder.
    StableDiffusion,
    /// SDXL: two text encoders, and the picture's size as a condition.
    StableDiffusionXl,
}

impl Family {
    /// Of a checkpoint that was made for this pipeline, which `model_index.json` names.
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

    /// The folder of each tokenizer, and the config of the text encoder that reads its ids.
    pub fn encoders(self) -> &'static [(&'static str, &'static str)] {
        const BOTH: [(&str, &str); 2] =
            [("tokenizer", ClipTextConfig::PATH), ("tokenizer_2", ClipTextConfig::SECOND_PATH)];
        match self {
            Family::StableDiffusion => &BOTH[..1],
            Family::StableDiffusionXl => &BOTH,
        }
    }

    /// Its networks.
    pub fn components(self) -> impl Iterator<Item = Component> {
        let both = self == Family::StableDiffusionXl;
        Component::ALL.into_iter().filter(move |&c| both || c != Component::TextEncoder2)
    }
}
