//! Evaluations of the network in a run.

use burn::tensor::Tensor;

use super::prediction::{NoiseLevel, PredictionType};

/// One evaluation of the network.
#[derive(Debug, Clone, Copy)]
pub struct Evaluation {
    /// Timestep for the network; may be a fraction.
    pub timestep: f64,
    /// Noise level of the sample.
    pub level: NoiseLevel,
    /// Noise level of the diffusers class's `add_noise` at this index: [`Self::level`], except for
    /// the intermediate evaluations of KDPM2.
    pub add_noise_level: NoiseLevel,
}

impl Evaluation {
    /// Returns an evaluation whose `add_noise` has the sample's noise level.
    pub fn new(timestep: f64, level: NoiseLevel) -> Self {
        Evaluation { timestep, level, add_noise_level: level }
    }
}

/// All evaluations of a run, noisiest first. A sampler with intermediate stages has several for
/// each step.
#[derive(Debug, Clone)]
pub struct Evaluations {
    list: Vec<Evaluation>,
    init_noise_sigma: f64,
    per_step: usize,
    scales_input: bool,
    prediction_type: PredictionType,
    /// Lowest σ above 0 and highest.
    sigma_range: [f64; 2],
}

impl Evaluations {
    /// Returns evaluations for samples √ᾱ·x₀ + √(1−ᾱ)·ε, which have variance 1 at every level.
    pub(super) fn variance_preserving(
        list: Vec<Evaluation>,
        prediction_type: PredictionType,
    ) -> Self {
        Self::new(list, 1.0, false, prediction_type)
    }

    /// Returns evaluations for samples x₀ + σ·ε, which are scaled to variance 1 for the network.
    pub(super) fn variance_exploding(
        list: Vec<Evaluation>,
        init_noise_sigma: f64,
        prediction_type: PredictionType,
    ) -> Self {
        Self::new(list, init_noise_sigma, true, prediction_type)
    }

    fn new(
        list: Vec<Evaluation>,
        init_noise_sigma: f64,
        scales_input: bool,
        prediction_type: PredictionType,
    ) -> Self {
        let sigmas = list.iter().map(|evaluation| evaluation.level.sigma());
        let positive = sigmas.filter(|sigma| *sigma > 0.0 && sigma.is_finite());
        let lowest = positive.clone().fold(f64::INFINITY, f64::min);
        let sigma_range = [lowest, positive.fold(lowest, f64::max)];
        let per_step = 1;
        Evaluations { list, init_noise_sigma, per_step, scales_input, prediction_type, sigma_range }
    }

    /// Sets the lowest σ above 0 and the highest, if the last step ends above 0.
    pub(super) fn within(self, sigma_range: [f64; 2]) -> Self {
        Evaluations { sigma_range, ..self }
    }

    /// Sets the number of evaluations for each step (diffusers' `order`). The last step may have
    /// fewer.
    pub(super) fn per_step(self, per_step: usize) -> Self {
        Evaluations { per_step, ..self }
    }

    /// Returns the number of evaluations.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the timesteps for the network, noisiest first. A sampler may repeat one.
    pub fn timesteps(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.list.iter().map(|evaluation| evaluation.timestep)
    }

    /// Returns evaluation `index`, or the last one if there are fewer.
    pub(super) fn at(&self, index: usize) -> Evaluation {
        self.list[index.min(self.list.len() - 1)]
    }

    /// Returns the first evaluation of step `step`.
    pub fn first_of_step(&self, step: usize) -> usize {
        step * self.per_step
    }

    /// Returns the number of whole steps in evaluations `begin` to `index`.
    pub fn steps_done(&self, begin: usize, index: usize) -> usize {
        let evaluations = index + 1 - begin;
        if index + 1 == self.list.len() {
            evaluations.div_ceil(self.per_step)
        } else {
            evaluations / self.per_step
        }
    }

    /// Returns whether evaluation `index` is the last of its step.
    pub fn ends_step(&self, begin: usize, index: usize) -> bool {
        index + 1 == self.list.len() || (index + 1 - begin).is_multiple_of(self.per_step)
    }

    /// Returns the standard deviation of the initial latents.
    pub fn init_noise_sigma(&self) -> f64 {
        self.init_noise_sigma
    }

    /// Returns the lowest σ above 0 of the run, noise per signal, and the highest.
    pub fn sigma_range(&self) -> [f64; 2] {
        self.sigma_range
    }

    /// Returns the meaning of the network's output.
    pub(super) fn prediction_type(&self) -> PredictionType {
        self.prediction_type
    }

    /// Returns the noise level of latents for evaluation `index`; without noise after the last one.
    pub(super) fn add_noise_level(&self, index: usize) -> NoiseLevel {
        match self.list.get(index) {
            Some(evaluation) => evaluation.add_noise_level,
            None => NoiseLevel::CLEAN,
        }
    }

    /// Adds `noise` to `original`, at the noise level of evaluation `index`. `[b, c, h, w]` all.
    pub fn add_noise(&self, original: Tensor<4>, noise: Tensor<4>, index: usize) -> Tensor<4> {
        self.at(index).add_noise_level.add_noise(original, noise)
    }

    /// Scales the sample of evaluation `index` to the variance that the network was trained on.
    /// `[b, c, h, w]`.
    pub fn scale_model_input(&self, sample: Tensor<4>, index: usize) -> Tensor<4> {
        self.scale_to_input(sample, self.at(index).level)
    }

    /// Scales a sample of this level in the same way. `[b, c, h, w]`.
    pub(super) fn scale_to_input(&self, sample: Tensor<4>, level: NoiseLevel) -> Tensor<4> {
        let NoiseLevel { signal, noise } = level;
        if self.scales_input { sample.div_scalar(noise.hypot(signal)) } else { sample }
    }
}
