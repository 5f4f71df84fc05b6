//! Event listeners of the shelf.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::super::clicked;
use super::super::controller::Controller;
use super::super::file_picker;
use super::view::mark_invalid;
use crate::app::dom::{by_id, closest, is_plain_enter, on};
use crate::error::Result;

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    let list: HtmlElement = by_id("adapter-list")?;
    for (selector, act) in [
        ("[data-adapter=remove]", Controller::remove_adapter as fn(&mut Controller, u32)),
        ("[data-adapter=stop]", Controller::stop_adapter),
        ("[data-adapter=retry]", Controller::open_adapter),
        ("[data-adapter=fast]", Controller::use_fast_settings),
        ("[data-adapter=prompt]", |controller, id| controller.add_embedding(id, "prompt")),
        ("[data-adapter=negative]", |controller, id| {
            controller.add_embedding(id, "negative_prompt");
        }),
    ] {
        let me = Rc::clone(controller);
        on(&list, "click", move |event| {
            if let Some(id) = closest(event, selector).and_then(|button| row(&button)) {
                act(&mut me.borrow_mut(), id);
            }
        });
    }
    clicked(controller, &list, "[data-trigger]", |controller, button| {
        let word = button.get_attribute("data-trigger").unwrap_or_default();
        controller.add_trigger_word(&word, "prompt");
    });
    let me = Rc::clone(controller);
    on(&list, "input", move |event| edited(&mut me.borrow_mut(), event));
    let me = Rc::clone(controller);
    on(&list, "focusout", move |event| {
        // In the place of what is no weight comes the one in effect. A focus that the controller itself moves finds
        // it in use.
        if closest(event, "[data-adapter][aria-invalid]").is_some()
            && let Ok(mut controller) = me.try_borrow_mut()
        {
            controller.show_weights();
        }
    });
    listen_to_adding(controller)
}

fn listen_to_adding(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    clicked(controller, &by_id("add-adapter")?, "button", |controller, _| {
        controller.add_typed_adapter();
    });
    clicked(controller, &by_id("notes")?, "[data-action=show-adapters]", |controller, _| {
        controller.show_adapters();
    });
    clicked(controller, &by_id("add-as-adapter")?, "button", |controller, _| {
        controller.add_inspected_adapter();
    });
    clicked(controller, &by_id("card-files")?, "[data-adapter-address]", |controller, button| {
        let address = button.get_attribute("data-adapter-address").unwrap_or_default();
        controller.add_adapter_at(&address);
    });
    let address: HtmlElement = by_id("adapter-address")?;
    let me = Rc::clone(controller);
    on(&address, "keydown", move |event| {
        if is_plain_enter(event) {
            event.prevent_default(); // It would start a picture.
            me.borrow_mut().add_typed_adapter();
        }
    });
    let me = Rc::clone(controller);
    file_picker::connect("pick-adapter", "picked-adapter", move |files| {
        me.borrow_mut().add_adapter_files(files);
    })
}

/// Returns the number of the row that an element belongs to.
fn row(element: &Element) -> Option<u32> {
    element.closest("[data-row]").ok()??.get_attribute("data-row")?.parse().ok()
}

fn edited(controller: &mut Controller, event: &Event) {
    let field = closest(event, "input[data-adapter]");
    let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    let Some(id) = row(&field) else { return };
    let is_set = field.checked();
    let weight = field.value().parse::<f64>().ok().filter(|weight| weight.is_finite());
    let what = field.get_attribute("data-adapter").unwrap_or_default();
    match (what.as_str(), weight) {
        ("on", _) => controller.use_adapter(id, |usage| usage.is_on = is_set),
        ("apart", _) => controller.use_adapter(id, |usage| {
            usage.text_encoder = is_set.then_some(usage.unet);
        }),
        ("unet" | "unet-range", Some(weight)) => {
            controller.use_adapter(id, |usage| usage.unet = weight)
        }
        ("text" | "text-range", Some(weight)) => {
            controller.use_adapter(id, |usage| usage.text_encoder = Some(weight));
        }
        _ => mark_invalid(&field),
    }
}
