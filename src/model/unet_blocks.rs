//! Down, middle and up blocks of a UNet (diffusers `unet_2d_blocks.py`).
//!
//! A block without attention is the same block with an empty `attentions` list.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::{Transformer2DModel, TransformerOptions};
use super::cache::{BlockCache, TimestepRow};
use super::resnet::{Downsample2D, ResnetBlock2D, ResnetOptions, Upsample2D};
use super::unet_hooks::BlockHooks;
use crate::kernels::ConcatInput;

/// `DownBlock2D` and `CrossAttnDownBlock2D`.
#[derive(Module, Debug)]
pub struct DownBlock {
    resnets: Vec<ResnetBlock2D>,
    attentions: Vec<Transformer2DModel>,
    downsamplers: Vec<Downsample2D>,
}

impl DownBlock {
    /// Returns a block of `layers` residual blocks from `inputs` to `outputs` channels, each
    /// followed by one of the `transformers`, if there are any; `downsample` halves the size at the
    /// end.
    pub fn new(
        inputs: usize,
        outputs: usize,
        layers: usize,
        resnet: ResnetOptions,
        transformers: &[TransformerOptions],
        downsample: bool,
        device: &Device,
    ) -> Self {
        let channels = |layer: usize| if layer == 0 { inputs } else { outputs };
        DownBlock {
            resnets: (0..layers)
                .map(|layer| ResnetBlock2D::new(channels(layer), outputs, resnet, device))
                .collect(),
            attentions: attentions(outputs, transformers, device),
            downsamplers: downsample
                .then(|| Downsample2D::new(outputs, device))
                .into_iter()
                .collect(),
        }
    }

    /// Returns the layers that have caches.
    pub(super) fn layers(&self) -> Layers<'_> {
        Layers { resnets: &self.resnets, attentions: &self.attentions }
    }

    /// `x` `[b, in, h, w]` → `[b, out, h/2, w/2]`; pushes every intermediate result onto `skips`.
    pub(super) fn forward(
        &self,
        mut x: Tensor<4>,
        cache: &BlockCache,
        row: TimestepRow,
        skips: &mut Vec<Tensor<4>>,
        hooks: BlockHooks,
    ) -> Tensor<4> {
        for layer in 0..self.resnets.len() {
            x = self.layers().forward(layer, x, cache, row, hooks);
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
    /// Returns a block of residual block, attention, residual block; or of one residual block if
    /// there is no transformer.
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
            attentions: attentions(channels, transformer.as_slice(), device),
        }
    }

    /// Returns the layers that have caches.
    pub(super) fn layers(&self) -> Layers<'_> {
        Layers { resnets: &self.resnets, attentions: &self.attentions }
    }

    /// `[b, c, h, w]` → `[b, c, h, w]`
    pub(super) fn forward(
        &self,
        mut x: Tensor<4>,
        cache: &BlockCache,
        row: TimestepRow,
        hooks: BlockHooks,
    ) -> Tensor<4> {
        for layer in 0..self.resnets.len() {
            x = self.layers().forward(layer, x, cache, row, hooks);
        }
        x
    }
}

/// Channels of an up block's inputs and output.
#[derive(Debug, Clone, Copy)]
pub struct UpBlockChannels {
    /// Output of the block below.
    pub prev_output: usize,
    /// Output of the block.
    pub output: usize,
    /// Last skip connection of the block: the output of the next down block up.
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
    /// Returns a block of `layers` residual blocks that each take one skip connection, each
    /// followed by one of the `transformers`, if there are any; `upsample` enlarges at the end.
    pub fn new(
        channels: UpBlockChannels,
        layers: usize,
        resnet: ResnetOptions,
        transformers: &[TransformerOptions],
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
            attentions: attentions(output, transformers, device),
            upsamplers: upsample.then(|| Upsample2D::new(output, device)).into_iter().collect(),
        }
    }

    /// Returns the layers that have caches.
    pub(super) fn layers(&self) -> Layers<'_> {
        Layers { resnets: &self.resnets, attentions: &self.attentions }
    }

    /// `x` `[b, prev, h, w]` → `[b, out, h', w']` with the size of the next skip connection; takes
    /// one tensor from the end of `skips` per residual block.
    pub(super) fn forward(
        &self,
        mut x: Tensor<4>,
        cache: &BlockCache,
        row: TimestepRow,
        skips: &mut Vec<Tensor<4>>,
        hooks: BlockHooks,
    ) -> Tensor<4> {
        for layer in 0..self.resnets.len() {
            let features = match skips.pop() {
                Some(skip) => ConcatInput::new(x, skip),
                None => x.into(),
            };
            x = self.layers().forward(layer, features, cache, row, hooks);
        }
        for upsampler in &self.upsamplers {
            let [_, _, h, w] = skips.last().map_or([0, 0, 0, 0], Tensor::dims);
            x = upsampler.forward(x, [h, w]);
        }
        x
    }
}

/// Layers of a block that have caches: residual blocks, and an attention after each or none.
#[derive(Clone, Copy)]
pub(super) struct Layers<'a> {
    resnets: &'a [ResnetBlock2D],
    attentions: &'a [Transformer2DModel],
}

impl Layers<'_> {
    /// Caches what the layers add for the embedded timesteps `temb` `[timesteps · rows,
    /// time_embed_dim]`, and the keys and values of the prompt's `states` `[b, m, d_c]`.
    pub fn cache(self, temb: &Tensor<2>, states: &Tensor<3>) -> BlockCache {
        BlockCache {
            resnets: self.resnets.iter().map(|resnet| resnet.cache(temb)).collect(),
            attentions: self.attentions.iter().map(|attention| attention.cache(states)).collect(),
        }
    }

    /// Caches more timesteps.
    pub fn cache_timesteps(self, cache: &mut BlockCache, temb: &Tensor<2>) {
        for (resnet, cache) in self.resnets.iter().zip(&mut cache.resnets) {
            cache.append(resnet.cache(temb));
        }
    }

    /// Returns whether `cache` has the structure of these layers.
    pub fn fit(self, cache: &BlockCache) -> bool {
        let mut attentions = self.attentions.iter().zip(&cache.attentions);
        self.resnets.len() == cache.resnets.len()
            && self.attentions.len() == cache.attentions.len()
            && attentions.all(|(attention, cache)| attention.fits(cache))
    }

    /// Computes residual block `layer` and the attention after it: `[b, in, h, w]` → `[b, out, h,
    /// w]`
    fn forward(
        self,
        layer: usize,
        x: impl Into<ConcatInput>,
        cache: &BlockCache,
        row: TimestepRow,
        hooks: BlockHooks,
    ) -> Tensor<4> {
        let x = self.resnets[layer].forward(x, cache.resnets[layer].shift(row));
        match (self.attentions.get(layer), cache.attentions.get(layer)) {
            (Some(attention), Some(cache)) => attention.forward(x, cache, hooks.within(layer)),
            _ => x,
        }
    }
}

fn attentions(
    channels: usize,
    transformers: &[TransformerOptions],
    device: &Device,
) -> Vec<Transformer2DModel> {
    let attention =
        |options: &TransformerOptions| Transformer2DModel::new(channels, *options, device);
    transformers.iter().map(attention).collect()
}
