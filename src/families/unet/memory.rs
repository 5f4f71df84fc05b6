//! Memory estimate of a UNet's forward pass.

use burn::tensor::DType;

use super::family::UNetFamily;
use crate::families::memory_estimate::MemoryEstimate;
use crate::kernels::materializes_scores;
use crate::model::attention::LARGEST_INNER;

/// Feature maps of a transformer that are alive at the same time, in addition to the widest of the
/// level.
const MAPS: u64 = 6;

/// Feature maps of a residual block that are alive at the same time.
const RESNET_MAPS: u64 = 2;

impl UNetFamily {
    /// Returns the estimate of the UNet: the feature maps and inner activations of a residual block
    /// or a transformer at the level that needs most, and every skip connection. `latents` is `[w,
    /// h]`, `batch` is the UNet's; `gpu` says whether it runs Hearth's own kernels.
    pub fn memory_estimate(
        &self,
        latents: [u64; 2],
        batch: u64,
        activations: DType,
        gpu: bool,
    ) -> MemoryEstimate {
        let config = &self.unet;
        let number = activations.size() as u64;
        let mut skips = 0;
        let (mut most, mut largest_buffer) = (0, 0);
        for (level, &channels) in config.block_out_channels.iter().enumerate() {
            let pixels: u64 = latents.iter().map(|side| side.div_ceil(1 << level)).product();
            let map = batch * channels as u64 * pixels * number;
            skips += map * (config.layers_per_block.get(level) as u64 + 1);
            let attends = config.attends(level);
            let heads = config.heads(level).max(1);
            let scores = match attends && materializes_scores(channels / heads, gpu) {
                true => batch * heads as u64 * pixels * pixels * DType::F32.size() as u64,
                false => 0,
            };
            let widest = match (attends, gpu) {
                // The first convolution of an up block's residual block also reads the skip
                // connection.
                (false, _) => 2 * map,
                (true, true) if 4 * map > LARGEST_INNER => 4 * map / batch,
                (true, true) => 4 * map,
                // Values and gates of GEGLU are in one tensor.
                (true, false) => 8 * map,
            };
            largest_buffer = largest_buffer.max(scores).max(widest);
            let inside = if gpu { widest.max(2 * scores) } else { 2 * scores.max(widest) };
            let maps = if attends || !gpu { MAPS } else { RESNET_MAPS };
            most = most.max(maps * map + inside);
        }
        MemoryEstimate { scratch: most + skips, largest_buffer }
    }
}
