//! DPM-Solver++ (2M) sampler.
//!
//! It solves the linear part of the diffusion ODE exactly, and extrapolates the rest from the last
//! two predictions of x₀.
//!
//! Lu et al. 2022, <https://arxiv.org/abs/2211.01095>, algorithm 2; diffusers
//! `scheduling_dpmsolver_multistep.py` with `algorithm_type` "dpmsolver++", `solver_type`
//! "midpoint".

use burn::tensor::Tensor;

use crate::error::{Message, Result, messages};
use crate::scheduler::config::{SchedulerConfig, choice, invalid, refuse, unsupported};
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::multistep_path::MultistepPath;
use crate::scheduler::noise_schedule::NoiseSchedule;
use crate::scheduler::prediction::{NoiseLevel, PredictionType};
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigmas::SigmaTable;

/// `DPMSolverMultistepScheduler`.
#[derive(Debug)]
pub struct DpmSolverMultistep {
    evaluations: Evaluations,
    /// One more than evaluations: the last is the final σ.
    sigmas: Vec<f64>,
    second_order: bool,
    lower_order_final: bool,
}

impl Sampler for DpmSolverMultistep {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let config = options.config;
        check_supported(config)?;
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL)?;
        let table = SigmaTable::new(&NoiseSchedule::new(config)?);
        let usable = table.clipped_len(config.lambda_min_clipped.unwrap_or(f64::NEG_INFINITY));
        if usable < 2 {
            return Err(invalid(messages::no_timestep_left()));
        }
        let ends = [("zero", 0.0), ("sigma_min", table.first())];
        let last = choice("final_sigmas_type", &config.final_sigmas_type, &ends, 0.0)?;
        let rounds_karras = config.beta_schedule.as_deref() != Some("squaredcos_cap_v2");
        let path = MultistepPath::new(options, &table, usable, rounds_karras, |_| last)?;
        let few = path.len() < 15;
        Ok(Self {
            // The second order would divide by the last σ if that is 0.
            lower_order_final: path.sigmas[path.len()] == 0.0
                || config.euler_at_final == Some(true)
                || (few && config.lower_order_final.unwrap_or(true)),
            second_order: config.solver_order != Some(1),
            evaluations: path.evaluations(prediction_type),
            sigmas: path.sigmas,
        })
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
        // x₀ as predicted in the previous step, and the σ of that step.
        let mut previous: Option<(Tensor<4>, f64)> = None;
        for (index, pair) in self.sigmas.windows(2).enumerate().skip(begin) {
            let (sigma, sigma_next) = (pair[0], pair[1]);
            let (from, to) = (NoiseLevel::from_sigma(sigma), NoiseLevel::from_sigma(sigma_next));
            let x0 = run.predict(index, &x).await?.original_sample();

            // λ = −ln σ is the time of the paper, and h is the length of the step, so that e^(−h) =
            // σ'/σ.
            let h = (sigma / sigma_next).ln();
            let last = index + 1 == self.evaluations.len();
            let first_order = !self.second_order || (last && self.lower_order_final);
            let data = match previous.take() {
                // D₀ + D₁/2, with D₁ = h/h₀·(x₀ − its predecessor), extrapolates both predictions
                // to the middle of the step. A previous step of length 0 gives no information.
                Some((x0_before, sigma_before)) if !first_order && sigma_before != sigma => {
                    let h_before = (sigma_before / sigma).ln();
                    let difference = x0.clone() - x0_before;
                    x0.clone() + difference.mul_scalar(0.5 * h / h_before)
                }
                _ => x0.clone(),
            };
            previous = Some((x0.clone(), sigma));
            // x' = σ'/σ·x − α'·(e^(−h) − 1)·(D₀ + D₁/2), with σ and α of variance 1.
            let prev_sample = x.mul_scalar(to.noise / from.noise)
                + data.mul_scalar(to.signal * (1.0 - sigma_next / sigma));
            x = run.evaluated(index, prev_sample, x0).await?;
        }
        Ok(x)
    }
}

fn check_supported(config: &SchedulerConfig) -> Result<()> {
    refuse(&[
        ("thresholding", config.thresholding),
        ("use_lu_lambdas", config.use_lu_lambdas),
        ("use_flow_sigmas", config.use_flow_sigmas),
    ])?;
    // The other names are those of DEIS and UniPC, whose configs the class accepts.
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
