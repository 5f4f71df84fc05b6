//! Memory plan of a model on a device.
//!
//! It is known before the weights are downloaded.

use burn::tensor::DType;

use super::dry_run::Blueprint;
use super::dtypes::activation_dtypes;
use super::limits::Limits;
use super::memory_estimate::Run;
use super::residency::Residency;
use crate::error::{Message, messages};
use crate::families::{Checkpoint, Shapes};
use crate::kernels::{MemoryEstimate, StorageFormat};
use crate::model::HOST_TABLES;
use crate::pipeline::Activations;

/// The memory that a model needs, bytes, and whether the device has it.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryPlan {
    /// The files of all weights.
    pub download: u64,
    /// All weights on the device.
    pub weights: u64,
    /// The weights of the largest network: the minimum if networks are loaded one at a time.
    pub largest_network: u64,
    /// Estimate of the memory of a run without the weights.
    pub scratch: u64,
    /// The largest single buffer.
    pub largest_buffer: u64,
    /// Whether all networks can stay on the device. Else each is loaded when it is needed.
    pub all_resident: bool,
    /// Reasons why it cannot run. Empty if it can.
    pub blockers: Vec<Blocker>,
}

impl MemoryPlan {
    /// Returns which networks stay on the device.
    pub fn residency(&self) -> Residency {
        if self.all_resident { Residency::All } else { Residency::OneAtATime }
    }
}

/// A reason why a model cannot run on a device.
#[derive(Debug, Clone, PartialEq)]
pub enum Blocker {
    /// A weight tensor is larger than the device's largest buffer.
    Tensor {
        /// Its size, bytes.
        needs: u64,
        /// The limit, bytes.
        has: u64,
    },
    /// An activation is larger than the device's largest buffer.
    Size {
        /// Its size, bytes.
        needs: u64,
        /// The limit, bytes.
        has: u64,
        /// The largest square picture that fits, pixels a side; `None` if none does.
        fits: Option<usize>,
    },
    /// The weights of one network and the activations do not fit into the device's memory.
    Memory {
        /// The minimum, bytes.
        needs: u64,
        /// The device's memory, bytes.
        has: u64,
        /// The largest square picture that fits, pixels a side; `None` if none does.
        fits: Option<usize>,
    },
}

impl Blocker {
    /// Returns what blocks the run, and what would help.
    pub fn message(&self) -> Message {
        match self {
            Blocker::Tensor { needs, has } => {
                messages::tensor_too_large(format_bytes(*needs), format_bytes(*has))
            }
            Blocker::Size { needs, has, fits } => {
                let remedy = remedy(*fits, messages::other_device);
                messages::buffer_too_large(format_bytes(*needs), format_bytes(*has), remedy)
            }
            Blocker::Memory { needs, has, fits } => {
                let remedy = remedy(*fits, messages::other_device_or_model);
                messages::memory_too_small(format_bytes(*needs), format_bytes(*has), remedy)
            }
        }
    }
}

fn remedy(fits: Option<usize>, otherwise: fn() -> Message) -> Message {
    fits.map_or_else(otherwise, |side| messages::size_fits(side, side))
}

/// Formats a size: `1.72 GB` or `24.9 MB`.
pub fn format_bytes(bytes: u64) -> String {
    match bytes {
        1_000_000_000.. => format!("{:.2} GB", bytes as f64 / 1e9),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Returns the plan for images of `size`, `[width, height]` in pixels. `uses_cfg`: with
/// classifier-free guidance, where the network computes a batch of two.
pub fn memory_plan(
    checkpoint: &Checkpoint,
    size: [usize; 2],
    uses_cfg: bool,
    limits: Limits,
) -> MemoryPlan {
    ModelFootprint::new(checkpoint).plan(size, uses_cfg, limits)
}

/// The sizes and configs of a checkpoint from which plans are made, also after it has been loaded.
#[derive(Debug, Clone)]
pub struct ModelFootprint {
    download: u64,
    on_gpu: Weights,
    on_cpu: Weights,
    blueprint: Blueprint,
    /// Dtypes of the activations on a device that computes in f16.
    f16_activations: Activations,
}

/// Sizes of the weights on a device, bytes.
#[derive(Debug, Clone, Default)]
struct Weights {
    /// The weights of each network.
    networks: Vec<u64>,
    largest_tensor: u64,
}

impl Weights {
    /// Returns the sizes on the GPU and on the CPU.
    fn on_devices(checkpoint: &Checkpoint) -> [Self; 2] {
        let mut devices = <[Weights; 2]>::default();
        for files in checkpoint.components.values() {
            let formats = [checkpoint.precision.on_gpu(&files.tensors), StorageFormat::F32];
            let expected = files.expected();
            for (weights, format) in devices.iter_mut().zip(formats) {
                weights.add_network(&expected, format);
            }
        }
        devices
    }

    fn add_network(&mut self, expected: &Shapes, format: StorageFormat) {
        let on_device = expected.iter().filter(|(path, _)| !HOST_TABLES.contains(&path.as_str()));
        let mut network = 0;
        for (_, shape) in on_device {
            let count = shape.iter().map(|side| *side as u64).product();
            let bytes = format.of_shape(shape).bytes(count);
            network += bytes;
            self.largest_tensor = self.largest_tensor.max(bytes);
        }
        self.networks.push(network);
    }

    fn all(&self) -> u64 {
        self.networks.iter().sum()
    }

    fn largest_network(&self) -> u64 {
        self.networks.iter().copied().max().unwrap_or(0)
    }
}

impl ModelFootprint {
    /// Returns the footprint of `checkpoint`.
    pub fn new(checkpoint: &Checkpoint) -> Self {
        let [on_gpu, on_cpu] = Weights::on_devices(checkpoint);
        ModelFootprint {
            download: checkpoint.download_bytes(),
            on_gpu,
            on_cpu,
            blueprint: Blueprint::new(checkpoint),
            f16_activations: activation_dtypes(checkpoint, true),
        }
    }

    /// Returns the bytes of all weights on the device.
    pub fn weight_bytes(&self, limits: Limits) -> u64 {
        self.weights(limits).all()
    }

    fn weights(&self, limits: Limits) -> &Weights {
        if limits.gpu { &self.on_gpu } else { &self.on_cpu }
    }

    /// Returns the largest smaller size of about the same aspect ratio, `[width, height]`, whose
    /// activations need at most 60 % of the memory; `None` if there is none.
    pub fn smaller_size(
        &self,
        size: [usize; 2],
        uses_cfg: bool,
        limits: Limits,
    ) -> Option<[usize; 2]> {
        const SHARE: f64 = 0.6;
        const PARTS: usize = 16;
        let step = self.blueprint.family.vae().scale_factor().max(8) * 8;
        let whole = |size| self.plan(size, uses_cfg, limits).scratch as f64;
        let fixed = whole([0; 2]); // The runtime's own, at any size.
        let scratch = |size| whole(size) - fixed;
        let most = scratch(size) * SHARE;
        let part = |n: usize| size.map(|side| (side * n / PARTS / step * step).max(step));
        (1..PARTS).rev().map(part).find(|smaller| *smaller != size && scratch(*smaller) <= most)
    }

    /// Returns the plan for one size; see [`memory_plan`].
    pub fn plan(&self, [width, height]: [usize; 2], uses_cfg: bool, limits: Limits) -> MemoryPlan {
        let weights = self.weights(limits);
        let (all, largest_network) = (weights.all(), weights.largest_network());
        let activations = match limits.gpu && limits.f16 {
            true => self.f16_activations,
            false => Activations { denoiser: DType::F32, vae: DType::F32.into() },
        };
        let run = Run { blueprint: &self.blueprint, activations, uses_cfg, limits };
        let estimate = run.memory_estimate([width, height]);
        const MAX_SIDE: usize = 4096;
        // The largest square image, up to the requested size, that satisfies `enough`.
        let fits = |enough: &dyn Fn(&MemoryEstimate) -> bool| {
            let step = self.blueprint.family.vae().scale_factor().max(8) * 8;
            let sides: Vec<usize> = (1..=width.max(height).min(MAX_SIDE) / step).collect();
            let count = sides.partition_point(|n| enough(&run.memory_estimate([n * step; 2])));
            (count > 0).then_some(count * step)
        };

        let mut blockers = Vec::new();
        if let Some(has) = limits.binding {
            if weights.largest_tensor > has {
                blockers.push(Blocker::Tensor { needs: weights.largest_tensor, has });
            }
            if estimate.largest_buffer > has {
                let fits = fits(&|estimate| estimate.largest_buffer <= has);
                blockers.push(Blocker::Size { needs: estimate.largest_buffer, has, fits });
            }
        }
        let least = largest_network + estimate.scratch;
        if let Some(has) = limits.memory.filter(|has| least > *has) {
            let fits = fits(&|estimate| largest_network + estimate.scratch <= has);
            blockers.push(Blocker::Memory { needs: least, has, fits });
        }
        MemoryPlan {
            download: self.download,
            weights: all,
            largest_network,
            scratch: estimate.scratch,
            largest_buffer: estimate.largest_buffer.max(weights.largest_tensor),
            all_resident: limits.memory.is_none_or(|has| all + estimate.scratch <= has),
            blockers,
        }
    }
}

#[cfg(test)]
mod suggested_models;
