//! Menus of the samplers and of their sigma schedules.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlOptionElement, HtmlSelectElement};

use crate::app::dom::by_id;
use crate::app::words;
use crate::error::Result;
use crate::scheduler::{SamplerName, SchedulerName};

/// `id` of the menu of samplers.
pub const SAMPLER: &str = "sampler";

/// `id` of the menu of sigma schedules.
pub const SCHEDULE: &str = "schedule";

/// Both menus, which together select a scheduler.
pub struct SchedulerMenu {
    sampler: HtmlSelectElement,
    schedule: HtmlSelectElement,
}

impl SchedulerMenu {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(SchedulerMenu { sampler: by_id(SAMPLER)?, schedule: by_id(SCHEDULE)? })
    }

    /// Fills the menus and shows the scheduler `selected`. `own` is that of the loaded model, whose
    /// options are marked; `None` before a model is loaded, when the first option stands for it. Samplers for
    /// models of another kind are not offered.
    pub fn show(&self, own: Option<&str>, selected: &str) {
        let selected = selected.parse::<SchedulerName>().ok();
        // An element always has a document.
        if let Some(document) = self.sampler.owner_document() {
            let _ = self.write(&document, own, selected);
        }
        self.sampler.set_value(selected.map_or("", |name| name.sampler().row().name));
        self.schedule.set_value(selected.map_or("", SchedulerName::as_str));
    }

    /// Returns the scheduler after a choice in the menu `id`, where `selected` was shown: a new
    /// sampler keeps the schedule if the two go together. Empty for the model's own.
    pub fn chosen(&self, id: &str, selected: &str) -> String {
        if id == SCHEDULE {
            return self.schedule.value();
        }
        let wanted = self.sampler.value();
        let sampler = SamplerName::ALL.iter().copied().find(|name| name.row().name == wanted);
        let Some(sampler) = sampler else { return String::new() };
        let sigmas = selected.parse::<SchedulerName>().ok().and_then(SchedulerName::suffix);
        let name = SchedulerName::new(sampler, sigmas).unwrap_or(sampler.into());
        name.to_string()
    }

    fn write(
        &self,
        document: &Document,
        own: Option<&str>,
        selected: Option<SchedulerName>,
    ) -> Result<(), JsValue> {
        let own_name = own.and_then(|own| own.parse::<SchedulerName>().ok());
        self.sampler.set_text_content(None);
        if own.is_none() {
            append_option(&self.sampler, &words::scheduler_own(), "")?;
        }
        let is_offered = |sampler: SamplerName| {
            selected.is_some_and(|name| name.sampler() == sampler)
                || own_name.is_none_or(|own| sampler.row().fits_models_of(own.sampler().row()))
        };
        let groups = [(words::samplers_usual(), true), (words::samplers_further(), false)];
        for (label, is_usual) in groups {
            let group: Element = document.create_element("optgroup")?;
            group.set_attribute("label", &label)?;
            let rows = SamplerName::ALL.iter().copied();
            let rows = rows.filter(|sampler| sampler.row().is_usual == is_usual);
            for sampler in rows.filter(|sampler| is_offered(*sampler)) {
                let is_own = own_name.is_some_and(|own| own.sampler() == sampler);
                append_option(&group, &marked(sampler.row().label, is_own), sampler.row().name)?;
            }
            self.sampler.append_child(&group)?;
        }
        self.schedule.set_text_content(None);
        let Some(selected) = selected else {
            return append_option(&self.schedule, &words::schedule_own(), "");
        };
        let names = SchedulerName::all().filter(|name| name.sampler() == selected.sampler());
        for name in names {
            let label = match name.sigmas() {
                Some(sigmas) => sigmas.row().label.to_string(),
                None => words::schedule_own(),
            };
            let is_own = own_name == Some(name) && name.sigmas().is_some();
            let is_automatic = name == SchedulerName::automatic(selected.sampler())
                && selected.sampler().row().webui_automatic.is_some();
            let label = match (is_own, is_automatic) {
                (false, true) => words::schedule_automatic_there(label),
                _ => marked(&label, is_own),
            };
            append_option(&self.schedule, &label, name.as_str())?;
        }
        Ok(())
    }
}

/// Marks the label of the model's own.
fn marked(label: &str, is_own: bool) -> String {
    if is_own { words::scheduler_of_model(label) } else { label.to_string() }
}

fn append_option(parent: &impl JsCast, label: &str, value: &str) -> Result<(), JsValue> {
    let option = HtmlOptionElement::new_with_text_and_value(label, value)?;
    parent.unchecked_ref::<Element>().append_child(&option)?;
    Ok(())
}
