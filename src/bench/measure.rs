//! Runs, timed.

use burn::tensor::DType;

use super::busy;
use super::check::difference;
use super::figures::{Figures, Kernel};
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::{Rehearsal, Tally, rehearse};

/// Something that can be run again and again.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Subject {
    /// For people.
    fn name(&self) -> &str;

    /// The number format that flows between the layers.
    fn activations(&self) -> DType;

    /// What diffusers computes of the same inputs, where that is known.
    fn expected(&self) -> Option<&[f32]>;

    /// Does what several runs share.
    fn prepare(&mut self, compute: &Compute);

    /// As much of a run as can be gone through without reading a number back.
    async fn launch(&self, compute: &Compute) -> Result<()>;

    /// One run, from inputs on the host to the output on the host.
    async fn run(&self, compute: &Compute) -> Result<Vec<f32>>;
}

/// What a measurement needs of the program that it runs in.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Host {
    /// A clock, seconds.
    fn seconds(&self) -> f64;

    /// Hears the number of each run before it begins, 0 for the first.
    fn begins(&mut self, run: usize);

    /// Builds the pipelines of these shaders, where this host can do it better than the runtime.
    async fn build(&mut self, shaders: Vec<String>);
}

/// Measures a subject.
///
/// # Errors
/// If a run fails or its numbers are none.
pub async fn measure(
    subject: &mut impl Subject,
    compute: &Compute,
    runs: usize,
    host: &mut impl Host,
) -> Result<Figures> {
    compute.settle().await?;
    compute.device.memory_cleanup();
    let memory = || compute.device.memory_pool_usage();
    let weight_bytes = memory().map_or(0, |usage| usage.bytes_in_use);

    // 1. Once for a picture.
    host.begins(0);
    let start = host.seconds();
    subject.prepare(compute);
    compute.settle().await?;
    let once_s = host.seconds() - start;

    // 2. Pipelines, as far as a run can be gone through without computing it.
    let start = host.seconds();
    let mut wgsl_bytes = 0;
    if compute.is_gpu() {
        Tally::begin(false);
        rehearse(Rehearsal::Shaders, subject.launch(compute));
        let shaders = Tally::end().sources();
        wgsl_bytes = shaders.iter().map(String::len).sum();
        host.build(shaders).await;
        rehearse(Rehearsal::Pipelines, subject.launch(compute));
        compute.settle().await?;
    }
    let pipelines_s = host.seconds() - start;

    // 3. The first run.
    Tally::begin(false);
    let start = host.seconds();
    let output = subject.run(compute).await;
    let first_s = host.seconds() - start;
    let tally = Tally::end();
    let output = output?;
    if output.iter().any(|value| !value.is_finite()) {
        let reason = Message::verbatim(format!("{}: not all are numbers", subject.name()));
        return Err(Error::Internal { reason });
    }
    let max_error = subject.expected().map(|expected| difference(&output, expected));

    // 4. The runs that count.
    let (mut runs_s, mut busy) = (Vec::with_capacity(runs), Vec::with_capacity(runs));
    for run in 1..=runs {
        host.begins(run);
        let clock = || host.seconds();
        let (done, took) = busy::measure(subject.run(compute), &clock).await;
        done?;
        runs_s.push(took.wall);
        busy.push(took.busy);
    }
    let peak_bytes = memory().map_or(0, |usage| usage.bytes_reserved);

    // 5. One more, each kernel by itself.
    Tally::begin(true);
    let timed = subject.run(compute).await;
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

    let median_s = median(&runs_s).unwrap_or(first_s);
    let busy_s = median(&busy).unwrap_or_default();
    // A CPU has no kernels of ours, and no device that could be idle.
    let summed: Option<f64> = kernels.iter().map(|kernel| kernel.seconds).sum();
    let kernels_s = summed.filter(|_| !kernels.is_empty());
    let fastest = runs_s.iter().copied().reduce(f64::min).unwrap_or_default();
    let slowest = runs_s.iter().copied().reduce(f64::max).unwrap_or_default();
    let spread_s = slowest - fastest;
    let gflop = tally.flop() / 1e9;
    Ok(Figures {
        name: subject.name().to_string(),
        activations: format!("{:?}", subject.activations()).to_lowercase(),
        once_s,
        pipelines_s,
        first_s,
        median_s,
        spread_s,
        busy_s,
        busy_s_per_launch: (tally.launches() > 0).then(|| busy_s / tally.launches() as f64),
        // What launches cost by themselves is measured one by one, so that it can be a little more than all of them.
        idle_share: kernels_s.map(|busy| (1.0 - busy / median_s).max(0.0)),
        runs_s,
        gflop,
        gflop_per_s: gflop / median_s,
        bytes: kernels.iter().map(|kernel| kernel.bytes).sum(),
        launches: tally.launches(),
        own_pipelines: tally.pipelines(),
        wgsl_bytes,
        weight_bytes,
        scratch_bytes: peak_bytes.saturating_sub(weight_bytes),
        peak_bytes,
        kernels,
        max_error,
    })
}

/// `None` of nothing.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some((sorted[last / 2] + sorted[sorted.len() / 2]) / 2.0)
}
