//! Attention over the pixels and over the prompt (diffusers `attention.py`,
//! `attention_processor.py`, `transformer_2d.py`).

use burn::module::Module;
use burn::tensor::activation::gelu;
use burn::tensor::{Device, Tensor};

use super::layers::{Conv2d, GroupNorm, LayerNorm, Linear};
use crate::kernels::{self, Mask};

/// Multi-head attention of `hidden_states` over a context.
#[derive(Module, Debug)]
pub struct Attention {
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Vec<Linear>, // One; in diffusers a dropout follows it in the list.
    heads: usize,
    upcast: bool,
}

impl Attention {
    /// From `query_dim`-wide queries over a `context_dim`-wide context.
    pub fn new(
        query_dim: usize,
        context_dim: usize,
        heads: usize,
        upcast: bool,
        device: &Device,
    ) -> Self {
        Attention {
            to_q: Linear::without_bias(query_dim, query_dim, device),
            to_k: Linear::without_bias(context_dim, query_dim, device),
            to_v: Linear::without_bias(context_dim, query_dim, device),
            to_out: vec![Linear::new(query_dim, query_dim, device)],
            heads,
            upcast,
        }
    }

    /// `hidden_states` `[b, n, d]` over `context` `[b, m, d_c]` → `[b, n, d]`
    pub fn forward(&self, hidden_states: Tensor<3>, context: Tensor<3>) -> Tensor<3> {
        let q = split_heads(self.to_q.forward(hidden_states), self.heads);
        let k = split_heads(self.to_k.forward(context.clone()), self.heads);
        let v = split_heads(self.to_v.forward(context), self.heads);
        let attended = merge_heads(kernels::attention(q, k, v, Mask::None, self.upcast));
        self.to_out.iter().fold(attended, |x, layer| layer.forward(x))
    }
}

/// `[b, n, heads·d]` → `[b, heads, n, d]`
pub(crate) fn split_heads(x: Tensor<3>, heads: usize) -> Tensor<4> {
    let [b, n, width] = x.dims();
    x.reshape([b, n, heads, width / heads]).swap_dims(1, 2)
}

/// `[b, heads, n, d]` → `[b, n, heads·d]`
pub(crate) fn merge_heads(x: Tensor<4>) -> Tensor<3> {
    let [b, heads, n, d] = x.dims();
    x.swap_dims(1, 2).reshape([b, n, heads * d])
}

/// Gated linear unit with GELU (Shazeer 2020, arXiv:2002.05202).
#[derive(Module, Debug)]
struct Geglu {
    proj: Linear,
}

/// A place in a list that holds no parameters: dropout in the reference.
#[derive(Module, Debug)]
struct Dropout {}

#[derive(Module, Debug)]
struct FeedForward {
    net: (Geglu, Dropout, Linear),
}

impl FeedForward {
    fn new(dim: usize, device: &Device) -> Self {
        const MULT: usize = 4;
        let proj = Linear::new(dim, 2 * MULT * dim, device);
        FeedForward { net: (Geglu { proj }, Dropout {}, Linear::new(MULT * dim, dim, device)) }
    }

    /// `[b, n, d]` → `[b, n, d]`
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let both = self.net.0.proj.forward(x);
        let half = both.dims()[2] / 2;
        let value = both.clone().narrow(2, 0, half);
        let gate = both.narrow(2, half, half);
        self.net.2.forward(value.mul(gelu(gate)))
    }
}

/// Self-attention, attention over the prompt, feed-forward, each with a residual.
#[derive(Module, Debug)]
pub struct BasicTransformerBlock {
    norm1: LayerNorm,
    attn1: Attention,
    norm2: LayerNorm,
    attn2: Attention,
    norm3: LayerNorm,
    ff: FeedForward,
}

impl BasicTransformerBlock {
    fn new(dim: usize, context_dim: usize, heads: usize, upcast: bool, device: &Device) -> Self {
        const EPS: f64 = 1e-5;
        BasicTransformerBlock {
            norm1: LayerNorm::new(dim, EPS, device),
            attn1: Attention::new(dim, dim, heads, upcast, device),
            norm2: LayerNorm::new(dim, EPS, device),
            attn2: Attention::new(dim, context_dim, heads, upcast, device),
            norm3: LayerNorm::new(dim, EPS, device),
            ff: FeedForward::new(dim, device),
        }
    }

    /// `x` `[b, n, d]`, `encoder_hidden_states` `[b, m, d_c]` → `[b, n, d]`
    fn forward(&self, x: Tensor<3>, encoder_hidden_states: &Tensor<3>) -> Tensor<3> {
        let normed = self.norm1.forward(x.clone());
        let x = x.add(self.attn1.forward(normed.clone(), normed));
        let normed = self.norm2.forward(x.clone());
        let x = x.add(self.attn2.forward(normed, encoder_hidden_states.clone()));
        let normed = self.norm3.forward(x.clone());
        x.add(self.ff.forward(normed))
    }
}

/// The first and last layer of a transformer: the same product, stored in two shapes.
#[derive(Module, Debug)]
enum Projection {
    /// SD 1.x: a 1×1 convolution, `[out, in, 1, 1]`.
    Conv(Conv2d),
    /// SD 2.x: `[out, in]`.
    Linear(Linear),
}

impl Projection {
    fn new(dim: usize, linear: bool, device: &Device) -> Self {
        if linear {
            Projection::Linear(Linear::new(dim, dim, device))
        } else {
            Projection::Conv(Conv2d::same(dim, dim, 1, device))
        }
    }

    /// `[b, d, h, w]` → `[b, h·w, d]`
    fn enter(&self, x: Tensor<4>) -> Tensor<3> {
        match self {
            Projection::Conv(conv) => to_tokens(conv.forward(x)),
            Projection::Linear(linear) => linear.forward(to_tokens(x)),
        }
    }

    /// `[b, h·w, d]` → `[b, d, h, w]`
    fn leave(&self, x: Tensor<3>, size: [usize; 2]) -> Tensor<4> {
        match self {
            Projection::Conv(conv) => conv.forward(to_pixels(x, size)),
            Projection::Linear(linear) => to_pixels(linear.forward(x), size),
        }
    }
}

/// `[b, c, h, w]` → `[b, h·w, c]`
pub(crate) fn to_tokens(x: Tensor<4>) -> Tensor<3> {
    let [b, c, h, w] = x.dims();
    // Not `reshape` then `swap_dims`: of a 1×1 map that leaves strides which Burn 0.22's layer norm
    // misreads on the GPU.
    x.permute([0, 2, 3, 1]).reshape([b, h * w, c])
}

/// `[b, h·w, c]` → `[b, c, h, w]`
pub(crate) fn to_pixels(x: Tensor<3>, [h, w]: [usize; 2]) -> Tensor<4> {
    let [b, _, c] = x.dims();
    x.swap_dims(1, 2).reshape([b, c, h, w])
}

/// How the transformers of one block are built.
#[derive(Debug, Clone, Copy)]
pub struct TransformerOptions {
    /// Blocks in a row.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of the prompt's states.
    pub cross_attention_dim: usize,
    /// Groups of the norm.
    pub groups: usize,
    /// `proj_in` and `proj_out` are linear.
    pub linear_projection: bool,
    /// Scores in f32.
    pub upcast: bool,
}

/// Transformer blocks over the pixels of a feature map, with a residual around all of them.
#[derive(Module, Debug)]
pub struct Transformer2DModel {
    norm: GroupNorm,
    proj_in: Projection,
    transformer_blocks: Vec<BasicTransformerBlock>,
    proj_out: Projection,
}

impl Transformer2DModel {
    /// Over `channels` channels.
    pub fn new(channels: usize, options: TransformerOptions, device: &Device) -> Self {
        let TransformerOptions { layers, heads, cross_attention_dim, groups, .. } = options;
        let block = |_| {
            let upcast = options.upcast;
            BasicTransformerBlock::new(channels, cross_attention_dim, heads, upcast, device)
        };
        Transformer2DModel {
            norm: GroupNorm::new(groups, channels, 1e-6, device),
            proj_in: Projection::new(channels, options.linear_projection, device),
            transformer_blocks: (0..layers).map(block).collect(),
            proj_out: Projection::new(channels, options.linear_projection, device),
        }
    }

    /// `x` `[b, c, h, w]`, `encoder_hidden_states` `[b, m, d_c]` → `[b, c, h, w]`
    pub fn forward(&self, x: Tensor<4>, encoder_hidden_states: &Tensor<3>) -> Tensor<4> {
        let [_, _, h, w] = x.dims();
        let tokens = self.proj_in.enter(self.norm.forward(x.clone()));
        let tokens = self
            .transformer_blocks
            .iter()
            .fold(tokens, |tokens, block| block.forward(tokens, encoder_hidden_states));
        x.add(self.proj_out.leave(tokens, [h, w]))
    }
}
