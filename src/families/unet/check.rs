//! Consistency checks between the configs of a checkpoint.

use super::family::{TextEncoder, UNetFamily};
use crate::error::{Error, Message, Result, messages};
use crate::model::{Component, VaeConfig};

impl UNetFamily {
    /// Checks the sizes that two configs must agree on.
    pub fn check(&self) -> Result<()> {
        let fail = |path: &str, reason: Message| {
            Err(Error::InvalidConfig { path: path.to_string(), reason })
        };
        let unet_path = Component::UNET.config_path();
        let blocks = self.unet.block_out_channels.len();
        let context: usize =
            self.text_encoders.iter().map(|encoder| encoder.config.hidden_size).sum();
        if (0..blocks).any(|block| self.unet.cross_attention_dim.get(block) != context) {
            let place = match self.text_encoders.as_slice() {
                [encoder] => Message::verbatim(encoder.component.config_path()),
                _ => messages::both_text_encoders(),
            };
            return fail(&unet_path, messages::cross_attention_differs(context, place));
        }
        let latent = self.vae.latent_channels();
        if self.unet.out_channels != latent {
            let has = self.unet.out_channels;
            return fail(&unet_path, messages::out_channels_differ(has, VaeConfig::PATH, latent));
        }
        // An inpainting UNet also reads a mask and the latents of the masked image.
        if self.unet.in_channels != latent && self.unet.in_channels != 2 * latent + 1 {
            let (found, inpainting) = (self.unet.in_channels, 2 * latent + 1);
            return Err(Error::Unsupported {
                path: unet_path,
                what: Message::verbatim(format!("in_channels = {found}")),
                remedy: messages::unets_that_work(latent, inpainting),
            });
        }
        self.check_added_conditions()?;
        for TextEncoder { component, config, tokenizer } in &self.text_encoders {
            let path = component.config_path();
            let (tokens, positions) =
                (tokenizer.model_max_length(), config.max_position_embeddings);
            if tokens > positions {
                return fail(&path, messages::positions_differ(positions, tokens));
            }
            // Every prompt has these. Of other tokens that the encoder lacks, a prompt may have none.
            let special =
                [tokenizer.bos_token_id(), tokenizer.eos_token_id(), tokenizer.pad_token_id()];
            let ours = config.vocab_size;
            if special.iter().any(|id| *id as usize >= ours) {
                return fail(&path, messages::vocabularies_differ(ours, tokenizer.vocab_size()));
            }
        }
        Ok(())
    }

    /// Checks the size of the UNet's conditions in addition to the prompt.
    fn check_added_conditions(&self) -> Result<()> {
        let text_time = self.unet.addition_embed_type.is_some();
        let time_ids = self.spec.conditioning.time_ids;
        if text_time != time_ids.is_some() {
            let reason = match text_time {
                true => messages::text_time_without_sdxl(),
                false => messages::sdxl_without_text_time(),
            };
            return Err(Error::InvalidConfig { path: Component::UNET.config_path(), reason });
        }
        let (Some(time_ids), Some(last)) = (time_ids, self.text_encoders.last()) else {
            return Ok(());
        };
        let numbers = time_ids([0; 2]).len();
        let given = last.config.projection_dim + numbers * self.unet.addition_time_embed_dim;
        let wanted = self.unet.projection_class_embeddings_input_dim;
        if !last.config.has_projection() {
            let path = last.component.config_path();
            let reason = messages::no_projection();
            return Err(Error::InvalidConfig { path, reason });
        }
        if given != wanted {
            let reason = messages::projection_differs(wanted, given);
            return Err(Error::InvalidConfig { path: Component::UNET.config_path(), reason });
        }
        Ok(())
    }
}
