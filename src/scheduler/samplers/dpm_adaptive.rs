//! DPM-Solver of third order with steps of adaptive length.
//!
//! In t = −ln σ each step of length h is taken with DPM-Solver-2 and -3, which share two of three
//! evaluations (algorithm 2 with r₁ = ⅓, r₂ = ⅔). Their difference E, as a share of the tolerance
//! max(0.0078, 0.05·|x|), decides: h is multiplied by 1 + arctan(E^(−1/1.5) − 1), and a step whose
//! factor is below 0.81 is repeated. Noise is ancestral, η = 1. The run ends at the lowest σ.
//!
//! Lu et al. 2022, <https://arxiv.org/abs/2206.00927>, algorithms 2 and 4; k-diffusion
//! `sample_dpm_adaptive`, with the η of AUTOMATIC1111's web UI. The number of steps is only a scale
//! for the progress.

use burn::tensor::Tensor;

use crate::error::{Error, Message, Result};
use crate::scheduler::ancestral::ancestral;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};
use crate::scheduler::sigma_schedule::SigmaSchedule;

/// `sample_dpm_adaptive` of order 3.
#[derive(Debug)]
pub struct DpmAdaptive {
    path: SigmaPath,
    evaluations: Evaluations,
}

/// Steps that are tried at most. Usual runs take 20 to 60; only values that are no numbers reach it.
const MOST_ATTEMPTS: usize = 1000;

impl Sampler for DpmAdaptive {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let prediction_type = PredictionType::from_config(options.config, &PredictionType::ALL)?;
        options.config.check_steps(options.num_inference_steps)?;
        // Levels that are even in t stand for the progress; there are two ends at least.
        let num_inference_steps = options.num_inference_steps.max(2);
        let sigmas = Some(SigmaSchedule::Exponential);
        let levels = SamplerOptions { sigmas, num_inference_steps, ..options.clone() };
        let path = SigmaPath::over_whole_range(&levels)?;
        Ok(Self { evaluations: path.evaluations(prediction_type), path })
    }

    fn evaluations(&self) -> &Evaluations {
        &self.evaluations
    }

    async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        begin: usize,
        mut x: Tensor<4>,
    ) -> Result<Tensor<4>> {
        let end = -self.evaluations.sigma_range()[0].ln();
        let start = -self.evaluations.at(begin).level.noise.ln();
        let last = self.evaluations.len() - 1;
        let (mut s, mut h, mut before) = (start, 0.05, x.clone());
        for _ in 0..MOST_ATTEMPTS {
            if s >= end - 1e-5 {
                break;
            }
            let t = end.min(s + h);
            let (down, _) = ancestral((-s).exp(), (-t).exp());
            let t_down = end.min(-down.ln());
            let [low, high, x0] = self.both_orders(run, &x, s, t_down).await?;
            let error = share_of_tolerance(&low, &high, &before).await?;
            let factor = 1.0 + ((error + 1e-8).powf(-1.0 / 1.5) - 1.0).atan();
            if factor >= 0.81 {
                let up = ((-2.0 * t).exp() - (-2.0 * t_down).exp()).max(0.0).sqrt();
                let noise = run.noise.between((-s).exp(), (-t).exp()).mul_scalar(up);
                let share = (t - start) / (end - start).max(f64::MIN_POSITIVE);
                let index = begin + (share * (last - begin) as f64) as usize;
                let level = SigmaPath::level((-t).exp());
                x = run.evaluated_at(index.min(last), high + noise, level, x0).await?;
                (s, before) = (t, low);
            }
            h *= factor;
        }
        Ok(x)
    }
}

impl DpmAdaptive {
    /// Returns the steps from s to t of second and third order, and x₀ as predicted at s.
    async fn both_orders<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        x: &Tensor<4>,
        s: f64,
        t: f64,
    ) -> Result<[Tensor<4>; 3]> {
        let h = t - s;
        let sigma = |share: f64| (-(s + share * h)).exp();
        let growth = |share: f64| (share * h).exp_m1();
        // ∫ e^τ·τ: the share of a difference of ε that grows with the step.
        let slope = |share: f64| growth(share) / (share * h) - 1.0;
        let [third, two_thirds] = [1.0 / 3.0, 2.0 / 3.0];
        let add = |share: f64, epsilon: &Tensor<4>, weight: f64| {
            epsilon.clone().mul_scalar(-sigma(share) * weight)
        };

        let (epsilon, x0) = self.epsilon(run, x, sigma(0.0)).await?;
        let first = x.clone() + add(third, &epsilon, growth(third));
        let change = self.epsilon(run, &first, sigma(third)).await?.0 - epsilon.clone();
        let straight = x.clone() + add(1.0, &epsilon, growth(1.0));
        let low = straight.clone() + add(1.0, &change, growth(1.0) / (2.0 * third));
        let second = x.clone()
            + add(two_thirds, &epsilon, growth(two_thirds))
            + add(two_thirds, &change, two_thirds / third * slope(two_thirds));
        let change = self.epsilon(run, &second, sigma(two_thirds)).await?.0 - epsilon;
        let high = straight + add(1.0, &change, slope(1.0) / two_thirds);
        Ok([low, high, x0])
    }

    /// Returns ε and x₀ as predicted from `x` `[b, c, h, w]` at `sigma`.
    async fn epsilon<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        x: &Tensor<4>,
        sigma: f64,
    ) -> Result<(Tensor<4>, Tensor<4>)> {
        let x0 = run.predict_at(self.path.evaluation(sigma), x).await?.original_sample();
        Ok((sigma_path::derivative(x, &x0, sigma), x0))
    }
}

/// Returns the difference of both orders as a share of the tolerance, as a root mean square.
async fn share_of_tolerance(low: &Tensor<4>, high: &Tensor<4>, before: &Tensor<4>) -> Result<f64> {
    const ABSOLUTE: f64 = 0.0078;
    const RELATIVE: f64 = 0.05;
    let largest = low.clone().abs().max_pair(before.clone().abs());
    let tolerance = largest.mul_scalar(RELATIVE).clamp_min(ABSOLUTE);
    let share = (low.clone() - high.clone()) / tolerance;
    let mean = share.clone().mul(share).mean();
    let data = mean.into_data_async().await;
    let data = data.map_err(|error| Error::Gpu { reason: Message::verbatim(error) })?;
    Ok(data.iter::<f64>().next().unwrap_or(f64::NAN).sqrt())
}
