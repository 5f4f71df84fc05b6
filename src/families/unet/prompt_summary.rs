//! Summary of what a model reads in a prompt.

use super::family::{TextEncoder, UNetFamily};
use super::text_input::text_chunks;
use crate::error::Result;
use crate::params::GenerationParams;
use crate::pipeline::Prompts;
use crate::pipeline::prompts::PromptPart;
use crate::prompt::{Fragment, Grammar, NetworkRef, Token, take_networks, trailing_weight};

/// Longest run of steps whose texts are listed.
const MOST_STEPS: usize = 1000;

/// What a model reads in a prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptSummary {
    /// Parts, of which there is at least one.
    pub parts: Vec<PartSummary>,
    /// Networks that it names.
    pub networks: Vec<NetworkRef>,
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
    /// Returns what the first text encoder reads in the prompt and in the negative prompt.
    ///
    /// # Errors
    /// If a prompt cannot be read.
    pub fn summarise_prompts(&self, params: &GenerationParams) -> Result<[PromptSummary; 2]> {
        let steps = params.num_inference_steps.min(MOST_STEPS);
        let prompts = Prompts::read(params, steps)?;
        let positive = self.summarise(&prompts.positive, &params.prompt, params.grammar)?;
        let negative = std::slice::from_ref(&prompts.negative);
        let negative = self.summarise(negative, &params.negative_prompt, params.grammar)?;
        let is_single = params.grammar == Grammar::A1111 && prompts.positive.len() == 1;
        let text = take_networks(&params.prompt).0;
        let unused_weight = trailing_weight(&text).map(|(_, weight)| weight);
        let unused_weight = unused_weight.filter(|_| is_single);
        Ok([PromptSummary { networks: prompts.networks, unused_weight, ..positive }, negative])
    }

    fn summarise(
        &self,
        parts: &[PromptPart],
        whole: &str,
        grammar: Grammar,
    ) -> Result<PromptSummary> {
        let mut summary = PromptSummary {
            parts: Vec::new(),
            networks: Vec::new(),
            cut_off: None,
            unused_weight: None,
        };
        let Some(encoder) = self.text_encoders.first() else { return Ok(summary) };
        if grammar == Grammar::Plain {
            summary.cut_off = encoder.tokenizer.encode(whole)?.truncated;
        }
        let parts = parts.iter().map(|part| self.summarise_part(part, encoder, grammar));
        summary.parts = parts.collect::<Result<_>>()?;
        Ok(summary)
    }

    fn summarise_part(
        &self,
        part: &PromptPart,
        encoder: &TextEncoder,
        grammar: Grammar,
    ) -> Result<PartSummary> {
        let mut summary = PartSummary {
            weight: part.weight,
            texts: part.texts.len(),
            chunks: Vec::new(),
            weights: Vec::new(),
        };
        let Some(text) = part.texts.first() else { return Ok(summary) };
        for chunk in text_chunks(encoder, &self.embedding_names(0)?, text, grammar)? {
            let first_word = match chunk.tokens.first() {
                Some(Token::Id(id)) => encoder.tokenizer.word(*id),
                Some(Token::Vector { embedding, .. }) => {
                    self.embeddings.get(*embedding).map(|embedding| embedding.name.clone())
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
