//! Mask tools of the panel.

use super::Panel;
use crate::app::dom::forgive;
use crate::app::words;
use crate::error::Result;
use crate::image::Point;

impl Panel {
    /// Chooses whether only what is painted over is to change.
    pub fn use_mask(&mut self, masks: bool) {
        self.controls.set_masks(masks);
        self.view.paintable(masks);
        self.show_brush();
        forgive("start-mask");
    }

    /// A stroke begins. `pointer`: with that one; else by key.
    pub fn begin_stroke(&mut self, point: Point, pointer: Option<i32>) -> Result<()> {
        if let Some(pointer) = pointer {
            self.view.hold(pointer);
        }
        forgive("start-mask");
        self.show_ring(point);
        let area = self.editor.begin(point);
        self.show_painted(area)
    }

    /// The brush is moved, painting if a stroke is under way.
    pub fn move_brush(&mut self, points: Vec<Point>) -> Result<()> {
        if let Some(last) = points.last() {
            self.show_ring(*last);
        }
        let area = self.editor.pass(points);
        self.view.tint(self.editor.mask(), area)
    }

    /// The brush is moved by key.
    pub fn step(&mut self, steps: Point) -> Result<()> {
        let point = self.view.beside(steps);
        self.move_brush(vec![point])?;
        let (across, down) = self.view.whereabouts();
        self.controls.say(&words::brush_at(across, down));
        Ok(())
    }

    /// The stroke ends, if there is one.
    pub fn end_stroke(&mut self) -> Result<()> {
        if !self.editor.is_painting() {
            return Ok(());
        }
        let area = self.editor.end();
        self.say_share();
        self.show_painted(area)
    }

    /// One of the buttons, or its key.
    pub fn act(&mut self, tool: &str) -> Result<()> {
        forgive("start-mask");
        match tool {
            "brush" => self.editor.set_eraser(false),
            "eraser" => self.editor.set_eraser(true),
            "other" => self.editor.set_eraser(!self.editor.brush().erases),
            "smaller" => self.resize_brush(0.8, -1),
            "larger" => self.resize_brush(1.25, 1),
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
                self.controls.say(&words::eraser_taken());
            }
            "brush" | "eraser" | "other" => self.controls.say(&words::brush_taken()),
            "smaller" | "larger" => self.controls.say(&words::pixels(brush.diameter)),
            _ => self.say_share(),
        }
        self.show_brush();
        self.show_painted(self.editor.mask().whole())
    }

    /// The slider for the brush was moved.
    pub fn diameter_edited(&mut self) {
        self.editor.set_diameter(self.controls.diameter());
        self.show_brush();
    }

    /// Whether the brush takes away.
    pub fn erases(&self) -> bool {
        self.editor.brush().erases
    }

    /// Where the brush is.
    pub fn cursor(&self) -> Point {
        self.view.cursor()
    }

    fn resize_brush(&mut self, times: f64, least: i32) {
        let now = self.editor.brush().diameter;
        let next = (f64::from(now) * times).round() as u32;
        let next = if next == now { now.saturating_add_signed(least) } else { next };
        self.editor.set_diameter(next);
    }

    /// Shows what is painted with.
    pub(super) fn show_brush(&mut self) {
        self.controls.show_brush(self.editor.brush(), self.editor.largest_diameter());
        self.show_ring(self.view.cursor());
    }

    fn show_ring(&mut self, point: Point) {
        let brush = self.editor.brush();
        self.view.point_at(point, brush.diameter, brush.erases);
    }

    pub(super) fn say_share(&self) {
        let percent = (self.editor.mask().share() * 100.0).round() as u32;
        self.controls.say(&words::mask_covers(percent));
    }
}
