//! The section's mask: how it is painted, and with what.

use super::super::fitting::Placement;
use super::super::mask::{Mask, Point};
use super::super::placing::place;
use super::Section;
use crate::app::dom::forgive;
use crate::app::surface::Surface;
use crate::app::words;
use crate::error::Result;

impl Section {
    /// Chooses whether only what is painted over is to change.
    pub fn use_mask(&mut self, masks: bool) {
        self.controls.set_masks(masks);
        self.easel.paintable(masks);
        self.show_brush();
        forgive("start-mask");
    }

    /// Takes a mask in, fitted as the picture is. False, and nothing is changed, if none of what is then
    /// seen of it is white.
    pub fn take_mask(&mut self, picture: &Surface) -> Result<bool> {
        let size = self.painter.mask().size();
        let fitted = Surface::new(size)?;
        place(picture, &Placement::new(picture.size(), size, self.controls.fit()), &fitted)?;
        let mask = Mask::from_pixels(&fitted.pixels()?).filter(|mask| mask.share() > 0.0);
        let Some(mask) = mask else { return Ok(false) };
        forgive("start-mask");
        self.painter.replace(mask);
        self.show_painted(self.painter.mask().whole())?;
        self.say_share();
        Ok(true)
    }

    /// A stroke begins. `pointer`: with that one; else by key.
    pub fn begin_stroke(&mut self, point: Point, pointer: Option<i32>) -> Result<()> {
        if let Some(pointer) = pointer {
            self.easel.hold(pointer);
        }
        forgive("start-mask");
        self.show_ring(point);
        let area = self.painter.begin(point);
        self.show_painted(area)
    }

    /// The brush is moved, painting if a stroke is under way.
    pub fn move_brush(&mut self, points: Vec<Point>) -> Result<()> {
        if let Some(last) = points.last() {
            self.show_ring(*last);
        }
        let area = self.painter.pass(points);
        self.easel.tint(self.painter.mask(), area)
    }

    /// The brush is moved by key.
    pub fn step(&mut self, steps: Point) -> Result<()> {
        let point = self.easel.beside(steps);
        self.move_brush(vec![point])?;
        let (across, down) = self.easel.whereabouts();
        self.controls.say(&words::brush_at(across, down));
        Ok(())
    }

    /// The stroke ends, if there is one.
    pub fn end_stroke(&mut self) -> Result<()> {
        if !self.painter.is_painting() {
            return Ok(());
        }
        let area = self.painter.end();
        self.say_share();
        self.show_painted(area)
    }

    /// One of the buttons, or its key.
    pub fn act(&mut self, tool: &str) -> Result<()> {
        forgive("start-mask");
        match tool {
            "brush" => self.painter.set_eraser(false),
            "eraser" => self.painter.set_eraser(true),
            "other" => self.painter.set_eraser(!self.painter.brush().erases),
            "smaller" => self.resize_brush(0.8, -1),
            "larger" => self.resize_brush(1.25, 1),
            "undo" => drop(self.painter.undo()),
            "redo" => drop(self.painter.redo()),
            "invert" => self.painter.invert(),
            "fill" => self.painter.fill(),
            "clear" => self.painter.clear(),
            _ => return Ok(()),
        }
        let brush = self.painter.brush();
        match tool {
            "brush" | "eraser" | "other" if brush.erases => {
                self.controls.say(&words::eraser_taken());
            }
            "brush" | "eraser" | "other" => self.controls.say(&words::brush_taken()),
            "smaller" | "larger" => self.controls.say(&words::pixels(brush.diameter)),
            _ => self.say_share(),
        }
        self.show_brush();
        self.show_painted(self.painter.mask().whole())
    }

    /// The slider for the brush was moved.
    pub fn diameter_edited(&mut self) {
        self.painter.set_diameter(self.controls.diameter());
        self.show_brush();
    }

    /// Whether the brush takes away.
    pub fn erases(&self) -> bool {
        self.painter.brush().erases
    }

    /// Where the brush is.
    pub fn cursor(&self) -> Point {
        self.easel.cursor()
    }

    fn resize_brush(&mut self, times: f64, least: i32) {
        let now = self.painter.brush().diameter;
        let next = (f64::from(now) * times).round() as u32;
        let next = if next == now { now.saturating_add_signed(least) } else { next };
        self.painter.set_diameter(next);
    }

    /// Shows what is painted with.
    pub(super) fn show_brush(&mut self) {
        self.controls.show_brush(self.painter.brush(), self.painter.largest_diameter());
        self.show_ring(self.easel.cursor());
    }

    fn show_ring(&mut self, point: Point) {
        let brush = self.painter.brush();
        self.easel.point_at(point, brush.diameter, brush.erases);
    }

    fn say_share(&self) {
        let percent = (self.painter.mask().share() * 100.0).round() as u32;
        self.controls.say(&words::mask_covers(percent));
    }
}
