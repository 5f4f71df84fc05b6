//! Removal of errors whose cause is gone.
//!
//! An error goes when the user edits a field that it describes, and with all others of its section
//! when the section's content is replaced ([`clear_errors_in`](crate::app::dom::clear_errors_in)).
//! The status line that asks for a correction goes with the last marked field.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::Element;

use super::controller::Controller;
use super::view::ProgressBar;
use crate::app::dom::{clear_problem, closest, document, on, unset};
use crate::app::words;
use crate::error::Result;

/// `id` of the error of a size.
const SIZE_PROBLEM: &str = "size-problem";

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let page = document()?;
    on(&page, "input", |event| {
        if let Some(field) = closest(event, "[aria-describedby]") {
            clear_errors_of(&field);
        }
    });
    for name in ["input", "click"] {
        let me = Rc::clone(controller);
        on(&page, name, move |_| {
            // A press that the controller itself causes finds it in use.
            if let Ok(mut controller) = me.try_borrow_mut() {
                controller.settle_rejection();
            }
        });
    }
    Ok(())
}

/// Clears the errors that describe a field.
fn clear_errors_of(field: &Element) {
    unset(field, "aria-invalid");
    let described_by = field.get_attribute("aria-describedby").unwrap_or_default();
    let problems = described_by.split(' ').filter(|id| id.ends_with("-problem"));
    // The worker checks a size anew at every edit.
    problems.filter(|id| *id != SIZE_PROBLEM).for_each(clear_problem);
}

impl Controller {
    /// Clears the status of a rejected form once no field is marked any more.
    pub(super) fn settle_rejection(&mut self) {
        if self.is_rejected && !has_marked_field() {
            self.is_rejected = false;
            if self.is_idle() && self.model.is_ready() {
                self.parts.view.announce_status(words::ready, ProgressBar::Idle);
            }
        }
    }
}

/// Returns whether a field of the form is marked.
pub(super) fn has_marked_field() -> bool {
    let marked = document().ok().map(|page| page.query_selector("#form [aria-invalid=true]"));
    marked.and_then(Result::ok).flatten().is_some()
}
