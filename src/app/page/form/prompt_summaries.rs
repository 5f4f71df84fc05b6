//! Lines under the prompts: what the loaded model reads in them.

use crate::app::dom::{by_id, set};
use crate::app::protocol::PromptSummary;
use crate::app::words::{self, LocalizedElement};
use crate::error::Result;

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

    /// Shows what was read. `is_open`: whether a LoRA of this name is open.
    pub fn show(
        &self,
        prompt: PromptSummary,
        negative_prompt: PromptSummary,
        is_open: impl Fn(&str) -> bool,
    ) {
        write(&self.prompt, prompt, &is_open);
        write(&self.negative_prompt, negative_prompt, &is_open);
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

fn write(line: &LocalizedElement, summary: PromptSummary, is_open: impl Fn(&str) -> bool) {
    let names = summary.networks.iter().filter_map(|network| network.split_once(':'));
    let open: Vec<String> =
        names.map(|(_, name)| name.to_string()).filter(|name| is_open(name)).collect();
    let text = move || words::prompt_summary(&summary, |name| open.iter().any(|own| own == name));
    // A line that is too long is cut; the pointer shows all of it.
    set(line.element(), "title", &text());
    line.set(text);
}
