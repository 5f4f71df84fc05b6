//! List of stored models.

use web_sys::{Element, HtmlElement};

use crate::app::dom::{append_template, by_id, set, show, unset};
use crate::app::protocol::{Library, StoredModel};
use crate::app::words::{self, LocalizedElement, LocalizedText, amount, relative_time};
use crate::error::Result;

/// The elements and the shown library.
pub struct KeptList {
    list: HtmlElement,
    template: HtmlElement,
    note: LocalizedElement,
    /// Whether the note says that no models are stored.
    says_empty: bool,
    all: HtmlElement,
    total: HtmlElement,
    remove_all: HtmlElement,
    confirmation: HtmlElement,
    cancel_removal: HtmlElement,
    in_use: Option<String>,
    is_disabled: bool,
    library: Option<Library>,
}

impl KeptList {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(KeptList {
            list: by_id("kept")?,
            template: by_id("kept-template")?,
            note: LocalizedElement::new(by_id::<HtmlElement>("kept-note")?),
            says_empty: false,
            all: by_id("kept-all")?,
            total: by_id("kept-total")?,
            remove_all: by_id("remove-all")?,
            confirmation: by_id("kept-sure")?,
            cancel_removal: by_id("remove-all-no")?,
            in_use: None,
            is_disabled: false,
            library: None,
        })
    }

    /// Shows the stored models.
    pub fn show(&mut self, library: &Library) -> Result<()> {
        let focused = self.focused();
        self.list.set_text_content(None);
        for model in &library.models {
            let Some(item) = append_template(&self.template, &self.list) else { continue };
            self.write_item(&item, model);
        }
        if library.models.is_empty() {
            match library.refused.clone() {
                Some(error) => {
                    self.set_status(move || words::kept_refused(words::error_reason(&error)))
                }
                None => self.set_status(words::kept_nothing),
            }
            self.says_empty = library.refused.is_none();
        } else if self.says_empty {
            self.set_status("");
        }
        let bytes: u64 = library.models.iter().map(|model| model.bytes).sum();
        let total = match library.room {
            Some(room) => words::kept_total_room(amount(bytes), amount(room)),
            None => words::kept_total(amount(bytes)),
        };
        self.total.set_text_content(Some(&total));
        show(&self.all, !library.models.is_empty() && self.confirmation.has_attribute("hidden"));
        if library.models.is_empty() {
            show(&self.confirmation, false);
        }
        self.library = Some(library.clone());
        self.refocus(focused);
        Ok(())
    }

    /// Marks the loaded model.
    pub fn mark(&mut self, place: Option<&str>) {
        self.in_use = place.map(str::to_string);
        self.redraw();
    }

    /// Disables the buttons, while a model is loading.
    pub fn set_disabled(&mut self, is_disabled: bool) {
        if self.is_disabled != is_disabled {
            self.is_disabled = is_disabled;
            self.redraw();
        }
    }

    /// Sets the note under the list.
    pub fn set_status(&mut self, sentence: impl Into<LocalizedText>) {
        self.says_empty = false;
        self.note.set(sentence);
    }

    /// Retranslates the list.
    pub fn retranslate(&mut self) {
        let says_empty = self.says_empty;
        self.note.retranslate();
        self.redraw();
        self.says_empty = says_empty;
    }

    /// Shows or hides the confirmation for removing all models.
    pub fn confirm_remove_all(&self, is_shown: bool) {
        show(&self.confirmation, is_shown);
        show(&self.all, !is_shown);
        let _ = if is_shown { self.cancel_removal.focus() } else { self.remove_all.focus() };
    }

    /// Shows that all models are being removed.
    pub fn show_removing_all(&mut self) {
        show(&self.confirmation, false);
        self.set_status(words::kept_removing);
    }

    /// Returns the name of the stored model at `place`.
    pub fn name_of(&self, place: &str) -> String {
        let models = self.library.iter().flat_map(|library| &library.models);
        let name = models.clone().find(|model| model.place == place).map(|model| &model.name);
        name.map_or(place.to_string(), String::clone)
    }

    /// Returns whether an adapter is stored at `place`.
    pub fn is_adapter(&self, place: &str) -> bool {
        let mut models = self.library.iter().flat_map(|library| &library.models);
        models.any(|model| model.place == place && model.is_adapter)
    }

    /// Returns whether an autoencoder is stored at `place`.
    pub fn is_vae(&self, place: &str) -> bool {
        let mut models = self.library.iter().flat_map(|library| &library.models);
        models.any(|model| model.place == place && model.is_vae)
    }

    fn redraw(&mut self) {
        if let Some(library) = self.library.take() {
            // Cannot fail: it was shown before.
            let _ = self.show(&library);
        }
    }

    fn write_item(&self, item: &Element, model: &StoredModel) {
        let in_use = self.in_use.as_deref() == Some(model.place.as_str());
        let size = match model.complete {
            true => amount(model.bytes),
            false => words::kept_part(amount(model.bytes)),
        };
        let used = match in_use {
            true => words::kept_in_use(),
            false => relative_time(model.last_used, js_sys::Date::now()),
        };
        let kind = match model {
            StoredModel { is_adapter: true, .. } => words::kept_adapter(),
            StoredModel { is_vae: true, .. } => words::vae_label(),
            _ => String::new(),
        };
        let details =
            [kind, size, used].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        set(item, "data-place", &model.place);
        set(item, "title", &model.place);
        write(item, ".kept-name", &model.name);
        write(item, ".hint", &details.join(" · "));
        let name = &model.name;
        let actions = [
            ("use", words::kept_use_name(name)),
            ("verify", words::kept_check_name(name)),
            ("remove", words::kept_remove_name(name)),
        ];
        for (action, label) in actions {
            let Ok(Some(button)) = item.query_selector(&format!("[data-action={action}]")) else {
                continue;
            };
            if action == "use" && model.is_adapter {
                button.set_text_content(Some(&words::adapter_add()));
                set(&button, "aria-label", &words::kept_add_name(name));
            } else if action == "use" && model.is_vae {
                button.set_text_content(Some(&words::vae_choose_kept()));
                set(&button, "aria-label", &words::vae_choose_kept_name(name));
            } else if action == "use" && !model.complete {
                button.set_text_content(Some(&words::kept_continue()));
                set(&button, "aria-label", &words::kept_continue_name(name));
            } else {
                set(&button, "aria-label", &label);
            }
            let off = self.is_disabled || (action == "use" && in_use);
            if off { set(&button, "disabled", "") } else { unset(&button, "disabled") }
        }
    }

    /// Returns place and action of the focused button, which is about to be replaced.
    fn focused(&self) -> Option<(String, String)> {
        let button = self.list.query_selector(":focus").ok()??;
        let item = button.closest("[data-place]").ok()??;
        Some((item.get_attribute("data-place")?, button.get_attribute("data-action")?))
    }

    fn refocus(&self, focused: Option<(String, String)>) {
        let Some((place, action)) = focused else { return };
        let items = self.list.children();
        let item = (0..items.length())
            .filter_map(|index| items.item(index))
            .find(|item| item.get_attribute("data-place").as_deref() == Some(place.as_str()));
        let button = match item {
            Some(item) => item.query_selector(&format!("[data-action={action}]")),
            // The model was removed: focus the same button of another one.
            None => self.list.query_selector(&format!("[data-action={action}]")),
        };
        use wasm_bindgen::JsCast;
        if let Ok(Some(button)) = button
            && let Some(button) = button.dyn_ref::<HtmlElement>()
        {
            let _ = button.focus();
        }
    }
}

fn write(item: &Element, selector: &str, text: &str) {
    if let Ok(Some(part)) = item.query_selector(selector) {
        part.set_text_content(Some(text));
    }
}
