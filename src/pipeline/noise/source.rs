//! Sources of a run's noise.

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::{BrownianTree, Generator, Philox};
use crate::scheduler::{Noise, NoiseSource, StepNoise};

/// Returns as many normal values of a seed as asked for.
pub type SeededNormals = fn(u32, usize) -> Vec<f32>;

/// Noise of a run: of the first latents and of the sampler's steps.
#[derive(Debug)]
pub struct RunNoise {
    stream: Stream,
    shape: [usize; 4],
    device: Device,
    tree: Option<BrownianTree>,
}

/// A stream of draws.
#[derive(Debug)]
enum Stream {
    Torch(Box<Generator>),
    Philox(Philox),
}

impl RunNoise {
    /// Returns the noise of `seed` for latents of this shape. `sigma_range` is that of the run,
    /// which a Brownian path spans.
    pub fn new(
        seed: u64,
        source: Option<NoiseSource>,
        of_sampler: StepNoise,
        sigma_range: [f64; 2],
        shape: [usize; 4],
        device: &Device,
    ) -> Self {
        let is_philox = source == Some(NoiseSource::Nv);
        let normals: SeededNormals = match is_philox {
            true => |seed, len| Philox::new(u64::from(seed)).randn(len),
            false => |seed, len| Generator::new(u64::from(seed)).randn(len),
        };
        let is_brownian = match source {
            Some(NoiseSource::Cpu) => false,
            Some(NoiseSource::Brownian) => true,
            Some(NoiseSource::Nv) | None => of_sampler == StepNoise::Brownian,
        };
        let is_interval = sigma_range[1].is_finite() && sigma_range[0] < sigma_range[1];
        let len = shape.iter().product();
        RunNoise {
            stream: match is_philox {
                true => Stream::Philox(Philox::new(seed)),
                false => Stream::Torch(Box::new(Generator::new(seed))),
            },
            shape,
            device: device.clone(),
            tree: (is_brownian && is_interval)
                .then(|| BrownianTree::new(seed, sigma_range, len, normals)),
        }
    }

    /// Returns the next draw, `[b, c, h, w]`, f32.
    pub fn draw(&mut self) -> Tensor<4> {
        let len = self.shape.iter().product();
        let values = match &mut self.stream {
            Stream::Torch(generator) => generator.randn(len),
            Stream::Philox(generator) => generator.randn(len),
        };
        self.tensor(values)
    }

    fn tensor(&self, values: Vec<f32>) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values, self.shape), (&self.device, DType::F32))
    }
}

impl Noise for RunNoise {
    fn between(&mut self, sigma: f64, sigma_next: f64) -> Tensor<4> {
        match self.tree.as_mut().and_then(|tree| tree.between(sigma, sigma_next)) {
            Some(values) => self.tensor(values),
            None => self.draw(),
        }
    }
}
