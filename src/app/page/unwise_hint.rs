//! Hint beside a field whose value is hardly what the user means.

use web_sys::Element;

use crate::app::dom::{by_id, create_element, set, unset};
use crate::app::words::{self, LocalizedElement};
use crate::params::{Field, Value};

/// The hint of a field with values that spoil a picture or have no effect.
///
/// It takes the place of the field's usual hint. Both lie in one cell, which has room for the longer
/// one: nothing moves while a slider is dragged.
pub struct UnwiseHint {
    field: &'static Field,
    input: Element,
    /// The cell of both hints.
    cell: Element,
    hint: LocalizedElement,
    /// Ids of the texts that describe the input as a rule.
    described_by: String,
}

impl UnwiseHint {
    /// Makes the hint of `field`; `None` if all of its values make sense, or it has no usual hint.
    pub fn bind(field: &'static Field) -> Option<Self> {
        let first = field.unwise.first()?;
        let input: Element = by_id(field.id).ok()?;
        let usual: Element = by_id(&format!("{}-hint", field.id)).ok()?;
        let cell = create_element("div", "").ok()?;
        set(&cell, "class", "advice");
        usual.parent_node()?.insert_before(&cell, Some(&usual)).ok()?;
        let hint = create_element("p", "").ok()?;
        set(&hint, "class", "hint unwise");
        set(&hint, "id", &format!("{}-unwise", field.id));
        for part in [&usual, &hint] {
            cell.append_child(part).ok()?;
        }
        let described_by = input.get_attribute("aria-describedby").unwrap_or_default();
        let hint = LocalizedElement::new(hint);
        let why = (first.why)();
        hint.set(move || words::as_sentence(&why));
        Some(UnwiseHint { field, input, cell, hint, described_by })
    }

    /// Shows the hint if `value` calls for it.
    pub fn update(&self, value: Option<&Value>) {
        let why = value.and_then(|value| self.field.unwise_because(value));
        let hint_id = format!("{}-unwise", self.field.id);
        match why {
            Some(why) => {
                self.hint.set(move || words::as_sentence(&why));
                set(&self.cell, "data-unwise", "");
                let usual_id = format!("{}-hint", self.field.id);
                set(
                    &self.input,
                    "aria-describedby",
                    &self.described_by.replace(&usual_id, &hint_id),
                );
            }
            None => {
                unset(&self.cell, "data-unwise");
                set(&self.input, "aria-describedby", &self.described_by);
            }
        }
    }

    /// Writes the hint in the page's language.
    pub fn retranslate(&self) {
        self.hint.retranslate();
    }
}
