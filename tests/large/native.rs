//! Full-size SD 1.5 against diffusers, natively: `make test-large` makes the weights and names their
//! folder in HEARTH_LARGE. Prints what loading costs in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;

use burn::tensor::Device;
use hearth::families::Checkpoint;
use hearth::params::GenerationParams;
use hearth::pipeline::{PipelineOutput, Request};
use hearth::runtime::{self, format_bytes};
use hearth::weights::{Folder, OpenOptions};
use safetensors::SafeTensors;
use support::{Limits, Quiet, Tolerance, bytes_to_f32, load, values};

/// `reference.py` asks diffusers for the same.
fn request() -> Request {
    Request::from(GenerationParams {
        prompt: "a red apple on a blue background".to_string(),
        num_inference_steps: 1,
        guidance_scale: 1.0,
        seed: 1,
        scheduler: None,
        width: 64,
        height: 64,
        ..GenerationParams::default()
    })
}

#[test]
fn full_size_weights_equal_the_reference_on_the_cpu() {
    let device = Device::flex();
    let folder = open("sd15");
    let scheduler = folder.1.scheduler.clone();
    let from_folder = run(folder, &device);
    compare(&from_folder, support::CPU, "folder, CPU");
    // The same weights in one file; its preset has another schedule.
    let (source, mut single) = open("sd15-single.safetensors");
    single.scheduler = scheduler;
    let from_file = run((source, single), &device);
    assert_eq!(values(from_file.latents), values(from_folder.latents));
}

#[test]
fn full_size_weights_equal_the_reference_on_the_gpu() {
    let Some(gpu) = support::gpu() else { return };
    let (source, checkpoint) = open("sd15");
    let weights =
        runtime::memory_plan(&checkpoint, [64, 64], false, runtime::Limits::typical_gpu()).weights;
    let model = load(source, checkpoint, &gpu.device);
    pollster::block_on(gpu.sync()).unwrap();
    let usage = gpu.device.memory_pool_usage().unwrap();
    let (used, reserved) = (usage.bytes_in_use, usage.bytes_reserved);
    println!(
        "GPU after loading: {} in use, {} reserved, for {} of weights: {:.3}",
        format_bytes(used),
        format_bytes(reserved),
        format_bytes(weights),
        reserved as f64 / weights as f64
    );
    assert!(reserved as f64 <= 1.1 * weights as f64);
    let picture = pollster::block_on(model.generate(&request(), &Quiet)).unwrap();
    gpu.check().unwrap();
    compare(&picture, support::GPU, "folder, GPU");
}

fn large(name: &str) -> PathBuf {
    let home =
        std::env::var_os("HEARTH_LARGE").expect("HEARTH_LARGE names a folder; make test-large");
    PathBuf::from(home).join(name)
}

fn open(name: &str) -> (Folder, Checkpoint) {
    let source = Folder::open(large(name)).unwrap();
    let options = OpenOptions::with_vocabulary();
    let checkpoint = pollster::block_on(Checkpoint::open(&source, &options)).unwrap();
    (source, checkpoint)
}

fn run((source, checkpoint): (Folder, Checkpoint), device: &Device) -> PipelineOutput {
    let model = load(source, checkpoint, device);
    pollster::block_on(model.generate(&request(), &Quiet)).unwrap()
}

fn compare(picture: &PipelineOutput, limits: Limits, what: &str) {
    let bytes = std::fs::read(large("sd15.safetensors")).unwrap();
    let reference = SafeTensors::deserialize(&bytes).unwrap();
    let golden = |key: &str| bytes_to_f32(reference.tensor(key).unwrap().data());
    let mut tolerance = Tolerance::new(limits);
    tolerance.check("latents", &values(picture.latents.clone()), &golden("latents"));
    tolerance.finish(what);
    let golden = golden("picture");
    assert_eq!(picture.image.pixels.len(), golden.len());
    for (ours, golden) in picture.image.pixels.iter().zip(golden) {
        let error = (f32::from(*ours) - golden * 255.0).abs();
        assert!(error < 1.0, "{ours} instead of {}", golden * 255.0);
    }
}
