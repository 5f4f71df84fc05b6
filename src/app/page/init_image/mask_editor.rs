//! Mask editor with undo.

use super::brush::{Brush, Stroke};
use super::undo::UndoStack;
use crate::image::{Mask, Placement, Point, Region};

/// Default brush diameter, as a fraction of the image's shorter side.
const DEFAULT_WIDTH: f64 = 1.0 / 6.0;

/// A mask, a brush and an undo stack.
///
/// `saved` is the mask without the stroke in progress, for the placement at which it was painted.
/// When the image is resized, `shown` is that mask transformed; only painting makes `shown` the new
/// `saved`. So intermediate sizes lose no detail.
#[derive(Clone)]
pub struct MaskEditor {
    saved: Mask,
    saved_for: Placement,
    shown: Mask,
    shown_for: Placement,
    history: UndoStack,
    erases: bool,
    /// Brush diameter as a fraction of the image's shorter side, so that it scales with the image.
    width: f64,
    stroke: Option<(Stroke, Region)>,
}

impl MaskEditor {
    /// Creates an empty mask.
    pub fn new(placement: Placement) -> Self {
        let [width, height] = placement.canvas;
        let mask = Mask::black(width, height);
        MaskEditor {
            saved: mask.clone(),
            saved_for: placement,
            shown: mask,
            shown_for: placement,
            history: UndoStack::default(),
            erases: false,
            width: DEFAULT_WIDTH,
            stroke: None,
        }
    }

    /// Starts an empty mask for another image. Keeps the relative diameter of the brush, and
    /// switches from eraser to brush.
    pub fn reset(&mut self, placement: Placement) {
        *self = MaskEditor { width: self.width, ..MaskEditor::new(placement) };
    }

    /// Sets the mask for the shown placement and clears the undo stack. Does nothing if the size
    /// differs.
    pub fn restore(&mut self, mask: Mask) {
        if mask.size() == self.shown_for.canvas {
            self.saved = mask.clone();
            self.saved_for = self.shown_for;
            self.shown = mask;
            self.history.clear();
        }
    }

    /// Transforms the mask to another placement of the image.
    pub fn fit(&mut self, placement: Placement) {
        self.end();
        self.shown_for = placement;
        self.show_saved();
    }

    /// Returns the mask, including the stroke in progress.
    pub fn mask(&self) -> &Mask {
        &self.shown
    }

    /// Returns the brush.
    pub fn brush(&self) -> Brush {
        let diameter = (self.width * self.shorter_side()).round() as u32;
        Brush { diameter: diameter.clamp(1, self.largest_diameter()), erases: self.erases }
    }

    /// Switches between eraser and brush.
    pub fn set_eraser(&mut self, erases: bool) {
        self.end();
        self.erases = erases;
    }

    /// Sets the brush's diameter, pixels.
    pub fn set_diameter(&mut self, diameter: u32) {
        let diameter = diameter.clamp(1, self.largest_diameter());
        self.width = f64::from(diameter) / self.shorter_side();
    }

    /// Returns the largest diameter, pixels.
    pub fn largest_diameter(&self) -> u32 {
        (self.shorter_side() / 2.0).max(1.0) as u32
    }

    /// Begins a stroke with a dot. Returns the changed area.
    pub fn begin(&mut self, point: Point) -> Region {
        self.end();
        self.save_shown();
        let area = self.draw(point, point);
        self.stroke = Some((Stroke::new(point), area));
        area
    }

    /// Continues the stroke through these points. Returns the changed area.
    pub fn pass(&mut self, points: impl IntoIterator<Item = Point>) -> Region {
        let Some((mut stroke, mut area)) = self.stroke else { return Region::EMPTY };
        let mut changed = Region::EMPTY;
        for point in points {
            for (from, to) in stroke.pass(point) {
                changed = changed.union(self.draw(from, to));
            }
        }
        area = area.union(changed);
        self.stroke = Some((stroke, area));
        changed
    }

    /// Ends the stroke. Returns the changed area.
    pub fn end(&mut self) -> Region {
        let Some((stroke, area)) = self.stroke.take() else { return Region::EMPTY };
        let (from, to) = stroke.end();
        let changed = self.draw(from, to);
        self.commit(area.union(changed));
        changed
    }

    /// Returns whether a stroke is in progress.
    pub fn is_painting(&self) -> bool {
        self.stroke.is_some()
    }

    /// Inverts the mask.
    pub fn invert(&mut self) {
        self.change_all(Mask::invert);
    }

    /// Fills the mask with black.
    pub fn clear(&mut self) {
        self.change_all(|mask| mask.fill(false));
    }

    /// Fills the mask with white.
    pub fn fill(&mut self) {
        self.change_all(|mask| mask.fill(true));
    }

    /// Replaces the mask. Does nothing if the size differs.
    pub fn replace(&mut self, mask: Mask) {
        if mask.size() == self.shown_for.canvas {
            self.change_all(|shown| *shown = mask);
        }
    }

    /// Undoes the last change. Returns false if there is none.
    pub fn undo(&mut self) -> bool {
        self.end();
        let undone = self.history.undo(&mut self.saved).is_some();
        self.show_saved();
        undone
    }

    /// Redoes the last undone change. Returns false if there is none.
    pub fn redo(&mut self) -> bool {
        self.end();
        let done = self.history.redo(&mut self.saved).is_some();
        self.show_saved();
        done
    }

    /// Returns whether there are changes to undo and to redo.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        self.history.can_undo_redo()
    }

    fn draw(&mut self, from: Point, to: Point) -> Region {
        let brush = self.brush();
        self.shown.draw_line(from, to, brush.radius(), !brush.erases)
    }

    fn change_all(&mut self, change: impl FnOnce(&mut Mask)) {
        self.end();
        self.save_shown();
        change(&mut self.shown);
        self.commit(self.shown.whole());
    }

    /// Makes the shown mask the saved one, before a change at another placement. The recorded
    /// changes do not apply to it.
    fn save_shown(&mut self) {
        if self.saved_for != self.shown_for {
            self.saved = self.shown.clone();
            self.saved_for = self.shown_for;
            self.history.clear();
        }
    }

    fn commit(&mut self, area: Region) {
        if self.history.record(&self.saved, &self.shown, area) {
            self.saved.copy_region(&self.shown, area);
        }
    }

    fn shorter_side(&self) -> f64 {
        let [width, height] = self.shown_for.canvas;
        width.min(height).max(1) as f64
    }

    fn show_saved(&mut self) {
        self.shown = if self.saved_for == self.shown_for {
            self.saved.clone()
        } else {
            self.saved.moved(&self.saved_for, &self.shown_for)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Mask, MaskEditor, Placement};
    use crate::image::Fit;

    const WHITE: u8 = Mask::WHITE;
    const BLACK: u8 = Mask::BLACK;

    fn placement(side: usize) -> Placement {
        Placement::new([256, 128], [side, side], Fit::Crop)
    }

    fn painted() -> MaskEditor {
        let mut editor = MaskEditor::new(placement(64));
        editor.set_diameter(8);
        editor.begin((10.0, 10.0));
        editor.pass([(20.0, 10.0), (30.0, 10.0)]);
        editor.end();
        editor
    }

    fn at(editor: &MaskEditor, x: usize, y: usize) -> u8 {
        editor.mask().values()[y * editor.mask().size()[0] + x]
    }

    #[test]
    fn stroke_is_one_undo_step() {
        let mut editor = painted();
        assert_eq!([at(&editor, 7, 10), at(&editor, 32, 10)], [WHITE; 2]);
        assert_eq!([at(&editor, 5, 10), at(&editor, 20, 15)], [BLACK; 2]);
        assert!(editor.undo());
        assert!(editor.mask().values().iter().all(|byte| *byte == BLACK));
        assert!(!editor.undo());
        assert!(editor.redo());
        assert_eq!(at(&editor, 20, 10), WHITE);
    }

    #[test]
    fn eraser_paints_black() {
        let mut editor = painted();
        editor.set_eraser(true);
        editor.begin((20.0, 10.0));
        editor.end();
        assert_eq!(
            [at(&editor, 10, 10), at(&editor, 20, 10), at(&editor, 30, 10)],
            [WHITE, BLACK, WHITE]
        );
        assert!(editor.undo());
        assert_eq!(at(&editor, 20, 10), WHITE);
    }

    #[test]
    fn intermediate_size_keeps_mask() {
        let mut editor = painted();
        let before = editor.mask().clone();
        editor.fit(placement(8));
        assert_eq!(editor.mask().size(), [8, 8]);
        assert_eq!(at(&editor, 2, 1), WHITE);
        editor.fit(placement(64));
        assert!(*editor.mask() == before);
        assert!(editor.undo());
    }

    #[test]
    fn undo_after_resize_reverts_last_change() {
        let mut editor = painted();
        editor.fit(placement(128));
        assert_eq!(at(&editor, 40, 20), WHITE);
        assert!(editor.undo());
        assert_eq!(at(&editor, 40, 20), BLACK);
        editor.redo();
        editor.begin((100.0, 100.0));
        editor.end();
        assert!(editor.undo());
        assert_eq!([at(&editor, 40, 20), at(&editor, 100, 100)], [WHITE, BLACK]);
        assert!(!editor.undo());
    }

    #[test]
    fn brush_scales_with_image() {
        let mut editor = painted();
        editor.fit(placement(128));
        assert_eq!(editor.brush().diameter, 16);
        editor.set_diameter(1_000);
        assert_eq!(editor.brush().diameter, 64);
    }

    #[test]
    fn intermediate_size_keeps_brush_diameter() {
        let mut editor = painted();
        for (side, diameter) in [(5, 1), (1, 1), (512, 64), (64, 8)] {
            editor.fit(placement(side));
            assert_eq!(editor.brush().diameter, diameter);
        }
    }

    #[test]
    fn reset_clears_mask_and_keeps_brush_diameter() {
        let mut editor = painted();
        editor.set_eraser(true);
        editor.reset(placement(128));
        assert_eq!((editor.brush().diameter, editor.brush().erases), (16, false));
        assert_eq!((editor.mask().share(), editor.can_undo_redo()), (0.0, (false, false)));
    }

    #[test]
    fn replaced_mask_is_one_undo_step() {
        let mut editor = painted();
        let (before, white) = (editor.mask().clone(), vec![WHITE; 64 * 64]);
        editor.replace(Mask::black(2, 2));
        assert!(*editor.mask() == before, "one of another size");
        if let Ok(mask) = Mask::new(64, 64, &white) {
            editor.replace(mask);
        }
        assert_eq!(editor.mask().values(), white);
        assert!(editor.undo());
        assert!(*editor.mask() == before);
        assert!(editor.redo());
        assert_eq!(editor.mask().values(), white);
    }
}
