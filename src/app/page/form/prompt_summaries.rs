//! Lines under the prompts: what the loaded model reads in them.

use crate::app::dom::{by_id, set};
use crate::app::protocol::PromptSummary;
use crate::app::words::{self, LocalizedElement};
use crate::error::Result;
use crate::prompt::{has_choices, named_loras};

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

    /// Shows what was read. `is_open`: whether a LoRA of this name is open. `texts`: both prompts as they are
    /// written. `draws`: whether choices in them are drawn.
    pub fn show(
        &self,
        summaries: [PromptSummary; 2],
        texts: [String; 2],
        draws: bool,
        is_open: impl Fn(&str) -> bool,
    ) {
        for ((line, summary), text) in
            [&self.prompt, &self.negative_prompt].into_iter().zip(summaries).zip(texts)
        {
            let has_choices = !draws && has_choices(&text);
            let is_unread = summary.networks.is_empty();
            let lora = is_unread.then(|| named_loras(&text).next()).flatten();
            let lora = lora.map(|network| network.name);
            write(line, summary, Unread { lora, has_choices }, &is_open);
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

/// What of a prompt is read as text, although it is hardly meant so.
struct Unread {
    /// Name of a LoRA.
    lora: Option<String>,
    /// Choices or wildcards.
    has_choices: bool,
}

impl Unread {
    fn text(&self) -> impl Iterator<Item = String> {
        let choices = self.has_choices;
        let choices = choices.then(|| words::prompt_choices_are_text("{a|b}", "__name__"));
        self.lora.as_ref().map(words::prompt_lora_is_text).into_iter().chain(choices)
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
