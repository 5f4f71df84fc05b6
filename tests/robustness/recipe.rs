//! How a picture was made, written and read: what was written comes back, other programs' texts are
//! understood, and no text does harm.

use hearth::error::Message;
use hearth::image::{RgbImage, texts};
use hearth::params::PartialParams;
use hearth::pipeline::recipe::{ModelIdentity, Recipe, StartRecipe, read, write};
use hearth::scheduler::{SamplerName, SchedulerName};
use proptest::prelude::*;

fn usual() -> Recipe {
    Recipe {
        params: PartialParams {
            prompt: Some("a red apple, on a blue background".to_string()),
            negative_prompt: Some(String::new()),
            num_inference_steps: Some(20),
            guidance_scale: Some(7.5),
            seed: Some(u64::MAX),
            scheduler: Some("dpmpp-2m-karras".parse().unwrap()),
            width: Some(512),
            height: Some(768),
            eta: Some(0.0),
            clip_skip: Some(0),
            ..PartialParams::default()
        },
        model: Some(ModelIdentity {
            name: "Emoji, small".to_string(),
            place: Some("https://models.example/emoji/".to_string()),
            fingerprint: Some("0f".repeat(32)),
        }),
        start: None,
        lost: Vec::new(),
    }
}

fn parameters(recipe: &Recipe) -> String {
    let texts = write(recipe);
    texts.iter().find(|(key, _)| *key == "parameters").unwrap().1.clone()
}

/// Through a PNG, as on a disk.
fn through_png(recipe: &Recipe) -> Option<Recipe> {
    let image = RgbImage { width: 1, height: 1, pixels: vec![1, 2, 3] };
    let written = write(recipe);
    let pairs: Vec<(&str, &str)> =
        written.iter().map(|(key, text)| (*key, text.as_str())).collect();
    read(&texts(&image.to_png(&pairs).unwrap()).unwrap())
}

fn in_english(messages: &[Message]) -> Vec<String> {
    messages.iter().map(Message::to_string).collect()
}

#[test]
fn parameters_are_written_as_automatic1111_writes_them() {
    let version = env!("CARGO_PKG_VERSION");
    let mut recipe = usual();
    assert_eq!(
        parameters(&recipe),
        format!(
            "a red apple, on a blue background\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, \
             CFG scale: 7.5, Seed: 18446744073709551615, Size: 512x768, Model: \"Emoji, small\", \
             Version: Hearth {version}"
        )
    );
    recipe.params.negative_prompt = Some("blurry\ndark".to_string());
    recipe.params.scheduler = Some(SamplerName::EulerAncestral.into());
    recipe.params.guidance_scale = Some(4.0);
    recipe.model.as_mut().unwrap().name = "tiny".to_string();
    recipe.params.strength = Some(0.75);
    recipe.params.padding_mask_crop = Some(32);
    recipe.start = Some(StartRecipe::default());
    assert_eq!(
        parameters(&recipe),
        format!(
            "a red apple, on a blue background\nNegative prompt: blurry\ndark\nSteps: 20, Sampler: Euler a, \
             Schedule type: Automatic, CFG scale: 4, Seed: 18446744073709551615, Size: 512x768, \
             Model: tiny, Denoising strength: 0.75, Inpaint area: Only masked, \
             Masked area padding: 32, Version: Hearth {version}"
        )
    );
}

/// The example in the source of `parse_generation_parameters`, a text of version 1.9, and one with
/// what comes from a site that adds its own.
#[test]
fn texts_of_other_programs_are_understood() {
    let recipe = read(&[(
        "parameters",
        "girl with an artist's beret, determined, blue eyes, ((eyeshadow)), detailed, intricate\n\
         Negative prompt: ugly, fat, [blurry], (extra_limb)\n\
         Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x512, Model hash: 45dee52b",
    )])
    .unwrap();
    assert_eq!(
        recipe,
        Recipe {
            params: PartialParams {
                prompt: Some(
                    "girl with an artist's beret, determined, blue eyes, ((eyeshadow)), detailed, intricate"
                        .to_string()
                ),
                negative_prompt: Some("ugly, fat, [blurry], (extra_limb)".to_string()),
                num_inference_steps: Some(20),
                guidance_scale: Some(7.0),
                seed: Some(965_400_086),
                scheduler: Some(SamplerName::EulerAncestral.into()),
                width: Some(512),
                height: Some(512),
                // That program writes neither where it is as usual.
                clip_skip: Some(0),
                eta: Some(0.0),
                ..PartialParams::default()
            },
            ..Recipe::default()
        }
    );

    let recipe = read(&[(
        "parameters",
        "a cat\nwith Steps: 3 in its hand\n\nNegative prompt: dark,\nblurry\n\
         Steps: 30, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 1, Size: 640x960, \
         Model hash: 6ce0161689, Model: \"v1-5, pruned: \\\"best\\\"\", Denoising strength: 0.4, \
         Clip skip: 2, Tiling: True, Version: v1.9.4, Civitai resources: \
         [{\"type\":\"checkpoint\",\"Seed\":5, \"modelVersionId\":7}]",
    )])
    .unwrap();
    let params = recipe.params;
    assert_eq!(params.prompt.as_deref(), Some("a cat\nwith Steps: 3 in its hand\n"));
    assert_eq!(params.negative_prompt.as_deref(), Some("dark,\nblurry"));
    assert_eq!(params.scheduler, Some("dpmpp-2m-karras".parse().unwrap()));
    assert_eq!((params.seed, params.clip_skip), (Some(1), Some(1)));
    assert_eq!(recipe.model.unwrap().name, "v1-5, pruned: \"best\"");
    assert_eq!((params.strength, recipe.start.is_some()), (Some(0.4), true));
    assert_eq!(in_english(&recipe.lost), ["Tiling: True"]);
}

#[test]
fn what_is_not_understood_is_told() {
    let recipe = read(&[(
        "parameters",
        "a cat\nSteps: many, Sampler: UniPC, CFG scale: 7, Seed: -1, Size: 512, Denoising strength: 0.5, \
         Hires upscale: 2",
    )])
    .unwrap();
    assert_eq!(
        (recipe.params.num_inference_steps, recipe.params.scheduler, recipe.params.seed),
        (None, None, None)
    );
    assert_eq!((recipe.params.width, recipe.params.guidance_scale), (None, Some(7.0)));
    assert_eq!(recipe.start, None);
    assert_eq!(
        in_english(&recipe.lost),
        ["Steps: many", "Seed: -1", "Size: 512", "Sampler: UniPC", "Hires upscale: 2"]
    );
    // With neither text there is no recipe.
    assert_eq!(read(&[("Software", "GIMP"), ("parameters", "  ")]), None);
    // A broken one of Hearth's own gives way to the other.
    let broken = [
        ("hearth", "{\"version\": 1, \"prompt\""),
        ("parameters", "a\nSteps: 3, Seed: 4, Size: 8x8"),
    ];
    let recipe = read(&broken).unwrap();
    assert_eq!((recipe.params.seed, recipe.lost.len()), (Some(4), 1));
    // Of Hearth's own what is sound is taken.
    let recipe = read(&[(
        "hearth",
        r#"{"version": 1, "prompt": "a", "seed": 7, "width": -8, "steps": []}"#,
    )]);
    let recipe = recipe.unwrap();
    assert_eq!((recipe.params.prompt.as_deref(), recipe.params.seed), (Some("a"), None));
    assert_eq!(in_english(&recipe.lost), ["seed", "width"]);
}

/// AUTOMATIC1111's `Clip skip` is one more than diffusers' `clip_skip`, and its `Eta DDIM` is diffusers' `eta`.
#[test]
fn clip_skip_and_eta_are_written_and_read_as_automatic1111_means_them() {
    let mut recipe = usual();
    recipe.params.scheduler = Some(SamplerName::Ddim.into());
    recipe.params.clip_skip = Some(1);
    recipe.params.eta = Some(1.0);
    let text = parameters(&recipe);
    assert!(text.contains(", Clip skip: 2, Eta DDIM: 1, Version: "), "{text}");
    let found = read(&[("parameters", text)]).unwrap();
    assert_eq!((found.params.clip_skip, found.params.eta), (Some(1), Some(1.0)));
    assert_eq!(through_png(&recipe), Some(recipe));

    let read = |settings: &str| {
        let text = format!("a cat\nSteps: 20, Seed: 1, Size: 512x512, {settings}");
        let recipe = read(&[("parameters", text)]).unwrap();
        (recipe.params.clip_skip, recipe.params.eta, in_english(&recipe.lost))
    };
    let lost = |what: &str| vec![what.to_string()];
    assert_eq!(read("Clip skip: 1"), (Some(0), Some(0.0), vec![]));
    // As versions before 1.6 have it.
    assert_eq!(read("Sampler: DDIM, Eta: 0.5"), (Some(0), Some(0.5), vec![]));
    // Of other samplers it is a part of their noise.
    assert_eq!(read("Sampler: Euler a, Eta: 1"), (Some(0), Some(0.0), vec![]));
    assert_eq!(read("Sampler: Euler a, Eta: 0.5"), (Some(0), Some(0.0), lost("Eta: 0.5")));
    assert_eq!(read("Eta DDIM: much"), (Some(0), None, lost("Eta DDIM: much")));
}

#[test]
fn long_texts_are_left_alone() {
    let long = "a: b, ".repeat(1 << 20);
    for key in ["hearth", "parameters"] {
        let recipe = read(&[(key, long.as_str())]).unwrap();
        assert_eq!((recipe.params.prompt, recipe.lost.len()), (None, 1));
    }
    let deep = "[".repeat(500_000);
    assert_eq!(read(&[("hearth", deep.as_str())]).unwrap().lost.len(), 1);
    let mebibyte = "\"\\".repeat(400_000);
    assert!(read(&[("parameters", mebibyte.as_str())]).is_some());
}

/// Prompts as people write them, and as nobody does.
fn prompt() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z ,:\"\\\\\n\r\t😀é]{0,60}",
        "(Steps: [0-9]{1,3}, |Negative prompt: |Sampler: Euler, |Seed: 7, |\n|\"|a){0,12}",
    ]
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let start =
        proptest::option::of((0u32..=100, proptest::option::of(any::<u32>()), any::<bool>()));
    let numbers = (any::<u32>(), -1000i32..1000, any::<u64>(), any::<u16>(), any::<u16>());
    let fine = (0usize..32, 0u32..=20);
    (prompt(), prompt(), prompt(), (numbers, fine), 0..SchedulerName::all().count(), start)
        .prop_map(|(prompt, negative_prompt, name, numbers, scheduler, start)| {
            let ((steps, guidance, seed, width, height), (clip_skip, eta)) = numbers;
            let (strength, padding, _) = start.unwrap_or_default();
            Recipe {
                params: PartialParams {
                    prompt: Some(prompt),
                    negative_prompt: Some(negative_prompt),
                    num_inference_steps: Some(steps as usize),
                    guidance_scale: Some(f64::from(guidance) / 20.0),
                    seed: Some(seed),
                    scheduler: SchedulerName::all().nth(scheduler),
                    width: Some(usize::from(width)),
                    height: Some(usize::from(height)),
                    clip_skip: Some(clip_skip),
                    eta: Some(f64::from(eta) / 20.0),
                    strength: start.map(|_| f64::from(strength) / 100.0),
                    padding_mask_crop: padding.map(|padding| padding as usize),
                },
                model: Some(ModelIdentity { name, place: None, fingerprint: None }),
                start: start.map(|(_, _, masked)| StartRecipe {
                    image_sha256: Some("ab".repeat(32)),
                    mask_sha256: masked.then(|| "cd".repeat(32)),
                }),
                lost: Vec::new(),
            }
        })
}

proptest! {
    #[test]
    fn what_was_written_comes_back(recipe in recipe()) {
        prop_assert_eq!(through_png(&recipe), Some(recipe));
    }

    /// As far as AUTOMATIC1111's own text can tell: its reader trims lines, and takes every
    /// `Negative prompt:` for one.
    #[test]
    fn other_programs_find_the_same_settings(
        recipe in recipe(),
        prompt in "[a-z,:\"\\\\😀é]{1,9}( [a-z,:\"\\\\😀é]{1,9}){0,5}(\n[a-z]{1,9}){0,3}",
        negative in "([a-z,:\"]{1,9}(\n[a-z]{1,9}){0,3})?",
    ) {
        let mut recipe = recipe;
        recipe.params.prompt = Some(prompt);
        recipe.params.negative_prompt = Some(negative);
        let found = read(&[("parameters", parameters(&recipe))]).unwrap();
        prop_assert_eq!(found.params, recipe.params);
        prop_assert_eq!(found.start.is_some(), recipe.start.is_some());
    }

    #[test]
    fn no_text_does_harm(text in any::<String>(), own in any::<String>()) {
        let _ = read(&[("hearth", own.as_str()), ("parameters", text.as_str())]);
        let line = format!("a\nSteps: 1, Sampler: {text}, Seed: \"{own}, Size: {own}x{text}");
        let _ = read(&[("parameters", line)]);
    }

    #[test]
    fn no_json_does_harm(
        key in "version|prompt|seed|model|start|width|guidance_scale|scheduler",
        value in "null|-1|1e999|1e308|0.5|\"a\"|\\[\\]|\\{\\}|\\{\"strength\":9\\}|\\{\"name\":3\\}|18446744073709551616",
    ) {
        let own = format!("{{\"version\": 1, {key:?}: {value}}}");
        let _ = read(&[("hearth", own)]);
    }

    #[test]
    fn no_file_does_harm(at in 0usize..400, byte in any::<u8>(), end in 0usize..600) {
        let image = RgbImage { width: 1, height: 1, pixels: vec![1, 2, 3] };
        let written = write(&usual());
        let pairs: Vec<(&str, &str)> = written.iter().map(|(key, text)| (*key, text.as_str())).collect();
        let mut png = image.to_png(&pairs).unwrap();
        png[at] = byte;
        png.truncate(end);
        if let Ok(texts) = texts(&png) {
            let _ = read(&texts);
        }
    }
}
