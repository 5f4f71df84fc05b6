//! Mask tools of the init image panel.

use super::super::mask_view::Zoom;
use super::InitImagePanel;
use crate::app::dom::clear_field_error;
use crate::app::words;
use crate::error::Result;
use crate::image::Point;

impl InitImagePanel {
    /// Sets whether only the masked part is to change.
    pub fn use_mask(&mut self, masks: bool) {
        self.controls.set_masks(masks);
        self.view.set_paintable(masks);
        self.show_brush();
        clear_field_error("start-mask");
    }

    /// Begins a stroke with a pointer, or by key if `pointer` is `None`.
    pub fn begin_stroke(&mut self, point: Point, pointer: Option<i32>) -> Result<()> {
        if let Some(pointer) = pointer {
            self.view.capture_pointer(pointer);
        }
        clear_field_error("start-mask");
        self.show_ring(point);
        let area = self.editor.begin(point);
        self.show_painted(area)
    }

    /// Moves the brush, and paints if a stroke is in progress.
    pub fn move_brush(&mut self, points: Vec<Point>) -> Result<()> {
        if let Some(last) = points.last() {
            self.show_ring(*last);
        }
        let area = self.editor.pass(points);
        self.view.draw_mask(self.editor.mask(), area)
    }

    /// Moves the brush by key.
    pub fn step(&mut self, steps: Point) -> Result<()> {
        let point = self.view.stepped_cursor(steps);
        self.move_brush(vec![point])?;
        self.view.show_cursor();
        let (across, down) = self.view.cursor_percent();
        self.controls.announce(&words::brush_at(across, down));
        Ok(())
    }

    /// Ends the stroke, if there is one.
    pub fn end_stroke(&mut self) -> Result<()> {
        if !self.editor.is_painting() {
            return Ok(());
        }
        let area = self.editor.end();
        self.announce_share();
        self.show_painted(area)
    }

    /// Executes the tool of a button or key.
    pub fn use_tool(&mut self, tool: &str) -> Result<()> {
        clear_field_error("start-mask");
        match tool {
            "brush" => self.editor.set_eraser(false),
            "eraser" => self.editor.set_eraser(true),
            "other" => self.editor.set_eraser(!self.editor.brush().erases),
            "smaller" => self.resize_brush(0.8, -1),
            "larger" => self.resize_brush(1.25, 1),
            "zoom-in" => return self.zoom(Zoom::In),
            "zoom-out" => return self.zoom(Zoom::Out),
            "zoom-fit" => return self.zoom(Zoom::Fit),
            "undo" => drop(self.editor.undo()),
            "redo" => drop(self.editor.redo()),
            "invert" => self.editor.invert(),
            "fill" => self.editor.fill(),
            "clear" => self.editor.clear(),
            _ => return Ok(()),
        }
        let brush = self.editor.brush();
        match tool {
            "brush" | "eraser" | "other" if brush.erases => {
                self.controls.announce(&words::eraser_taken());
            }
            "brush" | "eraser" | "other" => self.controls.announce(&words::brush_taken()),
            "smaller" | "larger" => self.controls.announce(&words::pixels(brush.diameter)),
            _ => self.announce_share(),
        }
        self.show_brush();
        self.show_painted(self.editor.mask().whole())
    }

    /// Magnifies the picture under the brush, or shows more of it.
    fn zoom(&mut self, zoom: Zoom) -> Result<()> {
        let zoom = self.view.zoom(zoom);
        self.controls.show_zoom(zoom, self.view.zooms_left());
        Ok(())
    }

    /// Handles an input to the slider of the brush's diameter.
    pub fn diameter_edited(&mut self) {
        self.editor.set_diameter(self.controls.diameter());
        self.show_brush();
    }

    /// Returns whether the brush erases.
    pub fn erases(&self) -> bool {
        self.editor.brush().erases
    }

    /// Returns the brush's position.
    pub fn cursor(&self) -> Point {
        self.view.cursor()
    }

    fn resize_brush(&mut self, times: f64, least: i32) {
        let now = self.editor.brush().diameter;
        let next = (f64::from(now) * times).round() as u32;
        let next = if next == now { now.saturating_add_signed(least) } else { next };
        self.editor.set_diameter(next);
    }

    /// Shows brush and outline.
    pub(super) fn show_brush(&mut self) {
        self.controls.show_brush(self.editor.brush(), self.editor.largest_diameter());
        self.show_ring(self.view.cursor());
    }

    fn show_ring(&mut self, point: Point) {
        let brush = self.editor.brush();
        self.view.move_ring(point, brush.diameter, brush.erases);
    }

    pub(super) fn announce_share(&self) {
        let percent = (self.editor.mask().share() * 100.0).round() as u32;
        self.controls.announce(&words::mask_covers(percent));
    }
}
