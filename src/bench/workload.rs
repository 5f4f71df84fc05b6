//! A network with fixed inputs.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor, TensorData};

use super::cases::{self, Case, ReferenceCase};
use super::measure::Benchmark;
use super::random_weights::randomise;
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::StorageFormat;
use crate::model::{
    ActivationLimits, AddedConditions, Component, Network, NetworkConfig, UNetCache,
    UNetConditions, UNetHooks, Unfinished, Uninterrupted,
};
use crate::pipeline::noise::Generator;
use crate::runtime;
use crate::weights::patch::Unpatched;
use crate::weights::{
    ModelCard, OpenOptions, Precision, Source, architecture_configs, diffusers, loader,
};

/// A network and its inputs.
pub struct Workload {
    /// Display name.
    pub name: String,
    config: NetworkConfig,
    network: Network,
    inputs: Vec<HostTensor>,
    expected: Option<Vec<f32>>,
    activations: DType,
    weight_bytes: u64,
    /// Values shared by the steps of an image.
    cache: Option<UNetCache>,
}

/// The content of a network's parameters, and the format of its weights.
#[derive(Clone, Copy)]
enum Weights {
    Random(StorageFormat),
    Placeholder(StorageFormat),
}

impl Weights {
    fn format(self) -> StorageFormat {
        match self {
            Weights::Random(format) | Weights::Placeholder(format) => format,
        }
    }

    fn fill<M: Module>(self, module: M) -> M {
        /// Rows of a token table: more than any prompt of a workload needs.
        const ROWS: usize = 512;
        match self {
            Weights::Random(format) => randomise(module, format),
            Weights::Placeholder(format) => runtime::with_placeholder_params(module, format, ROWS),
        }
    }
}

struct HostTensor {
    values: Vec<f32>,
    shape: Vec<usize>,
}

impl Workload {
    /// Returns a network with random weights in `format`.
    pub fn random(case: Case, format: StorageFormat, compute: &Compute) -> Result<Self> {
        Self::new(case, Weights::Random(format), compute)
    }

    /// Returns a network with placeholder weights, for dry runs only.
    pub fn without_weights(case: Case, format: StorageFormat, compute: &Compute) -> Result<Self> {
        Self::new(case, Weights::Placeholder(format), compute)
    }

    fn new(case: Case, weights: Weights, compute: &Compute) -> Result<Self> {
        let config = config_of(case)?;
        let network = Network::new(&config, &compute.device);
        let weight_bytes = weight_bytes(&network, weights.format(), compute.is_gpu());
        let network = weights.fill(network);
        let side = case.pixels / 8;
        let mut generator = Generator::new(0);
        let mut numbers = |shape: &[usize]| HostTensor {
            values: generator.randn(shape.iter().product()),
            shape: shape.to_vec(),
        };
        let inputs = match &config {
            NetworkConfig::ClipText(_) => Vec::new(),
            NetworkConfig::UNet2DCondition(config) => {
                let sample = numbers(&[2, config.in_channels, side, side]);
                let states = numbers(&[2, 77, config.cross_attention_dim.get(0)]);
                let timestep = HostTensor { values: vec![500.0], shape: vec![1] };
                vec![sample, timestep, states]
            }
            NetworkConfig::Vae(config) => vec![numbers(&[1, config.latent_channels(), side, side])],
        };
        let activations = activations(weights.format(), compute);
        Ok(Workload {
            name: case.to_string(),
            config,
            network,
            inputs,
            expected: None,
            activations,
            weight_bytes,
            cache: None,
        })
    }

    /// Loads a network with its inputs and expected output from `source`.
    pub async fn with_reference(
        case: &ReferenceCase,
        source: &impl Source,
        precision: Precision,
        compute: &Compute,
    ) -> Result<Self> {
        let device = &compute.device;
        let names: &[&str] = match case.network {
            cases::Network::Vae => &["latents"],
            _ => &["sample", "timestep", "encoder_hidden_states"],
        };
        let component = component(case.network);
        let folder = format!("{}{}", case.model, component.name);
        let path = format!("{folder}/config.json");
        let json = diffusers::required(source, &path).await?;
        let (model_card, options) = (ModelCard::default(), OpenOptions::default());
        let tensors =
            diffusers::find_tensors(source, component, &folder, &model_card, &options).await?;
        let format = precision.weights(&tensors, device);
        let config = NetworkConfig::from_json(component.kind, &json, &path)?;
        let network = Network::new(&config, device);
        let weight_bytes = weight_bytes(&network, format, compute.is_gpu());
        let mut loaded = async |_| Ok(());
        let network =
            loader::load(network, &tensors, source, device, precision, &Unpatched, &mut loaded)
                .await?;
        let mut inputs = Vec::new();
        for name in names {
            let Some(numbers) = case.inputs.get(*name) else {
                let reason = Message::verbatim(format!("{} has no input {name}", case.name));
                return Err(Error::InvalidConfig { path: "cases.json".to_string(), reason });
            };
            let values = numbers.read(source).await?;
            inputs.push(HostTensor { values, shape: numbers.shape.clone() });
        }
        let expected = Some(case.output.read(source).await?);
        let activations = activations(format, compute);
        Ok(Workload {
            name: case.name.clone(),
            config,
            network,
            inputs,
            expected,
            activations,
            weight_bytes,
            cache: None,
        })
    }

    /// Returns how many bytes the weights take on the CPU, from the configs alone.
    ///
    /// # Errors
    /// If the case has no config.
    pub fn weight_bytes_of(case: Case, format: StorageFormat) -> Result<u64> {
        let config = config_of(case)?;
        // A network without weights, so its device does not matter.
        Ok(weight_bytes(&Network::new(&config, &Device::flex()), format, false))
    }

    /// Sets the number format of the activations to that of `compute`.
    pub fn compute_in(&mut self, format: StorageFormat, compute: &Compute) {
        self.activations = activations(format, compute);
    }

    /// Returns how many bytes the weights take on the device.
    pub fn weight_bytes(&self) -> u64 {
        self.weight_bytes
    }

    /// Returns the values that the steps of an image share, which are not part of a run; `None` if
    /// not a UNet.
    fn cache(&self, compute: &Compute) -> Option<UNetCache> {
        let NetworkConfig::UNet2DCondition(config) = &self.config else { return None };
        let unet = self.network.unet().ok()?;
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
        Some(unet.cache(&[self.timestep()], &conditions, self.activations))
    }

    /// Returns the timestep of a UNet's inputs.
    fn timestep(&self) -> f64 {
        let timestep = self.inputs.get(1).and_then(|input| input.values.first());
        f64::from(timestep.copied().unwrap_or_default())
    }

    /// Computes the output on the device from the inputs on the host.
    pub async fn forward(&self, compute: &Compute) -> Result<Tensor<4>> {
        match (&self.network, &self.cache) {
            (Network::UNet2DCondition(unet), Some(cache)) => {
                let (sample, hooks) = (self.input(0, compute), UNetHooks::default());
                unet.forward(sample, self.timestep(), cache, &hooks, &Uninterrupted)
                    .await
                    .map_err(unfinished)
            }
            (Network::Vae(vae), _) => {
                let maps =
                    ActivationLimits { dtype: self.activations, largest: compute.largest_binding };
                let latents = self.input(0, compute);
                vae.decode(latents, maps, &Uninterrupted).await.map_err(unfinished)
            }
            (Network::ClipText(encoder), _) => {
                const PROMPT: [u32; 77] = [320; 77];
                let ids = [PROMPT.to_vec()];
                let encoded = encoder.forward(&ids, 0, &Uninterrupted).await.map_err(unfinished)?;
                Ok(encoded.last_hidden_state.unsqueeze())
            }
            (Network::UNet2DCondition(_), None) => {
                Err(Error::Internal { reason: Message::verbatim("the workload was not prepared") })
            }
        }
    }

    fn input<const D: usize>(&self, index: usize, compute: &Compute) -> Tensor<D> {
        let (values, shape) = match self.inputs.get(index) {
            Some(HostTensor { values, shape }) => (values.clone(), shape.clone()),
            None => (Vec::new(), vec![0; D]),
        };
        Tensor::from_data(TensorData::new(values, shape), (&compute.device, DType::F32))
    }
}

impl Benchmark for Workload {
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
        self.cache = self.cache(compute);
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

/// Returns the config of a case's network.
fn config_of(case: Case) -> Result<NetworkConfig> {
    let configs = architecture_configs(case.architecture)?;
    let component = component(case.network);
    let path = component.config_path();
    let json = configs.get(&path).map_or(&b""[..], |json| json.as_bytes());
    NetworkConfig::from_json(component.kind, json, &path)
}

/// Returns how many bytes the weights of a network take, whether it has any yet or not. On a GPU, the
/// tables of a text encoder stay in the host's memory.
fn weight_bytes(network: &Network, format: StorageFormat, on_gpu: bool) -> u64 {
    let is_table =
        |name: &str| name.contains("token_embedding") || name.contains("position_embedding");
    let bytes = |(name, shape): (&String, &Vec<usize>)| match !(on_gpu && is_table(name)) {
        true => format.of_shape(shape).bytes(shape.iter().map(|side| *side as u64).product()),
        false => 0,
    };
    loader::parameters(network).iter().map(bytes).sum()
}

/// Returns the network of a case, as a component of a checkpoint.
fn component(network: cases::Network) -> Component {
    match network {
        cases::Network::Text => Component::TEXT_ENCODER,
        cases::Network::Unet => Component::UNET,
        cases::Network::Vae => Component::VAE,
    }
}

fn unfinished(why: impl Into<Unfinished>) -> Error {
    let reason = Message::verbatim(format!("a measured run was interrupted: {:?}", why.into()));
    Error::Internal { reason }
}

/// Returns f16 if the weights are in f16 and the device computes in f16, else f32.
fn activations(weights: StorageFormat, compute: &Compute) -> DType {
    match weights {
        StorageFormat::F16 if compute.device.supports_dtype(DType::F16) => DType::F16,
        _ => DType::F32,
    }
}
