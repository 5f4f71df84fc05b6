//! Many prompts from the prompt's text: lines, choices and wildcards.

mod actions;
pub mod events;
mod state;

use web_sys::{HtmlDetailsElement, HtmlElement, HtmlInputElement};

pub use self::state::Expansion;
use crate::app::dom::{append_template, by_id, keep_text, local_storage, set, show};
use crate::app::words::{self, LocalizedElement, LocalizedText};
use crate::error::Result;
use crate::prompt::has_choices;

/// `localStorage` key of the switches.
const SWITCHES: &str = "hearth-prompts";

/// Start of the `localStorage` key of each wildcard, before its name.
const WILDCARD: &str = "hearth-wildcard ";

/// The elements, the switches and the wildcards.
pub struct PromptPanel {
    expansion: Expansion,
    section: HtmlDetailsElement,
    in_use: HtmlElement,
    each_line: HtmlInputElement,
    draws: HtmlInputElement,
    outlook: LocalizedElement,
    pick: HtmlElement,
    list: HtmlElement,
    template: HtmlElement,
}

impl PromptPanel {
    /// Binds to the elements, and restores switches and wildcards of earlier visits.
    pub fn bind() -> Result<Self> {
        let mut expansion = Expansion::default();
        if let Some(storage) = local_storage() {
            let item = |key: &str| storage.get_item(key).ok().flatten().unwrap_or_default();
            expansion.set_switches(&item(SWITCHES));
            let keys = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok()?);
            for key in keys {
                if let Some(name) = key.strip_prefix(WILDCARD) {
                    expansion.add_wildcard(name, &item(&key));
                }
            }
        }
        let panel = PromptPanel {
            expansion,
            section: by_id("prompts")?,
            in_use: by_id("prompts-in-use")?,
            each_line: by_id("each-line")?,
            draws: by_id("draw-choices")?,
            outlook: LocalizedElement::new(by_id::<HtmlElement>("prompts-outlook")?),
            pick: by_id("pick-wildcards")?,
            list: by_id("wildcard-list")?,
            template: by_id("wildcard-template")?,
        };
        panel.section.set_open(!panel.expansion.switches().is_empty());
        panel.show();
        Ok(panel)
    }

    /// Returns what of the prompt's text is expanded.
    pub fn expansion(&self) -> &Expansion {
        &self.expansion
    }

    /// Takes the switches over from their inputs, and keeps them for the next visit.
    fn read_switches(&mut self) {
        self.expansion.each_line = self.each_line.checked();
        self.expansion.draws = self.draws.checked();
        self.keep_switches();
    }

    fn keep_switches(&self) {
        keep_text(SWITCHES, &self.expansion.switches());
        self.show();
    }

    /// Switches off what would expand the prompt of settings, which is one already. Returns whether anything was on.
    pub fn stop_expanding(&mut self, prompt: &str) -> bool {
        let has_lines = self.expansion.prompts(prompt).len() > 1;
        let is_drawn = self.expansion.draws && has_choices(prompt);
        self.expansion.each_line &= !has_lines;
        self.expansion.draws &= !is_drawn;
        if has_lines || is_drawn {
            self.keep_switches();
        }
        has_lines || is_drawn
    }

    /// Adds a wildcard file, and keeps it for the next visit. Returns what is to be said if that is not possible.
    fn add_wildcard(&mut self, name: &str, text: &str) -> Option<LocalizedText> {
        let named = name.to_string();
        if !self.expansion.add_wildcard(name, text) {
            return Some(LocalizedText::from(move || words::wildcard_empty(&named)));
        }
        self.expansion.draws = true;
        self.keep_switches();
        let storage = local_storage();
        let key = format!("{WILDCARD}{name}");
        let is_kept = storage.is_some_and(|storage| storage.set_item(&key, text).is_ok());
        (!is_kept).then(|| LocalizedText::from(move || words::text_not_kept(&named)))
    }

    /// Removes a wildcard, here and for the next visit.
    fn remove_wildcard(&mut self, name: &str) {
        self.expansion.remove_wildcard(name);
        if let Some(storage) = local_storage() {
            let _ = storage.remove_item(&format!("{WILDCARD}{name}"));
        }
        self.show();
        let _ = self.pick.focus();
    }

    /// Unfolds the section.
    pub fn reveal(&self) {
        self.section.set_open(true);
        self.section.scroll_into_view_with_bool(false);
    }

    /// Says what the prompt's text becomes; nothing while neither switch is on.
    fn set_outlook(&self, outlook: impl Into<LocalizedText>) {
        self.outlook.set(outlook);
    }

    /// Retranslates the section.
    pub fn retranslate(&self) {
        self.outlook.retranslate();
        self.show();
    }

    fn show(&self) {
        self.each_line.set_checked(self.expansion.each_line);
        self.draws.set_checked(self.expansion.draws);
        show(&self.in_use, self.expansion.each_line || self.expansion.draws);
        self.list.set_text_content(None);
        for (name, choices) in self.expansion.wildcards() {
            let Some(item) = append_template(&self.template, &self.list) else { continue };
            set(&item, "data-name", name);
            let [insert, count, remove] =
                ["[data-wildcard=insert]", "small", "[data-wildcard=remove]"]
                    .map(|part| item.query_selector(part).ok().flatten());
            if let Some(insert) = insert {
                insert.set_text_content(Some(&format!("__{name}__")));
                set(&insert, "title", &words::wildcard_insert(name));
            }
            if let Some(count) = count {
                count.set_text_content(Some(&words::wildcard_lines(choices.len())));
            }
            if let Some(remove) = remove {
                set(&remove, "aria-label", &words::wildcard_remove(name));
            }
        }
        show(&self.list, self.expansion.wildcards().next().is_some());
    }
}
