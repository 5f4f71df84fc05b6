//! Rows of the shelf.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlProgressElement};

use super::state::{AdapterPlace, Row, Status};
use crate::app::dom::{append_template, create_element, document, set, show, unset};
use crate::app::message::PickedFile;
use crate::app::protocol::{AdapterCard, ErrorReport};
use crate::app::words::{self, amount, error_text, message_text};
use crate::error::Id;

/// Writes the rows into `list`. Their elements stay, and with them the focus.
pub fn write(list: &Element, template: &Element, rows: &[Row<PickedFile>]) {
    let items = list.children();
    let items: Vec<Element> = (0..items.length()).filter_map(|index| items.item(index)).collect();
    let number = |item: &Element| item.get_attribute("data-row").and_then(|id| id.parse().ok());
    for item in &items {
        if !rows.iter().any(|row| number(item) == Some(row.id)) {
            item.remove();
        }
    }
    for row in rows {
        let item = items.iter().find(|item| number(item) == Some(row.id)).cloned();
        let Some(item) = item.or_else(|| append_template(template, list)) else { continue };
        set(&item, "data-row", &row.id.to_string());
        write_row(&item, row);
    }
    show(list, !rows.is_empty());
}

fn write_row(item: &Element, row: &Row<PickedFile>) {
    let name = label(row);
    text(item, ".adapter-name", &name);
    let error = match &row.status {
        Status::Failed(error) => Some(error),
        _ => None,
    };
    set(item, "class", if error.is_some() { "adapter unfit" } else { "adapter" });
    write_about(item, row);
    text(item, ".problem", &error.map(error_text).unwrap_or_default());
    write_state(item, &row.status);

    // One that does not fit is used again with a model that it fits.
    check(item, "on", row.usage.is_on && error.is_none());
    part(item, "[data-adapter=on]", |switch| match error {
        Some(_) => set(switch, "disabled", ""),
        None => unset(switch, "disabled"),
    });
    check(item, "apart", row.usage.text_encoder.is_some());
    let has_text_encoder = row.card.as_ref().is_none_or(|card| card.has_text_encoder);
    part(item, ".adapter-apart", |label| show(label, has_text_encoder));
    part(item, ".slider", |slider| show(slider, !row.is_embedding()));
    part(item, ".adapter-uses", |buttons| show(buttons, row.is_embedding()));
    part(item, ".adapter-text", |slider| show(slider, row.usage.text_encoder.is_some()));
    for (field, value) in [("unet", row.usage.unet), ("text", row.text_encoder())] {
        number(item, field, value);
        number(item, &format!("{field}-range"), value);
    }
    for (field, label) in [
        ("on", name.clone()),
        ("unet", words::adapter_weight_name(&name)),
        ("unet-range", words::adapter_weight_slider(&name)),
        ("text", words::adapter_text_name(&name)),
        ("text-range", words::adapter_text_slider(&name)),
        ("remove", words::adapter_remove_name(&name)),
        ("retry", words::adapter_retry_name(&name)),
        ("stop", words::adapter_stop_name(&name)),
        ("prompt", words::embedding_prompt_name(&name)),
        ("negative", words::embedding_negative_name(&name)),
    ] {
        part(item, &format!("[data-adapter={field}]"), |field| set(field, "aria-label", &label));
    }
    part(item, "[data-adapter=remove]", |button| show(button, !row.is_own()));
    let can_stop = matches!(row.status, Status::Opening { .. });
    let can_retry = matches!(row.status, Status::Stopped) || error.is_some_and(may_pass);
    part(item, "[data-adapter=stop]", |button| show(button, can_stop));
    part(item, "[data-adapter=retry]", |button| show(button, can_retry));
    part(item, ".adapter-acts", |acts| show(acts, can_stop || can_retry));
    write_words(item, &name, row.card.as_ref());
    write_suggestion(item, row.card.as_ref());
}

/// Returns the name, or what was typed or picked until it is known.
fn label(row: &Row<PickedFile>) -> String {
    match (&row.name, &row.place) {
        (name, _) if !name.is_empty() => name.clone(),
        (_, AdapterPlace::Address(address) | AdapterPlace::Own(address)) => address.clone(),
        (_, AdapterPlace::File((name, _))) => name.trim_end_matches(".safetensors").to_string(),
    }
}

/// Returns whether opening may succeed another time with the same model.
fn may_pass(error: &ErrorReport) -> bool {
    matches!(error.code.as_str(), "network" | "storage" | "io" | "missing-file")
}

/// Writes title, kind, size and what is left out.
fn write_about(item: &Element, row: &Row<PickedFile>) {
    let about = row.card.as_ref().map_or(String::new(), |card| {
        let title = card.title.clone().filter(|title| *title != card.name);
        let own = row.is_own().then(words::adapter_own);
        let parts = [own, title, Some(message_text(&card.description)), Some(amount(card.bytes))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    });
    text(item, ".adapter-about", &about);
    let left_out = row.card.as_ref().and_then(|card| card.left_out.as_ref()).map(message_text);
    text(item, ".adapter-left", &left_out.unwrap_or_default());
}

fn write_state(item: &Element, status: &Status) {
    let (state, bar) = match status {
        Status::Waiting => (words::adapter_waiting(), None),
        Status::Opening { progress: Some((received, total, origin)), .. } => {
            let part = *received as f64 / (*total).max(1) as f64;
            (words::downloading(*received, *total, *origin, None), Some(part))
        }
        Status::Opening { progress: None, .. } => (words::adapter_opening(), None),
        Status::Stopped => (words::adapter_stopped(), None),
        Status::Open | Status::Failed(_) => (String::new(), None),
    };
    text(item, ".adapter-state", &state);
    part(item, "progress", |progress| {
        show(progress, bar.is_some());
        if let (Some(bar), Some(progress)) = (bar, progress.dyn_ref::<HtmlProgressElement>()) {
            progress.set_value(bar.clamp(0.0, 1.0));
        }
    });
}

/// Writes the trigger words as buttons.
fn write_words(item: &Element, name: &str, card: Option<&AdapterCard>) {
    // An embedding's word is its name, which has buttons of its own.
    let card = card.filter(|card| !card.is_embedding);
    let words = card.map_or(&[][..], |card| &card.trigger_words);
    part(item, ".adapter-words", |place| {
        show(place, !words.is_empty());
        set(place, "aria-label", &words::adapter_words_name(name));
        let buttons = place.children();
        // They change only with the card.
        for index in buttons.length()..words.len() as u32 {
            let word = words.get(index as usize).map_or("", String::as_str);
            if let Ok(button) = create_element("button", word) {
                set(&button, "type", "button");
                set(&button, "data-trigger", word);
                let _ = place.append_child(&button);
            }
        }
        for index in 0..buttons.length() {
            if let Some(button) = buttons.item(index) {
                let word = button.get_attribute("data-trigger").unwrap_or_default();
                set(&button, "title", &words::adapter_word_title(word));
            }
        }
    });
}

fn write_suggestion(item: &Element, card: Option<&AdapterCard>) {
    let suggestion = card.and_then(|card| card.suggestion.as_ref());
    part(item, "[data-adapter=fast]", |button| {
        show(button, suggestion.is_some());
        if let Some(suggestion) = suggestion {
            button.set_text_content(Some(&match suggestion.params.num_inference_steps {
                Some(1) => words::adapter_fast_one(),
                steps => words::adapter_fast(steps.unwrap_or_default()),
            }));
            set(button, "title", &words::adapter_fast_title(&suggestion.method));
        }
    });
}

/// Returns whether an error says that a file is a LoRA or an embedding, where a model was expected.
pub fn is_adapter(error: &ErrorReport) -> bool {
    let found = error.argument("found").id();
    let is_addition = [Id::lora, Id::textual_inversion].iter().any(|id| found == Some(*id));
    error.code == "not-a-checkpoint" && is_addition
}

fn part(item: &Element, selector: &str, act: impl FnOnce(&Element)) {
    if let Ok(Some(part)) = item.query_selector(selector) {
        act(&part);
    }
}

/// Writes a text; an empty one is hidden.
fn text(item: &Element, selector: &str, text: &str) {
    part(item, selector, |part| {
        if part.text_content().as_deref() != Some(text) {
            part.set_text_content(Some(text));
        }
        show(part, !text.is_empty());
    });
}

fn check(item: &Element, field: &str, is_set: bool) {
    part(item, &format!("[data-adapter={field}]"), |field| {
        if let Some(field) = field.dyn_ref::<HtmlInputElement>() {
            field.set_checked(is_set);
        }
    });
}

/// Writes a number, unless it is the one that is being typed.
fn number(item: &Element, field: &str, value: f64) {
    part(item, &format!("[data-adapter={field}]"), |element| {
        let Some(input) = element.dyn_ref::<HtmlInputElement>() else { return };
        let is_typed = document().is_ok_and(|page| page.active_element().as_ref() == Some(element));
        if !(is_typed && input.type_() == "number") && input.value() != value.to_string() {
            input.set_value(&value.to_string());
        }
        unset(element, "aria-invalid");
    });
}

/// Marks a weight that is no number.
pub fn mark_invalid(field: &HtmlElement) {
    set(field, "aria-invalid", "true");
}
