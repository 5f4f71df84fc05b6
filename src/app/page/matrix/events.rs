//! Event listeners of the matrix.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::HtmlElement;

use super::super::clicked;
use super::super::controller::Controller;
use crate::app::dom::{by_id, closest, is_plain_enter, on};
use crate::error::Result;

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let (section, form): (HtmlElement, HtmlElement) = (by_id("matrix")?, by_id("form")?);
    let me = Rc::clone(controller);
    on(&section, "input", move |_| me.borrow_mut().matrix_edited());
    let me = Rc::clone(controller);
    on(&form, "change", move |_| {
        // A change that the controller itself causes finds it in use.
        if let Ok(mut controller) = me.try_borrow_mut() {
            controller.check_matrix();
        }
    });
    let me = Rc::clone(controller);
    on(&section, "keydown", move |event| {
        if is_plain_enter(event) && closest(event, "input").is_some() {
            event.prevent_default(); // It would start a single picture.
            me.borrow_mut().generate_matrix();
        }
    });
    clicked(controller, &by_id("make-matrix")?, "button", |controller, _| {
        controller.generate_matrix();
    });
    clicked(controller, &by_id("show-grid")?, "button", |controller, _| controller.show_grid());
    Ok(())
}
