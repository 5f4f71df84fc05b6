//! Memory of a model on a GPU, compared with its memory plan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use burn::tensor::Device;
use hearth::families::Checkpoint;
use hearth::image::RgbImage;
use hearth::params::GenerationParams;
use hearth::pipeline::{Callbacks, InitImage, PipelineEvent, Request};
use hearth::runtime::{self, Limits, Residency};
use hearth::weights::{Folder, OpenOptions, Precision};

const SIDE: usize = 384;

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
    let plan = runtime::memory_plan(&checkpoint, [SIDE; 2], true, limits);
    let (residency, mut loaded) = (Residency::All, async |_| Ok(()));
    let loading = runtime::load(checkpoint, folder, &gpu.device, limits, residency, &mut loaded);
    let model = pollster::block_on(loading).unwrap();
    pollster::block_on(gpu.sync()).unwrap();
    gpu.device.memory_cleanup();
    let held = gpu.device.memory_pool_usage().unwrap();
    let (in_use, reserved) = (held.bytes_in_use, held.bytes_reserved);
    println!("weights: {in_use} bytes in use of {reserved}, {} in the plan", plan.weights);
    assert!(in_use.abs_diff(plan.weights) * 100 <= plan.weights);
    // Weights are in memory of their own size, not in half-empty pages of the pools.
    assert!(
        reserved * 100 <= plan.weights * 103,
        "{} bytes are reserved and unused",
        reserved - in_use
    );

    // With an init image, so that the encoder is measured too.
    let image = RgbImage { width: SIDE, height: SIDE, pixels: vec![200; SIDE * SIDE * 3] };
    let init_image = InitImage { image, mask: None };
    let params = GenerationParams {
        prompt: "a red apple".to_string(),
        num_inference_steps: 1,
        guidance_scale: 5.0,
        seed: 1,
        scheduler: None,
        width: SIDE,
        height: SIDE,
        strength: 1.0,
        ..GenerationParams::default()
    };
    let request = Request { params, init_image: Some(init_image) };
    let meter = Meter { device: gpu.device.clone(), most: Cell::new(0) };
    pollster::block_on(model.generate(&request, &meter)).unwrap();
    gpu.check().unwrap();
    let scratch = meter.most.get() - plan.weights;
    let ratio = plan.scratch as f64 / scratch as f64;
    println!("beside them: {scratch} bytes at most, {} in the plan, {ratio:.2}", plan.scratch);
    assert!((0.85..1.2).contains(&ratio), "the plan said {ratio} times as much");
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
