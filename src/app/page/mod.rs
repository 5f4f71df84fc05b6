//! The page: features, and a controller that connects them.
//!
//! `adapters`, `form`, `generation`, `history`, `init_image`, `knowledge`, `matrix`, `model_panel`, `prompts` and `styles` are the features. Each has its
//! state, which native tests cover, its view, and `actions`, its part of the controller; `events`
//! binds it to the elements of index.html.

mod adapters;
mod address;
mod canvas;
mod client;
mod controller;
mod decimal_comma;
mod error_summary;
mod file_picker;
mod focus;
mod form;
mod generation;
mod history;
mod hub_token;
mod init_image;
mod knowledge;
mod matrix;
mod metadata;
mod milestones;
mod model_panel;
mod notifications;
mod offline;
mod preferences;
mod prompts;
mod report;
mod stale_errors;
mod styles;
mod unwise_hint;
mod view;
mod worker_events;
mod worker_lifetime;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use self::adapters::AdapterPanel;
use self::address::Address;
use self::client::Client;
use self::controller::{Controller, Parts};
use self::form::Form;
use self::generation::{OutputView, QueueView};
use self::history::History;
use self::knowledge::KnowledgePanel;
use self::matrix::MatrixPanel;
use self::model_panel::ModelPanel;
use self::model_panel::selection::ModelSelection;
use self::notifications::Notifications;
use self::preferences::Preferences;
use self::prompts::PromptPanel;
use self::styles::StylePanel;
use self::view::View;
use super::dom::{by_id, closest, document, on, window};
use super::protocol::{DeviceChoice, ErrorReport};
use super::words::{self, Language};
use crate::error::Result;

/// Milliseconds after which a field that was left is validated: longer than a press takes.
const VALIDATION_DELAY: u32 = 300;

/// Starts the page.
pub fn start() {
    console_error_panic_hook::set_once();
    Language::initial().apply();
    if let Err(error) = words::retranslate().and_then(|()| open()) {
        // If elements are missing, only the status line can show the error.
        if let Ok(status) = by_id::<HtmlElement>("status") {
            status.set_text_content(Some(&words::error_text(&ErrorReport::from(&error))));
        }
    }
}

fn open() -> Result<()> {
    let address = Address::read()?;
    let base = address.base().to_string();
    let bundled_model = ModelSelection::address(&address.bundled_model()?, &base);
    let (device, unknown_device) = match address.device() {
        Ok(device) => (device, None),
        Err(unknown) => (Some(DeviceChoice::Webgpu), Some(unknown)),
    };
    let choice = Preferences::read().with_address(address.chosen_model(), device);
    let selection = choice.model.as_ref().map_or(bundled_model.clone(), |model| {
        let selection = ModelSelection::address(&model.address, &base);
        selection.with_vae(model.vae(&base)).with_options(model.options.clone())
    });
    let device = choice.device.unwrap_or(DeviceChoice::Webgpu);
    // A download has a progress to show (`www/worker-loader.js`).
    let engine = match offline::is_cached() {
        true => address.engine()?,
        false => format!("{}#progress", address.engine()?),
    };
    let mut parts = Parts {
        view: View::bind()?,
        form: Form::bind()?,
        output: OutputView::bind()?,
        queue: QueueView::bind()?,
        history: History::bind()?,
        notes: Notifications::bind()?,
        panel: ModelPanel::bind(&base)?,
        adapters: AdapterPanel::bind()?,
        prompts: PromptPanel::bind()?,
        matrix: MatrixPanel::bind()?,
        styles: StylePanel::bind()?,
        knowledge: KnowledgePanel::bind(&address.bundled_model()?)?,
    };
    parts.panel.show_options(&selection);

    let notes = parts.notes.container().clone();
    let history = parts.history.clone();
    let controller = Rc::new_cyclic(|controller: &std::rc::Weak<RefCell<Controller>>| {
        let controller = controller.clone();
        let client = Client::new(engine, move |event| {
            if let Some(controller) = controller.upgrade() {
                controller.borrow_mut().on_worker(event);
            }
        });
        RefCell::new(Controller::new(parts, client, base, bundled_model, selection, device))
    });
    listen(&controller, &notes)?;
    model_panel::events::listen(&controller)?;
    adapters::events::listen(&controller)?;
    prompts::events::listen(&controller)?;
    matrix::events::listen(&controller)?;
    styles::events::listen(&controller)?;
    knowledge::events::listen(&controller, &notes)?;
    stale_errors::listen(&controller)?;
    history::events::listen(&controller, &history)?;
    let me = Rc::clone(&controller);
    history.open(move |event| me.borrow_mut().on_history_event(event));
    init_image::paste::listen(&controller)?;
    let me = Rc::clone(&controller);
    controller
        .borrow_mut()
        .form()
        .init_image()
        .listen(move |event| me.borrow_mut().on_init_image(event));
    show_modifier_key()?;
    decimal_comma::listen()?;
    focus::listen()?;
    listen_to_report(&controller)?;
    offline::prepare()?;

    controller.borrow_mut().open();
    if let Some(device) = unknown_device {
        controller.borrow().note(move || words::no_such_device(&device));
    }
    Ok(())
}

/// Fields on which the lines under the prompts, and what becomes of many prompts, depend.
const PROMPT_FIELDS: &str = "#prompt, #negative-prompt, #steps, #steps-range, #grammar, #emphasis, #seed, #keep-seed, #pictures";

fn listen(controller: &Rc<RefCell<Controller>>, notes: &HtmlElement) -> Result<()> {
    let form: HtmlElement = by_id("form")?;
    let me = Rc::clone(controller);
    on(&form, "input", move |event| {
        let mut controller = me.borrow_mut();
        controller.form().edited(event);
        if closest(event, "#prompt").is_some() {
            controller.prompt_edited();
        }
        if closest(event, PROMPT_FIELDS).is_some() {
            controller.prompts_changed();
        }
        if closest(event, "#width, #height, #guidance, #guidance-range").is_some() {
            controller.check_size();
        }
    });
    let prompt: HtmlElement = by_id("prompt")?;
    for name in ["focusin", "beforeinput"] {
        let me = Rc::clone(controller);
        on(&prompt, name, move |_| {
            // A focus that the controller itself sets finds it in use.
            if let Ok(mut controller) = me.try_borrow_mut() {
                controller.prompt_before_edit();
            }
        });
    }
    let me = Rc::clone(controller);
    on(&form, "change", move |event| {
        let id = closest(event, "input, textarea, select").map(|field| field.id());
        let me = Rc::clone(&me);
        // An error moves what is below it, and a press on it would miss.
        let check = move || me.borrow_mut().field_left(&id.unwrap_or_default());
        Timeout::new(VALIDATION_DELAY, check).forget();
    });
    let me = Rc::clone(controller);
    on(&form, "submit", move |event| {
        event.prevent_default();
        me.borrow_mut().generate(None);
    });

    // A press selects after it has set the caret; the second one sets the caret in the example.
    let prompt: HtmlElement = by_id("prompt")?;
    let was_focused = Rc::new(Cell::new(true));
    let (me, is_new) = (Rc::clone(controller), Rc::clone(&was_focused));
    on(&prompt, "focus", move |_| {
        is_new.set(true);
        // The controller itself sets the focus too, and is borrowed then.
        if let Ok(mut controller) = me.try_borrow_mut() {
            controller.form().select_example();
        }
    });
    let me = Rc::clone(controller);
    on(&prompt, "click", move |_| {
        if was_focused.replace(false) {
            me.borrow_mut().form().select_example();
        }
    });

    clicked(controller, &by_id("cancel")?, "button", |controller, _| {
        controller.cancel();
    });
    clicked(controller, &by_id("enqueue")?, "button", |controller, _| controller.generate(None));
    clicked(controller, &by_id("queue")?, "[data-queued]", |controller, button| {
        let number = button.get_attribute("data-queued").and_then(|number| number.parse().ok());
        controller.remove_queued(number.unwrap_or_default());
    });
    clicked(controller, &by_id("compare-original")?, "button", |controller, _| {
        controller.compare()
    });
    clicked(controller, &by_id("dice")?, "button", |controller, _| {
        controller.form().randomize_seed();
        controller.show_outlook();
    });
    clicked(controller, &by_id("switch-device")?, "button", |controller, _| {
        controller.switch_device()
    });
    clicked(controller, notes, "[data-action=use-cpu]", |controller, _| controller.use_cpu());
    clicked(controller, notes, "[data-action=use-gpu]", |controller, _| controller.switch_device());
    clicked(controller, notes, "[data-action=use-bundled]", |controller, _| {
        controller.use_bundled_model()
    });
    clicked(controller, notes, "[data-action=other-models]", |controller, _| {
        controller.open_suggestions()
    });
    clicked(controller, notes, "[data-action=go-on]", |controller, _| controller.resume());
    clicked(controller, notes, "[data-action=smaller]", |controller, _| controller.retry_smaller());
    clicked(controller, &by_id("examples")?, "[data-prompt]", |controller, button| {
        controller.use_example(&example_of(button));
    });
    clicked(controller, &by_id("shapes")?, "[data-shape]", |controller, button| {
        controller.form().use_shape(&button.get_attribute("data-shape").unwrap_or_default());
        controller.check_size();
    });
    clicked(controller, &by_id("undo-size")?, "button", |controller, _| {
        controller.restore_settings();
        if let Ok(choose) = by_id::<HtmlElement>("start-choose") {
            let _ = choose.focus(); // The pressed button is hidden now.
        }
    });
    clicked(controller, &by_id("languages")?, "[lang]", |controller, button| {
        let language = button.get_attribute("lang").and_then(|code| Language::from_code(&code));
        if let Some(language) = language {
            language.save();
            address::set_parameter("lang", None);
            controller.set_language(language);
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
        let in_dialog = closest(event, "dialog").is_some();
        if in_dialog || me.borrow().panel_is_open() {
            return; // The dialog handles its keys.
        }
        match key.key().as_str() {
            "Enter" if key.ctrl_key() || key.meta_key() => {
                event.prevent_default();
                me.borrow_mut().generate(None);
            }
            "z" if is_undo(key)
                && closest(event, "#prompt").is_some()
                && me.borrow_mut().restore_prompt() =>
            {
                event.prevent_default();
            }
            "Escape" if me.borrow_mut().cancel() => event.prevent_default(),
            _ => {}
        }
    });
    Ok(())
}

fn is_undo(key: &KeyboardEvent) -> bool {
    (key.ctrl_key() || key.meta_key()) && !key.shift_key() && !key.alt_key()
}

/// Adds a listener for clicks on elements inside `place` that match `selector`.
fn clicked(
    controller: &Rc<RefCell<Controller>>,
    place: &HtmlElement,
    selector: &'static str,
    act: fn(&mut Controller, &Element),
) {
    let controller = Rc::clone(controller);
    on(place, "click", move |event| {
        if let Some(element) = closest(event, selector) {
            act(&mut controller.borrow_mut(), &element);
        }
    });
}

/// Returns the prompt of an example, in the page's language if it has that.
fn example_of(button: &Element) -> String {
    let own = button.get_attribute(&format!("data-prompt-{}", Language::of_page().code()));
    own.or_else(|| button.get_attribute("data-prompt")).unwrap_or_default()
}

/// Connects the report of a problem at the foot.
fn listen_to_report(controller: &Rc<RefCell<Controller>>) -> Result<()> {
    by_id::<HtmlElement>("version")?.set_text_content(Some(env!("CARGO_PKG_VERSION")));
    let me = Rc::clone(controller);
    let report: HtmlElement = by_id("report")?;
    on(&report, "toggle", move |_| me.borrow_mut().write_report());
    clicked(controller, &by_id("copy-report")?, "button", |controller, _| controller.copy_report());
    Ok(())
}

fn show_modifier_key() -> Result<()> {
    let on_a_mac =
        window()?.navigator().platform().is_ok_and(|platform| platform.starts_with("Mac"));
    if on_a_mac {
        by_id::<HtmlElement>("modifier")?.set_text_content(Some("⌘"));
    }
    Ok(())
}
