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

    /// Shows what was read.
    pub fn show(&self, prompt: PromptSummary, negative_prompt: PromptSummary) {
        write(&self.prompt, prompt);
        write(&self.negative_prompt, negative_prompt);
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

fn write(line: &LocalizedElement, summary: PromptSummary) {
    // A line that is too long is cut; the pointer shows all of it.
    set(line.element(), "title", &words::prompt_summary(&summary));
    line.set(move || words::prompt_summary(&summary));
}
