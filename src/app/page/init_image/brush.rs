//! Brush and strokes of the mask editor.

use crate::image::Point;

/// Minimum radius: a brush of this size hits a pixel at any position.
const MIN_RADIUS: f64 = 0.75;

/// The brush.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// Pixels.
    pub diameter: u32,
    /// Whether it erases.
    pub erases: bool,
}

impl Brush {
    /// Returns the radius, pixels.
    pub fn radius(self) -> f64 {
        (f64::from(self.diameter) / 2.0).max(MIN_RADIUS)
    }
}

/// A stroke in progress. Quadratic curves between the midpoints of consecutive points, with these
/// points as control points, make it smooth.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// End of the line so far.
    at: Point,
    /// The last pointer position.
    last: Point,
}

impl Stroke {
    /// Begins a stroke.
    pub fn new(point: Point) -> Self {
        Stroke { at: point, last: point }
    }

    /// Adds a pointer position. Returns the new line segments.
    pub fn pass(&mut self, point: Point) -> Vec<(Point, Point)> {
        let (from, control) = (self.at, self.last);
        let to = between(control, point, 0.5);
        let pieces = (distance(from, to) / 3.0).ceil().clamp(1.0, 24.0);
        let mut lines = Vec::new();
        for piece in 1..=pieces as u32 {
            let part = f64::from(piece) / pieces;
            let next = between(between(from, control, part), between(control, to, part), part);
            lines.push((self.at, next));
            self.at = next;
        }
        self.last = point;
        lines
    }

    /// Ends the stroke. Returns the last line segment.
    pub fn end(self) -> (Point, Point) {
        (self.at, self.last)
    }
}

fn between(a: Point, b: Point, part: f64) -> Point {
    (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part)
}

fn distance(a: Point, b: Point) -> f64 {
    (b.0 - a.0).hypot(b.1 - a.1)
}

#[cfg(test)]
mod tests {
    use super::{Stroke, distance};

    #[test]
    fn stroke_is_continuous_and_ends_at_last_point() {
        let mut stroke = Stroke::new((0.0, 0.0));
        let mut lines = Vec::new();
        for point in [(10.0, 0.0), (10.0, 10.0), (0.0, 10.0)] {
            lines.extend(stroke.pass(point));
        }
        lines.push(stroke.end());
        assert_eq!(lines.first().map(|line| line.0), Some((0.0, 0.0)));
        assert_eq!(lines.last().map(|line| line.1), Some((0.0, 10.0)));
        for pair in lines.windows(2) {
            assert_eq!(pair[0].1, pair[1].0);
        }
    }

    #[test]
    fn stroke_rounds_corners() {
        let mut stroke = Stroke::new((0.0, 0.0));
        stroke.pass((10.0, 0.0));
        let bend = stroke.pass((10.0, 10.0));
        assert!(bend.len() > 1);
        // From midpoint to midpoint, never in the corner.
        assert_eq!(bend.first().map(|line| line.0), Some((5.0, 0.0)));
        assert_eq!(bend.last().map(|line| line.1), Some((10.0, 5.0)));
        assert!(bend.iter().all(|line| distance(line.1, (10.0, 0.0)) > 1.7));
    }
}
