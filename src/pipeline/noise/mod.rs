//! Gaussian noise of a run.
//!
//! A seed gives the same image as in the programs whose generators these are: PyTorch's CPU
//! generator (diffusers, ComfyUI), CUDA's Philox generator (AUTOMATIC1111's web UI on NVIDIA cards)
//! and torchsde's Brownian tree (k-diffusion's SDE samplers).

mod brownian;
mod philox;
mod seed_sequence;
mod source;
mod torch;

pub use brownian::BrownianTree;
pub use philox::Philox;
pub use source::{RunNoise, SeededNormals};
pub use torch::Generator;
