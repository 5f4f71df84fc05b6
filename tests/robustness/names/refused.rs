//! Files that are no checkpoints, and malicious files.

use std::collections::BTreeMap;

use hearth::Error;
use hearth::families::recognise;
use hearth::model::Component;
use hearth::weights::safetensors::Entry;
use hearth::weights::single_file::file_type;

use super::keys::{Golden, push};

#[test]
fn safetensors_files_that_are_no_checkpoints_are_identified() {
    let golden = Golden::open();
    let sd1 = golden.checkpoint("sd1").single_file();
    let sdxl = golden.checkpoint("sdxl").single_file();
    let without = |entries: &[Entry], prefix: &str| -> Vec<Entry> {
        entries.iter().filter(|entry| !entry.name.starts_with(prefix)).cloned().collect()
    };
    let only = |entries: &[Entry], prefix: &str, new: &str| -> Vec<Entry> {
        let kept = entries.iter().filter_map(|entry| {
            let rest = entry.name.strip_prefix(prefix)?;
            Some(Entry { name: format!("{new}{rest}"), ..entry.clone() })
        });
        kept.collect()
    };
    let changed = |entries: &[Entry], key: &str, shape: &[usize]| -> Vec<Entry> {
        let mut entries = entries.to_vec();
        entries.iter_mut().find(|entry| entry.name == key).unwrap().shape = shape.to_vec();
        entries
    };
    let with = |entries: &[Entry], key: &str, shape: &[usize]| -> Vec<Entry> {
        let mut entries = entries.to_vec();
        push(&mut entries, key, shape);
        entries
    };
    let keys = |keys: &[(&str, &[usize])]| -> Vec<Entry> {
        let mut entries = Vec::new();
        for (key, shape) in keys {
            push(&mut entries, key, shape);
        }
        entries
    };
    let (unet, vae) = ("model.diffusion_model.", "first_stage_model.");
    let conv_in = "model.diffusion_model.input_blocks.0.0.weight";
    let folder = |name: &str, component| -> Vec<Entry> {
        let checkpoint = golden.checkpoint(name);
        let rows = &checkpoint.parts[&component].rows;
        keys(&rows.iter().map(|r| (r.path.as_str(), r.shape.as_slice())).collect::<Vec<_>>())
    };
    let cases: Vec<(Vec<Entry>, &str)> = vec![
        (keys(&[("lora_unet_down_blocks_0.lora_up.weight", &[320, 4])]), "a LoRA"),
        (keys(&[("unet.down_blocks.0.attn1.to_q.lora_A.weight", &[4, 320])]), "a LoRA"),
        (keys(&[("lora_te_text_model_encoder.hada_w1_a", &[4, 320])]), "a LoRA"),
        (keys(&[("unet.to_q_lora.down.weight", &[4, 320])]), "a LoRA"),
        (keys(&[("control_model.time_embed.0.weight", &[1280, 320])]), "a ControlNet"),
        (with(&sd1, "control_model.zero_convs.0.0.weight", &[320, 320, 1, 1]), "a ControlNet"),
        (keys(&[("controlnet_cond_embedding.conv_in.weight", &[16, 3, 3, 3])]), "a ControlNet"),
        (keys(&[("image_proj.proj.weight", &[3072, 1024])]), "an adapter"),
        (keys(&[("emb_params", &[8, 768])]), "a textual inversion"),
        (keys(&[("<cat-toy>", &[768])]), "a textual inversion"),
        (keys(&[("clip_l", &[4, 768]), ("clip_g", &[4, 1280])]), "a textual inversion"),
        (only(&sd1, vae, ""), "an autoencoder (VAE) alone"),
        (only(&sd1, vae, vae), "an autoencoder (VAE) alone"),
        (folder("sdxl", Component::VAE), "an autoencoder (VAE) alone"),
        (folder("taesd", Component::VAE), "a tiny autoencoder alone"),
        (only(&sd1, unet, ""), "a UNet alone"),
        (folder("sd1", Component::UNET), "a UNet alone"),
        (folder("sdxl", Component::UNET), "a UNet alone"),
        (folder("sd1", Component::TEXT_ENCODER), "a text encoder alone"),
        (folder("sdxl", Component::TEXT_ENCODER_2), "a text encoder alone"),
        (only(&sdxl, "conditioner.embedders.1.model.", ""), "a text encoder alone"),
        (
            only(&sd1, unet, unet),
            "Stable Diffusion 1.x without its autoencoder (VAE) and its text encoder",
        ),
        (without(&sd1, vae), "Stable Diffusion 1.x without its autoencoder (VAE)"),
        (without(&sd1, "cond_stage"), "Stable Diffusion 1.x without its text encoder"),
        (
            without(&sdxl, "conditioner.embedders.1."),
            "Stable Diffusion XL without its second text encoder",
        ),
        (with(&sdxl, "conditioner.embedders.0.model.ln_final.bias", &[1280]), "the refiner"),
        (with(&sdxl, "edm_mean", &[1, 4, 1, 1]), "Playground 2.5"),
        (with(&sdxl, "edm_vpred.sigma_max", &[]), "a checkpoint with continuous noise levels"),
        (changed(&sd1, conv_in, &[320, 8, 3, 3]), "for InstructPix2Pix"),
        (changed(&sd1, conv_in, &[320, 5, 3, 3]), "that reads a depth map"),
        (changed(&sd1, conv_in, &[320, 6, 3, 3]), "whose UNet has 6 channels"),
        (with(&sd1, "model.diffusion_model.label_emb.weight", &[1000, 1024]), "an upscaler"),
        (
            with(
                &sd1,
                "model.diffusion_model.input_blocks.1.0.time_stack.in_layers.0.bias",
                &[320],
            ),
            "a video model",
        ),
        (
            keys(&[("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight", &[9, 9])]),
            "Stable Diffusion 3",
        ),
        (keys(&[("double_blocks.0.img_attn.norm.key_norm.scale", &[128])]), "Flux"),
        (keys(&[("distilled_guidance_layer.in_proj.bias", &[5120])]), "Chroma"),
        (
            keys(&[("transformer_blocks.0.attn.add_q_proj.weight", &[3072, 3072])]),
            "a diffusion transformer",
        ),
        (keys(&[("clip_txt_mapper.weight", &[2048, 1280])]), "Stable Cascade"),
        (keys(&[("encoder.block.0.layer.0.SelfAttention.q.weight", &[9, 9])]), "a T5 text encoder"),
        (keys(&[("model.layers.0.self_attn.q_proj.weight", &[9, 9])]), "a language model"),
        (keys(&[("vision_model.post_layernorm.bias", &[1024])]), "an image encoder"),
        (keys(&[("mid_block.motion_modules.0.bias", &[320])]), "a video model"),
        (keys(&[("something.else", &[2, 3, 4])]), "(it holds \"something.else\")"),
        (Vec::new(), "without any tensor"),
    ];
    for (entries, expected) in cases {
        let error = recognise("m.safetensors", &entries, &BTreeMap::new(), None).unwrap_err();
        assert_eq!(error.code(), "not-a-checkpoint", "{expected}: {error}");
        let text = error.to_string();
        assert!(
            text.starts_with("m.safetensors is ") && text.contains(expected),
            "{expected}: {text}"
        );
        assert!(text.contains("1.x, 2.x and XL") && text.ends_with('.'), "{text}");
    }
}

#[test]
fn other_files_are_identified() {
    let safetensors = [&16u64.to_le_bytes()[..], b"{\"__metadata__\":"].concat();
    let odd_length = [&0x7bu64.to_le_bytes()[..], b"{\"a\":{\"dtype\":\"F32\""].concat();
    for bytes in [&safetensors, &odd_length] {
        assert_eq!(file_type("anything.ckpt", bytes), None);
    }
    let cases: [(&str, &[u8], &str); 22] = [
        ("v1-5.ckpt", b"PK\x03\x04\0\0archive/data.pkl", "a pickle"),
        ("model.zip", b"PK\x03\x04\0\0archive/data.pkl", "a pickle"),
        ("model.safetensors", b"PK\x03\x04\0\0", "a pickle"),
        ("old.pt", b"\x80\x02}q\0", "a pickle"),
        ("old.bin", b"whatever this is", "a pickle"),
        ("model.zip", b"PK\x03\x04\0\0model.safetensors", "an archive"),
        ("model.7z", b"7z\xbc\xaf\x27\x1c", "an archive"),
        ("model.tar.gz", b"\x1f\x8b\x08", "an archive"),
        ("sd.gguf", b"GGUF\x03\0\0\0", "a GGUF file"),
        ("unet.onnx", b"\x08\x07\x12\x07pytorch", "a network for ONNX"),
        ("model.h5", b"\x89HDF\r\n\x1a\n", "Keras"),
        (
            "m.safetensors",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:6ce0",
            "only a pointer that git keeps",
        ),
        ("m.safetensors", b"<!DOCTYPE html><html>", "a web page"),
        ("m.safetensors", b"\n\n<html lang=\"en\">", "a web page"),
        ("config.json", b"{\"_class_name\": \"UNet2DConditionModel\"}", "JSON"),
        ("list.json", b"[1, 2]", "JSON"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "a picture"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "a picture"),
        ("m.safetensors", b"", "empty"),
        ("m.safetensors", b"Entry not found", "no safetensors file"),
        ("m.safetensors", b"\0\0\0", "no safetensors file"),
    ];
    for (name, bytes, expected) in cases {
        let kind = file_type(name, bytes).unwrap_or_else(|| panic!("{name} passed"));
        let error = kind.refuse(name);
        assert_eq!(error.code(), "not-a-checkpoint", "{error}");
        let text = error.to_string();
        assert!(text.starts_with(&format!("{name} is ")), "{text}");
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let pickle = file_type("v1-5.ckpt", b"PK\x03\x04").unwrap().refuse("v1-5.ckpt").to_string();
    assert!(pickle.contains("can run any program") && pickle.contains(".safetensors"), "{pickle}");
}

#[test]
fn malicious_keys_and_shapes_are_errors() {
    let golden = Golden::open();
    let keys = [
        "input_blocks.999999999999.0.in_layers.0.weight",
        "input_blocks.18446744073709551615.0.op.weight",
        "input_blocks.99999999999999999999999999.0.op.weight",
        "output_blocks.18446744073709551615.2.conv.weight",
        "output_blocks.11.99.conv.weight",
        "middle_block.99.norm.weight",
        "input_blocks.+1.0.in_layers.0.weight",
        "input_blocks.01.0.in_layers.0.weight",
        "input_blocks.-1.0.in_layers.0.weight",
        "input_blocks...",
        "input_blocks.",
        "input_blocks.1.1.",
        "out.",
        "",
        "ünïcödé.🦀",
    ];
    for name in ["sd1", "sd2", "sdxl"] {
        for key in keys {
            let mut entries = golden.checkpoint(name).single_file();
            push(&mut entries, &format!("model.diffusion_model.{key}"), &[3]);
            for vae in [
                "encoder.down.18446744073709551615.block.0.norm1.bias",
                "decoder.up.18446744073709551615.block.0.norm1.bias",
                "decoder.up.4.block.0.norm1.bias",
                "decoder.mid.attn_1.k.weight.more",
                "decoder.mid.attn_1.",
            ] {
                push(&mut entries, &format!("first_stage_model.{vae}"), &[3]);
            }
            for copy in [key, "input_blocks", "input_blocks1", "middle_blockweight", "weight", ""] {
                push(&mut entries, &format!("model_ema.diffusion_model{copy}"), &[3]);
            }
            // Valid tensors are all located, and the loader receives the invalid ones.
            match recognise(name, &entries, &BTreeMap::new(), None) {
                Ok(file) => {
                    let unet = &file.tensors[&Component::UNET];
                    let mut all = unet.iter().map(|(_, located)| &located.key);
                    let wrong = format!("model.diffusion_model.{key}");
                    assert!(all.any(|found| *found == wrong), "{name} {key}");
                }
                Err(error) => panic!("{name} {key}: {error}"),
            }
        }
    }
    // Shapes that cannot be split, and duplicate keys.
    for (name, key, shape) in [
        ("sd2", "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_bias", vec![3073]),
        ("sd2", "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_bias", vec![]),
        ("sdxl", "conditioner.embedders.1.model.text_projection", vec![1280]),
    ] {
        let mut entries = golden.checkpoint(name).single_file();
        entries.iter_mut().find(|entry| entry.name == key).unwrap().shape = shape;
        let error = recognise(name, &entries, &BTreeMap::new(), None).unwrap_err();
        assert!(
            matches!(&error, Error::CorruptWeights { reason, .. } if reason.to_string().contains(key)),
            "{error}"
        );
    }
    let mut entries = golden.checkpoint("sd1").single_file();
    push(&mut entries, "cond_stage_model.transformer.final_layer_norm.bias", &[768]);
    let error = recognise("sd1", &entries, &BTreeMap::new(), None).unwrap_err();
    assert!(error.to_string().contains("is there twice"), "{error}");
    // No valid tensor.
    let mut entries = Vec::new();
    for key in keys {
        push(&mut entries, &format!("model.diffusion_model.{key}"), &[usize::MAX]);
        push(&mut entries, key, &[0, usize::MAX, 3]);
    }
    recognise("rubbish", &entries, &BTreeMap::new(), None).unwrap_err();
    for len in 0..12 {
        for byte in [0, 0x7b, 0x80, 0xff] {
            file_type("", &vec![byte; len]);
        }
    }
}
