//! Replacement of the form's content, and its undo.

use super::super::init_image::PanelSnapshot;
use super::Form;
use super::control::Control;
use super::replacement::{FieldValue, FormValues, Replacement};

/// What undoes a replacement of the form's content.
pub struct Undo {
    replacement: Replacement,
    /// The init image before, if it was replaced too.
    init_image: Option<PanelSnapshot>,
}

impl Undo {
    /// Returns whether it restores the init image too.
    pub fn has_image(&self) -> bool {
        self.init_image.is_some()
    }
}

impl Form {
    /// Replaces values, and returns what undoes it together with an `earlier` replacement.
    /// `with_image`: the init image is replaced too.
    pub fn replace(
        &mut self,
        earlier: Option<Undo>,
        with_image: bool,
        act: impl FnOnce(&mut Form),
    ) -> Undo {
        let before = self.values();
        let init_image = with_image.then(|| self.init_image.snapshot());
        act(self);
        let earlier = earlier.filter(|earlier| earlier.replacement.is_whole(&before));
        let later = Replacement::new(before, self.values());
        match earlier {
            Some(Undo { replacement, init_image: earlier }) => {
                Undo { replacement: replacement.then(later), init_image: earlier.or(init_image) }
            }
            None => Undo { replacement: later, init_image },
        }
    }

    /// Undoes a replacement. Fields that it has not changed stay as they are.
    pub fn undo(&mut self, undo: Undo) {
        let values = undo.replacement.undo(self.values());
        self.keep_seed.set_checked(values.keeps_seed);
        self.errors.clear();
        for FieldValue { id, text, is_touched } in values.fields {
            if let Some(control) = self.inputs().find(|control| control.field.id == id)
                && text != control.text()
            {
                control.write(&text);
            }
            if is_touched {
                self.touch(id);
            } else {
                self.state.untouch(id);
                self.draft.remove(id);
            }
        }
        self.show_scheduler();
        self.state.size_undone(self.size());
        self.size_changed();
        if let Some(snapshot) = undo.init_image {
            self.init_image.restore_snapshot(snapshot);
        }
    }

    /// Returns whether what an earlier replacement wrote is all still there: a later one then continues it.
    pub fn continues(&self, earlier: &Undo) -> bool {
        earlier.replacement.is_whole(&self.values())
    }

    /// Returns whether the user has typed over a prompt that the replacement wrote.
    pub fn has_edited_prompts(&self, undo: &Undo) -> bool {
        let [prompt, negative] = self.prompts();
        let replacement = &undo.replacement;
        replacement.is_edited("prompt", &prompt)
            || replacement.is_edited("negative-prompt", &negative)
    }

    /// Returns whether the prompt is still the text that the replacement wrote.
    pub fn has_replaced_prompt(&self, undo: &Undo) -> bool {
        undo.replacement.is_unedited("prompt", &self.prompt())
    }

    fn values(&self) -> FormValues {
        let value = |control: &Control| FieldValue {
            id: control.field.id,
            text: control.text(),
            is_touched: !self.state.is_untouched(control.field.id),
        };
        FormValues {
            fields: self.inputs().map(value).collect(),
            keeps_seed: self.keep_seed.checked(),
        }
    }

    fn inputs(&self) -> impl Iterator<Item = &Control> {
        self.controls.iter().chain([&self.pictures])
    }
}
