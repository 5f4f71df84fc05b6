//! Block structure of a UNet.

use serde_json::{Map, Value, json};

/// Blocks of a UNet. A depth is a number of transformer blocks; 0 means no attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UNetStructure {
    /// Channels of each level, from the picture's resolution downwards.
    pub channels: Vec<usize>,
    /// Depths of each layer of the down blocks.
    pub down: Vec<Vec<usize>>,
    /// Depth of the middle block, if there is one.
    pub mid: Option<usize>,
    /// Depths of each layer of the up blocks, from the lowest resolution upwards.
    pub up: Vec<Vec<usize>>,
    /// Whether self-attention takes its keys and values from the prompt, on each level.
    pub only_cross_attention: Vec<bool>,
}

impl UNetStructure {
    /// Returns whether it is consistent, and has some but not all of the blocks of `full`.
    pub fn is_smaller_than(&self, full: &UNetStructure) -> bool {
        let levels = self.channels.len();
        let layers = |blocks: &[Vec<usize>]| blocks.iter().map(Vec::len).max().unwrap_or(0);
        let all = || self.down.iter().chain(&self.up);
        let is_uniform = |block: &Vec<usize>| {
            block.iter().all(|depth| *depth > 0) || block.iter().all(|depth| *depth == 0)
        };
        let mut pairs = self.down.iter().rev().zip(&self.up);
        let deepest = |structure: &UNetStructure| {
            let depths = structure.down.iter().chain(&structure.up).flatten();
            depths.chain(&structure.mid).copied().max()
        };
        // The middle block's depth is that of the lowest down block, if that has attention.
        let lowest = self.down.last().and_then(|block| block.first().copied()).unwrap_or(0);
        let mid_fits = self.mid.is_none_or(|mid| mid == 0 || lowest == 0 || mid == lowest);
        self != full
            && levels > 0
            && full.channels.starts_with(&self.channels)
            && [self.down.len(), self.up.len(), self.only_cross_attention.len()] == [levels; 3]
            && pairs.all(|(down, up)| down.len() + 1 == up.len())
            && layers(&self.down) <= layers(&full.down)
            && all().all(is_uniform)
            && deepest(self) <= deepest(full)
            && mid_fits
    }

    /// Returns the fields of `config.json` for these blocks.
    pub fn fields(&self) -> Map<String, Value> {
        let attends = |block: &Vec<usize>| block.iter().any(|depth| *depth > 0);
        let kinds = |blocks: &[Vec<usize>], cross: &str, plain: &str| -> Vec<String> {
            let kind = |block| if attends(block) { cross } else { plain };
            blocks.iter().map(|block| kind(block).to_string()).collect()
        };
        let mut depths = self.down.clone();
        if let (Some(mid), Some(lowest)) = (self.mid, depths.last_mut()) {
            let is_free = lowest.iter().all(|depth| *depth == 0);
            lowest.iter_mut().filter(|_| is_free).for_each(|depth| *depth = mid);
        }
        let layers: Vec<usize> = self.down.iter().map(Vec::len).collect();
        let mid_block_type = match self.mid {
            None => Value::Null,
            Some(0) => json!("UNetMidBlock2D"),
            Some(_) => json!("UNetMidBlock2DCrossAttn"),
        };
        let fields = [
            ("block_out_channels", json!(self.channels)),
            ("layers_per_block", json!(layers)),
            ("down_block_types", json!(kinds(&self.down, "CrossAttnDownBlock2D", "DownBlock2D"))),
            ("up_block_types", json!(kinds(&self.up, "CrossAttnUpBlock2D", "UpBlock2D"))),
            ("mid_block_type", mid_block_type),
            ("transformer_layers_per_block", json!(depths)),
            ("reverse_transformer_layers_per_block", json!(self.up)),
            ("only_cross_attention", json!(self.only_cross_attention)),
        ];
        fields.into_iter().map(|(field, value)| (field.to_string(), value)).collect()
    }
}
