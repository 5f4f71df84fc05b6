//! Hooks of a UNet's forward pass.
//!
//! They add residuals, and observe attention. A pass without hooks does no extra work.

use std::fmt;

use burn::tensor::Tensor;

/// Residuals and observers of a pass.
#[derive(Clone, Copy, Default)]
pub struct UNetHooks<'a> {
    /// Residuals of the skip connections after the down blocks, one for each in their order, `[b,
    /// c, h, w]`: diffusers' `down_block_additional_residuals`, as a ControlNet gives them. Empty:
    /// none.
    pub down_block_additional_residuals: &'a [Tensor<4>],
    /// Residual of the middle block, `[b, c, h, w]`.
    pub mid_block_additional_residual: Option<&'a Tensor<4>>,
    /// Observer of every cross-attention.
    pub attention_tap: Option<&'a dyn AttentionTap>,
}

/// Observes the operands of every cross-attention. It may compute with them on the device, for
/// example attention maps of words; it must not read them back.
pub trait AttentionTap {
    /// Called before an attention is computed.
    fn cross_attention(&self, attention: TappedAttention<'_>);
}

/// A cross-attention.
#[derive(Debug)]
pub struct TappedAttention<'a> {
    /// Position in the network.
    pub place: AttentionPlace,
    /// Queries, `[b, h·w, d]`.
    pub q: &'a Tensor<3>,
    /// Keys, `[b, tokens, d]`.
    pub k: &'a Tensor<3>,
    /// Attention heads; each has `d / heads` features.
    pub heads: usize,
}

/// Position of an attention in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttentionPlace {
    /// Block.
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

/// Hooks of one block.
#[derive(Clone, Copy)]
pub(super) struct BlockHooks<'a> {
    pub tap: Option<&'a dyn AttentionTap>,
    pub block: BlockPlace,
}

/// Hooks of one transformer.
#[derive(Clone, Copy)]
pub(super) struct TransformerHooks<'a> {
    pub tap: Option<&'a dyn AttentionTap>,
    pub block: BlockPlace,
    pub attention: usize,
}

impl<'a> UNetHooks<'a> {
    /// Returns the hooks of `block`.
    pub(super) fn within(&self, block: BlockPlace) -> BlockHooks<'a> {
        BlockHooks { tap: self.attention_tap, block }
    }
}

impl<'a> BlockHooks<'a> {
    /// Returns the hooks of transformer `attention`.
    pub fn within(self, attention: usize) -> TransformerHooks<'a> {
        TransformerHooks { tap: self.tap, block: self.block, attention }
    }
}

impl TransformerHooks<'_> {
    /// Passes an attention of transformer block `transformer_block`, over a feature map of `size`,
    /// to the observer.
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
