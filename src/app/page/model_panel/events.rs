//! Event listeners of the model panel and of dropped files.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DataTransfer, DragEvent, Element, Event, HtmlElement};

use super::super::clicked;
use super::super::controller::Controller;
use super::super::file_picker;
use super::selection::ModelSelection;
use crate::app::dom::{by_id, closest, document, is_plain_enter, on, set, unset};
use crate::error::{Error, Message, Result};

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    for id in ["choose-model", "model"] {
        clicked(controller, &by_id(id)?, "button", |controller, _| controller.open_panel());
    }
    clicked(controller, &by_id("other-models")?, "button", |controller, _| {
        controller.open_suggestions()
    });
    clicked(controller, &by_id("suggested")?, "button", |controller, button| {
        let item = button.closest("[data-repository]").ok().flatten();
        let repository = item.and_then(|item| item.get_attribute("data-repository"));
        controller.load_suggested(&repository.unwrap_or_default());
    });
    for id in ["stop-download", "panel-stop"] {
        clicked(controller, &by_id(id)?, "button", |controller, _| controller.stop_download());
    }
    clicked(controller, &by_id("close-panel")?, "button", |controller, _| controller.close_panel());
    clicked(controller, &by_id("own-model")?, "button", |controller, _| {
        controller.use_bundled_model()
    });
    clicked(controller, &by_id("use-model")?, "button", |controller, _| controller.use_subject());
    clicked(controller, &by_id("card-files")?, "[data-address]", |controller, button| {
        controller.inspect_file(&button.get_attribute("data-address").unwrap_or_default());
    });
    clicked(controller, &by_id("save-hub-token")?, "button", |controller, _| {
        controller.change_hub_token(true);
    });
    clicked(controller, &by_id("remove-hub-token")?, "button", |controller, _| {
        controller.change_hub_token(false);
    });
    clicked(controller, &by_id("use-vae")?, "button", |controller, _| controller.use_vae());
    clicked(controller, &by_id("use-as-vae")?, "button", |controller, _| {
        controller.use_inspected_vae()
    });
    listen_to_field(controller)?;
    listen_to_vae(controller)?;
    listen_to_list(controller)?;
    listen_to_pickers(controller)?;
    listen_to_drops(controller)
}

fn listen_to_field(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let form: HtmlElement = by_id("model-form")?;
    let me = Rc::clone(controller);
    on(&form, "submit", move |event| {
        event.prevent_default();
        me.borrow_mut().inspect_typed();
    });
    let me = Rc::clone(controller);
    on(&form, "input", move |event| {
        if closest(event, "#model-address").is_some() {
            me.borrow_mut().address_edited();
        }
    });
    let me = Rc::clone(controller);
    on(&form, "change", move |event| {
        if closest(event, "#model-options").is_some() {
            me.borrow_mut().inspect_again();
        }
    });
    Ok(())
}

/// Connects the field of the autoencoder and its file input.
fn listen_to_vae(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let address: HtmlElement = by_id("vae-address")?;
    let me = Rc::clone(controller);
    on(&address, "input", move |_| me.borrow_mut().vae_edited());
    let me = Rc::clone(controller);
    on(&address, "keydown", move |event| {
        if is_plain_enter(event) {
            event.prevent_default(); // It would look up the model.
            me.borrow_mut().vae_entered();
        }
    });
    let me = Rc::clone(controller);
    file_picker::connect("pick-vae", "picked-vae", move |files| {
        if let Some(ModelSelection { choice, files, .. }) = file_picker::selection(files) {
            me.borrow_mut().take_vae((Some(choice.place), files));
        }
    })
}

fn listen_to_list(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let list: HtmlElement = by_id("kept")?;
    clicked(controller, &list, "[data-action=use]", |controller, button| {
        controller.use_kept(&place(button));
    });
    clicked(controller, &list, "[data-action=verify]", |controller, button| {
        controller.verify(&place(button));
    });
    clicked(controller, &list, "[data-action=remove]", |controller, button| {
        controller.remove(&place(button));
    });
    clicked(controller, &by_id("remove-all")?, "button", |controller, _| {
        controller.confirm_remove_all(true)
    });
    clicked(controller, &by_id("remove-all-no")?, "button", |controller, _| {
        controller.confirm_remove_all(false);
    });
    clicked(controller, &by_id("remove-all-yes")?, "button", |controller, _| {
        controller.remove_all()
    });
    Ok(())
}

/// Returns the address of the stored model that a button belongs to.
fn place(button: &Element) -> String {
    let item = button.closest("[data-place]").ok().flatten();
    item.and_then(|item| item.get_attribute("data-place")).unwrap_or_default()
}

fn listen_to_pickers(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    for (button, field) in [("pick-file", "picked-file"), ("pick-folder", "picked-folder")] {
        let me = Rc::clone(controller);
        file_picker::connect(button, field, move |files| {
            me.borrow_mut().inspect_picked(file_picker::selection(files));
        })?;
    }
    Ok(())
}

fn listen_to_drops(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let page = document()?;
    let body = page
        .body()
        .ok_or_else(|| Error::Internal { reason: Message::verbatim("the page is empty") })?;
    let hint = body.clone();
    on(&page, "dragover", move |event| {
        if dragged_files(event).is_some() {
            event.prevent_default(); // Prevents the browser from opening the file.
            set(&hint, "data-dropping", "");
        }
    });
    let hint = body.clone();
    on(&page, "dragleave", move |event| {
        // Only when the pointer leaves the window, not when it moves between elements.
        let into = event.dyn_ref::<DragEvent>().and_then(|event| event.related_target());
        if into.is_none() {
            unset(&hint, "data-dropping");
        }
    });
    let me = Rc::clone(controller);
    on(&page, "drop", move |event| {
        unset(&body, "data-dropping");
        let Some(transfer) = dragged_files(event) else { return };
        event.prevent_default();
        let onto_init_image = closest(event, "#start").is_some();
        let onto_adapters = closest(event, "#adapters").is_some();
        let dropped = file_picker::from_drop(&transfer);
        let me = Rc::clone(&me);
        spawn_local(async move {
            let found = dropped.list().await;
            match onto_adapters {
                true => me.borrow_mut().drop_adapter(found),
                false => me.borrow_mut().open_files(found, onto_init_image),
            }
        });
    });
    Ok(())
}

fn dragged_files(event: &Event) -> Option<DataTransfer> {
    let transfer = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    file_picker::has_files(&transfer).then_some(transfer)
}
