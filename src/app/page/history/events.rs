//! The strip of earlier pictures, and what can be done with the picture that is shown.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::app::dom::{by_id, met, on};
use crate::app::page::clicked;
use crate::app::page::controller::Controller;
use crate::app::page::history::Earlier;
use crate::app::page::picking;
use crate::error::Result;

/// Listens for as long as the page lives.
pub fn listen(controller: &Rc<RefCell<Controller>>, earlier: &Earlier) -> Result<()> {
    clicked(controller, &by_id("vary")?, "button", |controller, _| controller.vary());
    clicked(controller, &by_id("use-as-input")?, "button", |controller, _| {
        controller.use_as_input()
    });
    clicked(controller, &by_id("remove-picture")?, "button", |controller, _| {
        controller.remove_shown()
    });
    clicked(controller, &by_id("remove-pictures-yes")?, "button", |controller, _| {
        controller.remove_all_pictures();
    });
    clicked(controller, &by_id("notes")?, "[data-action=look-at-model]", |controller, button| {
        controller.look_at_place(&button.get_attribute("data-place").unwrap_or_default());
    });
    clicked(controller, &by_id("notes")?, "[data-action=start-from-it]", |controller, _| {
        controller.start_from_dropped();
    });
    clicked(controller, &by_id("notes")?, "[data-action=put-back]", |controller, _| {
        controller.put_back_settings();
    });
    for (id, act) in [
        ("undo-remove", Earlier::undo as fn(&Earlier)),
        ("remove-pictures", |earlier| earlier.ask_to_remove_all(true)),
        ("remove-pictures-no", |earlier| earlier.ask_to_remove_all(false)),
    ] {
        let earlier = earlier.clone();
        let button: HtmlElement = by_id(id)?;
        on(&button, "click", move |_| act(&earlier));
    }
    listen_to_the_strip(controller, earlier)?;
    listen_to_the_picker(controller)
}

fn listen_to_the_strip(controller: &Rc<RefCell<Controller>>, earlier: &Earlier) -> Result<()> {
    let list: HtmlElement = by_id("history")?;
    let (me, pictures) = (Rc::clone(controller), earlier.clone());
    on(&list, "click", move |event| {
        let Some(key) = met(event, "[data-id]").and_then(|button| button.get_attribute("data-id"))
        else {
            return;
        };
        let (me, pictures) = (Rc::clone(&me), pictures.clone());
        spawn_local(async move {
            if let Some(picture) = pictures.fetch(key).await {
                me.borrow_mut().bring_back(picture.into());
            }
        });
    });
    let pictures = earlier.clone();
    on(&list, "scroll", move |_| pictures.look());
    let (me, pictures) = (Rc::clone(controller), earlier.clone());
    on(&list, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        if key.ctrl_key() || key.meta_key() || key.alt_key() {
            return;
        }
        if key.key() == "Delete" {
            if let Some(focused) = pictures.focused() {
                event.prevent_default();
                me.borrow_mut().remove_picture(focused);
            }
        } else if pictures.step(&key.key()) {
            event.prevent_default(); // Else the strip would scroll by itself.
        }
    });
    Ok(())
}

/// The button stands for the browser's own field, which cannot be dressed.
fn listen_to_the_picker(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let field: HtmlInputElement = by_id("opened-picture")?;
    let picker = field.clone();
    let button: HtmlElement = by_id("open-picture")?;
    on(&button, "click", move |_| picker.click());
    let (me, picker) = (Rc::clone(controller), field.clone());
    on(&field, "change", move |_| {
        let found = picking::opened(picker.files());
        // The same file can be opened again.
        picker.set_value("");
        if let Some(found) = found {
            me.borrow_mut().take_files(found, false);
        }
    });
    Ok(())
}
