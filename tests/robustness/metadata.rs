//! Generation metadata: written, read, and of other programs.

use hearth::error::Message;
use hearth::image::{RgbImage, texts};
use hearth::params::{AdapterUse, NamedHash, PartialParams};
use hearth::pipeline::metadata::{
    GenerationMetadata, InitImageMetadata, ModelIdentity, read, read_pasted, vae_identity, write,
};
use hearth::prompt::{Emphasis, Grammar};
use hearth::scheduler::{SamplerName, SchedulerName};
use proptest::prelude::*;

pub fn usual() -> GenerationMetadata {
    GenerationMetadata {
        params: PartialParams {
            prompt: Some("a red apple, on a blue background".to_string()),
            negative_prompt: Some(String::new()),
            num_inference_steps: Some(20),
            guidance_scale: Some(7.5),
            seed: Some(u64::MAX),
            scheduler: Some("dpmpp-2m-karras".parse().unwrap()),
            width: Some(512),
            height: Some(768),
            guidance_rescale: Some(0.0),
            eta: Some(0.0),
            clip_skip: Some(0),
            clip_skip_negative: Some(0),
            grammar: Some(Grammar::Plain),
            emphasis: Some(Emphasis::Original),
            ..PartialParams::default()
        },
        model: Some(ModelIdentity {
            name: "Emoji, small".to_string(),
            place: Some("https://models.example/emoji/".to_string()),
            fingerprint: Some("0f".repeat(32)),
        }),
        init_image: None,
        ..GenerationMetadata::default()
    }
}

#[test]
fn parameters_text_names_the_autoencoder_behind_the_model() {
    let sha256 = "735e4c3a447a3255760d7f86845f09f937809baa529c17370d83e4c3758f3c75";
    let name = "vae-ft-mse-840000-ema-pruned.safetensors";
    let mut metadata = usual();
    for (sha256, expected) in [
        (
            Some(sha256),
            "Model: \"Emoji, small\", VAE hash: 735e4c3a44, VAE: vae-ft-mse-840000-ema-pruned.safetensors, RNG",
        ),
        (None, "Model: \"Emoji, small\", VAE: vae-ft-mse-840000-ema-pruned.safetensors, RNG"),
    ] {
        metadata.vae = Some(vae_identity(name.to_string(), sha256));
        let text = parameters(&metadata);
        assert!(text.contains(expected), "{text}");
        assert_eq!(through_png(&metadata).unwrap().vae, metadata.vae);
        // The web UI's text alone says it, too.
        assert_eq!(read(&[("parameters", text)]).unwrap().vae, metadata.vae);
    }
}

#[test]
fn autoencoders_of_other_programs_are_read_and_none_is_none() {
    let named = |name: &str| Some(vae_identity(name.to_string(), None));
    for (more, expected, unsupported) in [
        ("VAE: sd/orange.vae.pt, Version: v1.6.0", named("orange.vae.pt"), &[][..]),
        ("VAE hash: 735e4c3a44, VAE: None, Version: v1.10.1", None, &[]),
        ("VAE: Automatic, Version: v1.6.0", None, &[]),
        ("VAE: a.safetensors, VAE Decoder: TAESD", named("a.safetensors"), &["VAE Decoder: TAESD"]),
        ("Module 1: sdxl_vae, Version: f2.0.1v1.10.1", named("sdxl_vae"), &[]),
        ("Module 1: ae, Module 2: clip_l, Version: f2.0.1v1.10.1", None, &["Module 1: ae"]),
    ] {
        let found = with_settings(&format!("RNG: CPU, {more}"));
        assert_eq!(found.vae, expected, "{more}");
        assert_eq!(in_english(&found.unsupported), unsupported, "{more}");
    }
    for (vae, expected, lost) in [
        (r#""xl\\sdxl_vae.safetensors""#, named("sdxl_vae.safetensors"), &[][..]),
        (r#""Automatic""#, None, &[]),
        (r#"["a", 1]"#, None, &["vae: [\"a\",1]"]),
    ] {
        let swarm = format!(
            r#"{{"sui_image_params": {{"prompt": "a castle", "steps": 30, "vae": {vae}}}}}"#
        );
        let found = read(&[("parameters", swarm)]).unwrap();
        assert_eq!(found.vae, expected, "{vae}");
        assert_eq!(in_english(&found.unsupported), lost, "{vae}");
    }
}

#[test]
fn parameters_text_names_adapters_in_the_prompt() {
    let adapter =
        |name: &str, unet, text_encoder| AdapterUse { name: name.into(), unet, text_encoder };
    let adapters = vec![adapter("a", 0.8, 0.8), adapter("b c", 1.0, 0.5)];
    let mut metadata = GenerationMetadata { adapters, ..usual() };
    metadata.params.prompt = Some("an apple".to_string());
    let text = parameters(&metadata);
    assert!(text.starts_with("an apple <lora:a:0.8> <lora:b c:0.5:1>\n"), "{text}");
    assert_eq!(through_png(&metadata), Some(metadata));
}

fn hashed(index: usize, seed: u64) -> NamedHash {
    let hash = (index != 1).then(|| format!("{:012x}", seed >> 16));
    NamedHash { name: format!("a b_{index}"), hash }
}

fn file(name: &str, hash: Option<&str>) -> NamedHash {
    NamedHash { name: name.to_string(), hash: hash.map(str::to_string) }
}

#[test]
fn parameters_text_names_hashes_of_adapters_and_embeddings() {
    let adapter = AdapterUse { name: "ink".into(), unet: 1.0, text_encoder: 1.0 };
    let mut metadata = GenerationMetadata {
        adapters: vec![adapter],
        adapter_hashes: vec![file("ink", Some("0123456789ab")), file("no hash", None)],
        embeddings: vec![file("EasyNegative", Some("c74b4e810b03")), file("bundled", None)],
        ..usual()
    };
    metadata.params.negative_prompt = Some("EasyNegative, bundled".to_string());
    let text = parameters(&metadata);
    let hashes =
        ", Lora hashes: \"ink: 0123456789ab\", TI hashes: \"EasyNegative: c74b4e810b03\", ";
    assert!(text.contains(hashes), "{text}");
    assert_eq!(through_png(&metadata), Some(metadata));
    // What the web UI writes.
    let text = "a cat <lora:ink:1>\nNegative prompt: EasyNegative\nSteps: 20, Sampler: Euler a, \
        CFG scale: 7, Seed: 1, Size: 512x512, Lora hashes: \"ink: 0123456789ab\", \
        TI hashes: \"EasyNegative: c74b4e810b03, EasyNegative: c74b4e810b03\", Version: v1.10.1";
    let found = read(&[("parameters", text.to_string())]).unwrap();
    assert_eq!(in_english(&found.unsupported), [""; 0]);
    assert_eq!(found.embeddings, [file("EasyNegative", Some("c74b4e810b03"))]);
    assert_eq!(found.adapter_hashes, [file("ink", Some("0123456789ab"))]);
}

/// What the web UI writes where an option of its settings differs from the default and changes the picture.
#[test]
fn options_of_the_web_ui_that_change_pictures_are_named() {
    for option in [
        "Pad conds: True",
        "Pad conds v0: True",
        "Schedule max sigma: 10",
        "Schedule rho: 5",
        "Sigma churn: 0.5",
        "Sigma noise: 1.1",
        "Beta schedule alpha: 0.8",
        "Discard penultimate sigma: True",
        "Noise multiplier: 0.9",
        "Noise Schedule: Zero Terminal SNR",
        "UniPC order: 2",
        "Mask mode: Inpaint not masked",
        "Masked content: latent noise",
        "VAE Decoder: TAESD",
        "Old prompt editing timelines: True",
    ] {
        let text = format!(
            "a cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 512x512, {option}, \
             Version: v1.10.1"
        );
        let found = read(&[("parameters", text)]).unwrap();
        assert_eq!(in_english(&found.unsupported), [option]);
    }
}

/// What the programs do with SDXL: A1111's `ClipSkip` leaves SDXL alone, Forge takes
/// `max(N, 2)`, ComfyUI's -2 is what SDXL has without it.
#[test]
fn skipped_layers_of_an_sdxl_model_are_counted_as_each_program_does() {
    let skipped = |metadata: GenerationMetadata, is_sdxl| {
        let params = metadata.for_model(is_sdxl).params;
        assert_eq!(params.clip_skip, params.clip_skip_negative);
        params.clip_skip.unwrap()
    };
    let of_web_ui = |clip_skip: usize, version: &str| {
        let text = format!(
            "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, \
             Clip skip: {clip_skip}, Version: {version}"
        );
        read(&[("parameters", text)]).unwrap()
    };
    const FORGE: &str = "f2.0.1v1.10.1-previous-664";
    for (clip_skip, version, of_sd, of_sdxl) in [
        (1, "v1.10.1", 0, 0),
        (2, "v1.10.1", 1, 0),
        (1, FORGE, 0, 0),
        (2, FORGE, 1, 0),
        (4, FORGE, 3, 2),
        (2, "Hearth 0.1.0", 1, 1),
    ] {
        let found = || of_web_ui(clip_skip, version);
        // Hearth's own field for the negative prompt is absent in such a text.
        if version.starts_with("Hearth") {
            assert_eq!(found().for_model(true).params.clip_skip, Some(of_sdxl));
            continue;
        }
        assert_eq!(skipped(found(), false), of_sd, "{clip_skip} {version}");
        assert_eq!(skipped(found(), true), of_sdxl, "{clip_skip} {version}");
    }
    let swarm = r#"{"sui_image_params": {"prompt": "a cat, <embed:styles/x> in fog", "seed": 1, "steps": 5, "clipstopatlayer": -2}}"#;
    let found = || read(&[("parameters", swarm.to_string())]).unwrap();
    assert_eq!(found().params.prompt.as_deref(), Some("a cat, embedding:styles/x in fog"));
    assert_eq!(found().embeddings, [file("x", None)]);
    assert_eq!((skipped(found(), false), skipped(found(), true)), (1, 0));
}

pub fn parameters(metadata: &GenerationMetadata) -> String {
    let texts = write(metadata);
    texts.iter().find(|(key, _)| *key == "parameters").unwrap().1.clone()
}

/// Writes and reads a PNG file.
fn through_png(metadata: &GenerationMetadata) -> Option<GenerationMetadata> {
    let image = RgbImage { width: 1, height: 1, pixels: vec![1, 2, 3] };
    let written = write(metadata);
    let pairs: Vec<(&str, &str)> =
        written.iter().map(|(key, text)| (*key, text.as_str())).collect();
    read(&texts(&image.to_png(&pairs).unwrap()).unwrap())
}

pub fn in_english(messages: &[Message]) -> Vec<String> {
    messages.iter().map(Message::to_string).collect()
}

#[test]
fn parameters_have_the_format_of_automatic1111() {
    let version = env!("CARGO_PKG_VERSION");
    let mut metadata = usual();
    assert_eq!(
        parameters(&metadata),
        format!(
            "a red apple, on a blue background\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, \
             CFG scale: 7.5, Seed: 18446744073709551615, Size: 512x768, Model: \"Emoji, small\", \
             RNG: CPU, Version: Hearth {version}"
        )
    );
    metadata.params.negative_prompt = Some("blurry\ndark".to_string());
    metadata.params.scheduler = Some(SamplerName::EulerAncestral.into());
    metadata.params.guidance_scale = Some(4.0);
    metadata.model.as_mut().unwrap().name = "tiny".to_string();
    metadata.params.strength = Some(0.75);
    metadata.params.padding_mask_crop = Some(32);
    metadata.params.mask_blur = Some(4);
    metadata.init_image = Some(InitImageMetadata::default());
    assert_eq!(
        parameters(&metadata),
        format!(
            "a red apple, on a blue background\nNegative prompt: blurry\ndark\nSteps: 20, Sampler: Euler a, \
             Schedule type: Automatic, CFG scale: 4, Seed: 18446744073709551615, Size: 512x768, \
             Model: tiny, Denoising strength: 0.75, Inpaint area: Only masked, \
             Masked area padding: 32, Mask blur: 4, RNG: CPU, Version: Hearth {version}"
        )
    );
}

/// The example in the source of `parse_generation_parameters`, a text of version 1.9, and one with
/// settings that a web site added.
#[test]
fn texts_of_other_programs_are_parsed() {
    let metadata = read(&[(
        "parameters",
        "girl with an artist's beret, determined, blue eyes, ((eyeshadow)), detailed, intricate\n\
         Negative prompt: ugly, fat, [blurry], (extra_limb)\n\
         Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x512, Model hash: 45dee52b",
    )])
    .unwrap();
    assert_eq!(
        metadata,
        GenerationMetadata {
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
                // That program writes neither if it has the default value.
                clip_skip: Some(0),
                clip_skip_negative: Some(0),
                grammar: Some(Grammar::A1111),
                emphasis: Some(Emphasis::Original),
                guidance_rescale: Some(0.0),
                eta: Some(0.0),
                ..PartialParams::default()
            },
            unsupported: metadata.unsupported.clone(),
            ..GenerationMetadata::default()
        }
    );
    assert!(metadata.unsupported.is_empty());

    let metadata = read(&[(
        "parameters",
        "a cat\nwith Steps: 3 in its hand\n\nNegative prompt: dark,\nblurry\n\
         Steps: 30, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 1, Size: 640x960, \
         Model hash: 6ce0161689, Model: \"v1-5, pruned: \\\"best\\\"\", Denoising strength: 0.4, \
         Clip skip: 2, Tiling: True, Version: v1.9.4, Civitai resources: \
         [{\"type\":\"checkpoint\",\"Seed\":5, \"modelVersionId\":7}]",
    )])
    .unwrap();
    let params = metadata.params;
    assert_eq!(params.prompt.as_deref(), Some("a cat\nwith Steps: 3 in its hand\n"));
    assert_eq!(params.negative_prompt.as_deref(), Some("dark,\nblurry"));
    assert_eq!(params.scheduler, Some("dpmpp-2m-karras".parse().unwrap()));
    assert_eq!((params.seed, params.clip_skip), (Some(1), Some(1)));
    assert_eq!(params.clip_skip_negative, Some(1));
    assert_eq!(metadata.model.unwrap().name, "v1-5, pruned: \"best\"");
    // 13 of 30 steps: one more than 0.4 of them.
    assert_eq!((params.strength, metadata.init_image.is_some()), (Some(0.434), true));
    assert_eq!(in_english(&metadata.unsupported), ["Tiling: True"]);
}

#[test]
fn unparsed_settings_are_listed_as_unsupported() {
    let metadata = read(&[(
        "parameters",
        "a cat\nSteps: many, Sampler: HeunPP2, CFG scale: 7, Seed: x, Size: 512, Denoising strength: 0.5, \
         Hires upscale: 2",
    )])
    .unwrap();
    assert_eq!(
        (metadata.params.num_inference_steps, metadata.params.scheduler, metadata.params.seed),
        (None, None, None)
    );
    assert_eq!((metadata.params.width, metadata.params.guidance_scale), (None, Some(7.0)));
    assert_eq!(metadata.init_image, None);
    assert_eq!(
        in_english(&metadata.unsupported),
        ["Steps: many", "Seed: x", "Size: 512", "Sampler: HeunPP2", "Hires upscale: 2"]
    );
    // With neither text there are no metadata.
    assert_eq!(read(&[("Software", "GIMP"), ("parameters", "  ")]), None);
    // Broken metadata of Hearth's own are replaced by the other text.
    let broken = [
        ("hearth", "{\"version\": 1, \"prompt\""),
        ("parameters", "a\nSteps: 3, Seed: 4, Size: 8x8"),
    ];
    let metadata = read(&broken).unwrap();
    assert_eq!((metadata.params.seed, metadata.unsupported.len()), (Some(4), 1));
    // The valid part of Hearth's own metadata is used.
    let metadata = read(&[(
        "hearth",
        r#"{"version": 1, "prompt": "a", "seed": 7, "width": -8, "steps": []}"#,
    )]);
    let metadata = metadata.unwrap();
    assert_eq!((metadata.params.prompt.as_deref(), metadata.params.seed), (Some("a"), None));
    assert_eq!(in_english(&metadata.unsupported), ["seed", "width"]);
}

#[test]
fn guidance_rescale_has_the_name_of_the_web_ui_extension() {
    let mut metadata = usual();
    metadata.params.guidance_rescale = Some(0.7);
    let text = parameters(&metadata);
    assert!(text.contains(", CFG Rescale: 0.7, RNG: CPU, "), "{text}");
    for key in ["CFG Rescale", "CFG Rescale φ", "CFG Rescale phi"] {
        let text = text.replace("CFG Rescale", key);
        let found = read(&[("parameters", text)]).unwrap();
        assert_eq!(found.params.guidance_rescale, Some(0.7), "{key}");
    }
    assert_eq!(through_png(&metadata), Some(metadata));
}

/// AUTOMATIC1111's `Clip skip` is one more than diffusers' `clip_skip`, and its `Eta DDIM` is
/// diffusers' `eta`.
#[test]
fn clip_skip_and_eta_are_converted_for_automatic1111() {
    let mut metadata = usual();
    metadata.params.scheduler = Some(SamplerName::Ddim.into());
    metadata.params.clip_skip = Some(1);
    metadata.params.eta = Some(1.0);
    let text = parameters(&metadata);
    assert!(text.contains(", Clip skip: 2, Eta DDIM: 1, RNG: CPU, Version: "), "{text}");
    let found = read(&[("parameters", text)]).unwrap();
    assert_eq!((found.params.clip_skip, found.params.eta), (Some(1), Some(1.0)));
    assert_eq!(through_png(&metadata), Some(metadata));

    let read = |settings: &str| {
        let text = format!("a cat\nSteps: 20, Seed: 1, Size: 512x512, {settings}");
        let metadata = read(&[("parameters", text)]).unwrap();
        (metadata.params.clip_skip, metadata.params.eta, in_english(&metadata.unsupported))
    };
    let lost = |what: &str| vec![what.to_string()];
    assert_eq!(read("Clip skip: 1"), (Some(0), Some(0.0), vec![]));
    // As in versions before 1.6.
    assert_eq!(read("Sampler: DDIM, Eta: 0.5"), (Some(0), Some(0.5), vec![]));
    // For other samplers it scales their noise.
    assert_eq!(read("Sampler: Euler a, Eta: 1"), (Some(0), Some(0.0), vec![]));
    assert_eq!(read("Sampler: Euler a, Eta: 0.5"), (Some(0), Some(0.0), lost("Eta: 0.5")));
    assert_eq!(read("Eta DDIM: much"), (Some(0), None, lost("Eta DDIM: much")));
}

#[test]
fn grammar_of_a_picture_is_that_of_its_program() {
    let read = |settings: &str| {
        let text = format!("a (red:1.2) cat\nSteps: 20, Seed: 1, CFG scale: 7, {settings}");
        read(&[("parameters", text)]).unwrap().params
    };
    let params = read("Version: v1.10.1, Emphasis: No norm");
    assert_eq!((params.grammar, params.emphasis), (Some(Grammar::A1111), Some(Emphasis::NoNorm)));
    // Hearth's pictures from before it had grammars.
    assert_eq!(read("Version: Hearth 0.1.0").grammar, Some(Grammar::Plain));
    let params = read("Version: Hearth 0.1.0, Prompt grammar: comfy, Emphasis: Ignore");
    assert_eq!((params.grammar, params.emphasis), (Some(Grammar::Comfy), Some(Emphasis::Ignore)));
    let old = hearth::pipeline::metadata::read(&[("hearth", r#"{"version": 1, "prompt": "(a)"}"#)]);
    assert_eq!(old.unwrap().params.grammar, Some(Grammar::Plain));
}

#[test]
fn number_behind_a_prompt_of_automatic1111_multiplies_the_guidance() {
    let text = |program: &str| {
        let text =
            format!("a photo, ratio 16:9\nSteps: 20, CFG scale: 7, Seed: 1, Version: {program}");
        let params = read(&[("parameters", text)]).unwrap().params;
        (params.prompt.unwrap(), params.guidance_scale.unwrap())
    };
    assert_eq!(text("v1.6.0"), ("a photo, ratio 16".to_string(), 63.0));
    assert_eq!(text("Hearth 0.1.0"), ("a photo, ratio 16:9".to_string(), 7.0));
}

#[test]
fn too_long_texts_are_ignored() {
    let long = "a: b, ".repeat(1 << 20);
    for key in ["hearth", "parameters"] {
        let metadata = read(&[(key, long.as_str())]).unwrap();
        assert_eq!((metadata.params.prompt, metadata.unsupported.len()), (None, 1));
    }
    let deep = "[".repeat(500_000);
    assert_eq!(read(&[("hearth", deep.as_str())]).unwrap().unsupported.len(), 1);
    let mebibyte = "\"\\".repeat(400_000);
    assert!(read(&[("parameters", mebibyte.as_str())]).is_some());
}

/// Usual and unusual prompts.
fn prompt() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z ,:\"\\\\\n\r\t😀é]{0,60}",
        "(Steps: [0-9]{1,3}, |Negative prompt: |Sampler: Euler, |Seed: 7, |\n|\"|a){0,12}",
    ]
}

fn metadata() -> impl Strategy<Value = GenerationMetadata> {
    let start = proptest::option::of((0u32..=100, proptest::option::of(any::<u32>()), 0usize..9));
    let numbers = (any::<u32>(), -1000i32..1000, any::<u64>(), any::<u16>(), any::<u16>());
    let fine = (0usize..32, 0u32..=20);
    (prompt(), prompt(), prompt(), (numbers, fine), 0..SchedulerName::all().count(), start)
        .prop_map(|(prompt, negative_prompt, name, numbers, scheduler, start)| {
            let ((steps, guidance, seed, width, height), (clip_skip, eta)) = numbers;
            let (strength, padding, blur) = start.unwrap_or_default();
            GenerationMetadata {
                params: PartialParams {
                    prompt: Some(prompt),
                    negative_prompt: Some(negative_prompt),
                    num_inference_steps: Some(steps as usize),
                    guidance_scale: Some(f64::from(guidance) / 20.0),
                    seed: Some(seed),
                    scheduler: SchedulerName::all().nth(scheduler),
                    noise: None,
                    width: Some(usize::from(width)),
                    height: Some(usize::from(height)),
                    clip_skip: Some(clip_skip),
                    clip_skip_negative: Some(clip_skip / 2),
                    grammar: Some(Grammar::ALL[clip_skip % 3]),
                    emphasis: Some(Emphasis::ALL[clip_skip % 4]),
                    guidance_rescale: Some(f64::from(20 - eta) / 20.0),
                    eta: Some(f64::from(eta) / 20.0),
                    strength: start.map(|_| f64::from(strength) / 100.0),
                    padding_mask_crop: padding.map(|padding| padding as usize),
                    mask_blur: Some(blur).filter(|blur| *blur > 0),
                },
                vae: (clip_skip % 2 == 1).then(|| {
                    let sha256 = "01".repeat(32);
                    vae_identity(format!("{name}, a"), (eta > 9).then_some(&sha256))
                }),
                model: Some(ModelIdentity { name, place: None, fingerprint: None }),
                init_image: start.map(|(_, _, blur)| InitImageMetadata {
                    image_sha256: Some("ab".repeat(32)),
                    mask_sha256: (blur > 0).then(|| "cd".repeat(32)),
                }),
                adapters: (0..clip_skip % 3)
                    .map(|index| AdapterUse {
                        name: format!("a_{index}"),
                        unet: f64::from(eta) / 20.0,
                        text_encoder: f64::from(guidance) / 20.0,
                    })
                    .collect(),
                adapter_hashes: (0..clip_skip % 3).map(|index| hashed(index, seed)).collect(),
                embeddings: (0..clip_skip % 4).map(|index| hashed(index, seed)).collect(),
                ..GenerationMetadata::default()
            }
        })
}

proptest! {
    #[test]
    fn written_metadata_are_read_back(metadata in metadata()) {
        prop_assert_eq!(through_png(&metadata), Some(metadata));
    }

    /// As far as AUTOMATIC1111's own text can express it: its reader trims lines, and every
    /// `Negative prompt:` begins the negative prompt.
    #[test]
    fn parameters_text_has_the_same_settings(
        metadata in metadata(),
        prompt in "[a-z,:\"\\\\😀é]{1,9}( [a-z,:\"\\\\😀é]{1,9}){0,5}(\n[a-z]{1,9}){0,3}",
        negative in "([a-z,:\"]{1,9}(\n[a-z]{1,9}){0,3})?",
    ) {
        let mut metadata = metadata;
        metadata.params.prompt = Some(prompt);
        metadata.params.negative_prompt = Some(negative);
        metadata.adapters = Vec::new();
        let found = read(&[("parameters", parameters(&metadata))]).unwrap();
        // The nearest schedule of the web UI stands for one that it lacks.
        let mut again = metadata.clone();
        again.params.scheduler = found.params.scheduler;
        prop_assert_eq!(parameters(&again), parameters(&metadata));
        prop_assert_eq!(found.params, again.params);
        prop_assert_eq!(found.init_image.is_some(), metadata.init_image.is_some());
    }

    #[test]
    fn any_text_is_read_without_panic(text in any::<String>(), own in any::<String>()) {
        let _ = read(&[("hearth", own.as_str()), ("parameters", text.as_str())]);
        let line = format!("a\nSteps: 1, Sampler: {text}, Seed: \"{own}, Size: {own}x{text}");
        let _ = read(&[("parameters", line)]);
    }

    #[test]
    fn any_json_is_read_without_panic(
        key in "version|prompt|seed|model|start|width|guidance_scale|scheduler",
        value in "null|-1|1e999|1e308|0.5|\"a\"|\\[\\]|\\{\\}|\\{\"strength\":9\\}|\\{\"name\":3\\}|18446744073709551616",
    ) {
        let own = format!("{{\"version\": 1, {key:?}: {value}}}");
        let _ = read(&[("hearth", own)]);
    }

    #[test]
    fn any_graph_is_read_without_panic(
        class in "KSampler|KSamplerAdvanced|Reroute|LoraLoader|EmptyLatentImage|VAEEncode|VAEDecode|SaveImage",
        name in "seed|steps|model|clip|positive|latent_image|samples|images|denoise|vae",
        value in "-1|0|1e300|null|\"a\"|\\[\"[1-5]\", 0\\]|\\[\\]",
    ) {
        let more = format!(r#"{name:?}: {value}}}}}, "4": {{"class_type": {class:?}, "inputs": {{{name:?}: {value}, "model": ["5", 0]}}}},
            "5": {{"class_type": {class:?}, "inputs": {{{name:?}: ["4", 0]"#);
        let text = graph(&more, "\"a\"");
        let _ = read(&[("prompt", text.as_str())]);
    }

    #[test]
    fn any_damaged_file_is_read_without_panic(at in 0usize..400, byte in any::<u8>(), end in 0usize..600) {
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

const SETTINGS: &str = "Steps: 30, Sampler: Euler a, CFG scale: 6.5, Seed: 7, Size: 512x768";

/// Reads `parameters` with these further settings.
fn with_settings(more: &str) -> GenerationMetadata {
    read(&[("parameters", format!("a castle\nNegative prompt: fog\n{SETTINGS}, {more}"))]).unwrap()
}

#[test]
fn settings_that_change_the_image_are_named() {
    let metadata = with_settings(
        "Model hash: 6ce0161689, Model: v1-5-pruned, VAE hash: 1, VAE: vae-ft-mse.ckpt, ENSD: 31337, RNG: CPU, \
         ControlNet 0: \"Module: canny, Weight: 1\", ADetailer model: face_yolov8n.pt, \
         ADetailer confidence: 0.3, TI hashes: \"a: 1\", Version: v1.9.4",
    );
    assert_eq!(
        in_english(&metadata.unsupported),
        [
            "ControlNet 0: Module: canny, Weight: 1",
            "ADetailer model: face_yolov8n.pt",
            "ENSD: 31337",
        ]
    );
    let vae = vae_identity("vae-ft-mse.ckpt".to_string(), None);
    assert_eq!(metadata.vae, Some(vae), "its hash is none");
    let metadata = with_settings(
        "freeu_enabled: True, freeu_b1: 1.01, sag_enabled: False, Hires upscale: 2, Hires steps: 10, \
         Hires upscaler: Latent, Variation seed: 5, Variation seed strength: 0.3, Version: f2.0.1v1.10.1",
    );
    assert_eq!(
        in_english(&metadata.unsupported),
        [
            "Hires upscale: 2",
            "Hires steps: 10",
            "Hires upscaler: Latent",
            "Variation seed: 5",
            "Variation seed strength: 0.3",
            "freeu_enabled: True",
        ]
    );
    let text = "a\nSteps: 3, Sampler: HeunPP2, Schedule type: Karras, Seed: -1, Size: 64x64";
    let metadata = read(&[("parameters", text.to_string())]).unwrap();
    assert_eq!(in_english(&metadata.unsupported), ["Sampler: HeunPP2", "Schedule type: Karras"]);
    assert_eq!(metadata.params.seed, None);
    let off = with_settings("VAE: Automatic, ENSD: 0, Face restoration: None, Version: v1.9.4");
    assert!(off.unsupported.is_empty(), "{:?}", off.unsupported);
    // In Hearth's own files brackets are text.
    let mut own = usual();
    own.params.prompt = Some("a (big) cat".to_string());
    assert!(read(&[("parameters", parameters(&own))]).unwrap().unsupported.is_empty());
}

#[test]
fn denoising_strength_without_init_image_is_ignored() {
    let api = with_settings("Denoising strength: 0, Model: a");
    assert_eq!((api.params.strength, api.init_image, api.unsupported), (None, None, vec![]));
    let hires = with_settings("Denoising strength: 0.7, First pass size: 0x0, Model: a");
    assert_eq!((hires.params.strength, hires.init_image), (None, None));
    assert_eq!(in_english(&hires.unsupported), ["First pass size: 0x0"]);
}

#[test]
fn lines_behind_the_settings_do_not_hide_them() {
    for further in
        ["\nTemplate: a {red|blue}, castle: x, y: 1, z: 2", "\n\nTiling: True", "\r\nsome words"]
    {
        let text = format!("a castle\nNegative prompt: fog\n{SETTINGS}{further}");
        let metadata = read(&[("parameters", text)]).unwrap();
        let params = metadata.params;
        assert_eq!(params.prompt.as_deref(), Some("a castle"), "{further:?}");
        assert_eq!(params.negative_prompt.as_deref(), Some("fog"), "{further:?}");
        assert_eq!((params.num_inference_steps, params.seed), (Some(30), Some(7)), "{further:?}");
    }
}

#[test]
fn json_of_other_programs_is_read() {
    let swarm = r#"{
        "sui_image_params": {"prompt": "a castle", "negativeprompt": "fog", "model": "v1-5-pruned",
            "seed": 965400086, "steps": 30, "cfgscale": 6.5, "width": 512, "height": 768,
            "sampler": "euler_ancestral", "scheduler": "normal", "loras": ["detail"], "vae": "None"},
        "sui_extra_data": {"date": "2025-01-01"}}"#;
    let fooocus = r#"{"metadata_scheme": "fooocus", "prompt": "a castle", "negative_prompt": "fog",
        "base_model": "v1-5-pruned", "guidance_scale": 6.5, "resolution": "(512, 768)", "loras": [],
        "sampler": "euler", "scheduler": "karras", "seed": "965400086", "steps": 30, "styles": "['Fooocus V2']"}"#;
    let invoke = r#"{"positive_prompt": "a castle", "negative_prompt": "fog", "steps": 30, "cfg_scale": 6.5,
        "seed": 965400086, "width": 512, "height": 768, "scheduler": "dpmpp_2m_k",
        "model": {"name": "v1-5-pruned"}, "loras": [], "vae": null}"#;
    let novel = r#"{"steps": 30, "sampler": "k_euler_ancestral", "seed": 965400086, "scale": 6.5, "uc": "fog",
        "width": 512, "height": 768, "noise_schedule": "native", "sm": false}"#;
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, Option<&'a str>, &'a [&'a str]);
    let cases: [Case; 4] = [
        (
            &[("parameters", swarm)],
            "euler-ancestral-normal",
            Some("v1-5-pruned"),
            &["the noise of each step, which ComfyUI draws in its own way"],
        ),
        (
            &[("parameters", fooocus), ("fooocus_scheme", "fooocus")],
            "euler-karras",
            Some("v1-5-pruned"),
            &["styles: ['Fooocus V2']"],
        ),
        (&[("invokeai_metadata", invoke)], "dpmpp-2m-karras", Some("v1-5-pruned"), &[]),
        (
            &[("Software", "NovelAI"), ("Description", "a castle"), ("Comment", novel)],
            "euler-ancestral",
            None,
            &[],
        ),
    ];
    let grammars = [Grammar::Comfy, Grammar::Comfy, Grammar::Plain, Grammar::Plain];
    for ((texts, scheduler, model, lost), grammar) in cases.into_iter().zip(grammars) {
        let metadata = read(texts).unwrap();
        let params = PartialParams {
            prompt: Some("a castle".to_string()),
            negative_prompt: Some("fog".to_string()),
            num_inference_steps: Some(30),
            guidance_scale: Some(6.5),
            seed: Some(965_400_086),
            scheduler: Some(scheduler.parse().unwrap()),
            width: Some(512),
            height: Some(768),
            guidance_rescale: Some(0.0),
            eta: Some(0.0),
            clip_skip: Some(0),
            clip_skip_negative: Some(0),
            grammar: Some(grammar),
            emphasis: Some(Emphasis::Original),
            ..PartialParams::default()
        };
        assert_eq!(metadata.params, params, "{texts:?}");
        let adapters: Vec<&str> = metadata.adapters.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(adapters, if texts[0].1 == swarm { vec!["detail"] } else { vec![] });
        assert_eq!(metadata.model.map(|model| model.name).as_deref(), model);
        assert_eq!(in_english(&metadata.unsupported), lost, "{texts:?}");
    }
}

/// Returns ComfyUI's graph of a sampler, its prompt and what saves its picture.
fn graph(sampler: &str, text: &str) -> String {
    format!(
        r#"{{"1": {{"class_type": "KSampler", "inputs": {{"positive": ["2", 0], {sampler}}}}},
            "2": {{"class_type": "CLIPTextEncode", "inputs": {{"text": {text}}}}},
            "3": {{"class_type": "SaveImage", "inputs": {{"images": ["1", 0]}}, "is_changed": [NaN]}}}}"#
    )
}

#[test]
fn damaged_graph_of_comfyui_is_read_as_far_as_it_goes() {
    let read = |sampler: &str, text: &str| {
        read(&[("prompt", graph(sampler, text)), ("workflow", "{}".to_string())]).unwrap()
    };
    let found = read(r#""seed": "7", "steps": [], "cfg": -1e400"#, r#""a NaN""#);
    assert_eq!(found.params, PartialParams::default());
    let found = read(r#""seed": "7", "steps": "many", "cfg": 4"#, r#""a NaN""#);
    assert_eq!(found.params.prompt.as_deref(), Some("a NaN"));
    assert_eq!((found.params.seed, found.params.guidance_scale), (Some(7), Some(4.0)));
    assert_eq!(in_english(&found.unsupported), ["steps: many"]);
    // Links in circles, to nothing, and to a node without a text.
    let circle = r#""seed": ["1", 0], "latent_image": ["1", 0], "model": ["1", 0]"#;
    assert_eq!(read(circle, r#""a""#).params.prompt.as_deref(), Some("a"));
    for text in [r#"["2", 0]"#, r#"["9", 0]"#, r#"["3", 0]"#, "7"] {
        let lost = in_english(&read(r#""seed": 7"#, text).unsupported);
        assert_eq!(lost, ["the settings of ComfyUI, which are not read"], "{text}");
    }
}

#[test]
fn unknown_json_is_named_and_never_a_prompt() {
    let graph = r#"{"3": {"class_type": "KSampler", "inputs": {"seed": 5}}}"#;
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("parameters", "{\"a\": 1}")], "the settings of JSON, which are not read"),
        (&[("parameters", "{\"a\": NaN, \"b\"")], "the settings of JSON, which are not read"),
        (&[("parameters", "[1, 2]")], "the settings of JSON, which are not read"),
        (&[("prompt", graph), ("workflow", "{}")], "the settings of ComfyUI, which are not read"),
        (&[("sd-metadata", "{}")], "the settings of InvokeAI, which are not read"),
    ];
    for (texts, lost) in cases {
        let metadata = read(texts).unwrap();
        assert_eq!(metadata.params, PartialParams::default(), "{texts:?}");
        assert_eq!(in_english(&metadata.unsupported), [lost], "{texts:?}");
    }
    // Prompts that look like JSON at first.
    for prompt in ["{red|blue} castle", "[a:b:0.5] castle"] {
        let metadata = read(&[("parameters", format!("{prompt}\n{SETTINGS}"))]).unwrap();
        assert_eq!(metadata.params.prompt.as_deref(), Some(prompt));
    }
    // A plain prompt under ComfyUI's keyword.
    assert_eq!(read(&[("prompt", "a castle")]), None);
}

#[test]
fn pasted_text_is_metadata_only_with_settings() {
    let metadata = read_pasted(&format!("a castle\nNegative prompt: fog\n{SETTINGS}")).unwrap();
    assert_eq!(metadata.params.negative_prompt.as_deref(), Some("fog"));
    let one_line = read_pasted(&format!("a castle Negative prompt: fog {SETTINGS}")).unwrap();
    assert_eq!(one_line, metadata);
    let half = read_pasted(&format!("a castle Negative prompt: fog\n{SETTINGS}")).unwrap();
    assert_eq!(half, metadata);
    let two_steps = format!("{SETTINGS}, Refiner Steps: 5, Refiner: x, Model: y");
    let whole = read_pasted(&format!("a castle\nNegative prompt: fog\n{two_steps}")).unwrap();
    assert_eq!(whole.params.prompt.as_deref(), Some("a castle"));
    assert_eq!(read_pasted(&format!("a castle Negative prompt: fog {two_steps}")).unwrap(), whole);
    let no_negative = read_pasted(&format!("a castle {SETTINGS}")).unwrap();
    assert_eq!(no_negative.params.prompt.as_deref(), Some("a castle"));
    assert_eq!(no_negative.params.negative_prompt.as_deref(), Some(""));
    for prompt in ["a castle", "a castle, Steps: 3", "", "{\"a\": 1}", "a castle\non a hill"] {
        assert_eq!(read_pasted(prompt), None, "{prompt:?}");
    }
}

#[test]
fn part_of_a_pasted_text_leaves_the_rest_as_it_is() {
    let settings = read_pasted(SETTINGS).unwrap().params;
    assert!(settings.seed.is_some() && settings.num_inference_steps.is_some());
    assert_eq!((settings.prompt, settings.negative_prompt), (None, None));
    let negative = read_pasted("Negative prompt: fog").unwrap().params;
    let wanted = PartialParams { negative_prompt: Some("fog".to_string()), ..<_>::default() };
    assert_eq!(negative, wanted);
    let weights = "(worst quality:1.4), (low quality:1.4), (bad hands:1.3)";
    let weighted = read_pasted(&format!("a castle\nNegative prompt: fog,\n{weights}")).unwrap();
    assert_eq!(weighted.params.negative_prompt, Some(format!("fog,\n{weights}")));
    let weighted = read_pasted(&format!("Negative prompt: {weights}")).unwrap().params;
    assert_eq!(
        weighted,
        PartialParams { negative_prompt: Some(weights.to_string()), ..<_>::default() }
    );
    let prompts = read_pasted("a castle\nNegative prompt: fog").unwrap().params;
    assert_eq!(prompts, PartialParams { prompt: Some("a castle".to_string()), ..wanted });
}
