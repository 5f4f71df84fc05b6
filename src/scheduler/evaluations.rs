//! Timesteps and noise levels at which a run evaluates the network.

use burn::tensor::Tensor;

use super::prediction::{NoiseLevel, PredictionType};

/// One evaluation of the network.
#[derive(Debug, Clone, Copy)]
pub struct Evaluation {
    /// The timestep that the network is given; may be a fraction.
    pub timestep: f64,
    /// How noisy the sample is.
    pub level: NoiseLevel,
    /// How noisy `add_noise` of the diffusers class makes a picture here: [`Self::level`], but for the
    /// intermediate evaluations of KDPM2.
    pub add_noise_level: NoiseLevel,
}

impl Evaluation {
    /// An evaluation where known pictures become as noisy as the sample is.
    pub fn new(timestep: f64, level: NoiseLevel) -> Self {
        Evaluation { timestep, level, add_noise_level: level }
    }
}

/// All evaluations of a run, noisiest first. A sampler with intermediate stages has several for each step.
#[derive(Debug, Clone)]
pub struct Evaluations {
    list: Vec<Evaluation>,
    init_noise_sigma: f64,
    per_step: usize,
    scales_input: bool,
    prediction_type: PredictionType,
}

impl Evaluations {
    /// For samples √ᾱ·x₀ + √(1−ᾱ)·ε, which have variance 1 at every level.
    pub(super) fn variance_preserving(
        list: Vec<Evaluation>,
        prediction_type: PredictionType,
    ) -> Self {
        let (init_noise_sigma, scales_input) = (1.0, false);
        Evaluations { list, init_noise_sigma, per_step: 1, scales_input, prediction_type }
    }

    /// For samples x₀ + σ·ε, which are scaled to variance 1 for the network.
    pub(super) fn variance_exploding(
        list: Vec<Evaluation>,
        init_noise_sigma: f64,
        prediction_type: PredictionType,
    ) -> Self {
        let (per_step, scales_input) = (1, true);
        Evaluations { list, init_noise_sigma, per_step, scales_input, prediction_type }
    }

    /// With so many evaluations for each step (diffusers' `order`). The last step may have fewer.
    pub(super) fn per_step(self, per_step: usize) -> Self {
        Evaluations { per_step, ..self }
    }

    /// Number of evaluations.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The timesteps to give to the network, noisiest first. Samplers may visit one twice.
    pub fn timesteps(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.list.iter().map(|evaluation| evaluation.timestep)
    }

    /// Evaluation `index`; beyond the last one the last.
    pub(super) fn at(&self, index: usize) -> Evaluation {
        self.list[index.min(self.list.len() - 1)]
    }

    /// The evaluation that step `step` begins with.
    pub fn first_of_step(&self, step: usize) -> usize {
        step * self.per_step
    }

    /// How many whole steps evaluations `begin` to `index` make up.
    pub fn steps_done(&self, begin: usize, index: usize) -> usize {
        let evaluations = index + 1 - begin;
        if index + 1 == self.list.len() {
            evaluations.div_ceil(self.per_step)
        } else {
            evaluations / self.per_step
        }
    }

    /// Whether evaluation `index` is the last of its step.
    pub fn ends_step(&self, begin: usize, index: usize) -> bool {
        index + 1 == self.list.len() || (index + 1 - begin).is_multiple_of(self.per_step)
    }

    /// The standard deviation of the initial latents.
    pub fn init_noise_sigma(&self) -> f64 {
        self.init_noise_sigma
    }

    /// What the network's output means.
    pub(super) fn prediction_type(&self) -> PredictionType {
        self.prediction_type
    }

    /// `original` with `noise`, as noisy as the sample of evaluation `index`. `[b, c, h, w]` all.
    pub fn add_noise(&self, original: Tensor<4>, noise: Tensor<4>, index: usize) -> Tensor<4> {
        self.at(index).add_noise_level.add_noise(original, noise)
    }

    /// The sample of evaluation `index` with the variance that the network was trained on. `[b, c, h, w]`.
    pub fn scale_model_input(&self, sample: Tensor<4>, index: usize) -> Tensor<4> {
        let NoiseLevel { signal, noise } = self.at(index).level;
        if self.scales_input { sample.div_scalar(noise.hypot(signal)) } else { sample }
    }
}
