//! What a checkpoint will need, said before anything of it is downloaded.

use burn::tensor::DType;

use super::demand::{Demand, Work};
use super::formats::activations;
use super::limits::Limits;
use super::networks::Residence;
use crate::error::{Message, messages};
use crate::model::{HOST_TABLES, UNet2DConditionConfig, VaeConfig};
use crate::pipeline::Activations;
use crate::weights::{Checkpoint, Component};

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

impl Plan {
    /// How many networks are on the device.
    pub fn residence(&self) -> Residence {
        if self.keeps_all { Residence::All } else { Residence::OneAtATime }
    }
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

impl Obstacle {
    /// What it is, and what would help.
    pub fn message(&self) -> Message {
        match self {
            Obstacle::Tensor { needs, has } => {
                messages::tensor_too_large(amount(*needs), amount(*has))
            }
            Obstacle::Size { needs, has, fits } => {
                let remedy = remedy(*fits, messages::other_device);
                messages::buffer_too_large(amount(*needs), amount(*has), remedy)
            }
            Obstacle::Memory { needs, has, fits } => {
                let remedy = remedy(*fits, messages::other_device_or_model);
                messages::memory_too_small(amount(*needs), amount(*has), remedy)
            }
        }
    }
}

fn remedy(fits: Option<usize>, otherwise: fn() -> Message) -> Message {
    fits.map_or_else(otherwise, |side| messages::size_fits(side, side))
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
    on_gpu: Weights,
    on_cpu: Weights,
    unet: UNet2DConditionConfig,
    vae: VaeConfig,
    /// Where the device computes in f16.
    halves: Activations,
}

/// The weights as they lie on a device, bytes.
#[derive(Debug, Clone)]
struct Weights {
    networks: Vec<u64>,
    largest_tensor: u64,
}

impl Weights {
    fn of(checkpoint: &Checkpoint, on_gpu: bool) -> Self {
        let (mut networks, mut largest_tensor) = (Vec::new(), 0);
        for component in Component::ALL {
            let matrix = match checkpoint.tensors.get(&component) {
                Some(tensors) if on_gpu => checkpoint.precision.on_gpu(tensors),
                _ => DType::F32,
            };
            let mut network = 0;
            for (path, shape) in checkpoint.expected(component) {
                // A GPU keeps biases and the norms' scales in f32 (`weights/loader.rs`).
                let dtype = if shape.len() < 2 { DType::F32 } else { matrix };
                let bytes = shape.iter().map(|side| *side as u64).product::<u64>();
                let bytes = bytes * dtype.size() as u64;
                if !HOST_TABLES.contains(&path.as_str()) {
                    network += bytes;
                    largest_tensor = largest_tensor.max(bytes);
                }
            }
            networks.push(network);
        }
        Weights { networks, largest_tensor }
    }

    fn all(&self) -> u64 {
        self.networks.iter().sum()
    }

    fn largest_network(&self) -> u64 {
        self.networks.iter().copied().max().unwrap_or(0)
    }
}

impl Scales {
    /// Takes from `checkpoint` what is needed.
    pub fn of(checkpoint: &Checkpoint) -> Self {
        Scales {
            download: checkpoint.file_bytes,
            on_gpu: Weights::of(checkpoint, true),
            on_cpu: Weights::of(checkpoint, false),
            unet: checkpoint.unet.clone(),
            vae: checkpoint.vae.clone(),
            halves: activations(checkpoint, true),
        }
    }

    fn weights(&self, limits: Limits) -> &Weights {
        if limits.gpu { &self.on_gpu } else { &self.on_cpu }
    }

    /// A smaller picture of about the same shape, `[width, height]`, that takes clearly less memory beside
    /// the weights; nothing if there is none.
    pub fn smaller(&self, size: [usize; 2], guides: bool, limits: Limits) -> Option<[usize; 2]> {
        const CLEARLY: f64 = 0.6;
        const PARTS: usize = 16;
        let step = self.vae.scale_factor().max(8) * 8;
        let whole = |size| self.weigh(size, guides, limits).scratch as f64;
        let fixed = whole([0; 2]); // What the runtime takes whatever the size.
        let scratch = |size| whole(size) - fixed;
        let most = scratch(size) * CLEARLY;
        let part = |n: usize| size.map(|side| (side * n / PARTS / step * step).max(step));
        (1..PARTS).rev().map(part).find(|smaller| *smaller != size && scratch(*smaller) <= most)
    }

    /// See [`plan`].
    pub fn weigh(&self, [width, height]: [usize; 2], guides: bool, limits: Limits) -> Plan {
        let weights = self.weights(limits);
        let (all, largest_network) = (weights.all(), weights.largest_network());
        let activations = match limits.gpu && limits.f16 {
            true => self.halves,
            false => Activations { unet: DType::F32, vae: DType::F32.into() },
        };
        let work = Work { unet: &self.unet, vae: &self.vae, activations, guides, limits };
        let demand = work.demand([width, height]);
        const MOST: usize = 4096;
        // The largest square picture, up to the wanted one, whose demand is small enough.
        let fits = |enough: &dyn Fn(&Demand) -> bool| {
            let step = self.vae.scale_factor().max(8) * 8;
            let mut sides = (1..=width.max(height).min(MOST) / step).rev().map(|n| n * step);
            sides.find(|side| enough(&work.demand([*side; 2])))
        };

        let mut obstacles = Vec::new();
        if let Some(has) = limits.binding {
            if weights.largest_tensor > has {
                obstacles.push(Obstacle::Tensor { needs: weights.largest_tensor, has });
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
            weights: all,
            largest_network,
            scratch: demand.scratch,
            largest_buffer: demand.largest_buffer.max(weights.largest_tensor),
            keeps_all: limits.memory.is_none_or(|has| all + demand.scratch <= has),
            obstacles,
        }
    }
}
