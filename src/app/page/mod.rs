//! Where the page's program begins: it binds to the elements of index.html and listens to them.

mod panel;
mod results;
mod start;

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::address::Address;
use super::client::Client;
use super::dom::{by_id, document, met, on, window};
use super::form::Form;
use super::notes::Notes;
use super::offline;
use super::panel::Panel;
use super::picture::Picture;
use super::protocol::Fault;
use super::results::Earlier;
use super::studio::{Parts, Studio};
use super::view::View;
use super::wish::Wish;
use super::words::{self, Language};
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
    let studio = Rc::new_cyclic(|studio: &std::rc::Weak<RefCell<Studio>>| {
        let studio = studio.clone();
        let client = Client::new(engine, move |event| {
            if let Some(studio) = studio.upgrade() {
                studio.borrow_mut().on_worker(event);
            }
        });
        RefCell::new(Studio::new(parts, client, base, own, wish, device))
    });
    listen(&studio, &notes)?;
    panel::listen(&studio)?;
    results::listen(&studio, &earlier)?;
    let me = Rc::clone(&studio);
    earlier.open(move |news| me.borrow_mut().pictures_told(news));
    start::listen(&studio)?;
    let me = Rc::clone(&studio);
    studio.borrow_mut().form().start().listen(move |event| me.borrow_mut().on_init_image(event));
    name_the_modifier_key()?;
    offline::prepare()?;

    studio.borrow_mut().open();
    if let Some(device) = unknown_device {
        studio.borrow().note(move || words::no_such_device(&device));
    }
    Ok(())
}

fn listen(studio: &Rc<RefCell<Studio>>, notes: &HtmlElement) -> Result<()> {
    let form: HtmlElement = by_id("form")?;
    let me = Rc::clone(studio);
    on(&form, "input", move |event| {
        let mut studio = me.borrow_mut();
        studio.form().edited(event);
        if met(event, "#width, #height, #guidance, #guidance-range").is_some() {
            studio.weigh();
        }
    });
    let me = Rc::clone(studio);
    on(&form, "submit", move |event| {
        event.prevent_default();
        me.borrow_mut().generate(None);
    });

    clicked(studio, &by_id("cancel")?, "button", |studio, _| {
        studio.cancel();
    });
    clicked(studio, &by_id("dice")?, "button", |studio, _| studio.form().roll_seed());
    clicked(studio, &by_id("switch-device")?, "button", |studio, _| studio.switch_device());
    clicked(studio, notes, "[data-action=use-cpu]", |studio, _| studio.use_cpu());
    clicked(studio, notes, "[data-action=go-on]", |studio, _| studio.go_on());
    clicked(studio, notes, "[data-action=smaller]", |studio, _| studio.go_on_smaller());
    clicked(studio, &by_id("examples")?, "[data-prompt]", |studio, button| {
        studio.form().use_example(&button.get_attribute("data-prompt").unwrap_or_default());
    });
    clicked(studio, &by_id("shapes")?, "[data-shape]", |studio, button| {
        studio.form().use_shape(&button.get_attribute("data-shape").unwrap_or_default());
        studio.weigh();
    });
    clicked(studio, &by_id("languages")?, "[lang]", |studio, button| {
        let language = button.get_attribute("lang").and_then(|code| Language::of(&code));
        if let Some(language) = language {
            language.remember();
            studio.speak(language);
        }
    });

    let page = document()?;
    let me = Rc::clone(studio);
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
    studio: &Rc<RefCell<Studio>>,
    place: &HtmlElement,
    selector: &'static str,
    act: fn(&mut Studio, &Element),
) {
    let studio = Rc::clone(studio);
    on(place, "click", move |event| {
        if let Some(element) = met(event, selector) {
            act(&mut studio.borrow_mut(), &element);
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
