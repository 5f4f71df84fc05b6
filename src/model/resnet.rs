//! Residual block and resampling.
//!
//! diffusers: `resnet.py`, `downsampling.py`, `upsampling.py`.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::cache::ResnetCache;
use super::layers::{Activation, Conv2d, GroupNorm, Linear};
use super::row_tiling::{self, Halo, RowTiles};
use super::yield_point::{Interrupted, YieldPoint};
use crate::kernels::{ConcatInput, Epilogue, Padding, Shift};

/// Options that all residual blocks of a network share.
#[derive(Debug, Clone, Copy)]
pub struct ResnetOptions {
    /// Groups of the norms.
    pub groups: usize,
    /// ε of the norms.
    pub eps: f64,
    /// The non-linearity.
    pub act: Activation,
    /// Width of the timestep embedding; `None` in the autoencoder.
    pub temb_channels: Option<usize>,
}

/// Residual block: twice norm, activation and convolution, with the timestep added in between.
#[derive(Module, Debug)]
pub struct ResnetBlock2D {
    norm1: GroupNorm,
    conv1: Conv2d,
    time_emb_proj: Option<Linear>,
    norm2: GroupNorm,
    conv2: Conv2d,
    conv_shortcut: Option<Conv2d>,
    #[module(skip)]
    act: Activation,
}

impl ResnetBlock2D {
    /// Returns a block from `inputs` to `outputs` channels.
    pub fn new(inputs: usize, outputs: usize, options: ResnetOptions, device: &Device) -> Self {
        let ResnetOptions { groups, eps, act, temb_channels } = options;
        ResnetBlock2D {
            norm1: GroupNorm::new(groups, inputs, eps, device),
            conv1: Conv2d::same(inputs, outputs, 3, device),
            time_emb_proj: temb_channels.map(|temb| Linear::new(temb, outputs, device)),
            norm2: GroupNorm::new(groups, outputs, eps, device),
            conv2: Conv2d::same(outputs, outputs, 3, device),
            conv_shortcut: (inputs != outputs).then(|| Conv2d::same(inputs, outputs, 1, device)),
            act,
        }
    }

    /// Caches what the block adds for each of the embedded and activated timesteps `temb`,
    /// `[timesteps · rows, time_embed_dim]`.
    pub fn cache(&self, temb: &Tensor<2>) -> ResnetCache {
        let proj = self.time_emb_proj.as_ref();
        ResnetCache { shifts: proj.map(|proj| proj.forward(temb.clone())) }
    }

    /// `x` `[b, in, h, w]`, `shift` `[b, out]` → `[b, out, h, w]`
    pub fn forward(&self, x: impl Into<ConcatInput>, shift: Option<Shift>) -> Tensor<4> {
        let x = x.into();
        let hidden = self.norm1.forward_then(x.clone(), self.act);
        let hidden = self.conv1.forward_then(hidden, Epilogue { shift, ..Epilogue::default() });
        let hidden = self.norm2.forward_then(hidden, self.act);
        let shortcut = match &self.conv_shortcut {
            Some(conv) => conv.forward(x),
            None => x.concat(),
        };
        self.conv2.forward_then(hidden, Epilogue::with_residual(shortcut))
    }
}

impl ResnetBlock2D {
    /// Computes the block for a tiled feature map, without a timestep.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two tiles.
    pub async fn forward_tiles(
        &self,
        x: RowTiles,
        yield_point: &impl YieldPoint,
    ) -> Result<RowTiles, Interrupted> {
        let mut x = match x.whole() {
            Ok(whole) => return Ok(self.forward(whole, None).into()),
            Err(tiles) => tiles,
        };
        let act = self.act;
        let moments = self.norm1.moments(x.parts());
        let first = |x| self.conv1.forward(self.norm1.forward_with(x, &moments, act));
        let mut hidden = x.clone().for_each_tile(Halo::SAME, yield_point, first, |out| out).await?;
        let moments = self.norm2.moments(hidden.parts());
        let second = |x| self.conv2.forward(self.norm2.forward_with(x, &moments, act));
        let with_shortcut = |out| match (x.pop(), &self.conv_shortcut) {
            (Some(x), Some(conv)) => conv.forward_then(x, Epilogue::with_residual(out)),
            (Some(x), None) => row_tiling::add(x, out),
            (None, _) => out,
        };
        hidden.for_each_tile(Halo::SAME, yield_point, second, with_shortcut).await
    }
}

/// Halves height and width.
#[derive(Module, Debug)]
pub struct Downsample2D {
    conv: Conv2d,
}

impl Downsample2D {
    /// Returns the UNet's: a zero on every side.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self::with_padding(channels, Padding::symmetric(1), device)
    }

    /// Returns the autoencoder's: zeros below and to the right only.
    pub fn below_and_right(channels: usize, device: &Device) -> Self {
        Self::with_padding(channels, Padding { before: 0, after: 1 }, device)
    }

    fn with_padding(channels: usize, padding: Padding, device: &Device) -> Self {
        Downsample2D { conv: Conv2d::new(channels, channels, 3, 2, padding, device) }
    }

    /// `[b, c, h, w]` → `[b, c, ⌈h/2⌉, ⌈w/2⌉]` (⌊·⌋ for the autoencoder)
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.conv.forward(x)
    }

    /// Computes the autoencoder's for a tiled feature map; tiles have an even number of rows.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two tiles.
    pub async fn forward_tiles(
        &self,
        x: RowTiles,
        yield_point: &impl YieldPoint,
    ) -> Result<RowTiles, Interrupted> {
        x.for_each_tile(Halo::HALVED, yield_point, |x| self.forward(x), |out| out).await
    }
}

/// Nearest-neighbour upsampling, then a convolution.
#[derive(Module, Debug)]
pub struct Upsample2D {
    conv: Conv2d,
}

impl Upsample2D {
    /// Returns a layer that keeps the number of channels.
    pub fn new(channels: usize, device: &Device) -> Self {
        Upsample2D { conv: Conv2d::same(channels, channels, 3, device) }
    }

    /// `[b, c, h, w]` → `[b, c, size..]`. The UNet passes the size of the next skip connection,
    /// which is not twice the present size where an odd size was halved.
    pub fn forward(&self, x: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
        self.conv.forward_resized(x, size)
    }

    /// Doubles the size of a tiled feature map.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two tiles.
    pub async fn forward_tiles(
        &self,
        x: RowTiles,
        yield_point: &impl YieldPoint,
    ) -> Result<RowTiles, Interrupted> {
        let doubled = |x: Tensor<4>| {
            let [_, _, h, w] = x.dims();
            self.forward(x, [2 * h, 2 * w])
        };
        x.for_each_tile(Halo::DOUBLED, yield_point, doubled, |out| out).await
    }
}
