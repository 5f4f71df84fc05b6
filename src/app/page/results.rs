//! The strip of earlier pictures, and what can be done with the picture that is shown.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use super::clicked;
use crate::app::dom::{by_id, met, on};
use crate::app::picking;
use crate::app::results::Earlier;
use crate::app::studio::Studio;
use crate::error::Result;

/// Listens for as long as the page lives.
pub fn listen(studio: &Rc<RefCell<Studio>>, earlier: &Earlier) -> Result<()> {
    clicked(studio, &by_id("vary")?, "button", |studio, _| studio.vary());
    clicked(studio, &by_id("use-as-input")?, "button", |studio, _| studio.use_as_input());
    clicked(studio, &by_id("remove-picture")?, "button", |studio, _| studio.remove_shown());
    clicked(studio, &by_id("remove-pictures-yes")?, "button", |studio, _| {
        studio.remove_all_pictures();
    });
    clicked(studio, &by_id("notes")?, "[data-action=look-at-model]", |studio, button| {
        studio.look_at_place(&button.get_attribute("data-place").unwrap_or_default());
    });
    clicked(studio, &by_id("notes")?, "[data-action=start-from-it]", |studio, _| {
        studio.start_from_dropped();
    });
    clicked(studio, &by_id("notes")?, "[data-action=put-back]", |studio, _| {
        studio.put_back_settings();
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
    listen_to_the_strip(studio, earlier)?;
    listen_to_the_picker(studio)
}

fn listen_to_the_strip(studio: &Rc<RefCell<Studio>>, earlier: &Earlier) -> Result<()> {
    let list: HtmlElement = by_id("history")?;
    let (me, pictures) = (Rc::clone(studio), earlier.clone());
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
    let (me, pictures) = (Rc::clone(studio), earlier.clone());
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
fn listen_to_the_picker(studio: &Rc<RefCell<Studio>>) -> Result<()> {
    let field: HtmlInputElement = by_id("opened-picture")?;
    let picker = field.clone();
    let button: HtmlElement = by_id("open-picture")?;
    on(&button, "click", move |_| picker.click());
    let (me, picker) = (Rc::clone(studio), field.clone());
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
