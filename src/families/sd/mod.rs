//! Stable Diffusion 1.x and 2.x.

use std::convert::identity;

use super::spec::{
    COMPVIS_UNET, COMPVIS_VAE, ComponentRow, Conditioning, FamilySpec, LatentSpace, PipelineClass,
    TextStates,
};
use crate::error::Id;
use crate::model::{Component, UNet2DConditionConfig};
use crate::scheduler::SchedulerConfig;
use crate::weights::single_file::{FileKeys, FilePart, Preset};
use crate::weights::{Architecture, Prediction};

macro_rules! preset {
    ($name:literal) => {
        include_str!(concat!("presets/", $name, ".json"))
    };
}

/// The family.
pub static STABLE_DIFFUSION: FamilySpec = FamilySpec {
    name,
    pipelines: &[
        PipelineClass {
            name: "StableDiffusionPipeline",
            scheduler: SchedulerConfig::for_stable_diffusion,
        },
        PipelineClass {
            name: "StableDiffusionImg2ImgPipeline",
            scheduler: SchedulerConfig::for_stable_diffusion,
        },
        PipelineClass {
            name: "StableDiffusionInpaintPipeline",
            scheduler: SchedulerConfig::for_inpainting,
        },
        PipelineClass { name: "LatentConsistencyModelPipeline", scheduler: identity },
        PipelineClass { name: "LatentConsistencyModelImg2ImgPipeline", scheduler: identity },
    ],
    components: &[ComponentRow::TEXT_ENCODER, ComponentRow::UNET, ComponentRow::VAE],
    conditioning: Conditioning { states: TextStates::Last, time_ids: None, forces_zeros: false },
    latents: LatentSpace {
        scaling_factor: 0.18215,
        // The values that most programs use (ComfyUI `latent_formats.py`, `SD15`).
        rgb_factors: [
            [0.3512, 0.2297, 0.3227],
            [0.3250, 0.4974, 0.2350],
            [-0.2829, 0.1762, 0.2721],
            [-0.2120, -0.2616, -0.7177],
        ],
        rgb_bias: [0.0; 3],
    },
    vae_overflows_f16: false,
    architectures: &[&SD_1, &SD_2],
};

fn name(unet: &UNet2DConditionConfig) -> &'static str {
    if unet.use_linear_projection { "Stable Diffusion 2" } else { "Stable Diffusion 1" }
}

/// Single files of SD 1.x.
pub static SD_1: Architecture = Architecture {
    name: "Stable Diffusion 1.x",
    context: 768,
    added: None,
    parts: &[
        COMPVIS_UNET,
        COMPVIS_VAE,
        FilePart {
            component: Component::TEXT_ENCODER,
            prefixes: &["text_encoders.clip_l.transformer.", "cond_stage_model.transformer."],
            keys: FileKeys::Clip,
            name: Id::text_encoder,
        },
    ],
    presets: |inpainting, _| Preset {
        base: preset!("stable-diffusion-v1-5"),
        patch: inpainting.then_some(preset!("stable-diffusion-inpainting.patch")),
    },
    prediction: Prediction::Epsilon,
    has_revealing_bias: false,
};

/// Single files of SD 2.x.
pub static SD_2: Architecture = Architecture {
    name: "Stable Diffusion 2.x",
    context: 1024,
    added: None,
    parts: &[
        COMPVIS_UNET,
        COMPVIS_VAE,
        FilePart {
            component: Component::TEXT_ENCODER,
            prefixes: &["text_encoders.clip_h.transformer.", "cond_stage_model.model."],
            keys: FileKeys::OpenClip,
            name: Id::text_encoder,
        },
    ],
    presets: |inpainting, prediction| Preset {
        base: preset!("stable-diffusion-2-1"),
        patch: match (inpainting, prediction) {
            (true, _) => Some(preset!("stable-diffusion-2-inpainting.patch")),
            (false, Prediction::Epsilon) => Some(preset!("stable-diffusion-2-1-base.patch")),
            (false, Prediction::VPrediction) => None,
        },
    },
    // As in diffusers: that of the 768-v model.
    prediction: Prediction::VPrediction,
    has_revealing_bias: true,
};
