//! An input of the form: one row of the table in the page.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::app::dom::{bound, by_id, document, make, set};
use crate::app::words;
use crate::error::{Error, Message, Result};
use crate::params::{Field, GenerationParams, Kind, Value};

/// The place in the page for the inputs that index.html does not have.
const MORE: &str = "#advanced .grid";

/// The input of a parameter, and the slider beside it if it has one.
pub struct Control {
    /// The row.
    pub field: &'static Field,
    input: HtmlElement,
    slider: Option<HtmlInputElement>,
}

impl Control {
    /// Finds the input in the page, or else makes one.
    pub fn bind(field: &'static Field) -> Result<Self> {
        let input = match by_id(field.id) {
            Ok(input) => input,
            Err(_) => made(field)?,
        };
        if let Kind::Int { .. } | Kind::Float { .. } = field.kind
            && !field.is_wide()
        {
            bound(&input, field);
        }
        let slider = by_id(&format!("{}-range", field.id)).ok();
        Ok(Control { field, input, slider })
    }

    /// What stands in it.
    pub fn text(&self) -> String {
        self.property("value").unwrap_or_default()
    }

    /// Puts a text into it.
    pub fn write(&self, text: &str) {
        // Every kind of input has a value.
        let _ = Reflect::set(&self.input, &"value".into(), &text.into());
        self.lead_slider();
    }

    /// The value that stands in it; `None` where the choice is left to the model.
    ///
    /// # Errors
    /// If it cannot be one.
    pub fn read(&self) -> Result<Option<Value>> {
        let text = self.text();
        if text.is_empty() && matches!(self.field.kind, Kind::Choice(_)) {
            return Ok(None);
        }
        self.field.read(&text).map(Some)
    }

    /// Whether something else stands in it than index.html says.
    pub fn was_written(&self) -> bool {
        self.property("defaultValue").is_some_and(|default| default != self.text())
    }

    /// Sets the slider to the input.
    pub fn lead_slider(&self) {
        if let Some(slider) = &self.slider {
            slider.set_value(&self.text());
        }
    }

    /// Sets the input to the slider.
    pub fn follow_slider(&self) {
        if let Some(slider) = &self.slider {
            let _ = Reflect::set(&self.input, &"value".into(), &slider.value().into());
        }
    }

    /// Goes to it.
    pub fn focus(&self) {
        let _ = self.input.focus();
    }

    /// The element, for what this type does not do.
    pub fn element<T: JsCast>(&self) -> Option<&T> {
        self.input.dyn_ref()
    }

    fn property(&self, name: &str) -> Option<String> {
        Reflect::get(&self.input, &JsValue::from_str(name)).ok()?.as_string()
    }
}

/// A row of the form for a parameter that has none in index.html: label, input, hint and the place for what
/// is wrong with it.
fn made(field: &Field) -> Result<HtmlElement> {
    let id = field.id;
    let row = make("div", "")?;
    set(&row, "class", "field");
    let label = worded("label", &format!("{}_label", field.label))?;
    set(&label, "for", id);
    let hint = worded("p", &format!("{}_hint", field.label))?;
    set(&hint, "class", "hint");
    set(&hint, "id", &format!("{id}-hint"));
    let problem = make("p", "")?;
    set(&problem, "class", "problem");
    set(&problem, "id", &format!("{id}-problem"));
    set(&problem, "hidden", "");
    let input = input(field)?;
    set(&input, "id", id);
    set(&input, "aria-describedby", &format!("{id}-hint {id}-problem"));
    let place = document()?.query_selector(MORE).ok().flatten();
    let place = place.ok_or_else(|| Error::Internal {
        reason: Message::verbatim(format!("the page has no {MORE}")),
    })?;
    for part in [&label, &input, &hint, &problem] {
        let _ = row.append_child(part);
    }
    let _ = place.append_child(&row);
    input
        .dyn_into()
        .map_err(|_| Error::Internal { reason: Message::verbatim(format!("#{id} is no input")) })
}

fn input(field: &Field) -> Result<Element> {
    let default = GenerationParams::default().get(field).map(|value| value.to_string());
    match field.kind {
        Kind::Choice(choice) => {
            let select = make("select", "")?;
            for name in (choice.names)() {
                let option = make("option", name)?;
                set(&option, "value", name);
                let _ = select.append_child(&option);
            }
            Ok(select)
        }
        Kind::Text => make("textarea", &default.unwrap_or_default()),
        Kind::Int { .. } | Kind::Float { .. } | Kind::Image => {
            let input = make("input", "")?;
            set(&input, "type", "number");
            set(&input, "value", &default.unwrap_or_default());
            Ok(input)
        }
    }
}

/// An element with a line of the words, which it says again in another language.
fn worded(name: &str, line: &str) -> Result<Element> {
    let element = make(name, &words::by_name(line).unwrap_or_default())?;
    set(&element, "data-word", line);
    Ok(element)
}
