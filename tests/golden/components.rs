//! Every network equals diffusers' and transformers', on the CPU and on a GPU where there is one.

use std::collections::HashMap;

use crate::support::{self, Goldens, Layers, Tolerance, values};
use burn::tensor::{DType, Device, Tensor};
use hearth::model::embeddings::guidance_scale_embedding;
use hearth::model::{
    AddedConditions, ClipTextModel, UNet2DConditionModel, UNetConditions, Unfinished,
    Uninterrupted, Vae,
};
use serde_json::Value;

#[test]
fn components_equal_the_reference_on_the_cpu() {
    compare(&Device::flex(), support::CPU, "CPU");
}

#[test]
fn components_equal_the_reference_on_the_gpu() {
    if let Some(gpu) = support::gpu() {
        compare(&gpu.device, support::GPU, "GPU");
        gpu.check().unwrap();
    }
}

#[test]
fn a_step_that_was_not_prepared_is_an_error() {
    pollster::block_on(async {
        let (source, device) = (Layers::of("sd1"), Device::flex());
        let checkpoint = source.checkpoint().await;
        let config = &checkpoint.unet;
        let unet = checkpoint.load_unet(&source, &device, &mut async |_| Ok(())).await.unwrap();
        let zeros = |batch: usize| {
            Tensor::<4>::zeros([batch, config.in_channels, 8, 8], (&device, DType::F32))
        };
        let states = [2, 77, config.cross_attention_dim.get(0)];
        let states = Tensor::<3>::zeros(states, (&device, DType::F32));
        let prepared = unet.prepare(&[500.0, 250.0], &states.into(), DType::F32);
        for (batch, index, is_there) in [(2, 1, true), (2, 2, false), (1, 0, false)] {
            let result = unet.forward(zeros(batch), &prepared, index, &Uninterrupted).await;
            assert_eq!(
                result.err(),
                (!is_there).then_some(Unfinished::NotPrepared),
                "{batch} pictures, step {index}"
            );
        }
    });
}

fn compare(device: &Device, limits: support::Limits, what: &str) {
    let goldens = Goldens::open("components");
    let mut models = HashMap::new();
    let mut tolerance = Tolerance::new(limits);
    for case in &goldens.cases {
        let name = case["model"].as_str().unwrap();
        let networks = models.entry(name).or_insert_with(|| Networks::load(name, device));
        let case = Case { goldens: &goldens, case, device };
        pollster::block_on(networks.check(&case, &mut tolerance));
    }
    tolerance.finish(what);
}

struct Networks {
    text_encoders: Vec<ClipTextModel>,
    unet: UNet2DConditionModel,
    vae: Vae,
}

impl Networks {
    fn load(name: &str, device: &Device) -> Self {
        let source = Layers::of(name);
        pollster::block_on(async {
            let checkpoint = source.checkpoint().await;
            let mut loaded = async |_| Ok(());
            let mut text_encoders = Vec::new();
            for index in 0..checkpoint.text_encoders.len() {
                let encoder = checkpoint.load_text_encoder(index, &source, device, &mut loaded);
                text_encoders.push(encoder.await.unwrap());
            }
            let unet = checkpoint.load_unet(&source, device, &mut loaded).await.unwrap();
            let vae = checkpoint.load_vae(&source, device, &mut loaded).await.unwrap();
            Networks { text_encoders, unet, vae }
        })
    }

    async fn check(&self, case: &Case<'_>, tolerance: &mut Tolerance) {
        match case.case["component"].as_str().unwrap() {
            "text_encoder" => check_text_encoder(&self.text_encoders[0], case, tolerance).await,
            "text_encoder_2" => check_text_encoder(&self.text_encoders[1], case, tolerance).await,
            "unet" => check_unet(&self.unet, case, tolerance).await,
            "vae_decode" => {
                let latents = case.input("latents");
                let sample = self.vae.decode(latents, DType::F32, &Uninterrupted).await.unwrap();
                case.compare("sample", values(sample), tolerance);
            }
            "vae_encode" => check_encode(&self.vae, case, tolerance).await,
            other => panic!("unknown component {other}"),
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
    let prepared = unet.prepare(&[timestep], &conditions, DType::F32);
    let ours = unet.forward(sample, &prepared, 0, &Uninterrupted).await.unwrap();
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

/// One case, with its tensors.
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
