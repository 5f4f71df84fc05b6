//! The list of kept models, with what can be done with each and with all of them.

use web_sys::{Element, HtmlElement};

use crate::app::dom::{by_id, set, show, stamp_last, unset};
use crate::app::protocol::{Kept, Library};
use crate::app::words::{self, Line, Voice, ago, amount};
use crate::error::Result;

/// Handles of the list, and what it shows.
pub struct KeptList {
    list: HtmlElement,
    template: HtmlElement,
    note: Voice,
    /// What the note says is that nothing is kept.
    says_nothing: bool,
    all: HtmlElement,
    total: HtmlElement,
    remove_all: HtmlElement,
    sure: HtmlElement,
    sure_no: HtmlElement,
    in_use: Option<String>,
    resting: bool,
    library: Option<Library>,
}

impl KeptList {
    /// Finds the list in the page.
    pub fn bind() -> Result<Self> {
        Ok(KeptList {
            list: by_id("kept")?,
            template: by_id("kept-template")?,
            note: Voice::new(by_id::<HtmlElement>("kept-note")?),
            says_nothing: false,
            all: by_id("kept-all")?,
            total: by_id("kept-total")?,
            remove_all: by_id("remove-all")?,
            sure: by_id("kept-sure")?,
            sure_no: by_id("remove-all-no")?,
            in_use: None,
            resting: false,
            library: None,
        })
    }

    /// Shows what is kept.
    pub fn show(&mut self, library: &Library) -> Result<()> {
        let focused = self.focused();
        self.list.set_text_content(None);
        for model in &library.models {
            let Some(item) = stamp_last(&self.template, &self.list) else { continue };
            self.dress(&item, model);
        }
        if library.models.is_empty() {
            match library.refused.clone() {
                Some(fault) => self.say(move || words::kept_refused(words::cause(&fault))),
                None => self.say(words::kept_nothing),
            }
            self.says_nothing = library.refused.is_none();
        } else if self.says_nothing {
            self.say("");
        }
        let bytes: u64 = library.models.iter().map(|model| model.bytes).sum();
        let total = match library.room {
            Some(room) => words::kept_total_room(amount(bytes), amount(room)),
            None => words::kept_total(amount(bytes)),
        };
        self.total.set_text_content(Some(&total));
        show(&self.all, !library.models.is_empty() && self.sure.has_attribute("hidden"));
        if library.models.is_empty() {
            show(&self.sure, false);
        }
        self.library = Some(library.clone());
        self.refocus(focused);
        Ok(())
    }

    /// Marks the model that is in use.
    pub fn mark(&mut self, place: Option<&str>) {
        self.in_use = place.map(str::to_string);
        self.redraw();
    }

    /// While a model is on its way, nothing is used or removed.
    pub fn rest(&mut self, resting: bool) {
        if self.resting != resting {
            self.resting = resting;
            self.redraw();
        }
    }

    /// Says what became of something.
    pub fn say(&mut self, sentence: impl Into<Line>) {
        self.says_nothing = false;
        self.note.say(sentence);
    }

    /// The page speaks another language now.
    pub fn speak(&mut self) {
        let says_nothing = self.says_nothing;
        self.note.again();
        self.redraw();
        self.says_nothing = says_nothing;
    }

    /// Asks whether everything shall go, or takes the question back.
    pub fn ask(&self, asking: bool) {
        show(&self.sure, asking);
        show(&self.all, !asking);
        let _ = if asking { self.sure_no.focus() } else { self.remove_all.focus() };
    }

    /// Everything goes.
    pub fn removing_all(&mut self) {
        show(&self.sure, false);
        self.say(words::kept_removing);
    }

    /// The name of the kept model at `place`.
    pub fn name_of(&self, place: &str) -> String {
        let models = self.library.iter().flat_map(|library| &library.models);
        let name = models.clone().find(|model| model.place == place).map(|model| &model.name);
        name.map_or(place.to_string(), String::clone)
    }

    fn redraw(&mut self) {
        if let Some(library) = self.library.take() {
            // What was shown once can be shown again.
            let _ = self.show(&library);
        }
    }

    fn dress(&self, item: &Element, model: &Kept) {
        let in_use = self.in_use.as_deref() == Some(model.place.as_str());
        let size = match model.complete {
            true => amount(model.bytes),
            false => words::kept_part(amount(model.bytes)),
        };
        let used = match in_use {
            true => words::kept_in_use(),
            false => ago(model.last_used, js_sys::Date::now()),
        };
        let about = [size, used].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        set(item, "data-place", &model.place);
        set(item, "title", &model.place);
        write(item, ".kept-name", &model.name);
        write(item, ".hint", &about.join(" · "));
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
            if action == "use" && !model.complete {
                button.set_text_content(Some(&words::kept_continue()));
                set(&button, "aria-label", &words::kept_continue_name(name));
            } else {
                set(&button, "aria-label", &label);
            }
            let off = self.resting || (action == "use" && in_use);
            if off { set(&button, "disabled", "") } else { unset(&button, "disabled") }
        }
    }

    /// The button that has the focus, as place and action: it is about to be replaced.
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
            // It is gone: the next of its kind, if there is one.
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
