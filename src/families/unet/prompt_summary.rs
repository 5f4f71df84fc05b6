//! Summary of what a model reads in a prompt.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::family::{TextEncoder, UNetFamily};
use super::text_input::{embedding_names, text_chunks};
use crate::error::Result;
use crate::params::{GenerationParams, NamedHash};
use crate::pipeline::prompts::PromptPart;
use crate::pipeline::{Prompts, Request};
use crate::prompt::{
    Fragment, Grammar, NetworkRef, TextualInversion, Token, take_networks, trailing_weight,
};

/// Longest run of steps whose texts are listed.
const MOST_STEPS: usize = 1000;

/// What a model reads in a prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptSummary {
    /// Parts, of which there is at least one.
    pub parts: Vec<PartSummary>,
    /// Networks that it names.
    pub networks: Vec<NetworkRef>,
    /// Names of the textual inversions in it.
    pub embeddings: Vec<String>,
    /// End of the prompt, which has no effect.
    pub cut_off: Option<String>,
    /// Number at the end, which AUTOMATIC1111 takes for a factor of the guidance and Hearth does not.
    pub unused_weight: Option<f64>,
}

/// A part of a prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct PartSummary {
    /// Factor of its guidance.
    pub weight: f64,
    /// Number of different texts over the run; the rest describes the first.
    pub texts: usize,
    /// Chunks.
    pub chunks: Vec<ChunkSummary>,
    /// Texts whose weight is not 1.
    pub weights: Vec<(String, f64)>,
}

/// A chunk.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkSummary {
    /// Number of tokens.
    pub tokens: usize,
    /// First word; empty if it cannot be shown.
    pub first_word: String,
}

impl UNetFamily {
    /// Returns what the first text encoder reads in the prompt and in the negative prompt, which may
    /// name `embeddings`.
    ///
    /// # Errors
    /// If a prompt cannot be read.
    pub fn summarise_prompts(
        &self,
        params: &GenerationParams,
        embeddings: &[Rc<TextualInversion>],
    ) -> Result<[PromptSummary; 2]> {
        let steps = params.num_inference_steps.min(MOST_STEPS);
        let prompts = Prompts::read(params, embeddings, steps)?;
        let positive = self.summarise(&prompts, &prompts.positive, &params.prompt)?;
        let negative = std::slice::from_ref(&prompts.negative);
        let negative = self.summarise(&prompts, negative, &params.negative_prompt)?;
        let is_single = params.grammar == Grammar::A1111 && prompts.positive.len() == 1;
        let text = take_networks(&params.prompt).0;
        let unused_weight = trailing_weight(&text).map(|(_, weight)| weight);
        let unused_weight = unused_weight.filter(|_| is_single);
        Ok([PromptSummary { networks: prompts.networks, unused_weight, ..positive }, negative])
    }

    /// Returns the textual inversions that the prompts of a request name, for metadata.
    ///
    /// # Errors
    /// If a prompt cannot be read.
    pub fn embeddings_in(&self, request: &Request) -> Result<Vec<NamedHash>> {
        let Request { params, embeddings, .. } = request;
        if embeddings.is_empty() {
            return Ok(Vec::new());
        }
        let steps = params.num_inference_steps.min(MOST_STEPS);
        let prompts = Prompts::read(params, embeddings, steps)?;
        let parts = prompts.positive.iter().chain([&prompts.negative]);
        let found = self.named_embeddings(&prompts, parts)?.into_iter();
        let found = found.filter_map(|index| embeddings.get(index));
        let file = |found: &Rc<TextualInversion>| NamedHash {
            name: found.name.clone(),
            hash: found.hash.clone(),
        };
        Ok(found.map(file).collect())
    }

    /// Returns the indices of the textual inversions in all texts of some parts.
    fn named_embeddings<'a>(
        &self,
        prompts: &Prompts,
        parts: impl Iterator<Item = &'a PromptPart>,
    ) -> Result<BTreeSet<usize>> {
        let mut found = BTreeSet::new();
        let Some(encoder) = self.text_encoders.first() else { return Ok(found) };
        if prompts.embeddings.is_empty() {
            return Ok(found);
        }
        let names = embedding_names(&prompts.embeddings, 0, encoder)?;
        for text in parts.flat_map(|part| &part.texts) {
            let chunks = text_chunks(encoder, &names, text, prompts.grammar)?;
            found.extend(chunks.iter().flat_map(|chunk| &chunk.tokens).filter_map(|token| {
                match token {
                    Token::Vector { embedding, .. } => Some(*embedding),
                    Token::Id(_) => None,
                }
            }));
        }
        Ok(found)
    }

    fn summarise(
        &self,
        prompts: &Prompts,
        parts: &[PromptPart],
        whole: &str,
    ) -> Result<PromptSummary> {
        let named = self.named_embeddings(prompts, parts.iter())?.into_iter();
        let named = named.filter_map(|index| prompts.embeddings.get(index));
        let mut summary = PromptSummary {
            parts: Vec::new(),
            networks: Vec::new(),
            embeddings: named.map(|embedding| embedding.name.clone()).collect(),
            cut_off: None,
            unused_weight: None,
        };
        let Some(encoder) = self.text_encoders.first() else { return Ok(summary) };
        if prompts.grammar == Grammar::Plain {
            summary.cut_off = encoder.tokenizer.encode(whole)?.truncated;
        }
        let parts = parts.iter().map(|part| self.summarise_part(prompts, part, encoder));
        summary.parts = parts.collect::<Result<_>>()?;
        Ok(summary)
    }

    fn summarise_part(
        &self,
        prompts: &Prompts,
        part: &PromptPart,
        encoder: &TextEncoder,
    ) -> Result<PartSummary> {
        let Prompts { grammar, ref embeddings, .. } = *prompts;
        let mut summary = PartSummary {
            weight: part.weight,
            texts: part.texts.len(),
            chunks: Vec::new(),
            weights: Vec::new(),
        };
        let Some(text) = part.texts.first() else { return Ok(summary) };
        let names = embedding_names(embeddings, 0, encoder)?;
        for chunk in text_chunks(encoder, &names, text, grammar)? {
            let first_word = match chunk.tokens.first() {
                Some(Token::Id(id)) => encoder.tokenizer.word(*id),
                Some(Token::Vector { embedding, .. }) => {
                    embeddings.get(*embedding).map(|embedding| embedding.name.clone())
                }
                None => None,
            };
            let first_word = first_word.unwrap_or_default();
            summary.chunks.push(ChunkSummary { tokens: chunk.tokens.len(), first_word });
        }
        let weights = text.fragments.iter().filter_map(|fragment| match fragment {
            Fragment::Text { text, weight } if *weight != 1.0 => {
                Some((text.trim().to_string(), *weight))
            }
            _ => None,
        });
        summary.weights = weights.collect();
        Ok(summary)
    }
}
