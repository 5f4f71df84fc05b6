//! Lines under the prompts: what the loaded model reads in them.

use crate::app::dom::{by_id, set};
use crate::app::protocol::PromptSummary;
use crate::app::words::{self, LocalizedElement};
use crate::error::Result;
use crate::prompt::{MiswrittenWeight, has_choices, miswritten_weight, named_loras};

/// The lines under the prompt and the negative prompt.
pub struct PromptSummaries {
    prompt: LocalizedElement,
    negative_prompt: LocalizedElement,
}

impl PromptSummaries {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        let line = |id: &str| by_id::<web_sys::Element>(id).map(LocalizedElement::new);
        Ok(PromptSummaries {
            prompt: line("prompt-summary")?,
            negative_prompt: line("negative-prompt-summary")?,
        })
    }

    /// Shows what was read of prompts that are written so. `is_open`: whether a LoRA of this name is open.
    pub fn show(
        &self,
        summaries: [PromptSummary; 2],
        written: &PromptTexts,
        is_open: impl Fn(&str) -> bool,
    ) {
        for ((line, summary), text) in
            [&self.prompt, &self.negative_prompt].into_iter().zip(summaries).zip(&written.prompts)
        {
            let is_unread = summary.networks.is_empty();
            let lora = is_unread.then(|| named_loras(text).next()).flatten();
            let unread = Unread {
                lora: lora.map(|network| network.name),
                has_choices: !written.draws && has_choices(text),
                weight: (!written.is_plain).then(|| miswritten_weight(text)).flatten(),
            };
            write(line, summary, unread, &is_open);
        }
    }

    /// Shows nothing: no model is loaded, or a prompt cannot be read.
    pub fn clear(&self) {
        self.prompt.set("");
        self.negative_prompt.set("");
    }

    /// Retranslates the lines.
    pub fn retranslate(&self) {
        self.prompt.retranslate();
        self.negative_prompt.retranslate();
    }
}

/// The prompts as the user wrote them.
pub struct PromptTexts {
    /// Both prompts.
    pub prompts: [String; 2],
    /// Whether choices in them are drawn.
    pub draws: bool,
    /// Whether the grammar is plain: brackets are text.
    pub is_plain: bool,
}

/// What of a prompt is read as text, although it is hardly meant so.
struct Unread {
    /// Name of a LoRA.
    lora: Option<String>,
    /// Choices or wildcards.
    has_choices: bool,
    /// A weight.
    weight: Option<MiswrittenWeight>,
}

impl Unread {
    fn text(&self) -> impl Iterator<Item = String> {
        let choices = self.has_choices;
        let choices = choices.then(|| words::prompt_choices_are_text("{a|b}", "__name__"));
        let weight = self.weight.as_ref();
        let weight = weight.map(|it| words::prompt_weight_is_text(&it.text, &it.corrected));
        let lora = self.lora.as_ref().map(words::prompt_lora_is_text);
        lora.into_iter().chain(weight).chain(choices)
    }
}

fn write(
    line: &LocalizedElement,
    summary: PromptSummary,
    unread: Unread,
    is_open: impl Fn(&str) -> bool,
) {
    let names = summary.networks.iter().filter_map(|network| network.split_once(':'));
    let open: Vec<String> =
        names.map(|(_, name)| name.to_string()).filter(|name| is_open(name)).collect();
    let text = move || {
        let read = words::prompt_summary(&summary, |name| open.iter().any(|own| own == name));
        let pieces = unread.text().chain(Some(read).filter(|read| !read.is_empty()));
        pieces.collect::<Vec<_>>().join(" · ")
    };
    // A line that is too long is cut; the pointer shows all of it.
    set(line.element(), "title", &text());
    line.set(text);
}
