//! Networks, compared with diffusers and transformers.
//!
//! They run on the CPU, and on a GPU if there is one.

use std::collections::{BTreeMap, HashMap};

use crate::support::{self, Goldens, Layers, Tolerance, values};
use burn::tensor::{DType, Device};
use hearth::model::embeddings::guidance_scale_embedding;
use hearth::model::{
    AddedConditions, ClipTextModel, Component, Network, UNet2DConditionModel, UNetConditions,
    UNetHooks, Uninterrupted, Vae,
};
use serde_json::Value;

#[test]
fn components_equal_diffusers_on_cpu() {
    compare("components", (&Device::flex(), support::CPU, "CPU"), |_| true);
}

#[test]
fn components_equal_diffusers_on_gpu() {
    if let Some(gpu) = support::gpu() {
        compare("components", (&gpu.device, support::GPU, "GPU"), |_| true);
        gpu.check().unwrap();
    }
}

/// Compares the selected cases of `{name}.json`.
pub fn compare(
    name: &str,
    (device, limits, what): (&Device, support::Limits, &str),
    chosen: impl Fn(&Value) -> bool,
) {
    let goldens = Goldens::open(name);
    let mut models = HashMap::new();
    let mut tolerance = Tolerance::new(limits);
    for case in goldens.cases.iter().filter(|case| chosen(case)) {
        let name = case["model"].as_str().unwrap();
        let networks = models.entry(name).or_insert_with(|| Networks::load(name, device));
        let case = Case { goldens: &goldens, case, device };
        pollster::block_on(networks.check(&case, &mut tolerance));
    }
    tolerance.finish(what);
}

struct Networks {
    networks: BTreeMap<Component, Network>,
}

impl Networks {
    fn load(name: &str, device: &Device) -> Self {
        let source = Layers::of(name);
        pollster::block_on(async {
            let checkpoint = source.checkpoint().await;
            let mut networks = BTreeMap::new();
            for component in checkpoint.components.keys() {
                let mut loaded = async |_| Ok(());
                let network = checkpoint.load(*component, &source, device, &mut loaded);
                networks.insert(*component, network.await.unwrap());
            }
            Networks { networks }
        })
    }

    async fn check(&self, case: &Case<'_>, tolerance: &mut Tolerance) {
        let name = case.case["component"].as_str().unwrap();
        let of = |name: &str| self.networks.iter().find(|(component, _)| component.name == name);
        let network = |name: &str| of(name).unwrap_or_else(|| panic!("no component {name}")).1;
        match name {
            "unet" => check_unet(network(name).unet().unwrap(), case, tolerance).await,
            "vae_decode" => {
                let (vae, latents) = (network("vae").vae().unwrap(), case.input("latents"));
                let sample = vae.decode(latents, DType::F32, &Uninterrupted).await.unwrap();
                case.compare("sample", values(sample), tolerance);
            }
            "vae_encode" => check_encode(network("vae").vae().unwrap(), case, tolerance).await,
            _ => check_text_encoder(network(name).clip_text().unwrap(), case, tolerance).await,
        }
    }
}

async fn check_text_encoder(encoder: &ClipTextModel, case: &Case<'_>, tolerance: &mut Tolerance) {
    let ids = case.goldens.ids(case.case);
    let all = encoder.forward(&ids, 0, &Uninterrupted).await.unwrap();
    let skip = encoder.forward(&ids, 1, &Uninterrupted).await.unwrap();
    case.compare("last_hidden_state", values(all.last_hidden_state), tolerance);
    if case.expects("pooled_output") {
        case.compare("pooled_output", values(all.pooler_output), tolerance);
    }
    if case.expects("clip_skip_1") {
        case.compare("clip_skip_1", values(skip.encoder_hidden_states), tolerance);
    }
    if case.expects("penultimate") {
        case.compare("penultimate", values(all.penultimate_hidden_state), tolerance);
        case.compare("penultimate_skip_1", values(skip.penultimate_hidden_state), tolerance);
    }
    assert_eq!(case.expects("text_embeds"), all.text_embeds.is_some(), "{}", case.name());
    if let Some(embeds) = all.text_embeds {
        case.compare("text_embeds", values(embeds), tolerance);
    }
}

async fn check_unet(unet: &UNet2DConditionModel, case: &Case<'_>, tolerance: &mut Tolerance) {
    let sample = case.input::<4>("sample");
    let batch = sample.dims()[0];
    let timestep_cond = case.case["guidance_scale"].as_f64().map(|scale| {
        let golden = case.input::<2>("timestep_cond");
        let ours = guidance_scale_embedding(scale, batch, golden.dims()[1], case.device);
        let name = format!("{}.timestep_cond", case.name());
        tolerance.check(&name, &values(ours.clone()), &values(golden));
        ours.narrow(0, 0, 1)
    });
    let added = case.case["time_ids"].as_array().map(|ids| AddedConditions {
        text_embeds: case.input("text_embeds"),
        time_ids: ids.iter().map(|id| id.as_f64().unwrap() as f32).collect(),
    });
    let conditions = UNetConditions {
        encoder_hidden_states: case.input::<3>("encoder_hidden_states").narrow(0, 0, batch),
        timestep_cond,
        added,
    };
    let timestep = case.case["timestep"].as_f64().unwrap();
    let (cache, hooks) = (unet.cache(&[timestep], &conditions, DType::F32), UNetHooks::default());
    let ours = unet.forward(sample, timestep, &cache, &hooks, &Uninterrupted).await.unwrap();
    case.compare("sample", values(ours), tolerance);
}

async fn check_encode(vae: &Vae, case: &Case<'_>, tolerance: &mut Tolerance) {
    let sample = case.input("sample");
    match vae {
        Vae::Kl(vae) => {
            let latents = vae.encode(sample, DType::F32.into(), &Uninterrupted).await.unwrap();
            case.compare("mean", values(latents.mean), tolerance);
            case.compare("logvar", values(latents.logvar), tolerance);
        }
        Vae::Tiny(vae) => {
            let latents = vae.encode(sample, DType::F32.into(), &Uninterrupted).await.unwrap();
            case.compare("latents", values(latents), tolerance);
        }
    }
}

/// A case with its tensors.
struct Case<'a> {
    goldens: &'a Goldens,
    case: &'a Value,
    device: &'a Device,
}

impl Case<'_> {
    fn name(&self) -> &str {
        self.case["name"].as_str().unwrap()
    }

    fn input<const D: usize>(&self, what: &str) -> burn::tensor::Tensor<D> {
        self.goldens.tensor(self.case, "inputs", what, self.device)
    }

    fn expects(&self, what: &str) -> bool {
        !self.case["outputs"][what].is_null()
    }

    fn compare(&self, what: &str, ours: Vec<f32>, tolerance: &mut Tolerance) {
        let (_, golden) = self.goldens.values(self.case, "outputs", what);
        tolerance.check(&format!("{}.{what}", self.name()), &ours, &golden);
    }
}
