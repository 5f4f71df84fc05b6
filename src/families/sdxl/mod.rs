//! Stable Diffusion XL.
//!
//! Two text encoders, and the size of the image as a condition.

use std::convert::identity;

use super::spec::{
    COMPVIS_UNET, COMPVIS_VAE, ComponentRow, Conditioning, FamilySpec, LatentSpace, PipelineClass,
    TextStates,
};
use crate::error::Id;
use crate::model::Component;
use crate::weights::single_file::{FileKeys, FilePart, Preset};
use crate::weights::{Architecture, Prediction};

macro_rules! preset {
    ($name:literal) => {
        include_str!(concat!("presets/", $name, ".json"))
    };
}

/// The family (Podell et al. 2023, arXiv:2307.01952).
pub static STABLE_DIFFUSION_XL: FamilySpec = FamilySpec {
    name: |_| "Stable Diffusion XL",
    pipelines: &[
        PipelineClass { name: "StableDiffusionXLPipeline", scheduler: identity },
        PipelineClass { name: "StableDiffusionXLImg2ImgPipeline", scheduler: identity },
        PipelineClass { name: "StableDiffusionXLInpaintPipeline", scheduler: identity },
    ],
    components: &[
        ComponentRow::TEXT_ENCODER,
        ComponentRow::TEXT_ENCODER_2,
        ComponentRow::UNET,
        ComponentRow::VAE,
    ],
    conditioning: Conditioning {
        states: TextStates::Penultimate,
        time_ids: Some(time_ids),
        forces_zeros: true,
    },
    latents: LatentSpace {
        scaling_factor: 0.13025,
        // ComfyUI `latent_formats.py`, `SDXL`.
        rgb_factors: [
            [0.3651, 0.4232, 0.4341],
            [-0.2533, -0.0042, 0.1068],
            [0.1076, 0.1111, -0.0362],
            [-0.3165, -0.2492, -0.2188],
        ],
        rgb_bias: [0.1084, -0.0175, -0.0011],
    },
    // Unless `force_upcast` is off, as in fixed autoencoders. diffusers makes the same exception.
    vae_overflows_f16: true,
    architectures: &[&SDXL],
};

/// Returns height and width of the original, top and left of the crop, height and width of the
/// target. diffusers' defaults are the size of the image, and no crop.
fn time_ids([width, height]: [usize; 2]) -> Vec<f32> {
    let [height, width] = [height, width].map(|side| side as f32);
    vec![height, width, 0.0, 0.0, height, width]
}

/// Single files of SDXL.
pub static SDXL: Architecture = Architecture {
    name: "Stable Diffusion XL",
    context: 2048,
    added: Some(2816),
    parts: &[
        COMPVIS_UNET,
        COMPVIS_VAE,
        FilePart {
            component: Component::TEXT_ENCODER,
            prefixes: &[
                "text_encoders.clip_l.transformer.",
                "conditioner.embedders.0.transformer.",
            ],
            keys: FileKeys::Clip,
            name: Id::text_encoder,
        },
        FilePart {
            component: Component::TEXT_ENCODER_2,
            prefixes: &["text_encoders.clip_g.transformer.", "conditioner.embedders.1.model."],
            keys: FileKeys::OpenClip,
            name: Id::second_text_encoder,
        },
    ],
    presets: |inpainting, _| Preset {
        base: preset!("stable-diffusion-xl-base-1.0"),
        patch: inpainting.then_some(preset!("stable-diffusion-xl-1.0-inpainting-0.1.patch")),
    },
    prediction: Prediction::Epsilon,
    has_revealing_bias: false,
};
