//! Hooks of a UNet's pass: what is added inside of it, and what is seen of it. Without them a pass does
//! nothing more.

use std::fmt;

use burn::tensor::Tensor;

/// Everything that a pass takes in or shows beside sample and prediction.
#[derive(Clone, Copy, Default)]
pub struct UNetHooks<'a> {
    /// Added to the skip connections after the down blocks, one for each in their order, `[b, c, h, w]`:
    /// `down_block_additional_residuals` of diffusers, as a ControlNet gives them. Empty: nothing is added.
    pub down_block_additional_residuals: &'a [Tensor<4>],
    /// Added to the result of the middle block, `[b, c, h, w]`.
    pub mid_block_additional_residual: Option<&'a Tensor<4>>,
    /// Sees every attention over the prompt.
    pub attention_tap: Option<&'a dyn AttentionTap>,
}

/// Sees the operands of every attention over the prompt. It may compute with them on the device, for a map of
/// what a word has drawn; it must not read them back.
pub trait AttentionTap {
    /// Called before an attention is computed.
    fn cross_attention(&self, attention: TappedAttention<'_>);
}

/// An attention over the prompt.
#[derive(Debug)]
pub struct TappedAttention<'a> {
    /// Where it is in the network.
    pub place: AttentionPlace,
    /// Queries, `[b, h·w, d]`.
    pub q: &'a Tensor<3>,
    /// Keys, `[b, tokens, d]`.
    pub k: &'a Tensor<3>,
    /// Attention heads; each has `d / heads` features.
    pub heads: usize,
}

/// Where an attention is in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttentionPlace {
    /// The block.
    pub block: BlockPlace,
    /// Index of the transformer in the block's `attentions`.
    pub attention: usize,
    /// Index in the transformer's `transformer_blocks`.
    pub transformer_block: usize,
    /// Height and width of the feature map, whose product is the number of queries.
    pub size: [usize; 2],
}

/// A block of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockPlace {
    /// `down_blocks.N`
    Down(usize),
    /// `mid_block`
    Mid,
    /// `up_blocks.N`
    Up(usize),
}

/// The hooks of a UNet within one of its blocks.
#[derive(Clone, Copy)]
pub(super) struct BlockHooks<'a> {
    pub tap: Option<&'a dyn AttentionTap>,
    pub block: BlockPlace,
}

/// The hooks of a UNet within one of its transformers.
#[derive(Clone, Copy)]
pub(super) struct TransformerHooks<'a> {
    pub tap: Option<&'a dyn AttentionTap>,
    pub block: BlockPlace,
    pub attention: usize,
}

impl<'a> UNetHooks<'a> {
    /// Within `block`.
    pub(super) fn of(&self, block: BlockPlace) -> BlockHooks<'a> {
        BlockHooks { tap: self.attention_tap, block }
    }
}

impl<'a> BlockHooks<'a> {
    /// Within transformer `attention`.
    pub fn of(self, attention: usize) -> TransformerHooks<'a> {
        TransformerHooks { tap: self.tap, block: self.block, attention }
    }
}

impl TransformerHooks<'_> {
    /// Shows an attention of transformer block `transformer_block` over a map of `size`.
    pub fn show(
        self,
        transformer_block: usize,
        size: [usize; 2],
        [q, k]: [&Tensor<3>; 2],
        heads: usize,
    ) {
        if let Some(tap) = self.tap {
            let TransformerHooks { block, attention, .. } = self;
            let place = AttentionPlace { block, attention, transformer_block, size };
            tap.cross_attention(TappedAttention { place, q, k, heads });
        }
    }
}

impl fmt::Debug for UNetHooks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UNetHooks")
            .field("down_block_additional_residuals", &self.down_block_additional_residuals.len())
            .field("mid_block_additional_residual", &self.mid_block_additional_residual.is_some())
            .field("attention_tap", &self.attention_tap.is_some())
            .finish()
    }
}
