//! The prompts of a run, read but not encoded.

use std::rc::Rc;

use crate::error::{Message, Result};
use crate::params::GenerationParams;
use crate::prompt::{
    Emphasis, Fragment, Grammar, NetworkRef, Part, Prompt, TextualInversion, fragments,
};

/// Both prompts of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompts {
    /// Grammar.
    pub grammar: Grammar,
    /// What weights do.
    pub emphasis: Emphasis,
    /// Networks that the prompt names.
    pub networks: Vec<NetworkRef>,
    /// Parts of the prompt, of which there is at least one.
    pub positive: Vec<PromptPart>,
    /// The negative prompt.
    pub negative: PromptPart,
    /// Textual inversions that they may name.
    pub embeddings: Vec<Rc<TextualInversion>>,
}

/// A part of a prompt, with its texts over the run.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptPart {
    /// Factor of its guidance.
    pub weight: f64,
    /// Distinct texts.
    pub texts: Vec<PromptText>,
    /// Last evaluation of each entry, and the index of its text.
    entries: Vec<(usize, usize)>,
}

/// A text that is encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptText {
    /// The whole text.
    pub text: String,
    /// Its fragments.
    pub fragments: Vec<Fragment>,
    /// Number of entries of the schedule that have it.
    pub entries: usize,
}

impl Prompts {
    /// Reads the prompts of a run in which they count `steps` evaluations, and which may name
    /// `embeddings`.
    ///
    /// # Errors
    /// If one cannot be read; the error names the place.
    pub fn read(
        params: &GenerationParams,
        embeddings: &[Rc<TextualInversion>],
        steps: usize,
    ) -> Result<Self> {
        let GenerationParams { grammar, emphasis, .. } = *params;
        let prompt = Prompt::positive(&params.prompt, grammar, steps);
        let prompt = prompt.map_err(|fault| fault.error("prompt"))?;
        let negative = Prompt::negative(&params.negative_prompt, grammar, steps);
        let negative = negative.map_err(|fault| fault.error("negative_prompt"))?;
        let read = |field: &'static str, parts: Vec<Part>| -> Result<Vec<PromptPart>> {
            parts.iter().map(|part| PromptPart::new(field, part, grammar, emphasis)).collect()
        };
        let positive = read("prompt", prompt.parts)?;
        let negative = read("negative_prompt", negative.parts)?.pop();
        let negative = negative.ok_or_else(|| {
            let reason = Message::verbatim("a negative prompt without a text");
            crate::Error::Internal { reason }
        })?;
        let (networks, embeddings) = (prompt.networks, embeddings.to_vec());
        Ok(Prompts { grammar, emphasis, networks, positive, negative, embeddings })
    }

    /// Returns the factors of the parts' guidance.
    pub fn weights(&self) -> Vec<f64> {
        self.positive.iter().map(|part| part.weight).collect()
    }

    /// Returns the first evaluation from which on no text changes.
    pub fn changing_evaluations(&self) -> usize {
        let parts = self.positive.iter().chain([&self.negative]);
        parts.map(|part| part.changing_evaluations()).max().unwrap_or(0)
    }
}

impl PromptPart {
    fn new(field: &'static str, part: &Part, grammar: Grammar, emphasis: Emphasis) -> Result<Self> {
        let (mut texts, mut entries): (Vec<PromptText>, Vec<(usize, usize)>) = Default::default();
        for entry in &part.schedule {
            let known = texts.iter().position(|known| known.text == entry.text);
            let index = known.unwrap_or(texts.len());
            if known.is_none() {
                let fragments = fragments(&entry.text, grammar, emphasis);
                let fragments = fragments.map_err(|fault| fault.error(field))?;
                texts.push(PromptText { text: entry.text.clone(), fragments, entries: 0 });
            }
            texts[index].entries += 1;
            entries.push((entry.until, index));
        }
        Ok(PromptPart { weight: part.weight, texts, entries })
    }

    /// Returns the index of the text of an evaluation, from 0.
    pub fn text_at(&self, evaluation: usize) -> usize {
        let entry = self.entries.iter().find(|(until, _)| evaluation <= *until);
        entry.or(self.entries.last()).map_or(0, |(_, text)| *text)
    }

    fn changing_evaluations(&self) -> usize {
        match self.entries.as_slice() {
            [.., (until, _), _] => until + 1,
            _ => 0,
        }
    }
}
