//! Schedulers, compared with the data of `schedulers.py`.

use std::collections::HashMap;
use std::fs;

use burn::tensor::{Device, Tensor, TensorData};
use hearth::error::Result;
use hearth::scheduler::{
    AnySampler, Denoiser, Evaluated, NoiseSchedule, OnEvaluated, SamplerName, SamplerOptions,
    SchedulerConfig, SchedulerName, create,
};
use safetensors::SafeTensors;
use serde::Deserialize;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data");
/// Maximum error, as a share of the largest value.
const TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct Golden {
    configs: HashMap<String, String>,
    cases: Vec<Case>,
    schedules: Vec<Schedule>,
    fingerprints: Vec<Fingerprint>,
}

#[derive(Deserialize)]
struct Case {
    config: String,
    scheduler: Option<String>,
    num_inference_steps: usize,
    eta: f64,
    /// Single precision, as in torch; serde_json reads doubles with an error in the last place.
    timesteps: Vec<f32>,
    init_noise_sigma: f64,
    /// Result of `scale_model_input` for a one at each step; absent if it stays a one.
    input_scale: Option<Vec<f64>>,
    /// Index at which the case's trajectory begins, if it has one.
    first_row: Option<usize>,
    noise_draws: Option<usize>,
}

#[derive(Deserialize)]
struct Schedule {
    config: String,
    at: Vec<usize>,
    alphas_cumprod: Vec<f64>,
}

#[derive(Deserialize)]
struct Fingerprint {
    config: String,
    scheduler: String,
    sums: Vec<f64>,
}

impl Case {
    fn label(&self) -> String {
        let name = self.scheduler.as_deref().unwrap_or("its own scheduler");
        format!("{} with {name}, {} steps, eta {}", self.config, self.num_inference_steps, self.eta)
    }

    fn name(&self) -> Option<SchedulerName> {
        self.scheduler.as_ref().map(|name| name.parse().unwrap())
    }

    fn config(&self, golden: &Golden) -> SchedulerConfig {
        SchedulerConfig::from_json(&golden.configs[&self.config]).unwrap()
    }

    fn create(&self, golden: &Golden) -> AnySampler {
        let config = self.config(golden);
        let options = SamplerOptions {
            eta: self.eta,
            ..SamplerOptions::new(&config, self.num_inference_steps)
        };
        create(self.name(), &options).unwrap_or_else(|error| panic!("{}: {error}", self.label()))
    }

    /// Returns whether timesteps are computed with logarithms, whose last bits differ.
    fn has_computed_timesteps(&self, golden: &Golden) -> bool {
        let own = self.config(golden).scheduler_name();
        let name = self.name().or(own.ok()).unwrap();
        let follows_timesteps = match name.sigmas() {
            Some(sigmas) => !["karras", "exponential", "beta"].contains(&sigmas.as_str()),
            None => {
                let config = self.config(golden);
                let on = [
                    config.use_karras_sigmas,
                    config.use_exponential_sigmas,
                    config.use_beta_sigmas,
                ];
                !on.contains(&Some(true))
            }
        };
        let computes = [
            SamplerName::Kdpm2,
            SamplerName::Kdpm2Ancestral,
            SamplerName::FlowMatchEuler,
            SamplerName::FlowMatchHeun,
        ];
        computes.contains(&name.sampler()) || !follows_timesteps
    }
}

/// Rows of tensors `[rows, b, c, h, w]` by name.
struct Rows {
    rows: HashMap<String, Vec<Vec<f32>>>,
    shape: [usize; 4],
}

impl Rows {
    fn read() -> Self {
        let bytes = fs::read(format!("{DATA}/schedulers.safetensors")).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let shape: [usize; 4] = file.tensor("sample").unwrap().shape().try_into().unwrap();
        let values = |name: &str| {
            let tensor = file.tensor(name).unwrap();
            let number = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
            let values: Vec<f32> = tensor.data().chunks(4).map(number).collect();
            values.chunks(shape.iter().product()).map(<[f32]>::to_vec).collect()
        };
        Self {
            rows: file.names().iter().map(|name| (name.to_string(), values(name))).collect(),
            shape,
        }
    }

    fn tensor(&self, name: &str, row: usize) -> Tensor<4> {
        Tensor::from_data(
            TensorData::new(self.rows[name][row].clone(), self.shape),
            &Device::flex(),
        )
    }
}

fn golden() -> Golden {
    serde_json::from_str(&fs::read_to_string(format!("{DATA}/schedulers.json")).unwrap()).unwrap()
}

/// Returns the largest difference as a share of the largest expected value.
fn error(actual: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(actual.len(), expected.len());
    let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    // A NaN must not get lost in a maximum.
    let differences = actual.iter().zip(expected).map(|(a, b)| (a - b).abs() / largest);
    differences.fold(0.0, |worst, e| if e > worst || e.is_nan() { e } else { worst })
}

fn values(tensor: Tensor<4>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// Records the worst error and its location.
#[derive(Default)]
struct Worst {
    error: f64,
    place: String,
}

impl Worst {
    fn see(&mut self, error: f64, place: impl FnOnce() -> String) {
        assert!(error <= TOLERANCE, "{}: error {error:e}", place());
        if error > self.error {
            *self = Self { error, place: place() };
        }
    }

    fn print(&self, what: &str) {
        println!("{what}: worst error {:.1e} of the largest value ({})", self.error, self.place);
    }
}

#[test]
fn tables_equal_diffusers() {
    let golden = golden();
    let (mut alphas, mut scales) = (Worst::default(), Worst::default());
    for schedule in &golden.schedules {
        let config = SchedulerConfig::from_json(&schedule.config).unwrap();
        let table = NoiseSchedule::new(&config).unwrap();
        assert_eq!(table.alphas_cumprod().len(), 1000);
        for (t, expected) in schedule.at.iter().zip(&schedule.alphas_cumprod) {
            // One by one, because the last values are small and matter.
            let actual = f64::from(table.alphas_cumprod()[*t]);
            let relative = if *expected == 0.0 { actual } else { (actual / expected - 1.0).abs() };
            alphas.see(relative, || format!("{} at {t}", schedule.config));
        }
    }
    for case in &golden.cases {
        let sampler = case.create(&golden);
        let evaluations = sampler.evaluations();
        let (ours, expected) =
            (evaluations.timesteps().collect::<Vec<_>>(), doubles(&case.timesteps));
        // The middles of DPM2 ancestral fall on whole timesteps, but through logarithms.
        let are_whole = expected.iter().all(|timestep| timestep.fract() == 0.0)
            && sampler.name() != SamplerName::Kdpm2Ancestral;
        if ours != expected {
            let is_computed = case.has_computed_timesteps(&golden) && !are_whole;
            assert!(is_computed, "{}: {ours:?} instead of {expected:?}", case.label());
            scales.see(error(&ours, &expected), || case.label());
        }
        let sigma = [evaluations.init_noise_sigma()];
        scales.see(error(&sigma, &[case.init_noise_sigma]), || case.label());
        for index in 0..case.timesteps.len() {
            let one = Tensor::ones([1, 1, 1, 1], &Device::flex());
            let scaled = values(evaluations.scale_model_input(one, index));
            let expected = case.input_scale.as_ref().map_or(1.0, |scale| scale[index]);
            scales.see(error(&scaled, &[expected]), || format!("{}, input {index}", case.label()));
        }
    }
    println!("{} cases", golden.cases.len());
    alphas.print("alphas_cumprod");
    scales.print("init_noise_sigma and input scale");
}

#[test]
fn timesteps_equal_diffusers_for_every_number_of_steps() {
    for fingerprint in golden().fingerprints {
        let config = SchedulerConfig::from_json(&fingerprint.config).unwrap();
        let name = fingerprint.scheduler.parse().unwrap();
        for (expected, steps) in fingerprint.sums.iter().zip(1..) {
            let sampler = create(Some(name), &SamplerOptions::new(&config, steps)).unwrap();
            let timesteps = sampler.evaluations().timesteps().zip(1..);
            let sum = timesteps.fold(0.0, |sum, (timestep, i)| sum + f64::from(i) * timestep);
            assert!(
                (sum - expected).abs() <= 1e-12 * expected,
                "{name}, {steps} steps: {sum}, {expected}"
            );
        }
    }
}

#[test]
fn trajectories_equal_diffusers() {
    let (golden, rows) = (golden(), Rows::read());
    let (mut samples, mut originals) = (Worst::default(), Worst::default());
    let mut trajectories = 0;
    let mut by_sampler = HashMap::<&str, f64>::new();
    for case in &golden.cases {
        let (Some(first_row), Some(noise_draws)) = (case.first_row, case.noise_draws) else {
            continue;
        };
        let sampler = case.create(&golden);
        let mut draws = 0;
        let mut noise = || {
            draws += 1;
            rows.tensor("noise", draws - 1)
        };
        let sigma = sampler.evaluations().init_noise_sigma();
        let sample = rows.tensor("sample", 0).mul_scalar(sigma);
        let mut outputs = Outputs { next: 0, of: |index| rows.tensor("model_output", index) };
        let mut seen = StateRecorder(Vec::new());
        let walk = sampler.sample(&mut outputs, &mut seen, &mut noise, 0, sample);
        let latents = pollster::block_on(walk).unwrap();
        assert_eq!(seen.0.len(), case.timesteps.len(), "{}", case.label());
        let last = seen.0.last().unwrap().latents.clone();
        assert_eq!(values(latents), values(last), "{}", case.label());
        for (position, state) in seen.0.into_iter().enumerate() {
            let index = state.index;
            assert_eq!(index, position, "{}", case.label());
            let place = || format!("{}, evaluation {index}", case.label());
            let row = first_row + index;
            let expected = doubles(&rows.rows["prev_sample"][row]);
            let error_of_sample = error(&values(state.latents), &expected);
            let worst = by_sampler.entry(sampler.name().row().name).or_default();
            *worst = worst.max(error_of_sample);
            samples.see(error_of_sample, place);
            let expected = doubles(&rows.rows["pred_original_sample"][row]);
            originals.see(error(&values(state.pred_original_sample), &expected), place);
        }
        assert_eq!(draws, noise_draws, "noise drawn by {}", case.label());
        trajectories += 1;
    }
    println!("{trajectories} trajectories; {by_sampler:?}");
    samples.print("prev_sample");
    originals.print("pred_original_sample");
}

/// A network with fixed outputs, one for each evaluation.
struct Outputs<F> {
    next: usize,
    of: F,
}

impl<F: Fn(usize) -> Tensor<4>> Denoiser for Outputs<F> {
    async fn predict(&mut self, _sample: Tensor<4>, _timestep: f64) -> Result<Tensor<4>> {
        self.next += 1;
        Ok((self.of)(self.next - 1))
    }
}

/// Records every state of a run.
struct StateRecorder(Vec<Evaluated>);

impl OnEvaluated for StateRecorder {
    async fn evaluated(&mut self, state: Evaluated) -> Result<Tensor<4>> {
        let latents = state.latents.clone();
        self.0.push(state);
        Ok(latents)
    }
}

#[test]
fn any_number_of_steps_gives_finite_latents() {
    let config = SchedulerConfig::from_json(&golden().configs["sd15"]).unwrap();
    let tensor = || Tensor::<4>::ones([1, 1, 1, 1], &Device::flex());
    for name in SchedulerName::all() {
        // Every number of steps with the sampler's own noise levels, some with the others.
        let is_own = name == name.sampler().into();
        let few = if is_own { 50 } else { 4 };
        let many: &[usize] = if is_own { &[61, 103, 250, 499, 500, 998, 999, 1000] } else { &[61] };
        for steps in (1..=few).chain(many.iter().copied()) {
            let Ok(sampler) = create(Some(name), &SamplerOptions::new(&config, steps)) else {
                continue;
            };
            let sample = tensor().mul_scalar(sampler.evaluations().init_noise_sigma());
            let mut outputs = Outputs { next: 0, of: |_| tensor() };
            let (seen, noise) = (&mut StateRecorder(Vec::new()), &mut || tensor());
            let walk = sampler.sample(&mut outputs, seen, noise, 0, sample);
            let sample = pollster::block_on(walk).unwrap();
            assert!(values(sample)[0].is_finite(), "{name}, {steps} steps");
        }
    }
}

/// A run that begins inside a schedule begins with a whole step.
#[test]
fn step_has_two_evaluations() {
    let config = SchedulerConfig::default();
    for name in [SamplerName::Heun, SamplerName::Kdpm2, SamplerName::Kdpm2Ancestral] {
        let sampler = create(Some(name.into()), &SamplerOptions::new(&config, 5)).unwrap();
        let evaluations = sampler.evaluations();
        assert_eq!(evaluations.len(), 9);
        let begin = evaluations.first_of_step(2);
        let tensor = || Tensor::<4>::ones([1, 1, 1, 1], &Device::flex());
        let mut outputs = Outputs { next: 0, of: |_| tensor() };
        let mut seen = StateRecorder(Vec::new());
        let noise = &mut || tensor();
        let walk = sampler.sample(&mut outputs, &mut seen, noise, begin, tensor());
        pollster::block_on(walk).unwrap();
        let steps = seen.0.iter().map(|state| {
            let ends = evaluations.ends_step(begin, state.index);
            (state.index, ends, evaluations.steps_done(begin, state.index))
        });
        let expected = [(4, false, 0), (5, true, 1), (6, false, 1), (7, true, 2), (8, true, 3)];
        assert_eq!(steps.collect::<Vec<_>>(), expected);
    }
}
