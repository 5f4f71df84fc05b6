//! Summaries of prompts.

use super::Worker;
use crate::app::protocol::{PromptPart, PromptSummary, Response};
use crate::error::{Error, Message};
use crate::families::{self, PartSummary};
use crate::params::{AdapterUse, GenerationParams};

impl Worker {
    /// Answers [`ReadPrompts`](crate::app::protocol::Command::ReadPrompts).
    pub fn read_prompts(&self, params: &GenerationParams, adapters: &[AdapterUse]) -> Response {
        let embeddings = self.adapters.borrow().select(adapters, params).embeddings;
        let summaries = match &*self.family.borrow() {
            Some(family) => family.summarise_prompts(params, &embeddings),
            None => {
                let reason = Message::verbatim("prompts were to be read before a model was loaded");
                Err(Error::Internal { reason })
            }
        };
        match summaries {
            Ok(summaries) => {
                let [prompt, negative_prompt] = summaries.map(to_wire);
                Response::PromptsRead { prompt, negative_prompt }
            }
            Err(error) => Response::failed(&error),
        }
    }
}

fn to_wire(summary: families::PromptSummary) -> PromptSummary {
    let networks = summary.networks.iter();
    PromptSummary {
        parts: summary.parts.into_iter().map(part_to_wire).collect(),
        networks: networks.map(|network| format!("{}:{}", network.kind, network.name)).collect(),
        embeddings: summary.embeddings,
        cut_off: summary.cut_off,
        unused_weight: summary.unused_weight,
    }
}

fn part_to_wire(part: PartSummary) -> PromptPart {
    let (tokens, first_words) =
        part.chunks.into_iter().map(|chunk| (chunk.tokens as u32, chunk.first_word)).unzip();
    PromptPart {
        weight: part.weight,
        texts: part.texts as u32,
        tokens,
        first_words,
        weights: part.weights,
    }
}
