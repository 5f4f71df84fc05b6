//! Every network equals diffusers' and transformers', on the CPU and on a GPU where there is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use burn::tensor::Device;
use hearth::model::{
    ClipTextModel, UNet2DConditionConfig, UNet2DConditionModel, Uninterrupted, Vae,
};
use hearth::weights::{Checkpoint, Component, Folder, OpenOptions, Sheet, diffusers, loader};
use serde_json::Value;
use support::{Goldens, Tolerance, golden, values};

#[test]
fn components_equal_the_reference_on_the_cpu() {
    compare(&Device::flex(), 1e-4, "CPU");
}

#[test]
fn components_equal_the_reference_on_the_gpu() {
    if let Some(gpu) = support::gpu() {
        compare(&gpu.device, 1e-3, "GPU");
        gpu.check().unwrap();
    }
}

fn compare(device: &Device, limit: f64, what: &str) {
    let goldens = Goldens::open("components");
    let sd1 = Networks::load("sd1", device);
    let sd2 = Networks::load("sd2", device);
    let inpaint = load_unet("inpaint_unet", device);
    let mut tolerance = Tolerance::new(limit);
    for case in &goldens.cases {
        let networks = match case["model"].as_str().unwrap() {
            "sd1" => Some(&sd1),
            "sd2" => Some(&sd2),
            "inpaint_unet" => None,
            other => panic!("unknown model {other}"),
        };
        let unet = networks.map_or(&inpaint, |networks| &networks.unet);
        match (case["component"].as_str().unwrap(), networks) {
            ("unet", _) => {
                pollster::block_on(check_unet(&goldens, case, unet, device, &mut tolerance))
            }
            (_, Some(networks)) => {
                pollster::block_on(networks.check(&goldens, case, device, &mut tolerance));
            }
            (other, None) => panic!("no {other} in this model"),
        }
    }
    tolerance.finish(what);
}

struct Networks {
    text_encoder: ClipTextModel,
    unet: UNet2DConditionModel,
    vae: Vae,
}

impl Networks {
    fn load(name: &str, device: &Device) -> Self {
        let source = Folder::open(golden(name)).unwrap();
        pollster::block_on(async {
            let checkpoint = Checkpoint::open(&source, &OpenOptions::default()).await.unwrap();
            let mut loaded = async |_| {};
            Networks {
                text_encoder: checkpoint
                    .load_text_encoder(0, &source, device, &mut loaded)
                    .await
                    .unwrap(),
                unet: checkpoint.load_unet(&source, device, &mut loaded).await.unwrap(),
                vae: checkpoint.load_vae(&source, device, &mut loaded).await.unwrap(),
            }
        })
    }

    async fn check(
        &self,
        goldens: &Goldens,
        case: &Value,
        device: &Device,
        tolerance: &mut Tolerance,
    ) {
        let name = case["name"].as_str().unwrap();
        let mut compare = |what: &str, ours: Vec<f32>| {
            let (_, golden) = goldens.values(case, "outputs", what);
            tolerance.check(&format!("{name}.{what}"), &ours, &golden);
        };
        match case["component"].as_str().unwrap() {
            "text_encoder" => {
                let ids = goldens.ids(case);
                let all = self.text_encoder.forward(&ids, 0, &Uninterrupted).await.unwrap();
                compare("last_hidden_state", values(all.last_hidden_state));
                if !case["outputs"]["pooled_output"].is_null() {
                    compare("pooled_output", values(all.pooler_output));
                }
                let skip = self.text_encoder.forward(&ids, 1, &Uninterrupted).await.unwrap();
                compare("clip_skip_1", values(skip.encoder_hidden_states));
            }
            "vae_decode" => {
                let latents = goldens.tensor(case, "inputs", "latents", device);
                let sample = self.vae.decode(latents, &Uninterrupted).await.unwrap();
                compare("sample", values(sample));
            }
            "vae_encode" => {
                let sample = goldens.tensor(case, "inputs", "sample", device);
                let Vae::Kl(vae) = &self.vae else { panic!("{name}: not an AutoencoderKL") };
                let latents = vae.encode(sample, &Uninterrupted).await.unwrap();
                compare("mean", values(latents.mean));
                compare("logvar", values(latents.logvar));
            }
            other => panic!("unknown component {other}"),
        }
    }
}

async fn check_unet(
    goldens: &Goldens,
    case: &Value,
    unet: &UNet2DConditionModel,
    device: &Device,
    tolerance: &mut Tolerance,
) {
    let sample = goldens.tensor::<4>(case, "inputs", "sample", device);
    let batch = sample.dims()[0];
    let states =
        goldens.tensor::<3>(case, "inputs", "encoder_hidden_states", device).narrow(0, 0, batch);
    let timestep = case["timestep"].as_f64().unwrap();
    let ours = unet.forward(sample, timestep, &states.into(), &Uninterrupted).await.unwrap();
    let (_, golden) = goldens.values(case, "outputs", "sample");
    tolerance.check(case["name"].as_str().unwrap(), &values(ours), &golden);
}

fn load_unet(name: &str, device: &Device) -> UNet2DConditionModel {
    let source = Folder::open(golden(name)).unwrap();
    let json = support::read(&format!("{name}/config.json"));
    let module =
        UNet2DConditionModel::new(&UNet2DConditionConfig::from_json(&json).unwrap(), device);
    pollster::block_on(async {
        let (sheet, options) = (Sheet::default(), OpenOptions::default());
        let tensors =
            diffusers::find_tensors(&source, Component::UNet, "", &sheet, &options).await.unwrap();
        loader::load(module, &tensors, &source, device, &mut async |_| {}).await.unwrap()
    })
}
