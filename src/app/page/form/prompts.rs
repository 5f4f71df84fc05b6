//! The form's two prompts.

use super::Form;

impl Form {
    /// Returns prompt and negative prompt.
    pub fn prompts(&self) -> [String; 2] {
        ["prompt", "negative_prompt"].map(|name| self.text(name))
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
