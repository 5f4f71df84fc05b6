//! Measurement of a benchmark.

use burn::tensor::DType;

use super::busy_time;
use super::check::{difference, dtype_name};
use super::report::{CaseReport, KernelReport};
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::{DryRun, Profile, dry_run};

/// A computation that can be run repeatedly.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Benchmark {
    /// Returns the display name.
    fn name(&self) -> &str;

    /// Returns the dtype of the activations.
    fn activations(&self) -> DType;

    /// Returns diffusers' output for the same inputs, if it is known.
    fn expected(&self) -> Option<&[f32]>;

    /// Prepares values that are shared by several runs.
    fn prepare(&mut self, compute: &Compute);

    /// Submits as much of a run as is possible without reading results back.
    async fn launch(&self, compute: &Compute) -> Result<()>;

    /// Runs it, from inputs on the host to the output on the host.
    async fn run(&self, compute: &Compute) -> Result<Vec<f32>>;
}

/// The program in which a benchmark runs.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait BenchHost {
    /// Returns the time, seconds.
    fn seconds(&self) -> f64;

    /// Called with the number of each run before it starts, 0 for the first.
    fn run_started(&mut self, run: usize);

    /// Builds the pipelines of `shaders`, if this host can do it better than Burn's runtime.
    async fn build_pipelines(&mut self, shaders: Vec<String>);
}

/// Measures a benchmark.
///
/// # Errors
/// If a run fails or its output is not finite.
pub async fn measure(
    benchmark: &mut impl Benchmark,
    compute: &Compute,
    runs: usize,
    host: &mut impl BenchHost,
) -> Result<CaseReport> {
    compute.sync().await?;
    compute.device.memory_cleanup();
    let memory = || compute.device.memory_pool_usage();
    let weight_bytes = memory().map_or(0, |usage| usage.bytes_in_use);

    // 1. Preparation, once for each image.
    host.run_started(0);
    let start = host.seconds();
    benchmark.prepare(compute);
    compute.sync().await?;
    let once_s = host.seconds() - start;

    // 2. Pipelines, as far as a dry run gets.
    let start = host.seconds();
    let mut wgsl_bytes = 0;
    if compute.is_gpu() {
        Profile::start(false);
        dry_run(DryRun::Shaders, benchmark.launch(compute));
        let shaders = Profile::finish().sources();
        wgsl_bytes = shaders.iter().map(String::len).sum();
        host.build_pipelines(shaders).await;
        dry_run(DryRun::Pipelines, benchmark.launch(compute));
        compute.sync().await?;
    }
    let pipelines_s = host.seconds() - start;

    // 3. The first run.
    Profile::start(false);
    let start = host.seconds();
    let output = benchmark.run(compute).await;
    let first_s = host.seconds() - start;
    let profile = Profile::finish();
    let output = output?;
    if output.iter().any(|value| !value.is_finite()) {
        let reason = Message::verbatim(format!("{}: not all are numbers", benchmark.name()));
        return Err(Error::Internal { reason });
    }
    let max_error = benchmark.expected().map(|expected| difference(&output, expected));

    // 4. The measured runs.
    let (mut runs_s, mut busy) = (Vec::with_capacity(runs), Vec::with_capacity(runs));
    for run in 1..=runs {
        host.run_started(run);
        let clock = || host.seconds();
        let (done, took) = busy_time::measure(benchmark.run(compute), &clock).await;
        done?;
        runs_s.push(took.wall);
        busy.push(took.busy);
    }
    let peak_bytes = memory().map_or(0, |usage| usage.bytes_reserved);

    // 5. One more run, in which each launch is timed.
    Profile::start(true);
    let timed = benchmark.run(compute).await;
    let mut timed_profile = Profile::finish();
    timed?;
    let mut kernels = Vec::new();
    for (name, launches) in &mut timed_profile.kernels {
        let seconds = launches.seconds().await;
        let (gflop, bytes) = (launches.flop / 1e9, launches.bytes);
        kernels.push(KernelReport { name, launches: launches.count, gflop, bytes, seconds });
    }
    let slowness = |kernel: &KernelReport| kernel.seconds.unwrap_or(kernel.gflop);
    kernels.sort_by(|a, b| slowness(b).total_cmp(&slowness(a)));

    let median_s = median(&runs_s).unwrap_or(first_s);
    let busy_s = median(&busy).unwrap_or_default();
    // On a CPU there are no kernels, and no device that could be idle.
    let summed: Option<f64> = kernels.iter().map(|kernel| kernel.seconds).sum();
    let kernels_s = summed.filter(|_| !kernels.is_empty());
    let fastest = runs_s.iter().copied().reduce(f64::min).unwrap_or_default();
    let slowest = runs_s.iter().copied().reduce(f64::max).unwrap_or_default();
    let spread_s = slowest - fastest;
    let gflop = profile.flop() / 1e9;
    Ok(CaseReport {
        name: benchmark.name().to_string(),
        activations: dtype_name(benchmark.activations()),
        once_s,
        pipelines_s,
        first_s,
        median_s,
        spread_s,
        busy_s,
        busy_s_per_launch: (profile.launches() > 0).then(|| busy_s / profile.launches() as f64),
        // Launches timed one by one can take slightly longer in total than the run.
        idle_share: kernels_s.map(|busy| (1.0 - busy / median_s).max(0.0)),
        runs_s,
        gflop,
        gflop_per_s: gflop / median_s,
        bytes: kernels.iter().map(|kernel| kernel.bytes).sum(),
        launches: profile.launches(),
        own_pipelines: profile.pipelines(),
        wgsl_bytes,
        weight_bytes,
        scratch_bytes: peak_bytes.saturating_sub(weight_bytes),
        peak_bytes,
        kernels,
        max_error,
    })
}

/// Returns the median; `None` of no values.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some((sorted[last / 2] + sorted[sorted.len() / 2]) / 2.0)
}
