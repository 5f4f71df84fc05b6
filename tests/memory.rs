//! What a model takes of a GPU's memory, against what the plan said before it was loaded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use burn::tensor::Device;
use hearth::engine::{self, Limits, Residence};
use hearth::image::RgbImage;
use hearth::params::GenerationParams;
use hearth::pipeline::{Event, Host, Request, Start};
use hearth::weights::{Checkpoint, Folder, OpenOptions, Precision};

const SIDE: usize = 384;

#[test]
fn the_plan_comes_true() {
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
    let plan = engine::plan(&checkpoint, [SIDE; 2], true, limits);
    let (residence, mut loaded) = (Residence::All, async |_| Ok(()));
    let loading = engine::load(checkpoint, folder, &gpu.device, limits, residence, &mut loaded);
    let model = pollster::block_on(loading).unwrap();
    pollster::block_on(gpu.settle()).unwrap();
    gpu.device.memory_cleanup();
    let held = gpu.device.memory_pool_usage().unwrap();
    let (in_use, reserved) = (held.bytes_in_use, held.bytes_reserved);
    println!("weights: {in_use} bytes in use of {reserved}, {} in the plan", plan.weights);
    assert!(in_use.abs_diff(plan.weights) * 100 <= plan.weights);
    // They lie in memory of their own size, not in pages that computing would have left half empty.
    assert!(reserved * 100 <= plan.weights * 103, "{} bytes lie idle", reserved - in_use);

    // A picture to begin with, so that the encoder is measured too.
    let image = RgbImage { width: SIDE, height: SIDE, pixels: vec![200; SIDE * SIDE * 3] };
    let start = Start { image, mask: None };
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
    let request = Request { params, start: Some(start) };
    let meter = Meter { device: gpu.device.clone(), most: Cell::new(0) };
    pollster::block_on(model.generate(&request, &meter)).unwrap();
    gpu.check().unwrap();
    let scratch = meter.most.get() - plan.weights;
    let ratio = plan.scratch as f64 / scratch as f64;
    println!("beside them: {scratch} bytes at most, {} in the plan, {ratio:.2}", plan.scratch);
    assert!((0.85..1.2).contains(&ratio), "the plan said {ratio} times as much");
}

/// Looks between any two blocks how much the device holds.
struct Meter {
    device: Device,
    most: Cell<u64>,
}

impl Host for Meter {
    async fn breathe(&self) -> hearth::Result<()> {
        let now = self.device.memory_pool_usage().map_or(0, |usage| usage.bytes_reserved);
        self.most.set(self.most.get().max(now));
        Ok(())
    }

    fn report(&self, _: Event) {}

    fn wants_preview(&self) -> bool {
        false
    }
}
