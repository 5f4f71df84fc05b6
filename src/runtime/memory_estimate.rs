//! Memory estimate of a run, without the weights.
//!
//! Compared with the memory pools of a software GPU (`tests/memory.rs`) it is 0.9 to 1.1 times
//! their size, for images of 256² to 512² pixels in f32 and f16 that took more than 30 MB.

use burn::tensor::DType;

use super::limits::Limits;
use crate::kernels::materializes_scores;
use crate::model::attention::LARGEST_INNER;
use crate::model::{FeatureMaps, UNet2DConditionConfig, VaeConfig};
use crate::pipeline::Activations;

/// Bytes that the runtime's memory pools reserve beyond those in use, at any size.
const POOLS: u64 = 12 << 20;

/// Feature maps of a transformer that are alive at the same time, in addition to the widest of the
/// level.
const MAPS: u64 = 6;

/// Feature maps of a residual block that are alive at the same time.
const RESNET_MAPS: u64 = 2;

/// Feature maps of the autoencoder's last blocks that are alive at the same time.
const VAE_MAPS: u64 = 3;

/// The networks of a run, their dtypes and the device's limits.
pub(super) struct Run<'a> {
    pub unet: &'a UNet2DConditionConfig,
    pub vae: &'a VaeConfig,
    pub activations: Activations,
    /// Classifier-free guidance: the UNet computes a batch of two.
    pub uses_cfg: bool,
    pub limits: Limits,
}

/// Memory of a run without the weights, bytes.
pub(super) struct MemoryEstimate {
    /// All activations that are alive at the same time.
    pub scratch: u64,
    /// The largest single buffer.
    pub largest_buffer: u64,
}

impl Run<'_> {
    /// Returns the estimate for an image of `size`, `[width, height]` in pixels.
    pub fn memory_estimate(&self, size: [usize; 2]) -> MemoryEstimate {
        // Larger images fit on no device, and the products below would overflow.
        let size = size.map(|side| side.min(1 << 15));
        let factor = self.vae.scale_factor();
        let latents = size.map(|side| (side / factor).max(1));
        let unet = self.unet_estimate(latents.map(|side| side as u64));
        let vae = self.vae_estimate(
            latents,
            FeatureMaps { largest: self.limits.binding, ..self.activations.vae },
        );
        MemoryEstimate {
            scratch: POOLS + unet.scratch.max(vae.scratch),
            largest_buffer: unet.largest_buffer.max(vae.largest_buffer),
        }
    }

    /// Returns the estimate of the UNet: the feature maps and inner activations of a residual block
    /// or a transformer at the level that needs most, and every skip connection. `latents`: `[w,
    /// h]`.
    fn unet_estimate(&self, latents: [u64; 2]) -> MemoryEstimate {
        let Run { unet: config, limits, .. } = self;
        let number = self.activations.unet.size() as u64;
        let batch = if self.uses_cfg { 2 } else { 1 };
        let mut skips = 0;
        let (mut most, mut largest_buffer) = (0, 0);
        for (level, &channels) in config.block_out_channels.iter().enumerate() {
            let pixels: u64 = latents.iter().map(|side| side.div_ceil(1 << level)).product();
            let map = batch * channels as u64 * pixels * number;
            skips += map * (config.layers_per_block.get(level) as u64 + 1);
            let attends = config.attends(level);
            let heads = config.heads(level).max(1);
            let scores = match attends && materializes_scores(channels / heads, limits.gpu) {
                true => batch * heads as u64 * pixels * pixels * DType::F32.size() as u64,
                false => 0,
            };
            let widest = match (attends, limits.gpu) {
                // The first convolution of an up block's residual block also reads the skip
                // connection.
                (false, _) => 2 * map,
                (true, true) if 4 * map > LARGEST_INNER => 4 * map / batch,
                (true, true) => 4 * map,
                // Values and gates of GEGLU are in one tensor.
                (true, false) => 8 * map,
            };
            largest_buffer = largest_buffer.max(scores).max(widest);
            let inside = if limits.gpu { widest.max(2 * scores) } else { 2 * scores.max(widest) };
            let maps = if attends || !limits.gpu { MAPS } else { RESNET_MAPS };
            most = most.max(maps * map + inside);
        }
        MemoryEstimate { scratch: most + skips, largest_buffer }
    }

    /// Returns the estimate of the VAE: the largest block of decoder or encoder, in strips if
    /// needed, or the attention of the mid block. `size`: that of the latents, `[w, h]`.
    fn vae_estimate(&self, size: [usize; 2], maps: FeatureMaps) -> MemoryEstimate {
        let number = maps.dtype.size() as u64;
        // u64, since this may exceed a 32-bit usize.
        let latents: u64 = size.iter().map(|side| *side as u64).product();
        let (numbers, scores) = match self.vae {
            VaeConfig::Kl(config) => {
                let channels = config.block_out_channels.last().copied().unwrap_or(0);
                let stored = config.mid_block_add_attention
                    && materializes_scores(channels, self.limits.gpu);
                let scores = if stored { latents.pow(2) * 4 } else { 0 };
                ([config.encoder_maps(), config.decoder_maps()].concat(), scores)
            }
            VaeConfig::Tiny(config) => (vec![config.largest_map()], 0),
        };
        let most = numbers.into_iter().max().unwrap_or(0);
        let map = latents * most as u64 * number;
        // In strips the total is the same, in smaller buffers.
        let rows = maps.rows(most, size).unwrap_or(size[0]);
        let strip = [most, rows, size[1]].map(|n| n as u64).iter().product::<u64>() * number;
        // RGB in f32, before and after the permutation to channels-last.
        let picture = 3 * 4 * latents * (self.vae.scale_factor() as u64).pow(2);
        MemoryEstimate {
            scratch: (VAE_MAPS * map).max(2 * scores) + 2 * picture,
            largest_buffer: strip.max(scores).max(picture),
        }
    }
}
