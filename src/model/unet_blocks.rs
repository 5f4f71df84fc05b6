//! Down, middle and up blocks (diffusers `unet_2d_blocks.py`).
//!
//! A block without attention is the same block with an empty `attentions` list.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::{Transformer2DModel, TransformerOptions};
use super::prepared::{Preparation, Step};
use super::resnet::{Downsample2D, ResnetBlock2D, ResnetOptions, Upsample2D};
use crate::kernels::ConcatInput;

/// `DownBlock2D` and `CrossAttnDownBlock2D`.
#[derive(Module, Debug)]
pub struct DownBlock {
    resnets: Vec<ResnetBlock2D>,
    attentions: Vec<Transformer2DModel>,
    downsamplers: Vec<Downsample2D>,
}

impl DownBlock {
    /// `layers` residual blocks from `inputs` to `outputs` channels, each followed by attention if
    /// `transformer` is given; then half the size if `downsample`.
    pub fn new(
        inputs: usize,
        outputs: usize,
        layers: usize,
        resnet: ResnetOptions,
        transformer: Option<TransformerOptions>,
        downsample: bool,
        device: &Device,
    ) -> Self {
        let channels = |layer: usize| if layer == 0 { inputs } else { outputs };
        DownBlock {
            resnets: (0..layers)
                .map(|layer| ResnetBlock2D::new(channels(layer), outputs, resnet, device))
                .collect(),
            attentions: attentions(layers, outputs, transformer, device),
            downsamplers: downsample
                .then(|| Downsample2D::new(outputs, device))
                .into_iter()
                .collect(),
        }
    }

    /// What every step reads of timestep and prompt.
    pub fn prepare(&self, with: &mut Preparation) {
        prepare(&self.resnets, &self.attentions, with);
    }

    /// `x` `[b, in, h, w]` → `[b, out, h/2, w/2]`; every intermediate result goes onto `skips`.
    pub fn forward(&self, mut x: Tensor<4>, step: &Step, skips: &mut Vec<Tensor<4>>) -> Tensor<4> {
        for (layer, resnet) in self.resnets.iter().enumerate() {
            x = resnet.forward(x, step.shift());
            if let Some(attention) = self.attentions.get(layer) {
                x = attention.forward(x, step);
            }
            skips.push(x.clone());
        }
        for downsampler in &self.downsamplers {
            x = downsampler.forward(x);
            skips.push(x.clone());
        }
        x
    }
}

/// `UNetMidBlock2D` and `UNetMidBlock2DCrossAttn`.
#[derive(Module, Debug)]
pub struct MidBlock {
    resnets: Vec<ResnetBlock2D>,
    attentions: Vec<Transformer2DModel>,
}

impl MidBlock {
    /// Residual, attention, residual; or one residual block if `transformer` is not given.
    pub fn new(
        channels: usize,
        resnet: ResnetOptions,
        transformer: Option<TransformerOptions>,
        device: &Device,
    ) -> Self {
        let resnets = if transformer.is_some() { 2 } else { 1 };
        MidBlock {
            resnets: (0..resnets)
                .map(|_| ResnetBlock2D::new(channels, channels, resnet, device))
                .collect(),
            attentions: attentions(1, channels, transformer, device),
        }
    }

    /// What every step reads of timestep and prompt.
    pub fn prepare(&self, with: &mut Preparation) {
        prepare(&self.resnets, &self.attentions, with);
    }

    /// `[b, c, h, w]` → `[b, c, h, w]`
    pub fn forward(&self, mut x: Tensor<4>, step: &Step) -> Tensor<4> {
        for (layer, resnet) in self.resnets.iter().enumerate() {
            x = resnet.forward(x, step.shift());
            if let Some(attention) = self.attentions.get(layer) {
                x = attention.forward(x, step);
            }
        }
        x
    }
}

/// Channels around an up block.
#[derive(Debug, Clone, Copy)]
pub struct UpBlockChannels {
    /// What the block below gives.
    pub prev_output: usize,
    /// What the block gives.
    pub output: usize,
    /// What the last skip connection of the block carries: the output of the next down block up.
    pub last_skip: usize,
}

/// `UpBlock2D` and `CrossAttnUpBlock2D`.
#[derive(Module, Debug)]
pub struct UpBlock {
    resnets: Vec<ResnetBlock2D>,
    attentions: Vec<Transformer2DModel>,
    upsamplers: Vec<Upsample2D>,
}

impl UpBlock {
    /// `layers` residual blocks that each take one skip connection, with attention if
    /// `transformer` is given; then a larger size if `upsample`.
    pub fn new(
        channels: UpBlockChannels,
        layers: usize,
        resnet: ResnetOptions,
        transformer: Option<TransformerOptions>,
        upsample: bool,
        device: &Device,
    ) -> Self {
        let UpBlockChannels { prev_output, output, last_skip } = channels;
        let inputs = |layer: usize| {
            let below = if layer == 0 { prev_output } else { output };
            let skip = if layer + 1 == layers { last_skip } else { output };
            below + skip
        };
        UpBlock {
            resnets: (0..layers)
                .map(|layer| ResnetBlock2D::new(inputs(layer), output, resnet, device))
                .collect(),
            attentions: attentions(layers, output, transformer, device),
            upsamplers: upsample.then(|| Upsample2D::new(output, device)).into_iter().collect(),
        }
    }

    /// What every step reads of timestep and prompt.
    pub fn prepare(&self, with: &mut Preparation) {
        prepare(&self.resnets, &self.attentions, with);
    }

    /// `x` `[b, prev, h, w]` → `[b, out, h', w']` with the size of the next skip connection; takes
    /// one tensor from the end of `skips` per residual block.
    pub fn forward(&self, mut x: Tensor<4>, step: &Step, skips: &mut Vec<Tensor<4>>) -> Tensor<4> {
        for (layer, resnet) in self.resnets.iter().enumerate() {
            let features = match skips.pop() {
                Some(skip) => ConcatInput::new(x, skip),
                None => x.into(),
            };
            x = resnet.forward(features, step.shift());
            if let Some(attention) = self.attentions.get(layer) {
                x = attention.forward(x, step);
            }
        }
        for upsampler in &self.upsamplers {
            let [_, _, h, w] = skips.last().map_or([0, 0, 0, 0], Tensor::dims);
            x = upsampler.forward(x, [h, w]);
        }
        x
    }
}

/// In the order in which the blocks' `forward` meets them.
fn prepare(resnets: &[ResnetBlock2D], attentions: &[Transformer2DModel], with: &mut Preparation) {
    for (layer, resnet) in resnets.iter().enumerate() {
        resnet.prepare(with);
        attentions.get(layer).into_iter().for_each(|attention| attention.prepare(with));
    }
}

fn attentions(
    count: usize,
    channels: usize,
    options: Option<TransformerOptions>,
    device: &Device,
) -> Vec<Transformer2DModel> {
    let Some(options) = options else { return Vec::new() };
    (0..count).map(|_| Transformer2DModel::new(channels, options, device)).collect()
}
