//! The configs of the networks, as they stand in a diffusers checkpoint.
//!
//! A field that asks for something not built here is an error that names it, never ignored.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::layers::Activation;
use crate::error::{Error, Result};

/// `unet/config.json` (diffusers `UNet2DConditionModel`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct UNet2DConditionConfig {
    /// Size of the latents it was trained on: one number, or height and width.
    sample_size: Option<PerBlock<usize>>,
    /// Channels of the sample: 4, or 9 for inpainting.
    pub in_channels: usize,
    /// Channels of the prediction.
    pub out_channels: usize,
    /// Maps the sample from 0..1 to −1..1 first.
    pub center_input_sample: bool,
    /// Cosines before sines in the timestep embedding.
    pub flip_sin_to_cos: bool,
    /// Shift of the timestep embedding's frequencies.
    pub freq_shift: f32,
    /// From the picture's resolution downwards.
    pub down_block_types: Vec<DownBlockType>,
    /// `null`: no middle block.
    pub mid_block_type: Option<MidBlockType>,
    /// From the lowest resolution upwards.
    pub up_block_types: Vec<UpBlockType>,
    /// Channels per down block.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks per down block; up blocks have one more.
    pub layers_per_block: PerBlock<usize>,
    /// Transformer blocks per attention.
    pub transformer_layers_per_block: PerBlock<usize>,
    /// The non-linearity.
    pub act_fn: Activation,
    /// Groups of every group norm.
    pub norm_num_groups: usize,
    /// ε of the residual blocks' norms.
    pub norm_eps: f64,
    /// Width of `encoder_hidden_states`.
    pub cross_attention_dim: PerBlock<usize>,
    /// The NUMBER of heads in spite of its name, unless `num_attention_heads` is given
    /// (diffusers issue 2011).
    pub attention_head_dim: PerBlock<usize>,
    /// The number of heads.
    pub num_attention_heads: Option<PerBlock<usize>>,
    /// `proj_in` and `proj_out` of the transformers are linear layers, not 1×1 convolutions.
    pub use_linear_projection: bool,
    /// Attention scores in f32.
    pub upcast_attention: bool,
    /// Kernel size of the first convolution.
    pub conv_in_kernel: usize,
    /// Kernel size of the last convolution.
    pub conv_out_kernel: usize,
}

/// `vae/config.json` (diffusers `AutoencoderKL`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct AutoencoderKlConfig {
    /// Channels of the picture.
    pub in_channels: usize,
    /// Channels of the decoded picture.
    pub out_channels: usize,
    /// Channels per block, from the picture's resolution downwards.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks per encoder block; decoder blocks have one more.
    pub layers_per_block: usize,
    /// The non-linearity.
    pub act_fn: Activation,
    /// Channels of the latents.
    pub latent_channels: usize,
    /// Groups of every group norm.
    pub norm_num_groups: usize,
    /// Latents times this have unit variance.
    pub scaling_factor: f64,
    /// A 1×1 convolution after the encoder.
    pub use_quant_conv: bool,
    /// A 1×1 convolution before the decoder.
    pub use_post_quant_conv: bool,
    /// Self-attention at the lowest resolution.
    pub mid_block_add_attention: bool,
}

/// `text_encoder/config.json` (transformers `CLIPTextConfig`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct ClipTextConfig {
    /// Entries of the token table.
    pub vocab_size: usize,
    /// Width.
    pub hidden_size: usize,
    /// Width inside the MLPs.
    pub intermediate_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Heads.
    pub num_attention_heads: usize,
    /// The longest prompt in tokens.
    pub max_position_embeddings: usize,
    /// The MLPs' non-linearity.
    pub hidden_act: Activation,
    /// ε of the layer norms.
    pub layer_norm_eps: f64,
    /// End-of-text token; 2 marks the old way of finding it (see `ClipTextModel`).
    pub eos_token_id: i64,
}

/// A number for all blocks or one for each.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PerBlock<T> {
    /// The same for all.
    All(T),
    /// One for each, in the order of the down blocks.
    Each(Vec<T>),
}

impl<T: Copy> PerBlock<T> {
    /// The value for down block `index`.
    pub fn get(&self, index: usize) -> T {
        match self {
            PerBlock::All(value) => *value,
            PerBlock::Each(values) => values[index],
        }
    }

    fn fits(&self, blocks: usize) -> bool {
        matches!(self, PerBlock::All(_)) || matches!(self, PerBlock::Each(v) if v.len() == blocks)
    }

    fn all(&self, test: impl Fn(&T) -> bool) -> bool {
        match self {
            PerBlock::All(value) => test(value),
            PerBlock::Each(values) => values.iter().all(test),
        }
    }
}

/// The kinds of down block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)] // Named as in diffusers.
pub enum DownBlockType {
    CrossAttnDownBlock2D,
    DownBlock2D,
}

/// The kinds of middle block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)] // Named as in diffusers.
pub enum MidBlockType {
    UNetMidBlock2DCrossAttn,
    UNetMidBlock2D,
}

/// The kinds of up block.
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
            ("only_cross_attention", json!(false)),
            ("downsample_padding", json!(1)),
            ("mid_block_scale_factor", json!(1)),
            ("reverse_transformer_layers_per_block", Value::Null),
            ("encoder_hid_dim_type", Value::Null),
            ("dual_cross_attention", json!(false)),
            ("class_embed_type", Value::Null),
            ("addition_embed_type", Value::Null),
            ("num_class_embeds", Value::Null),
            ("resnet_time_scale_shift", json!("default")),
            ("resnet_skip_time_act", json!(false)),
            ("resnet_out_scale_factor", json!(1.0)),
            ("time_embedding_type", json!("positional")),
            ("time_embedding_act_fn", Value::Null),
            ("timestep_post_act", Value::Null),
            ("time_cond_proj_dim", Value::Null),
            ("attention_type", json!("default")),
            ("cross_attention_norm", Value::Null),
        ];
        let config: Self = parse(json, Self::PATH, &only)?;
        config.check().map_err(|reason| invalid(Self::PATH, reason))?;
        Ok(config)
    }

    /// Height and width of the latents it was trained on; 64 × 64 where the config is silent.
    pub fn sample_size(&self) -> [usize; 2] {
        match &self.sample_size {
            Some(PerBlock::All(size)) => [*size; 2],
            Some(PerBlock::Each(sizes)) if sizes.len() == 2 => [sizes[0], sizes[1]],
            _ => [64; 2],
        }
    }

    /// The number of attention heads in down block `index`.
    pub fn heads(&self, index: usize) -> usize {
        self.num_attention_heads.as_ref().unwrap_or(&self.attention_head_dim).get(index)
    }

    fn check(&self) -> Result<(), String> {
        let blocks = self.block_out_channels.len();
        if blocks == 0 || blocks > 16 {
            return Err(format!("block_out_channels has {blocks} entries"));
        }
        if self.down_block_types.len() != blocks || self.up_block_types.len() != blocks {
            return Err(format!(
                "block_out_channels has {blocks} entries, down_block_types {}, up_block_types {}",
                self.down_block_types.len(),
                self.up_block_types.len()
            ));
        }
        let heads = self.num_attention_heads.as_ref().unwrap_or(&self.attention_head_dim);
        let lists = [
            ("layers_per_block", &self.layers_per_block),
            ("transformer_layers_per_block", &self.transformer_layers_per_block),
            ("cross_attention_dim", &self.cross_attention_dim),
            ("attention_head_dim", heads),
        ];
        for (field, list) in lists {
            if !list.fits(blocks) {
                return Err(format!("{field} must be a number or a list of {blocks}"));
            }
            if !list.all(|&n| (1..=1 << 16).contains(&n)) {
                return Err(format!("{field} is out of range"));
            }
        }
        check_groups(&self.block_out_channels, self.norm_num_groups)?;
        for (i, &channels) in self.block_out_channels.iter().enumerate() {
            if !channels.is_multiple_of(self.heads(i)) {
                return Err(format!(
                    "{channels} channels cannot be split into {} heads",
                    self.heads(i)
                ));
            }
        }
        if self.conv_in_kernel.is_multiple_of(2) || self.conv_out_kernel.is_multiple_of(2) {
            return Err("conv_in_kernel and conv_out_kernel must be odd".into());
        }
        if !(1..=64).contains(&self.in_channels) || !(1..=64).contains(&self.out_channels) {
            return Err("in_channels or out_channels is out of range".into());
        }
        Ok(())
    }
}

impl AutoencoderKlConfig {
    /// Path inside a checkpoint.
    pub const PATH: &str = "vae/config.json";

    /// Reads and checks `vae/config.json`.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let only = [
            ("shift_factor", Value::Null),
            ("latents_mean", Value::Null),
            ("latents_std", Value::Null),
        ];
        let config: Self = parse(json, Self::PATH, &only)?;
        config.check().map_err(|reason| invalid(Self::PATH, reason))?;
        Ok(config)
    }

    /// Pixels per latent along each side.
    pub fn scale_factor(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    fn check(&self) -> Result<(), String> {
        let blocks = self.block_out_channels.len();
        if blocks == 0 || blocks > 8 {
            return Err(format!("block_out_channels has {blocks} entries"));
        }
        if !(1..=16).contains(&self.layers_per_block) {
            return Err("layers_per_block is out of range".into());
        }
        if ![self.in_channels, self.out_channels, self.latent_channels]
            .iter()
            .all(|n| (1..=64).contains(n))
        {
            return Err("in_channels, out_channels or latent_channels is out of range".into());
        }
        if !self.scaling_factor.is_finite() || self.scaling_factor == 0.0 {
            return Err(format!("scaling_factor is {}", self.scaling_factor));
        }
        check_groups(&self.block_out_channels, self.norm_num_groups)
    }
}

impl ClipTextConfig {
    /// Path inside a checkpoint.
    pub const PATH: &str = "text_encoder/config.json";

    /// Reads and checks `text_encoder/config.json`.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let config: Self = parse(json, Self::PATH, &[])?;
        config.check().map_err(|reason| invalid(Self::PATH, reason))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("max_position_embeddings", self.max_position_embeddings),
        ];
        if let Some((field, size)) = sizes.into_iter().find(|(_, n)| !(1..=1 << 20).contains(n)) {
            return Err(format!("{field} is {size}"));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(format!(
                "hidden_size {} cannot be split into {} heads",
                self.hidden_size, self.num_attention_heads
            ));
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
            transformer_layers_per_block: PerBlock::All(1),
            act_fn: Activation::Silu,
            norm_num_groups: 32,
            norm_eps: 1e-5,
            cross_attention_dim: PerBlock::All(1280),
            attention_head_dim: PerBlock::All(8),
            num_attention_heads: None,
            use_linear_projection: false,
            upcast_attention: false,
            conv_in_kernel: 3,
            conv_out_kernel: 3,
        }
    }
}

impl Default for AutoencoderKlConfig {
    fn default() -> Self {
        AutoencoderKlConfig {
            in_channels: 3,
            out_channels: 3,
            block_out_channels: vec![64],
            layers_per_block: 1,
            act_fn: Activation::Silu,
            latent_channels: 4,
            norm_num_groups: 32,
            scaling_factor: 0.18215,
            use_quant_conv: true,
            use_post_quant_conv: true,
            mid_block_add_attention: true,
        }
    }
}

impl Default for ClipTextConfig {
    fn default() -> Self {
        ClipTextConfig {
            vocab_size: 49408,
            hidden_size: 512,
            intermediate_size: 2048,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 77,
            hidden_act: Activation::QuickGelu,
            layer_norm_eps: 1e-5,
            eos_token_id: 49407,
        }
    }
}

/// Reads a config whose fields in `only` must have the value given there, or be absent.
fn parse<C: DeserializeOwned>(json: &[u8], path: &str, only: &[(&str, Value)]) -> Result<C> {
    let value: Value = serde_json::from_slice(json).map_err(|e| invalid(path, e.to_string()))?;
    for (field, allowed) in only {
        match value.get(field) {
            Some(found) if !same(found, allowed) => {
                return Err(Error::Unsupported {
                    path: path.to_string(),
                    what: format!("{field} = {found}"),
                    remedy: "Stable Diffusion 1.x and 2.x checkpoints work".to_string(),
                });
            }
            _ => {}
        }
    }
    serde_json::from_value(value).map_err(|e| invalid(path, e.to_string()))
}

/// Equal, with 1 and 1.0 the same number and an explicit `null` as good as absence.
fn same(found: &Value, allowed: &Value) -> bool {
    found == allowed || found.is_null() || (found.is_number() && found.as_f64() == allowed.as_f64())
}

fn check_groups(channels: &[usize], groups: usize) -> Result<(), String> {
    match channels
        .iter()
        .find(|&&c| groups == 0 || c == 0 || c > 1 << 16 || !c.is_multiple_of(groups))
    {
        Some(c) => Err(format!("{c} channels cannot be split into {groups} groups")),
        None => Ok(()),
    }
}

fn invalid(path: &str, reason: String) -> Error {
    Error::InvalidConfig { path: path.to_string(), reason }
}
