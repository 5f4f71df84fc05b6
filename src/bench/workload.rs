//! A network that is ready to be run again and again, with the same inputs.

use burn::module::Module;
use burn::tensor::{DType, Tensor, TensorData};

use super::case::{Case, Network, Prepared};
use super::measure::Subject;
use super::random::randomise;
use crate::device::Compute;
use crate::engine;
use crate::error::{Error, Message, Result};
use crate::model::{
    AddedConditions, AutoencoderKl, AutoencoderKlConfig, ClipTextConfig, ClipTextModel,
    FeatureMaps, Prepared as Once, UNet2DConditionConfig, UNet2DConditionModel, UNetConditions,
    Unfinished, Uninterrupted,
};
use crate::pipeline::noise::Generator;
use crate::weights::{
    Component, OpenOptions, Precision, Sheet, Source, architecture_configs, diffusers, loader,
};

/// One network and what it is asked.
pub struct Workload {
    /// For people.
    pub name: String,
    network: Loaded,
    inputs: Vec<Numbers>,
    expected: Option<Vec<f32>>,
    activations: DType,
    /// What a picture's steps share.
    once: Option<Once>,
}

#[allow(clippy::large_enum_variant)] // There is one of it.
enum Loaded {
    Text(ClipTextModel),
    Unet { unet: UNet2DConditionModel, config: UNet2DConditionConfig },
    Vae(AutoencoderKl),
}

/// What a network's parameters are filled with, and the format of those with two or more axes.
#[derive(Clone, Copy)]
enum Weights {
    Random(DType),
    Phantom(DType),
}

impl Weights {
    fn dtype(self) -> DType {
        match self {
            Weights::Random(dtype) | Weights::Phantom(dtype) => dtype,
        }
    }

    fn fill<M: Module>(self, module: M) -> M {
        /// Of a table of tokens: more than any that a workload asks for.
        const ROWS: usize = 512;
        match self {
            Weights::Random(dtype) => randomise(module, dtype),
            Weights::Phantom(dtype) => engine::phantom(module, dtype, ROWS),
        }
    }
}

struct Numbers {
    values: Vec<f32>,
    shape: Vec<usize>,
}

impl Workload {
    /// A network of a known architecture with random weights of `dtype`.
    pub fn random(case: Case, dtype: DType, compute: &Compute) -> Result<Self> {
        Self::of(case, Weights::Random(dtype), compute)
    }

    /// The same without weights: it can be rehearsed, not run.
    pub fn phantom(case: Case, dtype: DType, compute: &Compute) -> Result<Self> {
        Self::of(case, Weights::Phantom(dtype), compute)
    }

    fn of(case: Case, weights: Weights, compute: &Compute) -> Result<Self> {
        let configs = architecture_configs(case.architecture)?;
        let config = |path: &str| configs.get(path).map_or(&b""[..], |json| json.as_bytes());
        let device = &compute.device;
        let side = case.pixels / 8;
        let mut generator = Generator::new(0);
        let mut numbers = |shape: &[usize]| Numbers {
            values: generator.randn(shape.iter().product()),
            shape: shape.to_vec(),
        };
        let (network, inputs) = match case.network {
            Network::Text => {
                let path = "text_encoder/config.json";
                let config = ClipTextConfig::from_json(config(path), path)?;
                (Loaded::Text(weights.fill(ClipTextModel::new(&config, device))), Vec::new())
            }
            Network::Unet => {
                let config = UNet2DConditionConfig::from_json(config(UNet2DConditionConfig::PATH))?;
                let unet = weights.fill(UNet2DConditionModel::new(&config, device));
                let sample = numbers(&[2, config.in_channels, side, side]);
                let states = numbers(&[2, 77, config.cross_attention_dim.get(0)]);
                let timestep = Numbers { values: vec![500.0], shape: vec![1] };
                (Loaded::Unet { unet, config }, vec![sample, timestep, states])
            }
            Network::Vae => {
                let path = "vae/config.json";
                let config = AutoencoderKlConfig::from_json(config(path), path)?;
                let vae = weights.fill(AutoencoderKl::new(&config, device));
                (Loaded::Vae(vae), vec![numbers(&[1, config.latent_channels, side, side])])
            }
        };
        let activations = activations(weights.dtype(), compute);
        Ok(Workload {
            name: case.to_string(),
            network,
            inputs,
            expected: None,
            activations,
            once: None,
        })
    }

    /// A network with weights, inputs and output from `source`.
    pub async fn prepared(
        case: &Prepared,
        source: &impl Source,
        precision: Precision,
        compute: &Compute,
    ) -> Result<Self> {
        let device = &compute.device;
        let (component, names): (_, &[&str]) = match case.network {
            Network::Vae => (Component::Vae, &["latents"]),
            _ => (Component::UNet, &["sample", "timestep", "encoder_hidden_states"]),
        };
        let folder = format!("{}{}", case.model, component.folder());
        let path = format!("{folder}/config.json");
        let json = diffusers::required(source, &path).await?;
        let (sheet, options) = (Sheet::default(), OpenOptions::default());
        let tensors = diffusers::find_tensors(source, component, &folder, &sheet, &options).await?;
        let dtype = precision.weights(&tensors, device);
        let mut loaded = async |_| Ok(());
        let network = match case.network {
            Network::Vae => {
                let config = AutoencoderKlConfig::from_json(&json, &path)?;
                let vae = AutoencoderKl::new(&config, device);
                let vae = loader::load(vae, &tensors, source, device, precision, &mut loaded);
                Loaded::Vae(vae.await?)
            }
            _ => {
                let config = UNet2DConditionConfig::from_json(&json)?;
                let unet = UNet2DConditionModel::new(&config, device);
                let unet = loader::load(unet, &tensors, source, device, precision, &mut loaded);
                Loaded::Unet { unet: unet.await?, config }
            }
        };
        let mut inputs = Vec::new();
        for name in names {
            let Some(numbers) = case.inputs.get(*name) else {
                let reason = Message::verbatim(format!("{} has no input {name}", case.name));
                return Err(Error::InvalidConfig { path: "cases.json".to_string(), reason });
            };
            let values = numbers.read(source).await?;
            inputs.push(Numbers { values, shape: numbers.shape.clone() });
        }
        let expected = Some(case.output.read(source).await?);
        let activations = activations(dtype, compute);
        Ok(Workload { name: case.name.clone(), network, inputs, expected, activations, once: None })
    }

    /// What a picture's steps share: done once for a picture, not in a run.
    fn once(&self, compute: &Compute) -> Option<Once> {
        let Loaded::Unet { unet, config } = &self.network else { return None };
        let states = self.input::<3>(2, compute);
        let added = config.addition_embed_type.map(|_| AddedConditions {
            text_embeds: Tensor::zeros(
                [
                    2,
                    config.projection_class_embeddings_input_dim
                        - 6 * config.addition_time_embed_dim,
                ],
                (&compute.device, DType::F32),
            ),
            time_ids: vec![0.0; 6],
        });
        let conditions =
            UNetConditions { encoder_hidden_states: states, timestep_cond: None, added };
        let timestep = self.inputs.get(1).and_then(|input| input.values.first());
        let timestep = f64::from(timestep.copied().unwrap_or_default());
        Some(unet.prepare(&[timestep], &conditions, self.activations))
    }

    /// From inputs on the host to the output on the device.
    pub async fn forward(&self, compute: &Compute) -> Result<Tensor<4>> {
        match (&self.network, &self.once) {
            (Loaded::Unet { unet, .. }, Some(once)) => {
                let sample = self.input(0, compute);
                unet.forward(sample, once, 0, &Uninterrupted).await.map_err(unfinished)
            }
            (Loaded::Vae(vae), _) => {
                let maps =
                    FeatureMaps { dtype: self.activations, largest: compute.largest_binding };
                let latents = self.input(0, compute);
                vae.decode(latents, maps, &Uninterrupted).await.map_err(unfinished)
            }
            (Loaded::Text(encoder), _) => {
                const PROMPT: [u32; 77] = [320; 77];
                let ids = [PROMPT.to_vec()];
                let encoded = encoder.forward(&ids, 0, &Uninterrupted).await.map_err(unfinished)?;
                Ok(encoded.last_hidden_state.unsqueeze())
            }
            (Loaded::Unet { .. }, None) => {
                Err(Error::Internal { reason: Message::verbatim("nothing was prepared") })
            }
        }
    }

    fn input<const D: usize>(&self, index: usize, compute: &Compute) -> Tensor<D> {
        let (values, shape) = match self.inputs.get(index) {
            Some(Numbers { values, shape }) => (values.clone(), shape.clone()),
            None => (Vec::new(), vec![0; D]),
        };
        Tensor::from_data(TensorData::new(values, shape), (&compute.device, DType::F32))
    }
}

impl Subject for Workload {
    fn name(&self) -> &str {
        &self.name
    }

    fn activations(&self) -> DType {
        self.activations
    }

    fn expected(&self) -> Option<&[f32]> {
        self.expected.as_deref()
    }

    fn prepare(&mut self, compute: &Compute) {
        self.once = self.once(compute);
    }

    async fn launch(&self, compute: &Compute) -> Result<()> {
        self.forward(compute).await.map(drop)
    }

    async fn run(&self, compute: &Compute) -> Result<Vec<f32>> {
        let output = self.forward(compute).await?;
        let failed = |reason: String| Error::Gpu { reason: Message::verbatim(reason) };
        let data = output.into_data_async().await.map_err(|e| failed(e.to_string()))?;
        compute.check()?;
        data.try_into_vec::<f32>().map_err(|e| failed(format!("{e:?}")))
    }
}

fn unfinished(why: impl Into<Unfinished>) -> Error {
    let reason = Message::verbatim(format!("a measured run was left: {:?}", why.into()));
    Error::Internal { reason }
}

/// f16 between the layers where weights are f16 and the device computes with it.
fn activations(weights: DType, compute: &Compute) -> DType {
    match weights {
        DType::F16 if compute.device.supports_dtype(DType::F16) => DType::F16,
        _ => DType::F32,
    }
}
