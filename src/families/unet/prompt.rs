//! From prompts to hidden states.
//!
//! `encode_prompt` in diffusers' `pipeline_stable_diffusion.py` and `pipeline_stable_diffusion_xl.py`.

use burn::tensor::Tensor;

use super::family::{TextEncoder, UNetFamily};
use crate::error::{Error, Message, Result, messages};
use crate::families::spec::TextStates;
use crate::model::{ClipTextModel, ClipTextOutput};
use crate::params::GenerationParams;
use crate::pipeline::{Boundary, Event, Host, Networks};

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
    family: &UNetFamily,
    params: &GenerationParams,
    doubled: bool,
    networks: &impl Networks,
    host: &impl Host,
) -> Result<PromptStates> {
    let encoders = &family.text_encoders;
    let states = family.spec.conditioning.states;
    // 1. Ids, for every encoder.
    let zeros = family.force_zeros && params.negative_prompt.is_empty();
    let mut texts = Vec::new();
    if doubled && !zeros {
        // diffusers skips layers for the prompt only.
        let input_ids = tokenize(encoders, "negative_prompt", &params.negative_prompt, host)?;
        texts.push(Text { input_ids, clip_skip: 0 });
    }
    let input_ids = tokenize(encoders, "prompt", &params.prompt, host)?;
    texts.push(Text { input_ids, clip_skip: params.clip_skip });

    // 2. States: the encoders' side by side, the texts' below one another.
    let mut columns = Vec::new();
    let mut pooled = None;
    for (index, encoder) in encoders.iter().enumerate() {
        let network = networks.network(encoder.component, host).await?;
        let encoder = network.clip_text()?;
        check_clip_skip(params.clip_skip, states, encoder)?;
        let mut rows = Vec::new();
        for text in &texts {
            let output = text.encode(index, encoder, host).await?;
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
    encoders: &[TextEncoder],
    field: &'static str,
    prompt: &str,
    host: &impl Host,
) -> Result<Vec<Vec<u32>>> {
    let encodings = encoders.iter().map(|encoder| encoder.tokenizer.encode(prompt));
    let encodings = encodings.collect::<Result<Vec<_>>>()?;
    if let Some(lost) = encodings.iter().find_map(|encoding| encoding.truncated.clone()) {
        host.report(Event::PromptTruncated { field, lost });
    }
    Ok(encodings.into_iter().map(|encoding| encoding.input_ids).collect())
}
