//! Image to image and inpainting runs, compared with diffusers' pipelines.
//!
//! They run on the CPU, and on a GPU if there is one.

use std::cell::RefCell;

use crate::support::{self, Goldens, Limits, Quiet, model, runs};
use burn::tensor::Device;
use hearth::image::{Mask, RgbImage};
use hearth::params::GenerationParams;
use hearth::pipeline::{Callbacks, InitImage, PipelineEvent, PipelineOutput, Request, Schedule};
use hearth::{Error, Result};
use serde_json::Value;

#[test]
fn runs_equal_diffusers_on_cpu() {
    compare(&Device::flex(), support::CPU, "CPU", |_| true);
}

#[test]
fn runs_equal_diffusers_on_gpu() {
    let Some(gpu) = support::gpu() else { return };
    // A software GPU takes seconds per run: it gets one run of each kind of network, and in the long
    // test of each kind of run.
    let short = ["sd1.padding", "sd2.image.dpmpp-2m", "inpaint.mask", "sdxl.mask"];
    let long = [
        "sd1.image.pndm",
        "sd1.mask.euler",
        "sd2.mask.ddim",
        "lcm.image.four",
        "sdxl.image",
        "sdxl_inpaint.mask",
    ];
    compare(&gpu.device, support::GPU, "GPU", |name| {
        short.contains(&name) || (support::is_long() && long.contains(&name))
    });
    gpu.check().unwrap();
}

fn compare(device: &Device, limits: Limits, what: &str, chosen: impl Fn(&str) -> bool) {
    let chosen = |case: &Value| chosen(case["name"].as_str().unwrap());
    runs::compare("img2img", (device, limits, what), chosen, check);
}

fn check(goldens: &Goldens, case: &Value, request: &Request, picture: &PipelineOutput) {
    let name = case["name"].as_str().unwrap();
    // Repainted pixels are diffusers', the others are exactly those of the init image.
    let init_image = request.init_image.as_ref().unwrap();
    let expected = goldens.picture(case, "outputs", "picture");
    assert_eq!([picture.image.width, picture.image.height], [expected.width, expected.height]);
    let mask = init_image.mask.as_ref().map(|mask| match request.params.mask_blur {
        0 => mask.values().to_vec(),
        radius => mask.blurred(radius).values().to_vec(),
    });
    let pixels = picture.image.pixels.iter().zip(&expected.pixels).zip(&init_image.image.pixels);
    for (place, ((ours, golden), given)) in pixels.enumerate() {
        let is_painted = mask.as_ref().is_none_or(|mask| mask[place / 3] != 0);
        if is_painted {
            // A value may be rounded the other way, and be resized after that.
            assert!(ours.abs_diff(*golden) <= 1, "{name}: {ours} instead of {golden}");
        } else {
            assert_eq!(ours, given, "{name}: what should have stayed was changed");
        }
    }
}

#[test]
fn invalid_requests_name_the_field() {
    let model = model("sd1", &Device::flex());
    let refused_request = |change: &dyn Fn(&mut Request)| {
        let mut request = request();
        change(&mut request);
        match pollster::block_on(model.generate(&request, &Quiet)) {
            Err(Error::InvalidRequest { field, .. }) => field,
            other => panic!("not refused: {:?}", other.map(|picture| picture.image.width)),
        }
    };
    let refused_params = |change: &dyn Fn(&mut GenerationParams)| {
        refused_request(&|request| change(&mut request.params))
    };
    let refused = |change: &dyn Fn(&mut InitImage)| {
        refused_request(&|request| change(request.init_image.as_mut().unwrap()))
    };
    for strength in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(refused_params(&|params| params.strength = strength), "strength");
    }
    // Of 4 steps, less than one would remain.
    for strength in [0.0, 0.2] {
        assert_eq!(refused_params(&|params| params.strength = strength), "strength");
    }
    assert_eq!(refused(&|init_image| init_image.image = picture(48, 24)), "image");
    assert_eq!(refused(&|init_image| init_image.image.pixels.truncate(7)), "image");
    assert_eq!(refused(&|init_image| init_image.mask = Some(Mask::white(24, 40))), "mask");
    let black = Mask::new(40, 24, &[0; 40 * 24]).unwrap();
    assert_eq!(refused(&|init_image| init_image.mask = Some(black.clone())), "mask");
    assert_eq!(refused_params(&|params| params.padding_mask_crop = Some(4)), "padding_mask_crop");
    assert_eq!(
        refused_request(&|request| {
            request.init_image.as_mut().unwrap().mask = Some(black.clone());
            request.params.padding_mask_crop = Some(4);
        }),
        "mask"
    );
}

#[test]
fn latent_consistency_model_uses_strength_for_its_schedule() {
    let model = support::model("lcm", &Device::flex());
    let mut request = request();
    request.params.strength = 0.05;
    // 50 steps were distilled: 2 of them remain, 4 are requested.
    let result = pollster::block_on(model.generate(&request, &Quiet));
    assert!(matches!(result, Err(Error::InvalidRequest { field: "strength", .. })));
}

#[test]
fn inpainting_unet_without_mask_repaints_the_whole_image() {
    let model = model("inpaint", &Device::flex());
    let mut request = request();
    let without = pollster::block_on(model.generate(&request, &Quiet)).unwrap();
    request.init_image.as_mut().unwrap().mask = Some(Mask::white(40, 24));
    let white = pollster::block_on(model.generate(&request, &Quiet)).unwrap();
    assert_eq!(without.image, white.image);
}

#[test]
fn encoding_and_taken_steps_are_reported() {
    let model = model("sd1", &Device::flex());
    let steps = |request: &Request| {
        Schedule::new(request, &model.scheduler, model.family.facts()).unwrap().timesteps().len()
    };
    let events = EventTexts::default();
    assert_eq!(steps(&request()), 3);
    pollster::block_on(model.generate(&request(), &events)).unwrap();
    assert_eq!(events.0.take(), ["encoding", "1 of 3", "2 of 3", "3 of 3", "decoding"]);
    let events = EventTexts::default();
    let params = GenerationParams { num_inference_steps: 2, ..request().params };
    let request = Request::from(params);
    pollster::block_on(model.generate(&request, &events)).unwrap();
    // PNDM takes its second step twice.
    assert_eq!(steps(&request), 3);
    assert_eq!(events.0.take(), ["1 of 3", "2 of 3", "3 of 3", "decoding"]);
}

/// Returns a request for a small image to image run.
fn request() -> Request {
    let params = GenerationParams { strength: 0.5, ..runs::params() };
    let init_image = Some(InitImage { image: picture(40, 24), mask: None });
    Request { init_image, ..Request::from(params) }
}

fn picture(width: usize, height: usize) -> RgbImage {
    let pixels = (0..width * height * 3).map(|index| (index * 37 % 256) as u8).collect();
    RgbImage { width, height, pixels }
}

/// Records the events as text.
#[derive(Default)]
struct EventTexts(RefCell<Vec<String>>);

impl Callbacks for EventTexts {
    async fn yield_now(&self) -> Result<()> {
        Ok(())
    }

    fn report(&self, event: PipelineEvent) {
        self.0.borrow_mut().push(match event {
            PipelineEvent::Encoding => "encoding".to_string(),
            PipelineEvent::Step { done, total, .. } => format!("{done} of {total}"),
            PipelineEvent::Decoding { total: 0, .. } => "decoding".to_string(),
            _ => return,
        });
    }

    fn wants_preview(&self) -> bool {
        false
    }
}
