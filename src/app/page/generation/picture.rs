//! The frame with the picture, its recipe and its Save button.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ImageData};

use super::artwork::Artwork;
use super::comparison::Comparison;
use crate::app::dom::{by_id, fill, set, show, thrown, unset, window};
use crate::app::page::surface::image_data;
use crate::app::protocol::Pixels;
use crate::app::words;
use crate::error::{Error, Message, Result};

/// Handles of the frame.
pub struct Picture {
    frame: HtmlElement,
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    recipe: HtmlElement,
    acts: HtmlElement,
    save: HtmlElement,
    comparison: Comparison,
}

impl Picture {
    /// Finds the frame in the page.
    pub fn bind() -> Result<Self> {
        let canvas: HtmlCanvasElement = by_id("picture")?;
        let context = canvas
            .get_context("2d")
            .map_err(|error| thrown("the picture cannot be drawn", &error))?
            .and_then(|context| context.dyn_into().ok())
            .ok_or_else(|| Error::Internal {
                reason: Message::verbatim("the picture cannot be drawn"),
            })?;
        Ok(Picture {
            frame: by_id("frame")?,
            canvas,
            context,
            recipe: by_id("recipe")?,
            acts: by_id("acts")?,
            save: by_id("save")?,
            comparison: Comparison::bind()?,
        })
    }

    /// A run has begun: what is shown is no longer its result.
    pub fn begin(&self) {
        unset(&self.canvas, "data-done-id");
        if self.is_below_the_window() {
            self.frame.scroll_into_view_with_bool(false);
        }
    }

    /// The picture so far: a few pixels, drawn as they are; the style sheet enlarges and softens them.
    pub fn preview(&self, pixels: &Pixels) -> Result<()> {
        self.draw(&image_data(pixels)?)?;
        set(&self.frame, "data-shows", "preview");
        set(&self.canvas, "aria-label", &words::picture_so_far());
        Ok(())
    }

    /// A finished picture and everything about it.
    pub fn show(&self, artwork: &Artwork) -> Result<()> {
        self.draw(&artwork.image)?;
        set(&self.frame, "data-shows", "picture");
        set(&self.canvas, "data-done-id", &artwork.entry.key);
        set(&self.save, "href", artwork.file.url());
        set(&self.save, "download", &artwork.file_name());
        show(&self.acts, true);
        self.describe(artwork)
    }

    /// Says what is known of a finished picture.
    pub fn describe(&self, artwork: &Artwork) -> Result<()> {
        if self.frame.get_attribute("data-shows").as_deref() == Some("picture") {
            let label = words::picture_of(&artwork.entry.request.params.prompt);
            set(&self.canvas, "aria-label", &label);
        }
        self.comparison.show(artwork)?;
        self.write(&artwork.recipe())
    }

    /// Back to the empty frame.
    pub fn clear(&self) {
        set(&self.frame, "data-shows", "nothing");
        set(&self.canvas, "aria-label", &words::picture_none());
        unset(&self.canvas, "data-done-id");
        show(&self.acts, false);
        self.recipe.set_text_content(None);
        self.comparison.hide();
    }

    /// On a phone the frame lies below the button that starts a run.
    fn is_below_the_window(&self) -> bool {
        let Ok(window) = window() else { return false };
        let height = window.inner_height().ok().and_then(|height| height.as_f64());
        let (Some(height), Ok(scrolled)) = (height, window.scroll_y()) else { return false };
        f64::from(self.frame.offset_top() + self.frame.offset_height() / 2) > scrolled + height
    }

    fn draw(&self, image: &ImageData) -> Result<()> {
        // Setting a size clears the canvas, so only when it changes.
        if (self.canvas.width(), self.canvas.height()) != (image.width(), image.height()) {
            self.canvas.set_width(image.width());
            self.canvas.set_height(image.height());
        }
        self.context
            .put_image_data(image, 0.0, 0.0)
            .map_err(|error| thrown("the picture cannot be drawn", &error))
    }

    fn write(&self, recipe: &[(String, String)]) -> Result<()> {
        fill(&self.recipe, recipe)?;
        let lines = self.recipe.children();
        for (index, (term, _)) in recipe.iter().enumerate() {
            if [words::recipe_prompt(), words::recipe_negative_prompt()].contains(term)
                && let Some(line) = lines.item(index as u32)
            {
                line.set_class_name("long");
            }
        }
        Ok(())
    }
}
