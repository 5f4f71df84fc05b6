//! Models with fewer or other blocks, compared with diffusers.
//!
//! They run on the CPU, and on a GPU if there is one.

use burn::tensor::Device;
use hearth::Error;
use hearth::model::{Component, NetworkConfig};
use hearth::runtime;
use serde_json::{Value, json};

use crate::support::Layers;
use crate::{components, pipeline, support};

const NAME: &str = "structures";

fn is_run(case: &Value) -> bool {
    case["component"] == "pipeline"
}

#[test]
fn networks_and_runs_equal_diffusers_on_cpu() {
    let device = Device::flex();
    components::compare(NAME, (&device, support::CPU, "CPU"), |case| !is_run(case));
    pipeline::compare(NAME, (&device, support::CPU, "CPU"), is_run);
}

#[test]
fn networks_and_runs_equal_diffusers_on_gpu() {
    let Some(gpu) = support::gpu() else { return };
    // One without a middle block and one with uneven depths; in the long test all.
    let short = ["bk_sdm_tiny", "ssd_1b"];
    let chosen = |case: &Value| {
        !is_run(case) && (support::is_long() || short.iter().any(|model| case["model"] == *model))
    };
    components::compare(NAME, (&gpu.device, support::GPU, "GPU"), chosen);
    gpu.check().unwrap();
}

#[test]
fn sdxs_defaults_are_one_step_without_guidance() {
    let models = [("sdxs", true), ("sdxs_0_9", true), ("bk_sdm_small", false), ("ssd_1b", false)];
    for (name, is_sdxs) in models {
        let mut checkpoint = pollster::block_on(Layers::of(name).checkpoint());
        // As SDXS is published.
        checkpoint.scheduler.class_name = Some("DEISMultistepScheduler".to_string());
        let params = runtime::default_params(&checkpoint, "");
        let scheduler = params.scheduler.unwrap().as_str();
        let expected = if is_sdxs { (1, 1.0, "ddim-trailing") } else { (20, 7.5, "deis") };
        let found = (params.num_inference_steps, params.guidance_scale, scheduler);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn depths_that_do_not_match_blocks_are_errors() {
    let config = |name: &str| -> Value {
        serde_json::from_slice(&support::read(&format!("{name}/unet/config.json"))).unwrap()
    };
    let refused = |name: &str, field: &str, value: Value| {
        let mut config = config(name);
        config[field] = value;
        let (kind, json) = (Component::UNET.kind, config.to_string());
        match NetworkConfig::from_json(kind, json.as_bytes(), "unet/config.json") {
            Err(Error::InvalidConfig { reason, .. }) => reason.to_string(),
            other => panic!("{field} = {}: {}", config[field], other.is_ok()),
        }
    };
    let (down, up) = ("transformer_layers_per_block", "reverse_transformer_layers_per_block");
    // A list for each layer needs one for the up blocks, and each the right number of entries.
    assert!(refused("ssd_1b", up, Value::Null).starts_with(up));
    assert!(refused("ssd_1b", down, json!([1, [2, 2]])).ends_with("a list of 3"));
    assert!(refused("ssd_1b", down, json!([1, [2], [4, 4]])).ends_with("a list of 2"));
    assert!(refused("ssd_1b", up, json!([[4, 4], [2, 1, 1], 1])).ends_with("a list of 3"));
    // A block with attention needs a depth.
    assert!(refused("ssd_1b", down, json!([1, [2, 0], [4, 4]])).contains("out of range"));
    assert!(refused("ssd_1b", up, json!([[4, 4, 10], 0, 1])).contains("out of range"));
    assert!(refused("sdxl", down, json!([0, 1, 0])).contains("out of range"));
    assert!(refused("ssd_1b", down, json!([1, [99, 99], [4, 4]])).contains("out of range"));
    assert!(refused("sdxs_0_9", "only_cross_attention", json!([true, false])).ends_with("of 3"));
}
