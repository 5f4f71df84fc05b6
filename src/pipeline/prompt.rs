//! Prompts become states (`encode_prompt` in diffusers' `pipeline_stable_diffusion.py` and
//! `pipeline_stable_diffusion_xl.py`).

use burn::tensor::Tensor;

use super::host::{Boundary, Event, Host};
use super::networks::Networks;
use crate::error::{Error, Message, Result, messages};
use crate::model::{ClipTextModel, ClipTextOutput};
use crate::params::GenerationParams;
use crate::tokenizer::Tokenizer;

/// What a family tells its UNet about the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conditioning {
    /// SD 1.x and 2.x: the prompt, as its one text encoder leaves it.
    Prompt,
    /// SDXL: the prompt as each of two text encoders has it before its last layer, the whole prompt in
    /// one vector, and the picture's size (Podell et al. 2023, arXiv:2307.01952).
    PromptAndSize {
        /// Without a negative prompt the negative half is zeros, not an empty text's states.
        force_zeros_for_empty_prompt: bool,
    },
}

/// What the prompts say to the UNet; with two halves of a batch the negative prompt's comes first.
pub(super) struct PromptStates {
    /// Token by token, `[b, n, d]`.
    pub(super) states: Tensor<3>,
    /// As a whole, `[b, d]`: the last encoder's projection, where it has one.
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

/// Encodes both prompts with one text encoder after another; the negative one if `doubled`.
pub(super) async fn encode_prompt(
    conditioning: Conditioning,
    tokenizers: &[Tokenizer],
    networks: &impl Networks,
    params: &GenerationParams,
    doubled: bool,
    host: &impl Host,
) -> Result<PromptStates> {
    // 1. Ids, for every encoder.
    let zeros = match conditioning {
        Conditioning::PromptAndSize { force_zeros_for_empty_prompt: zeros } => {
            zeros && params.negative_prompt.is_empty()
        }
        Conditioning::Prompt => false,
    };
    let mut texts = Vec::new();
    if doubled && !zeros {
        // diffusers skips layers for the prompt only.
        let input_ids = tokenize(tokenizers, "negative_prompt", &params.negative_prompt, host)?;
        texts.push(Text { input_ids, clip_skip: 0 });
    }
    let input_ids = tokenize(tokenizers, "prompt", &params.prompt, host)?;
    texts.push(Text { input_ids, clip_skip: params.clip_skip });

    // 2. States: the encoders' side by side, the texts' below one another.
    let mut columns = Vec::new();
    let mut pooled = None;
    for index in 0..tokenizers.len() {
        let encoder = networks.text_encoder(index, host).await?;
        check_clip_skip(params.clip_skip, conditioning, &encoder)?;
        let mut rows = Vec::new();
        for text in &texts {
            let output = text.encode(index, &encoder, host).await?;
            let states = match conditioning {
                Conditioning::Prompt => output.encoder_hidden_states,
                Conditioning::PromptAndSize { .. } => output.penultimate_hidden_state,
            };
            rows.push(PromptStates { states, pooled: output.text_embeds });
        }
        let column = PromptStates::cat(rows);
        columns.push(column.states);
        pooled = column.pooled.or(pooled);
    }
    let encoded = PromptStates { states: Tensor::cat(columns, 2), pooled };

    // 3. Nothing, where nothing was said.
    if !(doubled && zeros) {
        return Ok(encoded);
    }
    let nothing = PromptStates {
        states: encoded.states.zeros_like(),
        pooled: encoded.pooled.as_ref().map(Tensor::zeros_like),
    };
    Ok(PromptStates::cat(vec![nothing, encoded]))
}

/// There are as many hidden states as layers, and the embeddings before them; SDXL never takes the last.
fn check_clip_skip(
    clip_skip: usize,
    conditioning: Conditioning,
    encoder: &ClipTextModel,
) -> Result<()> {
    let layers = encoder.num_hidden_layers();
    let most = match conditioning {
        Conditioning::Prompt => layers,
        Conditioning::PromptAndSize { .. } => layers.saturating_sub(1),
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

/// A prompt on its way.
struct Text {
    /// For each encoder.
    input_ids: Vec<Vec<u32>>,
    clip_skip: usize,
}

impl Text {
    /// With encoder `index`.
    async fn encode(
        &self,
        index: usize,
        encoder: &ClipTextModel,
        host: &impl Host,
    ) -> Result<ClipTextOutput> {
        let boundary = Boundary::new(host);
        encoder
            .forward(&self.input_ids[index..=index], self.clip_skip, &boundary)
            .await
            .map_err(|interrupted| boundary.reason(interrupted))
    }
}

/// The ids of a prompt for each tokenizer; what does not fit is reported once.
fn tokenize(
    tokenizers: &[Tokenizer],
    field: &'static str,
    prompt: &str,
    host: &impl Host,
) -> Result<Vec<Vec<u32>>> {
    let encodings = tokenizers.iter().map(|tokenizer| tokenizer.encode(prompt));
    let encodings = encodings.collect::<Result<Vec<_>>>()?;
    if let Some(lost) = encodings.iter().find_map(|encoding| encoding.truncated.clone()) {
        host.report(Event::PromptTruncated { field, lost });
    }
    Ok(encodings.into_iter().map(|encoding| encoding.input_ids).collect())
}
