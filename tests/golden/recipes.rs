//! Settings that other programs save in pictures: what is taken over, and the picture that it gives,
//! compared with diffusers'.

use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::Device;
use hearth::adapters::{Adapter, LayerNames, OpenAdapters};
use hearth::params::GenerationParams;
use hearth::pipeline::metadata::{GenerationMetadata, read};
use hearth::pipeline::{InitImage, Request};
use hearth::prompt::take_networks;
use hearth::runtime::Model;
use serde_json::{Value, json};

use crate::support::{self, Goldens, Layers, Quiet, Tolerance, model, values};

/// Returns the metadata that a case's texts hold.
fn read_case(case: &Value) -> GenerationMetadata {
    let text = |text: &Value| text.as_str().unwrap().to_string();
    let texts = case["texts"].as_array().unwrap().iter();
    let texts: Vec<(String, String)> = texts.map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    read(&texts).unwrap().for_model(case["model"].as_str().unwrap().starts_with("sdxl"))
}

#[test]
fn settings_of_other_programs_are_taken_over_or_named() {
    let goldens = Goldens::open("recipes");
    for case in &goldens.cases {
        let name = &case["name"];
        let found = read_case(case);
        assert_eq!(serde_json::to_value(&found.params).unwrap(), case["params"], "{name}");
        assert_eq!(json!(found.adapters), case["adapters"], "{name}");
        let lost: Vec<String> = found.unsupported.iter().map(|lost| lost.to_string()).collect();
        assert_eq!(json!(lost), case["lost"], "{name}");
        assert_eq!(json!(found.model.map(|model| model.name)), case["model_name"], "{name}");
        let vae = found.vae.map(|vae| match vae.hash {
            Some(hash) => json!({"name": vae.name, "hash": hash}),
            None => json!({"name": vae.name}),
        });
        assert_eq!(json!(vae), case["vae"], "{name}");
        assert_eq!(found.init_image.is_some(), case["inputs"]["picture"].is_string(), "{name}");
    }
    assert!(goldens.cases.len() >= 20, "{}", goldens.cases.len());
}

#[test]
fn settings_of_other_programs_give_the_latents_of_diffusers() {
    let goldens = Goldens::open("recipes");
    let mut models = HashMap::new();
    let mut latents = Tolerance::new(support::CPU);
    for case in &goldens.cases {
        let name = case["name"].as_str().unwrap();
        let key = case["model"].as_str().unwrap();
        let model = models.entry(key).or_insert_with(|| model(key, &Device::flex()));
        let found = read_case(case);
        let mut params = GenerationParams::default().with(&found.params);
        apply_adapters(model, &found, &params);
        let init_image = found
            .init_image
            .is_some()
            .then(|| InitImage { image: goldens.picture(case, "inputs", "picture"), mask: None });
        // Where a graph says no size, it is the picture's.
        if let (None, Some(given)) = (found.params.width, &init_image) {
            (params.width, params.height) = (given.image.width, given.image.height);
        }
        let request = Request { params, init_image, embeddings: Vec::new() };
        let picture = pollster::block_on(model.generate(&request, &Quiet)).unwrap();
        let (_, golden) = goldens.values(case, "outputs", "latents");
        let (error, cosine) = latents.check(name, &values(picture.latents), &golden);
        println!("{name}: cosine {cosine:.9}, error {error:.2e}");
    }
    latents.finish("latents of recipes");
}

/// Puts the LoRAs that the settings name into effect, from `adapters/`.
fn apply_adapters(model: &Model<Layers>, found: &GenerationMetadata, params: &GenerationParams) {
    let in_prompt = take_networks(&params.prompt).1.into_iter().map(|network| network.name);
    let names = found.adapters.iter().map(|adapter| adapter.name.clone()).chain(in_prompt);
    let layers = LayerNames::of(model.networks.checkpoint());
    let open = |name: String| {
        let source = Rc::new(Layers::file(&format!("adapters/{name}.safetensors")));
        Rc::new(pollster::block_on(Adapter::open(source, &layers)).unwrap())
    };
    let mut adapters = OpenAdapters::default();
    names.map(open).for_each(|adapter| adapters.put(adapter));
    let selection = adapters.select(&found.adapters, params);
    assert!(selection.unknown.is_empty(), "{:?}", selection.unknown);
    let mut loaded = async |_| Ok(());
    pollster::block_on(model.networks.set_adapters(selection.set, &mut loaded)).unwrap();
}
