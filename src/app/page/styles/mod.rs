//! Styles: prompts that are saved by name.

mod actions;
pub mod events;
mod state;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use self::state::{Styles, Unnamed};
use crate::app::dom::{
    append_template, by_id, clear_field_error, keep_text, local_storage, set, show,
};
use crate::app::words::{self, LocalizedElement, LocalizedText};
use crate::error::Result;
use crate::prompt::{read_styles, write_styles};

/// `localStorage` key of the styles, kept as their file.
const STORAGE_KEY: &str = "hearth-styles";

/// The elements and the styles.
pub struct StylePanel {
    styles: Styles,
    list: HtmlElement,
    template: HtmlElement,
    name: HtmlInputElement,
    problem: LocalizedElement,
    said: LocalizedElement,
    undo: HtmlElement,
    export: HtmlElement,
}

impl StylePanel {
    /// Binds to the elements, and restores the styles of earlier visits.
    pub fn bind() -> Result<Self> {
        let text = local_storage().and_then(|storage| storage.get_item(STORAGE_KEY).ok()?);
        let kept = text.and_then(|text| read_styles(&text).ok()).unwrap_or_default();
        let panel = StylePanel {
            styles: Styles::new(kept),
            list: by_id("style-list")?,
            template: by_id("style-template")?,
            name: by_id("style-name")?,
            problem: LocalizedElement::new(by_id::<HtmlElement>("style-name-problem")?),
            said: LocalizedElement::new(by_id::<HtmlElement>("styles-said")?),
            undo: by_id("undo-style")?,
            export: by_id("export-styles")?,
        };
        panel.show();
        Ok(panel)
    }

    /// Says what was done, keeps the styles for the next visit and shows them. Returns false if the browser does
    /// not keep them.
    fn changed(&self, sentence: impl Into<LocalizedText>, can_undo: bool) -> bool {
        clear_field_error("style-name");
        self.said.set(sentence);
        show(&self.undo, can_undo);
        self.show();
        let styles = self.styles.list();
        keep_text(
            STORAGE_KEY,
            &if styles.is_empty() { String::new() } else { write_styles(styles) },
        )
    }

    /// Says beside the field of names why there is no such name.
    fn refuse(&self, why: Unnamed, name: &str) {
        self.said.set("");
        show(&self.undo, false);
        let name = name.to_string();
        self.problem.set(move || match why {
            Unnamed::Empty => words::style_needs_name(),
            Unnamed::Taken => words::style_taken(&name),
        });
        show(self.problem.element(), true);
        if why == Unnamed::Empty {
            set(&self.name, "aria-invalid", "true");
            let _ = self.name.focus();
        }
        self.show();
    }

    /// Retranslates the section.
    pub fn retranslate(&self) {
        self.problem.retranslate();
        self.said.retranslate();
        self.show();
    }

    fn show(&self) {
        let styles = self.styles.list();
        // The rows stay, and with them the focus and what is being pressed.
        while let Some(item) = self.list.children().item(styles.len() as u32) {
            item.remove();
        }
        for (index, style) in styles.iter().enumerate() {
            let item = self.list.children().item(index as u32);
            let item = item.or_else(|| append_template(&self.template, &self.list));
            let Some(item) = item else { continue };
            set(&item, "data-index", &index.to_string());
            let name = &style.name;
            for (part, label) in [
                ("name", words::style_rename_name(name)),
                ("apply", words::style_apply_name(name)),
                ("remove", words::style_remove_name(name)),
            ] {
                if let Some(part) = part_of(&item, part) {
                    set(&part, "aria-label", &label);
                    if let Some(input) = part.dyn_ref::<HtmlInputElement>() {
                        input.set_value(name);
                    }
                }
            }
            let texts = [style.prompt.as_str(), style.negative_prompt.as_str()];
            let texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
            if let Ok(Some(about)) = item.query_selector(".hint") {
                about.set_text_content(Some(&texts.join(" – ")));
                set(&about, "title", &texts.join("\n"));
            }
        }
        show(&self.list, !styles.is_empty());
        show(&self.export, !styles.is_empty());
        let file = String::from(js_sys::encode_uri_component(&write_styles(styles)));
        set(&self.export, "href", &format!("data:text/csv;charset=utf-8,{file}"));
    }
}

fn part_of(item: &Element, part: &str) -> Option<Element> {
    item.query_selector(&format!("[data-style={part}]")).ok().flatten()
}
