//! The mask as it is being painted: strokes, changes of all of it, and their undoing.

use super::brush::{Brush, Stroke};
use super::fitting::Placement;
use super::history::History;
use super::mask::{ANEW, Area, Mask, Point, STAYS};

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
    brush: Brush,
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
            brush: Brush { diameter: usual_diameter(placement.size), erases: false },
            stroke: None,
        }
    }

    /// Another mask, for the placement that is shown. Nothing if it has another size.
    pub fn take(&mut self, mask: Mask) {
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
        let (old, new) = (self.shown_for.size, placement.size);
        self.shown_for = placement;
        self.show_kept();
        if old != new {
            let grown = f64::from(new.0.min(new.1)) / f64::from(old.0.min(old.1));
            self.set_diameter((f64::from(self.brush.diameter) * grown).round() as u32);
        }
    }

    /// The mask with all that is painted.
    pub fn mask(&self) -> &Mask {
        &self.shown
    }

    /// What is painted with.
    pub fn brush(&self) -> Brush {
        self.brush
    }

    /// Takes the eraser, or the brush.
    pub fn set_eraser(&mut self, erases: bool) {
        self.end();
        self.brush.erases = erases;
    }

    /// Sets the brush's width.
    pub fn set_diameter(&mut self, diameter: u32) {
        self.brush.diameter = diameter.clamp(1, self.largest_diameter());
    }

    /// The widest brush.
    pub fn largest_diameter(&self) -> u32 {
        let (width, height) = self.shown.size();
        (width.min(height) / 2).max(1)
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
        let value = if self.brush.erases { STAYS } else { ANEW };
        self.shown.line(from, to, self.brush.radius(), value)
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

    fn show_kept(&mut self) {
        self.shown = if self.kept_for == self.shown_for {
            self.kept.clone()
        } else {
            self.kept.moved(&self.kept_for, &self.shown_for)
        };
    }
}

fn usual_diameter((width, height): (u32, u32)) -> u32 {
    (width.min(height) / 6).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::fitting::{Fit, Placement};
    use super::super::mask::{ANEW, STAYS};
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
}
