//! The strip in which the earlier pictures stand, the newest first.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::entry::Entry;
use crate::app::dom::{bring_into_sight, by_id, document, set, show, stamp_last, unset};
use crate::app::words;
use crate::error::Result;

/// Handles of the strip and of what stands around it.
pub struct Strip {
    section: HtmlElement,
    list: HtmlElement,
    template: HtmlElement,
    total: HtmlElement,
    undo: HtmlElement,
    undo_text: HtmlElement,
    undo_button: HtmlElement,
    sure: HtmlElement,
    /// How many can be brought back, as was last said.
    removed: Cell<usize>,
}

impl Strip {
    /// Finds the strip in the page.
    pub fn bind() -> Result<Self> {
        Ok(Strip {
            section: by_id("earlier")?,
            list: by_id("history")?,
            template: by_id("history-template")?,
            total: by_id("earlier-total")?,
            undo: by_id("earlier-undo")?,
            undo_text: by_id("earlier-undo-text")?,
            undo_button: by_id("undo-remove")?,
            sure: by_id("earlier-sure")?,
            removed: Cell::new(0),
        })
    }

    /// Puts a picture in its place.
    pub fn insert(&self, entry: &Entry) {
        let template = self.template.inner_html();
        let older = self.buttons().find(|button| key(button) < entry.key);
        let item = match older.and_then(|button| button.parent_element()) {
            Some(older) => older
                .insert_adjacent_html("beforebegin", template.trim())
                .ok()
                .and_then(|()| older.previous_element_sibling()),
            None => stamp_last(&self.template, &self.list),
        };
        let Some(button) = item.and_then(|item| item.first_element_child()) else { return };
        set(&button, "data-id", &entry.key);
        name(&button, entry);
        self.rove();
    }

    /// Says a picture's name again, in the page's language of now.
    pub fn speak(&self, entry: &Entry) {
        if let Some(button) = self.button(&entry.key) {
            name(&button, entry);
        }
    }

    /// Takes a picture away. If it had the focus, its neighbour has it now, else the button that brings
    /// it back.
    pub fn remove(&self, key: &str) {
        let Some(button) = self.button(key) else { return };
        let Some(item) = button.parent_element() else { return };
        let had_focus = is_focused(&button);
        let neighbour = item.next_element_sibling().or_else(|| item.previous_element_sibling());
        item.remove();
        self.rove();
        if had_focus {
            match neighbour.and_then(|item| item.first_element_child()) {
                Some(button) => self.focus(&button),
                None => {
                    let _ = self.undo_button.focus();
                }
            }
        }
    }

    /// Empties the strip.
    pub fn clear(&self) {
        self.list.set_text_content(None);
    }

    /// Shows a picture's file as its small picture.
    pub fn show_file(&self, key: &str, url: &str) {
        if let Some(image) = self.button(key).and_then(|button| button.first_element_child()) {
            set(&image, "src", url);
        }
    }

    /// Marks the picture that is shown large; `None`: no one is.
    pub fn mark(&self, current: Option<&str>) {
        for button in self.buttons() {
            if Some(key(&button).as_str()) == current {
                set(&button, "aria-current", "true");
            } else {
                unset(&button, "aria-current");
            }
        }
        self.rove();
    }

    /// Those in sight, or soon to be, whose small pictures are not there yet.
    pub fn awaited(&self) -> Vec<String> {
        let width = self.list.client_width();
        let (from, to) = (self.list.scroll_left() - width, self.list.scroll_left() + 2 * width);
        let is_near = |button: &Element| {
            let place =
                button.parent_element().and_then(|item| item.dyn_into::<HtmlElement>().ok());
            place.is_some_and(|item| {
                let left = item.offset_left() - self.list.offset_left();
                (from..to).contains(&left)
            })
        };
        let lacks = |button: &Element| {
            button.first_element_child().is_some_and(|image| !image.has_attribute("src"))
        };
        self.buttons().filter(lacks).filter(is_near).map(|button| key(&button)).collect()
    }

    /// Moves the focus along the strip. True if this key does so.
    pub fn step(&self, pressed: &str) -> bool {
        let buttons: Vec<Element> = self.buttons().collect();
        let Some(at) = buttons.iter().position(is_focused) else { return false };
        let to = match pressed {
            "ArrowRight" => at + 1,
            "ArrowLeft" => at.saturating_sub(1),
            "Home" => 0,
            "End" => buttons.len() - 1,
            _ => return false,
        };
        if let Some(button) = buttons.get(to) {
            self.focus(button);
        }
        true
    }

    /// The picture that has the focus.
    pub fn focused(&self) -> Option<String> {
        self.buttons().find(is_focused).map(|button| key(&button))
    }

    /// During a run the strip waits.
    pub fn rest(&self, resting: bool) {
        if resting { set(&self.section, "inert", "") } else { unset(&self.section, "inert") }
    }

    /// How many there are, and their bytes; how many were just removed and can be brought back.
    pub fn count(&self, count: usize, bytes: f64, removed: usize) {
        show(&self.section, count > 0 || removed > 0);
        show(&self.undo, removed > 0);
        let text = match removed {
            0 => String::new(),
            1 => words::picture_removed(),
            _ => words::pictures_removed(removed),
        };
        // Set again, a status would be read out again.
        if self.undo_text.text_content().as_deref() != Some(&text) {
            self.undo_text.set_text_content(Some(&text));
        }
        let bytes = words::amount(bytes as u64);
        self.total.set_text_content(Some(&match count {
            1 => words::earlier_total_one(bytes),
            _ => words::earlier_total(count, bytes),
        }));
        if removed > self.removed.replace(removed) {
            bring_into_sight(&self.undo);
        }
    }

    /// Asks whether all shall go, or takes the question back.
    pub fn ask(&self, asking: bool) {
        show(&self.sure, asking);
        if asking && let Ok(Some(button)) = self.sure.query_selector("button:last-of-type") {
            let _ = button.unchecked_into::<HtmlElement>().focus();
            bring_into_sight(&self.sure);
        }
    }

    /// One of them is in the order of the Tab key: the one with the focus, else the one that is shown.
    fn rove(&self) {
        let buttons: Vec<Element> = self.buttons().collect();
        let in_order = buttons
            .iter()
            .position(is_focused)
            .or_else(|| buttons.iter().position(|button| button.has_attribute("aria-current")))
            .unwrap_or(0);
        for (index, button) in buttons.iter().enumerate() {
            set(button, "tabindex", if index == in_order { "0" } else { "-1" });
        }
    }

    fn focus(&self, button: &Element) {
        if let Some(button) = button.dyn_ref::<HtmlElement>() {
            let _ = button.focus();
        }
        self.rove();
    }

    fn button(&self, wanted: &str) -> Option<Element> {
        self.buttons().find(|button| key(button) == wanted)
    }

    fn buttons(&self) -> impl Iterator<Item = Element> {
        let items = self.list.children();
        (0..items.length()).filter_map(move |index| items.item(index)?.first_element_child())
    }
}

fn name(button: &Element, entry: &Entry) {
    let name = words::earlier_name(&entry.request.params.prompt, entry.request.params.seed);
    set(button, "title", &name);
    set(button, "aria-label", &name);
}

fn key(button: &Element) -> String {
    button.get_attribute("data-id").unwrap_or_default()
}

fn is_focused(button: &Element) -> bool {
    document().ok().and_then(|page| page.active_element()).is_some_and(|active| active == *button)
}
