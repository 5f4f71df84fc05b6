//! DPM-Solver++ (2M): the exact solution of the linear part of the diffusion ODE, and for the rest an
//! extrapolation from the last two predictions of x₀.
//!
//! Lu et al. 2022, <https://arxiv.org/abs/2211.01095>, algorithm 2; diffusers
//! `scheduling_dpmsolver_multistep.py` with `algorithm_type` "dpmsolver++", `solver_type` "midpoint".

use burn::tensor::Tensor;

use super::config::{SchedulerConfig, bad_steps, choice, invalid, refuse, unsupported};
use super::noise_schedule::NoiseSchedule;
use super::prediction::{NoiseLevel, PredictionType};
use super::sigmas::{SigmaTable, karras};
use super::step::{Scheduler, StepOutput};
use super::timesteps::{TimestepSpacing, spaced, trailing};
use crate::error::{Message, Result, messages};

/// `DPMSolverMultistepScheduler`.
pub struct DpmSolverMultistep {
    timesteps: Vec<f64>,
    /// One more than timesteps: the last is where the walk ends.
    sigmas: Vec<f64>,
    prediction_type: PredictionType,
    second_order: bool,
    lower_order_final: bool,
    /// x₀ as the step before predicted it, and the σ of that step.
    previous: Option<(Tensor<4>, f64)>,
}

impl DpmSolverMultistep {
    /// Prepares a run.
    pub fn new(config: &SchedulerConfig, num_inference_steps: usize) -> Result<Self> {
        check_supported(config)?;
        let prediction_type = PredictionType::of(config, &PredictionType::ALL)?;
        let table = SigmaTable::new(&NoiseSchedule::new(config)?);
        let mut timesteps = whole_timesteps(config, &table, num_inference_steps)?;
        let mut sigmas: Vec<f64> = timesteps.iter().map(|timestep| table.at(*timestep)).collect();
        if config.use_karras_sigmas == Some(true) {
            sigmas = karras(config, table.last(), table.first(), num_inference_steps);
            // The class rounds these down to whole timesteps, but for one schedule only.
            let nearest = config.beta_schedule.as_deref() != Some("squaredcos_cap_v2");
            let timestep = |sigma: &f64| table.timestep(*sigma);
            timesteps = sigmas
                .iter()
                .map(timestep)
                .map(|t| if nearest { t.round_ties_even() } else { t.trunc() })
                .collect();
        }
        let sigmas = table.finish(sigmas, config)?;
        let few = timesteps.len() < 15;
        Ok(Self {
            // The second order would divide by the last σ if that is 0.
            lower_order_final: sigmas[timesteps.len()] == 0.0
                || config.euler_at_final == Some(true)
                || (few && config.lower_order_final.unwrap_or(true)),
            second_order: config.solver_order != Some(1),
            timesteps,
            sigmas,
            prediction_type,
            previous: None,
        })
    }
}

impl Scheduler for DpmSolverMultistep {
    fn timesteps(&self) -> &[f64] {
        &self.timesteps
    }

    fn init_noise_sigma(&self) -> f64 {
        1.0
    }

    fn add_noise(&self, original: Tensor<4>, noise: Tensor<4>, index: usize) -> Tensor<4> {
        NoiseLevel::from_sigma(self.sigmas[index]).add_noise(original, noise)
    }

    fn scale_model_input(&self, sample: Tensor<4>, _index: usize) -> Tensor<4> {
        sample
    }

    fn step(
        &mut self,
        index: usize,
        model_output: Tensor<4>,
        sample: Tensor<4>,
        _noise: &mut dyn FnMut() -> Tensor<4>,
    ) -> StepOutput {
        let (sigma, sigma_next) = (self.sigmas[index], self.sigmas[index + 1]);
        let (from, to) = (NoiseLevel::from_sigma(sigma), NoiseLevel::from_sigma(sigma_next));
        let x0 = self.prediction_type.original_sample(from, &model_output, &sample);

        // λ = −ln σ is the paper's clock; h is how far this step goes on it, so e^(−h) = σ'/σ.
        let h = (sigma / sigma_next).ln();
        let last = index + 1 == self.timesteps.len();
        let first_order = !self.second_order || (last && self.lower_order_final);
        let data = match self.previous.take() {
            // D₀ + D₁/2, with D₁ = h/h₀·(x₀ − its predecessor), continues both predictions to the
            // middle of the step. A step of no length before this one tells nothing.
            Some((x0_before, sigma_before)) if !first_order && sigma_before != sigma => {
                let h_before = (sigma_before / sigma).ln();
                let difference = x0.clone() - x0_before;
                x0.clone() + difference.mul_scalar(0.5 * h / h_before)
            }
            _ => x0.clone(),
        };
        self.previous = Some((x0.clone(), sigma));
        // x' = σ'/σ·x − α'·(e^(−h) − 1)·(D₀ + D₁/2), with σ and α of variance 1.
        let prev_sample = sample.mul_scalar(to.noise / from.noise)
            + data.mul_scalar(to.signal * (1.0 - sigma_next / sigma));
        StepOutput { prev_sample, pred_original_sample: x0 }
    }
}

fn check_supported(config: &SchedulerConfig) -> Result<()> {
    refuse(&[
        ("thresholding", config.thresholding),
        ("use_exponential_sigmas", config.use_exponential_sigmas),
        ("use_beta_sigmas", config.use_beta_sigmas),
        ("use_lu_lambdas", config.use_lu_lambdas),
        ("use_flow_sigmas", config.use_flow_sigmas),
    ])?;
    // The other names are those of DEIS and UniPC, whose configs the class takes for its own.
    choice("algorithm_type", &config.algorithm_type, &[("dpmsolver++", ()), ("deis", ())], ())?;
    let midpoint = [("midpoint", ()), ("logrho", ()), ("bh1", ()), ("bh2", ())];
    choice("solver_type", &config.solver_type, &midpoint, ())?;
    if let Some(variance_type @ ("learned" | "learned_range")) = config.variance_type.as_deref() {
        return Err(unsupported(
            Message::verbatim(format!("variance_type {variance_type:?}")),
            messages::other_checkpoint(),
        ));
    }
    match config.solver_order {
        None | Some(1 | 2) => Ok(()),
        Some(order) => {
            let what = Message::verbatim(format!("solver_order {order}"));
            Err(unsupported(what, messages::solver_order_may_be()))
        }
    }
}

/// One timestep more than asked is spread out, and the cleanest left out; trailing spacing needs not.
fn whole_timesteps(
    config: &SchedulerConfig,
    table: &SigmaTable,
    num_inference_steps: usize,
) -> Result<Vec<f64>> {
    config.check_steps(num_inference_steps)?;
    let train = config.train_timesteps()?;
    let usable = table.clipped_len(config.lambda_min_clipped.unwrap_or(f64::NEG_INFINITY));
    if usable < 2 {
        return Err(invalid(messages::no_timestep_left()));
    }
    let spacing = TimestepSpacing::of(config, TimestepSpacing::Linspace)?;
    if usable <= num_inference_steps && spacing == TimestepSpacing::Leading {
        return Err(bad_steps(num_inference_steps, messages::fewer_steps(usable)));
    }
    let mut timesteps = match spacing {
        TimestepSpacing::Trailing => trailing(usable, train, num_inference_steps),
        spacing => {
            let offset = config.steps_offset.unwrap_or(0);
            let mut timesteps = spaced(spacing, usable, num_inference_steps + 1, offset);
            timesteps.pop();
            timesteps
        }
    };
    timesteps.iter_mut().for_each(|timestep| *timestep = timestep.round_ties_even());
    Ok(timesteps)
}
