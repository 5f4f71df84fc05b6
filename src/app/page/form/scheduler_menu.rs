//! Menu of the schedulers: every sampler with its noise levels.

use wasm_bindgen::JsValue;
use web_sys::{Document, HtmlOptionElement, HtmlSelectElement};

use crate::app::words;
use crate::scheduler::{SamplerName, SchedulerName};

/// Fills the menu `select` and selects `wanted`. `own` is the scheduler of the loaded model, whose
/// option is marked; `None` before a model is loaded, when the menu's first option stands for it.
pub fn fill(select: &HtmlSelectElement, own: Option<&str>, selected: &str) {
    // An element always has a document.
    if let Some(document) = select.owner_document() {
        let _ = write(&document, select, own);
    }
    let is_known = selected.parse::<SchedulerName>().is_ok() || own.is_none();
    select.set_value(if is_known { selected } else { own.unwrap_or_default() });
}

fn write(
    document: &Document,
    select: &HtmlSelectElement,
    own: Option<&str>,
) -> Result<(), JsValue> {
    if own.is_some() {
        select.set_text_content(None);
    }
    for sampler in SamplerName::ALL {
        let names: Vec<_> = SchedulerName::all().filter(|n| n.sampler() == *sampler).collect();
        let group = document.create_element("optgroup")?;
        group.set_attribute("label", sampler.row().label)?;
        for name in &names {
            let label = match Some(name.as_str()) == own {
                true => words::scheduler_of_model(name.label()),
                false => name.label(),
            };
            group.append_child(&*HtmlOptionElement::new_with_text_and_value(
                &label,
                name.as_str(),
            )?)?;
        }
        select.append_child(&group)?;
    }
    Ok(())
}
