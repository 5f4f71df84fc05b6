//! The mask as it is being painted: strokes, changes of all of it, and their undoing.

use super::brush::{Brush, Stroke};
use super::fitting::Placement;
use super::history::History;
use super::mask::{ANEW, Area, Mask, Point, STAYS};

/// The brush's width, if nobody says otherwise, as a part of the picture's shorter side.
const USUAL_WIDTH: f64 = 1.0 / 6.0;

/// A mask, the brush, and what was done.
///
/// `kept` is the mask without the stroke under way, for the placement at which it was painted. When
/// the picture gets another size, `shown` is that mask moved along; only what is painted then makes
/// it the new `kept`. So a size that was passed by on the way costs nothing of the mask.
pub struct Painter {
    kept: Mask,
    kept_for: Placement,
    shown: Mask,
    shown_for: Placement,
    history: History,
    erases: bool,
    /// The brush's, as a part of the picture's shorter side: it grows with the picture, and a size
    /// that was passed by on the way costs nothing of it either.
    width: f64,
    stroke: Option<(Stroke, Area)>,
}

impl Painter {
    /// An empty mask.
    pub fn new(placement: Placement) -> Self {
        let mask = Mask::new(placement.size);
        Painter {
            kept: mask.clone(),
            kept_for: placement,
            shown: mask,
            shown_for: placement,
            history: History::default(),
            erases: false,
            width: USUAL_WIDTH,
            stroke: None,
        }
    }

    /// Begins with another picture: an empty mask. The brush stays as wide beside it as it was, but an
    /// eraser is put away: it would find nothing there.
    pub fn begin_anew(&mut self, placement: Placement) {
        *self = Painter { width: self.width, ..Painter::new(placement) };
    }

    /// Another mask, for the placement that is shown; there is nothing to undo then. Nothing if it has
    /// another size.
    pub fn restore(&mut self, mask: Mask) {
        if mask.size() == self.shown_for.size {
            self.kept = mask.clone();
            self.kept_for = self.shown_for;
            self.shown = mask;
            self.history.clear();
        }
    }

    /// The picture lies otherwise from now on.
    pub fn fit(&mut self, placement: Placement) {
        self.end();
        self.shown_for = placement;
        self.show_kept();
    }

    /// The mask with all that is painted.
    pub fn mask(&self) -> &Mask {
        &self.shown
    }

    /// What is painted with.
    pub fn brush(&self) -> Brush {
        let diameter = (self.width * self.shorter_side()).round() as u32;
        Brush { diameter: diameter.clamp(1, self.largest_diameter()), erases: self.erases }
    }

    /// Takes the eraser, or the brush.
    pub fn set_eraser(&mut self, erases: bool) {
        self.end();
        self.erases = erases;
    }

    /// Sets the brush's width.
    pub fn set_diameter(&mut self, diameter: u32) {
        let diameter = diameter.clamp(1, self.largest_diameter());
        self.width = f64::from(diameter) / self.shorter_side();
    }

    /// The widest brush.
    pub fn largest_diameter(&self) -> u32 {
        (self.shorter_side() / 2.0).max(1.0) as u32
    }

    /// A stroke begins with a dab.
    pub fn begin(&mut self, point: Point) -> Area {
        self.end();
        self.adopt();
        let area = self.draw(point, point);
        self.stroke = Some((Stroke::new(point), area));
        area
    }

    /// The stroke passes these points. Says what it may have changed.
    pub fn pass(&mut self, points: impl IntoIterator<Item = Point>) -> Area {
        let Some((mut stroke, mut area)) = self.stroke else { return Area::NONE };
        let mut changed = Area::NONE;
        for point in points {
            for (from, to) in stroke.pass(point) {
                changed = changed.with(self.draw(from, to));
            }
        }
        area = area.with(changed);
        self.stroke = Some((stroke, area));
        changed
    }

    /// The stroke ends.
    pub fn end(&mut self) -> Area {
        let Some((stroke, area)) = self.stroke.take() else { return Area::NONE };
        let (from, to) = stroke.end();
        let changed = self.draw(from, to);
        self.settle(area.with(changed));
        changed
    }

    /// Whether there is a stroke under way.
    pub fn is_painting(&self) -> bool {
        self.stroke.is_some()
    }

    /// What stayed is painted anew, and the other way round.
    pub fn invert(&mut self) {
        self.change_all(Mask::invert);
    }

    /// Nothing is painted anew.
    pub fn clear(&mut self) {
        self.change_all(|mask| mask.fill(STAYS));
    }

    /// All is painted anew.
    pub fn fill(&mut self) {
        self.change_all(|mask| mask.fill(ANEW));
    }

    /// Another mask is painted anew in place of this one. Nothing if it has another size.
    pub fn replace(&mut self, mask: Mask) {
        if mask.size() == self.shown_for.size {
            self.change_all(|shown| *shown = mask);
        }
    }

    /// Takes the last change back. False if there is none.
    pub fn undo(&mut self) -> bool {
        self.end();
        let undone = self.history.undo(&mut self.kept).is_some();
        self.show_kept();
        undone
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self) -> bool {
        self.end();
        let done = self.history.redo(&mut self.kept).is_some();
        self.show_kept();
        done
    }

    /// Whether there is something to undo, and something to do again.
    pub fn has(&self) -> (bool, bool) {
        self.history.has()
    }

    fn draw(&mut self, from: Point, to: Point) -> Area {
        let brush = self.brush();
        let value = if brush.erases { STAYS } else { ANEW };
        self.shown.line(from, to, brush.radius(), value)
    }

    fn change_all(&mut self, change: impl FnOnce(&mut Mask)) {
        self.end();
        self.adopt();
        change(&mut self.shown);
        self.settle(self.shown.whole());
    }

    /// The mask as it is shown is the one that is worked on. Its earlier changes were another's.
    fn adopt(&mut self) {
        if self.kept_for != self.shown_for {
            self.kept = self.shown.clone();
            self.kept_for = self.shown_for;
            self.history.clear();
        }
    }

    fn settle(&mut self, area: Area) {
        if self.history.note(&self.kept, &self.shown, area) {
            for y in area.top..area.bottom {
                self.kept.row_mut(y, area).copy_from_slice(self.shown.row(y, area));
            }
        }
    }

    fn shorter_side(&self) -> f64 {
        let (width, height) = self.shown_for.size;
        f64::from(width.min(height).max(1))
    }

    fn show_kept(&mut self) {
        self.shown = if self.kept_for == self.shown_for {
            self.kept.clone()
        } else {
            self.kept.moved(&self.kept_for, &self.shown_for)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::fitting::{Fit, Placement};
    use super::super::mask::{ANEW, Mask, STAYS};
    use super::Painter;

    fn placement(side: u32) -> Placement {
        Placement::new((256, 128), (side, side), Fit::Crop)
    }

    fn painted() -> Painter {
        let mut painter = Painter::new(placement(64));
        painter.set_diameter(8);
        painter.begin((10.0, 10.0));
        painter.pass([(20.0, 10.0), (30.0, 10.0)]);
        painter.end();
        painter
    }

    fn at(painter: &Painter, x: usize, y: usize) -> u8 {
        painter.mask().bytes()[y * painter.mask().size().0 as usize + x]
    }

    #[test]
    fn a_stroke_is_one_change() {
        let mut painter = painted();
        assert_eq!([at(&painter, 7, 10), at(&painter, 32, 10)], [ANEW; 2]);
        assert_eq!([at(&painter, 5, 10), at(&painter, 20, 15)], [STAYS; 2]);
        assert!(painter.undo());
        assert!(painter.mask().bytes().iter().all(|byte| *byte == STAYS));
        assert!(!painter.undo());
        assert!(painter.redo());
        assert_eq!(at(&painter, 20, 10), ANEW);
    }

    #[test]
    fn the_eraser_takes_away() {
        let mut painter = painted();
        painter.set_eraser(true);
        painter.begin((20.0, 10.0));
        painter.end();
        assert_eq!(
            [at(&painter, 10, 10), at(&painter, 20, 10), at(&painter, 30, 10)],
            [ANEW, STAYS, ANEW]
        );
        assert!(painter.undo());
        assert_eq!(at(&painter, 20, 10), ANEW);
    }

    #[test]
    fn a_size_that_was_passed_by_costs_nothing() {
        let mut painter = painted();
        let before = painter.mask().clone();
        painter.fit(placement(8));
        assert_eq!(painter.mask().size(), (8, 8));
        assert_eq!(at(&painter, 2, 1), ANEW);
        painter.fit(placement(64));
        assert!(*painter.mask() == before);
        assert!(painter.undo());
    }

    #[test]
    fn at_another_size_the_last_change_can_still_be_undone() {
        let mut painter = painted();
        painter.fit(placement(128));
        assert_eq!(at(&painter, 40, 20), ANEW);
        assert!(painter.undo());
        assert_eq!(at(&painter, 40, 20), STAYS);
        painter.redo();
        painter.begin((100.0, 100.0));
        painter.end();
        assert!(painter.undo());
        assert_eq!([at(&painter, 40, 20), at(&painter, 100, 100)], [ANEW, STAYS]);
        assert!(!painter.undo());
    }

    #[test]
    fn the_brush_grows_with_the_picture() {
        let mut painter = painted();
        painter.fit(placement(128));
        assert_eq!(painter.brush().diameter, 16);
        painter.set_diameter(1_000);
        assert_eq!(painter.brush().diameter, 64);
    }

    #[test]
    fn a_size_that_was_passed_by_costs_the_brush_nothing() {
        let mut painter = painted();
        for (side, diameter) in [(5, 1), (1, 1), (512, 64), (64, 8)] {
            painter.fit(placement(side));
            assert_eq!(painter.brush().diameter, diameter);
        }
    }

    #[test]
    fn another_picture_begins_with_an_empty_mask_and_the_brush_as_wide_as_it_was() {
        let mut painter = painted();
        painter.set_eraser(true);
        painter.begin_anew(placement(128));
        assert_eq!((painter.brush().diameter, painter.brush().erases), (16, false));
        assert_eq!((painter.mask().share(), painter.has()), (0.0, (false, false)));
    }

    #[test]
    fn a_mask_in_place_of_another_is_one_change() {
        let mut painter = painted();
        let (before, white) = (painter.mask().clone(), vec![ANEW; 64 * 64]);
        painter.replace(Mask::new((2, 2)));
        assert!(*painter.mask() == before, "one of another size");
        if let Some(mask) = Mask::from_bytes((64, 64), &white) {
            painter.replace(mask);
        }
        assert_eq!(painter.mask().bytes(), white);
        assert!(painter.undo());
        assert!(*painter.mask() == before);
        assert!(painter.redo());
        assert_eq!(painter.mask().bytes(), white);
    }
}
