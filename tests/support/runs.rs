//! Runs, compared with those of diffusers' pipelines.

use std::collections::HashMap;

use burn::tensor::Device;
use hearth::params::GenerationParams;
use hearth::pipeline::{InitImage, PipelineOutput, Request};
use hearth::prompt::{Emphasis, Grammar};
use serde_json::Value;

use super::{Goldens, Limits, Quiet, Tolerance, model, values};

/// Runs the selected cases of `{name}.json`, compares their latents with the reference's, and
/// passes every image to `check`.
pub fn compare(
    name: &str,
    (device, limits, what): (&Device, Limits, &str),
    chosen: impl Fn(&Value) -> bool,
    mut check: impl FnMut(&Goldens, &Value, &Request, &PipelineOutput),
) {
    let goldens = Goldens::open(name);
    let mut models = HashMap::new();
    let mut latents = Tolerance::new(limits);
    for case in goldens.cases.iter().filter(|case| chosen(case)) {
        let name = case["model"].as_str().unwrap();
        let model = models.entry(name).or_insert_with(|| model(name, device));
        let name = case["name"].as_str().unwrap();
        let request = request_of(&goldens, case);
        let picture = pollster::block_on(model.generate(&request, &Quiet)).unwrap();
        assert_eq!(picture.latents.dims()[0], 1, "{name}");
        let (_, golden) = goldens.values(case, "outputs", "latents");
        let (error, cosine) = latents.check(name, &values(picture.latents.clone()), &golden);
        println!("{name}: cosine {cosine:.9}, error {error:.2e}");
        check(&goldens, case, &request, &picture);
    }
    latents.finish(&format!("latents, {what}"));
}

/// Returns the request of the reference.
pub fn request_of(goldens: &Goldens, case: &Value) -> Request {
    let asked = &case["request"];
    let number = |field: &str| asked[field].as_u64().unwrap() as usize;
    let text = |field: &str| asked[field].as_str().unwrap().to_string();
    let given = |what: &str| case["inputs"][what].is_string();
    let params = GenerationParams {
        prompt: text("prompt"),
        negative_prompt: text("negative_prompt"),
        num_inference_steps: number("num_inference_steps"),
        guidance_scale: asked["guidance_scale"].as_f64().unwrap(),
        guidance_rescale: asked["guidance_rescale"].as_f64().unwrap_or(0.0),
        seed: number("seed") as u64,
        scheduler: asked["scheduler"].as_str().map(|name| name.parse().unwrap()),
        noise: None,
        width: number("width"),
        height: number("height"),
        eta: asked["eta"].as_f64().unwrap(),
        clip_skip: asked["clip_skip"].as_u64().unwrap_or(0) as usize,
        clip_skip_negative: asked["clip_skip_negative"].as_u64().unwrap_or(0) as usize,
        grammar: match asked["grammar"].as_str() {
            Some(grammar) => grammar.parse().unwrap(),
            // diffusers has no grammar and cuts off what is too long.
            None if text("prompt").len() > 300 => Grammar::Plain,
            None => Grammar::A1111,
        },
        emphasis: asked["emphasis"]
            .as_str()
            .map_or(Emphasis::Original, |name| name.parse().unwrap()),
        strength: asked["strength"].as_f64().unwrap_or(1.0),
        padding_mask_crop: asked["padding"].as_u64().map(|padding| padding as usize),
        mask_blur: asked["blur"].as_u64().unwrap_or(0) as usize,
    };
    let init_image = given("picture").then(|| InitImage {
        image: goldens.picture(case, "inputs", "picture"),
        mask: given("mask").then(|| goldens.mask(case, "inputs", "mask")),
    });
    Request { params, init_image, embeddings: Vec::new() }
}

/// Returns the parameters of a small text to image run.
pub fn params() -> GenerationParams {
    GenerationParams {
        prompt: "a red apple".to_string(),
        num_inference_steps: 4,
        guidance_scale: 7.5,
        seed: 0,
        scheduler: None,
        width: 40,
        height: 24,
        ..GenerationParams::default()
    }
}
