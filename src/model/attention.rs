//! Self-attention and cross-attention.
//!
//! diffusers: `attention.py`, `attention_processor.py`, `transformer_2d.py`.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::cache::{KeyValues, PromptKeyValues, TransformerCache};
use super::layers::{Conv2d, GroupNorm, LayerNorm, Linear};
use super::unet_hooks::TransformerHooks;
use crate::kernels::{self, AttentionMask, Epilogue, to_pixels, to_tokens};

/// Multi-head attention of `hidden_states` over a context.
#[derive(Module, Debug)]
pub struct Attention {
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Vec<Linear>, // One; in diffusers a dropout follows it in the list.
    heads: usize,
}

impl Attention {
    /// Returns an attention from `query_dim`-wide queries over a `context_dim`-wide context.
    pub fn new(query_dim: usize, context_dim: usize, heads: usize, device: &Device) -> Self {
        Attention {
            to_q: Linear::without_bias(query_dim, query_dim, device),
            to_k: Linear::without_bias(context_dim, query_dim, device),
            to_v: Linear::without_bias(context_dim, query_dim, device),
            to_out: vec![Linear::new(query_dim, query_dim, device)],
            heads,
        }
    }

    /// Keys and values of `states` `[b, m, d_c]`.
    fn keys_and_values(&self, states: Tensor<3>) -> KeyValues {
        KeyValues { k: self.to_k.forward(states.clone()), v: self.to_v.forward(states) }
    }

    /// Queries of `hidden_states`, `[b, n, d]`.
    fn queries(&self, hidden_states: Tensor<3>) -> Tensor<3> {
        self.to_q.forward(hidden_states)
    }

    /// Queries `[b, n, d]` over keys and values `[b, m, d]`, and `residual` `[b, n, d]` → `[b, n,
    /// d]`
    fn forward(
        &self,
        q: Tensor<3>,
        KeyValues { k, v }: KeyValues,
        residual: Tensor<3>,
    ) -> Tensor<3> {
        let attended = kernels::attention(q, k, v, self.heads, AttentionMask::None);
        let [to_out] = self.to_out.as_slice() else { return attended };
        to_out.forward_then(attended, Epilogue::with_residual(residual))
    }
}

/// Gated linear unit with GELU (Shazeer 2020, arXiv:2002.05202).
#[derive(Module, Debug)]
struct Geglu {
    proj: Linear,
}

/// An entry of a list without parameters: dropout in diffusers.
#[derive(Module, Debug)]
struct Dropout {}

/// Inner width of the feed-forward, as a multiple of the outer.
const MULT: usize = 4;

/// Maximum size of the inner features, bytes: the largest buffer that WebGPU guarantees. If those
/// of the whole batch are larger, they are computed one sample after the other.
const LARGEST_INNER: u64 = 128 << 20;

#[derive(Module, Debug)]
struct FeedForward {
    net: (Geglu, Dropout, Linear),
}

impl FeedForward {
    fn new(dim: usize, device: &Device) -> Self {
        let proj = Linear::new(dim, 2 * MULT * dim, device);
        FeedForward { net: (Geglu { proj }, Dropout {}, Linear::new(MULT * dim, dim, device)) }
    }

    /// `x` and `residual` `[b, n, d]` → `[b, n, d]`
    fn forward(&self, x: Tensor<3>, residual: Tensor<3>) -> Tensor<3> {
        let [b, n, d] = x.dims();
        let inner = [b, n, MULT * d, x.dtype().size()].map(|n| n as u64).iter().product::<u64>();
        if b == 1 || inner <= LARGEST_INNER {
            let hidden = self.net.0.proj.forward_gated(x);
            return self.net.2.forward_then(hidden, Epilogue::with_residual(residual));
        }
        let of = |tensor: &Tensor<3>, row: usize| tensor.clone().narrow(0, row, 1);
        let rows = (0..b).map(|row| self.forward(of(&x, row), of(&residual, row)));
        kernels::cat(rows.collect(), 0)
    }
}

/// Self-attention, cross-attention and feed-forward, each with a residual. Some models have a
/// second cross-attention in place of the self-attention.
#[derive(Module, Debug)]
pub struct BasicTransformerBlock {
    norm1: LayerNorm,
    attn1: Attention,
    norm2: LayerNorm,
    attn2: Attention,
    norm3: LayerNorm,
    ff: FeedForward,
    only_cross_attention: bool,
}

impl BasicTransformerBlock {
    fn new(dim: usize, options: TransformerOptions, device: &Device) -> Self {
        const EPS: f64 = 1e-5;
        let TransformerOptions { heads, cross_attention_dim, only_cross_attention, .. } = options;
        let own_dim = if only_cross_attention { cross_attention_dim } else { dim };
        BasicTransformerBlock {
            norm1: LayerNorm::new(dim, EPS, device),
            attn1: Attention::new(dim, own_dim, heads, device),
            norm2: LayerNorm::new(dim, EPS, device),
            attn2: Attention::new(dim, cross_attention_dim, heads, device),
            norm3: LayerNorm::new(dim, EPS, device),
            ff: FeedForward::new(dim, device),
            only_cross_attention,
        }
    }

    /// Keys and values of the prompt's `states` `[b, m, d_c]`.
    fn prompt(&self, states: &Tensor<3>) -> PromptKeyValues {
        let of = |attention: &Attention| attention.keys_and_values(states.clone());
        let attn1 = self.only_cross_attention.then(|| of(&self.attn1));
        PromptKeyValues { attn1, attn2: of(&self.attn2) }
    }

    /// `x` `[b, n, d]` over itself and over the `prompt` → `[b, n, d]`. `show` gets queries and
    /// keys of the second attention.
    fn forward(
        &self,
        x: Tensor<3>,
        prompt: &PromptKeyValues,
        show: impl FnOnce([&Tensor<3>; 2], usize),
    ) -> Tensor<3> {
        let normed = self.norm1.forward(x.clone());
        let q = self.attn1.queries(normed.clone());
        let own = prompt.attn1.clone().unwrap_or_else(|| self.attn1.keys_and_values(normed));
        let x = self.attn1.forward(q, own, x);
        let q = self.attn2.queries(self.norm2.forward(x.clone()));
        show([&q, &prompt.attn2.k], self.attn2.heads);
        let x = self.attn2.forward(q, prompt.attn2.clone(), x);
        self.ff.forward(self.norm3.forward(x.clone()), x)
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

    /// `[b, h·w, d]` → `[b, d, h, w]`, with `residual` `[b, d, h, w]`
    fn leave(&self, x: Tensor<3>, residual: Tensor<4>) -> Tensor<4> {
        let [_, _, h, w] = residual.dims();
        match self {
            Projection::Conv(conv) => {
                conv.forward_then(to_pixels(x, [h, w]), Epilogue::with_residual(residual))
            }
            Projection::Linear(linear) => {
                let residual = Epilogue::with_residual(to_tokens(residual));
                to_pixels(linear.forward_then(x, residual), [h, w])
            }
        }
    }
}

/// Options of a transformer.
#[derive(Debug, Clone, Copy)]
pub struct TransformerOptions {
    /// Number of blocks.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of the prompt's states.
    pub cross_attention_dim: usize,
    /// Groups of the norm.
    pub groups: usize,
    /// Whether `proj_in` and `proj_out` are linear.
    pub linear_projection: bool,
    /// Whether both attentions are over the prompt.
    pub only_cross_attention: bool,
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
    /// Returns a transformer over `channels` channels.
    pub fn new(channels: usize, options: TransformerOptions, device: &Device) -> Self {
        let TransformerOptions { layers, groups, .. } = options;
        let block = |_| BasicTransformerBlock::new(channels, options, device);
        Transformer2DModel {
            norm: GroupNorm::new(groups, channels, 1e-6, device),
            proj_in: Projection::new(channels, options.linear_projection, device),
            transformer_blocks: (0..layers).map(block).collect(),
            proj_out: Projection::new(channels, options.linear_projection, device),
        }
    }

    /// Caches the keys and values of the prompt's `states` `[b, m, d_c]`.
    pub fn cache(&self, states: &Tensor<3>) -> TransformerCache {
        let blocks = self.transformer_blocks.iter();
        let blocks = blocks.map(|block| block.prompt(states));
        TransformerCache { blocks: blocks.collect() }
    }

    /// Returns whether `cache` has the structure of this transformer.
    pub(super) fn fits(&self, cache: &TransformerCache) -> bool {
        let mut blocks = self.transformer_blocks.iter().zip(&cache.blocks);
        self.transformer_blocks.len() == cache.blocks.len()
            && blocks.all(|(block, cache)| block.only_cross_attention == cache.attn1.is_some())
    }

    /// `[b, c, h, w]` → `[b, c, h, w]`
    pub(super) fn forward(
        &self,
        x: Tensor<4>,
        cache: &TransformerCache,
        hooks: TransformerHooks,
    ) -> Tensor<4> {
        let [_, _, h, w] = x.dims();
        let mut tokens = self.proj_in.enter(self.norm.forward(x.clone()));
        let blocks = self.transformer_blocks.iter().zip(&cache.blocks).enumerate();
        for (index, (block, prompt)) in blocks {
            let show = |qk: [&Tensor<3>; 2], heads| hooks.show(index, [h, w], qk, heads);
            tokens = block.forward(tokens, prompt, show);
        }
        self.proj_out.leave(tokens, x)
    }
}
