//! Config of an `AutoencoderTiny`.

use serde::Deserialize;
use serde_json::json;

use super::parse::{invalid, parse};
use crate::error::{Message, Result, messages};
use crate::model::layers::Activation;

/// `vae/config.json` (diffusers `AutoencoderTiny`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct AutoencoderTinyConfig {
    /// Channels of the picture.
    pub in_channels: usize,
    /// Channels of the decoded picture.
    pub out_channels: usize,
    /// Channels per encoder block; within one network they are all the same.
    pub encoder_block_out_channels: Vec<usize>,
    /// Channels per decoder block.
    pub decoder_block_out_channels: Vec<usize>,
    /// Residual blocks per encoder block.
    pub num_encoder_blocks: Vec<usize>,
    /// Residual blocks per decoder block.
    pub num_decoder_blocks: Vec<usize>,
    /// The non-linearity.
    pub act_fn: Activation,
    /// Channels of the latents.
    pub latent_channels: usize,
    /// Growth of the image after every decoder block but the last.
    pub upsampling_scaling_factor: usize,
    /// Scaling factor: latents times this are the UNet's.
    pub scaling_factor: f64,
}

impl AutoencoderTinyConfig {
    /// Reads and checks a config; `path` is for messages.
    pub fn from_json(json: &[u8], path: &str) -> Result<Self> {
        let only = [("upsample_fn", json!("nearest")), ("shift_factor", json!(0.0))];
        let config: Self = parse(json, path, &only)?;
        config.check().map_err(|reason| invalid(path, reason))?;
        Ok(config)
    }

    /// Returns the pixels per latent along each side.
    pub fn scale_factor(&self) -> usize {
        self.upsampling_scaling_factor.pow(self.num_decoder_blocks.len() as u32 - 1)
    }

    /// Returns the values in the largest feature map of encoder or decoder, per latent.
    pub fn largest_map(&self) -> usize {
        // The encoder begins, and the decoder ends, with the image's size.
        let both =
            [self.encoder_block_out_channels.first(), self.decoder_block_out_channels.last()];
        let channels = both.into_iter().flatten().max();
        channels.map_or(0, |channels| channels * self.scale_factor().pow(2))
    }

    fn check(&self) -> Result<(), Message> {
        let halves = [
            ("encoder", &self.encoder_block_out_channels, &self.num_encoder_blocks),
            ("decoder", &self.decoder_block_out_channels, &self.num_decoder_blocks),
        ];
        for (half, channels, counts) in halves {
            if channels.is_empty() || channels.len() > 8 || channels.len() != counts.len() {
                return Err(messages::entry_counts_differ(
                    format!("{half}_block_out_channels"),
                    channels.len(),
                    format!("num_{half}_blocks"),
                    counts.len(),
                ));
            }
            // A convolution between two blocks keeps the number of channels.
            if channels.iter().any(|&c| c != channels[0]) || !(1..=1 << 12).contains(&channels[0]) {
                return Err(messages::not_all_the_same(format!("{half}_block_out_channels")));
            }
            if counts.iter().any(|&count| count > 64) {
                return Err(messages::out_of_range(format!("num_{half}_blocks")));
            }
        }
        if ![self.in_channels, self.out_channels, self.latent_channels]
            .iter()
            .all(|n| (1..=64).contains(n))
        {
            return Err(messages::any_out_of_range(
                "in_channels",
                "out_channels",
                "latent_channels",
            ));
        }
        if !(1..=4).contains(&self.upsampling_scaling_factor) {
            return Err(messages::out_of_range("upsampling_scaling_factor"));
        }
        if !self.scaling_factor.is_finite() || self.scaling_factor == 0.0 {
            return Err(messages::field_is("scaling_factor", self.scaling_factor));
        }
        Ok(())
    }
}

impl Default for AutoencoderTinyConfig {
    fn default() -> Self {
        AutoencoderTinyConfig {
            in_channels: 3,
            out_channels: 3,
            encoder_block_out_channels: vec![64; 4],
            decoder_block_out_channels: vec![64; 4],
            num_encoder_blocks: vec![1, 3, 3, 3],
            num_decoder_blocks: vec![3, 3, 3, 1],
            act_fn: Activation::Relu,
            latent_channels: 4,
            upsampling_scaling_factor: 2,
            scaling_factor: 1.0,
        }
    }
}
