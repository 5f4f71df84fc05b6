//! Editing of a mask by the user.

use super::fit::Placement;
use super::mask::Mask;
use super::region::Region;

/// Position on an image, in pixels from its upper left corner.
pub type Point = (f64, f64);

impl Mask {
    /// Returns the region of all its pixels.
    pub fn whole(&self) -> Region {
        let [width, height] = self.size();
        Region { x: 0, y: 0, width, height }
    }

    /// Returns the pixels of row `y` of a region inside it, 0 or 255.
    pub fn row(&self, y: usize, region: Region) -> &[u8] {
        let start = y * self.size()[0] + region.x;
        &self.values()[start..start + region.width]
    }

    /// Copies a region inside both from another mask of the same size.
    pub fn copy_region(&mut self, other: &Mask, region: Region) {
        for y in region.y..region.y + region.height {
            self.row_mut(y, region).copy_from_slice(other.row(y, region));
        }
    }

    /// Inverts the pixels of a region for which `turned` is true. It gets their indices, row by
    /// row.
    pub fn invert_where(&mut self, region: Region, turned: impl Fn(usize) -> bool) {
        for (row, y) in (region.y..region.y + region.height).enumerate() {
            for (column, pixel) in self.row_mut(y, region).iter_mut().enumerate() {
                if turned(row * region.width + column) {
                    *pixel = !*pixel;
                }
            }
        }
    }

    /// Inverts the mask.
    pub fn invert(&mut self) {
        self.values_mut().iter_mut().for_each(|pixel| *pixel = !*pixel);
    }

    /// Fills the mask with white or black.
    pub fn fill(&mut self, is_white: bool) {
        self.values_mut().fill(value(is_white));
    }

    /// Returns the share of white pixels, 0 to 1.
    pub fn share(&self) -> f64 {
        let count = self.values().iter().filter(|value| **value == Mask::WHITE).count();
        count as f64 / self.values().len().max(1) as f64
    }

    /// Draws a line with round ends: every pixel whose centre is at most `radius` away from it.
    /// Returns the region that may have changed.
    pub fn draw_line(&mut self, from: Point, to: Point, radius: f64, is_white: bool) -> Region {
        let region = self.around(from, to, radius);
        for y in region.y..region.y + region.height {
            let middle = y as f64 + 0.5;
            for (x, pixel) in (region.x..).zip(self.row_mut(y, region)) {
                if distance_squared((x as f64 + 0.5, middle), from, to) <= radius * radius {
                    *pixel = value(is_white);
                }
            }
        }
        region
    }

    /// Returns the mask for another placement of the image. `from` is the placement of this mask.
    /// The parts outside of it keep their pixels.
    pub fn moved(&self, from: &Placement, to: &Placement) -> Mask {
        let [width, height] = to.canvas;
        let mut moved = Mask::black(width, height);
        // For each axis: the column or row of the old canvas at one of the new canvas.
        let [columns, rows] = [0, 1].map(|axis| {
            let old = |place: usize| {
                let part = (place as f64 + 0.5 - to.origin[axis] as f64) / to.size[axis] as f64;
                let place = from.origin[axis] as f64 + part * from.size[axis] as f64;
                (0.0..self.size()[axis] as f64).contains(&place).then_some(place as usize)
            };
            (0..to.canvas[axis]).map(old).collect::<Vec<_>>()
        });
        let all = moved.whole();
        for (y, row) in rows.into_iter().enumerate() {
            let Some(row) = row.map(|row| self.row(row, self.whole())) else { continue };
            for (pixel, column) in moved.row_mut(y, all).iter_mut().zip(&columns) {
                *pixel = column.map_or(Mask::BLACK, |column| row[column]);
            }
        }
        moved
    }

    fn row_mut(&mut self, y: usize, region: Region) -> &mut [u8] {
        let start = y * self.size()[0] + region.x;
        &mut self.values_mut()[start..start + region.width]
    }

    /// Returns the region of the pixels that are within `radius` of a line.
    fn around(&self, from: Point, to: Point, radius: f64) -> Region {
        // A conversion from a float saturates, so that pixels outside are clipped.
        let span = |a: f64, b: f64, size: usize| {
            let low = ((a.min(b) - radius).floor() as usize).min(size);
            [low, ((a.max(b) + radius).ceil() as usize).min(size).max(low) - low]
        };
        let [columns, rows] = self.size();
        let ([x, width], [y, height]) = (span(from.0, to.0, columns), span(from.1, to.1, rows));
        Region { x, y, width, height }
    }
}

fn value(is_white: bool) -> u8 {
    if is_white { Mask::WHITE } else { Mask::BLACK }
}

/// Returns the square of the distance from a point to the line between two others.
fn distance_squared(point: Point, from: Point, to: Point) -> f64 {
    let (along_x, along_y) = (to.0 - from.0, to.1 - from.1);
    let length = along_x * along_x + along_y * along_y;
    let (x, y) = (point.0 - from.0, point.1 - from.1);
    let part =
        if length > 0.0 { ((x * along_x + y * along_y) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (x - part * along_x, y - part * along_y);
    x * x + y * y
}

#[cfg(test)]
mod tests {
    use super::super::fit::{Fit, Placement};
    use super::{Mask, Region};

    fn drawn(mask: &Mask) -> Vec<String> {
        let sign = |byte: &u8| if *byte == Mask::WHITE { '#' } else { '.' };
        mask.values().chunks(mask.size()[0]).map(|row| row.iter().map(sign).collect()).collect()
    }

    #[test]
    fn dab_is_round() {
        let mut mask = Mask::black(6, 6);
        let region = mask.draw_line((3.0, 3.0), (3.0, 3.0), 2.0, true);
        assert_eq!(region, Region { x: 1, y: 1, width: 4, height: 4 });
        assert_eq!(drawn(&mask), ["......", "..##..", ".####.", ".####.", "..##..", "......"]);
    }

    #[test]
    fn line_is_as_wide_as_its_brush_and_has_round_ends() {
        let mut mask = Mask::black(9, 5);
        mask.draw_line((2.5, 2.5), (6.5, 2.5), 1.2, true);
        assert_eq!(drawn(&mask), [".........", "..#####..", ".#######.", "..#####..", "........."]);
        mask.draw_line((4.5, 0.0), (4.5, 5.0), 0.5, false);
        assert_eq!(drawn(&mask), [".........", "..##.##..", ".###.###.", "..##.##..", "........."]);
    }

    #[test]
    fn line_outside_is_cut_off() {
        let mut mask = Mask::black(3, 3);
        let region = mask.draw_line((-5.0, 1.5), (1.0, 1.5), 0.75, true);
        assert_eq!(region.x + region.width, 2);
        assert_eq!(drawn(&mask), ["...", "##.", "..."]);
        assert!(mask.draw_line((40.0, 40.0), (50.0, 50.0), 3.0, true).is_empty());
    }

    #[test]
    fn moved_mask_stays_on_its_part_of_the_picture() {
        // A picture of 8 × 4: its middle 4 × 4, then all of it on 4 × 4 with a margin of one above
        // and below, then the middle at twice the size.
        let crop = Placement::new([8, 4], [4, 4], Fit::Crop);
        let mut mask = Mask::black(4, 4);
        mask.draw_line((1.0, 0.0), (1.0, 4.0), 0.9, true);
        assert_eq!(drawn(&mask), ["##..", "##..", "##..", "##.."]);
        let pad = Placement::new([8, 4], [4, 4], Fit::Pad);
        assert_eq!(drawn(&mask.moved(&crop, &pad)), ["....", ".#..", ".#..", "...."]);
        let large = Placement::new([8, 4], [8, 8], Fit::Crop);
        assert_eq!(drawn(&mask.moved(&crop, &large)), ["####...."; 8]);
        assert_eq!(mask.moved(&crop, &crop), mask);
    }

    #[test]
    fn inverting_a_region_twice_changes_nothing() {
        let mut mask = Mask::black(5, 4);
        let region = Region { x: 1, y: 1, width: 3, height: 2 };
        mask.invert_where(region, |pixel| pixel != 4);
        assert_eq!(drawn(&mask), [".....", ".###.", ".#.#.", "....."]);
        assert!((mask.share() - 0.25).abs() < 1e-9);
        mask.invert_where(region, |pixel| pixel != 4);
        assert!(mask.is_black());
    }

    #[test]
    fn union_of_regions_holds_both() {
        let region = |x, y, width, height| Region { x, y, width, height };
        assert_eq!(region(1, 2, 3, 4).union(region(6, 0, 1, 3)), region(1, 0, 6, 6));
        assert_eq!(region(1, 2, 3, 4).union(Region::EMPTY), region(1, 2, 3, 4));
    }
}
