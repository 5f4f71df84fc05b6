//! Figures.

use serde::Serialize;

use super::check::difference;
use super::workload::Workload;
use crate::device::Compute;
use crate::error::{Error, Result};
use crate::kernels::Tally;

/// What one program says of the cases that it measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Always `hearth`.
    pub engine: &'static str,
    /// `cpu` or `wgpu`.
    pub device: String,
    /// For people.
    pub adapter: String,
    /// Of the weights, as wished.
    pub dtype: String,
    /// In the order in which they were measured.
    pub cases: Vec<Figures>,
}

/// One case. Times are seconds from inputs on the host to the output on the host.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// `sd15-unet-512`
    pub name: String,
    /// The number format between the layers.
    pub activations: String,
    /// What a picture's steps share, the first time.
    pub once_s: f64,
    /// The first run: pipelines are built.
    pub first_s: f64,
    /// The runs after it.
    pub runs_s: Vec<f64>,
    /// Their median.
    pub median_s: f64,
    /// From the fastest to the slowest.
    pub spread_s: f64,
    /// Of the kernels, in one run.
    pub gflop: f64,
    /// `gflop` for each second of the median.
    pub gflop_per_s: f64,
    /// Bytes that the kernels read and write in one run.
    pub bytes: f64,
    /// Launches of our kernels in one run.
    pub launches: usize,
    /// Different pipelines of ours.
    pub own_pipelines: usize,
    /// What the weights take on the device.
    pub weight_bytes: u64,
    /// What the runs took beside them.
    pub scratch_bytes: u64,
    /// Both.
    pub peak_bytes: u64,
    /// By kernel, slowest first if the device tells times.
    pub kernels: Vec<Kernel>,
    /// max |ours − diffusers'| / max |diffusers'|, where that is known.
    pub max_error: Option<f64>,
}

/// The launches of one kernel in one run.
#[derive(Debug, Serialize)]
pub struct Kernel {
    /// Its name.
    pub name: &'static str,
    /// How often.
    pub launches: usize,
    /// What it computes.
    pub gflop: f64,
    /// What it reads and writes.
    pub bytes: f64,
    /// On the device, if it tells.
    pub seconds: Option<f64>,
}

/// Measures a workload. `clock` gives seconds; `before` is told the number of each run before it begins,
/// 0 for the first.
///
/// # Errors
/// If a run fails or its numbers are none.
pub async fn measure(
    workload: &Workload,
    compute: &Compute,
    runs: usize,
    clock: &dyn Fn() -> f64,
    before: &mut dyn FnMut(usize),
) -> Result<Figures> {
    compute.settle().await?;
    compute.device.memory_cleanup();
    let memory = || compute.device.memory_pool_usage();
    let weight_bytes = memory().map_or(0, |usage| usage.bytes_in_use);

    // 1. Once for a picture.
    before(0);
    let start = clock();
    let once = workload.once(compute);
    compute.settle().await?;
    let once_s = clock() - start;

    // 2. The first run builds pipelines.
    Tally::begin(false);
    let start = clock();
    let output = workload.run(once.as_ref(), compute).await;
    let first_s = clock() - start;
    let tally = Tally::end();
    let output = output?;
    if output.iter().any(|value| !value.is_finite()) {
        return Err(Error::Internal { reason: format!("{}: not all are numbers", workload.name) });
    }
    let max_error = workload.expected.as_ref().map(|expected| difference(&output, expected));

    // 3. The runs that count.
    let mut runs_s = Vec::with_capacity(runs);
    for run in 1..=runs {
        before(run);
        let start = clock();
        workload.run(once.as_ref(), compute).await?;
        runs_s.push(clock() - start);
    }
    let peak_bytes = memory().map_or(0, |usage| usage.bytes_reserved);

    // 4. One more, each kernel by itself.
    Tally::begin(true);
    let timed = workload.run(once.as_ref(), compute).await;
    let mut timed_tally = Tally::end();
    timed?;
    let mut kernels = Vec::new();
    for (name, launches) in &mut timed_tally.kernels {
        let seconds = launches.seconds().await;
        let (gflop, bytes) = (launches.flop / 1e9, launches.bytes);
        kernels.push(Kernel { name, launches: launches.count, gflop, bytes, seconds });
    }
    let slowness = |kernel: &Kernel| kernel.seconds.unwrap_or(kernel.gflop);
    kernels.sort_by(|a, b| slowness(b).total_cmp(&slowness(a)));

    let mut sorted = runs_s.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(first_s);
    let median_s = (at(sorted.len().saturating_sub(1) / 2) + at(sorted.len() / 2)) / 2.0;
    let gflop = tally.flop() / 1e9;
    Ok(Figures {
        name: workload.name.clone(),
        activations: format!("{:?}", workload.activations()).to_lowercase(),
        once_s,
        first_s,
        median_s,
        spread_s: at(sorted.len().saturating_sub(1)) - at(0),
        runs_s,
        gflop,
        gflop_per_s: gflop / median_s,
        bytes: kernels.iter().map(|kernel| kernel.bytes).sum(),
        launches: tally.launches(),
        own_pipelines: tally.pipelines(),
        weight_bytes,
        scratch_bytes: peak_bytes.saturating_sub(weight_bytes),
        peak_bytes,
        kernels,
        max_error,
    })
}

/// For people.
impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        writeln!(
            f,
            "{}  {:.1} ms (± {:.1}), the first {:.0} ms, once a picture {:.0} ms",
            self.name,
            self.median_s * 1e3,
            self.spread_s / 2.0 * 1e3,
            self.first_s * 1e3,
            self.once_s * 1e3
        )?;
        writeln!(
            f,
            "  {:.1} GFLOP, {:.0} GFLOP/s, {} launches, {} pipelines, activations {}",
            self.gflop, self.gflop_per_s, self.launches, self.own_pipelines, self.activations
        )?;
        write!(
            f,
            "  weights {:.0} MB, beside them {:.0} MB",
            megabytes(self.weight_bytes),
            megabytes(self.scratch_bytes)
        )?;
        if let Some(error) = self.max_error {
            write!(f, ", error {error:.1e}")?;
        }
        for kernel in &self.kernels {
            write!(
                f,
                "\n  {:>24} {:>4} × {:>9.2} GFLOP",
                kernel.name, kernel.launches, kernel.gflop
            )?;
            if let Some(seconds) = kernel.seconds {
                write!(f, " {:>9.2} ms", seconds * 1e3)?;
            }
        }
        Ok(())
    }
}
