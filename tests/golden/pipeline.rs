//! Text to image runs, compared with diffusers' pipelines.
//!
//! They run on the CPU, and on a GPU if there is one.

use std::cell::RefCell;

use crate::support::runs::{self, params};
use crate::support::{self, Goldens, Limits, Quiet, model};
use burn::tensor::Device;
use hearth::params::GenerationParams;
use hearth::pipeline::{Callbacks, PipelineEvent, Request};
use hearth::prompt::Grammar;
use hearth::{Error, Result};
use serde_json::Value;

#[test]
fn runs_equal_diffusers_on_cpu() {
    compare("pipeline", (&Device::flex(), support::CPU, "CPU"), |_| true);
}

#[test]
fn runs_equal_diffusers_on_gpu() {
    let Some(gpu) = support::gpu() else { return };
    // A software GPU takes seconds per run. It gets three samplers and the shortest run of each
    // model, if it is short; the long test adds all schedulers, and twenty steps of each model. What
    // samplers compute is compared on the CPU: it does not depend on the device.
    const SHORT: u64 = 6;
    const SAMPLERS: [&str; 3] = ["sd2.pndm", "sd2.euler-ancestral", "sd2.dpmpp-2m-karras"];
    let cases = Goldens::open("pipeline").cases;
    let steps = |case: &Value| case["request"]["num_inference_steps"].as_u64().unwrap();
    let of_model = |case: &Value| {
        let same = cases.iter().filter(|other| other["model"] == case["model"]);
        same.min_by_key(|other| steps(other)).unwrap()["name"] == case["name"]
    };
    let chosen = |case: &Value| {
        let scheduler = case["request"]["scheduler"].as_str().unwrap_or("default");
        let name = case["name"].as_str().unwrap();
        if !support::is_long() {
            return SAMPLERS.contains(&name) || (of_model(case) && steps(case) <= SHORT);
        }
        let of_scheduler = name.starts_with("sd2.") && name.ends_with(scheduler);
        of_scheduler || of_model(case) || name.ends_with(".twenty") || name == "sd1.negative"
    };
    compare("pipeline", (&gpu.device, support::GPU, "GPU"), chosen);
    gpu.check().unwrap();
}

/// Compares latents and, if the reference has them, images.
pub fn compare(
    name: &str,
    (device, limits, what): (&Device, Limits, &str),
    chosen: impl Fn(&Value) -> bool,
) {
    let mut pictures = Pictures::default();
    runs::compare(name, (device, limits, what), chosen, |goldens, case, _, picture| {
        let name = case["name"].as_str().unwrap();
        if !case["outputs"]["pictures"].is_null() {
            let (shape, golden) = goldens.values(case, "outputs", "pictures");
            assert_eq!(shape, [1, picture.image.height, picture.image.width, 3], "{name}");
            pictures.check(name, &picture.image.pixels, &golden);
        }
    });
    pictures.finish();
}

/// ε and v, whose deviations differ.
#[test]
fn runs_with_rescaled_guidance_equal_diffusers_on_cpu() {
    let is_rescaled = |case: &Value| case["request"]["guidance_rescale"].is_number();
    let device = (&Device::flex(), support::CPU, "CPU");
    runs::compare("parameters", device, is_rescaled, |_, _, _, _| ());
}

#[test]
fn truncated_prompt_is_reported_with_removed_text() {
    let model = model("sd1", &Device::flex());
    let callbacks = Recorder::default();
    let prompt = format!("{} the end", "word ".repeat(100));
    let grammar = Grammar::Plain;
    let request =
        Request::from(GenerationParams { prompt, grammar, num_inference_steps: 1, ..params() });
    pollster::block_on(model.generate(&request, &callbacks)).unwrap();
    let events = callbacks.events.take();
    let removed_text = events.iter().find_map(|event| match event {
        PipelineEvent::PromptTruncated { field: "prompt", removed_text } => {
            Some(removed_text.clone())
        }
        _ => None,
    });
    assert!(removed_text.expect("no report").ends_with("the end"));
}

#[test]
fn run_can_be_cancelled_between_two_blocks() {
    let model = model("sd1", &Device::flex());
    // The text encoder has 2 layers, a UNet pass 7 blocks: the 15th yield is inside the 2nd step.
    let callbacks = Recorder { stop_at: Some(15), ..Recorder::default() };
    let request = Request::from(GenerationParams { num_inference_steps: 12, ..params() });
    let result = pollster::block_on(model.generate(&request, &callbacks));
    assert_eq!(result.err(), Some(Error::Cancelled));
    let steps = callbacks.events.take();
    let steps = steps.iter().filter(|event| matches!(event, PipelineEvent::Step { .. })).count();
    assert_eq!(steps, 1, "the run should have ended inside its second step");
}

#[test]
fn invalid_requests_name_the_field() {
    let model = model("sd1", &Device::flex());
    let refused = |request: Request| match pollster::block_on(model.generate(&request, &Quiet)) {
        Err(Error::InvalidRequest { field, .. }) => field,
        other => panic!("expected a refusal, got {:?}", other.map(|picture| picture.image.width)),
    };
    assert_eq!(refused(Request::from(GenerationParams { width: 36, ..params() })), "width");
    assert_eq!(refused(Request::from(GenerationParams { height: 0, ..params() })), "height");
    assert_eq!(refused(Request::from(GenerationParams { width: usize::MAX, ..params() })), "width");
    assert_eq!(
        refused(Request::from(GenerationParams { num_inference_steps: 0, ..params() })),
        "num_inference_steps"
    );
    assert_eq!(
        refused(Request::from(GenerationParams { guidance_scale: f64::NAN, ..params() })),
        "guidance_scale"
    );
}

/// Compares decoded images with values in 0..1: a value may be rounded the other way.
#[derive(Default)]
pub struct Pictures {
    worst: f32,
    checked: usize,
}

impl Pictures {
    pub fn check(&mut self, name: &str, ours: &[u8], golden: &[f32]) {
        assert_eq!(ours.len(), golden.len(), "{name}");
        for (o, g) in ours.iter().zip(golden) {
            let error = (f32::from(*o) - g * 255.0).abs();
            assert!(error < 1.0, "{name}: {o} instead of {}", g * 255.0);
            self.worst = self.worst.max(error);
        }
        self.checked += 1;
    }

    pub fn finish(self) {
        println!("pictures: {} compared, worst {:.3} of 255", self.checked, self.worst);
        assert!(self.checked > 0);
    }
}

/// Records the events, and ends the run at a given yield.
#[derive(Default)]
struct Recorder {
    events: RefCell<Vec<PipelineEvent>>,
    breaths: RefCell<usize>,
    stop_at: Option<usize>,
}

impl Callbacks for Recorder {
    async fn yield_now(&self) -> Result<()> {
        *self.breaths.borrow_mut() += 1;
        match self.stop_at {
            Some(at) if *self.breaths.borrow() >= at => Err(Error::Cancelled),
            _ => Ok(()),
        }
    }

    fn report(&self, event: PipelineEvent) {
        self.events.borrow_mut().push(event);
    }

    fn wants_preview(&self) -> bool {
        false
    }
}
