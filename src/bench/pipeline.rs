//! Benchmark of a whole run, from the prompt to the image.

use burn::tensor::DType;

use super::measure::Benchmark;
use crate::device::Compute;
use crate::error::Result;
use crate::families::Checkpoint;
use crate::params::GenerationParams;
use crate::pipeline::{Callbacks, PipelineEvent, Request};
use crate::runtime::{self, Model};
use crate::weights::Source;

/// A model with a request of its default settings.
pub struct PipelineBenchmark<S> {
    name: String,
    model: Model<S>,
    request: Request,
}

impl<S: Source> PipelineBenchmark<S> {
    /// Returns the request with the default settings of `checkpoint`, before it is loaded.
    pub fn request(checkpoint: &Checkpoint, name: &str) -> Request {
        runtime::default_params(checkpoint, name).into()
    }

    /// Returns the benchmark of `request` with `model`.
    pub fn new(name: &str, model: Model<S>, request: Request) -> Self {
        let GenerationParams { width, height, num_inference_steps, .. } = request.params;
        let name = format!("{name}, {width} × {height}, {num_inference_steps} steps");
        PipelineBenchmark { name, model, request }
    }
}

impl<S: Source> Benchmark for PipelineBenchmark<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn activations(&self) -> DType {
        self.model.activations.denoiser
    }

    fn expected(&self) -> Option<&[f32]> {
        None
    }

    fn prepare(&mut self, _compute: &Compute) {} // Runs share nothing.

    async fn launch(&self, _: &Compute) -> Result<()> {
        Ok(()) // A run reads results back: its pipelines are built in the first run.
    }

    async fn run(&self, compute: &Compute) -> Result<Vec<f32>> {
        let picture = self.model.generate(&self.request, &FailureCheck(compute)).await?;
        Ok(picture.image.pixels.iter().map(|&value| f32::from(value)).collect())
    }
}

/// Ignores all events, and checks the GPU for failures.
struct FailureCheck<'a>(&'a Compute);

impl Callbacks for FailureCheck<'_> {
    async fn yield_now(&self) -> Result<()> {
        self.0.check()
    }

    fn report(&self, _: PipelineEvent) {}

    fn wants_preview(&self) -> bool {
        false
    }
}
