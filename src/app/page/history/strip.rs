//! Thumbnail strip, newest first.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::super::generation::file_name;
use super::entry::Entry;
use crate::app::dom::{append_template, by_id, document, scroll_into_view, set, show, unset};
use crate::app::words;
use crate::error::Result;

/// The elements.
pub struct Strip {
    section: HtmlElement,
    list: HtmlElement,
    template: HtmlElement,
    total: HtmlElement,
    undo: HtmlElement,
    undo_text: HtmlElement,
    undo_button: HtmlElement,
    confirmation: HtmlElement,
    /// The number of removed images that was shown last.
    removed: Cell<usize>,
}

impl Strip {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(Strip {
            section: by_id("earlier")?,
            list: by_id("history")?,
            template: by_id("history-template")?,
            total: by_id("earlier-total")?,
            undo: by_id("earlier-undo")?,
            undo_text: by_id("earlier-undo-text")?,
            undo_button: by_id("undo-remove")?,
            confirmation: by_id("earlier-sure")?,
            removed: Cell::new(0),
        })
    }

    /// Inserts a thumbnail in order of time.
    pub fn insert(&self, entry: &Entry) {
        let template = self.template.inner_html();
        let older = self.buttons().find(|button| key(button) < entry.key);
        let item = match older.and_then(|button| button.parent_element()) {
            Some(older) => older
                .insert_adjacent_html("beforebegin", template.trim())
                .ok()
                .and_then(|()| older.previous_element_sibling()),
            None => append_template(&self.template, &self.list),
        };
        let Some(button) = item.and_then(|item| item.first_element_child()) else { return };
        set(&button, "data-id", &entry.key);
        name(&button, entry);
        self.update_tab_order();
    }

    /// Retranslates a thumbnail's name.
    pub fn retranslate(&self, entry: &Entry) {
        if let Some(button) = self.button(&entry.key) {
            name(&button, entry);
        }
    }

    /// Removes a thumbnail. Focus moves to its neighbour, or to the Undo button.
    pub fn remove(&self, key: &str) {
        let Some(button) = self.button(key) else { return };
        let Some(item) = button.parent_element() else { return };
        let had_focus = is_focused(&button);
        let neighbour = item.next_element_sibling().or_else(|| item.previous_element_sibling());
        item.remove();
        self.update_tab_order();
        if had_focus {
            match neighbour.and_then(|item| item.first_element_child()) {
                Some(button) => self.focus(&button),
                None => {
                    let _ = self.undo_button.focus();
                }
            }
        }
    }

    /// Removes all thumbnails.
    pub fn clear(&self) {
        self.list.set_text_content(None);
    }

    /// Sets the file of a thumbnail.
    pub fn show_file(&self, key: &str, url: &str) {
        if let Some(image) = self.button(key).and_then(|button| button.first_element_child()) {
            set(&image, "src", url);
        }
    }

    /// Marks the shown image; `None` if there is none.
    pub fn mark(&self, current: Option<&str>) {
        for button in self.buttons() {
            if Some(key(&button).as_str()) == current {
                set(&button, "aria-current", "true");
            } else {
                unset(&button, "aria-current");
            }
        }
        self.update_tab_order();
    }

    /// Returns the keys of thumbnails near the visible part that have no file yet.
    pub fn visible_without_thumbnail(&self) -> Vec<String> {
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

    /// Moves the focus for an arrow key, Home or End. Returns whether the key was one of these.
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

    /// Returns the key of the focused thumbnail.
    pub fn focused(&self) -> Option<String> {
        self.buttons().find(is_focused).map(|button| key(&button))
    }

    /// Shows count and bytes of the images, and how many removed ones can be restored.
    pub fn count(&self, count: usize, bytes: f64, removed: usize) {
        show(&self.section, count > 0 || removed > 0);
        // What is left is the offer to have removed ones back.
        if count > 0 {
            unset(&self.section, "data-empty");
        } else {
            set(&self.section, "data-empty", "");
        }
        show(&self.undo, removed > 0);
        let text = match removed {
            0 => String::new(),
            1 => words::picture_removed(),
            _ => words::pictures_removed(removed),
        };
        // Screen readers would announce an unchanged status again.
        if self.undo_text.text_content().as_deref() != Some(&text) {
            self.undo_text.set_text_content(Some(&text));
        }
        let bytes = words::amount(bytes as u64);
        self.total.set_text_content(Some(&match count {
            1 => words::earlier_total_one(bytes),
            _ => words::earlier_total(count, bytes),
        }));
        if removed > self.removed.replace(removed) {
            scroll_into_view(&self.undo);
        }
    }

    /// Shows or hides the confirmation for removing all images.
    pub fn confirm_remove_all(&self, is_shown: bool) {
        show(&self.confirmation, is_shown);
        if is_shown
            && let Ok(Some(button)) = self.confirmation.query_selector("button:last-of-type")
        {
            let _ = button.unchecked_into::<HtmlElement>().focus();
            scroll_into_view(&self.confirmation);
        }
    }

    /// Makes one thumbnail reachable with Tab (roving tabindex): the focused one, else the shown
    /// one.
    fn update_tab_order(&self) {
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
        self.update_tab_order();
    }

    fn button(&self, wanted_key: &str) -> Option<Element> {
        self.buttons().find(|button| key(button) == wanted_key)
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
    let params = &entry.request.params;
    set(button, "data-file", &file_name(&params.prompt, params.seed));
}

fn key(button: &Element) -> String {
    button.get_attribute("data-id").unwrap_or_default()
}

fn is_focused(button: &Element) -> bool {
    document().ok().and_then(|page| page.active_element()).is_some_and(|active| active == *button)
}
