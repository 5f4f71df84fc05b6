//! Pipelines are there before the weights: a picture needs none that warming up has not built.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use hearth::engine;
use hearth::kernels::Tally;
use hearth::pipeline::Request;
use support::{Layers, Quiet, load};

#[test]
fn a_picture_needs_no_pipeline_that_is_not_there() {
    let Some(gpu) = support::gpu() else { return };
    for name in ["sd1", "sd2", "sdxl"] {
        let source = Layers::of(name);
        let checkpoint = pollster::block_on(source.checkpoint());
        let request = Request {
            prompt: "a red apple".to_string(),
            negative_prompt: String::new(),
            num_inference_steps: 3,
            guidance_scale: 4.0,
            seed: 0,
            scheduler: None,
            width: 64,
            height: 64,
            eta: 0.0,
            clip_skip: 0,
            start: None,
        };
        let before = gpu.device.memory_pool_usage().unwrap().bytes_in_use;
        Tally::begin(false);
        engine::warm_up(&checkpoint, &gpu.device, [64, 64], 3, true);
        let warm = Tally::end();
        let after = gpu.device.memory_pool_usage().unwrap().bytes_in_use;
        assert!(warm.pipelines() > 5, "{name}: only {} were built", warm.pipelines());
        assert!(after <= before + 4096, "{name}: {} bytes were left behind", after - before);

        let model = load(source, checkpoint, &gpu.device);
        Tally::begin(false);
        let picture = pollster::block_on(model.generate(&request, &Quiet));
        let run = Tally::end();
        picture.unwrap();
        assert!(run.launches() > 100, "{name}: only {} launches were counted", run.launches());
        assert_eq!(warm.misses(&run), 0, "{name}: pipelines were built after warming up");
        println!("{name}: {} pipelines, {} launches", warm.pipelines(), run.launches());
    }
}
