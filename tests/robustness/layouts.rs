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
use hearth::runtime::{self, Model, inspect};
use hearth::scheduler::SamplerName;
use hearth::weights::{Folder, OpenOptions, Prediction};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Value, json};
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
    fs::write(&file, config.replace("PNDMScheduler", "SASolverScheduler")).unwrap();
    let source = Folder::open(folder.path()).unwrap();
    let found = pollster::block_on(inspect(&source, &OpenOptions::default()));
    let usual = runtime::default_params(&found.checkpoint.unwrap(), "");
    assert_eq!(usual.scheduler, Some(SamplerName::DpmSolverMultistep.into()));
    let [Error::Unsupported { what, remedy, .. }] = found.problems.as_slice() else {
        panic!("{:?}", found.problems)
    };
    assert_eq!(what.to_string(), "SASolverScheduler");
    assert_eq!(remedy.to_string(), "DPM++ 2M takes its place");
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

#[test]
fn replaced_weights_are_named() {
    let cases: [(&[u8], &str); 4] = [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:6ce0\nsize 3438167540\n",
            "git lfs pull",
        ),
        (b"<!doctype html>\n<html><head></head></html>\n", "a web page"),
        (b"Entry not found", "not found"),
        (b"PK\x03\x04\0\0\0\0archive/data.pkl", "pickle"),
    ];
    for (bytes, words) in cases {
        let folder = copy("sd1");
        fs::write(folder.path().join(UNET), bytes).unwrap();
        let error = open(&folder, &OpenOptions::default()).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "not-a-checkpoint", "{error}");
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert!(error.to_string().contains(UNET), "{error}");
    }
    // Configs, too.
    let folder = copy("sd1");
    fs::write(
        folder.path().join("tokenizer/merges.txt"),
        "version https://git-lfs.github.com/spec/v1\n",
    )
    .unwrap();
    let error = open(&folder, &OpenOptions::default()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("git lfs pull"), "{error}");
}

/// Changes fields of a JSON file; `null` stays `null`.
fn change(folder: &TempDir, path: &str, fields: Value) {
    let path = folder.path().join(path);
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    fs::write(&path, config.to_string()).unwrap();
}

/// diffusers opens all of them, with the results of the plain model.
#[test]
fn folders_that_diffusers_opens_are_opened() {
    const TEXT: &str = "text_encoder/model.safetensors";
    let plain = latents(&copy("sd1"));
    let same = |folder: &TempDir| latents(folder) == plain;
    let tensor = |shape: &[usize]| {
        (Dtype::F32, shape.to_vec(), vec![0; 4 * shape.iter().product::<usize>()])
    };

    let with_projection = copy("sd1");
    rewrite(&with_projection, TEXT, |tensors| {
        tensors.insert("text_projection.weight".to_string(), tensor(&[512, 24]));
    });
    assert!(same(&with_projection), "a projection that is not used");

    let whole_clip = copy("sd1");
    let path = whole_clip.path().join("text_encoder/config.json");
    let config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let nested =
        json!({ "architectures": ["CLIPModel"], "model_type": "clip", "text_config": config });
    fs::write(&path, nested.to_string()).unwrap();
    rewrite(&whole_clip, TEXT, |tensors| {
        for (key, shape) in [
            ("logit_scale", &[][..]),
            ("text_projection.weight", &[24, 24]),
            ("visual_projection.weight", &[24, 8]),
            ("vision_model.post_layernorm.bias", &[8]),
        ] {
            tensors.insert(key.to_string(), tensor(shape));
        }
    });
    assert!(same(&whole_clip), "a whole CLIP");

    let larger = copy("sd1");
    change(
        &larger,
        "tokenizer/tokenizer_config.json",
        json!({ "added_tokens_decoder": {
            "687": { "content": "<|startoftext|>", "normalized": true, "special": true },
            "688": { "content": "<|endoftext|>", "normalized": true, "special": true },
            "689": { "content": "<unused>", "normalized": false, "special": true },
        }}),
    );
    assert!(same(&larger), "a token that no prompt uses");
    let request = Request::from(GenerationParams { prompt: "a <unused>".to_string(), ..small() });
    let run = model(&larger);
    let error = pollster::block_on(run.generate(&request, &Quiet)).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("vocab_size"), "{error}");

    for (path, fields) in [
        ("unet/config.json", json!({ "only_cross_attention": [false, false, false] })),
        ("vae/config.json", json!({ "shift_factor": 0.0, "latents_mean": [0.0, 0, 0, 0] })),
        (
            "model_index.json",
            json!({ "force_zeros_for_empty_prompt": null, "requires_aesthetics_score": null }),
        ),
    ] {
        let folder = copy("sd1");
        change(&folder, path, fields.clone());
        assert!(same(&folder), "{fields}");
    }

    let xl = copy("sdxl");
    let before = latents(&xl);
    change(&xl, "text_encoder_2/config.json", json!({ "architectures": null }));
    assert_eq!(latents(&xl), before);
}

#[test]
fn prediction_type_of_the_user_counts_for_folders() {
    let folder = copy("sd1");
    let prediction = |prediction| {
        let options = OpenOptions { prediction, ..OpenOptions::default() };
        open(&folder, &options).unwrap().scheduler.prediction_type
    };
    assert_ne!(prediction(None).as_deref(), Some("v_prediction"));
    assert_eq!(prediction(Some(Prediction::VPrediction)).as_deref(), Some("v_prediction"));
}

#[test]
fn scheduler_with_unsupported_option_is_replaced_and_reported() {
    for fields in [
        json!({ "algorithm_type": "sde-dpmsolver++", "use_karras_sigmas": true }),
        json!({ "algorithm_type": "dpmsolver++", "solver_order": 3 }),
    ] {
        let folder = copy("sd1");
        change(
            &folder,
            "scheduler/scheduler_config.json",
            json!({ "_class_name": "DPMSolverMultistepScheduler" }),
        );
        change(&folder, "scheduler/scheduler_config.json", fields.clone());
        let source = Folder::open(folder.path()).unwrap();
        let found = pollster::block_on(inspect(&source, &OpenOptions::default()));
        assert_eq!(found.problems.len(), 1, "{fields}");
        let used = runtime::default_params(&found.checkpoint.unwrap(), "").scheduler.unwrap();
        let mut request = Request::from(small());
        request.params.scheduler = Some(used);
        pollster::block_on(model(&folder).generate(&request, &Quiet)).unwrap();
    }
}

/// A sheet that leaves something open leaves it open: a turbo model with a name only.
#[test]
fn model_card_leaves_open_what_it_does_not_state() {
    let folder = copy("sd1");
    let euler = json!({ "_class_name": "EulerDiscreteScheduler", "timestep_spacing": "trailing" });
    change(&folder, "scheduler/scheduler_config.json", euler);
    fs::write(folder.path().join("hearth.json"), r#"{"default_prompt": "a cat"}"#).unwrap();
    let usual = |name: &str| {
        let checkpoint = open(&folder, &OpenOptions::default()).unwrap();
        let params = runtime::default_params(&checkpoint, name);
        (params.num_inference_steps, params.guidance_scale, params.prompt)
    };
    assert_eq!(usual("sd-turbo"), (4, 1.0, "a cat".to_string()));
    // Trailing timesteps alone do not make a model of few steps.
    assert_eq!(usual("my model"), (20, 7.5, "a cat".to_string()));
    fs::write(folder.path().join("hearth.json"), r#"{"num_inference_steps": 2}"#).unwrap();
    assert_eq!(usual("sd-turbo"), (2, 1.0, String::new()));
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

fn small() -> GenerationParams {
    GenerationParams {
        prompt: "a red apple".to_string(),
        num_inference_steps: 2,
        guidance_scale: 3.0,
        seed: 5,
        scheduler: None,
        width: 32,
        height: 32,
        ..GenerationParams::default()
    }
}

fn model(folder: &TempDir) -> Model<Folder> {
    let checkpoint = open(folder, &OpenOptions::default()).unwrap();
    load(Folder::open(folder.path()).unwrap(), checkpoint, &Device::flex())
}

fn latents(folder: &TempDir) -> Vec<f32> {
    let request = Request::from(small());
    values(pollster::block_on(model(folder).generate(&request, &Quiet)).unwrap().latents)
}
