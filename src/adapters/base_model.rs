//! The base model that an adapter was trained for, by the shapes in its file.

use super::suffixes::{Part, split};
use crate::error::{Id, Message};
use crate::weights::safetensors::Index;

/// Base of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseModel {
    /// Stable Diffusion 1.x.
    Sd1,
    /// Stable Diffusion 2.x.
    Sd2,
    /// SDXL and its smaller relatives.
    Sdxl,
    /// SDXL's refiner.
    SdxlRefiner,
    /// Another architecture.
    Other(Id),
}

impl BaseModel {
    /// Returns its name.
    pub fn name(self) -> Message {
        Message::verbatim(match self {
            BaseModel::Sd1 => "Stable Diffusion 1.x",
            BaseModel::Sd2 => "Stable Diffusion 2.x",
            BaseModel::Sdxl => "SDXL",
            BaseModel::SdxlRefiner => "SDXL refiner",
            BaseModel::Other(id) => return Message::plain(id),
        })
    }

    /// Returns the base of a file; `None` if nothing tells it.
    ///
    /// Shapes count before metadata: the width of the text states that cross-attention reads, then the
    /// prefixes of text encoders, then what the trainer noted.
    pub fn of(index: &Index) -> Option<Self> {
        const OTHERS: [(&str, Id); 9] = [
            ("double_blocks", Id::flux),
            ("single_transformer_blocks", Id::flux),
            ("joint_blocks", Id::stable_diffusion_3),
            ("lora_prior_unet_", Id::stable_cascade),
            ("double_stream_blocks", Id::hidream),
            ("lora_transformer_", Id::diffusion_transformer),
            ("transformer.transformer_blocks", Id::diffusion_transformer),
            ("diffusion_model.blocks.", Id::video_model),
            ("lora_unet_blocks_", Id::video_model),
        ];
        let names = || index.entries.iter().map(|entry| entry.name.as_str());
        let other = OTHERS.iter().find(|(sign, _)| names().any(|name| name.contains(sign)));
        if let Some((_, id)) = other {
            return Some(BaseModel::Other(*id));
        }
        let width = index.entries.iter().find_map(|entry| {
            let (name, part) = split(&entry.name)?;
            let reads_text = name.ends_with("attn2_to_k") || name.ends_with("attn2.to_k");
            let is_input = matches!(part, Part::Down | Part::HadaW1B);
            (reads_text && is_input).then(|| entry.shape.get(1).copied()).flatten()
        });
        match width {
            Some(768) => return Some(BaseModel::Sd1),
            Some(1024) => return Some(BaseModel::Sd2),
            Some(2048) => return Some(BaseModel::Sdxl),
            Some(1280) => return Some(BaseModel::SdxlRefiner),
            _ => {}
        }
        if names().any(|name| name.starts_with("lora_te2_") || name.contains("text_encoder_2")) {
            return Some(BaseModel::Sdxl);
        }
        let noted = |key: &str| index.metadata.get(key).map(String::as_str).unwrap_or_default();
        let version = noted("ss_base_model_version");
        let architecture = noted("modelspec.architecture");
        if version.starts_with("sdxl") || architecture.starts_with("stable-diffusion-xl") {
            Some(BaseModel::Sdxl)
        } else if version.starts_with("sd_v2") || architecture.starts_with("stable-diffusion-v2") {
            Some(BaseModel::Sd2)
        } else if version.starts_with("sd_v1") || architecture.starts_with("stable-diffusion-v1") {
            Some(BaseModel::Sd1)
        } else {
            None
        }
    }
}
