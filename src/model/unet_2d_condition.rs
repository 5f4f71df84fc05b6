//! The network that predicts the noise (diffusers `unet_2d_condition.py`; Rombach et al. 2022,
//! arXiv:2112.10752, §3.3).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::TransformerOptions;
use super::block_boundary::{BlockBoundary, Interrupted};
use super::config::{DownBlockType, MidBlockType, UNet2DConditionConfig, UpBlockType};
use super::embeddings::{TimestepEmbedding, timestep_embedding};
use super::layers::{Activation, Conv2d, GroupNorm};
use super::resnet::ResnetOptions;
use super::unet_blocks::{DownBlock, MidBlock, UpBlock, UpBlockChannels};

/// `UNet2DConditionModel`.
#[derive(Module, Debug)]
pub struct UNet2DConditionModel {
    conv_in: Conv2d,
    time_embedding: TimestepEmbedding,
    down_blocks: Vec<DownBlock>,
    mid_block: Option<MidBlock>,
    up_blocks: Vec<UpBlock>,
    conv_norm_out: GroupNorm,
    conv_out: Conv2d,
    center_input_sample: bool,
    flip_sin_to_cos: bool,
    freq_shift: f32,
    time_channels: usize,
    #[module(skip)]
    act: Activation,
}

impl UNet2DConditionModel {
    /// The network that `config` describes, without weights.
    pub fn new(config: &UNet2DConditionConfig, device: &Device) -> Self {
        let channels = &config.block_out_channels;
        let last = channels.len() - 1;
        let time_channels = channels[0];
        let time_embed_dim = 4 * time_channels;
        let resnet = ResnetOptions {
            groups: config.norm_num_groups,
            eps: config.norm_eps,
            act: config.act_fn,
            temb_channels: Some(time_embed_dim),
        };
        let transformer = |block: usize| TransformerOptions {
            layers: config.transformer_layers_per_block.get(block),
            heads: config.heads(block),
            cross_attention_dim: config.cross_attention_dim.get(block),
            groups: config.norm_num_groups,
            linear_projection: config.use_linear_projection,
            upcast: config.upcast_attention,
        };

        let down_block = |block: usize| {
            let attends = config.down_block_types[block] == DownBlockType::CrossAttnDownBlock2D;
            DownBlock::new(
                channels[block.saturating_sub(1)],
                channels[block],
                config.layers_per_block.get(block),
                resnet,
                attends.then(|| transformer(block)),
                block != last,
                device,
            )
        };
        let mid_block = |kind: MidBlockType| {
            let attends = kind == MidBlockType::UNetMidBlock2DCrossAttn;
            MidBlock::new(channels[last], resnet, attends.then(|| transformer(last)), device)
        };
        let up_block = |index: usize| {
            // Up block `index` mirrors down block `block`.
            let block = last - index;
            let attends = config.up_block_types[index] == UpBlockType::CrossAttnUpBlock2D;
            let around = UpBlockChannels {
                prev_output: channels[(block + 1).min(last)],
                output: channels[block],
                last_skip: channels[block.saturating_sub(1)],
            };
            UpBlock::new(
                around,
                config.layers_per_block.get(block) + 1,
                resnet,
                attends.then(|| transformer(block)),
                block != 0,
                device,
            )
        };

        let (kernel_in, kernel_out) = (config.conv_in_kernel, config.conv_out_kernel);
        UNet2DConditionModel {
            conv_in: Conv2d::same(config.in_channels, channels[0], kernel_in, device),
            time_embedding: TimestepEmbedding::new(
                time_channels,
                time_embed_dim,
                config.act_fn,
                device,
            ),
            down_blocks: (0..=last).map(down_block).collect(),
            mid_block: config.mid_block_type.map(mid_block),
            up_blocks: (0..=last).map(up_block).collect(),
            conv_norm_out: GroupNorm::new(
                config.norm_num_groups,
                channels[0],
                config.norm_eps,
                device,
            ),
            conv_out: Conv2d::same(channels[0], config.out_channels, kernel_out, device),
            center_input_sample: config.center_input_sample,
            flip_sin_to_cos: config.flip_sin_to_cos,
            freq_shift: config.freq_shift,
            time_channels,
            act: config.act_fn,
        }
    }

    /// Predicts noise, velocity or sample (as the model was trained) for `sample`
    /// `[b, in, h, w]` at `timestep`, given the prompt's `encoder_hidden_states` `[b, n, d]`:
    /// `[b, out, h, w]`.
    ///
    /// # Errors
    /// [`Interrupted`] if `boundary` says so between two blocks.
    pub async fn forward(
        &self,
        sample: Tensor<4>,
        timestep: f64,
        encoder_hidden_states: &Tensor<3>,
        boundary: &impl BlockBoundary,
    ) -> Result<Tensor<4>, Interrupted> {
        // 1. The timestep.
        let features = timestep_embedding(
            timestep,
            sample.dims()[0],
            self.time_channels,
            self.flip_sin_to_cos,
            self.freq_shift,
            &sample.device(),
        );
        let temb = self.time_embedding.forward(features.cast(sample.dtype()));

        // 2. Down.
        let sample =
            if self.center_input_sample { sample.mul_scalar(2.0).sub_scalar(1.0) } else { sample };
        let mut x = self.conv_in.forward(sample);
        let mut skips = vec![x.clone()];
        for block in &self.down_blocks {
            x = block.forward(x, &temb, encoder_hidden_states, &mut skips);
            boundary.reached().await?;
        }

        // 3. Middle.
        if let Some(block) = &self.mid_block {
            x = block.forward(x, &temb, encoder_hidden_states);
            boundary.reached().await?;
        }

        // 4. Up.
        for block in &self.up_blocks {
            x = block.forward(x, &temb, encoder_hidden_states, &mut skips);
            boundary.reached().await?;
        }

        // 5. Out.
        Ok(self.conv_out.forward(self.act.forward(self.conv_norm_out.forward(x))))
    }
}
