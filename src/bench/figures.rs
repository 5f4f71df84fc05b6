//! What was measured.

use std::fmt;

use serde::Serialize;

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
    /// All pipelines, built before the first run.
    pub pipelines_s: f64,
    /// The first run.
    pub first_s: f64,
    /// The runs after it.
    pub runs_s: Vec<f64>,
    /// Their median.
    pub median_s: f64,
    /// From the fastest to the slowest.
    pub spread_s: f64,
    /// What the thread that drives the engine computes in a run, without what it waits; the median of the runs. Where the
    /// runtime has a thread of its own (not in a browser), that one is not in it.
    pub busy_s: f64,
    /// The same for each launch of ours; `None` where nothing is launched.
    pub busy_s_per_launch: Option<f64>,
    /// Part of a run in which no kernel of ours is on the device, from 0 to 1, if the device tells times.
    pub idle_share: Option<f64>,
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
    /// Their WGSL, bytes.
    pub wgsl_bytes: usize,
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

/// For people.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        write!(
            f,
            "{}  {:.1} ms (± {:.1}), pipelines {:.0} ms, the first {:.0} ms, once a picture {:.0} ms",
            self.name,
            self.median_s * 1e3,
            self.spread_s / 2.0 * 1e3,
            self.pipelines_s * 1e3,
            self.first_s * 1e3,
            self.once_s * 1e3
        )?;
        if self.launches == 0 {
            return Ok(()); // On a CPU nothing is launched, and nothing counted.
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
        write!(f, "\n  the thread is busy for {:.1} ms", self.busy_s * 1e3)?;
        if let Some(seconds) = self.busy_s_per_launch {
            write!(f, ", {:.0} µs a launch", seconds * 1e6)?;
        }
        if let Some(share) = self.idle_share {
            write!(f, "; the device is idle for {:.0} %", share * 1e2)?;
        }
        write!(
            f,
            "\n  weights {:.0} MB, beside them {:.0} MB",
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
