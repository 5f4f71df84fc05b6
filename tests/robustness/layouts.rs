//! Layouts of a checkpoint folder, supported and refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::checkpoint::{copy, rewrite};
use crate::support::{self, Quiet, load, values};
use burn::tensor::Device;
use hearth::Error;
use hearth::error::Id;
use hearth::families::Checkpoint;
use hearth::model::Component;
use hearth::params::GenerationParams;
use hearth::pipeline::Request;
use hearth::runtime::{self, inspect};
use hearth::scheduler::SamplerName;
use hearth::weights::{Folder, OpenOptions};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::json;
use tempfile::TempDir;

const UNET: &str = "unet/diffusion_pytorch_model.safetensors";
const HALF: &str = "unet/diffusion_pytorch_model.fp16.safetensors";

#[test]
fn smaller_of_two_precisions_is_used_unless_full_is_requested() {
    let folder = copy("sd1");
    fs::copy(folder.path().join(UNET), folder.path().join(HALF)).unwrap();
    rewrite(&folder, HALF, |tensors| {
        for (dtype, _, bytes) in tensors.values_mut() {
            let halves = support::bytes_to_f32(bytes).into_iter().map(half::f16::from_f32);
            (*dtype, *bytes) = (Dtype::F16, halves.flat_map(half::f16::to_le_bytes).collect());
        }
    });
    let taken = |full_precision| {
        let checkpoint = open(&folder, &OpenOptions { full_precision, ..Default::default() });
        let tensors = &checkpoint.unwrap().components[&Component::UNET].tensors;
        (tensors.files().into_iter().map(str::to_string).collect::<Vec<_>>(), tensors.dtypes())
    };
    assert_eq!(taken(false), (vec![HALF.to_string()], ["F16".to_string()].into()));
    assert_eq!(taken(true), (vec![UNET.to_string()], ["F32".to_string()].into()));
    // The available one is used, whatever was requested.
    fs::remove_file(folder.path().join(UNET)).unwrap();
    assert_eq!(taken(true).0, [HALF]);
}

#[test]
fn shards_give_the_same_image_as_one_file() {
    let whole = copy("sd1");
    let sharded = copy("sd1");
    let map = shard(&sharded, UNET, 3);
    fs::remove_file(sharded.path().join(UNET)).unwrap();
    let list = sharded.path().join(format!("{UNET}.index.json"));
    fs::write(&list, json!({ "metadata": {}, "weight_map": map }).to_string()).unwrap();

    let checkpoint = open(&sharded, &OpenOptions::default()).unwrap();
    assert_eq!(checkpoint.components[&Component::UNET].tensors.files().len(), 3);
    assert_eq!(latents(&sharded), latents(&whole));

    fs::remove_file(sharded.path().join("unet/part-2.safetensors")).unwrap();
    match open(&sharded, &OpenOptions::default()).map(|_| ()) {
        Err(Error::MissingFile { path, .. }) => assert_eq!(path, "unet/part-2.safetensors"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn shard_list_cannot_leave_the_folder() {
    for name in ["../../secret.safetensors", "/etc/passwd", "a.bin", "b\\c.safetensors"] {
        let folder = copy("sd1");
        fs::remove_file(folder.path().join(UNET)).unwrap();
        let list = json!({ "weight_map": { "conv_in.bias": name } });
        fs::write(folder.path().join(format!("{UNET}.index.json")), list.to_string()).unwrap();
        let error = open(&folder, &OpenOptions::default()).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "invalid-config", "{name}: {error}");
    }
}

#[test]
fn pickled_weights_are_error_with_remedy() {
    for (stem, bin) in [
        ("unet/diffusion_pytorch_model", "unet/diffusion_pytorch_model.bin"),
        ("text_encoder/model", "text_encoder/pytorch_model.bin"),
    ] {
        let folder = copy("sd1");
        let file = folder.path().join(format!("{stem}.safetensors"));
        fs::rename(file, folder.path().join(bin)).unwrap();
        let error = open(&folder, &OpenOptions::default()).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "not-a-checkpoint");
        let sentence = error.to_string();
        assert!(sentence.contains(bin) && sentence.contains(".safetensors"), "{sentence}");
    }
}

#[test]
fn inspection_lists_all_problems() {
    let folder = copy("sd1");
    fs::remove_file(folder.path().join("vae/diffusion_pytorch_model.safetensors")).unwrap();
    fs::write(folder.path().join("scheduler/scheduler_config.json"), "{").unwrap();
    rewrite(&folder, UNET, |tensors| drop(tensors.remove("conv_in.bias")));
    let source = Folder::open(folder.path()).unwrap();
    let found = pollster::block_on(inspect(&source, &OpenOptions::default()));
    assert!(found.checkpoint.is_none());
    for wrong in ["vae/diffusion_pytorch_model", "scheduler_config.json", "conv_in.bias"] {
        let tells = |problem: &&Error| problem.to_string().contains(wrong);
        let count = found.problems.iter().filter(tells).count();
        assert_eq!(count, 1, "{wrong}: {:#?}", found.problems);
    }
}

#[test]
fn unsupported_scheduler_is_replaced_and_reported() {
    let folder = copy("sd1");
    let file = folder.path().join("scheduler/scheduler_config.json");
    let config = fs::read_to_string(&file).unwrap();
    fs::write(&file, config.replace("PNDMScheduler", "UniPCMultistepScheduler")).unwrap();
    let source = Folder::open(folder.path()).unwrap();
    let found = pollster::block_on(inspect(&source, &OpenOptions::default()));
    let usual = runtime::default_params(&found.checkpoint.unwrap(), "");
    assert_eq!(usual.scheduler, Some(SamplerName::DpmSolverMultistep.into()));
    let [Error::Unsupported { what, remedy, .. }] = found.problems.as_slice() else {
        panic!("{:?}", found.problems)
    };
    assert_eq!(what.to_string(), "UniPCMultistepScheduler");
    assert_eq!(remedy.to_string(), "DPM-Solver++ 2M takes its place");
}

#[test]
fn inspection_counts_components() {
    let folder = copy("sd2");
    let source = Folder::open(folder.path()).unwrap();
    let found = pollster::block_on(inspect(&source, &OpenOptions::default()));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let row = |term: Id| {
        let found = found.rows.iter().find(|(id, _)| *id == term);
        found.unwrap().1.to_string()
    };

    let bytes = fs::read(folder.path().join(UNET)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let count: usize = file.tensors().iter().map(|(_, view)| view.data().len() / 4).sum();
    let millions = format!("{:.1} M parameters", count as f64 / 1e6);
    let unet = row(Id::term_unet);
    assert!(unet.contains(&millions), "{unet} instead of {millions}");
    assert!(row(Id::term_scheduler).contains("velocity"));
    assert_eq!(row(Id::term_own_size), "96 × 96 pixels");
}

/// Splits a weight file into `parts` in the same folder. Returns the shard of each tensor.
fn shard(folder: &TempDir, path: &str, parts: usize) -> BTreeMap<String, String> {
    let bytes = fs::read(folder.path().join(path)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut map = BTreeMap::new();
    for part in 0..parts {
        let name = format!("part-{part}.safetensors");
        let chosen = file.iter().enumerate().filter(|(index, _)| index % parts == part);
        let views: Vec<(String, TensorView)> =
            chosen.map(|(_, (key, view))| (key.to_string(), view)).collect();
        map.extend(views.iter().map(|(key, _)| (key.clone(), name.clone())));
        let target = Path::new(path).parent().unwrap().join(&name);
        let saved = safetensors::serialize(views, None).unwrap();
        fs::write(folder.path().join(target), saved).unwrap();
    }
    map
}

fn open(folder: &TempDir, options: &OpenOptions) -> hearth::Result<Checkpoint> {
    let source = Folder::open(folder.path())?;
    pollster::block_on(Checkpoint::open(&source, options))
}

fn latents(folder: &TempDir) -> Vec<f32> {
    let source = Folder::open(folder.path()).unwrap();
    let request = Request::from(GenerationParams {
        prompt: "a red apple".to_string(),
        num_inference_steps: 2,
        guidance_scale: 3.0,
        seed: 5,
        scheduler: None,
        width: 32,
        height: 32,
        ..GenerationParams::default()
    });
    let checkpoint = pollster::block_on(Checkpoint::open(&source, &OpenOptions::default()));
    let model = load(source, checkpoint.unwrap(), &Device::flex());
    values(pollster::block_on(model.generate(&request, &Quiet)).unwrap().latents)
}
