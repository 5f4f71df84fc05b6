//! Previews of a run.

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
fn tiny_autoencoder_previews_equal_decoded_images() {
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
    // Four pixels per latent here, eight there: the same latents. In Euler's last step the
    // predicted x₀ is the result.
    let callbacks = PreviewRecorder::default();
    pollster::block_on(sd1.generate(&request(40, 24), &callbacks)).unwrap();
    let picture = pollster::block_on(model("taesd", &device).generate(&request(80, 48), &Quiet));
    let previews = callbacks.previews.take();
    assert_eq!(previews.len(), 3);
    assert_eq!(previews[2], picture.unwrap().image);
    assert_ne!(previews[0], previews[2]);
}

#[test]
fn families_with_known_latents_have_previews() {
    // The tiny sd2 has a scaling factor that no published model has.
    for (name, look) in [("sd1", true), ("sdxl", true), ("taesd", true), ("sd2", false)] {
        assert_eq!(model(name, &Device::flex()).preview.is_some(), look, "{name}");
    }
}

#[test]
fn preview_without_tiny_autoencoder_has_one_pixel_per_latent() {
    let callbacks = PreviewRecorder::default();
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

/// Records every preview.
#[derive(Default)]
struct PreviewRecorder {
    previews: RefCell<Vec<RgbImage>>,
}

impl Callbacks for PreviewRecorder {
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
