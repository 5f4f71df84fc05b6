//! Event listeners of many prompts.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};

use super::super::clicked;
use super::super::controller::Controller;
use super::super::file_picker;
use crate::app::dom::{by_id, on};
use crate::error::Result;

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    for id in ["each-line", "draw-choices"] {
        let (me, input): (_, HtmlElement) = (Rc::clone(controller), by_id(id)?);
        on(&input, "change", move |_| me.borrow_mut().switch_expansion());
    }
    let list: HtmlElement = by_id("wildcard-list")?;
    clicked(controller, &list, "[data-wildcard=insert]", |controller, button| {
        controller.insert_wildcard(&name(button));
    });
    clicked(controller, &list, "[data-wildcard=remove]", |controller, button| {
        controller.remove_wildcard(&name(button));
    });
    listen_to_picker(controller, "pick-wildcards", "picked-wildcards")
}

/// Connects a button to the input for text files.
pub fn listen_to_picker(
    controller: &Rc<RefCell<Controller>>,
    button: &str,
    input: &str,
) -> Result<()> {
    let me = Rc::clone(controller);
    file_picker::connect(button, input, move |files| {
        let me = Rc::clone(&me);
        spawn_local(async move {
            let files = file_picker::read_texts(files).await;
            me.borrow_mut().add_text_files(files);
        });
    })
}

/// Returns the name of the row that a button belongs to.
fn name(button: &Element) -> String {
    let item = button.closest("[data-name]").ok().flatten();
    item.and_then(|item| item.get_attribute("data-name")).unwrap_or_default()
}
