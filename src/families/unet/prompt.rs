//! Prompt encoding.
//!
//! `encode_prompt` in diffusers' `pipeline_stable_diffusion.py` and
//! `pipeline_stable_diffusion_xl.py`.

use burn::tensor::Tensor;

use super::family::{TextEncoder, UNetFamily};
use crate::error::{Error, Message, Result, messages};
use crate::families::spec::TextStates;
use crate::model::{ClipTextModel, ClipTextOutput};
use crate::params::GenerationParams;
use crate::pipeline::{CallbackYieldPoint, Callbacks, NetworkProvider, PipelineEvent};

/// Encoded prompts. With classifier-free guidance the negative half comes first.
pub(super) struct PromptStates {
    /// Hidden states of the tokens, `[b, n, d]`.
    pub(super) states: Tensor<3>,
    /// Pooled projection of the last encoder, `[b, d]`; `None` if it has no projection.
    pub(super) pooled: Option<Tensor<2>>,
}

impl PromptStates {
    fn cat(rows: Vec<Self>) -> Self {
        let pooled: Option<Vec<_>> = rows.iter().map(|row| row.pooled.clone()).collect();
        let states = rows.into_iter().map(|row| row.states).collect();
        PromptStates {
            states: Tensor::cat(states, 0),
            pooled: pooled.map(|pooled| Tensor::cat(pooled, 0)),
        }
    }
}

/// Encodes both prompts with one text encoder after another; the negative one only if `is_cfg`.
pub(super) async fn encode_prompt(
    family: &UNetFamily,
    params: &GenerationParams,
    is_cfg: bool,
    networks: &impl NetworkProvider,
    callbacks: &impl Callbacks,
) -> Result<PromptStates> {
    let encoders = &family.text_encoders;
    let states = family.spec.conditioning.states;
    // 1. Token ids for every encoder.
    let zeros = family.force_zeros && params.negative_prompt.is_empty();
    let mut texts = Vec::new();
    if is_cfg && !zeros {
        // diffusers skips layers for the prompt only.
        let input_ids = tokenize(encoders, "negative_prompt", &params.negative_prompt, callbacks)?;
        texts.push(Text { input_ids, clip_skip: 0 });
    }
    let input_ids = tokenize(encoders, "prompt", &params.prompt, callbacks)?;
    texts.push(Text { input_ids, clip_skip: params.clip_skip });

    // 2. Hidden states: concatenated along the features of the encoders, and along the batch of the
    // prompts.
    let mut columns = Vec::new();
    let mut pooled = None;
    for (index, encoder) in encoders.iter().enumerate() {
        let network = networks.network(encoder.component, callbacks).await?;
        let encoder = network.clip_text()?;
        check_clip_skip(params.clip_skip, states, encoder)?;
        let mut rows = Vec::new();
        for text in &texts {
            let output = text.encode(index, encoder, callbacks).await?;
            let states = match states {
                TextStates::Last => output.encoder_hidden_states,
                TextStates::Penultimate => output.penultimate_hidden_state,
            };
            rows.push(PromptStates { states, pooled: output.text_embeds });
        }
        let column = PromptStates::cat(rows);
        columns.push(column.states);
        pooled = column.pooled.or(pooled);
    }
    let encoded = PromptStates { states: Tensor::cat(columns, 2), pooled };

    // 3. Zeros in place of an empty negative prompt.
    if !(is_cfg && zeros) {
        return Ok(encoded);
    }
    let nothing = PromptStates {
        states: encoded.states.zeros_like(),
        pooled: encoded.pooled.as_ref().map(Tensor::zeros_like),
    };
    Ok(PromptStates::cat(vec![nothing, encoded]))
}

/// Checks `clip_skip`. There are as many hidden states as layers, and the embeddings before them;
/// SDXL never takes the last.
fn check_clip_skip(clip_skip: usize, states: TextStates, encoder: &ClipTextModel) -> Result<()> {
    let layers = encoder.num_hidden_layers();
    let most = match states {
        TextStates::Last => layers,
        TextStates::Penultimate => layers.saturating_sub(1),
    };
    if clip_skip <= most {
        return Ok(());
    }
    Err(Error::InvalidRequest {
        field: "clip_skip",
        value: Message::verbatim(clip_skip),
        reason: messages::whole_number_between("0", most.to_string()),
    })
}

/// A tokenized prompt.
struct Text {
    /// Token ids for each encoder.
    input_ids: Vec<Vec<u32>>,
    clip_skip: usize,
}

impl Text {
    /// Encodes the prompt with encoder `index`.
    async fn encode(
        &self,
        index: usize,
        encoder: &ClipTextModel,
        callbacks: &impl Callbacks,
    ) -> Result<ClipTextOutput> {
        let yield_point = CallbackYieldPoint::new(callbacks);
        encoder
            .forward(&self.input_ids[index..=index], self.clip_skip, &yield_point)
            .await
            .map_err(|interrupted| yield_point.error(interrupted))
    }
}

/// Returns the token ids of a prompt for each tokenizer. Reports once if the prompt is truncated.
fn tokenize(
    encoders: &[TextEncoder],
    field: &'static str,
    prompt: &str,
    callbacks: &impl Callbacks,
) -> Result<Vec<Vec<u32>>> {
    let encodings = encoders.iter().map(|encoder| encoder.tokenizer.encode(prompt));
    let encodings = encodings.collect::<Result<Vec<_>>>()?;
    // A tokenizer may have tokens that its text encoder lacks, as long as no prompt uses them.
    for (encoder, encoding) in encoders.iter().zip(&encodings) {
        let rows = encoder.config.vocab_size;
        if encoding.input_ids.iter().any(|id| *id as usize >= rows) {
            return Err(Error::InvalidConfig {
                path: encoder.component.config_path(),
                reason: messages::vocabularies_differ(rows, encoder.tokenizer.vocab_size()),
            });
        }
    }
    if let Some(removed_text) = encodings.iter().find_map(|encoding| encoding.truncated.clone()) {
        callbacks.report(PipelineEvent::PromptTruncated { field, removed_text });
    }
    Ok(encodings.into_iter().map(|encoding| encoding.input_ids).collect())
}
