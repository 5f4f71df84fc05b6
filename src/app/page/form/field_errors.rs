//! Validation errors beside their fields.

use std::cell::RefCell;
use std::collections::BTreeMap;

use web_sys::{Element, HtmlElement};

use crate::app::dom::{by_id, clear_field_error, set, show, unset};
use crate::app::protocol::ErrorReport;
use crate::app::words::{self, LocalizedElement, as_sentence};
use crate::error::{Message, Result};
use crate::params::{FIELDS, Field, IMAGES, NUM_IMAGES};

/// Returns all fields that can have an error.
fn fields() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().chain(&IMAGES).chain([&NUM_IMAGES])
}

/// Elements for errors, and the errors that are shown.
pub struct FieldErrors {
    width: HtmlElement,
    height: HtmlElement,
    size_problem: HtmlElement,
    size_text: LocalizedElement,
    /// Errors by field id.
    shown: RefCell<BTreeMap<&'static str, LocalizedElement>>,
}

impl FieldErrors {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(FieldErrors {
            width: by_id("width")?,
            height: by_id("height")?,
            size_problem: by_id("size-problem")?,
            size_text: LocalizedElement::new(by_id::<HtmlElement>("size-problem")?),
            shown: RefCell::default(),
        })
    }

    /// Shows an error beside its field and focuses the field. Returns false if it has no field.
    pub fn show(&self, error: &ErrorReport) -> bool {
        match self.write(error) {
            Some(input) => reveal(&input),
            None => return false,
        }
        true
    }

    /// Shows an error beside its field, and returns the field.
    pub fn write(&self, error: &ErrorReport) -> Option<HtmlElement> {
        if error.code != "invalid-request" {
            return None;
        }
        if error.detail("field") == "size" {
            self.show_size_error(error.argument("reason"));
            return Some(self.width.clone());
        }
        let field = fields().find(|field| field.name == error.detail("field"))?;
        let id = field.id;
        let input: HtmlElement = by_id(id).ok()?;
        let problem: Element = by_id(&format!("{id}-problem")).ok()?;
        show(&problem, true);
        let error = error.clone();
        let text = LocalizedElement::new(problem);
        text.set(move || words::field_error(field, &error));
        self.shown.borrow_mut().insert(id, text);
        set(&input, "aria-invalid", "true");
        Some(input)
    }

    /// Marks the size as impossible.
    pub fn show_size_error(&self, reason: Message) {
        self.size_text.set(move || as_sentence(&reason));
        show(&self.size_problem, true);
        for side in [&self.width, &self.height] {
            set(side, "aria-invalid", "true");
        }
    }

    /// Clears the error of the size.
    pub fn clear_size_error(&self) {
        if !self.size_problem.hidden() {
            show(&self.size_problem, false);
            unset(&self.width, "aria-invalid");
            unset(&self.height, "aria-invalid");
        }
    }

    /// Clears all errors.
    pub fn clear(&self) {
        self.clear_size_error();
        fields().for_each(|field| clear_field_error(field.id));
    }

    /// Retranslates the errors.
    pub fn retranslate(&self) {
        self.size_text.retranslate();
        for text in self.shown.borrow().values() {
            text.retranslate();
        }
    }
}

/// Focuses a field, after opening the `<details>` around it.
fn reveal(field: &HtmlElement) {
    if let Ok(Some(section)) = field.closest("details") {
        set(&section, "open", "");
    }
    let _ = field.focus();
}
