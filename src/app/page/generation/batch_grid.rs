//! Grid of the images of a batch, in the output frame.

use std::rc::Rc;

use web_sys::{Element, HtmlElement};

use super::super::history::PngFile;
use super::generated_image::GeneratedImage;
use crate::app::dom::{append_template, by_id, set, show};
use crate::app::words;
use crate::error::Result;

/// The elements and files.
pub struct BatchGrid {
    list: HtmlElement,
    template: HtmlElement,
    /// The button that shows the grid again, once the user has selected an image.
    reopen: HtmlElement,
    save: HtmlElement,
    /// Keeps the files' addresses valid.
    files: Vec<Rc<PngFile>>,
}

impl BatchGrid {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(BatchGrid {
            list: by_id("batch")?,
            template: by_id("batch-template")?,
            reopen: by_id("show-batch")?,
            save: by_id("save-batch")?,
            files: Vec::new(),
        })
    }

    /// Removes all images.
    pub fn clear(&mut self) {
        self.files.clear();
        self.list.set_text_content(None);
        self.set_open(false);
    }

    /// Adds an image.
    pub fn add(&mut self, generated: &GeneratedImage) {
        let Some(item) = append_template(&self.template, &self.list) else { return };
        let params = &generated.entry.request.params;
        if let Some(button) = item.first_element_child() {
            set(&button, "data-id", &generated.entry.key);
            set(&button, "data-file", &generated.file_name());
            set(&button, "aria-label", &words::earlier_name(&params.prompt, params.seed));
            if let Some(image) = button.first_element_child() {
                set(&image, "src", generated.file.url());
            }
        }
        self.files.push(Rc::clone(&generated.file));
        let columns = (f64::from(self.list.child_element_count())).sqrt().ceil();
        let _ = self.list.style().set_property("--columns", &columns.to_string());
    }

    /// Removes an image.
    pub fn remove(&mut self, key: &str) {
        if let Some(item) = self.button(key).and_then(|button| button.parent_element()) {
            item.remove();
        }
        if self.list.child_element_count() < 2 {
            self.clear();
        }
    }

    /// Replaces the key of an image that the history has under another one.
    pub fn rename(&self, key: &str, kept: &str) {
        if let Some(button) = self.button(key) {
            set(&button, "data-id", kept);
        }
    }

    /// Shows the grid, or the shown image in its place.
    pub fn set_open(&self, is_open: bool) {
        let has_images = self.list.child_element_count() > 1;
        show(&self.list, is_open && has_images);
        // While the grid is open, the style sheet hides it and leaves its place free.
        show(&self.reopen, has_images);
        show(&self.save, has_images);
    }

    fn button(&self, key: &str) -> Option<Element> {
        self.list.query_selector(&format!("[data-id=\"{key}\"]")).ok().flatten()
    }
}
