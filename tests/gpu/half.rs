//! Images computed in f16, compared with f32.

use std::path::Path;

use crate::support::{self, Limits, Quiet, Tolerance, load, values};
use burn::tensor::{DType, Device};
use hearth::families::Checkpoint;
use hearth::params::GenerationParams;
use hearth::pipeline::{PipelineOutput, Request};
use hearth::weights::{Folder, OpenOptions, Precision};

#[test]
fn bundled_model_in_f16_gives_nearly_the_same_image() {
    let Some(gpu) = support::gpu() else { return };
    if !gpu.device.supports_dtype(DType::F16) {
        println!("skipped: {} does not compute in f16", gpu.name);
        return;
    }
    let half = picture(&gpu.device, Precision::AsStored);
    let full = picture(&Device::flex(), Precision::Full);
    gpu.check().unwrap();

    let mut latents = Tolerance::new(Limits::new(5e-2, 0.9995));
    latents.check("latents", &values(half.latents), &values(full.latents));
    latents.finish("f16 beside f32");
    let differences = half.image.pixels.iter().zip(&full.image.pixels).map(|(a, b)| a.abs_diff(*b));
    let mean = differences.clone().map(f64::from).sum::<f64>() / full.image.pixels.len() as f64;
    println!("pictures differ by {mean:.2} of 255 in the mean");
    assert!(mean < 2.0, "the pictures differ by {mean} of 255");
    assert!(differences.clone().any(|d| d > 0), "f16 changed nothing: was it computed in f32?");
}

fn picture(device: &Device, precision: Precision) -> PipelineOutput {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/emoji");
    let source = Folder::open(&path).unwrap();
    let options = OpenOptions { precision, ..OpenOptions::default() };
    let checkpoint = pollster::block_on(Checkpoint::open(&source, &options)).unwrap();
    let request = Request::from(GenerationParams {
        prompt: checkpoint.model_card.default_prompt.clone(),
        num_inference_steps: 6,
        guidance_scale: checkpoint.model_card.guidance_scale.unwrap_or(7.5),
        seed: 1,
        scheduler: None,
        width: 128,
        height: 128,
        ..GenerationParams::default()
    });
    let model = load(source, checkpoint, device);
    pollster::block_on(model.generate(&request, &Quiet)).unwrap()
}
