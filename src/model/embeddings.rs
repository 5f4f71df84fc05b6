//! The timestep as a vector (diffusers `embeddings.py`: `Timesteps`, `TimestepEmbedding`).

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor, TensorData};

use super::layers::{Activation, Linear};

/// Sinusoidal features of a timestep (Vaswani et al. 2017, §3.5), `[batch, dim]`.
///
/// Computed on the host in f32, the reference's precision: a few hundred numbers per step.
pub fn timestep_embedding(
    timestep: f64,
    batch: usize,
    dim: usize,
    flip_sin_to_cos: bool,
    freq_shift: f32,
    device: &Device,
) -> Tensor<2> {
    let half = dim / 2;
    let angle = |i: usize| {
        let exponent = -(10000f32.ln()) * i as f32 / (half as f32 - freq_shift);
        timestep as f32 * exponent.exp()
    };
    let sines = (0..half).map(|i| angle(i).sin());
    let cosines = (0..half).map(|i| angle(i).cos());
    let mut row: Vec<f32> = if flip_sin_to_cos {
        cosines.chain(sines).collect()
    } else {
        sines.chain(cosines).collect()
    };
    row.resize(dim, 0.0); // An odd width ends in a zero.
    let data = TensorData::new(row, [1, dim]);
    Tensor::<2>::from_data(data, (device, DType::F32)).repeat_dim(0, batch)
}

/// Two linear layers that turn the features into what the residual blocks add.
#[derive(Module, Debug)]
pub struct TimestepEmbedding {
    linear_1: Linear,
    linear_2: Linear,
    #[module(skip)]
    act: Activation,
}

impl TimestepEmbedding {
    /// From `in_channels` features to `time_embed_dim`.
    pub fn new(
        in_channels: usize,
        time_embed_dim: usize,
        act: Activation,
        device: &Device,
    ) -> Self {
        TimestepEmbedding {
            linear_1: Linear::new(in_channels, time_embed_dim, device),
            linear_2: Linear::new(time_embed_dim, time_embed_dim, device),
            act,
        }
    }

    /// `[b, in]` → `[b, time_embed_dim]`
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        self.linear_2.forward(self.act.forward(self.linear_1.forward(features)))
    }
}
