//! What a computation needs beside the weights. Held against the memory pools of a software GPU
//! (`tests/memory.rs`): 0.9 to 1.1 times as much as they hold, for pictures of 256² to 512² in f32 and f16 that
//! took more than 30 MB.

use burn::tensor::DType;

use super::limits::Limits;
use crate::kernels::stores_scores;
use crate::model::attention::LARGEST_INNER;
use crate::model::{FeatureMaps, UNet2DConditionConfig, VaeConfig};
use crate::pipeline::Activations;

/// What the runtime's memory pools hold beyond what is in use, whatever the size.
const POOLS: u64 = 12 << 20;

/// Feature maps of a transformer that are there at the same time, beside the widest of the level.
const MAPS: u64 = 6;

/// The same of a residual block.
const RESNET_MAPS: u64 = 2;

/// Feature maps of the autoencoder's last blocks that are there at the same time.
const VAE_MAPS: u64 = 3;

/// What is computed, and with which numbers.
pub(super) struct Work<'a> {
    pub unet: &'a UNet2DConditionConfig,
    pub vae: &'a VaeConfig,
    pub activations: Activations,
    /// Two halves of a batch are computed.
    pub guides: bool,
    pub limits: Limits,
}

/// What the computation needs beside the weights, bytes.
pub(super) struct Demand {
    pub scratch: u64,
    pub largest_buffer: u64,
}

impl Work<'_> {
    /// For a picture of `size`.
    pub fn demand(&self, size: [usize; 2]) -> Demand {
        // Beyond this nothing fits anywhere, and products of products leave their numbers.
        let size = size.map(|side| side.min(1 << 15));
        let factor = self.vae.scale_factor();
        let latents = size.map(|side| (side / factor).max(1));
        let unet = self.of_unet(latents.map(|side| side as u64));
        let vae = self
            .of_vae(latents, FeatureMaps { largest: self.limits.binding, ..self.activations.vae });
        Demand {
            scratch: POOLS + unet.scratch.max(vae.scratch),
            largest_buffer: unet.largest_buffer.max(vae.largest_buffer),
        }
    }

    /// At the level that needs most: some feature maps of a residual block or of a transformer and what
    /// is inside of it; beside them every skip connection.
    fn of_unet(&self, latents: [u64; 2]) -> Demand {
        let Work { unet: config, limits, .. } = self;
        let number = self.activations.unet.size() as u64;
        let batch = if self.guides { 2 } else { 1 };
        let mut skips = 0;
        let (mut most, mut largest_buffer) = (0, 0);
        for (level, &channels) in config.block_out_channels.iter().enumerate() {
            let pixels: u64 = latents.iter().map(|side| side.div_ceil(1 << level)).product();
            let map = batch * channels as u64 * pixels * number;
            skips += map * (config.layers_per_block.get(level) as u64 + 1);
            let attends = config.attends(level);
            let heads = config.heads(level).max(1);
            let scores = match attends && stores_scores(channels / heads, limits.gpu) {
                true => batch * heads as u64 * pixels * pixels * DType::F32.size() as u64,
                false => 0,
            };
            let widest = match (attends, limits.gpu) {
                // An up block's residual block begins with those of the skip connection too.
                (false, _) => 2 * map,
                (true, true) if 4 * map > LARGEST_INNER => 4 * map / batch,
                (true, true) => 4 * map,
                // Values and gates lie beside one another.
                (true, false) => 8 * map,
            };
            largest_buffer = largest_buffer.max(scores).max(widest);
            let inside = if limits.gpu { widest.max(2 * scores) } else { 2 * scores.max(widest) };
            let maps = if attends || !limits.gpu { MAPS } else { RESNET_MAPS };
            most = most.max(maps * map + inside);
        }
        Demand { scratch: most + skips, largest_buffer }
    }

    /// The largest blocks of the decoder, or of the encoder where a picture is given, in strips if they must
    /// be, or the attention at their bottom.
    fn of_vae(&self, size: [usize; 2], maps: FeatureMaps) -> Demand {
        let number = maps.dtype.size() as u64;
        // In u64: nothing of this need fit into the numbers of WebAssembly.
        let latents: u64 = size.iter().map(|side| *side as u64).product();
        let (numbers, scores) = match self.vae {
            VaeConfig::Kl(config) => {
                let channels = config.block_out_channels.last().copied().unwrap_or(0);
                let stored =
                    config.mid_block_add_attention && stores_scores(channels, self.limits.gpu);
                let scores = if stored { latents.pow(2) * 4 } else { 0 };
                ([config.encoder_maps(), config.decoder_maps()].concat(), scores)
            }
            VaeConfig::Tiny(config) => (vec![config.largest_map()], 0),
        };
        let most = numbers.into_iter().max().unwrap_or(0);
        let map = latents * most as u64 * number;
        // In strips there is as much, in smaller pieces.
        let rows = maps.rows(most, size).unwrap_or(size[0]);
        let strip = [most, rows, size[1]].map(|n| n as u64).iter().product::<u64>() * number;
        // Three colours in f32, before and after they are brought into order.
        let picture = 3 * 4 * latents * (self.vae.scale_factor() as u64).pow(2);
        Demand {
            scratch: (VAE_MAPS * map).max(2 * scores) + 2 * picture,
            largest_buffer: strip.max(scores).max(picture),
        }
    }
}
