//! The terminal: the same numbers as the library, and an exit status that says how it went.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::process::{Command, Output};

use hearth::image::RgbImage;
use safetensors::SafeTensors;
use support::{Goldens, Tolerance, golden};

fn hearth(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearth")).args(arguments).output().unwrap()
}

#[test]
fn generate_writes_the_picture_and_the_latents_of_the_reference() {
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

#[test]
fn mistakes_end_with_a_sentence_and_the_right_status() {
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
