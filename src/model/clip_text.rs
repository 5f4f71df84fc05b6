//! CLIP text encoder.
//!
//! transformers `modeling_clip.py`; Radford et al. 2021, arXiv:2103.00020.

use std::rc::Rc;

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor, TensorData};

use super::config::ClipTextConfig;
use super::layers::{Activation, Embedding, LayerNorm, Linear, Positions};
use super::yield_point::{Interrupted, YieldPoint};
use crate::kernels::{self, AttentionMask, Epilogue};

/// End-of-text id of configs written before transformers 4.30, which is not the vocabulary's; the
/// token is then found as the largest id.
const LEGACY_EOS_TOKEN_ID: i64 = 2;

/// Parameters that stay on the host (see [`Embedding`] and [`Positions`]).
pub const HOST_TABLES: [&str; 2] = [
    "text_model.embeddings.token_embedding.weight",
    "text_model.embeddings.position_embedding.weight",
];

/// A prompt as the encoder's input.
#[derive(Debug, Clone, PartialEq)]
pub struct TextInput {
    /// Token ids, `[n]`.
    pub input_ids: Vec<u32>,
    /// Vectors that stand in place of the table's rows (textual inversion), with their positions.
    pub vectors: Vec<(usize, Rc<[f32]>)>,
}

impl From<Vec<u32>> for TextInput {
    fn from(input_ids: Vec<u32>) -> Self {
        TextInput { input_ids, vectors: Vec::new() }
    }
}

/// Output of the encoder.
pub struct ClipTextOutput {
    /// After the last layer and the final norm, `[b, n, d]`.
    pub last_hidden_state: Tensor<3>,
    /// After the layer that `clip_skip` selects and the final norm, `[b, n, d]`; the same as
    /// `last_hidden_state` for `clip_skip` 0.
    pub encoder_hidden_states: Tensor<3>,
    /// After the layer before that, without the final norm, `[b, n, d]`: SDXL's input
    /// (`hidden_states[-(clip_skip + 2)]`).
    pub penultimate_hidden_state: Tensor<3>,
    /// `last_hidden_state` at each prompt's end-of-text token, `[b, d]`.
    pub pooler_output: Tensor<2>,
    /// `pooler_output` projected, `[b, projection_dim]`; `None` without a projection.
    pub text_embeds: Option<Tensor<2>>,
}

/// `CLIPTextModel` and `CLIPTextModelWithProjection`.
#[derive(Module, Debug)]
pub struct ClipTextModel {
    text_model: ClipTextTransformer,
    text_projection: Option<Linear>,
    eos_token_id: i64,
}

impl ClipTextModel {
    /// Returns the network that `config` describes, without weights.
    pub fn new(config: &ClipTextConfig, device: &Device) -> Self {
        ClipTextModel {
            text_model: ClipTextTransformer::new(config, device),
            text_projection: config
                .has_projection()
                .then(|| Linear::without_bias(config.hidden_size, config.projection_dim, device)),
            eos_token_id: config.eos_token_id,
        }
    }

    /// Encodes prompts of equal length, `input_ids` `[b][n]`. `clip_skip` is the number of layers
    /// to skip at the end: 0 uses all of them, 1 the penultimate.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two layers.
    pub async fn forward(
        &self,
        input_ids: &[Vec<u32>],
        clip_skip: usize,
        yield_point: &impl YieldPoint,
    ) -> Result<ClipTextOutput, Interrupted> {
        let device = self.text_model.final_layer_norm.weight.val().device();
        let hidden_states = self.text_model.embeddings.forward(input_ids, &[], &device).await;
        self.encode(hidden_states, input_ids, clip_skip, yield_point).await
    }

    /// Encodes one prompt, of which positions may be vectors instead of tokens.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub async fn forward_input(
        &self,
        input: &TextInput,
        clip_skip: usize,
        yield_point: &impl YieldPoint,
    ) -> Result<ClipTextOutput, Interrupted> {
        let device = self.text_model.final_layer_norm.weight.val().device();
        let ids = std::slice::from_ref(&input.input_ids);
        let hidden_states = self.text_model.embeddings.forward(ids, &input.vectors, &device).await;
        self.encode(hidden_states, ids, clip_skip, yield_point).await
    }

    /// Encodes embedded prompts, `hidden_states` `[b, n, d]`.
    async fn encode(
        &self,
        hidden_states: Tensor<3>,
        input_ids: &[Vec<u32>],
        clip_skip: usize,
        yield_point: &impl YieldPoint,
    ) -> Result<ClipTextOutput, Interrupted> {
        let layers = &self.text_model.encoder.layers;
        let wanted = layers.len().saturating_sub(clip_skip);

        let mut x = hidden_states;
        let before = wanted.saturating_sub(1);
        let mut skipped = (wanted == 0).then(|| x.clone());
        let mut penultimate = x.clone();
        for (index, layer) in layers.iter().enumerate() {
            x = layer.forward(x);
            if clip_skip > 0 && index + 1 == wanted {
                skipped = Some(x.clone());
            }
            if index + 1 == before {
                penultimate = x.clone();
            }
            yield_point.yield_now().await?;
        }
        let norm = &self.text_model.final_layer_norm;
        let last_hidden_state = norm.forward(x);
        let encoder_hidden_states = match skipped {
            Some(hidden) => norm.forward(hidden),
            None => last_hidden_state.clone(),
        };
        let pooler_output = self.pool(last_hidden_state.clone(), input_ids);
        let text_embeds =
            self.text_projection.as_ref().map(|proj| proj.forward(pooler_output.clone()));
        Ok(ClipTextOutput {
            last_hidden_state,
            encoder_hidden_states,
            penultimate_hidden_state: penultimate,
            pooler_output,
            text_embeds,
        })
    }

    /// `[b, n, d]` → `[b, d]`
    fn pool(&self, hidden: Tensor<3>, input_ids: &[Vec<u32>]) -> Tensor<2> {
        let [_, _, width] = hidden.dims();
        let rows = input_ids.iter().enumerate().map(|(row, ids)| {
            let at = self.end_of_text(ids);
            hidden.clone().slice([row..row + 1, at..at + 1, 0..width]).reshape([1, width])
        });
        Tensor::cat(rows.collect(), 0)
    }

    /// Returns the position of the first end-of-text token; 0 if there is none, as in transformers.
    fn end_of_text(&self, ids: &[u32]) -> usize {
        let end = if self.eos_token_id == LEGACY_EOS_TOKEN_ID {
            ids.iter().copied().max().map(i64::from)
        } else {
            Some(self.eos_token_id)
        };
        ids.iter().position(|&id| Some(i64::from(id)) == end).unwrap_or(0)
    }
}

#[derive(Module, Debug)]
struct ClipTextTransformer {
    embeddings: ClipTextEmbeddings,
    encoder: ClipEncoder,
    final_layer_norm: LayerNorm,
}

impl ClipTextTransformer {
    fn new(config: &ClipTextConfig, device: &Device) -> Self {
        let layers = (0..config.num_hidden_layers).map(|_| ClipEncoderLayer::new(config, device));
        ClipTextTransformer {
            embeddings: ClipTextEmbeddings {
                token_embedding: Embedding::new(config.vocab_size, config.hidden_size),
                position_embedding: Positions::new(
                    config.max_position_embeddings,
                    config.hidden_size,
                ),
            },
            encoder: ClipEncoder { layers: layers.collect() },
            final_layer_norm: LayerNorm::new(config.hidden_size, config.layer_norm_eps, device),
        }
    }
}

#[derive(Module, Debug)]
struct ClipTextEmbeddings {
    token_embedding: Embedding,
    position_embedding: Positions,
}

impl ClipTextEmbeddings {
    /// `[b][n]` → `[b, n, d]` on `device`. `vectors` replace rows of the first prompt, before the
    /// positions are added.
    async fn forward(
        &self,
        input_ids: &[Vec<u32>],
        vectors: &[(usize, Rc<[f32]>)],
        device: &Device,
    ) -> Tensor<3> {
        let n = input_ids.first().map_or(0, Vec::len);
        let positions = self.position_embedding.first(n);
        let mut rows = self.token_embedding.forward(input_ids);
        let [_, _, width] = rows.dims();
        for (position, vector) in vectors.iter().filter(|(_, vector)| vector.len() == width) {
            let data = TensorData::new(vector.to_vec(), [1, 1, width]);
            let vector = Tensor::from_data(data, (&rows.device(), DType::F32));
            rows = rows.slice_assign([0..1, *position..position + 1, 0..width], vector);
        }
        let embedded = rows.add(positions);
        match embedded.clone().into_data_async().await {
            Ok(data) => Tensor::from_data(data, (device, DType::F32)),
            Err(_) => embedded, // A tensor on the host can be read; else the next operation fails.
        }
    }
}

#[derive(Module, Debug)]
struct ClipEncoder {
    layers: Vec<ClipEncoderLayer>,
}

#[derive(Module, Debug)]
struct ClipEncoderLayer {
    self_attn: ClipAttention,
    layer_norm1: LayerNorm,
    mlp: ClipMlp,
    layer_norm2: LayerNorm,
}

impl ClipEncoderLayer {
    fn new(config: &ClipTextConfig, device: &Device) -> Self {
        let (width, eps) = (config.hidden_size, config.layer_norm_eps);
        let projection = || Linear::new(width, width, device);
        ClipEncoderLayer {
            self_attn: ClipAttention {
                k_proj: projection(),
                v_proj: projection(),
                q_proj: projection(),
                out_proj: projection(),
                heads: config.num_attention_heads,
            },
            layer_norm1: LayerNorm::new(width, eps, device),
            mlp: ClipMlp {
                fc1: Linear::new(width, config.intermediate_size, device),
                fc2: Linear::new(config.intermediate_size, width, device),
                act: config.hidden_act,
            },
            layer_norm2: LayerNorm::new(width, eps, device),
        }
    }

    /// `[b, n, d]` → `[b, n, d]`
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = self.self_attn.forward(self.layer_norm1.forward(x.clone()), x);
        self.mlp.forward(self.layer_norm2.forward(x.clone()), x)
    }
}

#[derive(Module, Debug)]
struct ClipAttention {
    k_proj: Linear,
    v_proj: Linear,
    q_proj: Linear,
    out_proj: Linear,
    heads: usize,
}

impl ClipAttention {
    /// `x` and `residual` `[b, n, d]` → `[b, n, d]`
    fn forward(&self, x: Tensor<3>, residual: Tensor<3>) -> Tensor<3> {
        let q = self.q_proj.forward(x.clone());
        let k = self.k_proj.forward(x.clone());
        let v = self.v_proj.forward(x);
        let attended = kernels::attention(q, k, v, self.heads, AttentionMask::Causal);
        self.out_proj.forward_then(attended, Epilogue::with_residual(residual))
    }
}

#[derive(Module, Debug)]
struct ClipMlp {
    fc1: Linear,
    fc2: Linear,
    #[module(skip)]
    act: Activation,
}

impl ClipMlp {
    /// `x` and `residual` `[b, n, d]` → `[b, n, d]`
    fn forward(&self, x: Tensor<3>, residual: Tensor<3>) -> Tensor<3> {
        let hidden = self.fc1.forward_then(x, Epilogue::with_activation(self.act));
        self.fc2.forward_then(hidden, Epilogue::with_residual(residual))
    }
}
