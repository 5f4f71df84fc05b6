//! Pictures to start from that are pasted.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::ClipboardEvent;

use crate::app::dom::{document, met, on};
use crate::app::page::controller::Controller;
use crate::app::page::picking;
use crate::error::Result;

/// Listens for as long as the page lives.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let (page, me) = (document()?, Rc::clone(controller));
    on(&page, "paste", move |event| {
        if me.borrow().panel_is_open() {
            return; // Its fields are its own.
        }
        let Some(pasted) =
            event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data)
        else {
            return;
        };
        // Some programs put a picture of a text beside the text.
        let is_text = pasted.types().iter().any(|kind| kind == "text/plain");
        if is_text && met(event, "input, textarea").is_some() {
            return;
        }
        if let Some(picture) = picking::picture(&pasted) {
            event.prevent_default();
            me.borrow_mut().start_from_file(picture);
        }
    });
    Ok(())
}
