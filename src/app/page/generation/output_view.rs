//! Output frame with the image, its parameters and buttons.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ImageData};

use super::super::canvas::image_data;
use super::super::matrix::{GridDrawing, GridView};
use super::batch_grid::BatchGrid;
use super::comparison::Comparison;
use super::generated_image::GeneratedImage;
use crate::app::dom::{
    by_id, scroll_into_view, set, show, thrown, unset, window, write_definitions,
};
use crate::app::protocol::{Pixels, Scores};
use crate::app::words;
use crate::error::{Error, Message, Result};
use crate::params::Matrix;

/// The elements.
pub struct OutputView {
    frame: HtmlElement,
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    recipe: HtmlElement,
    buttons: HtmlElement,
    save: HtmlElement,
    comparison: Comparison,
    batch: BatchGrid,
    /// The last matrix.
    grid: Rc<GridView>,
    /// The matrix whose pictures are being made.
    drawing: Option<GridDrawing>,
    /// The button that shows the run again.
    watch: HtmlElement,
}

impl OutputView {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        let canvas: HtmlCanvasElement = by_id("picture")?;
        let context = canvas
            .get_context("2d")
            .map_err(|error| thrown("the picture cannot be drawn", &error))?
            .and_then(|context| context.dyn_into().ok())
            .ok_or_else(|| Error::Internal {
                reason: Message::verbatim("the picture cannot be drawn"),
            })?;
        Ok(OutputView {
            frame: by_id("frame")?,
            canvas,
            context,
            recipe: by_id("recipe")?,
            buttons: by_id("acts")?,
            save: by_id("save")?,
            comparison: Comparison::bind()?,
            batch: BatchGrid::bind()?,
            grid: Rc::new(GridView::bind()?),
            drawing: None,
            watch: by_id("watch")?,
        })
    }

    /// Returns the grid of the last batch.
    pub fn batch(&mut self) -> &mut BatchGrid {
        &mut self.batch
    }

    /// Shows the images of the last batch side by side.
    pub fn show_batch(&self) {
        self.grid.set_open(false);
        self.batch.set_open(true);
    }

    /// Shows the last matrix.
    pub fn show_grid(&self) {
        self.batch.set_open(false);
        self.grid.set_open(true);
    }

    /// Draws the image with this number in its matrix.
    ///
    /// # Errors
    /// At the first one, if the whole would be too large.
    pub fn draw_in_grid(
        &mut self,
        matrix: &Matrix,
        index: usize,
        generated: &GeneratedImage,
    ) -> Result<()> {
        let image = &generated.image;
        if index == 0 {
            let (size, name) = (largest_size(matrix, generated), generated.file_name());
            self.drawing = None;
            self.drawing = Some(GridDrawing::new(matrix, size, format!("matrix-{name}"))?);
        }
        self.drawing.as_ref().map_or(Ok(()), |drawing| drawing.put(index, image))
    }

    /// Shows the matrix whose images were being made, as far as they are there.
    pub fn finish_grid(&mut self) {
        if let Some(drawing) = self.drawing.take() {
            self.grid.finish(drawing);
        }
    }

    /// Gives up the matrix whose images were being made.
    pub fn drop_grid(&mut self) {
        self.drawing = None;
    }

    /// Shows or hides the button that shows the run again.
    pub fn set_looking_back(&self, looks_back: bool) {
        show(&self.watch, looks_back);
    }

    /// Marks the shown image as outdated when a run begins, and scrolls to the frame.
    pub fn begin(&self) {
        unset(&self.canvas, "data-done-id");
        self.batch.set_open(false);
        self.grid.set_open(false);
        if self.is_below_the_window() {
            self.frame.scroll_into_view_with_bool(false);
        }
    }

    /// Scrolls to the frame.
    pub fn reveal(&self) {
        scroll_into_view(&self.frame);
    }

    /// Shows a preview of few pixels; the style sheet scales and smooths it.
    pub fn preview(&self, pixels: &Pixels) -> Result<()> {
        self.draw(&image_data(pixels)?)?;
        set(&self.frame, "data-shows", "preview");
        set(&self.canvas, "aria-label", &words::picture_so_far());
        Ok(())
    }

    /// Shows a finished image with its parameters.
    pub fn show(&self, generated: &GeneratedImage) -> Result<()> {
        self.draw(&generated.image)?;
        self.batch.set_open(false);
        self.grid.set_open(false);
        set(&self.frame, "data-shows", "picture");
        set(&self.canvas, "data-done-id", &generated.entry.key);
        set(&self.save, "href", generated.file.url());
        set(&self.save, "download", &generated.file_name());
        show(&self.buttons, true);
        self.describe(generated)
    }

    /// Writes label, comparison and parameters of a finished image.
    pub fn describe(&self, generated: &GeneratedImage) -> Result<()> {
        if self.frame.get_attribute("data-shows").as_deref() == Some("picture") {
            let label = words::picture_of(&generated.entry.request.params.prompt);
            set(&self.canvas, "aria-label", &label);
        }
        self.comparison.show(generated)?;
        self.write(&generated.recipe())
    }

    /// Returns whether the comparison with the init image is open.
    pub fn compares(&self) -> bool {
        self.comparison.is_open()
    }

    /// Shows the scores of the comparison; `None` if the image has none.
    pub fn scores(&self, scores: Option<&Scores>) -> Result<()> {
        self.comparison.write(scores, true)
    }

    /// Shows the empty frame.
    pub fn clear(&self) {
        set(&self.frame, "data-shows", "nothing");
        set(&self.canvas, "aria-label", &words::picture_none());
        unset(&self.canvas, "data-done-id");
        show(&self.buttons, false);
        self.recipe.set_text_content(None);
        self.comparison.hide();
    }

    /// Returns whether the frame is below the viewport, as on phones.
    fn is_below_the_window(&self) -> bool {
        let Ok(window) = window() else { return false };
        let height = window.inner_height().ok().and_then(|height| height.as_f64());
        let (Some(height), Ok(scrolled)) = (height, window.scroll_y()) else { return false };
        f64::from(self.frame.offset_top() + self.frame.offset_height() / 2) > scrolled + height
    }

    fn draw(&self, image: &ImageData) -> Result<()> {
        // Setting the size clears the canvas, so it is set only when it changes.
        if (self.canvas.width(), self.canvas.height()) != (image.width(), image.height()) {
            self.canvas.set_width(image.width());
            self.canvas.set_height(image.height());
        }
        self.context
            .put_image_data(image, 0.0, 0.0)
            .map_err(|error| thrown("the picture cannot be drawn", &error))
    }

    fn write(&self, recipe: &[(String, String)]) -> Result<()> {
        write_definitions(&self.recipe, recipe)?;
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

/// Returns the largest size of a matrix's pictures, of which this is one. With a mask it may be that of
/// the init image, whatever the requested one.
fn largest_size(matrix: &Matrix, generated: &GeneratedImage) -> (u32, u32) {
    let size = [generated.image.width(), generated.image.height()];
    let requested = generated.entry.request.params.size();
    let [width, height] = match requested.map(|side| side as u32) == size {
        true => matrix.largest_size(requested).map(|side| side as u32),
        false => size,
    };
    (width, height)
}
