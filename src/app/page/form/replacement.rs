//! Undo of a replacement of the form's values.

/// Values of the form's inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormValues {
    /// The inputs, always in the same order.
    pub fields: Vec<FieldValue>,
    /// Whether the next image uses the same seed.
    pub keeps_seed: bool,
}

/// Value of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue {
    /// Its id.
    pub id: &'static str,
    /// Its text.
    pub text: String,
    /// Whether the user has set it.
    pub is_touched: bool,
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
    pub fn undo(&self, mut present: FormValues) -> FormValues {
        for ((before, after), field) in self.replaced().zip(&mut present.fields) {
            if before.text != after.text {
                field.clone_from(before);
            }
        }
        if self.before.keeps_seed != self.after.keeps_seed {
            present.keeps_seed = self.before.keeps_seed;
        }
        present
    }

    /// Returns whether every replaced field still has the text of the replacement at `present`: the
    /// user has not gone on from there.
    pub fn is_whole(&self, present: &FormValues) -> bool {
        let mut fields = self.replaced().zip(&present.fields);
        fields.all(|((before, after), field)| before.text == after.text || field.text == after.text)
    }

    /// Returns this replacement, as a whole, and a `later` one as one: undoing both restores what
    /// the user had.
    pub fn then(self, later: Replacement) -> Self {
        let before = self.undo(later.before);
        Replacement { before, after: later.after }
    }

    /// Returns whether field `id` still has the text of the replacement, and had another before.
    pub fn is_unedited(&self, id: &str, text: &str) -> bool {
        self.text_of(id).is_some_and(|written| written == text)
    }

    /// Returns whether field `id` was replaced and has another text since.
    pub fn is_edited(&self, id: &str, text: &str) -> bool {
        self.text_of(id).is_some_and(|written| written != text)
    }

    /// Returns what the replacement wrote into field `id`; `None` if it is as before.
    fn text_of(&self, id: &str) -> Option<&str> {
        let (before, after) = self.replaced().find(|(before, _)| before.id == id)?;
        (before.text != after.text).then_some(after.text.as_str())
    }

    fn replaced(&self) -> impl Iterator<Item = (&FieldValue, &FieldValue)> {
        self.before.fields.iter().zip(&self.after.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldValue, FormValues, Replacement};

    fn values(prompt: &str, steps: &str, keeps_seed: bool) -> FormValues {
        let field = |id, text: &str| FieldValue { id, text: text.to_string(), is_touched: true };
        FormValues { fields: vec![field("prompt", prompt), field("steps", steps)], keeps_seed }
    }

    #[test]
    fn undo_restores_replaced_fields_and_keeps_others() {
        let used = Replacement::new(values("mine", "20", false), values("theirs", "20", true));
        let edited = values("theirs, edited", "30", true);
        assert_eq!(used.undo(edited), values("mine", "30", false));
    }

    #[test]
    fn undo_restores_what_the_user_had_set() {
        let mut before = values("", "9", false);
        before.fields[0].is_touched = false;
        let used = Replacement::new(before, values("theirs", "9", false));
        let undone = used.undo(values("theirs", "9", false));
        assert_eq!([undone.fields[0].is_touched, undone.fields[1].is_touched], [false, true]);
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
        assert!(used.is_edited("prompt", "theirs!"));
        assert!(!used.is_edited("prompt", "theirs"));
        assert!(!used.is_edited("steps", "30"), "it was not replaced");
    }
}
