//! UNet that predicts the noise.
//!
//! diffusers `unet_2d_condition.py`; Rombach et al. 2022, arXiv:2112.10752, §3.3.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};

use super::attention::TransformerOptions;
use super::cache::UNetCache;
use super::config::{
    AdditionEmbedType, DownBlockType, MidBlockType, UNet2DConditionConfig, UpBlockType,
};
use super::embeddings::{TimestepEmbedding, numbers_embedding, timesteps_embedding};
use super::layers::{Activation, Conv2d, GroupNorm};
use super::resnet::ResnetOptions;
use super::unet_blocks::{DownBlock, Layers, MidBlock, UpBlock, UpBlockChannels};
use super::unet_conditions::UNetConditions;
use super::unet_hooks::{BlockPlace, UNetHooks};
use super::yield_point::{Unfinished, YieldPoint};
use crate::kernels;

/// `UNet2DConditionModel`.
#[derive(Module, Debug)]
pub struct UNet2DConditionModel {
    conv_in: Conv2d,
    time_embedding: TimestepEmbedding,
    /// SDXL: embedding of [`UNetConditions::added`].
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

impl UNet2DConditionModel {
    /// Returns the network that `config` describes, without weights.
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
        let transformer = |block: usize, depth: usize| TransformerOptions {
            layers: depth,
            heads: config.heads(block),
            cross_attention_dim: config.cross_attention_dim.get(block),
            groups: config.norm_num_groups,
            linear_projection: config.use_linear_projection,
            only_cross_attention: config.attends_to_prompt_only(block),
        };

        let down_block = |block: usize| {
            let attends = config.down_block_types[block] == DownBlockType::CrossAttnDownBlock2D;
            let layers = config.layers_per_block.get(block);
            let depths = (0..layers).filter(|_| attends).map(|l| config.down_depth(block, l));
            let transformers: Vec<_> = depths.map(|depth| transformer(block, depth)).collect();
            DownBlock::new(
                channels[block.saturating_sub(1)],
                channels[block],
                layers,
                resnet,
                &transformers,
                block != last,
                device,
            )
        };
        let mid_block = |kind: MidBlockType| {
            let attends = kind == MidBlockType::UNetMidBlock2DCrossAttn;
            let transformer = attends.then(|| TransformerOptions {
                only_cross_attention: false,
                ..transformer(last, config.mid_depth())
            });
            MidBlock::new(channels[last], resnet, transformer, device)
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
            let layers = config.layers_per_block.get(block) + 1;
            let depths = (0..layers).filter(|_| attends).map(|l| config.up_depth(index, l));
            let transformers: Vec<_> = depths.map(|depth| transformer(block, depth)).collect();
            UpBlock::new(around, layers, resnet, &transformers, block != 0, device)
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

    /// Caches what all passes of an image share: what each layer adds for each of the `timesteps`,
    /// and the prompt's keys and values. `activations` is the number format between layers: f32, or
    /// f16 on a GPU that computes with it.
    pub fn cache(
        &self,
        timesteps: &[f64],
        conditions: &UNetConditions,
        activations: DType,
    ) -> UNetCache {
        // A row for each timestep, also for a repeated one: the number of rows affects how sums are
        // rounded.
        let timesteps = timesteps.to_vec();
        let states = conditions.encoder_hidden_states.clone().cast(activations);
        // One row for the whole batch, unless each sample has its own conditions.
        let rows = if conditions.added.is_some() { states.dims()[0] } else { 1 };
        let temb = self.embed(&timesteps, rows, conditions);
        let of = |layers: Layers| layers.cache(&temb, &states);
        UNetCache {
            down: self.down_blocks.iter().map(|block| of(block.layers())).collect(),
            mid: self.mid_block.as_ref().map(|block| of(block.layers())),
            up: self.up_blocks.iter().map(|block| of(block.layers())).collect(),
            conditions: conditions.clone(),
            rows,
            timesteps,
            activations,
        }
    }

    /// Caches more timesteps.
    pub fn cache_timesteps(&self, cache: &mut UNetCache, timesteps: &[f64]) {
        let more: Vec<f64> = timesteps.iter().copied().filter(|t| !cache.has(*t)).collect();
        if more.is_empty() {
            return;
        }
        let temb = self.embed(&more, cache.rows, &cache.conditions);
        let blocks = self.down_blocks.iter().map(DownBlock::layers);
        let blocks = blocks.chain(self.mid_block.iter().map(MidBlock::layers));
        let blocks = blocks.chain(self.up_blocks.iter().map(UpBlock::layers));
        let caches = cache.down.iter_mut().chain(&mut cache.mid).chain(&mut cache.up);
        blocks.zip(caches).for_each(|(layers, cache)| layers.cache_timesteps(cache, &temb));
        cache.timesteps.extend(more);
    }

    /// Returns whether `cache` has the structure of this network.
    fn fits(&self, cache: &UNetCache) -> bool {
        let mut down = self.down_blocks.iter().zip(&cache.down);
        let mut up = self.up_blocks.iter().zip(&cache.up);
        self.down_blocks.len() == cache.down.len()
            && self.up_blocks.len() == cache.up.len()
            && self.mid_block.is_some() == cache.mid.is_some()
            && down.all(|(block, cache)| block.layers().fit(cache))
            && up.all(|(block, cache)| block.layers().fit(cache))
            && self.mid_block.iter().zip(&cache.mid).all(|(block, cache)| block.layers().fit(cache))
    }

    /// Predicts noise, velocity or sample (as the model was trained) for `sample` `[b, in, h, w]`
    /// at `timestep`: `[b, out, h, w]`, f32. The timestep must be [`cache`](Self::cache)d for the
    /// same `b`.
    ///
    /// # Errors
    /// [`Unfinished::Interrupted`] if `yield_point` interrupts between two blocks;
    /// [`Unfinished::NotCached`] if `cache` belongs to another network or batch, or lacks the
    /// timestep; [`Unfinished::Residuals`] if `hooks` has more or fewer residuals than there are
    /// skip connections.
    pub async fn forward(
        &self,
        sample: Tensor<4>,
        timestep: f64,
        cache: &UNetCache,
        hooks: &UNetHooks<'_>,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Unfinished> {
        let row = cache.row(timestep, sample.dims()[0]).filter(|_| self.fits(cache));
        let row = row.ok_or(Unfinished::NotCached)?;

        // 1. In.
        let sample =
            if self.center_input_sample { sample.mul_scalar(2.0).sub_scalar(1.0) } else { sample };
        let mut x = self.conv_in.forward(kernels::cast(sample, cache.activations));

        // 2. Down.
        let mut skips = vec![x.clone()];
        for (index, (block, cache)) in self.down_blocks.iter().zip(&cache.down).enumerate() {
            x = block.forward(x, cache, row, &mut skips, hooks.within(BlockPlace::Down(index)));
            yield_point.yield_now().await?;
        }
        let skips = &mut with_residuals(skips, hooks.down_block_additional_residuals)?;

        // 3. Middle.
        if let (Some(block), Some(cache)) = (&self.mid_block, &cache.mid) {
            x = block.forward(x, cache, row, hooks.within(BlockPlace::Mid));
            yield_point.yield_now().await?;
        }
        if let Some(residual) = hooks.mid_block_additional_residual {
            x = x.add(residual.clone().cast(cache.activations));
        }

        // 4. Up.
        for (index, (block, cache)) in self.up_blocks.iter().zip(&cache.up).enumerate() {
            x = block.forward(x, cache, row, skips, hooks.within(BlockPlace::Up(index)));
            yield_point.yield_now().await?;
        }

        // 5. Out.
        let out = self.conv_out.forward(self.conv_norm_out.forward_then(x, self.act));
        Ok(kernels::cast(out, DType::F32))
    }

    /// Embeds the timesteps, activated as the residual blocks' projections need them: `[timesteps ·
    /// rows, time_embed_dim]`.
    fn embed(&self, timesteps: &[f64], rows: usize, conditions: &UNetConditions) -> Tensor<2> {
        let device = conditions.encoder_hidden_states.device();
        let (flip, shift) = (self.flip_sin_to_cos, self.freq_shift);
        let features =
            timesteps_embedding(timesteps, rows, self.time_channels, flip, shift, &device);
        let temb = self.time_embedding.forward(features, conditions.timestep_cond.clone());
        let (Some(embedding), Some(added)) = (&self.add_embedding, &conditions.added) else {
            return self.act.forward(temb);
        };
        let ids = &added.time_ids;
        let numbers = numbers_embedding(ids, rows, self.time_ids_channels, flip, shift, &device);
        let both = Tensor::cat(vec![added.text_embeds.clone(), numbers], 1);
        let added = embedding.forward(both, None).repeat_dim(0, timesteps.len());
        self.act.forward(temb.add(added))
    }
}

/// Adds a residual to each skip connection, `[b, c, h, w]`; none if `residuals` is empty.
fn with_residuals(
    skips: Vec<Tensor<4>>,
    residuals: &[Tensor<4>],
) -> Result<Vec<Tensor<4>>, Unfinished> {
    if residuals.is_empty() {
        return Ok(skips);
    }
    if residuals.len() != skips.len() {
        return Err(Unfinished::Residuals { expected: skips.len(), given: residuals.len() });
    }
    let sum = |(skip, residual): (Tensor<4>, &Tensor<4>)| {
        let residual = residual.clone().cast(skip.dtype());
        skip.add(residual)
    };
    Ok(skips.into_iter().zip(residuals).map(sum).collect())
}
