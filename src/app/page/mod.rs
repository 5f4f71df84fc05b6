//! The page: its features, and the controller that connects them with the worker.
//!
//! `form`, `generation`, `history`, `init_image` and `model_panel` are the features. Each has its state, which native
//! tests drive, its view, and `actions`, the part of the controller that is about it; `events` binds it to the
//! elements of index.html.

mod address;
mod client;
mod controller;
mod form;
mod generation;
mod history;
mod init_image;
mod life;
mod metadata;
mod model_panel;
mod notes;
mod offline;
mod picking;
mod surface;
mod view;
mod worker_events;

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use self::address::Address;
use self::client::Client;
use self::controller::{Controller, Parts};
use self::form::Form;
use self::history::Earlier;
use self::model_panel::Panel;
use self::notes::Notes;
use self::view::View;
use super::dom::{by_id, document, met, on, window};
use super::protocol::Fault;
use super::words::{self, Language};
use crate::app::page::generation::Picture;
use crate::app::page::model_panel::wish::Wish;
use crate::error::Result;

/// Starts the page.
pub fn start() {
    console_error_panic_hook::set_once();
    Language::at_first().take();
    if let Err(error) = words::speak().and_then(|()| open()) {
        // Without its parts the page has only this line to say so.
        if let Ok(status) = by_id::<HtmlElement>("status") {
            status.set_text_content(Some(&words::fault(&Fault::from(&error))));
        }
    }
}

fn open() -> Result<()> {
    let address = Address::read()?;
    let base = address.base().to_string();
    let own = Wish::address(&address.own_model()?, &base);
    let wish = address.chosen_model().map_or(own.clone(), |model| Wish::address(&model, &base));
    let (device, unknown_device) = address.device();
    let engine = address.engine()?;
    let parts = Parts {
        view: View::bind()?,
        form: Form::bind()?,
        picture: Picture::bind()?,
        earlier: Earlier::bind()?,
        notes: Notes::bind()?,
        panel: Panel::bind()?,
    };

    let notes = parts.notes.place().clone();
    let earlier = parts.earlier.clone();
    let controller = Rc::new_cyclic(|controller: &std::rc::Weak<RefCell<Controller>>| {
        let controller = controller.clone();
        let client = Client::new(engine, move |event| {
            if let Some(controller) = controller.upgrade() {
                controller.borrow_mut().on_worker(event);
            }
        });
        RefCell::new(Controller::new(parts, client, base, own, wish, device))
    });
    listen(&controller, &notes)?;
    model_panel::events::listen(&controller)?;
    history::events::listen(&controller, &earlier)?;
    let me = Rc::clone(&controller);
    earlier.open(move |news| me.borrow_mut().pictures_told(news));
    init_image::paste::listen(&controller)?;
    let me = Rc::clone(&controller);
    controller
        .borrow_mut()
        .form()
        .start()
        .listen(move |event| me.borrow_mut().on_init_image(event));
    name_the_modifier_key()?;
    offline::prepare()?;

    controller.borrow_mut().open();
    if let Some(device) = unknown_device {
        controller.borrow().note(move || words::no_such_device(&device));
    }
    Ok(())
}

fn listen(controller: &Rc<RefCell<Controller>>, notes: &HtmlElement) -> Result<()> {
    let form: HtmlElement = by_id("form")?;
    let me = Rc::clone(controller);
    on(&form, "input", move |event| {
        let mut controller = me.borrow_mut();
        controller.form().edited(event);
        if met(event, "#width, #height, #guidance, #guidance-range").is_some() {
            controller.weigh();
        }
    });
    let me = Rc::clone(controller);
    on(&form, "submit", move |event| {
        event.prevent_default();
        me.borrow_mut().generate(None);
    });

    clicked(controller, &by_id("cancel")?, "button", |controller, _| {
        controller.cancel();
    });
    clicked(controller, &by_id("dice")?, "button", |controller, _| controller.form().roll_seed());
    clicked(controller, &by_id("switch-device")?, "button", |controller, _| {
        controller.switch_device()
    });
    clicked(controller, notes, "[data-action=use-cpu]", |controller, _| controller.use_cpu());
    clicked(controller, notes, "[data-action=go-on]", |controller, _| controller.go_on());
    clicked(controller, notes, "[data-action=smaller]", |controller, _| controller.go_on_smaller());
    clicked(controller, &by_id("examples")?, "[data-prompt]", |controller, button| {
        controller.form().use_example(&button.get_attribute("data-prompt").unwrap_or_default());
    });
    clicked(controller, &by_id("shapes")?, "[data-shape]", |controller, button| {
        controller.form().use_shape(&button.get_attribute("data-shape").unwrap_or_default());
        controller.weigh();
    });
    clicked(controller, &by_id("languages")?, "[lang]", |controller, button| {
        let language = button.get_attribute("lang").and_then(|code| Language::of(&code));
        if let Some(language) = language {
            language.remember();
            controller.speak(language);
        }
    });

    let page = document()?;
    let me = Rc::clone(controller);
    on(&page, "keydown", move |event| {
        let Some(key) =
            event.dyn_ref::<KeyboardEvent>().filter(|key| !key.is_composing() && !key.repeat())
        else {
            return;
        };
        if me.borrow().panel_is_open() {
            return; // Its keys are its own.
        }
        match key.key().as_str() {
            "Enter" if key.ctrl_key() || key.meta_key() => {
                event.prevent_default();
                me.borrow_mut().generate(None);
            }
            "Escape" if me.borrow_mut().cancel() => event.prevent_default(),
            _ => {}
        }
    });
    Ok(())
}

/// Listens for clicks on whatever matches `selector` inside `place`.
fn clicked(
    controller: &Rc<RefCell<Controller>>,
    place: &HtmlElement,
    selector: &'static str,
    act: fn(&mut Controller, &Element),
) {
    let controller = Rc::clone(controller);
    on(place, "click", move |event| {
        if let Some(element) = met(event, selector) {
            act(&mut controller.borrow_mut(), &element);
        }
    });
}

fn name_the_modifier_key() -> Result<()> {
    let on_a_mac =
        window()?.navigator().platform().is_ok_and(|platform| platform.starts_with("Mac"));
    if on_a_mac {
        by_id::<HtmlElement>("modifier")?.set_text_content(Some("⌘"));
    }
    Ok(())
}
