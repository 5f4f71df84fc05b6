//! Memory estimate of a run, without the weights.
//!
//! `tests/memory.rs` compares it with the memory pools of a software GPU: it is 0.8 to 1.05 times
//! their size for whole images of a small model, and what it counts is 0.65 to 0.92 times what the
//! pools reserve for networks as large as SD's and SDXL's. On the CPU it is 0.96 to 1.05 times what
//! the terminal takes for images of 128² to 512² pixels.

use burn::tensor::Device;

use super::dry_run::{Blueprint, Pass};
use super::limits::Limits;
use crate::error::Result;
use crate::kernels::{MemoryEstimate, count_memory};
use crate::model::ActivationLimits;
use crate::params::GenerationParams;
use crate::pipeline::Activations;

/// Bytes that the runtime needs at any size.
const RUNTIME: u64 = 12 << 20;

/// Bytes that a GPU's memory pools reserve for each hundred in use, because freed memory does not
/// fit exactly what comes next.
const POOL_PERCENT: u64 = 125;

/// Largest side, pixels. Larger images fit on no device.
const MAX_SIDE: usize = 8192;

/// The model of a run, their dtypes and the device's limits.
pub(super) struct Run<'a> {
    pub blueprint: &'a Blueprint,
    pub activations: Activations,
    /// Classifier-free guidance: the network computes a batch of two.
    pub uses_cfg: bool,
    pub limits: Limits,
}

impl Run<'_> {
    /// Returns the estimate for an image of `size`, `[width, height]` in pixels: that of the pass
    /// which needs most.
    pub fn memory_estimate(&self, size: [usize; 2]) -> MemoryEstimate {
        let factor = self.blueprint.family.vae().scale_factor();
        let size = size.map(|side| side.clamp(factor, MAX_SIDE));
        let params = GenerationParams::of_size(size, self.uses_cfg);
        let vae = ActivationLimits { largest: self.limits.binding, ..self.activations.vae };
        let pass = Pass {
            blueprint: self.blueprint,
            device: &Device::flex(),
            activations: Activations { vae, ..self.activations },
            params: &params,
        };
        let passes =
            [self.count(pass.denoise()), self.count(pass.decode()), self.count(pass.encode())];
        let most = passes.into_iter().fold(MemoryEstimate::default(), MemoryEstimate::max);
        let percent = if self.limits.gpu { POOL_PERCENT } else { 100 };
        MemoryEstimate { scratch: RUNTIME + most.scratch / 100 * percent, ..most }
    }

    /// Counts the memory of a pass. It cannot fail: its networks are those of the checkpoint, and
    /// nothing interrupts it or has to be waited for.
    fn count(&self, pass: impl Future<Output = Result<()>>) -> MemoryEstimate {
        count_memory(self.limits.gpu, pass).map(|(_, estimate)| estimate).unwrap_or_default()
    }
}
