//! Benchmark results.

use std::fmt;

use serde::Serialize;

use crate::error::{Error, Message, Result};

/// Returns a result as JSON.
///
/// # Errors
/// [`Error::Internal`] if it cannot be written.
pub fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal { reason: Message::verbatim(e) })
}

/// The results of all cases on one device.
#[derive(Debug, Serialize)]
pub struct BenchReport {
    /// Always `hearth`.
    pub engine: &'static str,
    /// `cpu` or `wgpu`.
    pub device: String,
    /// Display name of the device.
    pub adapter: String,
    /// Requested dtype of the weights.
    pub dtype: String,
    /// In the order of measurement.
    pub cases: Vec<CaseReport>,
}

/// The result of one case. Times are seconds from inputs on the host to the output on the host.
#[derive(Debug, Serialize)]
pub struct CaseReport {
    /// `sd15-unet-512`
    pub name: String,
    /// Dtype of the activations.
    pub activations: String,
    /// The first preparation of values that are shared by the steps of an image.
    pub once_s: f64,
    /// Building all pipelines, before the first run.
    pub pipelines_s: f64,
    /// The first run.
    pub first_s: f64,
    /// The runs after the first.
    pub runs_s: Vec<f64>,
    /// The median of `runs_s`.
    pub median_s: f64,
    /// The difference between the slowest and the fastest of `runs_s`.
    pub spread_s: f64,
    /// Busy time of the calling thread in a run, without waiting; the median of the runs. The
    /// thread of Burn's runtime, where it has one (not in a browser), is not included.
    pub busy_s: f64,
    /// `busy_s` for each launch of our kernels; `None` where nothing is launched.
    pub busy_s_per_launch: Option<f64>,
    /// Share of a run in which none of our kernels runs, 0 to 1, if the device has timestamps.
    pub idle_share: Option<f64>,
    /// GFLOP of the kernels in one run.
    pub gflop: f64,
    /// `gflop` divided by `median_s`.
    pub gflop_per_s: f64,
    /// Bytes that the kernels read and write in one run.
    pub bytes: f64,
    /// Launches of our kernels in one run.
    pub launches: usize,
    /// Different pipelines of our kernels.
    pub own_pipelines: usize,
    /// The WGSL of these pipelines, bytes.
    pub wgsl_bytes: usize,
    /// The weights on the device, bytes.
    pub weight_bytes: u64,
    /// Memory reserved by the runs without the weights, bytes.
    pub scratch_bytes: u64,
    /// `weight_bytes` and `scratch_bytes`.
    pub peak_bytes: u64,
    /// By kernel: slowest first if the device has timestamps, else most GFLOP first.
    pub kernels: Vec<KernelReport>,
    /// max |ours − diffusers'| / max |diffusers'|, where diffusers' output is known.
    pub max_error: Option<f64>,
}

/// All launches of one kernel in one run.
#[derive(Debug, Serialize)]
pub struct KernelReport {
    /// The kernel's name.
    pub name: &'static str,
    /// Launches.
    pub launches: usize,
    /// GFLOP of all launches.
    pub gflop: f64,
    /// Bytes read and written.
    pub bytes: f64,
    /// Seconds on the device, if it has timestamps.
    pub seconds: Option<f64>,
}

/// Lines for the terminal.
impl fmt::Display for CaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        write!(
            f,
            "{}  {:.1} ms (± {:.1}), pipelines {:.0} ms, first run {:.0} ms, preparation {:.0} ms",
            self.name,
            self.median_s * 1e3,
            self.spread_s / 2.0 * 1e3,
            self.pipelines_s * 1e3,
            self.first_s * 1e3,
            self.once_s * 1e3
        )?;
        if self.launches == 0 {
            return Ok(()); // On a CPU nothing is launched.
        }
        write!(
            f,
            "\n  {:.1} GFLOP, {:.0} GFLOP/s, {} launches, {} pipelines of {:.0} kB, activations {}",
            self.gflop,
            self.gflop_per_s,
            self.launches,
            self.own_pipelines,
            self.wgsl_bytes as f64 / 1e3,
            self.activations
        )?;
        write!(f, "\n  thread busy {:.1} ms", self.busy_s * 1e3)?;
        if let Some(seconds) = self.busy_s_per_launch {
            write!(f, ", {:.0} µs for each launch", seconds * 1e6)?;
        }
        if let Some(share) = self.idle_share {
            write!(f, "; device idle {:.0} %", share * 1e2)?;
        }
        write!(
            f,
            "\n  weights {:.0} MB, activations {:.0} MB",
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
