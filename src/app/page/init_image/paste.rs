//! Pasted init images.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::ClipboardEvent;

use super::super::controller::Controller;
use super::super::file_picker;
use crate::app::dom::{closest, document, on};
use crate::error::Result;

/// Adds the listener.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let (page, me) = (document()?, Rc::clone(controller));
    on(&page, "paste", move |event| {
        if me.borrow().panel_is_open() {
            return; // The dialog's fields handle paste.
        }
        let Some(pasted) =
            event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data)
        else {
            return;
        };
        // Some programs copy text also as an image of the text.
        let is_text = pasted.types().iter().any(|kind| kind == "text/plain");
        if is_text && closest(event, "input, textarea").is_some() {
            return;
        }
        if let Some(picture) = file_picker::pasted_image(&pasted) {
            event.prevent_default();
            me.borrow_mut().use_image_file(picture);
        }
    });
    Ok(())
}
