//! Config of an `AutoencoderKL`.

use serde::Deserialize;
use serde_json::json;

use super::parse::{check_groups, invalid, parse};
use crate::error::{Message, Result, messages};
use crate::model::layers::Activation;

/// `vae/config.json` (diffusers `AutoencoderKL`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct AutoencoderKlConfig {
    /// Channels of the picture.
    pub in_channels: usize,
    /// Channels of the decoded picture.
    pub out_channels: usize,
    /// Channels per block, from the image's resolution downwards.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks per encoder block; decoder blocks have one more.
    pub layers_per_block: usize,
    /// The non-linearity.
    pub act_fn: Activation,
    /// Channels of the latents.
    pub latent_channels: usize,
    /// Groups of every group norm.
    pub norm_num_groups: usize,
    /// Scaling factor: latents times this have unit variance.
    pub scaling_factor: f64,
    /// A 1×1 convolution after the encoder.
    pub use_quant_conv: bool,
    /// A 1×1 convolution before the decoder.
    pub use_post_quant_conv: bool,
    /// Made for f32: in f16 its activations may overflow.
    pub force_upcast: bool,
    /// Self-attention at the lowest resolution.
    pub mid_block_add_attention: bool,
}

impl AutoencoderKlConfig {
    /// Reads and checks a config; `path` is for messages.
    pub fn from_json(json: &[u8], path: &str) -> Result<Self> {
        let only =
            [("shift_factor", json!(0)), ("latents_mean", json!(0)), ("latents_std", json!(1))];
        let config: Self = parse(json, path, &only)?;
        config.check().map_err(|reason| invalid(path, reason))?;
        Ok(config)
    }

    /// Returns the pixels per latent along each side.
    pub fn scale_factor(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    /// Returns the values in the largest feature map of each encoder block, per latent.
    pub fn encoder_maps(&self) -> Vec<usize> {
        let channels = &self.block_out_channels;
        let last = channels.len() - 1;
        let widest = |block: usize| channels[block].max(channels[block.saturating_sub(1)]);
        (0..=last).map(|block| widest(block) << (2 * (last - block))).collect()
    }

    /// Returns the values in the largest feature map of each decoder block, per latent.
    pub fn decoder_maps(&self) -> Vec<usize> {
        let channels = &self.block_out_channels;
        let last = channels.len() - 1;
        let map = |index: usize| {
            let block = last - index;
            let widest = channels[block].max(channels[(block + 1).min(last)]);
            // All blocks but the last double the size.
            let left = if block == 0 { 0 } else { 4 * channels[block] };
            widest.max(left) << (2 * index)
        };
        (0..=last).map(map).collect()
    }

    fn check(&self) -> Result<(), Message> {
        let blocks = self.block_out_channels.len();
        if blocks == 0 || blocks > 8 {
            return Err(messages::entry_count("block_out_channels", blocks));
        }
        if !(1..=16).contains(&self.layers_per_block) {
            return Err(messages::out_of_range("layers_per_block"));
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
        if !self.scaling_factor.is_finite() || self.scaling_factor == 0.0 {
            return Err(messages::field_is("scaling_factor", self.scaling_factor));
        }
        check_groups(&self.block_out_channels, self.norm_num_groups)
    }
}

impl Default for AutoencoderKlConfig {
    fn default() -> Self {
        AutoencoderKlConfig {
            in_channels: 3,
            out_channels: 3,
            block_out_channels: vec![64],
            layers_per_block: 1,
            act_fn: Activation::Silu,
            latent_channels: 4,
            norm_num_groups: 32,
            scaling_factor: 0.18215,
            use_quant_conv: true,
            use_post_quant_conv: true,
            mid_block_add_attention: true,
            force_upcast: true,
        }
    }
}
