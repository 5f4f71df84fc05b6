//! Residual block and resampling (diffusers `resnet.py`, `downsampling.py`, `upsampling.py`).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::block_boundary::{BlockBoundary, Interrupted};
use super::cache::ResnetCache;
use super::layers::{Activation, Conv2d, GroupNorm, Linear};
use super::strips::{self, Halo, Strips};
use crate::kernels::{ConcatInput, Epilogue, Padding, Shift};

/// What the residual blocks of one network have in common.
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

/// Norm, activation, convolution, twice, with the timestep added in the middle and the input at
/// the end.
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
    /// From `inputs` to `outputs` channels.
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
    /// The same without a timestep, of a map in strips.
    ///
    /// # Errors
    /// [`Interrupted`] if `boundary` says so between two strips.
    pub async fn forward_strips(
        &self,
        x: Strips,
        boundary: &impl BlockBoundary,
    ) -> Result<Strips, Interrupted> {
        let mut x = match x.whole() {
            Ok(whole) => return Ok(self.forward(whole, None).into()),
            Err(strips) => strips,
        };
        let act = self.act;
        let moments = self.norm1.moments(x.parts());
        let first = |x| self.conv1.forward(self.norm1.forward_with(x, &moments, act));
        let mut hidden = x.clone().each(Halo::SAME, boundary, first, |out| out).await?;
        let moments = self.norm2.moments(hidden.parts());
        let second = |x| self.conv2.forward(self.norm2.forward_with(x, &moments, act));
        let with_shortcut = |out| match (x.pop(), &self.conv_shortcut) {
            (Some(x), Some(conv)) => conv.forward_then(x, Epilogue::with_residual(out)),
            (Some(x), None) => strips::add(x, out),
            (None, _) => out,
        };
        hidden.each(Halo::SAME, boundary, second, with_shortcut).await
    }
}

/// Halves height and width.
#[derive(Module, Debug)]
pub struct Downsample2D {
    conv: Conv2d,
}

impl Downsample2D {
    /// The UNet's: a zero on every side.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self::with_padding(channels, Padding::symmetric(1), device)
    }

    /// The autoencoder's: zeros below and to the right only.
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

    /// The autoencoder's, of a map in strips with an even number of rows.
    ///
    /// # Errors
    /// [`Interrupted`] if `boundary` says so between two strips.
    pub async fn forward_strips(
        &self,
        x: Strips,
        boundary: &impl BlockBoundary,
    ) -> Result<Strips, Interrupted> {
        x.each(Halo::HALVED, boundary, |x| self.forward(x), |out| out).await
    }
}

/// Nearest-neighbour upsampling, then a convolution.
#[derive(Module, Debug)]
pub struct Upsample2D {
    conv: Conv2d,
}

impl Upsample2D {
    /// Keeps the number of channels.
    pub fn new(channels: usize, device: &Device) -> Self {
        Upsample2D { conv: Conv2d::same(channels, channels, 3, device) }
    }

    /// `[b, c, h, w]` → `[b, c, size..]`. The UNet asks for the size of the skip connection to come,
    /// which is not twice the present one where an odd size was halved.
    pub fn forward(&self, x: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
        self.conv.forward_resized(x, size)
    }

    /// To twice the size, of a map in strips.
    ///
    /// # Errors
    /// [`Interrupted`] if `boundary` says so between two strips.
    pub async fn forward_strips(
        &self,
        x: Strips,
        boundary: &impl BlockBoundary,
    ) -> Result<Strips, Interrupted> {
        let doubled = |x: Tensor<4>| {
            let [_, _, h, w] = x.dims();
            self.forward(x, [2 * h, 2 * w])
        };
        x.each(Halo::DOUBLED, boundary, doubled, |out| out).await
    }
}
