//! Event listeners of the styles.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::super::clicked;
use super::super::controller::Controller;
use super::super::prompts::events::listen_to_picker;
use crate::app::dom::{by_id, closest, is_plain_enter, on};
use crate::error::Result;

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let list: HtmlElement = by_id("style-list")?;
    clicked(controller, &list, "[data-style=apply]", |controller, button| {
        controller.apply_style(index(button));
    });
    clicked(controller, &list, "[data-style=remove]", |controller, button| {
        controller.remove_style(index(button));
    });
    let me = Rc::clone(controller);
    on(&list, "change", move |event| {
        if let Some(name) = closest(event, "[data-style=name]") {
            rename(&me, &name);
        }
    });
    clicked(controller, &by_id("save-style")?, "button", |controller, _| controller.save_style());
    clicked(controller, &by_id("undo-style")?, "button", |controller, _| controller.undo_style());
    let section: HtmlElement = by_id("styles")?;
    let me = Rc::clone(controller);
    on(&section, "keydown", move |event| {
        let Some(field) = closest(event, "input").filter(|_| is_plain_enter(event)) else { return };
        event.prevent_default(); // It would start a picture.
        match field.id().as_str() {
            "style-name" => me.borrow_mut().save_style(),
            _ => rename(&me, &field),
        }
    });
    listen_to_picker(controller, "pick-styles", "picked-styles")
}

fn rename(controller: &Rc<RefCell<Controller>>, field: &Element) {
    // A row that is removed may report the change of its field while the controller is in use.
    let (Some(input), Ok(mut controller)) =
        (field.dyn_ref::<HtmlInputElement>(), controller.try_borrow_mut())
    else {
        return;
    };
    controller.rename_style(index(field), &input.value());
}

/// Returns the place of the row that an element belongs to.
fn index(element: &Element) -> usize {
    let item = element.closest("[data-index]").ok().flatten();
    let index = item.and_then(|item| item.get_attribute("data-index")?.parse().ok());
    index.unwrap_or(usize::MAX)
}
