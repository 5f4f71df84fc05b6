//! Every scheduler against diffusers: `tests/golden/schedulers.py` wrote what is compared.

use std::collections::HashMap;
use std::fs;

use burn::tensor::{Device, Tensor, TensorData};
use hearth::error::Error;
use hearth::scheduler::{NoiseSchedule, Scheduler, SchedulerConfig, SchedulerName, create};
use safetensors::SafeTensors;
use serde::Deserialize;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data");
/// Largest error allowed, as a share of the largest value.
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
    /// Single, as in torch; serde_json reads doubles with an error in the last place.
    timesteps: Vec<f32>,
    init_noise_sigma: f64,
    /// What `scale_model_input` makes of a one at each step; left out where it stays a one.
    input_scale: Option<Vec<f64>>,
    /// Where the case's trajectory begins, if it has one.
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

    fn create(&self, golden: &Golden) -> Box<dyn Scheduler> {
        let name = self.scheduler.as_ref().map(|name| name.parse().unwrap());
        let config = SchedulerConfig::from_json(&golden.configs[&self.config]).unwrap();
        create(name, &config, self.num_inference_steps, self.eta)
            .unwrap_or_else(|error| panic!("{}: {error}", self.label()))
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

/// Largest difference as a share of the largest expected value.
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

/// Keeps the worst error and where it was.
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
fn tables_are_those_of_diffusers() {
    let golden = golden();
    let (mut alphas, mut scales) = (Worst::default(), Worst::default());
    for schedule in &golden.schedules {
        let config = SchedulerConfig::from_json(&schedule.config).unwrap();
        let table = NoiseSchedule::new(&config).unwrap();
        assert_eq!(table.alphas_cumprod().len(), 1000);
        for (t, expected) in schedule.at.iter().zip(&schedule.alphas_cumprod) {
            // One by one: the last are small, and matter.
            let actual = f64::from(table.alphas_cumprod()[*t]);
            let relative = if *expected == 0.0 { actual } else { (actual / expected - 1.0).abs() };
            alphas.see(relative, || format!("{} at {t}", schedule.config));
        }
    }
    for case in &golden.cases {
        let scheduler = case.create(&golden);
        let config = SchedulerConfig::from_json(&golden.configs[&case.config]).unwrap();
        let euler =
            case.input_scale.is_some() && case.scheduler.as_deref() != Some("euler-ancestral");
        if euler && config.use_karras_sigmas == Some(true) {
            // Fractions computed by way of logarithms.
            scales.see(error(scheduler.timesteps(), &doubles(&case.timesteps)), || case.label());
        } else {
            assert_eq!(scheduler.timesteps(), doubles(&case.timesteps), "{}", case.label());
        }
        let sigma = [scheduler.init_noise_sigma()];
        scales.see(error(&sigma, &[case.init_noise_sigma]), || case.label());
        for index in 0..case.timesteps.len() {
            let one = Tensor::ones([1, 1, 1, 1], &Device::flex());
            let scaled = values(scheduler.scale_model_input(one, index));
            let expected = case.input_scale.as_ref().map_or(1.0, |scale| scale[index]);
            scales.see(error(&scaled, &[expected]), || format!("{}, input {index}", case.label()));
        }
    }
    println!("{} cases", golden.cases.len());
    alphas.print("alphas_cumprod");
    scales.print("init_noise_sigma and input scale");
}

#[test]
fn every_number_of_steps_has_the_same_timesteps() {
    for fingerprint in golden().fingerprints {
        let config = SchedulerConfig::from_json(&fingerprint.config).unwrap();
        let name = fingerprint.scheduler.parse().unwrap();
        for (expected, steps) in fingerprint.sums.iter().zip(1..) {
            let scheduler = create(Some(name), &config, steps, 0.0).unwrap();
            let timesteps = scheduler.timesteps().iter().zip(1..);
            let sum = timesteps.fold(0.0, |sum, (timestep, i)| sum + f64::from(i) * timestep);
            assert!(
                (sum - expected).abs() <= 1e-12 * expected,
                "{name}, {steps} steps: {sum}, {expected}"
            );
        }
    }
}

#[test]
fn every_step_is_that_of_diffusers() {
    let (golden, rows) = (golden(), Rows::read());
    let (mut samples, mut originals) = (Worst::default(), Worst::default());
    let mut trajectories = 0;
    for case in &golden.cases {
        let (Some(first_row), Some(noise_draws)) = (case.first_row, case.noise_draws) else {
            continue;
        };
        let mut scheduler = case.create(&golden);
        let mut draws = 0;
        let mut sample = rows.tensor("sample", 0).mul_scalar(scheduler.init_noise_sigma());
        for index in 0..case.timesteps.len() {
            let mut noise = || {
                draws += 1;
                rows.tensor("noise", draws - 1)
            };
            let model_output = rows.tensor("model_output", index);
            let output = scheduler.step(index, model_output, sample, &mut noise);
            sample = output.prev_sample;
            let place = || format!("{}, step {index}", case.label());
            let row = first_row + index;
            let expected = doubles(&rows.rows["prev_sample"][row]);
            samples.see(error(&values(sample.clone()), &expected), place);
            let expected = doubles(&rows.rows["pred_original_sample"][row]);
            originals.see(error(&values(output.pred_original_sample), &expected), place);
        }
        assert_eq!(draws, noise_draws, "noise drawn by {}", case.label());
        trajectories += 1;
    }
    println!("{trajectories} trajectories");
    samples.print("prev_sample");
    originals.print("pred_original_sample");
}

/// The error's code when `json` is used by `name`, or by its own scheduler, for `steps`.
fn refusal(json: &str, name: Option<SchedulerName>, steps: usize) -> Error {
    let scheduler =
        SchedulerConfig::from_json(json).and_then(|config| create(name, &config, steps, 0.0));
    scheduler.err().unwrap_or_else(|| panic!("{json} was accepted"))
}

#[test]
fn bad_configs_are_typed_errors() {
    use SchedulerName::{Ddim, DpmSolverMultistep, Euler, EulerAncestral, Lcm, Pndm};
    let invalid: &[(&str, SchedulerName)] = &[
        ("{", Ddim),
        (r#"{"beta_start": "small"}"#, Ddim),
        (r#"{"steps_offset": -1}"#, Ddim),
        (r#"{"num_train_timesteps": 0}"#, Euler),
        (r#"{"num_train_timesteps": 1000000000000}"#, Euler),
        (r#"{"beta_end": 2.0}"#, Pndm),
        (r#"{"trained_betas": [0.1, 0.2]}"#, Ddim),
        (r#"{"original_inference_steps": 0}"#, Lcm),
        (r#"{"lambda_min_clipped": 100}"#, DpmSolverMultistep),
    ];
    for (json, name) in invalid {
        assert_eq!(refusal(json, Some(*name), 10).code(), "invalid-config", "{json}");
    }
    assert_eq!(refusal("{}", None, 10).code(), "invalid-config");

    let unsupported: &[(&str, SchedulerName)] = &[
        (r#"{"prediction_type": "flow_prediction"}"#, Ddim),
        (r#"{"prediction_type": "sample"}"#, Pndm),
        (r#"{"prediction_type": "sample"}"#, EulerAncestral),
        (r#"{"beta_schedule": "laplace"}"#, Ddim),
        (r#"{"timestep_spacing": "sideways"}"#, Ddim),
        (r#"{"thresholding": true}"#, Ddim),
        (r#"{"use_exponential_sigmas": true}"#, Euler),
        (r#"{"interpolation_type": "log_linear"}"#, Euler),
        (r#"{"timestep_type": "continuous", "prediction_type": "v_prediction"}"#, Euler),
        (r#"{"solver_order": 3}"#, DpmSolverMultistep),
        (r#"{"algorithm_type": "sde-dpmsolver++"}"#, DpmSolverMultistep),
        (r#"{"use_flow_sigmas": true}"#, DpmSolverMultistep),
        // x₀ = (x − ε) / 0 at the first timestep.
        (r#"{"rescale_betas_zero_snr": true, "timestep_spacing": "trailing"}"#, Ddim),
        (r#"{"rescale_betas_zero_snr": true}"#, Lcm),
    ];
    for (json, name) in unsupported {
        assert_eq!(refusal(json, Some(*name), 10).code(), "unsupported", "{json}");
    }
    let error = refusal(r#"{"_class_name": "UniPCMultistepScheduler"}"#, None, 10);
    assert_eq!(
        error.to_string(),
        "scheduler/scheduler_config.json asks for UniPCMultistepScheduler, which is not supported. \
         Choose a scheduler: ddim, pndm, euler, euler-ancestral, dpmpp-2m, dpmpp-2m-karras, lcm."
    );
}

#[test]
fn bad_requests_are_typed_errors() {
    for name in SchedulerName::ALL {
        for steps in [0, 1001, usize::MAX] {
            assert_eq!(
                refusal("{}", Some(name), steps).code(),
                "invalid-request",
                "{name}, {steps}"
            );
        }
        assert_eq!(name.to_string().parse::<SchedulerName>().unwrap(), name);
    }
    // More than the distilled schedule has, fewer than Runge–Kutta needs, an offset off the table.
    assert_eq!(refusal("{}", Some(SchedulerName::Lcm), 51).code(), "invalid-request");
    assert_eq!(refusal("{}", Some(SchedulerName::Pndm), 3).code(), "invalid-request");
    let offset = r#"{"steps_offset": 1}"#;
    assert_eq!(refusal(offset, Some(SchedulerName::Ddim), 1000).code(), "invalid-request");
    let eta = create(Some(SchedulerName::Ddim), &SchedulerConfig::default(), 10, f64::NAN);
    assert_eq!(eta.err().unwrap().code(), "invalid-request");
    assert_eq!("dimm".parse::<SchedulerName>().unwrap_err().code(), "invalid-request");
}

#[test]
fn any_number_of_steps_ends_in_finite_numbers() {
    let config = SchedulerConfig::from_json(&golden().configs["sd15"]).unwrap();
    let tensor = || Tensor::<4>::ones([1, 1, 1, 1], &Device::flex());
    for name in SchedulerName::ALL {
        for steps in (1..=50).chain([61, 103, 250, 499, 500, 998, 999, 1000]) {
            let Ok(mut scheduler) = create(Some(name), &config, steps, 0.0) else {
                continue;
            };
            let mut sample = tensor().mul_scalar(scheduler.init_noise_sigma());
            for index in 0..scheduler.timesteps().len() {
                sample = scheduler.step(index, tensor(), sample, &mut || tensor()).prev_sample;
            }
            assert!(values(sample)[0].is_finite(), "{name}, {steps} steps");
        }
    }
}

#[test]
fn outdated_configs_are_put_right() {
    let config = SchedulerConfig::from_json(r#"{"_class_name": "DDIMScheduler"}"#).unwrap();
    let config = config.for_stable_diffusion();
    assert_eq!((config.steps_offset, config.clip_sample), (Some(1), Some(false)));
    assert_eq!(config.scheduler_name().unwrap(), SchedulerName::Ddim);
}
