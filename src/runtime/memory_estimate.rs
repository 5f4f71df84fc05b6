//! Memory estimate of a run, without the weights.
//!
//! Compared with the memory pools of a software GPU (`tests/memory.rs`) it is 0.9 to 1.1 times
//! their size, for images of 256² to 512² pixels in f32 and f16 that took more than 30 MB.

use super::limits::Limits;
use crate::families::{AnyFamily, MemoryEstimate};
use crate::kernels::materializes_scores;
use crate::model::{ActivationLimits, VaeConfig};
use crate::pipeline::Activations;

/// Bytes that the runtime's memory pools reserve beyond those in use, at any size.
const POOLS: u64 = 12 << 20;

/// Feature maps of the autoencoder's last blocks that are alive at the same time.
const VAE_MAPS: u64 = 3;

/// The model of a run, their dtypes and the device's limits.
pub(super) struct Run<'a> {
    pub family: &'a AnyFamily,
    pub activations: Activations,
    /// Classifier-free guidance: the network computes a batch of two.
    pub uses_cfg: bool,
    pub limits: Limits,
}

impl Run<'_> {
    /// Returns the estimate for an image of `size`, `[width, height]` in pixels.
    pub fn memory_estimate(&self, size: [usize; 2]) -> MemoryEstimate {
        // Larger images fit on no device, and the products below would overflow.
        let size = size.map(|side| side.min(1 << 15));
        let factor = self.family.vae().scale_factor();
        let latents = size.map(|side| (side / factor).max(1));
        let batch = if self.uses_cfg { 2 } else { 1 };
        let unet = self.family.memory_estimate(
            latents.map(|side| side as u64),
            batch,
            self.activations.denoiser,
            self.limits.gpu,
        );
        let vae = self.vae_estimate(
            latents,
            ActivationLimits { largest: self.limits.binding, ..self.activations.vae },
        );
        MemoryEstimate {
            scratch: POOLS + unet.scratch.max(vae.scratch),
            largest_buffer: unet.largest_buffer.max(vae.largest_buffer),
        }
    }

    /// Returns the estimate of the VAE: the largest block of decoder or encoder, in strips if
    /// needed, or the attention of the mid block. `size`: that of the latents, `[w, h]`.
    fn vae_estimate(&self, size: [usize; 2], maps: ActivationLimits) -> MemoryEstimate {
        let number = maps.dtype.size() as u64;
        // u64, since this may exceed a 32-bit usize.
        let latents: u64 = size.iter().map(|side| *side as u64).product();
        let (numbers, scores) = match self.family.vae() {
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
        let picture = 3 * 4 * latents * (self.family.vae().scale_factor() as u64).pow(2);
        MemoryEstimate {
            scratch: (VAE_MAPS * map).max(2 * scores) + 2 * picture,
            largest_buffer: strip.max(scores).max(picture),
        }
    }
}
