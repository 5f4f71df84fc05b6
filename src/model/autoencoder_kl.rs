//! Autoencoder with KL loss (diffusers `autoencoder_kl.py`, `vae.py`).
//!
//! Blocks whose feature maps would be too large process them in row tiles.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};

use super::activation_limits::ActivationLimits;
use super::config::AutoencoderKlConfig;
use super::layers::{Activation, Conv2d, GroupNorm, Linear};
use super::resnet::{Downsample2D, ResnetBlock2D, ResnetOptions, Upsample2D};
use super::row_tiling::{Halo, RowTiles};
use super::yield_point::{Interrupted, YieldPoint};
use crate::kernels::{self, AttentionMask, Epilogue, to_pixels, to_tokens};

const NORM_EPS: f64 = 1e-6;

/// Distribution of an image's latents.
pub struct DiagonalGaussian {
    /// `[b, c, h/f, w/f]`
    pub mean: Tensor<4>,
    /// `[b, c, h/f, w/f]`, between −30 and 20.
    pub logvar: Tensor<4>,
}

impl DiagonalGaussian {
    /// Samples once, from standard normal `noise` of the same shape.
    pub fn sample(self, noise: Tensor<4>) -> Tensor<4> {
        self.mean.add(self.logvar.mul_scalar(0.5).exp().mul(noise))
    }
}

/// `AutoencoderKL`.
#[derive(Module, Debug)]
pub struct AutoencoderKl {
    encoder: Encoder,
    decoder: Decoder,
    quant_conv: Option<Conv2d>,
    post_quant_conv: Option<Conv2d>,
}

impl AutoencoderKl {
    /// Returns the network that `config` describes, without weights.
    pub fn new(config: &AutoencoderKlConfig, device: &Device) -> Self {
        let latent = config.latent_channels;
        let one_by_one = |wanted: bool, channels: usize| {
            wanted.then(|| Conv2d::same(channels, channels, 1, device))
        };
        AutoencoderKl {
            encoder: Encoder::new(config, device),
            decoder: Decoder::new(config, device),
            quant_conv: one_by_one(config.use_quant_conv, 2 * latent),
            post_quant_conv: one_by_one(config.use_post_quant_conv, latent),
        }
    }

    /// Encodes images `[b, 3, h, w]` in −1..1 → their latents, not yet scaled.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two blocks.
    pub async fn encode(
        &self,
        x: Tensor<4>,
        limits: ActivationLimits,
        yield_point: &impl YieldPoint,
    ) -> Result<DiagonalGaussian, Interrupted> {
        let moments =
            self.encoder.forward(kernels::cast(x, limits.dtype), limits, yield_point).await?;
        let moments = match &self.quant_conv {
            Some(conv) => conv.forward(moments),
            None => moments,
        };
        let moments = kernels::cast(moments, DType::F32);
        let latent = moments.dims()[1] / 2;
        Ok(DiagonalGaussian {
            mean: moments.clone().narrow(1, 0, latent),
            logvar: moments.narrow(1, latent, latent).clamp(-30.0, 20.0),
        })
    }

    /// Decodes latents `[b, c, h, w]`, divided by the scaling factor → images `[b, 3, f·h, f·w]` in
    /// about −1..1.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two blocks.
    pub async fn decode(
        &self,
        z: Tensor<4>,
        limits: ActivationLimits,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Interrupted> {
        let z = kernels::cast(z, limits.dtype);
        let z = match &self.post_quant_conv {
            Some(conv) => conv.forward(z),
            None => z,
        };
        Ok(kernels::cast(self.decoder.forward(z, limits, yield_point).await?, DType::F32))
    }
}

#[derive(Module, Debug)]
struct Encoder {
    conv_in: Conv2d,
    down_blocks: Vec<DownEncoderBlock2D>,
    mid_block: MidBlock,
    conv_norm_out: GroupNorm,
    conv_out: Conv2d,
    #[module(skip)]
    act: Activation,
    /// Values in the largest feature map of each block, per latent.
    #[module(skip)]
    maps: Vec<usize>,
}

impl Encoder {
    fn new(config: &AutoencoderKlConfig, device: &Device) -> Self {
        let channels = &config.block_out_channels;
        let last = channels.len() - 1;
        let options = resnet_options(config);
        let down_block = |block: usize| DownEncoderBlock2D {
            resnets: resnets(
                channels[block.saturating_sub(1)],
                channels[block],
                config.layers_per_block,
                options,
                device,
            ),
            downsamplers: (block != last)
                .then(|| Downsample2D::below_and_right(channels[block], device))
                .into_iter()
                .collect(),
        };
        Encoder {
            conv_in: Conv2d::same(config.in_channels, channels[0], 3, device),
            down_blocks: (0..=last).map(down_block).collect(),
            mid_block: MidBlock::new(channels[last], config, device),
            conv_norm_out: GroupNorm::new(config.norm_num_groups, channels[last], NORM_EPS, device),
            conv_out: Conv2d::same(channels[last], 2 * config.latent_channels, 3, device),
            act: config.act_fn,
            maps: config.encoder_maps(),
        }
    }

    /// `[b, 3, h, w]` → `[b, 2c, h/f, w/f]`
    async fn forward(
        &self,
        x: Tensor<4>,
        limits: ActivationLimits,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Interrupted> {
        let [b, _, h, w] = x.dims();
        let f = 1 << (self.down_blocks.len() - 1);
        let rows = |numbers: &usize| limits.rows(b * numbers, [h / f, w / f]);
        // The first blocks have the largest feature maps.
        let tiled = self.maps.iter().rposition(|numbers| rows(numbers).is_some());
        let tiled = tiled.map_or(0, |block| block + 1);
        let mut x = match self.maps[..tiled].iter().max().and_then(rows) {
            Some(rows) => RowTiles::split(x, rows * f),
            None => x.into(),
        };
        x = x
            .for_each_tile(Halo::SAME, yield_point, |x| self.conv_in.forward(x), |out| out)
            .await?;
        for (index, block) in self.down_blocks.iter().enumerate() {
            if index == tiled {
                x = x.concatenate().into();
            }
            x = through(&block.resnets, x, yield_point).await?;
            for downsampler in &block.downsamplers {
                x = downsampler.forward_tiles(x, yield_point).await?;
            }
            yield_point.yield_now().await?;
        }
        let x = self.mid_block.forward(x.concatenate());
        yield_point.yield_now().await?;
        Ok(self.conv_out.forward(self.conv_norm_out.forward_then(x, self.act)))
    }
}

#[derive(Module, Debug)]
struct Decoder {
    conv_in: Conv2d,
    mid_block: MidBlock,
    up_blocks: Vec<UpDecoderBlock2D>,
    conv_norm_out: GroupNorm,
    conv_out: Conv2d,
    #[module(skip)]
    act: Activation,
    /// Values in the largest feature map of each block, per latent.
    #[module(skip)]
    maps: Vec<usize>,
}

impl Decoder {
    fn new(config: &AutoencoderKlConfig, device: &Device) -> Self {
        let channels = &config.block_out_channels;
        let last = channels.len() - 1;
        let options = resnet_options(config);
        let up_block = |index: usize| {
            let block = last - index;
            UpDecoderBlock2D {
                resnets: resnets(
                    channels[(block + 1).min(last)],
                    channels[block],
                    config.layers_per_block + 1,
                    options,
                    device,
                ),
                upsamplers: (block != 0)
                    .then(|| Upsample2D::new(channels[block], device))
                    .into_iter()
                    .collect(),
            }
        };
        Decoder {
            conv_in: Conv2d::same(config.latent_channels, channels[last], 3, device),
            mid_block: MidBlock::new(channels[last], config, device),
            up_blocks: (0..=last).map(up_block).collect(),
            conv_norm_out: GroupNorm::new(config.norm_num_groups, channels[0], NORM_EPS, device),
            conv_out: Conv2d::same(channels[0], config.out_channels, 3, device),
            act: config.act_fn,
            maps: config.decoder_maps(),
        }
    }

    /// `[b, c, h, w]` → `[b, 3, f·h, f·w]`
    async fn forward(
        &self,
        z: Tensor<4>,
        limits: ActivationLimits,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Interrupted> {
        let [b, _, h, w] = z.dims();
        let rows = |numbers: &usize| limits.rows(b * numbers, [h, w]);
        let parts = self.up_blocks.len() + 1;
        let mut x = RowTiles::from(self.mid_block.forward(self.conv_in.forward(z)));
        yield_point.progress(1, parts);
        yield_point.yield_now().await?;
        // The last blocks have the largest feature maps.
        let tiled = self.maps.iter().position(|numbers| rows(numbers).is_some());
        for (index, block) in self.up_blocks.iter().enumerate() {
            if tiled == Some(index) {
                let rows = self.maps[index..].iter().max().and_then(rows).unwrap_or(h);
                x = RowTiles::split(x.concatenate(), rows << index);
            }
            x = through(&block.resnets, x, yield_point).await?;
            for upsampler in &block.upsamplers {
                x = upsampler.forward_tiles(x, yield_point).await?;
            }
            yield_point.progress(index + 2, parts);
            yield_point.yield_now().await?;
        }
        let moments = self.conv_norm_out.moments(x.parts());
        let out = |x| self.conv_out.forward(self.conv_norm_out.forward_with(x, &moments, self.act));
        Ok(x.for_each_tile(Halo::SAME, yield_point, out, |out| out).await?.concatenate())
    }
}

#[derive(Module, Debug)]
struct DownEncoderBlock2D {
    resnets: Vec<ResnetBlock2D>,
    downsamplers: Vec<Downsample2D>,
}

#[derive(Module, Debug)]
struct UpDecoderBlock2D {
    resnets: Vec<ResnetBlock2D>,
    upsamplers: Vec<Upsample2D>,
}

#[derive(Module, Debug)]
struct MidBlock {
    resnets: Vec<ResnetBlock2D>,
    attentions: Vec<SpatialAttention>,
}

impl MidBlock {
    fn new(channels: usize, config: &AutoencoderKlConfig, device: &Device) -> Self {
        let attention = || SpatialAttention::new(channels, config.norm_num_groups, device);
        MidBlock {
            resnets: resnets(channels, channels, 2, resnet_options(config), device),
            attentions: config.mid_block_add_attention.then(attention).into_iter().collect(),
        }
    }

    /// `[b, c, h, w]` → `[b, c, h, w]`
    fn forward(&self, mut x: Tensor<4>) -> Tensor<4> {
        for (layer, resnet) in self.resnets.iter().enumerate() {
            x = resnet.forward(x, None);
            if let Some(attention) = self.attentions.get(layer) {
                x = attention.forward(x);
            }
        }
        x
    }
}

/// Self-attention over all pixels with one head.
#[derive(Module, Debug)]
struct SpatialAttention {
    group_norm: GroupNorm,
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Vec<Linear>, // One; in diffusers a dropout follows it in the list.
}

impl SpatialAttention {
    fn new(channels: usize, groups: usize, device: &Device) -> Self {
        let projection = || Linear::new(channels, channels, device);
        SpatialAttention {
            group_norm: GroupNorm::new(groups, channels, NORM_EPS, device),
            to_q: projection(),
            to_k: projection(),
            to_v: projection(),
            to_out: vec![projection()],
        }
    }

    /// `[b, c, h, w]` → `[b, c, h, w]`
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, _, h, w] = x.dims();
        let tokens = to_tokens(self.group_norm.forward(x.clone()));
        let q = self.to_q.forward(tokens.clone());
        let k = self.to_k.forward(tokens.clone());
        let v = self.to_v.forward(tokens);
        let attended = kernels::attention(q, k, v, 1, AttentionMask::None);
        let [to_out] = self.to_out.as_slice() else { return x };
        to_pixels(to_out.forward_then(attended, Epilogue::with_residual(to_tokens(x))), [h, w])
    }
}

fn resnet_options(config: &AutoencoderKlConfig) -> ResnetOptions {
    ResnetOptions {
        groups: config.norm_num_groups,
        eps: NORM_EPS,
        act: config.act_fn,
        temb_channels: None,
    }
}

/// Returns `count` residual blocks, the first from `inputs` channels.
fn resnets(
    inputs: usize,
    outputs: usize,
    count: usize,
    options: ResnetOptions,
    device: &Device,
) -> Vec<ResnetBlock2D> {
    let channels = |layer: usize| if layer == 0 { inputs } else { outputs };
    (0..count).map(|layer| ResnetBlock2D::new(channels(layer), outputs, options, device)).collect()
}

async fn through(
    resnets: &[ResnetBlock2D],
    mut x: RowTiles,
    yield_point: &impl YieldPoint,
) -> Result<RowTiles, Interrupted> {
    for resnet in resnets {
        x = resnet.forward_tiles(x, yield_point).await?;
    }
    Ok(x)
}
