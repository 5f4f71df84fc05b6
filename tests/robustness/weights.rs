//! Strict loading: every mismatch is an error that names it.

use hearth::params::GenerationParams;
use std::fs;
use std::rc::Rc;

use crate::support;
use crate::support::checkpoint::{copy, rewrite};
use burn::tensor::Device;
use hearth::Error;
use hearth::families::Checkpoint;
use hearth::runtime::{self, Limits, Model, Residency};
use hearth::weights::{Folder, OpenOptions};
use safetensors::tensor::Dtype;
use serde_json::{Value, json};
use tempfile::TempDir;

const UNET: &str = "unet/diffusion_pytorch_model.safetensors";

#[test]
fn missing_tensor_is_error_with_its_name() {
    let folder = copy("sd1");
    rewrite(&folder, UNET, |tensors| {
        tensors.remove("mid_block.resnets.0.conv1.bias").unwrap();
    });
    match open(&folder) {
        Err(Error::TensorMismatch { path, missing, unexpected, wrong_shape }) => {
            assert_eq!(path, UNET);
            assert_eq!(missing, ["mid_block.resnets.0.conv1.bias"]);
            assert!(unexpected.is_empty() && wrong_shape.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn unexpected_tensor_is_error_with_its_name() {
    let folder = copy("sd1");
    rewrite(&folder, UNET, |tensors| {
        tensors.insert("lora.up.weight".into(), (Dtype::F32, vec![1], vec![0; 4]));
    });
    match open(&folder) {
        Err(Error::TensorMismatch { unexpected, .. }) => assert_eq!(unexpected, ["lora.up.weight"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn tensor_of_another_shape_is_error_with_both_shapes() {
    let folder = copy("sd1");
    rewrite(&folder, UNET, |tensors| {
        tensors.get_mut("conv_in.bias").unwrap().1.insert(0, 1);
    });
    match open(&folder) {
        Err(Error::TensorMismatch { wrong_shape, .. }) => {
            let [wrong] = wrong_shape.as_slice() else { panic!("{wrong_shape:?}") };
            assert_eq!(wrong.to_string(), "conv_in.bias: expected [8], found [1, 8]");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn half_precision_loads_and_integers_are_errors() {
    let folder = copy("sd2");
    rewrite(&folder, UNET, |tensors| {
        for (index, (dtype, _, bytes)) in tensors.values_mut().enumerate() {
            let values = support::bytes_to_f32(bytes);
            (*dtype, *bytes) = if index % 2 == 0 {
                let halves = values.iter().flat_map(|v| half::f16::from_f32(*v).to_le_bytes());
                (Dtype::F16, halves.collect())
            } else {
                let halves = values.iter().flat_map(|v| half::bf16::from_f32(*v).to_le_bytes());
                (Dtype::BF16, halves.collect())
            };
        }
    });
    open(&folder).expect("f16 and bf16 are supported");
    rewrite(&folder, UNET, |tensors| tensors.get_mut("conv_in.bias").unwrap().0 = Dtype::I16);
    let error = open(&folder).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("conv_in.bias"), "{error}");
}

#[test]
fn truncated_weight_file_is_error() {
    let folder = copy("sd1");
    let path = folder.path().join("vae/diffusion_pytorch_model.safetensors");
    let whole = fs::read(&path).unwrap();
    for keep in [0, 7, 8, 100, 5000, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..keep]).unwrap();
        let error = open(&folder).unwrap_err();
        assert_eq!(error.code(), "corrupt-weights", "{keep} bytes: {error}");
    }
    let longer = [whole.as_slice(), &[0]].concat();
    fs::write(&path, longer).unwrap();
    assert_eq!(open(&folder).unwrap_err().code(), "corrupt-weights");
    // A header that claims more than the file has is an error.
    for claimed in [u64::MAX, 1 << 40, whole.len() as u64] {
        let mut hostile = whole.clone();
        hostile[..8].copy_from_slice(&claimed.to_le_bytes());
        fs::write(&path, hostile).unwrap();
        assert_eq!(open(&folder).unwrap_err().code(), "corrupt-weights");
    }
}

#[test]
fn missing_file_is_error_with_its_name() {
    for path in [
        "model_index.json",
        "unet/config.json",
        "vae/config.json",
        "text_encoder/config.json",
        "scheduler/scheduler_config.json",
        "tokenizer/vocab.json",
        "tokenizer/merges.txt",
        UNET,
    ] {
        let folder = copy("sd1");
        fs::remove_file(folder.path().join(path)).unwrap();
        match open(&folder) {
            Err(Error::MissingFile { path: named, .. }) => assert_eq!(named, path),
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn unsupported_configs_are_errors_with_reason() {
    let cases = [
        ("model_index.json", "_class_name", json!("FluxPipeline"), "unsupported"),
        ("model_index.json", "_class_name", Value::Null, "invalid-config"),
        ("model_index.json", "requires_aesthetics_score", json!(true), "unsupported"),
        ("unet/config.json", "class_embed_type", json!("timestep"), "unsupported"),
        ("unet/config.json", "addition_embed_type", json!("text_time"), "invalid-config"),
        ("unet/config.json", "addition_embed_type", json!("image"), "invalid-config"),
        ("unet/config.json", "in_channels", json!(8), "unsupported"),
        ("unet/config.json", "down_block_types", json!(["AttnDownBlock2D"]), "invalid-config"),
        ("unet/config.json", "block_out_channels", json!([]), "invalid-config"),
        ("unet/config.json", "block_out_channels", json!([8, 16, 25]), "invalid-config"),
        ("unet/config.json", "norm_num_groups", json!(0), "invalid-config"),
        ("unet/config.json", "attention_head_dim", json!(0), "invalid-config"),
        ("unet/config.json", "attention_head_dim", json!([2, 2]), "invalid-config"),
        ("unet/config.json", "cross_attention_dim", json!(99), "invalid-config"),
        ("unet/config.json", "layers_per_block", json!(-1), "invalid-config"),
        ("vae/config.json", "shift_factor", json!(0.1), "unsupported"),
        ("vae/config.json", "scaling_factor", json!(0), "invalid-config"),
        ("vae/config.json", "latent_channels", json!(16), "invalid-config"),
        ("text_encoder/config.json", "num_attention_heads", json!(7), "invalid-config"),
        ("text_encoder/config.json", "hidden_act", json!("tanh"), "invalid-config"),
        ("text_encoder/config.json", "max_position_embeddings", json!(76), "invalid-config"),
        ("text_encoder/config.json", "vocab_size", json!(10), "invalid-config"),
        ("scheduler/scheduler_config.json", "beta_schedule", json!("cubic"), "any"),
    ];
    for (path, field, value, code) in cases {
        let folder = copy("sd1");
        let file = folder.path().join(path);
        let mut config: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        config[field] = value.clone();
        fs::write(&file, config.to_string()).unwrap();
        let request = hearth::pipeline::Request::from(GenerationParams {
            prompt: String::new(),
            num_inference_steps: 1,
            guidance_scale: 1.0,
            seed: 0,
            scheduler: None,
            width: 8,
            height: 8,
            ..GenerationParams::default()
        });
        let error = match open(&folder) {
            Err(error) => error,
            // Values that only a run uses may be refused by the run.
            Ok(model) => pollster::block_on(model.generate(&request, &support::Quiet))
                .map(|_| ())
                .expect_err(&format!("{path}: {field} = {value} went through")),
        };
        assert!(code == "any" || error.code() == code, "{path} {field} = {value}: {error:?}");
        assert!(error.to_string().contains(path), "{path} is not named: {error}");
    }
    let folder = copy("sd1");
    fs::write(folder.path().join("unet/config.json"), "{").unwrap();
    assert_eq!(open(&folder).unwrap_err().code(), "invalid-config");
}

#[test]
fn weights_that_are_no_numbers_are_blamed_for_a_picture_without_any() {
    const VAE: &str = "vae/diffusion_pytorch_model.safetensors";
    let cases = [
        (UNET, "mid_block.resnets.0.conv1.bias", f32::NAN),
        (VAE, "decoder.conv_out.weight", f32::INFINITY),
    ];
    for (file, tensor, value) in cases {
        let folder = copy("sd1");
        rewrite(&folder, file, |tensors| {
            tensors.get_mut(tensor).unwrap().2[..4].copy_from_slice(&value.to_le_bytes());
        });
        match generate(&folder) {
            Err(error @ Error::CorruptWeights { .. }) => {
                let sentence = format!(
                    "{file} is damaged: the values of its tensor {tensor} are not all numbers. The \
                     settings are not to blame"
                );
                assert!(error.to_string().starts_with(&sentence), "{error}");
            }
            other => panic!("{file}: {other:?}"),
        }
    }
}

#[test]
fn finite_weights_are_not_blamed_for_a_picture_without_numbers() {
    let folder = copy("sd1");
    rewrite(&folder, UNET, |tensors| {
        for value in tensors.get_mut("conv_out.weight").unwrap().2.as_chunks_mut::<4>().0 {
            *value = 3e38_f32.to_le_bytes();
        }
    });
    match generate(&folder) {
        Err(error @ Error::Image { .. }) => {
            assert!(error.to_string().contains("no numbers, though all weights are"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

fn generate(folder: &TempDir) -> hearth::Result<()> {
    let params = GenerationParams { num_inference_steps: 2, ..support::runs::params() };
    let request = hearth::pipeline::Request::from(params);
    pollster::block_on(open(folder)?.generate(&request, &support::Quiet)).map(drop)
}

#[test]
fn missing_checkpoint_is_error() {
    let error = Folder::open("no/such/folder").unwrap_err();
    assert!(error.to_string().contains("no such file or folder"), "{error}");
}

fn open(folder: &TempDir) -> hearth::Result<Model<Folder>> {
    let source = Rc::new(Folder::open(folder.path())?);
    pollster::block_on(async {
        let checkpoint = Checkpoint::open(&*source, &OpenOptions::default()).await?;
        let (device, mut loaded) = (Device::flex(), async |_| Ok(()));
        runtime::load(checkpoint, source, &device, Limits::default(), Residency::All, &mut loaded)
            .await
    })
}
