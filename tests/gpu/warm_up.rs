//! Warm-up: a run needs no pipeline that the warm-up has not built.

use std::fs;
use std::path::Path;
use std::rc::Rc;

use crate::support::{self, Layers, Quiet, checkpoint};
use hearth::device::Compute;
use hearth::families::Checkpoint;
use hearth::kernels::Profile;
use hearth::params::GenerationParams;
use hearth::runtime::{self, Limits, Residency};
use hearth::weights::{Folder, OpenOptions};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

const SIDE: usize = 64;

/// One test, because a process can open the GPU only once, and during a dry run nothing is computed
/// on it.
#[test]
fn run_after_warm_up_builds_no_pipelines() {
    let Some(gpu) = support::gpu() else { return };
    text_encoder_with_120_tokens_warms_up(&gpu);
    // lcm: a UNet with guidance as an input. taesd: `AutoencoderTiny`.
    for name in ["sd1", "sd2", "sdxl", "lcm", "taesd"] {
        run_builds_no_pipelines(&gpu, name, limits(&gpu, gpu.largest_binding));
    }
    // Decoded in row tiles.
    run_builds_no_pipelines(&gpu, "sd1", limits(&gpu, Some(64 << 10)));
}

fn run_builds_no_pipelines(gpu: &Compute, name: &str, limits: Limits) {
    let source = Layers::of(name);
    let checkpoint = pollster::block_on(source.checkpoint());
    let memory = || gpu.device.memory_pool_usage().unwrap();
    pollster::block_on(gpu.sync()).unwrap();
    gpu.device.memory_cleanup();
    let before = memory();
    Profile::start(false);
    let warmed = runtime::warm_up(&checkpoint, &gpu.device, limits, &params());
    let warm = Profile::finish();
    let after = memory();
    warmed.unwrap();
    gpu.check().unwrap();
    assert!(warm.pipelines() > 5, "{name}: only {} were built", warm.pipelines());
    let left = after.bytes_in_use.saturating_sub(before.bytes_in_use);
    assert!(left <= 4096, "{name}: {left} bytes were left behind");

    let (residency, mut loaded) = (Residency::All, async |_| Ok(()));
    let source = Rc::new(source);
    let loading = runtime::load(checkpoint, source, &gpu.device, limits, residency, &mut loaded);
    let model = pollster::block_on(loading).unwrap();
    Profile::start(false);
    let picture = pollster::block_on(model.generate(&params().into(), &Quiet));
    let run = Profile::finish();
    picture.unwrap();
    assert!(run.launches() > 100, "{name}: only {} launches were counted", run.launches());
    assert_eq!(run.pipelines_not_in(&warm), 0, "{name}: pipelines were built after warming up");
    let [taken, moved] = [&warm, &run].map(bytes);
    println!("{name}: {} pipelines, {} launches", warm.pipelines(), run.launches());
    // In a warm-up kernels read and write placeholders.
    assert!(taken * 10.0 < moved, "{name}: {taken:.0} bytes were in buffers, {moved:.0} in a run");
}

fn text_encoder_with_120_tokens_warms_up(gpu: &Compute) {
    let folder = checkpoint::copy("sd1");
    for (path, key) in [
        ("text_encoder/config.json", "max_position_embeddings"),
        ("tokenizer/tokenizer_config.json", "model_max_length"),
    ] {
        let path = folder.path().join(path);
        let mut json: serde_json::Value =
            serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(json[key], 77);
        json[key] = 120.into();
        fs::write(&path, json.to_string()).unwrap();
    }
    lengthen(&folder.path().join("text_encoder/model.safetensors"), 120);
    let source = Folder::open(folder.path()).unwrap();
    let options = OpenOptions::default();
    let checkpoint = pollster::block_on(Checkpoint::open(&source, &options)).unwrap();
    let limits = limits(gpu, gpu.largest_binding);
    runtime::warm_up(&checkpoint, &gpu.device, limits, &params()).unwrap();
    gpu.check().unwrap();
}

/// Gives a text encoder's file `positions` position embeddings.
fn lengthen(path: &Path, positions: usize) {
    const NAME: &str = "text_model.embeddings.position_embedding.weight";
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let old = file.tensor(NAME).unwrap();
    let width = old.shape()[1];
    let zeros = vec![0; positions * width * old.dtype().bitsize() / 8];
    let new = TensorView::new(old.dtype(), vec![positions, width], &zeros).unwrap();
    let tensors: Vec<_> = file.tensors().into_iter().filter(|(name, _)| name != NAME).collect();
    let all = tensors.into_iter().chain([(NAME.to_string(), new)]);
    fs::write(path, safetensors::serialize(all, None).unwrap()).unwrap();
}

/// Returns the bytes of the operands of all launches.
fn bytes(profile: &Profile) -> f64 {
    profile.kernels.values().map(|launches| launches.bytes).sum()
}

fn limits(gpu: &Compute, binding: Option<u64>) -> Limits {
    Limits { binding, memory: None, gpu: true, f16: gpu.computes_in_f16() }
}

fn params() -> GenerationParams {
    GenerationParams {
        prompt: "a red apple".to_string(),
        num_inference_steps: 3,
        guidance_scale: 4.0,
        width: SIDE,
        height: SIDE,
        ..GenerationParams::default()
    }
}
