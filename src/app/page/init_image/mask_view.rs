//! Canvases of init image and mask, and brush outline.

use js_sys::Reflect;
use web_sys::{HtmlElement, PointerEvent};

use super::super::canvas::Canvas;
use crate::app::dom::{by_id, set, show, unset};
use crate::app::protocol::Pixels;
use crate::error::Result;
use crate::image::{Mask, Point, Region};

/// Two stripe colours of the mask: at least one contrasts with any image.
const TINT: [[u8; 4]; 2] = [[214, 66, 16, 190], [255, 214, 140, 165]];

/// Magnifications of the canvases.
const ZOOM: [f64; 5] = [1.0, 1.5, 2.0, 3.0, 4.0];

/// Change of the magnification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoom {
    /// The next larger one.
    In,
    /// The next smaller one.
    Out,
    /// All of the image.
    Fit,
}

/// The elements.
pub struct MaskView {
    window: HtmlElement,
    picture: Canvas,
    overlay: Canvas,
    ring: HtmlElement,
    cursor: Point,
    /// Index of the magnification in [`ZOOM`].
    zoom: usize,
}

impl MaskView {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(MaskView {
            window: by_id("start-window")?,
            picture: Canvas::from_element(by_id("start-canvas")?)?,
            overlay: Canvas::from_element(by_id("start-mask")?)?,
            ring: by_id("start-ring")?,
            cursor: (0.0, 0.0),
            zoom: 0,
        })
    }

    /// Shows the fitted image.
    pub fn show(&mut self, picture: &Pixels) -> Result<()> {
        let (width, height) = (picture.width, picture.height);
        self.picture.resize((width, height));
        self.picture.write(picture, 0, 0)?;
        self.overlay.resize((width, height));
        self.cursor = (f64::from(width) / 2.0, f64::from(height) / 2.0);
        let ratio = f64::from(width) / f64::from(height);
        let _ = self.window.style().set_property("--ratio", &ratio.to_string());
        Ok(())
    }

    /// Draws this area of the mask.
    pub fn draw_mask(&self, mask: &Mask, area: Region) -> Result<()> {
        if area.is_empty() {
            return Ok(());
        }
        let [columns, rows] = mask.size();
        let stripe = (columns.max(rows) / 48).max(2);
        let mut rgba = Vec::with_capacity(area.width * area.height * 4);
        for y in area.y..area.y + area.height {
            for (x, pixel) in (area.x..).zip(mask.row(y, area)) {
                let colour = TINT[(x + y) / stripe % 2];
                rgba.extend(if *pixel == Mask::WHITE { colour } else { [0; 4] });
            }
        }
        let [x, y, width, height] = [area.x, area.y, area.width, area.height].map(|n| n as u32);
        self.overlay.write(&Pixels { width, height, rgba }, x, y)
    }

    /// Shows the mask for painting, or hides it.
    pub fn set_paintable(&self, set_paintable: bool) {
        show(self.overlay.canvas(), set_paintable);
    }

    /// Captures a pointer until it is released, also outside the canvas.
    pub fn capture_pointer(&self, pointer: i32) {
        // Fails if the pointer is already released.
        let _ = self.overlay.canvas().set_pointer_capture(pointer);
    }

    /// Returns the position of an event in image pixels.
    pub fn point(&self, event: &PointerEvent) -> Point {
        let seen = self.overlay.canvas().get_bounding_client_rect();
        let (width, height) = self.overlay.size();
        (
            (exact(event, "clientX") - seen.left()) * f64::from(width) / seen.width().max(1.0),
            (exact(event, "clientY") - seen.top()) * f64::from(height) / seen.height().max(1.0),
        )
    }

    /// Moves the brush's outline.
    pub fn move_ring(&mut self, point: Point, diameter: u32, erases: bool) {
        self.cursor = point;
        let (width, height) = self.overlay.size();
        let percent =
            |part: f64, whole: u32| format!("{}%", part / f64::from(whole.max(1)) * 100.0);
        let style = self.ring.style();
        for (name, value) in [
            ("left", percent(point.0, width)),
            ("top", percent(point.1, height)),
            ("width", percent(diameter.into(), width)),
        ] {
            let _ = style.set_property(name, &value);
        }
        if erases { set(&self.ring, "data-erases", "") } else { unset(&self.ring, "data-erases") }
    }

    /// Changes the magnification, around the brush. Returns it.
    pub fn zoom(&mut self, zoom: Zoom) -> f64 {
        self.zoom = match zoom {
            Zoom::In => (self.zoom + 1).min(ZOOM.len() - 1),
            Zoom::Out => self.zoom.saturating_sub(1),
            Zoom::Fit => 0,
        };
        let zoom = ZOOM[self.zoom];
        let _ = self.window.style().set_property("--zoom", &zoom.to_string());
        if self.zoom > 0 {
            set(&self.window, "data-zoomed", "")
        } else {
            unset(&self.window, "data-zoomed")
        }
        self.show_cursor();
        zoom
    }

    /// Returns whether a larger and a smaller magnification remain.
    pub fn zooms_left(&self) -> [bool; 2] {
        [self.zoom + 1 < ZOOM.len(), self.zoom > 0]
    }

    /// Scrolls the magnified canvases so that the brush is in the middle.
    pub fn show_cursor(&self) {
        let (width, height) = self.overlay.size();
        let middle = |part: f64, whole: u32, all: i32, seen: i32| {
            (part / f64::from(whole.max(1)) * f64::from(all)) as i32 - seen / 2
        };
        let window = &self.window;
        let left = middle(self.cursor.0, width, window.scroll_width(), window.client_width());
        let top = middle(self.cursor.1, height, window.scroll_height(), window.client_height());
        window.set_scroll_left(left);
        window.set_scroll_top(top);
    }

    /// Returns the brush's position.
    pub fn cursor(&self) -> Point {
        self.cursor
    }

    /// Returns the brush's position after so many steps, clamped to the image; 64 steps cross it.
    pub fn stepped_cursor(&self, (across, down): Point) -> Point {
        let (width, height) = self.overlay.size();
        let step = f64::from((width.max(height) / 64).max(1));
        (
            (self.cursor.0 + across * step).clamp(0.0, width.into()),
            (self.cursor.1 + down * step).clamp(0.0, height.into()),
        )
    }

    /// Returns the brush's position, percent from the left and from the top.
    pub fn cursor_percent(&self) -> (u32, u32) {
        let (width, height) = self.overlay.size();
        let percent =
            |part: f64, whole: u32| (part / f64::from(whole.max(1)) * 100.0).round() as u32;
        (percent(self.cursor.0, width), percent(self.cursor.1, height))
    }
}

/// Returns a coordinate with its fraction, which web-sys truncates.
fn exact(event: &PointerEvent, name: &str) -> f64 {
    Reflect::get(event, &name.into()).ok().and_then(|value| value.as_f64()).unwrap_or_default()
}
