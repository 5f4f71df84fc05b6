//! Undo of a replacement of the form's values.

use std::collections::{BTreeMap, BTreeSet};

/// Values of the form's inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormValues {
    /// Texts by field id.
    pub texts: BTreeMap<&'static str, String>,
    /// Ids of the fields that the user has set.
    pub touched: BTreeSet<String>,
    /// Whether the next image uses the same seed.
    pub keeps_seed: bool,
}

/// The form's values before and after the page replaced them: by the settings of an image, an
/// example prompt or the size of an init image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    before: FormValues,
    after: FormValues,
}

impl Replacement {
    /// Creates it from the values before and after.
    pub fn new(before: FormValues, after: FormValues) -> Self {
        Replacement { before, after }
    }

    /// Returns the values that undo the replacement: each replaced field as it was before, the
    /// others as they are at `present`.
    pub fn undo(&self, present: FormValues) -> FormValues {
        let FormValues { mut texts, mut touched, mut keeps_seed } = present;
        for (id, before) in &self.before.texts {
            if self.after.texts.get(id) == Some(before) {
                continue;
            }
            texts.insert(id, before.clone());
            match self.before.touched.contains(*id) {
                true => touched.insert((*id).to_string()),
                false => touched.remove(*id),
            };
        }
        if self.before.keeps_seed != self.after.keeps_seed {
            keeps_seed = self.before.keeps_seed;
        }
        FormValues { texts, touched, keeps_seed }
    }

    /// Returns whether every replaced field still has the text of the replacement at `present`: the
    /// user has not gone on from there.
    pub fn is_whole(&self, present: &FormValues) -> bool {
        let mut replaced = self.before.texts.keys().filter(|id| {
            let [before, after] = [&self.before, &self.after].map(|values| values.texts.get(*id));
            before != after
        });
        replaced.all(|id| present.texts.get(id) == self.after.texts.get(id))
    }

    /// Returns this replacement, as a whole, and a `later` one as one: undoing both restores what
    /// the user had.
    pub fn then(self, later: Replacement) -> Self {
        let before = self.undo(later.before);
        Replacement { before, after: later.after }
    }

    /// Returns whether field `id` still has the text of the replacement, and had another before.
    pub fn is_unedited(&self, id: &str, text: &str) -> bool {
        let [before, after] = [&self.before, &self.after].map(|values| values.texts.get(id));
        before != after && after.is_some_and(|after| after == text)
    }
}

#[cfg(test)]
mod tests {
    use super::{FormValues, Replacement};

    fn values(prompt: &str, steps: &str, keeps_seed: bool) -> FormValues {
        let texts = [("prompt", prompt.to_string()), ("steps", steps.to_string())].into();
        FormValues { texts, touched: ["prompt".to_string()].into(), keeps_seed }
    }

    #[test]
    fn undo_restores_replaced_fields_and_keeps_others() {
        let used = Replacement::new(values("mine", "20", false), values("theirs", "20", true));
        let edited = values("theirs, edited", "30", true);
        assert_eq!(used.undo(edited), values("mine", "30", false));
    }

    #[test]
    fn undo_restores_what_the_user_had_set() {
        let before = FormValues { touched: ["steps".to_string()].into(), ..values("", "9", false) };
        let used = Replacement::new(before, values("theirs", "9", false));
        let touched = used.undo(values("theirs", "9", false)).touched;
        assert!(!touched.contains("prompt"));
    }

    #[test]
    fn undo_of_two_replacements_restores_the_typed_text() {
        let first = Replacement::new(values("mine", "20", false), values("an apple", "20", false));
        let second = Replacement::new(values("an apple", "25", false), values("a ball", "4", true));
        let undone = first.then(second).undo(values("a ball", "4", true));
        assert_eq!(undone, values("mine", "25", false));
    }

    #[test]
    fn replacement_is_whole_until_a_replaced_field_is_edited() {
        let used = Replacement::new(values("mine", "20", false), values("an apple", "20", false));
        assert!(used.is_whole(&values("an apple", "25", true)));
        assert!(!used.is_whole(&values("an apple, red", "20", false)));
    }

    #[test]
    fn edited_field_is_not_unedited() {
        let used = Replacement::new(values("mine", "20", false), values("theirs", "20", false));
        assert!(used.is_unedited("prompt", "theirs"));
        assert!(!used.is_unedited("prompt", "theirs!"));
        assert!(!used.is_unedited("steps", "20"));
    }
}
