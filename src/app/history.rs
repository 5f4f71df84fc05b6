//! The strip of earlier pictures: choosing one brings it back with its settings.

use web_sys::{Element, HtmlElement};

use super::artwork::Artwork;
use super::dom::{by_id, set, show, stamp, unset};
use super::words;
use crate::error::Result;

/// How many pictures are kept; older ones make room.
const KEPT: usize = 24;

/// The pictures of this visit, oldest first, and the strip that shows them newest first.
pub struct History {
    section: HtmlElement,
    list: HtmlElement,
    template: HtmlElement,
    entries: Vec<(Artwork, Option<Element>)>,
    current: Option<u32>,
}

impl History {
    /// Finds the strip in the page.
    pub fn bind() -> Result<Self> {
        Ok(History {
            section: by_id("earlier")?,
            list: by_id("history")?,
            template: by_id("history-template")?,
            entries: Vec::new(),
            current: None,
        })
    }

    /// Adds the newest picture and marks it as the one shown.
    pub fn add(&mut self, artwork: Artwork) {
        let item = stamp(&self.template, &self.list);
        if let Some(item) = &item {
            dress(item, &artwork);
        }
        let id = artwork.id;
        self.entries.push((artwork, item));
        if self.entries.len() > KEPT {
            let (_, item) = self.entries.remove(0);
            if let Some(item) = item {
                item.remove();
            }
        }
        show(&self.section, true);
        self.mark(id);
    }

    /// The picture of run `id`, if it is still kept.
    pub fn find(&self, id: u32) -> Option<&Artwork> {
        self.entries.iter().map(|(artwork, _)| artwork).find(|artwork| artwork.id == id)
    }

    /// The picture that was shown last.
    pub fn current(&self) -> Option<&Artwork> {
        self.find(self.current?)
    }

    /// Marks the picture that is shown.
    pub fn mark(&mut self, id: u32) {
        self.current = Some(id);
        for (artwork, item) in &self.entries {
            let Some(button) = item.as_ref().and_then(Element::first_element_child) else {
                continue;
            };
            if artwork.id == id {
                set(&button, "aria-current", "true");
            } else {
                unset(&button, "aria-current");
            }
        }
    }

    /// The page speaks another language now.
    pub fn speak(&self) {
        for (artwork, item) in &self.entries {
            if let Some(item) = item {
                dress(item, artwork);
            }
        }
    }

    /// During a run the strip waits.
    pub fn rest(&self, resting: bool) {
        if resting { set(&self.list, "inert", "") } else { unset(&self.list, "inert") }
    }
}

fn dress(item: &Element, artwork: &Artwork) {
    let Some(button) = item.first_element_child() else { return };
    set(&button, "data-id", &artwork.id.to_string());
    let name = words::earlier_name(&artwork.request.prompt, &artwork.request.seed);
    set(&button, "title", &name);
    if let Some(image) = button.first_element_child() {
        set(&image, "src", &artwork.url);
        set(&image, "alt", &name);
    }
}
