//! A whole picture, measured.

use burn::tensor::DType;

use super::measure::Subject;
use crate::device::Compute;
use crate::engine::{self, Model};
use crate::error::Result;
use crate::params::GenerationParams;
use crate::pipeline::{Event, Host, Request};
use crate::weights::{Checkpoint, Source};

/// A model with its usual request: from the prompt to the pixels.
pub struct WholePicture<S> {
    name: String,
    model: Model<S>,
    request: Request,
}

impl<S: Source> WholePicture<S> {
    /// What is usual for a checkpoint of this name: to be asked before it becomes a model.
    pub fn request(checkpoint: &Checkpoint, name: &str) -> Request {
        engine::defaults(checkpoint, name).into()
    }

    /// The request's picture by `model`.
    pub fn new(name: &str, model: Model<S>, request: Request) -> Self {
        let GenerationParams { width, height, num_inference_steps, .. } = request.params;
        let name = format!("{name}, {width} × {height}, {num_inference_steps} steps");
        WholePicture { name, model, request }
    }
}

impl<S: Source> Subject for WholePicture<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn activations(&self) -> DType {
        self.model.activations.unet
    }

    fn expected(&self) -> Option<&[f32]> {
        None
    }

    fn prepare(&mut self, _compute: &Compute) {} // Pictures share nothing.

    async fn launch(&self, _: &Compute) -> Result<()> {
        Ok(()) // A picture is read back on the way: its pipelines are in its first run.
    }

    async fn run(&self, compute: &Compute) -> Result<Vec<f32>> {
        let picture = self.model.generate(&self.request, &Listener(compute)).await?;
        Ok(picture.image.pixels.iter().map(|&value| f32::from(value)).collect())
    }
}

/// Hears nothing but the GPU's failures.
struct Listener<'a>(&'a Compute);

impl Host for Listener<'_> {
    async fn breathe(&self) -> Result<()> {
        self.0.check()
    }

    fn report(&self, _: Event) {}

    fn wants_preview(&self) -> bool {
        false
    }
}
