//! Test of the figures in `www/suggested-models.json` against the engine's own.

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::collections::BTreeMap;
    use std::rc::Rc;

    use burn::tensor::DType;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::super::{Blueprint, Limits, ModelFootprint, Weights};
    use crate::error::Result;
    use crate::families::{AnyFamily, FAMILIES, shapes};
    use crate::kernels::StorageFormat;
    use crate::model::{Component, NetworkConfig, UNetStructure};
    use crate::pipeline::Activations;
    use crate::tokenizer::Tokenizer;
    use crate::weights::diffusers::ModelIndex;
    use crate::weights::{Architecture, architecture_configs};

    const SUGGESTED: &str = include_str!("../../../www/suggested-models.json");
    const MERGES: &[u8] = include_bytes!("../../../www/clip/merges.txt");

    #[derive(Deserialize)]
    struct Suggestion {
        repository: String,
        download: u64,
        size: [usize; 2],
        memory: Memory,
    }

    #[derive(Deserialize)]
    struct Memory {
        gpu: u64,
        cpu: u64,
    }

    /// Returns the architecture of a repository, what is different in it, and its UNet's parameters.
    fn shape_of(repository: &str) -> (&'static str, Value, Option<UNetStructure>) {
        let structure =
            |channels: &[usize], down: &[&[usize]], mid, up: &[&[usize]]| UNetStructure {
                channels: channels.to_vec(),
                down: down.iter().map(|block| block.to_vec()).collect(),
                mid,
                up: up.iter().map(|block| block.to_vec()).collect(),
                only_cross_attention: vec![false; channels.len()],
            };
        let xl = [320, 640, 1280];
        match repository {
            "stable-diffusion-v1-5/stable-diffusion-inpainting" => {
                ("Stable Diffusion 1.x", json!({ "unet/config.json": { "in_channels": 9 } }), None)
            }
            "SimianLuo/LCM_Dreamshaper_v7" => (
                "Stable Diffusion 1.x",
                json!({ "unet/config.json": { "time_cond_proj_dim": 256 } }),
                None,
            ),
            "nota-ai/bk-sdm-tiny" | "segmind/tiny-sd" => {
                let blocks =
                    structure(&xl, &[&[1], &[1], &[1]], None, &[&[1, 1], &[1, 1], &[1, 1]]);
                ("Stable Diffusion 1.x", json!({}), Some(blocks))
            }
            "IDKiro/sdxs-512-dreamshaper" => {
                let blocks =
                    structure(&xl, &[&[0], &[1], &[1]], None, &[&[1, 1], &[1, 1], &[0, 0]]);
                let vae = json!({ "_class_name": "AutoencoderTiny", "latent_channels": 4 });
                ("Stable Diffusion 1.x", json!({ "vae/config.json": vae }), Some(blocks))
            }
            "stabilityai/sd-turbo" => ("Stable Diffusion 2.x", json!({}), None),
            "segmind/SSD-1B" => {
                let up: [&[usize]; 3] = [&[4, 4, 10], &[2, 1, 1], &[0, 0, 0]];
                let blocks = structure(&xl, &[&[0, 0], &[2, 2], &[4, 4]], Some(0), &up);
                ("Stable Diffusion XL", json!({}), Some(blocks))
            }
            "segmind/Segmind-Vega" => {
                let up: [&[usize]; 3] = [&[2, 2, 2], &[1, 1, 1], &[0, 0, 0]];
                let blocks = structure(&xl, &[&[0, 0], &[1, 1], &[2, 2]], Some(0), &up);
                ("Stable Diffusion XL", json!({}), Some(blocks))
            }
            "stabilityai/stable-diffusion-xl-base-1.0" => ("Stable Diffusion XL", json!({}), None),
            _ => ("Stable Diffusion 1.x", json!({}), None),
        }
    }

    /// Returns the footprint of a repository's models, with weights in f16.
    fn footprint(repository: &str) -> Result<ModelFootprint> {
        let (name, patch, blocks) = shape_of(repository);
        let architectures: Vec<&Architecture> = crate::families::architectures();
        let architecture = architectures.into_iter().find(|found| found.name == name);
        let texts = architecture_configs(architecture.unwrap_or_else(|| panic!("{name}")))?;
        let mut texts: BTreeMap<String, Value> = texts
            .into_iter()
            .map(|(path, text)| (path, serde_json::from_str(&text).unwrap_or_default()))
            .collect();
        for (path, fields) in patch.as_object().into_iter().flatten() {
            if fields.get("_class_name").is_some() {
                texts.insert(path.clone(), fields.clone());
                continue;
            }
            for (field, value) in fields.as_object().into_iter().flatten() {
                texts.entry(path.clone()).or_default()[field] = value.clone();
            }
        }
        if let Some(blocks) = blocks {
            let unet = texts.entry(Component::UNET.config_path()).or_default();
            for (field, value) in blocks.fields() {
                unet[field.as_str()] = value;
            }
            if blocks.mid.is_none() {
                unet["mid_block_type"] = Value::Null;
            }
        }
        let index = texts.get("model_index.json").map(Value::to_string).unwrap_or_default();
        let index = ModelIndex::from_json(index.as_bytes())?;
        let is_xl = name.ends_with("XL");
        let spec = FAMILIES[usize::from(is_xl)];
        let (mut configs, mut tokenizers) = (BTreeMap::new(), BTreeMap::new());
        let (mut on_gpu, mut on_cpu) = (Weights::default(), Weights::default());
        for row in spec.components {
            let path = row.component.config_path();
            let text = texts.get(&path).map(Value::to_string).unwrap_or_default();
            let config = NetworkConfig::from_json(row.component.kind, text.as_bytes(), &path)?;
            let expected = shapes(&config);
            on_gpu.add_network(&expected, StorageFormat::F16);
            on_cpu.add_network(&expected, StorageFormat::F32);
            configs.insert(row.component, config);
            if row.tokenizer.is_some() {
                let tokenizer = Rc::new(Tokenizer::from_merges(MERGES, None)?);
                tokenizers.insert(row.component, tokenizer);
            }
        }
        let all = configs.values().flat_map(|config| shapes(config).into_values());
        let parameters: u64 =
            all.map(|shape| shape.iter().map(|side| *side as u64).product::<u64>()).sum();
        let family = AnyFamily::new(spec, &index, &configs, tokenizers)?;
        let networks = configs.into_iter();
        let networks =
            networks.map(|(component, config)| (component, (config, StorageFormat::F16))).collect();
        let vae = if family.vae_overflows_f16() { DType::F32 } else { DType::F16 };
        Ok(ModelFootprint {
            download: 2 * parameters,
            on_gpu,
            on_cpu,
            f16_activations: Activations { denoiser: DType::F16, vae: vae.into() },
            blueprint: Blueprint { family, networks },
        })
    }

    #[test]
    fn suggested_models_state_the_engines_figures() {
        let file: Value = serde_json::from_str(SUGGESTED).unwrap();
        let models: Vec<Suggestion> = serde_json::from_value(file["models"].clone()).unwrap();
        assert!(models.len() >= 6);
        let mut wrong = Vec::new();
        for model in models {
            let footprint = footprint(&model.repository).unwrap();
            let gpu = footprint.plan(model.size, true, Limits::typical_gpu());
            let cpu = footprint.plan(model.size, true, Limits::default());
            let figures = [
                (model.download, footprint.download),
                (model.memory.gpu, gpu.weights + gpu.scratch),
                (model.memory.cpu, cpu.largest_network + cpu.scratch),
            ];
            let is_near = |(stated, real): &(u64, u64)| stated.abs_diff(*real) * 50 <= *real;
            if !figures.iter().all(is_near) {
                wrong.push(format!("{}: stated and real: {figures:?}", model.repository));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
