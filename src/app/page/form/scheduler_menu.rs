//! Menu of the schedulers: every sampler with its noise levels.

use wasm_bindgen::JsValue;
use web_sys::{Document, HtmlOptionElement, HtmlSelectElement};

use crate::app::words;
use crate::scheduler::{SamplerName, SchedulerName};

/// Fills the menu `select` and chooses `wanted`. `own` is the scheduler of the model that is loaded, whose option
/// is marked; before that, once, the page's own first option stands for it.
pub fn fill(select: &HtmlSelectElement, own: Option<&str>, wanted: &str) {
    // Without a document there is no menu to be seen.
    if let Some(document) = select.owner_document() {
        let _ = write(&document, select, own);
    }
    let is_known = wanted.parse::<SchedulerName>().is_ok() || own.is_none();
    select.set_value(if is_known { wanted } else { own.unwrap_or_default() });
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
