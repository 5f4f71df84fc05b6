//! What a network asks of a GPU, without computing it.

use serde::Serialize;

use super::measure::Subject;
use super::workload::Workload;
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::{Rehearsal, Tally, rehearse};

/// What was counted. GFLOP and weights are the same on any device; launches, pipelines and memory follow
/// from the kernels that are chosen for it and from its largest binding.
#[derive(Debug, Serialize)]
pub struct Counted {
    /// `sd15-unet-512`
    pub name: String,
    /// Of the kernels, in one run.
    pub gflop: f64,
    /// Launches of our kernels in one run.
    pub launches: usize,
    /// Different pipelines of ours.
    pub own_pipelines: usize,
    /// Their WGSL, bytes: what a browser's compiler reads before the first picture.
    pub wgsl_bytes: usize,
    /// What the weights take on the device.
    pub weight_bytes: u64,
    /// What the pools hold beside them after a run.
    pub scratch_bytes: u64,
}

/// Goes through a workload: kernels are compiled and memory is taken, but nothing is computed.
///
/// # Errors
/// If the device has not enough memory.
pub async fn count(workload: &mut Workload, compute: &Compute) -> Result<Counted> {
    compute.settle().await?;
    compute.device.memory_cleanup();
    let memory = || compute.device.memory_pool_usage();
    let weight_bytes = memory().map_or(0, |usage| usage.bytes_in_use);
    let pass = async {
        workload.prepare(compute);
        Tally::begin(false);
        workload.forward(compute).await
    };
    let output = rehearse(Rehearsal::PipelinesAndMemory, pass);
    let tally = Tally::end();
    output.ok_or_else(|| Error::Internal { reason: Message::verbatim("a pass waited") })??;
    compute.check()?;
    let taken = memory().map_or(0, |usage| usage.bytes_reserved);
    compute.device.memory_cleanup();
    Ok(Counted {
        name: workload.name().to_string(),
        gflop: tally.flop() / 1e9,
        launches: tally.launches(),
        own_pipelines: tally.pipelines(),
        wgsl_bytes: tally.sources().iter().map(String::len).sum(),
        weight_bytes,
        scratch_bytes: taken.saturating_sub(weight_bytes),
    })
}

/// For people.
impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}  {:.1} GFLOP, {} launches, {} pipelines of {:.0} kB, weights {:.0} MB, beside them {:.0} MB",
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
