//! Flag `--vae`.

use crate::support::terminal::hearth;
use crate::support::{self, Goldens, Tolerance, golden};
use hearth::image::RgbImage;
use hearth::pipeline::metadata;
use safetensors::SafeTensors;

const FILE: &str = "vaes/other.safetensors";

#[test]
fn generate_with_another_autoencoder_equals_diffusers_and_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (png, latents) = (folder.path().join("a.png"), folder.path().join("a.safetensors"));
    let goldens = Goldens::open("vaes");
    let case = goldens.cases.iter().find(|case| case["name"] == "sd1.file.text").unwrap();
    let request = &case["request"];
    let (model, vae) = (golden("sd1"), golden(FILE));
    let mut arguments: Vec<String> = vec!["generate".to_string(), "--overwrite".to_string()];
    let mut flag = |name: &str, value: &str| {
        arguments.extend([format!("--{name}"), value.to_string()]);
    };
    for field in ["prompt", "negative_prompt"] {
        flag(field, request[field].as_str().unwrap());
    }
    for field in ["num_inference_steps", "guidance_scale", "seed", "width", "height"] {
        flag(field, &request[field].to_string());
    }
    for (name, value) in [("device", "cpu"), ("dtype", "f32")] {
        flag(name, value);
    }
    for (name, path) in [("model", &model), ("vae", &vae), ("output", &png), ("latents", &latents)]
    {
        flag(name, path.to_str().unwrap());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = hearth(&arguments);
    assert!(output.status.success(), "{output:?}");

    let bytes = std::fs::read(&latents).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (_, reference) = goldens.values(case, "outputs", "latents");
    let ours = support::bytes_to_f32(file.tensor("latents").unwrap().data());
    let mut tolerance = Tolerance::new(support::CPU);
    tolerance.check("latents", &ours, &reference);
    tolerance.finish("terminal");
    let (image, texts) = RgbImage::from_png(&std::fs::read(&png).unwrap()).unwrap();
    let (_, golden_picture) = goldens.values(case, "outputs", "pictures");
    let is_same = |(ours, golden): (&u8, &f32)| (f32::from(*ours) - golden * 255.0).abs() < 1.0;
    assert!(image.pixels.iter().zip(&golden_picture).all(is_same));
    let vae = metadata::read(&texts).unwrap().vae.unwrap();
    assert_eq!(vae.name, "other.safetensors");
    let parameters = texts.iter().find(|(key, _)| key == "parameters").unwrap();
    assert!(parameters.1.contains(", Model: sd1, VAE: other.safetensors, "), "{}", parameters.1);
}

#[test]
fn inspect_shows_another_autoencoder_or_why_it_cannot_be_used() {
    let (model, vae) = (golden("sd1"), golden(FILE));
    let inspected = |vae: &str| {
        let output = hearth(&["inspect", model.to_str().unwrap(), "--vae", vae]);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (status, text) = inspected(vae.to_str().unwrap());
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("VAE") && text.contains("other.safetensors: "), "{text}");
    let (status, text) = inspected(golden("adapters/kohya.safetensors").to_str().unwrap());
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("kohya.safetensors is a LoRA") && text.contains("Choose a VAE"),
        "{text}"
    );
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.safetensors", "b.safetensors"] {
        std::fs::copy(golden(FILE), folder.path().join(name)).unwrap();
    }
    let (status, text) = inspected(folder.path().to_str().unwrap());
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.starts_with("hearth: vae is ") && text.contains("a.safetensors, b.safetensors"),
        "{text}"
    );
    let (status, text) = inspected("stabilityai/sd-vae-ft-mse");
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("hf download stabilityai/sd-vae-ft-mse"), "{text}");
}
