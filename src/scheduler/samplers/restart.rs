//! Restart sampler: Heun's method that goes back up and down again.
//!
//! From σ ≈ 0.1 noise √(σ_hi² − σ²)·z returns the sample to σ_hi ≈ 2, and Karras steps lead down
//! again: once from 20 steps on, with 9 of them; twice from 36 on, with a quarter of them each.
//! With fewer than 20 steps it is Heun's method on Karras' levels.
//!
//! Xu et al. 2023, <https://arxiv.org/abs/2306.14878>; AUTOMATIC1111's web UI,
//! `modules/sd_samplers_extra.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::config::SchedulerConfig;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_curve::SigmaCurve;
use crate::scheduler::sigma_path::{self, SigmaPath};
use crate::scheduler::sigmas::single;

/// `restart_sampler`.
#[derive(Debug)]
pub struct Restart {
    /// σ at both ends of each step.
    steps: Vec<(f64, f64)>,
    evaluations: Evaluations,
}

impl Sampler for Restart {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let prediction_type = PredictionType::from_config(options.config, &PredictionType::ALL)?;
        let steps = options.num_inference_steps;
        options.config.check_steps(steps)?;
        let (length, times) = match steps {
            36.. => (steps / 4, 2),
            20.. => (9, 1),
            _ => (0, 0),
        };
        let first = steps - length * times;
        let options = SamplerOptions { num_inference_steps: first, ..options.clone() };
        let path = SigmaPath::over_whole_range(&options)?;
        let mut steps: Vec<_> = path.steps().collect();
        let (place, restarts) = restarts(&steps, length + 1, times);
        steps.splice(place..place, restarts);
        let evaluations = path.two_stages_of(&steps, prediction_type, |_, next| next);
        Ok(Self { evaluations, steps })
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
        for (step, &(sigma, sigma_next)) in self.steps.iter().enumerate().skip(begin / 2) {
            let index = 2 * step;
            let x0 = run.predict(index, &x).await?.original_sample();
            let first = sigma_path::derivative(&x, &x0, sigma);
            let euler = x.clone() + first.clone().mul_scalar(sigma_next - sigma);
            let euler = run.evaluated(index, euler, x0).await?;
            if sigma_next == 0.0 {
                return Ok(euler);
            }
            let x0 = run.predict(index + 1, &euler).await?.original_sample();
            let second = sigma_path::derivative(&euler, &x0, sigma_next);
            let mut next = x + (first + second).mul_scalar(0.5 * (sigma_next - sigma));
            if let Some(&(high, _)) = self.steps.get(step + 1)
                && high > sigma_next
            {
                let added = (high * high - sigma_next * sigma_next).sqrt();
                next = next + run.noise.between(high, sigma_next).mul_scalar(added);
            }
            x = run.evaluated(index + 1, next, x0).await?;
        }
        Ok(x)
    }
}

/// Returns the steps of the restarts, and the index of the step before which they are inserted.
/// `levels` is the number of σ in each.
fn restarts(steps: &[(f64, f64)], levels: usize, times: usize) -> (usize, Vec<(f64, f64)>) {
    let nearest = |wanted: f64| {
        let distance = |index: &usize| (steps[*index].0 - wanted).abs();
        (0..steps.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
    };
    let (low, high) = (nearest(0.1), nearest(2.0));
    if times == 0 || high >= low {
        return (low, Vec::new());
    }
    let (config, ends) = (SchedulerConfig::default(), [steps[high].0, steps[low].0]);
    let sigmas = SigmaCurve::Karras.sigmas(&config, ends, levels).into_iter().map(single);
    let sigmas: Vec<f64> = sigmas.collect();
    let down = sigmas.windows(2).map(|pair| (pair[0], pair[1]));
    (low, std::iter::repeat_n(down, times).flatten().collect())
}
