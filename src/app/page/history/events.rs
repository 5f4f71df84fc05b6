//! Event listeners of the history and of the shown image.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, KeyboardEvent};

use super::super::clicked;
use super::super::controller::Controller;
use super::super::file_picker::{self, OpenedFiles};
use super::History;
use crate::app::dom::{by_id, closest, on};
use crate::error::Result;

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>, history: &History) -> Result<()> {
    clicked(controller, &by_id("vary")?, "button", |controller, _| controller.vary());
    clicked(controller, &by_id("use-settings")?, "button", |controller, _| {
        controller.use_settings();
    });
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
        controller.inspect_place(&button.get_attribute("data-place").unwrap_or_default());
    });
    clicked(controller, &by_id("notes")?, "[data-action=start-from-it]", |controller, _| {
        controller.use_dropped_image();
    });
    clicked(controller, &by_id("notes")?, "[data-action=put-back]", |controller, _| {
        controller.restore_settings();
    });
    clicked(controller, &by_id("notes")?, "[data-action=use-pasted]", |controller, _| {
        controller.use_pasted_settings();
    });
    for (id, act) in [
        ("undo-remove", History::undo as fn(&History)),
        ("remove-pictures", |history| history.confirm_remove_all(true)),
        ("remove-pictures-no", |history| history.confirm_remove_all(false)),
    ] {
        let history = history.clone();
        let button: HtmlElement = by_id(id)?;
        on(&button, "click", move |_| act(&history));
    }
    clicked(controller, &by_id("watch")?, "button", |controller, _| controller.watch_run());
    clicked(controller, &by_id("show-batch")?, "button", |controller, _| controller.show_batch());
    show_selected(controller, history, &by_id("batch")?);
    listen_to_strip(controller, history)?;
    listen_to_picker(controller)
}

fn listen_to_strip(controller: &Rc<RefCell<Controller>>, history: &History) -> Result<()> {
    let list: HtmlElement = by_id("history")?;
    show_selected(controller, history, &list);
    let pictures = history.clone();
    on(&list, "scroll", move |_| pictures.load_thumbnails());
    let (me, pictures) = (Rc::clone(controller), history.clone());
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
            event.prevent_default(); // Prevents scrolling.
        }
    });
    Ok(())
}

/// Shows the image whose button in `list` is pressed.
fn show_selected(controller: &Rc<RefCell<Controller>>, history: &History, list: &HtmlElement) {
    let (me, pictures) = (Rc::clone(controller), history.clone());
    on(list, "click", move |event| {
        let Some(key) =
            closest(event, "[data-id]").and_then(|button| button.get_attribute("data-id"))
        else {
            return;
        };
        let (me, pictures) = (Rc::clone(&me), pictures.clone());
        spawn_local(async move {
            if let Some(picture) = pictures.fetch(key).await {
                me.borrow_mut().show_earlier(picture.into());
            }
        });
    });
}

fn listen_to_picker(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let me = Rc::clone(controller);
    file_picker::connect("open-picture", "opened-picture", move |files| {
        if let Some((_, file)) = files.into_iter().next() {
            me.borrow_mut().open_files(OpenedFiles::Image(file), false);
        }
    })
}
