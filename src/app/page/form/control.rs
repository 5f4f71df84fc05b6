//! Input of one parameter of the field table.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement};

use crate::app::dom::{by_id, create_element, document, set, set_bounds};
use crate::app::words;
use crate::error::{Error, Message, Result};
use crate::params::{DefaultRule, Field, GenerationParams, Kind, Value};

/// Container for the inputs that index.html does not have.
const CONTAINER: &str = "#advanced .grid";

/// The input of a parameter, with its slider if there is one.
pub struct Control {
    /// The parameter.
    pub field: &'static Field,
    input: HtmlElement,
    slider: Option<HtmlInputElement>,
}

impl Control {
    /// Finds the input in the page, or creates one.
    pub fn bind(field: &'static Field) -> Result<Self> {
        let input = match by_id(field.id) {
            Ok(input) => input,
            Err(_) => create_row(field)?,
        };
        if let Kind::Int { .. } | Kind::Float { .. } = field.kind
            && !field.is_wide()
        {
            set_bounds(&input, field);
        }
        let slider = by_id(&format!("{}-range", field.id)).ok();
        Ok(Control { field, input, slider })
    }

    /// Returns the text in the input.
    pub fn text(&self) -> String {
        self.property("value").unwrap_or_default()
    }

    /// Sets the text.
    pub fn write(&self, text: &str) {
        // Every kind of input element has a value.
        let _ = Reflect::set(&self.input, &"value".into(), &text.into());
        self.update_slider();
    }

    /// Returns the parsed value; `None` if the choice is left to the model.
    ///
    /// # Errors
    /// If the text is not a valid value.
    pub fn read(&self) -> Result<Option<Value>> {
        let text = self.text();
        if text.is_empty() && matches!(self.field.kind, Kind::Choice(_)) {
            return Ok(None);
        }
        self.field.read(&text).map(Some)
    }

    /// Returns whether the text differs from the default in index.html.
    pub fn was_written(&self) -> bool {
        self.property("defaultValue").is_some_and(|default| default != self.text())
    }

    /// Sets the slider to the input's value.
    pub fn update_slider(&self) {
        if let Some(slider) = &self.slider {
            slider.set_value(&self.text());
        }
    }

    /// Sets the input to the slider's value.
    pub fn read_slider(&self) {
        if let Some(slider) = &self.slider {
            let _ = Reflect::set(&self.input, &"value".into(), &slider.value().into());
        }
    }

    /// Focuses the input.
    pub fn focus(&self) {
        let _ = self.input.focus();
    }

    /// Selects the whole text, so that typing replaces it.
    pub fn select(&self) {
        if let Some(text) = self.input.dyn_ref::<HtmlTextAreaElement>() {
            text.select();
        }
    }

    /// Returns whether the input has the focus.
    pub fn has_focus(&self) -> bool {
        document().is_ok_and(|page| page.active_element().as_ref() == Some(self.input.as_ref()))
    }

    fn property(&self, name: &str) -> Option<String> {
        Reflect::get(&self.input, &JsValue::from_str(name)).ok()?.as_string()
    }
}

/// Creates the row of a parameter that index.html does not have: label, input, hint and error.
fn create_row(field: &Field) -> Result<HtmlElement> {
    let id = field.id;
    let row = create_element("div", "")?;
    set(&row, "class", "field");
    let label = create_translated("label", &format!("{}_label", field.label))?;
    set(&label, "for", id);
    let hint = create_translated("p", &format!("{}_hint", field.label))?;
    set(&hint, "class", "hint");
    set(&hint, "id", &format!("{id}-hint"));
    let problem = create_element("p", "")?;
    set(&problem, "class", "problem");
    set(&problem, "id", &format!("{id}-problem"));
    set(&problem, "hidden", "");
    let input = create_input(field)?;
    set(&input, "id", id);
    set(&input, "aria-describedby", &format!("{id}-hint {id}-problem"));
    let place = document()?.query_selector(CONTAINER).ok().flatten();
    let place = place.ok_or_else(|| Error::Internal {
        reason: Message::verbatim(format!("the page has no {CONTAINER}")),
    })?;
    for part in [&label, &input, &hint, &problem] {
        let _ = row.append_child(part);
    }
    let _ = place.append_child(&row);
    input
        .dyn_into()
        .map_err(|_| Error::Internal { reason: Message::verbatim(format!("#{id} is no input")) })
}

fn create_input(field: &Field) -> Result<Element> {
    let default = GenerationParams::default().get(field).map(|value| field.shown(&value));
    match field.kind {
        Kind::Choice(choice) => {
            let select = create_element("select", "")?;
            if field.default == DefaultRule::Absent {
                let option = create_translated("option", &format!("{}_own", field.label))?;
                set(&option, "value", "");
                let _ = select.append_child(&option);
            }
            for name in (choice.names)() {
                let line = format!("{}_{}", field.label, name.replace('-', "_"));
                let option = match words::by_name(&line) {
                    Some(_) => create_translated("option", &line)?,
                    None => create_element("option", name)?,
                };
                set(&option, "value", name);
                let _ = select.append_child(&option);
            }
            Ok(select)
        }
        Kind::Text => create_element("textarea", &default.unwrap_or_default()),
        Kind::Int { .. } | Kind::Float { .. } | Kind::Image => {
            let input = create_element("input", "")?;
            set(&input, "type", "number");
            set(&input, "value", &default.unwrap_or_default());
            Ok(input)
        }
    }
}

/// Creates an element with a text of the table, which is retranslated with the page.
fn create_translated(name: &str, line: &str) -> Result<Element> {
    let element = create_element(name, &words::by_name(line).unwrap_or_default())?;
    set(&element, "data-word", line);
    Ok(element)
}
