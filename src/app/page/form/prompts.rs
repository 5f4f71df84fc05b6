//! The form's two prompts.

use web_sys::HtmlElement;

use super::Form;
use crate::app::dom::by_id;

impl Form {
    /// Returns prompt and negative prompt.
    pub fn prompts(&self) -> [String; 2] {
        ["prompt", "negative_prompt"].map(|name| self.text(name))
    }

    /// Returns whether an error stands beside the prompt.
    pub fn has_prompt_error(&self) -> bool {
        by_id::<HtmlElement>("prompt-problem").is_ok_and(|problem| !problem.hidden())
    }

    /// Sets prompt and negative prompt.
    pub fn use_prompts(&mut self, prompts: [String; 2]) {
        for (name, text) in ["prompt", "negative_prompt"].into_iter().zip(prompts) {
            let Some(id) = self.control(name).map(|control| control.field.id) else { continue };
            if self.text(name) != text {
                self.write(name, &text);
                self.touch(id);
            }
        }
    }
}
