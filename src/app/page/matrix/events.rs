//! Event listeners of the matrix.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::super::clicked;
use super::super::controller::Controller;
use crate::app::dom::{by_id, closest, on};
use crate::error::Result;

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let section: HtmlElement = by_id("matrix")?;
    let me = Rc::clone(controller);
    on(&section, "input", move |_| me.borrow_mut().matrix_edited());
    let me = Rc::clone(controller);
    on(&section, "keydown", move |event| {
        let key = event.dyn_ref::<KeyboardEvent>();
        let is_plain_enter = key.is_some_and(|key| {
            key.key() == "Enter" && !key.ctrl_key() && !key.meta_key() && !key.is_composing()
        });
        if is_plain_enter && closest(event, "input").is_some() {
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
