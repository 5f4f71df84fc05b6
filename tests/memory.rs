//! Memory of models on a GPU, compared with the memory plan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use burn::tensor::Device;
use hearth::bench::{self, Case, StorageFormat, Workload};
use hearth::families::Checkpoint;
use hearth::image::RgbImage;
use hearth::params::GenerationParams;
use hearth::pipeline::{Callbacks, InitImage, PipelineEvent, Request};
use hearth::runtime::{self, Limits, Residency};
use hearth::weights::{Folder, OpenOptions, Precision};

/// Sides of the images, pixels; only the first, except in the long test.
const SIDES: [usize; 3] = [256, 384, 512];

#[test]
fn memory_plan_matches_measurement() {
    let Some(gpu) = support::gpu() else { return };
    let limits = Limits {
        gpu: true,
        f16: gpu.computes_in_f16(),
        binding: gpu.largest_binding,
        memory: None,
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/emoji");
    let folder = Rc::new(Folder::open(folder).unwrap());
    let options = OpenOptions { precision: Precision::AsStored, ..OpenOptions::default() };
    let checkpoint = pollster::block_on(Checkpoint::open(&*folder, &options)).unwrap();
    let sides = if support::is_long() { &SIDES[..] } else { &SIDES[..1] };
    let plan = |side: &usize| runtime::memory_plan(&checkpoint, [*side; 2], true, limits);
    let plans: Vec<_> = sides.iter().map(plan).collect();
    let weights = plans[0].weights;
    let (residency, mut loaded) = (Residency::All, async |_| Ok(()));
    let loading = runtime::load(checkpoint, folder, &gpu.device, limits, residency, &mut loaded);
    let model = pollster::block_on(loading).unwrap();
    pollster::block_on(gpu.sync()).unwrap();
    gpu.device.memory_cleanup();
    let held = gpu.device.memory_pool_usage().unwrap();
    let (in_use, reserved) = (held.bytes_in_use, held.bytes_reserved);
    println!("weights: {in_use} bytes in use of {reserved}, {} in the plan", weights);
    assert!(in_use.abs_diff(weights) * 100 <= weights);
    // Weights are in memory of their own size, not in half-empty pages of the pools.
    assert!(reserved * 100 <= weights * 103, "{} bytes are reserved and unused", reserved - in_use);

    for (&side, plan) in sides.iter().zip(plans) {
        gpu.device.memory_cleanup();
        let scratch = most_reserved(&model, side, &gpu.device) - weights;
        let ratio = plan.scratch as f64 / scratch as f64;
        println!("{side}²: {scratch} bytes beside them, {} in the plan, {ratio:.2}", plan.scratch);
        assert!((0.75..1.25).contains(&ratio), "{side}²: the plan said {ratio:.2} times as much");
    }
    gpu.check().unwrap();
}

/// Networks as large as people use them: nothing is computed, so that a software GPU can hold them.
#[test]
fn counted_memory_matches_pools_at_real_sizes() {
    let Some(gpu) = support::gpu() else { return };
    for name in ["sd15-unet-512", "sd15-vae-512", "sdxl-unet-1024", "sdxl-vae-1024"] {
        let case: Case = name.parse().unwrap();
        let format = StorageFormat::F16;
        let mut workload = Workload::without_weights(case, format, &gpu).unwrap();
        let measured = pollster::block_on(bench::dry_run(&mut workload, &gpu)).unwrap();
        let (reserved, counted) =
            (measured.scratch_bytes, bench::estimate(case, format, &gpu).unwrap().scratch);
        let ratio = reserved as f64 / counted as f64;
        println!("{name}: {reserved} bytes reserved, {counted} counted, {ratio:.2}");
        assert!((1.0..1.6).contains(&ratio), "{name}: {ratio:.2} times the counted are reserved");
        drop(workload);
        pollster::block_on(gpu.sync()).unwrap();
        gpu.device.memory_cleanup();
    }
}

/// Returns the bytes that the pools reserve at most while an image is made from another, so that
/// the encoder is measured too.
fn most_reserved(model: &runtime::Model<Folder>, side: usize, device: &Device) -> u64 {
    let image = RgbImage { width: side, height: side, pixels: vec![200; side * side * 3] };
    let params = GenerationParams {
        prompt: "a red apple".to_string(),
        num_inference_steps: 1,
        guidance_scale: 5.0,
        seed: 1,
        scheduler: None,
        width: side,
        height: side,
        strength: 1.0,
        ..GenerationParams::default()
    };
    let init_image = Some(InitImage { image, mask: None });
    let request = Request { init_image, ..Request::from(params) };
    let meter = Meter { device: device.clone(), most: Cell::new(0) };
    pollster::block_on(model.generate(&request, &meter)).unwrap();
    meter.most.get()
}

/// Records the largest reserved memory, read between blocks.
struct Meter {
    device: Device,
    most: Cell<u64>,
}

impl Callbacks for Meter {
    async fn yield_now(&self) -> hearth::Result<()> {
        let now = self.device.memory_pool_usage().map_or(0, |usage| usage.bytes_reserved);
        self.most.set(self.most.get().max(now));
        Ok(())
    }

    fn report(&self, _: PipelineEvent) {}

    fn wants_preview(&self) -> bool {
        false
    }
}
