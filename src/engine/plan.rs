//! What a checkpoint will need, said before anything of it is downloaded.

use crate::model::{HOST_TABLE, UNet2DConditionConfig, VaeConfig};
use crate::weights::{Checkpoint, Component};

/// Bytes of a number on the device: everything is computed in f32.
const NUMBER: u64 = 4;

/// What a device offers, as far as it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// The largest buffer that a program may be given at once, bytes.
    pub binding: Option<u64>,
    /// Memory for everything together, bytes.
    pub memory: Option<u64>,
}

/// What a checkpoint needs, bytes, and whether a device can give it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What is fetched: all weights as they lie in their files.
    pub download: u64,
    /// All weights on the device.
    pub weights: u64,
    /// The largest network on the device: as much must be there even if the others make room.
    pub largest_network: u64,
    /// What the computation needs beside the weights, an estimate.
    pub scratch: u64,
    /// The largest single buffer.
    pub largest_buffer: u64,
    /// Whether all networks can stay on the device. Else each is loaded when its turn comes.
    pub keeps_all: bool,
    /// What stands against it. Empty: it will run.
    pub obstacles: Vec<Obstacle>,
}

/// Something that a device cannot give.
#[derive(Debug, Clone, PartialEq)]
pub enum Obstacle {
    /// A tensor of the weights is larger than the largest buffer.
    Tensor {
        /// Its size, bytes.
        needs: u64,
        /// The limit, bytes.
        has: u64,
    },
    /// Something in the computation is larger than the largest buffer.
    Size {
        /// Its size, bytes.
        needs: u64,
        /// The limit, bytes.
        has: u64,
        /// The largest square picture that fits, pixels a side; `None` if none does.
        fits: Option<usize>,
    },
    /// The weights of one network and the computation do not fit into the memory.
    Memory {
        /// What is needed at least, bytes.
        needs: u64,
        /// The memory, bytes.
        has: u64,
        /// The largest square picture that fits, pixels a side; `None` if none does.
        fits: Option<usize>,
    },
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Obstacle::Tensor { needs, has } => write!(
                f,
                "one tensor of the weights has {}, a buffer here at most {}; use another device",
                amount(*needs),
                amount(*has)
            ),
            Obstacle::Size { needs, has, fits } => write!(
                f,
                "at this size one buffer would have {}, here it has at most {}; {}",
                amount(*needs),
                amount(*has),
                remedy(*fits, "use another device")
            ),
            Obstacle::Memory { needs, has, fits } => write!(
                f,
                "it needs {} of memory, there are {}; {}",
                amount(*needs),
                amount(*has),
                remedy(*fits, "use another device or a smaller model")
            ),
        }
    }
}

fn remedy(fits: Option<usize>, otherwise: &str) -> String {
    fits.map_or(otherwise.to_string(), |side| format!("{side} × {side} pixels fit"))
}

/// `1.72 GB` or `24.9 MB`.
pub fn amount(bytes: u64) -> String {
    match bytes {
        1_000_000_000.. => format!("{:.2} GB", bytes as f64 / 1e9),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Weighs a checkpoint against a device, for pictures of `width` × `height` pixels. `guides`: two
/// halves of a batch are computed.
pub fn plan(checkpoint: &Checkpoint, size: [usize; 2], guides: bool, limits: Limits) -> Plan {
    Scales::of(checkpoint).weigh(size, guides, limits)
}

/// What of a checkpoint matters for a plan: enough to weigh any size again after it is loaded.
#[derive(Debug, Clone)]
pub struct Scales {
    download: u64,
    networks: Vec<u64>,
    largest_tensor: u64,
    unet: UNet2DConditionConfig,
    vae: VaeConfig,
}

impl Scales {
    /// Takes from `checkpoint` what is needed.
    pub fn of(checkpoint: &Checkpoint) -> Self {
        let shapes = Component::ALL.map(|component| checkpoint.expected(component));
        let bytes = |(path, shape): (&String, &Vec<usize>)| match path.as_str() {
            HOST_TABLE => 0, // It is not on the device.
            _ => shape.iter().product::<usize>() as u64 * NUMBER,
        };
        Scales {
            download: checkpoint.file_bytes,
            networks: shapes.iter().map(|shapes| shapes.iter().map(bytes).sum()).collect(),
            largest_tensor: shapes.iter().flat_map(|s| s.iter().map(bytes)).max().unwrap_or(0),
            unet: checkpoint.unet.clone(),
            vae: checkpoint.vae.clone(),
        }
    }

    /// See [`plan`].
    pub fn weigh(&self, [width, height]: [usize; 2], guides: bool, limits: Limits) -> Plan {
        let (weights, largest_network) =
            (self.networks.iter().sum(), self.networks.iter().copied().max().unwrap_or(0));
        let demand = Demand::of(self, [width, height], guides);
        const MOST: usize = 4096;
        // The largest square picture, up to the wanted one, whose demand is small enough.
        let fits = |enough: &dyn Fn(&Demand) -> bool| {
            let step = self.vae.scale_factor().max(8) * 8;
            let mut sides = (1..=width.max(height).min(MOST) / step).rev().map(|n| n * step);
            sides.find(|side| enough(&Demand::of(self, [*side; 2], guides)))
        };

        let mut obstacles = Vec::new();
        if let Some(has) = limits.binding {
            if self.largest_tensor > has {
                obstacles.push(Obstacle::Tensor { needs: self.largest_tensor, has });
            }
            if demand.largest_buffer > has {
                let fits = fits(&|demand| demand.largest_buffer <= has);
                obstacles.push(Obstacle::Size { needs: demand.largest_buffer, has, fits });
            }
        }
        let least = largest_network + demand.scratch;
        if let Some(has) = limits.memory.filter(|has| least > *has) {
            let fits = fits(&|demand| largest_network + demand.scratch <= has);
            obstacles.push(Obstacle::Memory { needs: least, has, fits });
        }
        Plan {
            download: self.download,
            weights,
            largest_network,
            scratch: demand.scratch,
            largest_buffer: demand.largest_buffer.max(self.largest_tensor),
            keeps_all: limits.memory.is_none_or(|has| weights + demand.scratch <= has),
            obstacles,
        }
    }
}

/// What the runtime's memory pools hold beyond what is in use, whatever the size.
const POOLS: u64 = 16 << 20;

/// What the computation needs beside the weights, bytes. Measured on a software GPU, pictures of 128²
/// to 256² with guidance took 0.9 to 1.1 times as much.
struct Demand {
    scratch: u64,
    largest_buffer: u64,
}

impl Demand {
    fn of(scales: &Scales, size: [usize; 2], guides: bool) -> Self {
        // Beyond this nothing fits anywhere, and products of products leave their numbers.
        let size = size.map(|side| side.min(1 << 15));
        let factor = scales.vae.scale_factor();
        let latents = size.map(|side| (side / factor).max(1) as u64);
        let batch = if guides { 2 } else { 1 };
        let unet = Self::of_unet(&scales.unet, latents, batch);
        let vae = Self::of_vae(&scales.vae, latents);
        Demand {
            scratch: POOLS + unet.scratch.max(vae.scratch),
            largest_buffer: unet.largest_buffer.max(vae.largest_buffer),
        }
    }

    /// At the level that needs most: the attention's scores before and after the softmax, or some
    /// feature maps of a residual block; beside them every skip connection.
    fn of_unet(config: &UNet2DConditionConfig, latents: [u64; 2], batch: u64) -> Self {
        const MAPS: u64 = 6;
        let mut skips = 0;
        let (mut most, mut largest_buffer) = (0, 0);
        for (level, &channels) in config.block_out_channels.iter().enumerate() {
            let pixels: u64 = latents.iter().map(|side| side.div_ceil(1 << level)).product();
            let map = batch * channels as u64 * pixels * NUMBER;
            skips += map * (config.layers_per_block.get(level) as u64 + 1);
            let scores = match config.attends(level) {
                true => batch * config.heads(level) as u64 * pixels * pixels * NUMBER,
                false => 0,
            };
            // The feed-forward's widest layer has eight times the channels.
            let widest = map * if config.attends(level) { 8 } else { 2 };
            largest_buffer = largest_buffer.max(scores).max(widest);
            most = most.max(2 * scores + MAPS * map).max(2 * widest);
        }
        Demand { scratch: most + skips, largest_buffer }
    }

    /// The decoder's upper blocks, or the attention at its bottom.
    fn of_vae(config: &VaeConfig, latents: [u64; 2]) -> Self {
        const MAPS: u64 = 4;
        let pixels: u64 = latents.iter().product();
        let (channels, scores): (Vec<u64>, u64) = match config {
            VaeConfig::Kl(config) => (
                config.block_out_channels.iter().rev().map(|&c| c as u64).collect(),
                if config.mid_block_add_attention { pixels * pixels * NUMBER } else { 0 },
            ),
            VaeConfig::Tiny(config) => {
                (config.decoder_block_out_channels.iter().map(|&c| c as u64).collect(), 0)
            }
        };
        let (mut most, mut largest_buffer) = (2 * scores, scores);
        for (level, &own) in channels.iter().enumerate() {
            // A block begins with the channels of the one below.
            let widest = own.max(channels[level.saturating_sub(1)]);
            let map = widest * pixels * (1 << (2 * level)) * NUMBER;
            most = most.max(MAPS * map);
            largest_buffer = largest_buffer.max(map);
        }
        Demand { scratch: most, largest_buffer }
    }
}
