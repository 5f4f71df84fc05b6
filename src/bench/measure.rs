//! Runs, timed.

use burn::tensor::DType;

use super::check::difference;
use super::figures::{Figures, Kernel};
use crate::device::Compute;
use crate::error::{Error, Result};
use crate::kernels::Tally;

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

    /// One run, from inputs on the host to the output on the host.
    async fn run(&self, compute: &Compute) -> Result<Vec<f32>>;
}

/// Measures a subject. `clock` gives seconds; `before` is told the number of each run before it begins,
/// 0 for the first.
///
/// # Errors
/// If a run fails or its numbers are none.
pub async fn measure(
    subject: &mut impl Subject,
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
    subject.prepare(compute);
    compute.settle().await?;
    let once_s = clock() - start;

    // 2. The first run builds pipelines.
    Tally::begin(false);
    let start = clock();
    let output = subject.run(compute).await;
    let first_s = clock() - start;
    let tally = Tally::end();
    let output = output?;
    if output.iter().any(|value| !value.is_finite()) {
        return Err(Error::Internal { reason: format!("{}: not all are numbers", subject.name()) });
    }
    let max_error = subject.expected().map(|expected| difference(&output, expected));

    // 3. The runs that count.
    let mut runs_s = Vec::with_capacity(runs);
    for run in 1..=runs {
        before(run);
        let start = clock();
        subject.run(compute).await?;
        runs_s.push(clock() - start);
    }
    let peak_bytes = memory().map_or(0, |usage| usage.bytes_reserved);

    // 4. One more, each kernel by itself.
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

    let mut sorted = runs_s.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(first_s);
    let median_s = (at(sorted.len().saturating_sub(1) / 2) + at(sorted.len() / 2)) / 2.0;
    let gflop = tally.flop() / 1e9;
    Ok(Figures {
        name: subject.name().to_string(),
        activations: format!("{:?}", subject.activations()).to_lowercase(),
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
