//! Checkpoints with other keys: old names, averaged copies, other programs.

use std::collections::BTreeMap;

use hearth::families::recognise;
use hearth::model::Component;
use hearth::weights::key_maps::module_path;

use super::keys::{Golden, flat, push};

#[test]
fn old_and_new_keys_of_folders_are_equal() {
    let cases = [
        (Component::TEXT_ENCODER, "text_model.embeddings.position_ids", None),
        (Component::TEXT_ENCODER_2, "embeddings.position_ids", None),
        (
            Component::TEXT_ENCODER_2,
            "encoder.layers.0.mlp.fc1.bias",
            Some("text_model.encoder.layers.0.mlp.fc1.bias"),
        ),
        (
            Component::TEXT_ENCODER_2,
            "text_model.final_layer_norm.bias",
            Some("text_model.final_layer_norm.bias"),
        ),
        (Component::TEXT_ENCODER_2, "text_projection.weight", Some("text_projection.weight")),
        (
            Component::VAE,
            "decoder.mid_block.attentions.0.proj_attn.bias",
            Some("decoder.mid_block.attentions.0.to_out.0.bias"),
        ),
        (Component::UNET, "mid_block.resnets.0.norm1.bias", Some("mid_block.resnets.0.norm1.bias")),
    ];
    for (component, key, expected) in cases {
        assert_eq!(module_path(component, key).as_deref(), expected, "{component:?} {key}");
    }
}

#[test]
fn averaged_copy_is_ignored_unless_it_is_the_only_one() {
    let golden = Golden::open();
    for name in ["sd1", "sd2", "sdxl"] {
        let checkpoint = golden.checkpoint(name);
        let plain = checkpoint.single_file();
        let both = checkpoint.entries(|key| match flat(key) {
            Some(copy) => vec![key.to_string(), copy],
            None => vec![key.to_string()],
        });
        let file = recognise(name, &both, &BTreeMap::new(), None).unwrap();
        assert!(!file.averaged, "{name}");
        checkpoint.check_against(&file, &both, |key| key.to_string());
        let copies = file.left_out.iter().filter(|key| key.starts_with("model_ema.")).count();
        let unet = checkpoint.parts[&Component::UNET].rows.len();
        let bare = plain.iter().filter(|entry| entry.name.starts_with("model_ema.")).count();
        assert_eq!(copies, unet + bare, "{name}");

        let only = checkpoint.entries(|key| vec![flat(key).unwrap_or_else(|| key.to_string())]);
        let file = recognise(name, &only, &BTreeMap::new(), None).unwrap();
        assert!(file.averaged, "{name}");
        checkpoint.check_against(&file, &only, |key| flat(key).unwrap_or_else(|| key.to_string()));
    }
}

#[test]
fn files_of_other_programs_are_recognised() {
    let golden = Golden::open();
    let checkpoint = golden.checkpoint("sd1");
    // Pruned, in half precision, with the other prefix of the autoencoder, and with the remains of
    // the whole CLIP that merging programs leave.
    let mut entries = checkpoint.entries(|key| match key.strip_prefix("first_stage_model.") {
        Some(rest) => vec![format!("vae.{rest}")],
        None if checkpoint.beside.contains_key(key) => Vec::new(),
        None => vec![key.to_string()],
    });
    let junk = [
        ("cond_stage_model.transformer.text_projection.weight", vec![768, 768]),
        ("cond_stage_model.transformer.vision_model.embeddings.class_embedding", vec![1024]),
        ("cond_stage_model.logit_scale", vec![]),
        ("vae.model_ema.decay", vec![]),
        ("vae.loss.logvar", vec![]),
    ];
    for (key, shape) in &junk {
        push(&mut entries, key, shape);
    }
    let file = recognise("merged", &entries, &BTreeMap::new(), None).unwrap();
    checkpoint.check_against(&file, &entries, |key| key.replace("first_stage_model.", "vae."));
    for (key, _) in &junk {
        assert!(file.left_out.iter().any(|left| left == key), "{key}");
    }
    // The text encoder of programs of 2022, without its outer prefix.
    let old = |key: &str| {
        key.replace("cond_stage_model.transformer.text_model.", "cond_stage_model.transformer.")
    };
    let entries = checkpoint.entries(|key| vec![old(key)]);
    let file = recognise("old", &entries, &BTreeMap::new(), None).unwrap();
    checkpoint.check_against(&file, &entries, old);
}

#[test]
fn files_of_diffusers_conversion_script_are_recognised() {
    // `convert_diffusers_to_original_sdxl.py` keeps the projection a linear layer; other programs
    // also keep the autoencoder's attention as linear layers.
    let golden = Golden::open();
    let checkpoint = golden.checkpoint("sdxl");
    let projection = "conditioner.embedders.1.model.text_projection";
    let renamed = |key: &str| match key == projection {
        true => format!("{key}.weight"),
        false => key.to_string(),
    };
    let mut entries = checkpoint.entries(|key| vec![renamed(key)]);
    let query = "first_stage_model.encoder.mid.attn_1.q.weight";
    let entry = entries.iter_mut().find(|entry| entry.name == query).unwrap();
    assert_eq!(entry.shape, [512, 512, 1, 1]);
    entry.shape = vec![512, 512];
    let file = recognise("converted", &entries, &BTreeMap::new(), None).unwrap();
    let found = file.tensors[&Component::TEXT_ENCODER_2].get("text_projection.weight").unwrap();
    assert_eq!((found.transposed, &found.shape), (false, &vec![1280, 1280]));
    let found = file.tensors[&Component::VAE].get("encoder.mid_block.attentions.0.to_q.weight");
    assert_eq!(found.unwrap().shape, [512, 512]);
}

#[test]
fn files_that_forge_saved_are_recognised() {
    let golden = Golden::open();
    let checkpoint = golden.checkpoint("sd1");
    let encoder = |key: &str| {
        key.replace("cond_stage_model.transformer.", "text_encoders.clip_l.transformer.")
    };
    let mut entries = checkpoint.entries(|key| match key.starts_with("first_stage_model.") {
        true => Vec::new(),
        false => vec![encoder(key)],
    });
    // The autoencoder has diffusers' keys.
    for row in &checkpoint.parts[&Component::VAE].rows {
        push(&mut entries, &format!("vae.{}", row.path), &row.shape);
    }
    push(&mut entries, "text_encoders.clip_l.transformer.text_projection.weight", &[768, 768]);
    push(&mut entries, "text_encoders.clip_l.logit_scale", &[]);
    let file = recognise("forge", &entries, &BTreeMap::new(), None).unwrap();
    for (component, part) in &checkpoint.parts {
        let tensors = &file.tensors[component];
        assert_eq!(tensors.len(), part.rows.len(), "{component:?}");
        for row in &part.rows {
            assert_eq!(tensors.get(&row.path).unwrap().module_shape(), row.shape, "{}", row.path);
        }
    }
}

/// SDXL's second text encoder has transformers' keys there, not open_clip's.
#[test]
fn sdxl_files_that_forge_saved_are_recognised() {
    let golden = Golden::open();
    let checkpoint = golden.checkpoint("sdxl");
    let mut entries = checkpoint.entries(|key| match key.starts_with("conditioner.") {
        true => Vec::new(),
        false => vec![key.to_string()],
    });
    let encoders = [(Component::TEXT_ENCODER, "clip_l"), (Component::TEXT_ENCODER_2, "clip_g")];
    for (component, name) in encoders {
        for row in &checkpoint.parts[&component].rows {
            let key = format!("text_encoders.{name}.transformer.{}", row.path);
            push(&mut entries, &key, &row.shape);
        }
    }
    let file = recognise("forge", &entries, &BTreeMap::new(), None).unwrap();
    for (component, _) in encoders {
        let (tensors, part) = (&file.tensors[&component], &checkpoint.parts[&component]);
        assert_eq!(tensors.len(), part.rows.len(), "{component:?}");
        for row in &part.rows {
            let found = tensors.get(&row.path).unwrap();
            assert_eq!((found.module_shape(), found.transposed), (row.shape.clone(), false));
        }
    }
}

#[test]
fn attention_of_autoencoder_with_names_of_diffusers_is_recognised() {
    const NAMES: [(&str, &str); 4] =
        [(".q.", ".to_q."), (".k.", ".to_k."), (".v.", ".to_v."), (".proj_out.", ".to_out.0.")];
    let golden = Golden::open();
    let checkpoint = golden.checkpoint("sd1");
    let renamed = |key: &str| match key.contains("mid.attn_1.") {
        true => NAMES.iter().fold(key.to_string(), |key, (from, to)| key.replace(from, to)),
        false => key.to_string(),
    };
    let mut entries = checkpoint.entries(|key| vec![renamed(key)]);
    for entry in &mut entries {
        if entry.name.contains("mid.attn_1.to_") && entry.shape.len() == 4 {
            entry.shape.truncate(2);
        }
    }
    let file = recognise("converted", &entries, &BTreeMap::new(), None).unwrap();
    checkpoint.check_against(&file, &entries, renamed);
}

#[test]
fn keys_of_wrapped_models_are_recognised() {
    let golden = Golden::open();
    let checkpoint = golden.checkpoint("sdxl");
    let wrapped = [
        ("model.diffusion_model.", "model.diffusion_model._orig_mod."),
        ("model.diffusion_model.", "_orig_mod.model.diffusion_model."),
        ("model.diffusion_model.", "model.model.diffusion_model."),
    ];
    for (from, to) in wrapped {
        let entries = checkpoint.entries(|key| vec![key.replace(from, to)]);
        let file = recognise("wrapped", &entries, &BTreeMap::new(), None).unwrap();
        let (tensors, part) =
            (&file.tensors[&Component::UNET], &checkpoint.parts[&Component::UNET]);
        assert_eq!(tensors.len(), part.rows.len(), "{to}");
        assert!(part.rows.iter().all(|row| tensors.get(&row.path).is_some()), "{to}");
    }
    let path = module_path(Component::UNET, "_orig_mod.mid_block.resnets.0.norm1.bias");
    assert_eq!(path.as_deref(), Some("mid_block.resnets.0.norm1.bias"));
}

#[test]
fn guidance_embedding_makes_file_a_latent_consistency_model() {
    let golden = Golden::open();
    let mut entries = golden.checkpoint("sd1").single_file();
    push(&mut entries, "model.diffusion_model.time_embed.cond_proj.weight", &[320, 256]);
    let file = recognise("lcm", &entries, &BTreeMap::new(), None).unwrap();
    let unet = &file.tensors[&Component::UNET];
    assert_eq!(unet.get("time_embedding.cond_proj.weight").unwrap().shape, [320, 256]);
    let config =
        |path: &str| -> serde_json::Value { serde_json::from_str(&file.configs[path]).unwrap() };
    assert_eq!(config("unet/config.json")["time_cond_proj_dim"], 256);
    assert_eq!(config("scheduler/scheduler_config.json")["_class_name"], "LCMScheduler");
}
