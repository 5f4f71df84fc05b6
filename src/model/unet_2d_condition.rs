//! The network that predicts the noise (diffusers `unet_2d_condition.py`; Rombach et al. 2022,
//! arXiv:2112.10752, §3.3).

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};

use super::attention::TransformerOptions;
use super::block_boundary::{BlockBoundary, Unfinished};
use super::config::{
    AdditionEmbedType, DownBlockType, MidBlockType, UNet2DConditionConfig, UpBlockType,
};
use super::embeddings::{TimestepEmbedding, numbers_embedding, timesteps_embedding};
use super::layers::{Activation, Conv2d, GroupNorm};
use super::prepared::{Preparation, Prepared};
use super::resnet::ResnetOptions;
use super::unet_blocks::{DownBlock, MidBlock, UpBlock, UpBlockChannels};

/// `UNet2DConditionModel`.
#[derive(Module, Debug)]
pub struct UNet2DConditionModel {
    conv_in: Conv2d,
    time_embedding: TimestepEmbedding,
    /// SDXL: takes in [`AddedConditions`].
    add_embedding: Option<TimestepEmbedding>,
    down_blocks: Vec<DownBlock>,
    mid_block: Option<MidBlock>,
    up_blocks: Vec<UpBlock>,
    conv_norm_out: GroupNorm,
    conv_out: Conv2d,
    center_input_sample: bool,
    flip_sin_to_cos: bool,
    freq_shift: f32,
    time_channels: usize,
    time_ids_channels: usize,
    #[module(skip)]
    act: Activation,
}

/// What a prediction depends on beside sample and timestep.
#[derive(Debug, Clone)]
pub struct UNetConditions {
    /// The prompt's states, `[b, n, d]`.
    pub encoder_hidden_states: Tensor<3>,
    /// Models distilled from guidance: the guidance to imitate, `[1, time_cond_proj_dim]`
    /// ([`guidance_scale_embedding`](super::embeddings::guidance_scale_embedding)).
    pub timestep_cond: Option<Tensor<2>>,
    /// SDXL's.
    pub added: Option<AddedConditions>,
}

/// SDXL's micro-conditioning (Podell et al. 2023, arXiv:2307.01952, §2.2).
#[derive(Debug, Clone)]
pub struct AddedConditions {
    /// The pooled and projected prompt, `[b, d]`.
    pub text_embeds: Tensor<2>,
    /// Height and width of the original, top and left of the crop, height and width of the target:
    /// the same for the whole batch.
    pub time_ids: Vec<f32>,
}

impl From<Tensor<3>> for UNetConditions {
    fn from(encoder_hidden_states: Tensor<3>) -> Self {
        UNetConditions { encoder_hidden_states, timestep_cond: None, added: None }
    }
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

        let embedding =
            |inputs| TimestepEmbedding::new(inputs, time_embed_dim, config.act_fn, device);
        let time_embedding = match config.time_cond_proj_dim {
            Some(dim) => embedding(time_channels).with_condition(dim, time_channels, device),
            None => embedding(time_channels),
        };
        let add_embedding = config.addition_embed_type.map(|AdditionEmbedType::TextTime| {
            embedding(config.projection_class_embeddings_input_dim)
        });

        let (kernel_in, kernel_out) = (config.conv_in_kernel, config.conv_out_kernel);
        UNet2DConditionModel {
            conv_in: Conv2d::same(config.in_channels, channels[0], kernel_in, device),
            time_embedding,
            add_embedding,
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
            time_ids_channels: config.addition_time_embed_dim,
            act: config.act_fn,
        }
    }

    /// Does once what all `timesteps` of a picture share. `activations` is the number format that
    /// flows between the layers: f32, or f16 on a GPU that computes with it.
    pub fn prepare(
        &self,
        timesteps: &[f64],
        conditions: &UNetConditions,
        activations: DType,
    ) -> Prepared {
        let states = conditions.encoder_hidden_states.clone().cast(activations);
        // One row for the whole batch, unless its pictures are told different things.
        let rows = if conditions.added.is_some() { states.dims()[0] } else { 1 };
        let temb = self.embed(timesteps, rows, conditions);
        let mut preparation = Preparation::new(self.act.forward(temb), states);
        self.down_blocks.iter().for_each(|block| block.prepare(&mut preparation));
        self.mid_block.iter().for_each(|block| block.prepare(&mut preparation));
        self.up_blocks.iter().for_each(|block| block.prepare(&mut preparation));
        preparation.done(rows)
    }

    /// Predicts noise, velocity or sample (as the model was trained) for `sample`
    /// `[b, in, h, w]`, at the timestep of this `index` among those that were
    /// [`prepare`](Self::prepare)d for the same `b`: `[b, out, h, w]`, f32.
    ///
    /// # Errors
    /// [`Unfinished::Interrupted`] if `boundary` says so between two blocks, [`Unfinished::NotPrepared`]
    /// if `prepared` is not this network's, for this batch and this index.
    pub async fn forward(
        &self,
        sample: Tensor<4>,
        prepared: &Prepared,
        index: usize,
        boundary: &impl BlockBoundary,
    ) -> Result<Tensor<4>, Unfinished> {
        let step = prepared.step(index, sample.dims()[0]).ok_or(Unfinished::NotPrepared)?;

        // 1. In.
        let sample =
            if self.center_input_sample { sample.mul_scalar(2.0).sub_scalar(1.0) } else { sample };
        let mut x = self.conv_in.forward(sample.cast(prepared.activations()));

        // 2. Down.
        let mut skips = vec![x.clone()];
        for block in &self.down_blocks {
            x = block.forward(x, &step, &mut skips);
            boundary.reached().await?;
        }

        // 3. Middle.
        if let Some(block) = &self.mid_block {
            x = block.forward(x, &step);
            boundary.reached().await?;
        }

        // 4. Up.
        for block in &self.up_blocks {
            x = block.forward(x, &step, &mut skips);
            boundary.reached().await?;
        }

        if !step.is_used_up() {
            return Err(Unfinished::NotPrepared);
        }

        // 5. Out.
        let out = self.conv_out.forward(self.conv_norm_out.forward_then(x, self.act));
        Ok(out.cast(DType::F32))
    }

    /// What every residual block adds, before its own projection: `[timesteps · rows, time_embed_dim]`.
    fn embed(&self, timesteps: &[f64], rows: usize, conditions: &UNetConditions) -> Tensor<2> {
        let device = conditions.encoder_hidden_states.device();
        let (flip, shift) = (self.flip_sin_to_cos, self.freq_shift);
        let features =
            timesteps_embedding(timesteps, rows, self.time_channels, flip, shift, &device);
        let temb = self.time_embedding.forward(features, conditions.timestep_cond.clone());
        let (Some(embedding), Some(added)) = (&self.add_embedding, &conditions.added) else {
            return temb;
        };
        let ids = &added.time_ids;
        let numbers = numbers_embedding(ids, rows, self.time_ids_channels, flip, shift, &device);
        let both = Tensor::cat(vec![added.text_embeds.clone(), numbers], 1);
        temb.add(embedding.forward(both, None).repeat_dim(0, timesteps.len()))
    }
}
