//! Launches, pipelines and memory of a network, from a dry run.

use serde::Serialize;

use super::cases::Case;
use super::measure::Benchmark;
use super::workload::Workload;
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::{self, DryRun, MemoryEstimate, Profile, StorageFormat};

/// Launches, pipelines and memory of a network. GFLOP and weights are the same on any device; the
/// rest depends on the device's kernels and its largest binding.
#[derive(Debug, Serialize)]
pub struct DryRunReport {
    /// `sd15-unet-512`
    pub name: String,
    /// GFLOP of the kernels in one run.
    pub gflop: f64,
    /// Launches of our kernels in one run.
    pub launches: usize,
    /// Different pipelines of our kernels.
    pub own_pipelines: usize,
    /// The WGSL of these pipelines, bytes: a browser compiles it before the first image.
    pub wgsl_bytes: usize,
    /// The weights on the device, bytes.
    pub weight_bytes: u64,
    /// Memory reserved by a run without the weights, bytes.
    pub scratch_bytes: u64,
}

/// Dry-runs a workload: compiles kernels and allocates memory, but computes nothing.
///
/// # Errors
/// If the device has not enough memory.
pub async fn dry_run(workload: &mut Workload, compute: &Compute) -> Result<DryRunReport> {
    compute.sync().await?;
    compute.device.memory_cleanup();
    let memory = || compute.device.memory_pool_usage();
    let before = memory().map_or(0, |usage| usage.bytes_in_use);
    let pass = async {
        workload.prepare(compute);
        Profile::start(false);
        workload.forward(compute).await
    };
    let output = kernels::dry_run(DryRun::PipelinesAndMemory, pass);
    let profile = Profile::finish();
    output.ok_or_else(awaited)??;
    compute.check()?;
    let reserved = memory().map_or(0, |usage| usage.bytes_reserved);
    compute.device.memory_cleanup();
    Ok(DryRunReport {
        name: workload.name().to_string(),
        gflop: profile.flop() / 1e9,
        launches: profile.launches(),
        own_pipelines: profile.pipelines(),
        wgsl_bytes: profile.sources().iter().map(String::len).sum(),
        weight_bytes: workload.weight_bytes(),
        scratch_bytes: reserved.saturating_sub(before),
    })
}

/// Counts the memory of a pass of a network that computes on `compute`, without using it.
///
/// # Errors
/// If the case has no config.
pub fn estimate(case: Case, format: StorageFormat, compute: &Compute) -> Result<MemoryEstimate> {
    let host = compute.on_host();
    let pass = async {
        let mut workload = Workload::without_weights(case, format, &host)?;
        workload.compute_in(format, compute);
        workload.prepare(&host);
        workload.forward(&host).await.map(drop)
    };
    let (done, estimate) = kernels::count_memory(compute.is_gpu(), pass).ok_or_else(awaited)?;
    done.map(|()| estimate)
}

/// The error of a dry run that awaited something, which would never be ready.
pub(super) fn awaited() -> Error {
    Error::Internal { reason: Message::verbatim("a dry run awaited a result") }
}

/// A line for the terminal.
impl std::fmt::Display for DryRunReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}  {:.1} GFLOP, {} launches, {} pipelines of {:.0} kB, weights {:.0} MB, activations {:.0} MB",
            self.name,
            self.gflop,
            self.launches,
            self.own_pipelines,
            self.wgsl_bytes as f64 / 1e3,
            self.weight_bytes as f64 / 1e6,
            self.scratch_bytes as f64 / 1e6
        )
    }
}
