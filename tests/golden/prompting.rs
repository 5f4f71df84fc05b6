//! Weighted, long, scheduled and composed prompts, compared with transformers and diffusers.

use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::Device;
use hearth::Error;
use hearth::error::Id;
use hearth::params::GenerationParams;
use hearth::pipeline::guidance::Guidance;
use hearth::pipeline::{Family, Prompts, Request};
use hearth::prompt::{Grammar, TextualInversion};
use serde_json::Value;

use crate::support::runs::{self, params};
use crate::support::{self, Goldens, Layers, Quiet, model, read, values};
use hearth::runtime::Model;
use hearth::weights::Folder;

fn is_encoding(case: &Value) -> bool {
    case["component"] == "encode"
}

fn is_run(case: &Value) -> bool {
    case["component"] == "pipeline"
}

#[test]
fn encoded_prompts_equal_the_reference() {
    let goldens = Goldens::open("prompting");
    let mut models = HashMap::new();
    let (mut compared, mut worst) = (0, 0.0_f32);
    for case in goldens.cases.iter().filter(|case| is_encoding(case)) {
        let name = case["model"].as_str().unwrap();
        let model = models.entry(name).or_insert_with(|| model(name, &Device::flex()));
        let text = |field: &str| case["request"][field].as_str().unwrap();
        let params = GenerationParams {
            prompt: text("prompt").to_string(),
            grammar: text("grammar").parse().unwrap(),
            emphasis: text("emphasis").parse().unwrap(),
            ..params()
        };
        let (states, pooled) = encode(model, &params);
        worst = worst.max(check(&goldens, case, &states, pooled.as_deref()));
        compared += 1;
    }
    println!("{compared} compared, worst {worst:.2e}");
    assert!(compared >= 27, "{compared}");
}

/// The files are those that diffusers' `load_textual_inversion` reads.
#[test]
fn textual_inversions_equal_diffusers() {
    let goldens = Goldens::open("prompting");
    let mut compared = 0;
    for case in goldens.cases.iter().filter(|case| case["component"] == "inversion") {
        let model = model(case["model"].as_str().unwrap(), &Device::flex());
        let files: &[&str] = match case["model"].as_str() {
            Some("sdxl") => &["pair"],
            _ => &["my-style", "learned_embeds"],
        };
        let embeddings = files.iter().map(|file| embedding(&model, file).unwrap()).map(Rc::new);
        let prompt = case["request"]["prompt"].as_str().unwrap().to_string();
        let params = GenerationParams { prompt, ..params() };
        let (states, pooled) = encode_with(&model, &params, &embeddings.collect::<Vec<_>>());
        check(&goldens, case, &states, pooled.as_deref());
        compared += 1;
    }
    assert_eq!(compared, 3);
}

#[test]
fn vectors_that_are_rows_of_the_table_give_the_bits_of_their_tokens() {
    let model = model("sd1", &Device::flex());
    let prompt = |word: &str| {
        let prompt = format!("a ({word}:1.2) apple");
        GenerationParams { prompt, ..params() }
    };
    let with_token = encode(&model, &prompt("red"));
    let id = model.family.text_encoders[0].tokenizer.token_ids("red").unwrap();
    assert_eq!(id.len(), 1);
    let bytes = read("sd1/text_encoder/model.safetensors");
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let table = file.tensor("text_model.embeddings.token_embedding.weight").unwrap();
    let width = table.shape()[1];
    let row = &table.data()[id[0] as usize * width * 4..][..width * 4];
    let view = safetensors::tensor::TensorView::new(table.dtype(), vec![1, width], row).unwrap();
    let file = safetensors::serialize([("emb_params", view)], None).unwrap();
    let crimson = written(&model, "crimson.safetensors", &file).unwrap();
    assert!(encode_with(&model, &prompt("Crimson"), &[Rc::new(crimson)]) == with_token);
}

#[test]
fn unfit_embeddings_are_refused_with_the_way_out() {
    let model = model("sd1", &Device::flex());
    let refused = |name: &str, bytes: &[u8]| written(&model, name, bytes).unwrap_err().to_string();
    let said = refused("pair.safetensors", &read("embeddings/pair.safetensors"));
    assert!(said.contains("16 + 24") && said.contains("Stable Diffusion 1"), "{said}");
    let said = refused("a.pt", b"PK\x03\x04 archive/data.pkl");
    assert!(said.contains("pickle"), "{said}");
    let said = refused("vae.safetensors", &read("sd1/vae/diffusion_pytorch_model.safetensors"));
    assert!(said.contains("one word"), "{said}");
    refused("cut.safetensors", &read("embeddings/my-style.safetensors")[..100]);
    let mut broken = read("embeddings/my-style.safetensors");
    let end = broken.len();
    broken[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    let said = refused("broken.safetensors", &broken);
    assert!(said.contains("not all numbers"), "{said}");
}

/// The digits are those of `sha256sum`, which AUTOMATIC1111 shortens to twelve.
#[test]
fn embeddings_in_prompts_are_named_with_their_hashes() {
    let model = model("sd1", &Device::flex());
    let files = ["my-style", "learned_embeds"];
    let embeddings = files.map(|file| Rc::new(embedding(&model, file).unwrap())).to_vec();
    let request = |prompt: &str, negative: &str| {
        let params = GenerationParams {
            prompt: prompt.to_string(),
            negative_prompt: negative.to_string(),
            ..params()
        };
        Request { embeddings: embeddings.clone(), ..Request::from(params) }
    };
    let named = |prompt: &str, negative: &str| {
        let found = model.family.embeddings_in(&request(prompt, negative)).unwrap();
        found.into_iter().map(|file| (file.name, file.hash.unwrap())).collect::<Vec<_>>()
    };
    let style = ("my-style".to_string(), "cfe0d19fce32".to_string());
    let word = (embeddings[1].name.clone(), "dd33397576e6".to_string());
    assert_eq!(named("a cat", "mystyle"), []);
    assert_eq!(named("a cat", "(My-Style:1.2)"), vec![style.clone()]);
    assert_eq!(named(&format!("[{}:cat:0.5]", word.0), "my-style"), [style, word]);
}

/// Returns the textual inversion in `embeddings/`.
fn embedding(model: &Model<Layers>, file: &str) -> hearth::Result<TextualInversion> {
    let source = Layers::file(&format!("embeddings/{file}.safetensors"));
    pollster::block_on(model.family.embedding_target().open(&source))
}

/// Returns the textual inversion in a file with these bytes.
fn written(model: &Model<Layers>, name: &str, bytes: &[u8]) -> hearth::Result<TextualInversion> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let source = Folder::open(&path)?;
    pollster::block_on(model.family.embedding_target().open(&source))
}

/// Checks states and pooled state against the reference, and returns the largest error.
fn check(goldens: &Goldens, case: &Value, states: &[f32], pooled: Option<&[f32]>) -> f32 {
    let mut worst = 0.0_f32;
    for (what, ours) in [("states", Some(states)), ("pooled", pooled)] {
        assert_eq!(ours.is_some(), !case["outputs"][what].is_null(), "{}: {what}", case["name"]);
        let Some(ours) = ours else { continue };
        let (_, golden) = goldens.values(case, "outputs", what);
        assert_eq!(ours.len(), golden.len(), "{}: {what}", case["name"]);
        let largest = golden.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        for (ours, golden) in ours.iter().zip(&golden) {
            let error = (ours - golden).abs() / largest;
            assert!(error <= 1e-5, "{}: {what}: {error}", case["name"]);
            worst = worst.max(error);
        }
    }
    worst
}

#[test]
fn prompted_runs_equal_diffusers_on_cpu() {
    runs::compare("prompting", (&Device::flex(), support::CPU, "CPU"), is_run, |_, _, _, _| ());
}

#[test]
fn prompt_without_signs_gives_the_bits_of_plain() {
    let model = model("sdxl", &Device::flex());
    let encoded = |grammar| {
        let prompt = "a photo, ratio 16:9; a \"red\" apple's house".to_string();
        encode(&model, &GenerationParams { prompt, grammar, ..params() })
    };
    let plain = encoded(Grammar::Plain);
    for grammar in [Grammar::A1111, Grammar::Comfy] {
        assert!(encoded(grammar) == plain, "{grammar}");
    }
}

#[test]
fn faults_of_prompts_are_errors_before_anything_is_computed() {
    let model = model("sd1", &Device::flex());
    let refused = |params: GenerationParams| {
        let request = Request::from(params);
        match pollster::block_on(model.generate(&request, &Quiet)) {
            Err(Error::InvalidRequest { field, reason, .. }) => (field, reason.id().unwrap()),
            other => panic!("{:?}", other.map(|picture| picture.image.width)),
        }
    };
    let with = |prompt: String| GenerationParams { prompt, ..params() };
    let number = with("a (red:1.2.3) apple".to_string());
    assert_eq!(refused(number), ("prompt", Id::prompt_bad_weight));
    assert_eq!(refused(with("(".repeat(65))), ("prompt", Id::prompt_too_nested));
    assert_eq!(refused(with("a".repeat(70_000))), ("prompt", Id::prompt_too_long));
    assert_eq!(refused(with("sea ".repeat(1300))), ("prompt", Id::prompt_many_chunks));
    let negative = "(a:.)".to_string();
    let negative = GenerationParams { negative_prompt: negative, ..params() };
    assert_eq!(refused(negative), ("negative_prompt", Id::prompt_bad_weight));
}

#[test]
fn and_with_distilled_guidance_is_error() {
    let model = model("lcm", &Device::flex());
    let params = GenerationParams { prompt: "a cat AND a dog".to_string(), ..params() };
    let result = pollster::block_on(model.generate(&Request::from(params), &Quiet));
    let reason = match result {
        Err(Error::InvalidRequest { reason, .. }) => reason,
        other => panic!("{:?}", other.map(|picture| picture.image.width)),
    };
    assert_eq!(reason.id(), Some(Id::and_needs_guidance));
}

/// Returns states and pooled state of the prompt, without guidance.
fn encode(model: &Model<Layers>, params: &GenerationParams) -> (Vec<f32>, Option<Vec<f32>>) {
    encode_with(model, params, &[])
}

/// Does the same for a prompt that may name `embeddings`.
fn encode_with(
    model: &Model<Layers>,
    params: &GenerationParams,
    embeddings: &[Rc<TextualInversion>],
) -> (Vec<f32>, Option<Vec<f32>>) {
    let prompts = Prompts::read(params, embeddings, params.num_inference_steps).unwrap();
    let encoded =
        model.family.encode_prompt(params, &prompts, Guidance::Off, &model.networks, &Quiet);
    let mut conditions = pollster::block_on(encoded).unwrap();
    let conditions = conditions.contexts.remove(0).remove(0);
    let pooled = conditions.added.map(|added| values(added.text_embeds));
    (values(conditions.encoder_hidden_states), pooled)
}
