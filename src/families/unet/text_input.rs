//! Input of the text encoders: chunks with start, end and padding.

use std::rc::Rc;

use super::family::{TextEncoder, UNetFamily};
use crate::error::{Error, Result, messages};
use crate::model::TextInput;
use crate::pipeline::prompts::{PromptPart, PromptText};
use crate::pipeline::{Callbacks, PipelineEvent, Prompts};
use crate::prompt::{Chunk, EmbeddingName, Grammar, TextualInversion, Token, Words, chunks};

/// Largest number of chunks of a prompt: 1,200 tokens. Keys and values of SDXL take 25 MB for each.
const MOST_CHUNKS: usize = 16;

/// Chunks of a part's texts for one encoder.
pub(super) struct TextRows {
    /// A chunk without tokens.
    pub(super) empty: TextInput,
    /// Chunks of each text, as many for each.
    pub(super) texts: Vec<Vec<TextRow>>,
}

/// A chunk.
#[derive(Clone)]
pub(super) struct TextRow {
    /// Input of the encoder.
    pub(super) input: TextInput,
    /// Weight of each position, `[n]`.
    pub(super) weights: Vec<f32>,
}

/// Tokenizes the texts of a part for each encoder. Reports once if a text is truncated.
pub(super) fn tokenize(
    family: &UNetFamily,
    field: &'static str,
    part: &PromptPart,
    prompts: &Prompts,
    callbacks: &impl Callbacks,
) -> Result<Vec<TextRows>> {
    let Prompts { grammar, ref embeddings, .. } = *prompts;
    let mut rows = Vec::new();
    let mut truncated = None;
    for (index, encoder) in family.text_encoders.iter().enumerate() {
        let names = embedding_names(embeddings, index, encoder)?;
        let texts = part.texts.iter().map(|text| {
            let chunks = text_chunks(encoder, &names, text, grammar)?;
            match chunks.len() {
                0..=MOST_CHUNKS => Ok(chunks),
                count => Err(Error::InvalidRequest {
                    field,
                    value: messages::too_long(),
                    reason: messages::prompt_many_chunks(count, MOST_CHUNKS),
                }),
            }
        });
        let texts: Vec<Vec<Chunk>> = texts.collect::<Result<_>>()?;
        if grammar == Grammar::Plain && truncated.is_none() {
            let cut = part.texts.iter().map(|text| encoder.tokenizer.encode(&text.text));
            truncated = cut.collect::<Result<Vec<_>>>()?.into_iter().find_map(|cut| cut.truncated);
        }
        // The shorter texts of a schedule are filled with whole chunks.
        let longest = texts.iter().map(Vec::len).max().unwrap_or(1);
        let texts = texts.into_iter().map(|mut chunks| {
            chunks.resize(longest, Chunk::default());
            chunks.iter().map(|chunk| row(embeddings, index, encoder, chunk)).collect()
        });
        let empty = row(embeddings, index, encoder, &Chunk::default())?.input;
        rows.push(TextRows { empty, texts: texts.collect::<Result<_>>()? });
    }
    if let Some(removed_text) = truncated {
        callbacks.report(PipelineEvent::PromptTruncated { field, removed_text });
    }
    Ok(rows)
}

/// Splits a text into chunks for an encoder.
pub(super) fn text_chunks(
    encoder: &TextEncoder,
    names: &[EmbeddingName],
    text: &PromptText,
    grammar: Grammar,
) -> Result<Vec<Chunk>> {
    let ids = |text: &str| encoder.tokenizer.token_ids(text);
    let room = encoder.tokenizer.model_max_length() - 2;
    let words = Words { ids: &ids, room, embeddings: names };
    let mut chunks = chunks(&text.fragments, grammar, &words)?;
    chunks.iter_mut().for_each(|chunk| chunk.truncate(room));
    Ok(chunks)
}

/// Returns the names of the textual inversions as `encoder`, the model's encoder `index`, reads them.
pub(super) fn embedding_names(
    embeddings: &[Rc<TextualInversion>],
    index: usize,
    encoder: &TextEncoder,
) -> Result<Vec<EmbeddingName>> {
    let names = embeddings.iter().map(|embedding| {
        let ids = encoder.tokenizer.token_ids(&embedding.name)?;
        let vectors = embedding.vectors.get(index).map_or(0, Vec::len);
        Ok(EmbeddingName { name: embedding.name.clone(), ids, vectors })
    });
    names.collect()
}

/// Returns a chunk with start, end and padding, for encoder `index`.
fn row(
    embeddings: &[Rc<TextualInversion>],
    index: usize,
    encoder: &TextEncoder,
    chunk: &Chunk,
) -> Result<TextRow> {
    let TextEncoder { component, config, tokenizer } = encoder;
    let mut input = TextInput::from(vec![tokenizer.bos_token_id()]);
    for token in &chunk.tokens {
        match *token {
            Token::Id(id) => input.input_ids.push(id),
            Token::Vector { embedding, row } => {
                let vectors = embeddings.get(embedding);
                let vectors = vectors.and_then(|embedding| embedding.vectors.get(index));
                if let Some(vector) = vectors.and_then(|vectors| vectors.get(row)) {
                    input.vectors.push((input.input_ids.len(), Rc::clone(vector)));
                }
                input.input_ids.push(0);
            }
        }
    }
    // A tokenizer may have tokens that its text encoder lacks, as long as no prompt uses them.
    let rows = config.vocab_size;
    if input.input_ids.iter().any(|id| *id as usize >= rows) {
        return Err(Error::InvalidConfig {
            path: component.config_path(),
            reason: messages::vocabularies_differ(rows, tokenizer.vocab_size()),
        });
    }
    input.input_ids.push(tokenizer.eos_token_id());
    input.input_ids.resize(tokenizer.model_max_length(), tokenizer.pad_token_id());
    let mut weights = vec![1.0];
    weights.extend(chunk.weights.iter().map(|weight| *weight as f32));
    weights.resize(input.input_ids.len(), 1.0);
    Ok(TextRow { input, weights })
}
