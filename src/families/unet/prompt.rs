//! Encoding of the prompts.
//!
//! `encode_prompt` in diffusers' `pipeline_stable_diffusion.py` and
//! `pipeline_stable_diffusion_xl.py`; for weights and chunks AUTOMATIC1111
//! `modules/sd_hijack_clip.py`, and ComfyUI `comfy/sd1_clip.py`.

use burn::tensor::Tensor;

use super::emphasis::{EncodedChunk, weigh};
use super::family::UNetFamily;
use super::text_input::{TextRows, tokenize};
use crate::error::Result;
use crate::families::spec::TextStates;
use crate::model::{ClipTextModel, TextInput};
use crate::params::{GenerationParams, check_clip_skip};
use crate::pipeline::prompts::PromptPart;
use crate::pipeline::{CallbackYieldPoint, Callbacks, NetworkProvider, Prompts};

/// Encoded prompts.
pub(super) struct PromptStates {
    /// Texts of the negative prompt; `None` without classifier-free guidance.
    pub(super) negative: Option<Vec<TextState>>,
    /// Texts of each part of the prompt.
    pub(super) positive: Vec<Vec<TextState>>,
}

/// An encoded text.
#[derive(Clone)]
pub(super) struct TextState {
    /// Hidden states of the tokens of all chunks, `[1, n, d]`.
    pub(super) states: Tensor<3>,
    /// Pooled projection of the first chunk, `[1, d]`; `None` if the last encoder has none.
    pub(super) pooled: Option<Tensor<2>>,
}

/// Encodes both prompts with one text encoder after another; the negative one only if `is_cfg`.
pub(super) async fn encode_prompt(
    family: &UNetFamily,
    params: &GenerationParams,
    prompts: &Prompts,
    is_cfg: bool,
    networks: &impl NetworkProvider,
    callbacks: &impl Callbacks,
) -> Result<PromptStates> {
    // 1. Tokens of every text for every encoder.
    let zeros = family.force_zeros && params.negative_prompt.is_empty();
    let mut parts = Vec::new();
    if is_cfg && !zeros {
        parts.push(("negative_prompt", &prompts.negative, params.clip_skip_negative));
    }
    parts.extend(prompts.positive.iter().map(|part| ("prompt", part, params.clip_skip)));
    let mut encoding: Vec<PartEncoding<'_>> = Vec::new();
    for (field, part, clip_skip) in parts {
        let name = if field == "prompt" { "clip_skip" } else { "clip_skip_negative" };
        check_clip_skip(name, clip_skip, family.most_clip_skip())?;
        let rows = tokenize(family, field, part, prompts, callbacks)?;
        let columns = part.texts.iter().map(|_| Vec::new()).collect();
        encoding.push(PartEncoding { part, clip_skip, rows, columns, pooled: Vec::new() });
    }

    // 2. Hidden states: concatenated along the tokens of the chunks, and along the features of the
    // encoders.
    let selection = family.spec.conditioning.states;
    for (index, encoder) in family.text_encoders.iter().enumerate() {
        let network = networks.network(encoder.component, callbacks).await?;
        let mut encoder = Encoder { model: network.clip_text()?, selection, done: Vec::new() };
        for part in &mut encoding {
            part.encode(index, &mut encoder, prompts, callbacks).await?;
        }
    }

    // 3. Zeros in place of an empty negative prompt.
    let mut encoded: Vec<_> = encoding.into_iter().map(PartEncoding::finish).collect();
    let negative = match (is_cfg, zeros) {
        (false, _) => None,
        (true, false) => Some(encoded.remove(0)),
        (true, true) => encoded.iter().flatten().next().map(|like| {
            vec![TextState {
                states: like.states.zeros_like(),
                pooled: like.pooled.as_ref().map(Tensor::zeros_like),
            }]
        }),
    };
    Ok(PromptStates { negative, positive: encoded })
}

/// The encoding of a part of a prompt.
struct PartEncoding<'a> {
    part: &'a PromptPart,
    clip_skip: usize,
    /// Input of each encoder for each text.
    rows: Vec<TextRows>,
    /// States of each text by the encoders so far, each `[1, n, d]`.
    columns: Vec<Vec<Tensor<3>>>,
    /// Pooled projections of the texts by the last encoder that has one.
    pooled: Vec<Tensor<2>>,
}

impl PartEncoding<'_> {
    /// Encodes every text with encoder `index`.
    async fn encode(
        &mut self,
        index: usize,
        encoder: &mut Encoder<'_>,
        prompts: &Prompts,
        callbacks: &impl Callbacks,
    ) -> Result<()> {
        let TextRows { empty, texts } = &self.rows[index];
        let (mut chunks, mut pooled) = (Vec::new(), Vec::new());
        for text in texts {
            let mut encoded = Vec::new();
            for (at, row) in text.iter().enumerate() {
                let output = encoder.encode(&row.input, self.clip_skip, callbacks).await?;
                if at == 0 {
                    pooled.extend(output.pooled);
                }
                let states = output.states;
                encoded.push(EncodedChunk { states, weights: row.weights.clone() });
            }
            chunks.push(encoded);
        }
        if pooled.len() == texts.len() {
            self.pooled = pooled;
        }

        // Weights act on what the encoder gives; of equal ones nothing is computed.
        let is_weighted = chunks.iter().flatten().any(EncodedChunk::is_weighted);
        if is_weighted {
            let empty = encoder.encode(empty, self.clip_skip, callbacks).await?.states;
            let entries: Vec<usize> = self.part.texts.iter().map(|text| text.entries).collect();
            weigh(&mut chunks, &entries, prompts, empty).await?;
        }
        for (column, encoded) in self.columns.iter_mut().zip(chunks) {
            let states = encoded.into_iter().map(|chunk| chunk.states).collect();
            column.push(Tensor::cat(states, 1));
        }
        Ok(())
    }

    fn finish(self) -> Vec<TextState> {
        let mut pooled = self.pooled.into_iter();
        let states = self.columns.into_iter().map(|column| Tensor::cat(column, 2));
        states.map(|states| TextState { states, pooled: pooled.next() }).collect()
    }
}

/// A text encoder, with what it has encoded in this run.
struct Encoder<'a> {
    model: &'a ClipTextModel,
    selection: TextStates,
    done: Vec<(TextInput, usize, TextState)>,
}

impl Encoder<'_> {
    /// Encodes a chunk, once.
    async fn encode(
        &mut self,
        input: &TextInput,
        clip_skip: usize,
        callbacks: &impl Callbacks,
    ) -> Result<TextState> {
        let is_same =
            |done: &&(TextInput, usize, TextState)| done.0 == *input && done.1 == clip_skip;
        if let Some((.., state)) = self.done.iter().find(is_same) {
            return Ok(state.clone());
        }
        let yield_point = CallbackYieldPoint::new(callbacks);
        let output = self.model.forward_input(input, clip_skip, &yield_point).await;
        let output = output.map_err(|interrupted| yield_point.error(interrupted))?;
        let states = match self.selection {
            TextStates::Last => output.encoder_hidden_states,
            TextStates::Penultimate => output.penultimate_hidden_state,
        };
        let state = TextState { states, pooled: output.text_embeds };
        self.done.push((input.clone(), clip_skip, state.clone()));
        Ok(state)
    }
}
