//! Command line program: results, metadata, errors and exit status.

use crate::support::terminal::{grey, hearth};
use crate::support::{self, Goldens, Tolerance, golden};
use hearth::image::{Mask, RgbImage};
use hearth::pipeline::metadata;
use safetensors::SafeTensors;

#[test]
fn generate_writes_image_and_latents_of_diffusers() {
    let folder = tempfile::tempdir().unwrap();
    let (png, latents) = (folder.path().join("a.png"), folder.path().join("a.safetensors"));
    let model = golden("sd1");
    let goldens = Goldens::open("pipeline");
    let case = goldens.cases.iter().find(|case| case["name"] == "sd1.dpmpp-2m").unwrap();
    let asked = |field: &str| case["request"][field].to_string();
    let output = hearth(&[
        "generate",
        "--model",
        model.to_str().unwrap(),
        "--prompt",
        case["request"]["prompt"].as_str().unwrap(),
        "--num-inference-steps",
        &asked("num_inference_steps"),
        "--guidance-scale",
        &asked("guidance_scale"),
        "--seed",
        &asked("seed"),
        "--scheduler",
        "dpmpp-2m",
        "--width",
        &asked("width"),
        "--height",
        &asked("height"),
        "--device",
        "cpu",
        "--dtype",
        "f32",
        "--output",
        png.to_str().unwrap(),
        "--latents",
        latents.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{output:?}");

    let bytes = std::fs::read(latents).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.names(), ["latents"]);
    let view = file.tensor("latents").unwrap();
    let (shape, reference) = goldens.values(case, "outputs", "latents");
    assert_eq!(view.shape(), shape);
    let mut tolerance = Tolerance::new(support::CPU);
    tolerance.check("latents", &support::bytes_to_f32(view.data()), &reference);
    tolerance.finish("terminal");

    let (image, text) = RgbImage::from_png(&std::fs::read(png).unwrap()).unwrap();
    assert_eq!(
        [image.width.to_string(), image.height.to_string()],
        [asked("width"), asked("height")]
    );
    let said = |key: &str| text.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    assert_eq!(said("seed"), Some(asked("seed")));
    assert_eq!(said("scheduler").as_deref(), Some("dpmpp-2m"));
}

/// Flags are found in the file's metadata, and give diffusers' latents.
#[test]
fn clip_skip_and_eta_give_latents_of_diffusers_and_are_in_the_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let (png, latents) = (folder.path().join("a.png"), folder.path().join("a.safetensors"));
    let model = golden("sd1");
    let goldens = Goldens::open("parameters");
    let mut tolerance = Tolerance::new(support::CPU);
    for name in ["sd1.eta-1", "sd1.clip-skip-1", "sd1.both"] {
        let case = goldens.cases.iter().find(|case| case["name"] == name).unwrap();
        let asked = |field: &str| match &case["request"][field] {
            serde_json::Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let flags = [
            "prompt",
            "negative_prompt",
            "num_inference_steps",
            "guidance_scale",
            "seed",
            "scheduler",
            "width",
            "height",
            "clip_skip",
            "eta",
        ];
        let mut arguments = vec!["generate".to_string(), "--overwrite".to_string()];
        for field in flags {
            let flag = match field {
                "clip_skip" => "--skip-layers".to_string(),
                field => format!("--{}", field.replace('_', "-")),
            };
            arguments.extend([flag, asked(field)]);
        }
        for (flag, value) in [
            ("--model", model.to_str().unwrap()),
            ("--device", "cpu"),
            ("--dtype", "f32"),
            ("--output", png.to_str().unwrap()),
            ("--latents", latents.to_str().unwrap()),
        ] {
            arguments.extend([flag.to_string(), value.to_string()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = hearth(&arguments);
        assert!(output.status.success(), "{output:?}");

        let bytes = std::fs::read(&latents).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let (_, reference) = goldens.values(case, "outputs", "latents");
        let ours = support::bytes_to_f32(file.tensor("latents").unwrap().data());
        tolerance.check(name, &ours, &reference);

        let (_, texts) = RgbImage::from_png(&std::fs::read(&png).unwrap()).unwrap();
        let params = metadata::read(&texts).unwrap().params;
        let request = &case["request"];
        assert_eq!(params.clip_skip.map(|skip| skip as u64), request["clip_skip"].as_u64());
        assert_eq!(params.eta, request["eta"].as_f64());
        // Other programs read these.
        let text = texts.iter().find(|(key, _)| key == "parameters").unwrap().1.clone();
        assert_eq!(text.contains("Clip skip: 2"), name != "sd1.eta-1", "{text}");
        assert_eq!(text.contains("Eta DDIM: 1"), name != "sd1.clip-skip-1", "{text}");
    }
    tolerance.finish("terminal, clip_skip and eta");
}

#[test]
fn clip_skip_beyond_text_encoder_is_error_with_maximum() {
    let folder = tempfile::tempdir().unwrap();
    let model = golden("sd1");
    let output = folder.path().join("a.png");
    let output = hearth(&[
        "generate",
        "--model",
        model.to_str().unwrap(),
        "--prompt",
        "a",
        "--skip-layers",
        "9",
        "--device",
        "cpu",
        "--output",
        output.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    // Its text encoder has two layers.
    assert!(
        said.contains(
            "clip_skip is 9 skipped layers: the text encoder has only 2 that can be skipped."
        ),
        "{said}"
    );
}

#[test]
fn init_image_and_mask_are_read_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let goldens = Goldens::open("img2img");
    let case = goldens.cases.iter().find(|case| case["name"] == "sd1.mask.dpmpp-2m").unwrap();
    let given = goldens.picture(case, "inputs", "picture");
    let mask = goldens.mask(case, "inputs", "mask");
    std::fs::write(path("given.png"), given.to_png(&[]).unwrap()).unwrap();
    std::fs::write(path("mask.png"), grey(&mask).to_png(&[]).unwrap()).unwrap();
    let asked = |field: &str| case["request"][field].to_string();
    let seed: u64 = asked("seed").parse().unwrap();
    let output = hearth(&[
        "generate",
        "--model",
        golden("sd1").to_str().unwrap(),
        "--prompt",
        case["request"]["prompt"].as_str().unwrap(),
        "--num-inference-steps",
        &asked("num_inference_steps"),
        "--guidance-scale",
        &asked("guidance_scale"),
        "--seed",
        &(seed - 1).to_string(),
        "--num-images",
        "2",
        "--scheduler",
        "dpmpp-2m",
        "--image",
        &path("given.png"),
        "--mask",
        &path("mask.png"),
        "--strength",
        &asked("strength"),
        "--device",
        "cpu",
        "--dtype",
        "f32",
        "--output",
        &path("out.png"),
        "--latents",
        &path("out.safetensors"),
    ]);
    assert!(output.status.success(), "{output:?}");

    // The second of two images has the seed of the reference.
    let bytes = std::fs::read(path(&format!("out-{seed}.safetensors"))).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (_, reference) = goldens.values(case, "outputs", "latents");
    let mut tolerance = Tolerance::new(support::CPU);
    let latents = support::bytes_to_f32(file.tensor("latents").unwrap().data());
    tolerance.check("latents", &latents, &reference);
    tolerance.finish("terminal");
    let read = |name: &str| RgbImage::from_png(&std::fs::read(path(name)).unwrap()).unwrap().0;
    let (first, second) =
        (read(&format!("out-{}.png", seed - 1)), read(&format!("out-{seed}.png")));
    assert_ne!(first, second);
    for image in [first, second] {
        let pixels = image.pixels.iter().zip(&given.pixels).enumerate();
        for (_, (ours, given)) in pixels.filter(|(place, _)| mask.values()[place / 3] == 0) {
            assert_eq!(ours, given);
        }
    }
}

#[test]
fn init_image_of_any_size_is_fitted() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let given = |width: usize, height: usize| {
        let image = RgbImage { width, height, pixels: vec![90; width * height * 3] };
        std::fs::write(path("given.png"), image.to_png(&[]).unwrap()).unwrap();
        let mask = Mask::white(width, height);
        std::fs::write(path("mask.png"), grey(&mask).to_png(&[]).unwrap()).unwrap();
    };
    let size = |more: &[&str]| {
        let (model, image, out) = (golden("sd1"), path("given.png"), path("out.png"));
        let usual = [
            "generate",
            "--model",
            model.to_str().unwrap(),
            "--prompt",
            "",
            "--device",
            "cpu",
            "--num-inference-steps",
            "2",
            "--image",
            &image,
            "--overwrite",
            "--output",
            &out,
        ];
        let output = hearth(&[&usual, more].concat());
        assert!(output.status.success(), "{output:?}");
        let image = RgbImage::from_png(&std::fs::read(&out).unwrap()).unwrap().0;
        [image.width, image.height]
    };
    // Its own size, in steps of 8.
    given(45, 31);
    assert_eq!(size(&[]), [40, 24]);
    assert_eq!(size(&["--width", "24", "--height", "32", "--fit", "pad"]), [24, 32]);
    assert_eq!(size(&["--height", "16"]), [16, 16]);
    // Inpainting of the mask's surroundings keeps the image's size.
    let mask = path("mask.png");
    assert_eq!(size(&["--mask", &mask, "--padding-mask-crop", "4"]), [45, 31]);
    // A large image is reduced to the model's native number of pixels.
    given(640, 160);
    let [width, height] = size(&[]);
    assert!(width > 3 * height && width < 640, "{width} × {height}");
}

#[test]
fn invalid_images_are_errors_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let png = |width: usize| {
        RgbImage { width, height: 24, pixels: vec![0; width * 24 * 3] }.to_png(&[]).unwrap()
    };
    std::fs::write(path("a.png"), png(40)).unwrap();
    std::fs::write(path("small.png"), png(32)).unwrap();
    std::fs::write(path("photo.jpg"), b"\xff\xd8\xff\xe0 and so on").unwrap();
    let (image, small, jpeg) = (path("a.png"), path("small.png"), path("photo.jpg"));
    let model = golden("sd1");
    std::fs::write(path("photo.heic"), b"\0\0\0\x18ftypheic and so on").unwrap();
    let heic = path("photo.heic");
    let cases: [(&[&str], i32, &str); 10] = [
        (&["--image", &heic], 1, "photo.heic: it is no PNG, JPEG or WebP; convert it"),
        (&["--mask", &image], 2, "--image"),
        (&["--strength", "0.5"], 2, "--image"),
        (&["--image", &image, "--padding-mask-crop", "3"], 2, "--mask"),
        (&["--image", "no/where.png"], 1, "no/where.png"),
        (&["--image", &jpeg], 1, "photo.jpg: "),
        (&["--image", &image, "--strength", "1.5"], 1, "at most 1"),
        (&["--image", &image, "--mask", &small], 1, "the picture's size"),
        (&["--image", &image, "--mask", &image], 1, "nothing would change"),
        (&["--num-images", "0"], 2, "--num-images"),
    ];
    let usual = ["generate", "--model", model.to_str().unwrap(), "--prompt", "", "--device", "cpu"];
    for (more, status, words) in cases {
        let output = hearth(&[&usual, more].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{more:?}: {said}");
        assert!(said.contains(words), "{more:?}: {said}");
    }
}

#[test]
fn invalid_arguments_are_errors_with_exit_status() {
    let model = golden("sd1");
    let model = model.to_str().unwrap();
    let cases: [(&[&str], i32, &str); 13] = [
        (&["generate", "--model", model], 2, "--prompt"),
        (&["paint"], 2, "paint"),
        (&["generate", "--model", model, "--prompt", "", "--scheduler", "x"], 2, "euler-ancestral"),
        (&["generate", "--model", model, "--prompt", "", "--device", "tpu"], 2, "cpu or wgpu"),
        (&["generate", "--model", "no/where", "--prompt", "", "--device", "cpu"], 1, "no/where"),
        (
            &["generate", "--model", model, "--prompt", "", "--device", "cpu", "--width", "44"],
            1,
            "multiple of 8",
        ),
        (
            &["generate", "--model", model, "--prompt", "", "--device", "cpu", "--dtype", "f16"],
            1,
            "f16",
        ),
        (
            &[
                "generate", "--model", model, "--prompt", "", "--device", "cpu", "--output",
                "no/x.png",
            ],
            1,
            "no such folder",
        ),
        (
            &[
                "generate",
                "--model",
                model,
                "--prompt",
                "",
                "--device",
                "cpu",
                "--num-inference-steps",
                "1001",
            ],
            1,
            "num_inference_steps",
        ),
        (&["bench", "--cases", "."], 2, "--case"),
        (&["bench", "--model", model, "--dry-run"], 2, "--dry-run"),
        (&["bench", "--device", "cpu", "--check"], 1, "Leave --device out"),
        (&["bench", "--device", "cpu", "--case", "sd15-text-64", "--dtype", "f16"], 1, "f16"),
    ];
    for (arguments, status, words) in cases {
        let output = hearth(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

/// Runs a small model and returns what it prints on both streams.
fn small(arguments: &[&str]) -> (bool, String, String) {
    let model = golden("sd1");
    let fixed = [
        "generate",
        "--model",
        model.to_str().unwrap(),
        "--device",
        "cpu",
        "--width",
        "24",
        "--height",
        "16",
        "--seed",
        "5",
    ];
    let all: Vec<&str> = fixed.iter().chain(arguments).copied().collect();
    let output = hearth(&all);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn clip_skip_counts_as_automatic1111_for_both_prompts() {
    let folder = tempfile::tempdir().unwrap();
    let png = folder.path().join("a.png");
    let png = png.to_str().unwrap();
    let steps = ["--prompt", "a red apple", "--steps", "1", "--overwrite", "--output", png];
    let pixels = |flags: &[&str]| {
        let arguments: Vec<&str> = steps.iter().chain(flags).copied().collect();
        let (done, _, said) = small(&arguments);
        assert!(done, "{said}");
        let (image, texts) = RgbImage::from_png(&std::fs::read(png).unwrap()).unwrap();
        (image, metadata::read(&texts).unwrap().params)
    };
    let (image, params) = pixels(&["--clip-skip", "2"]);
    assert_eq!((params.clip_skip, params.clip_skip_negative), (Some(1), Some(1)));
    assert_eq!(pixels(&["--skip-layers", "1", "--skip-layers-negative", "1"]).0, image);
    assert_ne!(pixels(&["--skip-layers", "1"]).0, image);
    assert_eq!(pixels(&["--clip-skip", "1"]).1.clip_skip, Some(0));
    let (done, _, said) = small(&["--prompt", "a", "--clip-skip", "0"]);
    assert!(!done && said.contains("--clip-skip"), "{said}");
}

#[test]
fn grammar_embeddings_and_wildcards_reach_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let png = folder.path().join("a.png");
    let embedding = golden("embeddings/my-style.safetensors");
    std::fs::write(folder.path().join("animal.txt"), "cat\n").unwrap();
    let with = |flags: &[&str]| {
        let mut arguments = vec!["--steps", "1", "--overwrite", "--output", png.to_str().unwrap()];
        arguments.extend(flags);
        let (done, _, said) = small(&arguments);
        assert!(done, "{said}");
        let (image, texts) = RgbImage::from_png(&std::fs::read(&png).unwrap()).unwrap();
        (image, metadata::read(&texts).unwrap().params, said)
    };
    let prompt = ["--prompt", "a (red:1.5) my-style __animal__"];
    let with_prompt = |flags: &[&str]| with(&[&prompt, flags].concat());
    let folder = folder.path().to_str().unwrap();
    let (weighted, params, _) = with_prompt(&[]);
    assert_eq!(params.grammar.unwrap().as_str(), "a1111");
    assert_ne!(with_prompt(&["--grammar", "plain"]).0, weighted);
    let embedding = embedding.to_str().unwrap();
    let (styled, _, said) = with_prompt(&["--embedding", embedding]);
    assert!(said.contains("my-style"), "{said}");
    let (_, texts) = RgbImage::from_png(&std::fs::read(&png).unwrap()).unwrap();
    let [file] = metadata::read(&texts).unwrap().embeddings.try_into().unwrap();
    assert_eq!((&*file.name, file.hash.as_deref()), ("my-style", Some("cfe0d19fce32")));
    let (done, _, said) = small(&["--prompt", "a", "--lora", embedding]);
    assert!(!done && said.contains("--embedding"), "{said}");
    assert_ne!(styled, weighted);
    let (_, params, _) = with_prompt(&["--wildcards", folder]);
    assert_eq!(params.prompt.as_deref(), Some("a (red:1.5) my-style cat"));
    let (done, _, said) = small(&["--prompt", "a __fish__", "--wildcards", folder]);
    assert!(!done && said.contains("fish.txt"), "{said}");
}

/// The adapter that `hearth.json` names is that of `--lora` with its parameters, unless it is left out.
#[test]
fn adapter_that_comes_with_a_model_is_on_by_default() {
    const CARD: &str = r#"{"num_inference_steps": 2, "guidance_scale": 2.0, "adapter":
        {"file": "few-steps/pytorch_lora_weights.safetensors", "num_inference_steps": 1, "guidance_scale": 1.0}}"#;
    let model = support::checkpoint::copy("sd1");
    let lora = golden("adapters/kohya.safetensors");
    std::fs::create_dir(model.path().join("few-steps")).unwrap();
    let own = model.path().join("few-steps/pytorch_lora_weights.safetensors");
    std::fs::copy(&lora, &own).unwrap();
    std::fs::write(model.path().join("hearth.json"), CARD).unwrap();
    let png = model.path().join("a.png");
    let made = |model: &std::path::Path, flags: &[&str]| {
        let (model, png) = (model.to_str().unwrap(), png.to_str().unwrap());
        let fixed = ["generate", "--model", model, "--device", "cpu", "--seed", "5", "--prompt"];
        let size = ["a cat", "--width", "24", "--height", "16", "--overwrite", "--output", png];
        let output = hearth(&[&fixed, &size[..], flags].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        let (image, texts) = RgbImage::from_png(&std::fs::read(png).unwrap()).unwrap();
        (image, metadata::read(&texts).unwrap(), said)
    };
    let (image, found, said) = made(model.path(), &[]);
    assert!(said.contains("few-steps"), "{said}");
    assert_eq!(found.adapters, [hearth::params::AdapterUse::whole("few-steps".to_string())]);
    // Its trainer wrote none.
    let [hash] = found.adapter_hashes.as_slice() else { panic!("{:?}", found.adapter_hashes) };
    assert_eq!((&*hash.name, hash.hash.as_deref()), ("few-steps", Some("06c708a968f0")));
    let params = |found: &metadata::GenerationMetadata| {
        (found.params.num_inference_steps, found.params.guidance_scale)
    };
    assert_eq!(params(&found), (Some(1), Some(1.0)));
    let lora = lora.to_str().unwrap();
    let unguided = ["--steps", "1", "--guidance-scale", "1"];
    let given = [&unguided[..], &["--no-adapter", "--lora", lora]].concat();
    assert_eq!(made(model.path(), &given).0, image);

    let (bare, found, _) = made(model.path(), &["--no-adapter"]);
    assert!(found.adapters.is_empty());
    assert_eq!(params(&found), (Some(2), Some(2.0)));
    assert_ne!(bare, image);
    // A folder of diffusers is named after itself.
    let folder = own.parent().unwrap().to_str().unwrap();
    let given = [&unguided[..], &["--no-adapter", "--lora", folder]].concat();
    let (same, found, _) = made(model.path(), &given);
    assert_eq!((same, &*found.adapters[0].name), (image, "few-steps"));

    std::fs::remove_file(&own).unwrap();
    let model = model.path().to_str().unwrap();
    let output = hearth(&["generate", "--model", model, "--device", "cpu", "--prompt", "a cat"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("few-steps/pytorch"), "{said}");
}

#[test]
fn matrix_writes_every_picture_and_a_labelled_grid() {
    let folder = tempfile::tempdir().unwrap();
    let png = folder.path().join("a.png");
    let (done, said, _) = small(&[
        "--prompt",
        "a red apple",
        "--matrix",
        "steps=1,2;sampler=euler,ddim",
        "--output",
        png.to_str().unwrap(),
    ]);
    assert!(done, "{said}");
    let names: Vec<&str> = said.lines().collect();
    assert_eq!(names.len(), 5, "{said}");
    let read = |name: &str| RgbImage::from_png(&std::fs::read(name).unwrap()).unwrap();
    let (grid, _) = read(names[4]);
    // The last picture stands at the lower right.
    let (last, texts) = read(names[3]);
    assert_eq!(metadata::read(&texts).unwrap().params.num_inference_steps, Some(2));
    let row = |image: &RgbImage, y: usize, x: usize| {
        image.pixels[(y * image.width + x) * 3..][..last.width * 3].to_vec()
    };
    let cell = "num-inference-steps 1".len() * 12;
    let (x, y) = (grid.width - 8 - cell, grid.height - 8 - last.height);
    for line in 0..last.height {
        assert_eq!(row(&grid, y + line, x), row(&last, line, 0), "line {line}");
    }
}

#[test]
fn styles_are_in_the_prompts_before_choices_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let (png, styles) = (folder.path().join("a.png"), folder.path().join("styles.csv"));
    let rows = "name,prompt,negative_prompt\nfilm,\"photo of {prompt}, {old|old}\",blurry\nink,hatching,\n";
    std::fs::write(&styles, rows).unwrap();
    let run = |style: &str| {
        small(&[
            "--prompt",
            "an apple",
            "--negative-prompt",
            "text",
            "--style",
            "film",
            "--style",
            style,
            "--styles",
            styles.to_str().unwrap(),
            "--dynamic",
            "--output",
            png.to_str().unwrap(),
        ])
    };
    let (done, said, _) = run("ink");
    assert!(done, "{said}");
    let (_, texts) = RgbImage::from_png(&std::fs::read(&png).unwrap()).unwrap();
    let params = metadata::read(&texts).unwrap().params;
    assert_eq!(params.prompt.as_deref(), Some("photo of an apple, old, hatching"));
    assert_eq!(params.negative_prompt.as_deref(), Some("text, blurry"));
    let (done, _, error) = run("oil");
    assert!(!done && error.contains("no style oil") && error.contains("film, ink"), "{error}");
}
