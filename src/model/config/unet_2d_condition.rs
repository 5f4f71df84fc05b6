//! Config of a `UNet2DConditionModel`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::parse::{check_groups, invalid, parse};
use super::per_block::PerBlock;
use super::transformer_depths::TransformerDepths;
use super::unet_structure::UNetStructure;
use crate::error::{Message, Result, messages};
use crate::model::layers::Activation;

/// `unet/config.json` (diffusers `UNet2DConditionModel`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct UNet2DConditionConfig {
    /// Size of the latents that it was trained on: one number, or height and width.
    sample_size: Option<PerBlock<usize>>,
    /// Channels of the sample: 4, or 9 for inpainting.
    pub in_channels: usize,
    /// Channels of the prediction.
    pub out_channels: usize,
    /// Whether to map the sample from 0..1 to −1..1 first.
    pub center_input_sample: bool,
    /// Whether cosines come before sines in the timestep embedding.
    pub flip_sin_to_cos: bool,
    /// Shift of the timestep embedding's frequencies.
    pub freq_shift: f32,
    /// Kinds of the down blocks, from the image's resolution downwards.
    pub down_block_types: Vec<DownBlockType>,
    /// Kind of the middle block; `null`: none.
    pub mid_block_type: Option<MidBlockType>,
    /// Kinds of the up blocks, from the lowest resolution upwards.
    pub up_block_types: Vec<UpBlockType>,
    /// Channels per down block.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks per down block; up blocks have one more.
    pub layers_per_block: PerBlock<usize>,
    /// Transformer blocks per attention, of the down blocks and the middle block.
    transformer_layers_per_block: TransformerDepths,
    /// Transformer blocks per attention of the up blocks, if they are not the reverse of the down
    /// blocks.
    reverse_transformer_layers_per_block: Option<TransformerDepths>,
    /// Whether self-attention takes its keys and values from the prompt, except in the middle
    /// block.
    only_cross_attention: PerBlock<bool>,
    /// The non-linearity.
    pub act_fn: Activation,
    /// Groups of every group norm.
    pub norm_num_groups: usize,
    /// ε of the residual blocks' norms.
    pub norm_eps: f64,
    /// Width of `encoder_hidden_states`.
    pub cross_attention_dim: PerBlock<usize>,
    /// The NUMBER of heads in spite of its name, unless `num_attention_heads` is set (diffusers
    /// issue 2011).
    pub attention_head_dim: PerBlock<usize>,
    /// Number of heads.
    pub num_attention_heads: Option<PerBlock<usize>>,
    /// Whether `proj_in` and `proj_out` of the transformers are linear layers instead of 1×1
    /// convolutions.
    pub use_linear_projection: bool,
    /// Whether attention scores are in f32.
    pub upcast_attention: bool,
    /// Kind of conditions in addition to timestep and prompt.
    pub addition_embed_type: Option<AdditionEmbedType>,
    /// Features per number of `time_ids`.
    pub addition_time_embed_dim: usize,
    /// Features of all these conditions together.
    pub projection_class_embeddings_input_dim: usize,
    /// Features of a distilled model's guidance scale.
    pub time_cond_proj_dim: Option<usize>,
    /// Kernel size of the first convolution.
    pub conv_in_kernel: usize,
    /// Kernel size of the last convolution.
    pub conv_out_kernel: usize,
}

/// Maximum numbers of blocks and of layers of a block, an order of magnitude above those of every
/// published model.
const MOST_BLOCKS: usize = 8;
const MOST_LAYERS: usize = 16;

const DEPTHS: &str = "transformer_layers_per_block";
const REVERSE_DEPTHS: &str = "reverse_transformer_layers_per_block";

/// Kinds of added conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdditionEmbedType {
    /// SDXL: the pooled prompt, and six numbers about sizes.
    TextTime,
}

/// Kinds of down blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)] // Named as in diffusers.
pub enum DownBlockType {
    CrossAttnDownBlock2D,
    DownBlock2D,
}

/// Kinds of middle blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)] // Named as in diffusers.
pub enum MidBlockType {
    UNetMidBlock2DCrossAttn,
    UNetMidBlock2D,
}

/// Kinds of up blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)] // Named as in diffusers.
pub enum UpBlockType {
    CrossAttnUpBlock2D,
    UpBlock2D,
}

impl UNet2DConditionConfig {
    /// Path inside a checkpoint.
    pub const PATH: &str = "unet/config.json";

    /// Reads and checks `unet/config.json`.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let only = [
            ("downsample_padding", json!(1)),
            ("mid_block_scale_factor", json!(1)),
            ("encoder_hid_dim", Value::Null),
            ("encoder_hid_dim_type", Value::Null),
            ("mid_block_only_cross_attention", json!(false)),
            ("dual_cross_attention", json!(false)),
            ("class_embed_type", Value::Null),
            ("num_class_embeds", Value::Null),
            ("resnet_time_scale_shift", json!("default")),
            ("resnet_skip_time_act", json!(false)),
            ("resnet_out_scale_factor", json!(1.0)),
            ("time_embedding_type", json!("positional")),
            ("time_embedding_act_fn", Value::Null),
            ("timestep_post_act", Value::Null),
            ("attention_type", json!("default")),
            ("cross_attention_norm", Value::Null),
        ];
        let mut config: Self = parse(json, Self::PATH, &only)?;
        // A list for another number of blocks is off, too.
        if config.only_cross_attention.all(|only| !only) {
            config.only_cross_attention = PerBlock::All(false);
        }
        config.check().map_err(|reason| invalid(Self::PATH, reason))?;
        Ok(config)
    }

    /// Returns height and width of the latents that it was trained on; 64 × 64 if the config does
    /// not say.
    pub fn sample_size(&self) -> [usize; 2] {
        match &self.sample_size {
            Some(PerBlock::All(size)) => [*size; 2],
            Some(PerBlock::Each(sizes)) if sizes.len() == 2 => [sizes[0], sizes[1]],
            _ => [64; 2],
        }
    }

    /// Returns the number of attention heads in down block `index`.
    pub fn heads(&self, index: usize) -> usize {
        self.num_attention_heads.as_ref().unwrap_or(&self.attention_head_dim).get(index)
    }

    /// Returns whether down block `index` has cross-attention.
    pub fn attends(&self, index: usize) -> bool {
        self.down_block_types.get(index) == Some(&DownBlockType::CrossAttnDownBlock2D)
    }

    /// Returns the number of transformer blocks after residual block `layer` of down block `index`.
    pub fn down_depth(&self, index: usize, layer: usize) -> usize {
        self.transformer_layers_per_block.get(index, layer)
    }

    /// Returns the number of transformer blocks of the middle block's attention.
    pub fn mid_depth(&self) -> usize {
        self.transformer_layers_per_block.get(self.block_out_channels.len() - 1, 0)
    }

    /// Returns the number of transformer blocks after residual block `layer` of up block `index`,
    /// counted from the lowest resolution.
    pub fn up_depth(&self, index: usize, layer: usize) -> usize {
        match &self.reverse_transformer_layers_per_block {
            Some(depths) => depths.get(index, layer),
            None => self.transformer_layers_per_block.get(self.mirrored(index), 0),
        }
    }

    /// Returns whether self-attention takes its keys and values from the prompt, in down block
    /// `index` and the up block that mirrors it.
    pub fn attends_to_prompt_only(&self, index: usize) -> bool {
        self.only_cross_attention.get(index)
    }

    /// Returns the residual blocks of each down block, from the highest resolution down.
    pub fn down_block_layers(&self) -> Vec<usize> {
        (0..self.block_out_channels.len()).map(|block| self.layers_per_block.get(block)).collect()
    }

    /// Returns the structure of its blocks.
    pub fn structure(&self) -> UNetStructure {
        let blocks = self.block_out_channels.len();
        let layers = |index| self.layers_per_block.get(index);
        let down = |index: usize| {
            let depth = |layer| if self.attends(index) { self.down_depth(index, layer) } else { 0 };
            (0..layers(index)).map(depth).collect()
        };
        let up = |index: usize| {
            let attends = self.up_block_types.get(index) == Some(&UpBlockType::CrossAttnUpBlock2D);
            let depth = |layer| if attends { self.up_depth(index, layer) } else { 0 };
            (0..=layers(self.mirrored(index))).map(depth).collect()
        };
        UNetStructure {
            channels: self.block_out_channels.clone(),
            down: (0..blocks).map(down).collect(),
            mid: self.mid_block_type.map(|kind| match kind {
                MidBlockType::UNetMidBlock2DCrossAttn => self.mid_depth(),
                MidBlockType::UNetMidBlock2D => 0,
            }),
            up: (0..blocks).map(up).collect(),
            only_cross_attention: (0..blocks)
                .map(|index| self.attends_to_prompt_only(index))
                .collect(),
        }
    }

    /// Returns the index of the down block that up block `index` mirrors.
    fn mirrored(&self, index: usize) -> usize {
        self.block_out_channels.len() - 1 - index
    }

    fn check_depths(&self) -> Result<(), Message> {
        let blocks = self.block_out_channels.len();
        let cross_down = |block: &DownBlockType| *block == DownBlockType::CrossAttnDownBlock2D;
        let mut attends: Vec<bool> = self.down_block_types.iter().map(cross_down).collect();
        let down = self.down_block_layers();
        // The middle block's attention has the lowest down block's depth.
        if self.mid_block_type == Some(MidBlockType::UNetMidBlock2DCrossAttn) {
            attends[blocks - 1] = true;
        }
        self.transformer_layers_per_block.check(DEPTHS, &down, &attends)?;

        let cross_up = |block: &UpBlockType| *block == UpBlockType::CrossAttnUpBlock2D;
        let attends: Vec<bool> = self.up_block_types.iter().map(cross_up).collect();
        let up: Vec<usize> = down.iter().rev().map(|layers| layers + 1).collect();
        match &self.reverse_transformer_layers_per_block {
            Some(depths) => depths.check(REVERSE_DEPTHS, &up, &attends),
            None if self.transformer_layers_per_block.has_layers() => {
                Err(messages::number_or_list(REVERSE_DEPTHS, blocks))
            }
            None => {
                let depth = |index| self.up_depth(index, 0);
                match (0..blocks).any(|index| attends[index] && depth(index) == 0) {
                    true => Err(messages::out_of_range(DEPTHS)),
                    false => Ok(()),
                }
            }
        }
    }

    fn check(&self) -> Result<(), Message> {
        let blocks = self.block_out_channels.len();
        if blocks == 0 || blocks > MOST_BLOCKS {
            return Err(messages::entry_count("block_out_channels", blocks));
        }
        if self.down_block_types.len() != blocks || self.up_block_types.len() != blocks {
            return Err(messages::block_counts_differ(
                blocks,
                self.down_block_types.len(),
                self.up_block_types.len(),
            ));
        }
        let heads = self.num_attention_heads.as_ref().unwrap_or(&self.attention_head_dim);
        let lists = [
            ("layers_per_block", &self.layers_per_block),
            ("cross_attention_dim", &self.cross_attention_dim),
            ("attention_head_dim", heads),
        ];
        for (field, list) in lists {
            if !list.fits(blocks) {
                return Err(messages::number_or_list(field, blocks));
            }
            if !list.all(|&n| (1..=1 << 16).contains(&n)) {
                return Err(messages::out_of_range(field));
            }
        }
        check_groups(&self.block_out_channels, self.norm_num_groups)?;
        if !self.layers_per_block.all(|&n| n <= MOST_LAYERS) {
            return Err(messages::either_out_of_range("layers_per_block", DEPTHS));
        }
        if !self.only_cross_attention.fits(blocks) {
            return Err(messages::number_or_list("only_cross_attention", blocks));
        }
        self.check_depths()?;
        for (i, &channels) in self.block_out_channels.iter().enumerate() {
            if !channels.is_multiple_of(self.heads(i)) {
                return Err(messages::channels_split_into_heads(channels, self.heads(i)));
            }
        }
        if self.conv_in_kernel.is_multiple_of(2) || self.conv_out_kernel.is_multiple_of(2) {
            return Err(messages::kernels_must_be_odd());
        }
        let text_time = self.addition_embed_type.is_some();
        let (each, all) =
            (self.addition_time_embed_dim, self.projection_class_embeddings_input_dim);
        if text_time && !((1..=1 << 16).contains(&each) && (1..=1 << 20).contains(&all)) {
            return Err(messages::added_conditions(each, all));
        }
        if self.time_cond_proj_dim.is_some_and(|dim| !(1..=1 << 16).contains(&dim)) {
            return Err(messages::out_of_range("time_cond_proj_dim"));
        }
        if !(1..=64).contains(&self.in_channels) || !(1..=64).contains(&self.out_channels) {
            return Err(messages::either_out_of_range("in_channels", "out_channels"));
        }
        Ok(())
    }
}

impl Default for UNet2DConditionConfig {
    fn default() -> Self {
        use {DownBlockType as Down, UpBlockType as Up};
        UNet2DConditionConfig {
            sample_size: None,
            in_channels: 4,
            out_channels: 4,
            center_input_sample: false,
            flip_sin_to_cos: true,
            freq_shift: 0.0,
            down_block_types: vec![
                Down::CrossAttnDownBlock2D,
                Down::CrossAttnDownBlock2D,
                Down::CrossAttnDownBlock2D,
                Down::DownBlock2D,
            ],
            mid_block_type: Some(MidBlockType::UNetMidBlock2DCrossAttn),
            up_block_types: vec![
                Up::UpBlock2D,
                Up::CrossAttnUpBlock2D,
                Up::CrossAttnUpBlock2D,
                Up::CrossAttnUpBlock2D,
            ],
            block_out_channels: vec![320, 640, 1280, 1280],
            layers_per_block: PerBlock::All(2),
            transformer_layers_per_block: TransformerDepths::All(1),
            reverse_transformer_layers_per_block: None,
            only_cross_attention: PerBlock::All(false),
            act_fn: Activation::Silu,
            norm_num_groups: 32,
            norm_eps: 1e-5,
            cross_attention_dim: PerBlock::All(1280),
            attention_head_dim: PerBlock::All(8),
            num_attention_heads: None,
            use_linear_projection: false,
            upcast_attention: false,
            addition_embed_type: None,
            addition_time_embed_dim: 0,
            projection_class_embeddings_input_dim: 0,
            time_cond_proj_dim: None,
            conv_in_kernel: 3,
            conv_out_kernel: 3,
        }
    }
}
