//! Samplers, sigma schedules and Brownian noise, compared with the data of `samplers.py`.

use std::collections::HashMap;
use std::fs;

use burn::tensor::{Device, Tensor, TensorData};
use hearth::error::Result;
use hearth::pipeline::noise::{BrownianTree, Generator, RunNoise};
use hearth::scheduler::{
    Denoiser, Evaluated, Noise, NoiseSource, OnEvaluated, SamplerName, SamplerOptions,
    SchedulerConfig, SchedulerName, SigmaSchedule, StepNoise, create,
};
use safetensors::SafeTensors;
use serde::Deserialize;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data");
const CONFIG: &str =
    r#"{"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}"#;
/// Maximum error, as a share of the largest value.
const TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct Golden {
    seed: u64,
    schedules: Vec<Schedule>,
    cases: Vec<Case>,
    adaptive: Adaptive,
    brownian: Vec<Increment>,
}

#[derive(Deserialize)]
struct Schedule {
    schedule: String,
    is_sdxl: bool,
    is_zero_snr: bool,
    steps: usize,
    sigmas: Vec<f64>,
}

#[derive(Deserialize)]
struct Case {
    scheduler: String,
    steps: usize,
    evaluations: usize,
    draws: usize,
    first_row: usize,
    rows: usize,
}

/// Run of the sampler with steps of adaptive length.
#[derive(Deserialize)]
struct Adaptive {
    evaluations: usize,
    draws: usize,
    accepted: usize,
}

/// Increment of a tree over a step, of which some values are known.
#[derive(Deserialize)]
struct Increment {
    seed: u64,
    size: usize,
    ends: [f64; 2],
    step: [f64; 2],
    values: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(&fs::read_to_string(format!("{DATA}/samplers.json")).unwrap()).unwrap()
}

fn config() -> SchedulerConfig {
    SchedulerConfig::from_json(CONFIG).unwrap()
}

/// Rows of tensors `[rows, b, c, h, w]` by name.
struct Rows {
    rows: HashMap<String, Vec<Vec<f32>>>,
    shape: [usize; 4],
}

impl Rows {
    fn read() -> Self {
        let bytes = fs::read(format!("{DATA}/samplers.safetensors")).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let shape: [usize; 4] = file.tensor("sample").unwrap().shape()[1..].try_into().unwrap();
        let values = |name: &str| {
            let number = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
            let values: Vec<f32> =
                file.tensor(name).unwrap().data().chunks(4).map(number).collect();
            values.chunks(shape.iter().product()).map(<[f32]>::to_vec).collect()
        };
        let rows = file.names().iter().map(|name| (name.to_string(), values(name))).collect();
        Rows { rows, shape }
    }

    fn tensor(&self, name: &str, row: usize) -> Tensor<4> {
        let data = TensorData::new(self.rows[name][row].clone(), self.shape);
        Tensor::from_data(data, &Device::flex())
    }
}

/// Returns the largest difference as a share of the largest expected value.
fn error(actual: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(actual.len(), expected.len());
    let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let differences = actual.iter().zip(expected).map(|(a, b)| (a - b).abs() / largest);
    differences.fold(0.0, |worst, e| if e > worst || e.is_nan() { e } else { worst })
}

fn values(tensor: Tensor<4>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// A network with fixed outputs, one for each evaluation.
struct Outputs<'a> {
    next: usize,
    rows: &'a Rows,
}

impl Denoiser for Outputs<'_> {
    async fn predict(&mut self, _sample: Tensor<4>, _timestep: f64) -> Result<Tensor<4>> {
        self.next += 1;
        Ok(self.rows.tensor("model_output", self.next - 1))
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

/// The σ of a list, where the run ends included, as a sampler without a class in diffusers sees it.
fn sigmas(name: SchedulerName, steps: usize, is_sdxl: bool) -> Vec<f64> {
    sigmas_of(&config(), name, steps, is_sdxl)
}

fn sigmas_of(
    config: &SchedulerConfig,
    name: SchedulerName,
    steps: usize,
    is_sdxl: bool,
) -> Vec<f64> {
    let options = SamplerOptions { is_sdxl, ..SamplerOptions::new(config, steps) };
    let sampler = create(Some(name), &options).unwrap();
    let evaluations = sampler.evaluations();
    let one = || Tensor::<4>::ones([1, 1, 1, 1], &Device::flex());
    let zero = || one().mul_scalar(0.0);
    (0..evaluations.len())
        .map(|index| values(evaluations.add_noise(zero(), one(), index))[0])
        .collect()
}

#[test]
fn sigma_lists_equal_those_of_other_programs() {
    let mut worst = HashMap::<String, f64>::new();
    for case in golden().schedules {
        let label = format!("{}, {} steps, {}", case.schedule, case.steps, case.is_zero_snr);
        let config = match case.is_zero_snr {
            true => SchedulerConfig {
                rescale_betas_zero_snr: Some(true),
                prediction_type: Some("v_prediction".to_string()),
                ..config()
            },
            false => config(),
        };
        let schedule = SigmaSchedule::from_name(&case.schedule).unwrap();
        let name = SchedulerName::new(SamplerName::Dpmpp2mSde, Some(schedule)).unwrap();
        let mut expected = case.sigmas.clone();
        let last = expected.pop().unwrap();
        let ends_above_zero = schedule == SigmaSchedule::KlOptimal;
        assert_eq!(last > 0.0, ends_above_zero, "{label}");
        let ours = sigmas_of(&config, name, case.steps, case.is_sdxl);
        let error = error(&ours, &expected);
        // The lists are in single precision, and some pass through powers and tangents in it.
        assert!(error <= 1e-5, "{label}: error {error:e}");
        let worst = worst.entry(case.schedule).or_default();
        *worst = worst.max(error);
    }
    println!("{worst:?}");
}

/// Every sampler with each list has a step for each of its levels.
#[test]
fn samplers_with_other_classes_take_the_same_lists() {
    let heun = sigmas("heun-align-your-steps".parse().unwrap(), 8, false);
    let euler = sigmas("euler-align-your-steps".parse().unwrap(), 8, false);
    assert_eq!(heun.len(), 15);
    assert_eq!(heun.iter().step_by(2).copied().collect::<Vec<_>>(), euler);
    // The last step of this list is not to 0, so that it has two evaluations.
    assert_eq!(sigmas("heun-kl-optimal".parse().unwrap(), 8, false).len(), 16);
    assert_eq!(sigmas("kdpm2-kl-optimal".parse().unwrap(), 8, false).len(), 16);
    // Levels of variance 1: σ / √(σ² + 1).
    for name in ["dpmpp-2m", "unipc", "deis", "ddim", "ddpm"] {
        let levels = sigmas(format!("{name}-align-your-steps").parse().unwrap(), 8, false);
        let expected: Vec<f64> = euler.iter().map(|sigma| sigma / sigma.hypot(1.0)).collect();
        assert!(error(&levels, &expected) < 1e-6, "{name}: {levels:?}");
    }
}

#[test]
fn trajectories_equal_those_of_k_diffusion() {
    let (golden, rows, config) = (golden(), Rows::read(), config());
    let mut worst = HashMap::<&str, f64>::new();
    for case in &golden.cases {
        let label = format!("{}, {} steps", case.scheduler, case.steps);
        let name: SchedulerName = case.scheduler.parse().unwrap();
        let sampler = create(Some(name), &SamplerOptions::new(&config, case.steps)).unwrap();
        let evaluations = sampler.evaluations();
        assert_eq!(evaluations.len(), case.evaluations, "{label}");
        let mut draws = 0;
        let mut stored = || {
            draws += 1;
            rows.tensor("noise", draws - 1)
        };
        let of_sampler = name.sampler().row().noise;
        let range = evaluations.sigma_range();
        let device = Device::flex();
        let mut path = RunNoise::new(golden.seed, None, of_sampler, range, rows.shape, &device);
        let noise: &mut dyn Noise = match of_sampler {
            StepNoise::Brownian => &mut path,
            _ => &mut stored,
        };
        // The highest σ is the first one's; samples of variance 1 begin with variance 1.
        let begin = values(evaluations.add_noise(
            Tensor::zeros([1, 1, 1, 1], &device),
            Tensor::ones([1, 1, 1, 1], &device),
            0,
        ))[0];
        let mut seen = StateRecorder(Vec::new());
        let mut outputs = Outputs { next: 0, rows: &rows };
        let sample = rows.tensor("sample", 0).mul_scalar(begin);
        let run = sampler.sample(&mut outputs, &mut seen, noise, 0, sample);
        pollster::block_on(run).unwrap();
        // diffusers' class also draws for the last step, which adds none of it.
        let unused = usize::from(name.sampler() == SamplerName::EulerAncestral);
        assert_eq!(draws, case.draws + unused, "{label}");
        let ends = seen.0.iter().filter(|state| evaluations.ends_step(0, state.index));
        let ends: Vec<_> = ends.collect();
        assert_eq!(ends.len(), case.rows, "{label}");
        for (step, state) in ends.into_iter().enumerate() {
            // Samples of variance 1 are √(σ² + 1) times smaller.
            let next = state.index + 1;
            let scale = match name.sampler() {
                SamplerName::DpmSolverMultistep if next < evaluations.len() => {
                    let one = Tensor::<4>::ones([1, 1, 1, 1], &device);
                    values(evaluations.add_noise(one.clone(), one.mul_scalar(0.0), next))[0]
                }
                _ => 1.0,
            };
            let latents = values(state.latents.clone().div_scalar(scale));
            let expected = &rows.rows["latents"][case.first_row + step];
            let expected: Vec<f64> = expected.iter().copied().map(f64::from).collect();
            let error = error(&latents, &expected);
            assert!(error <= TOLERANCE, "{label}, step {step}: error {error:e}");
            let worst = worst.entry(name.sampler().row().name).or_default();
            *worst = worst.max(error);
        }
    }
    println!("{worst:?}");
}

/// A network whose output is a function of its input.
#[derive(Default)]
struct Function {
    evaluations: usize,
}

impl Denoiser for Function {
    async fn predict(&mut self, sample: Tensor<4>, _timestep: f64) -> Result<Tensor<4>> {
        self.evaluations += 1;
        let bent = sample.clone().mul_scalar(2.0).add_scalar(0.5).tanh();
        Ok(sample.mul_scalar(0.8) + bent.mul_scalar(0.3))
    }
}

#[test]
fn adaptive_run_equals_that_of_k_diffusion() {
    let (golden, rows, config) = (golden(), Rows::read(), config());
    let name = SamplerName::DpmAdaptive.into();
    let sampler = create(Some(name), &SamplerOptions::new(&config, 20)).unwrap();
    let mut draws = 0;
    let noise: &mut dyn Noise = &mut || {
        draws += 1;
        rows.tensor("noise", draws - 1)
    };
    let (mut network, mut seen) = (Function::default(), StateRecorder(Vec::new()));
    let sigma = sampler.evaluations().init_noise_sigma();
    let sample = rows.tensor("sample", 0).mul_scalar(sigma);
    let run = sampler.sample(&mut network, &mut seen, noise, 0, sample);
    let latents = values(pollster::block_on(run).unwrap());
    assert_eq!(network.evaluations, golden.adaptive.evaluations);
    assert_eq!((draws, seen.0.len()), (golden.adaptive.draws, golden.adaptive.accepted));
    let last = seen.0.last().unwrap();
    assert_eq!(last.index, sampler.evaluations().len() - 1);
    assert!((last.level.noise - sampler.evaluations().sigma_range()[0]).abs() < 1e-6);
    let expected: Vec<f64> = rows.rows["adaptive"][0].iter().copied().map(f64::from).collect();
    let error = error(&latents, &expected);
    println!("error {error:e}, {} evaluations", network.evaluations);
    assert!(error <= TOLERANCE, "error {error:e}");
}

#[test]
fn eta_changes_the_samples_of_those_that_have_it_alone() {
    let (rows, flow) = (Rows::read(), r#"{"_class_name": "FlowMatchEulerDiscreteScheduler"}"#);
    for name in SamplerName::ALL {
        let config = match name.row().is_of_flow() {
            true => SchedulerConfig::from_json(flow).unwrap(),
            false => config(),
        };
        let run = |eta: f64| {
            let options = SamplerOptions { eta, ..SamplerOptions::new(&config, 4) };
            let sampler = create(Some((*name).into()), &options).unwrap();
            let (mut network, mut seen) = (Function::default(), StateRecorder(Vec::new()));
            let noise: &mut dyn Noise = &mut || rows.tensor("noise", 0);
            let run = sampler.sample(&mut network, &mut seen, noise, 0, rows.tensor("sample", 0));
            values(pollster::block_on(run).unwrap())
        };
        assert_eq!(run(0.0) != run(1.0), name.row().has_eta, "{}", name.row().name);
    }
}

/// DDIM without noise is Euler's method, if both take the same levels.
#[test]
fn ddim_of_a_list_equals_euler() {
    let rows = Rows::read();
    let config = SchedulerConfig { clip_sample: Some(false), ..config() };
    let run = |name: &str, begin: f64| {
        let name = name.parse().unwrap();
        let sampler = create(Some(name), &SamplerOptions::new(&config, 12)).unwrap();
        let mut outputs = Outputs { next: 0, rows: &rows };
        let mut seen = StateRecorder(Vec::new());
        let noise: &mut dyn Noise = &mut || -> Tensor<4> { unreachable!("no noise is drawn") };
        let sample = rows.tensor("sample", 0).mul_scalar(begin);
        let run = sampler.sample(&mut outputs, &mut seen, noise, 0, sample);
        values(pollster::block_on(run).unwrap())
    };
    // Euler's samples are √(σ² + 1) times larger.
    let highest = sigmas("euler-karras".parse().unwrap(), 12, false)[0];
    let euler = run("euler-karras", highest.hypot(1.0));
    assert!(error(&run("ddim-karras", 1.0), &euler) < 1e-5);
}

#[test]
fn brownian_increments_equal_those_of_torchsde() {
    let mut worst = 0.0_f64;
    for case in golden().brownian {
        let normals = |seed: u32, len: usize| Generator::new(u64::from(seed)).randn(len);
        let mut tree = BrownianTree::new(case.seed, case.ends, case.size, normals);
        let [high, low] = case.step;
        let noise = tree.between(high, low).unwrap();
        // The noise is the increment by the root of its length, with the sign of k-diffusion.
        let root = (high - low).sqrt();
        let increments: Vec<f64> = noise.iter().map(|value| -f64::from(*value) * root).collect();
        let error = error(&increments[..case.values.len()], &case.values);
        worst = worst.max(error);
        // The shortest step is a difference of values that are a thousand times larger.
        assert!(error <= 5e-5, "{:?} of {}: error {error:e}", case.step, case.seed);
    }
    println!("worst {worst:e}");
}

#[test]
fn order_of_queries_does_not_change_a_tree() {
    let normals = |seed: u32, len: usize| Generator::new(u64::from(seed)).randn(len);
    let tree = || BrownianTree::new(3, [0.03, 14.6], 16, normals);
    let (mut there, mut back) = (tree(), tree());
    let first = there.between(2.0, 1.0);
    back.between(14.0, 0.5);
    back.between(1.5, 0.7);
    assert_eq!(first, back.between(2.0, 1.0));
    assert_eq!(there.between(20.0, 15.0), None);
}

#[test]
fn noise_sources_differ_and_repeat() {
    let draw = |source, of_sampler| {
        let range = [0.03, 14.6];
        let mut noise = RunNoise::new(5, source, of_sampler, range, [1, 4, 4, 4], &Device::flex());
        let first = values(noise.draw());
        (first, values(noise.between(2.0, 1.0)))
    };
    let cpu = draw(Some(NoiseSource::Cpu), StepNoise::Draws);
    assert_eq!(draw(None, StepNoise::Draws), cpu);
    assert_eq!(draw(Some(NoiseSource::Cpu), StepNoise::Brownian), cpu);
    let brownian = draw(None, StepNoise::Brownian);
    assert_eq!(draw(Some(NoiseSource::Brownian), StepNoise::Draws), brownian);
    assert_eq!(brownian.0, cpu.0);
    assert_ne!(brownian.1, cpu.1);
    let nv = draw(Some(NoiseSource::Nv), StepNoise::Brownian);
    assert_ne!(nv.0, cpu.0);
    assert_ne!(nv.1, brownian.1);
}
