//! Tiny distilled autoencoder (TAESD), for previews.
//!
//! diffusers: `autoencoder_tiny.py`, `EncoderTiny` and `DecoderTiny` in `vae.py`.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};

use super::activation_limits::ActivationLimits;
use super::config::AutoencoderTinyConfig;
use super::layers::{Activation, Conv2d};
use super::row_tiling::{self, Halo, RowTiles};
use super::yield_point::{Interrupted, YieldPoint};
use crate::kernels::{self, Padding};

/// `AutoencoderTiny`.
#[derive(Module, Debug)]
pub struct AutoencoderTiny {
    encoder: Layers,
    decoder: Layers,
    scale_factor: usize,
    /// Values in the largest feature map, per latent.
    largest_map: usize,
}

impl AutoencoderTiny {
    /// Returns the network that `config` describes, without weights.
    pub fn new(config: &AutoencoderTinyConfig, device: &Device) -> Self {
        AutoencoderTiny {
            encoder: Layers { layers: encoder(config, device) },
            decoder: Layers { layers: decoder(config, device) },
            scale_factor: config.scale_factor(),
            largest_map: config.largest_map(),
        }
    }

    /// Encodes images `[b, 3, h, w]` in −1..1 → their latents `[b, c, h/f, w/f]`, not yet scaled.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two layers.
    pub async fn encode(
        &self,
        x: Tensor<4>,
        limits: ActivationLimits,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Interrupted> {
        // It was trained on images in 0..1.
        let unit = kernels::pointwise(x, |x| x.add_scalar(1.0).div_scalar(2.0));
        let unit = kernels::cast(unit, limits.dtype);
        let f = self.scale_factor;
        let latents = self.forward(&self.encoder, unit, f, limits, yield_point).await?;
        Ok(kernels::cast(latents, DType::F32))
    }

    /// Decodes latents `[b, c, h, w]` → images `[b, 3, f·h, f·w]` in about −1..1.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two layers.
    pub async fn decode(
        &self,
        z: Tensor<4>,
        limits: ActivationLimits,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Interrupted> {
        let clamped = kernels::pointwise(z, |z| z.div_scalar(3.0).tanh().mul_scalar(3.0));
        let clamped = kernels::cast(clamped, limits.dtype);
        let unit = self.forward(&self.decoder, clamped, 1, limits, yield_point).await?;
        let unit = kernels::cast(unit, DType::F32);
        Ok(kernels::pointwise(unit, |unit| unit.mul_scalar(2.0).sub_scalar(1.0)))
    }

    /// Applies `layers` to `x`, which has `unit` pixels per latent along each side, in row tiles if
    /// it is too large.
    async fn forward(
        &self,
        layers: &Layers,
        x: Tensor<4>,
        unit: usize,
        limits: ActivationLimits,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Interrupted> {
        let [b, _, h, w] = x.dims();
        let x = match limits.rows(b * self.largest_map, [h / unit, w / unit]) {
            Some(rows) => RowTiles::split(x, rows * unit),
            None => x.into(),
        };
        Ok(layers.forward(x, yield_point).await?.concatenate())
    }
}

fn encoder(config: &AutoencoderTinyConfig, device: &Device) -> Vec<Layer> {
    let mut layers = Vec::new();
    let channels = &config.encoder_block_out_channels;
    for (stage, (&channels, &count)) in channels.iter().zip(&config.num_encoder_blocks).enumerate()
    {
        layers.push(Layer::Conv(if stage == 0 {
            Conv2d::same(config.in_channels, channels, 3, device)
        } else {
            Conv2d::new(channels, channels, 3, 2, Padding::symmetric(1), device).without_bias()
        }));
        layers
            .extend((0..count).map(|_| Layer::Block(Block::new(channels, config.act_fn, device))));
    }
    let last = channels[channels.len() - 1];
    layers.push(Layer::Conv(Conv2d::same(last, config.latent_channels, 3, device)));
    layers
}

fn decoder(config: &AutoencoderTinyConfig, device: &Device) -> Vec<Layer> {
    let channels = &config.decoder_block_out_channels;
    let mut layers = vec![
        Layer::Conv(Conv2d::same(config.latent_channels, channels[0], 3, device)),
        Layer::Activation(Pointwise { act: config.act_fn }),
    ];
    let last = channels.len() - 1;
    for (stage, (&channels, &count)) in channels.iter().zip(&config.num_decoder_blocks).enumerate()
    {
        layers
            .extend((0..count).map(|_| Layer::Block(Block::new(channels, config.act_fn, device))));
        if stage == last {
            layers.push(Layer::Conv(Conv2d::same(channels, config.out_channels, 3, device)));
        } else {
            layers.push(Layer::Upsample(Upsample { factor: config.upsampling_scaling_factor }));
            layers.push(Layer::Conv(Conv2d::same(channels, channels, 3, device).without_bias()));
        }
    }
    layers
}

/// Layers, numbered as in diffusers.
#[derive(Module, Debug)]
struct Layers {
    layers: Vec<Layer>,
}

impl Layers {
    async fn forward(
        &self,
        mut x: RowTiles,
        yield_point: &impl YieldPoint,
    ) -> Result<RowTiles, Interrupted> {
        for layer in &self.layers {
            x = layer.forward(x, yield_point).await?;
            yield_point.yield_now().await?;
        }
        Ok(x)
    }
}

#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // A few dozen of them.
enum Layer {
    Conv(Conv2d),
    Activation(Pointwise),
    Block(Block),
    Upsample(Upsample),
}

impl Layer {
    async fn forward(
        &self,
        x: RowTiles,
        yield_point: &impl YieldPoint,
    ) -> Result<RowTiles, Interrupted> {
        match self {
            Layer::Conv(conv) => {
                let halo = if conv.halves() { Halo::HALVED_AROUND } else { Halo::SAME };
                x.for_each_tile(halo, yield_point, |x| conv.forward(x), |out| out).await
            }
            Layer::Activation(pointwise) => {
                x.for_each_tile(Halo::NONE, yield_point, |x| pointwise.act.forward(x), |out| out)
                    .await
            }
            Layer::Block(block) => block.forward(x, yield_point).await,
            Layer::Upsample(upsample) => {
                let enlarge = |x: Tensor<4>| {
                    let [_, _, h, w] = x.dims();
                    let size = [h * upsample.factor, w * upsample.factor];
                    kernels::resize_nearest(x, size)
                };
                x.for_each_tile(Halo::NONE, yield_point, enlarge, |out| out).await
            }
        }
    }
}

#[derive(Module, Debug)]
struct Pointwise {
    #[module(skip)]
    act: Activation,
}

#[derive(Module, Debug)]
struct Upsample {
    factor: usize,
}

/// `AutoencoderTinyBlock`: three convolutions around a residual.
#[derive(Module, Debug)]
struct Block {
    /// Convolutions with a non-linearity between each two, numbered as in diffusers.
    conv: (Conv2d, Pointwise, Conv2d, Pointwise, Conv2d),
}

impl Block {
    fn new(channels: usize, act: Activation, device: &Device) -> Self {
        let conv = || Conv2d::same(channels, channels, 3, device);
        let act = Pointwise { act };
        Block { conv: (conv(), act.clone(), conv(), act, conv()) }
    }

    /// `[b, c, h, w]` → `[b, c, h, w]`
    async fn forward(
        &self,
        mut x: RowTiles,
        yield_point: &impl YieldPoint,
    ) -> Result<RowTiles, Interrupted> {
        let (first, act, second, _, third) = &self.conv;
        let activate = |out| act.act.forward(out);
        let same = Halo::SAME;
        let hidden =
            x.clone().for_each_tile(same, yield_point, |x| first.forward(x), activate).await?;
        let hidden =
            hidden.for_each_tile(same, yield_point, |x| second.forward(x), activate).await?;
        // Always ReLU, whatever the inner non-linearity is.
        let finish = |out| match x.pop() {
            Some(x) => Activation::Relu.forward(row_tiling::add(x, out)),
            None => out,
        };
        hidden.for_each_tile(same, yield_point, |x| third.forward(x), finish).await
    }
}
