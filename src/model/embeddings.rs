//! Embeddings of timesteps and other numbers.
//!
//! diffusers: `embeddings.py`, `Timesteps` and `TimestepEmbedding`.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor, TensorData};

use super::layers::{Activation, Linear};
use crate::kernels::Epilogue;

/// Returns sinusoidal features of timesteps (Vaswani et al. 2017, §3.5), each repeated `rows`
/// times: `[timesteps · rows, dim]`.
///
/// Computed on the host in f32, as in diffusers: a few hundred numbers per step.
pub fn timesteps_embedding(
    timesteps: &[f64],
    rows: usize,
    dim: usize,
    flip_sin_to_cos: bool,
    freq_shift: f32,
    device: &Device,
) -> Tensor<2> {
    let row = |&timestep: &f64| sinusoids(timestep as f32, dim, flip_sin_to_cos, freq_shift);
    let values: Vec<f32> =
        timesteps.iter().flat_map(|timestep| row(timestep).repeat(rows)).collect();
    let data = TensorData::new(values, [timesteps.len() * rows, dim]);
    Tensor::from_data(data, (device, DType::F32))
}

/// Returns the concatenated features of several numbers, `[batch, numbers · dim]`: SDXL's sizes and
/// crops (Podell et al. 2023, arXiv:2307.01952, §2.2).
pub fn numbers_embedding(
    numbers: &[f32],
    batch: usize,
    dim: usize,
    flip_sin_to_cos: bool,
    freq_shift: f32,
    device: &Device,
) -> Tensor<2> {
    let feature = |number: &f32| sinusoids(*number, dim, flip_sin_to_cos, freq_shift);
    repeated(numbers.iter().flat_map(feature).collect(), batch, device)
}

/// Returns the features of a distilled UNet's guidance scale, `[batch, dim]` (Meng et al. 2023,
/// arXiv:2210.03142; diffusers `get_guidance_scale_embedding`).
pub fn guidance_scale_embedding(
    guidance_scale: f64,
    batch: usize,
    dim: usize,
    device: &Device,
) -> Tensor<2> {
    let w = (guidance_scale - 1.0) as f32 * 1000.0;
    // The frequencies end at exactly 1/10000. w is large: the operations are in diffusers' order,
    // so that the last bits are equal.
    let stride = 10000f32.ln() / (dim / 2 - 1).max(1) as f32;
    let row = waves(dim, false, |i| w * (i as f32 * -stride).exp());
    repeated(row, batch, device)
}

/// Repeats a row for the whole batch, `[batch, row]`.
fn repeated(row: Vec<f32>, batch: usize, device: &Device) -> Tensor<2> {
    let shape = [1, row.len()];
    let data = TensorData::new(row, shape);
    Tensor::<2>::from_data(data, (device, DType::F32)).repeat_dim(0, batch)
}

fn sinusoids(number: f32, dim: usize, flip_sin_to_cos: bool, freq_shift: f32) -> Vec<f32> {
    let half = (dim / 2) as f32;
    waves(dim, flip_sin_to_cos, |i| {
        let exponent = -(10000f32.ln()) * i as f32 / (half - freq_shift);
        number * exponent.exp()
    })
}

/// Returns sine and cosine of every angle.
fn waves(dim: usize, flip_sin_to_cos: bool, angle: impl Fn(usize) -> f32) -> Vec<f32> {
    let half = dim / 2;
    let sines = (0..half).map(|i| angle(i).sin());
    let cosines = (0..half).map(|i| angle(i).cos());
    let mut row: Vec<f32> = if flip_sin_to_cos {
        cosines.chain(sines).collect()
    } else {
        sines.chain(cosines).collect()
    };
    row.resize(dim, 0.0); // An odd width ends in a zero.
    row
}

/// Two linear layers from the features to the input of the residual blocks.
#[derive(Module, Debug)]
pub struct TimestepEmbedding {
    linear_1: Linear,
    /// Projection of [`guidance_scale_embedding`]; distilled models only.
    cond_proj: Option<Linear>,
    linear_2: Linear,
    #[module(skip)]
    act: Activation,
}

impl TimestepEmbedding {
    /// Returns an embedding from `in_channels` features to `time_embed_dim`.
    pub fn new(
        in_channels: usize,
        time_embed_dim: usize,
        act: Activation,
        device: &Device,
    ) -> Self {
        TimestepEmbedding {
            linear_1: Linear::new(in_channels, time_embed_dim, device),
            cond_proj: None,
            linear_2: Linear::new(time_embed_dim, time_embed_dim, device),
            act,
        }
    }

    /// Adds a condition of `cond_proj_dim` features.
    pub fn with_condition(self, cond_proj_dim: usize, in_channels: usize, device: &Device) -> Self {
        let cond_proj = Some(Linear::without_bias(cond_proj_dim, in_channels, device));
        TimestepEmbedding { cond_proj, ..self }
    }

    /// `[b, in]`, `condition` `[b, cond_proj_dim]` → `[b, time_embed_dim]`
    pub fn forward(&self, features: Tensor<2>, condition: Option<Tensor<2>>) -> Tensor<2> {
        let features = match (&self.cond_proj, condition) {
            (Some(proj), Some(condition)) => features.add(proj.forward(condition)),
            _ => features,
        };
        let hidden = self.linear_1.forward_then(features, Epilogue::with_activation(self.act));
        self.linear_2.forward(hidden)
    }
}
