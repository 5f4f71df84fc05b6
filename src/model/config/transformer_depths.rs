//! Field `transformer_layers_per_block`.
//!
//! It is one number, or one for each block or for each of its layers.

use serde::Deserialize;

use super::per_block::PerBlock;
use crate::error::{Message, messages};

/// Number of transformer blocks in the attentions of down, middle and up blocks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum TransformerDepths {
    /// The same for all blocks.
    All(usize),
    /// For each block: a number, or one for each of its layers.
    Each(Vec<PerBlock<usize>>),
}

/// Maximum number of transformer blocks of one attention and of one block, an order of magnitude
/// above that of every published model.
const MOST_TRANSFORMERS: usize = 128;

impl TransformerDepths {
    /// Returns the depth in `block` after its residual block `layer`, both indices in the list's
    /// order.
    pub fn get(&self, block: usize, layer: usize) -> usize {
        match self {
            TransformerDepths::All(depth) => *depth,
            TransformerDepths::Each(blocks) => blocks[block].get(layer),
        }
    }

    /// Returns whether it has numbers for single layers; the up blocks then need a list of their
    /// own.
    pub fn has_layers(&self) -> bool {
        let is_list = |block: &PerBlock<usize>| matches!(block, PerBlock::Each(_));
        matches!(self, TransformerDepths::Each(blocks) if blocks.iter().any(is_list))
    }

    /// Checks the `field` for blocks with these `layers`; `attends` says which have attention.
    pub(super) fn check(
        &self,
        field: &'static str,
        layers: &[usize],
        attends: &[bool],
    ) -> Result<(), Message> {
        if let TransformerDepths::Each(blocks) = self {
            if blocks.len() != layers.len() {
                return Err(messages::number_or_list(field, layers.len()));
            }
            for (block, &layers) in blocks.iter().zip(layers) {
                if !block.fits(layers) {
                    return Err(messages::number_or_list(field, layers));
                }
            }
        }
        for (block, (&layers, &attends)) in layers.iter().zip(attends).enumerate() {
            // A block without attention may have any depth, or none.
            let least = if attends { 1 } else { 0 };
            let depths = || (0..layers).map(|layer| self.get(block, layer));
            if depths().any(|depth| depth < least) {
                return Err(messages::out_of_range(field));
            }
            // Every layer is allocated before a weight is read.
            if depths().fold(0, usize::saturating_add) > MOST_TRANSFORMERS {
                return Err(messages::either_out_of_range("layers_per_block", field));
            }
        }
        Ok(())
    }
}
