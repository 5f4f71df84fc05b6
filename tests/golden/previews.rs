//! What is seen while a picture is made.

use std::cell::RefCell;

use crate::support::{Quiet, golden, model};
use burn::tensor::Device;
use hearth::Result;
use hearth::image::RgbImage;
use hearth::params::GenerationParams;
use hearth::pipeline::{Callbacks, PipelineEvent, Request};
use hearth::runtime;
use hearth::scheduler::SamplerName;
use hearth::weights::Folder;

#[test]
fn a_tiny_autoencoder_beside_the_model_shows_what_it_would_make_as_the_models_own() {
    let device = Device::flex();
    let mut sd1 = model("sd1", &device);
    let source = Folder::open(golden("taesd/vae")).unwrap();
    let mut loaded = async |_| Ok(());
    let tiny = pollster::block_on(runtime::load_preview(
        &source,
        &device,
        runtime::Limits::default(),
        &mut loaded,
    ));
    sd1.preview = Some(tiny.unwrap());
    // Four pixels per latent here, eight there: the same latents. Of Euler's last step the guess is
    // the result.
    let callbacks = Watcher::default();
    pollster::block_on(sd1.generate(&request(40, 24), &callbacks)).unwrap();
    let picture = pollster::block_on(model("taesd", &device).generate(&request(80, 48), &Quiet));
    let previews = callbacks.previews.take();
    assert_eq!(previews.len(), 3);
    assert_eq!(previews[2], picture.unwrap().image);
    assert_ne!(previews[0], previews[2]);
}

#[test]
fn every_usual_kind_of_latents_has_a_look() {
    // The tiny sd2 has a scaling factor that no published model has.
    for (name, look) in [("sd1", true), ("sdxl", true), ("taesd", true), ("sd2", false)] {
        assert_eq!(model(name, &Device::flex()).preview.is_some(), look, "{name}");
    }
}

#[test]
fn without_a_tiny_autoencoder_a_preview_has_a_pixel_per_latent() {
    let callbacks = Watcher::default();
    let sdxl = model("sdxl", &Device::flex());
    pollster::block_on(sdxl.generate(&request(40, 24), &callbacks)).unwrap();
    for preview in callbacks.previews.take() {
        assert_eq!((preview.width, preview.height), (10, 6));
    }
}

fn request(width: usize, height: usize) -> Request {
    Request::from(GenerationParams {
        prompt: "a red apple".to_string(),
        num_inference_steps: 3,
        guidance_scale: 5.0,
        seed: 5,
        scheduler: Some(SamplerName::Euler.into()),
        width,
        height,
        ..GenerationParams::default()
    })
}

/// Keeps every preview.
#[derive(Default)]
struct Watcher {
    previews: RefCell<Vec<RgbImage>>,
}

impl Callbacks for Watcher {
    async fn yield_now(&self) -> Result<()> {
        Ok(())
    }

    fn report(&self, event: PipelineEvent) {
        if let PipelineEvent::Step { preview: Some(preview), .. } = event {
            self.previews.borrow_mut().push(preview);
        }
    }

    fn wants_preview(&self) -> bool {
        true
    }
}
