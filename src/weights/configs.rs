//! Whether the configs of a checkpoint fit each other.

use super::family::Family;
use crate::error::{Error, Message, Result, messages};
use crate::model::{ClipTextConfig, UNet2DConditionConfig, VaeConfig};
use crate::tokenizer::Tokenizer;

/// All that say how its networks are built.
pub struct Configs<'a> {
    /// What kind of model it is.
    pub family: Family,
    /// One for each text encoder.
    pub tokenizers: &'a [Tokenizer],
    /// One or two.
    pub text_encoders: &'a [ClipTextConfig],
    /// `unet/config.json`
    pub unet: &'a UNet2DConditionConfig,
    /// `vae/config.json`
    pub vae: &'a VaeConfig,
}

impl Configs<'_> {
    /// Sizes that two configs must agree on.
    pub fn check_fit(&self) -> Result<()> {
        let fail = |path: &str, reason: Message| {
            Err(Error::InvalidConfig { path: path.to_string(), reason })
        };
        const UNET: &str = UNet2DConditionConfig::PATH;
        let blocks = self.unet.block_out_channels.len();
        let context: usize = self.text_encoders.iter().map(|encoder| encoder.hidden_size).sum();
        if (0..blocks).any(|block| self.unet.cross_attention_dim.get(block) != context) {
            let place = match self.family {
                Family::StableDiffusion => Message::verbatim(ClipTextConfig::PATH),
                Family::StableDiffusionXl => messages::both_text_encoders(),
            };
            return fail(UNET, messages::cross_attention_differs(context, place));
        }
        let latent = self.vae.latent_channels();
        if self.unet.out_channels != latent {
            let has = self.unet.out_channels;
            return fail(UNET, messages::out_channels_differ(has, VaeConfig::PATH, latent));
        }
        // For inpainting a mask and the masked picture's latents are read beside the latents.
        if self.unet.in_channels != latent && self.unet.in_channels != 2 * latent + 1 {
            let (found, inpainting) = (self.unet.in_channels, 2 * latent + 1);
            return Err(Error::Unsupported {
                path: UNET.to_string(),
                what: Message::verbatim(format!("in_channels = {found}")),
                remedy: messages::unets_that_work(latent, inpainting),
            });
        }
        self.check_added_conditions()?;
        for (index, (config, tokenizer)) in
            self.text_encoders.iter().zip(self.tokenizers).enumerate()
        {
            let path = [ClipTextConfig::PATH, ClipTextConfig::SECOND_PATH][index.min(1)];
            let (tokens, positions) =
                (tokenizer.model_max_length(), config.max_position_embeddings);
            if tokens > positions {
                return fail(path, messages::positions_differ(positions, tokens));
            }
            let (ours, its) = (config.vocab_size, tokenizer.vocab_size());
            if its > ours {
                return fail(path, messages::vocabularies_differ(ours, its));
            }
        }
        Ok(())
    }

    /// What SDXL's UNet is told beside the prompt must have the size that it expects.
    fn check_added_conditions(&self) -> Result<()> {
        const UNET: &str = UNet2DConditionConfig::PATH;
        let text_time = self.unet.addition_embed_type.is_some();
        if text_time != (self.family == Family::StableDiffusionXl) {
            let reason = match text_time {
                true => messages::text_time_without_sdxl(),
                false => messages::sdxl_without_text_time(),
            };
            return Err(Error::InvalidConfig { path: UNET.into(), reason });
        }
        let Some(second) = self.text_encoders.get(1) else { return Ok(()) };
        const TIME_IDS: usize = 6;
        let given = second.projection_dim + TIME_IDS * self.unet.addition_time_embed_dim;
        let wanted = self.unet.projection_class_embeddings_input_dim;
        if !second.has_projection() {
            let path = ClipTextConfig::SECOND_PATH.to_string();
            let reason = messages::no_projection();
            return Err(Error::InvalidConfig { path, reason });
        }
        if given != wanted {
            let reason = messages::projection_differs(wanted, given);
            return Err(Error::InvalidConfig { path: UNET.into(), reason });
        }
        Ok(())
    }
}
