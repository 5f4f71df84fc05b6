//! Steps of samplers that add noise.

use burn::tensor::Tensor;

/// Returns σ↓, to which a step from `sigma` goes, and σ↑, the noise that it then adds to reach
/// `sigma_next`: σ'² = σ↓² + σ↑², with the noise of DDPM's step (k-diffusion `get_ancestral_step`
/// with η = 1).
pub(super) fn ancestral(sigma: f64, sigma_next: f64) -> (f64, f64) {
    let ratio = sigma_next / sigma;
    (sigma_next * ratio, sigma_next * (1.0 - ratio * ratio).max(0.0).sqrt())
}

/// Returns (σ'/σ)·x + (1 − σ'/σ)·x₀: the exact solution of dx/dσ = (x − x₀) / σ for a constant x₀.
/// `ratio` is σ'/σ. `[b, c, h, w]` both.
pub(super) fn toward(x: Tensor<4>, x0: Tensor<4>, ratio: f64) -> Tensor<4> {
    x.mul_scalar(ratio) + x0.mul_scalar(1.0 - ratio)
}
