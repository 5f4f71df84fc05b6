//! All pictures of a matrix in one, with labels.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, ImageData};

use super::super::canvas::Canvas;
use super::super::history::PngFile;
use crate::app::dom::{by_id, set, show};
use crate::app::words;
use crate::error::{Error, Result, messages};
use crate::image::{GridLabels, GridLayout, LABEL_HEIGHT};
use crate::params::{Field, Matrix, Value};

/// Largest number of pixels: what every browser's canvas can hold, on phones too.
const MAX_AREA: usize = 1 << 24;

/// Longest side, in pixels.
const MAX_SIDE: usize = 16_384;

/// Smallest scale at which a picture of 512 pixels can still be made out.
const SMALLEST: f64 = 0.1;

/// The grid while its pictures are being made.
pub struct GridDrawing {
    canvas: Canvas,
    layout: GridLayout,
    scale: f64,
    name: String,
}

impl GridDrawing {
    /// Creates the grid of a matrix with pictures of at most this size. `name` is that of its file.
    ///
    /// # Errors
    /// If it would be larger than a canvas can be.
    pub fn new(matrix: &Matrix, size: (u32, u32), name: String) -> Result<Self> {
        let label = |field: &'static Field, value: &Value| {
            format!("{} {}", words::axis_name(field), words::shown_value(field, value))
        };
        let [columns, rows, groups] = matrix.labels(label);
        let labels = GridLabels { columns, rows, groups };
        let (layout, scale) = fitting_layout(size, &labels).ok_or_else(|| Error::Image {
            action: "made",
            reason: messages::picture_too_large(),
        })?;
        let [width, height] = layout.size;
        let canvas = Canvas::new((width as u32, height as u32))?;
        canvas.fill_white();
        for ([left, top], label) in &layout.labels {
            let place = [*left as f64, *top as f64];
            canvas.write_text(label, place, LABEL_HEIGHT, label_width(label) as f64)?;
        }
        Ok(GridDrawing { canvas, layout, scale, name })
    }

    /// Draws the picture with this number.
    pub fn put(&self, index: usize, image: &ImageData) -> Result<()> {
        let Some([left, top]) = self.layout.images.get(index) else { return Ok(()) };
        let [width, height] =
            [image.width(), image.height()].map(|side| f64::from(side) * self.scale);
        self.canvas.draw_scaled(image, [*left as f64, *top as f64, width, height])
    }
}

/// Returns the layout for pictures of this size, scaled down if the grid were too large for a canvas.
fn fitting_layout((width, height): (u32, u32), labels: &GridLabels) -> Option<(GridLayout, f64)> {
    let mut scale = 1.0;
    while scale >= SMALLEST {
        let cell = [width, height].map(|side| (f64::from(side) * scale).round() as usize);
        let layout = GridLayout::new(cell, labels, label_width);
        let [wide, high] = layout.size;
        if wide * high <= MAX_AREA && wide.max(high) <= MAX_SIDE {
            return Some((layout, scale));
        }
        scale *= 0.9;
    }
    None
}

/// Returns the width of a label in a font with letters of one width; those of other scripts are wider.
fn label_width(label: &str) -> usize {
    label.chars().map(|letter| if letter.is_ascii() { 10 } else { LABEL_HEIGHT }).sum()
}

/// The finished grid in the output frame, until another one is made.
pub struct GridView {
    image: HtmlElement,
    save: HtmlElement,
    reopen: HtmlElement,
    file: RefCell<Option<PngFile>>,
    /// Whether it is to be shown, or is once it is encoded.
    is_open: Cell<bool>,
}

impl GridView {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(GridView {
            image: by_id("grid")?,
            save: by_id("save-grid")?,
            reopen: by_id("show-grid")?,
            file: RefCell::default(),
            is_open: Cell::new(false),
        })
    }

    /// Encodes a grid and shows it. If memory is too short for that, its pictures are there alone.
    pub fn finish(self: &Rc<Self>, drawing: GridDrawing) {
        self.file.take();
        self.set_open(true);
        let me = Rc::clone(self);
        spawn_local(async move {
            let GridDrawing { canvas, name, .. } = drawing;
            let file = canvas.png().await.and_then(PngFile::from_blob);
            if let Ok(file) = file {
                set(&me.image, "src", file.url());
                set(&me.save, "href", file.url());
                set(&me.save, "download", &name);
                me.file.replace(Some(file));
            }
            me.set_open(me.is_open.get());
        });
    }

    /// Shows the grid, or what is behind it.
    pub fn set_open(&self, is_open: bool) {
        self.is_open.set(is_open);
        let is_there = self.file.borrow().is_some();
        show(&self.image, is_open && is_there);
        show(&self.reopen, is_there);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{MAX_AREA, MAX_SIDE, fitting_layout};
    use crate::image::GridLabels;

    fn labels(columns: usize, rows: usize) -> GridLabels {
        let list = |count| (0..count).map(|number| format!("{number}")).collect();
        GridLabels { columns: list(columns), rows: list(rows), groups: Vec::new() }
    }

    #[test]
    fn small_grid_has_its_pictures_at_full_size() {
        let (layout, scale) = fitting_layout((512, 512), &labels(3, 2)).unwrap();
        assert_eq!(scale, 1.0);
        assert_eq!(layout.images[1][0] - layout.images[0][0], 520);
    }

    #[test]
    fn large_grid_is_scaled_to_what_a_canvas_holds() {
        for (columns, rows) in [(20, 20), (1, 100)] {
            let (layout, scale) = fitting_layout((1024, 1024), &labels(columns, rows)).unwrap();
            let [wide, high] = layout.size;
            assert!(wide * high <= MAX_AREA && wide.max(high) <= MAX_SIDE, "{wide} × {high}");
            assert!(scale < 1.0 && wide * high > MAX_AREA / 20, "{wide} × {high}");
        }
        assert!(fitting_layout((4096, 4096), &labels(400, 1)).is_none());
    }
}
