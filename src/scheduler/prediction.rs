//! Prediction types of networks, and conversion to x₀ and ε.
//!
//! A noisy sample is x = s·x₀ + n·ε. DDIM's family keeps s² + n² = 1; Euler's family keeps s = 1
//! and n = σ. With r² = s² + n² the same three formulas serve both:
//! - `epsilon` predicts ε (Ho et al. 2020, <https://arxiv.org/abs/2006.11239>);
//! - `sample` predicts x₀;
//! - `v_prediction` predicts v = (s·ε − n·x₀) / r (Salimans & Ho 2022, appendix D,
//!   <https://arxiv.org/abs/2202.00512>).

use burn::tensor::Tensor;

use super::config::{SchedulerConfig, choice, unsupported};
use crate::error::{Message, Result, messages};

/// Meaning of the network's output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PredictionType {
    Epsilon,
    VPrediction,
    Sample,
    /// ε − x₀, of flow matching, whose samplers have s + n = 1.
    Flow,
}

/// Shares of signal and noise in a sample s·x₀ + n·ε.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseLevel {
    /// s
    pub signal: f64,
    /// n
    pub noise: f64,
}

impl NoiseLevel {
    /// A sample without noise.
    pub const CLEAN: NoiseLevel = NoiseLevel { signal: 1.0, noise: 0.0 };

    /// Returns the level of a sample with variance 1: √ᾱ·x₀ + √(1−ᾱ)·ε.
    pub fn from_alpha_cumprod(alpha_cumprod: f64) -> Self {
        Self { signal: alpha_cumprod.sqrt(), noise: (1.0 - alpha_cumprod).sqrt() }
    }

    /// Returns the level of a sample with variance 1 whose noise is `sigma` times its signal.
    pub fn from_sigma(sigma: f64) -> Self {
        let signal = 1.0 / (sigma * sigma + 1.0).sqrt();
        Self { signal, noise: sigma * signal }
    }

    /// Returns the noise per signal.
    pub fn sigma(self) -> f64 {
        self.noise / self.signal
    }

    /// Returns s·x₀ + n·ε. `[b, c, h, w]` all.
    pub fn add_noise(self, original: Tensor<4>, noise: Tensor<4>) -> Tensor<4> {
        original.mul_scalar(self.signal) + noise.mul_scalar(self.noise)
    }
}

/// Output of the network for a sample.
pub(super) struct Prediction {
    pub(super) prediction_type: PredictionType,
    pub(super) level: NoiseLevel,
    /// `[b, c, h, w]`
    pub(super) model_output: Tensor<4>,
    /// Sample before it was scaled for the network, `[b, c, h, w]`.
    pub(super) sample: Tensor<4>,
}

impl Prediction {
    /// Returns x₀, `[b, c, h, w]`.
    pub fn original_sample(&self) -> Tensor<4> {
        self.prediction_type.original_sample(self.level, &self.model_output, &self.sample)
    }

    /// Returns x₀, `[b, c, h, w]`, clipped to −range..=range if there is a range.
    pub fn clipped_original_sample(&self, range: Option<f64>) -> Tensor<4> {
        let x0 = self.original_sample();
        match range {
            Some(range) => x0.clamp(-range, range),
            None => x0,
        }
    }

    /// Returns ε, `[b, c, h, w]`.
    pub fn epsilon(&self) -> Tensor<4> {
        self.prediction_type.epsilon(self.level, &self.model_output, &self.sample)
    }
}

impl PredictionType {
    /// All types by their names in `scheduler_config.json`; some schedulers support only the first
    /// two.
    pub const ALL: [(&'static str, Self); 3] =
        [("epsilon", Self::Epsilon), ("v_prediction", Self::VPrediction), ("sample", Self::Sample)];

    /// Returns the config's type, if it is one of those given.
    pub fn from_config(config: &SchedulerConfig, supported: &[(&str, Self)]) -> Result<Self> {
        if config.is_flow() {
            let what = Message::verbatim("prediction_type \"flow_prediction\"");
            return Err(unsupported(what, messages::needs_flow_sampler()));
        }
        choice("prediction_type", &config.prediction_type, supported, Self::Epsilon)
    }

    /// Returns x₀ from the network's output for `sample`. `[b, c, h, w]`.
    fn original_sample(
        self,
        level: NoiseLevel,
        model_output: &Tensor<4>,
        sample: &Tensor<4>,
    ) -> Tensor<4> {
        let NoiseLevel { signal, noise } = level;
        let (output, sample) = (model_output.clone(), sample.clone());
        match self {
            // x₀ = (x − n·ε) / s
            Self::Epsilon => (sample - output.mul_scalar(noise)).div_scalar(signal),
            // x₀ = (s·x / r − n·v) / r
            Self::VPrediction => {
                let r = signal.hypot(noise);
                sample.mul_scalar(signal / (r * r)) - output.mul_scalar(noise / r)
            }
            Self::Sample => output,
            // x₀ = x − n·v
            Self::Flow => sample - output.mul_scalar(noise),
        }
    }

    /// Returns ε from the network's output for `sample`. `[b, c, h, w]`.
    pub fn epsilon(
        self,
        level: NoiseLevel,
        model_output: &Tensor<4>,
        sample: &Tensor<4>,
    ) -> Tensor<4> {
        let NoiseLevel { signal, noise } = level;
        let (output, sample) = (model_output.clone(), sample.clone());
        match self {
            Self::Epsilon => output,
            // ε = (n·x / r + s·v) / r
            Self::VPrediction => {
                let r = signal.hypot(noise);
                sample.mul_scalar(noise / (r * r)) + output.mul_scalar(signal / r)
            }
            // ε = (x − s·x₀) / n
            Self::Sample => (sample - output.mul_scalar(signal)).div_scalar(noise),
            // ε = x + s·v
            Self::Flow => sample + output.mul_scalar(signal),
        }
    }
}
