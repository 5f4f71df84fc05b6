//! LoRA and its kin, compared with diffusers and LyCORIS.

use std::collections::HashMap;
use std::rc::Rc;

use crate::support::runs::request_of;
use crate::support::{self, Goldens, Layers, Limits, Quiet, Tolerance, load, read, values};
use burn::tensor::Device;
use hearth::Error;
use hearth::adapters::{
    Adapter, AdapterSet, BaseModel, ChangeKind, LayerNames, OpenAdapters, WeightedAdapter,
};
use hearth::params::GenerationParams;
use hearth::runtime::Model;
use hearth::weights::{Folder, OpenOptions, Precision};
use serde_json::Value;

fn model(name: &str, device: &Device, precision: Precision) -> Model<Layers> {
    let source = Layers::of(name);
    let options = OpenOptions { precision, ..OpenOptions::default() };
    let checkpoint = hearth::families::Checkpoint::open(&source, &options);
    let checkpoint = pollster::block_on(checkpoint).unwrap();
    load(source, checkpoint, device)
}

fn open(model: &Model<Layers>, file: &str) -> hearth::Result<Adapter<Layers>> {
    let source = Rc::new(Layers::file(&format!("adapters/{file}")));
    let names = LayerNames::of(model.networks.checkpoint());
    pollster::block_on(Adapter::open(source, &names))
}

fn set_of(model: &Model<Layers>, case: &Value) -> AdapterSet<Layers> {
    let row = |row: &Value| WeightedAdapter {
        adapter: Rc::new(open(model, row["file"].as_str().unwrap()).unwrap()),
        unet: row["unet"].as_f64().unwrap(),
        text_encoder: row["text_encoder"].as_f64().unwrap(),
    };
    AdapterSet::new(case["adapters"].as_array().unwrap().iter().map(row).collect())
}

fn apply(model: &Model<Layers>, adapters: AdapterSet<Layers>) -> u64 {
    let mut read = 0;
    let mut loaded = async |bytes| {
        read += bytes;
        Ok(())
    };
    pollster::block_on(model.networks.set_adapters(adapters, &mut loaded)).unwrap();
    read
}

/// Runs cases with their adapters, each after the adapters of the one before; then takes all off.
fn compare(device: &Device, precision: Precision, limits: Limits, chosen: impl Fn(&str) -> bool) {
    let goldens = Goldens::open("adapters");
    let mut models: HashMap<String, (Model<Layers>, Vec<f32>)> = HashMap::new();
    let mut latents = Tolerance::new(limits);
    for case in &goldens.cases {
        let name = case["name"].as_str().unwrap();
        let request = request_of(&goldens, case);
        let run = |model: &Model<Layers>| {
            values(pollster::block_on(model.generate(&request, &Quiet)).unwrap().latents)
        };
        if !chosen(name.split_once('.').unwrap().1) {
            continue;
        }
        let (model, _) =
            models.entry(case["model"].as_str().unwrap().to_string()).or_insert_with_key(|name| {
                let model = model(name, device, precision);
                let without = run(&model);
                (model, without)
            });
        let set = set_of(model, case);
        let expected = model.networks.bytes_to_change(&set);
        assert_eq!(apply(model, set), expected, "{name}");
        let (_, golden) = goldens.values(case, "outputs", "latents");
        let (error, cosine) = latents.check(name, &run(model), &golden);
        println!("{name}: cosine {cosine:.9}, error {error:.2e}");
    }
    latents.finish("latents with adapters");
    let request = request_of(&goldens, &goldens.cases[0]);
    for (name, (model, without)) in &models {
        assert!(apply(model, AdapterSet::default()) > 0);
        let latents = pollster::block_on(model.generate(&request, &Quiet)).unwrap().latents;
        assert_eq!(values(latents), *without, "{name}: taking adapters off must restore every bit");
    }
}

#[test]
fn runs_with_adapters_equal_diffusers_and_lycoris_on_cpu() {
    compare(&Device::flex(), Precision::Full, support::CPU, |_| true);
}

#[test]
fn runs_with_adapters_equal_diffusers_and_lycoris_on_gpu() {
    let Some(gpu) = support::gpu() else { return };
    let some = ["kohya", "loha", "lokr-whole", "dora-columns", "norms"];
    let chosen = |name: &str| support::is_long() || some.contains(&name);
    compare(&gpu.device, Precision::Full, support::GPU, chosen);
    gpu.check().unwrap();
}

/// The request's steps are few and the matrices large beside the weights: f16 rounds both.
#[test]
fn runs_with_adapters_on_f16_weights_point_where_diffusers_does() {
    let Some(gpu) = support::gpu() else { return };
    let chosen = |name: &str| ["kohya-weights", "tucker", "dora-rows"].contains(&name);
    compare(&gpu.device, Precision::Half, Limits::new(2e-2, 0.9999), chosen);
    gpu.check().unwrap();
}

#[test]
fn changing_adapters_does_not_grow_gpu_memory() {
    let Some(gpu) = support::gpu() else { return };
    let goldens = Goldens::open("adapters");
    let case = |name: &str| goldens.cases.iter().find(|case| case["name"] == name).unwrap();
    let model = model("sd1", &gpu.device, Precision::Half);
    let reserved = || gpu.device.memory_pool_usage().unwrap().bytes_reserved;
    let mut sizes = Vec::new();
    for round in 0..6 {
        let name = if round % 2 == 0 { "sd1.two" } else { "sd1.none" };
        apply(&model, set_of(&model, case(name)));
        sizes.push(reserved());
    }
    // A page of the pools may be added when the queue is late; a copy of the touched weights is a third.
    assert!(sizes[5] <= sizes[1] + sizes[1] / 100, "{sizes:?}");
}

#[test]
fn adapters_are_described() {
    let sd1 = model("sd1", &Device::flex(), Precision::Full);
    let summary = open(&sd1, "kohya.safetensors").unwrap().summary;
    assert_eq!(summary.name, "kohya");
    assert_eq!(summary.kinds.into_iter().collect::<Vec<_>>(), [ChangeKind::Lora]);
    assert_eq!((summary.ranks, summary.base), (Some([3, 3]), Some(BaseModel::Sd1)));
    assert_eq!(summary.metadata.title.as_deref(), Some("A tiny style"));
    assert!(summary.unmatched.is_empty());
    assert!(open(&sd1, "dora-rows.safetensors").unwrap().summary.is_decomposed);
    let kinds = open(&sd1, "lokr.safetensors").unwrap().summary.kinds;
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), [ChangeKind::Lokr]);
}

/// AUTOMATIC1111 calls such files bundles; the vectors act while the LoRA does.
#[test]
fn embeddings_in_the_file_of_an_adapter_are_those_of_their_own_file() {
    let sd1 = model("sd1", &Device::flex(), Precision::Full);
    let lora = read("adapters/kohya.safetensors");
    let style = read("embeddings/my-style.safetensors");
    let (lora, style) = (tensors(&lora), tensors(&style));
    let [(_, vectors)] = style.as_slice() else { panic!("one table") };
    let folder = tempfile::tempdir().unwrap();
    for (key, name) in
        [("bundle_emb.my-style.emb_params", "a"), ("bundle_emb.my-style.string_to_param.*", "b")]
    {
        let path = folder.path().join(format!("{name}.safetensors"));
        let all = lora.iter().cloned().chain([(key.to_string(), vectors.clone())]);
        std::fs::write(&path, safetensors::serialize(all, None).unwrap()).unwrap();
        let names = LayerNames::of(sd1.networks.checkpoint());
        let source = Rc::new(Folder::open(&path).unwrap());
        let adapter = pollster::block_on(Adapter::open(source, &names)).unwrap();
        assert!(adapter.summary.unmatched.is_empty(), "{:?}", adapter.summary.unmatched);
        let target = sd1.family.embedding_target();
        let own = Layers::file("embeddings/my-style.safetensors");
        let own = pollster::block_on(target.open(&own)).unwrap();
        let mut open = OpenAdapters::default();
        open.put(Rc::new(adapter));
        let selected = |prompt: &str| {
            let prompt = prompt.to_string();
            open.select(&[], &GenerationParams { prompt, ..GenerationParams::default() }).embeddings
        };
        assert!(selected("my-style").is_empty(), "the LoRA is not in effect");
        let found = selected(&format!("my-style <lora:{name}:0.5>"));
        let found: Vec<_> = found.iter().map(|found| (&found.name, &found.vectors)).collect();
        assert_eq!(found, [(&own.name, &own.vectors)]);
    }
}

/// OneTrainer's `ORIGINAL` has no prefix, its earlier files had the components' short names.
#[test]
fn prefixes_of_one_trainer_name_the_same_layers() {
    let sdxl = model("sdxl", &Device::flex(), Precision::Full);
    let names = LayerNames::of(sdxl.networks.checkpoint());
    let bytes = read("adapters/dotted.safetensors");
    let folder = tempfile::tempdir().unwrap();
    let paths = |adapter: &Adapter<Folder>| {
        let components = adapter.summary.layers.keys();
        components.map(|part| adapter.paths(*part).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let opened = |prefixes: &[(&str, &str)]| {
        let renamed = tensors(&bytes).into_iter().map(|(key, tensor)| {
            let found = prefixes.iter().find_map(|(old, new)| Some((key.strip_prefix(old)?, new)));
            (found.map_or(key.clone(), |(rest, new)| format!("{new}{rest}")), tensor)
        });
        let path = folder.path().join("a.safetensors");
        std::fs::write(&path, safetensors::serialize(renamed, None).unwrap()).unwrap();
        let source = Rc::new(Folder::open(&path).unwrap());
        let adapter = pollster::block_on(Adapter::open(source, &names)).unwrap();
        assert!(adapter.summary.unmatched.is_empty(), "{:?}", adapter.summary.unmatched);
        paths(&adapter)
    };
    let usual = opened(&[]);
    assert_eq!(usual.len(), 3);
    assert_eq!(opened(&[("diffusion_model.", "")]), usual);
    let earlier = [
        ("diffusion_model.", "unet."),
        ("text_encoders.clip_l.transformer.", "clip_l."),
        ("text_encoders.clip_g.transformer.", "clip_g."),
    ];
    assert_eq!(opened(&earlier), usual);
}

/// Returns the tensors of a file.
fn tensors(bytes: &[u8]) -> Vec<(String, safetensors::tensor::TensorView<'_>)> {
    safetensors::SafeTensors::deserialize(bytes).unwrap().tensors()
}

#[test]
fn adapter_for_another_base_is_refused_by_its_name() {
    let sd1 = model("sd1", &Device::flex(), Precision::Full);
    let error = open(&sd1, "sgm.safetensors").unwrap_err();
    assert!(matches!(error, Error::NotACheckpoint { .. }), "{error:?}");
    assert!(error.to_string().contains("SDXL"), "{error}");
    let source = Rc::new(Layers::file("sd1/unet/diffusion_pytorch_model.safetensors"));
    let names = LayerNames::of(sd1.networks.checkpoint());
    let error = pollster::block_on(Adapter::open(source, &names)).unwrap_err();
    assert!(error.to_string().contains("no LoRA"), "{error}");
}
