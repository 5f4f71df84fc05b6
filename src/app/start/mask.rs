//! The mask: which pixels are painted anew.

use super::super::protocol::Pixels;
use super::fitting::Placement;

/// A pixel that is painted anew.
pub const ANEW: u8 = 255;
/// A pixel that stays.
pub const STAYS: u8 = 0;

/// A place on the picture, in pixels from its upper left corner.
pub type Point = (f64, f64);

/// A mask, `[height, width]`, of [`ANEW`] and [`STAYS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

/// Whole pixels from `left` and `top` to before `right` and `bottom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// The first column.
    pub left: u32,
    /// The first row.
    pub top: u32,
    /// The column after the last.
    pub right: u32,
    /// The row after the last.
    pub bottom: u32,
}

impl Area {
    /// No pixel.
    pub const NONE: Area = Area { left: 0, top: 0, right: 0, bottom: 0 };

    /// Whether there is no pixel in it.
    pub fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// The smallest that holds both.
    pub fn with(self, other: Area) -> Area {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => Area {
                left: self.left.min(other.left),
                top: self.top.min(other.top),
                right: self.right.max(other.right),
                bottom: self.bottom.max(other.bottom),
            },
        }
    }
}

impl Mask {
    /// Nothing is painted anew.
    pub fn new((width, height): (u32, u32)) -> Self {
        Mask { width, height, bytes: vec![STAYS; width as usize * height as usize] }
    }

    /// A mask of these bytes; `None` if they are not as many as the size has pixels.
    pub fn from_bytes((width, height): (u32, u32), bytes: &[u8]) -> Option<Self> {
        let fits = bytes.len() == width as usize * height as usize;
        let bytes = bytes.iter().map(|byte| if *byte < 128 { STAYS } else { ANEW }).collect();
        fits.then_some(Mask { width, height, bytes })
    }

    /// The mask in a picture: where it is bright. As the engine's own (`image/mask.rs`), which the page's
    /// program is built without. `None` if the pixels are not as many as the size says.
    pub fn from_pixels(pixels: &Pixels) -> Option<Self> {
        let bytes: Vec<u8> = pixels.rgba.as_chunks::<4>().0.iter().map(luminance).collect();
        Mask::from_bytes((pixels.width, pixels.height), &bytes)
    }

    /// Its bytes, row by row.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Width and height.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// All of it.
    pub fn whole(&self) -> Area {
        Area { left: 0, top: 0, right: self.width, bottom: self.height }
    }

    /// The pixels of one row of an area.
    pub fn row(&self, y: u32, area: Area) -> &[u8] {
        &self.bytes[self.at(area.left, y)..self.at(area.right, y)]
    }

    /// The same, to be changed.
    pub fn row_mut(&mut self, y: u32, area: Area) -> &mut [u8] {
        let (from, to) = (self.at(area.left, y), self.at(area.right, y));
        &mut self.bytes[from..to]
    }

    /// How much of the picture is painted anew, 0 to 1.
    pub fn share(&self) -> f64 {
        let count = self.bytes.iter().filter(|byte| **byte == ANEW).count();
        count as f64 / self.bytes.len().max(1) as f64
    }

    /// Draws a line with round ends: every pixel whose middle is no farther than `radius` from it.
    /// Says what it may have changed.
    pub fn line(&mut self, from: Point, to: Point, radius: f64, value: u8) -> Area {
        let area = self.around(from, to, radius);
        for y in area.top..area.bottom {
            let middle = f64::from(y) + 0.5;
            for (x, pixel) in (area.left..).zip(self.row_mut(y, area)) {
                if distance_squared((f64::from(x) + 0.5, middle), from, to) <= radius * radius {
                    *pixel = value;
                }
            }
        }
        area
    }

    /// Paints all of it.
    pub fn fill(&mut self, value: u8) {
        self.bytes.fill(value);
    }

    /// What stayed is painted anew, and the other way round.
    pub fn invert(&mut self) {
        for pixel in &mut self.bytes {
            *pixel = !*pixel;
        }
    }

    /// The same parts of the picture where that lies otherwise: from the placement for which this
    /// mask was painted to a new one. What was out of sight stays.
    pub fn moved(&self, old: &Placement, new: &Placement) -> Mask {
        let mut moved = Mask::new(new.size);
        let all = moved.whole();
        for y in 0..new.size.1 {
            for (x, pixel) in (0..).zip(moved.row_mut(y, all)) {
                let place = new.back((f64::from(x) + 0.5, f64::from(y) + 0.5));
                let (column, row) = old.forth(place);
                let inside = (0.0..f64::from(self.width)).contains(&column)
                    && (0.0..f64::from(self.height)).contains(&row);
                if inside {
                    *pixel = self.bytes[self.at(column as u32, row as u32)];
                }
            }
        }
        moved
    }

    fn at(&self, x: u32, y: u32) -> usize {
        y as usize * self.width as usize + x as usize
    }

    fn around(&self, from: Point, to: Point, radius: f64) -> Area {
        // A float becomes the nearest number that there is, so what lies outside is cut off here.
        let low = |a: f64, b: f64, most: u32| ((a.min(b) - radius).floor() as u32).min(most);
        let high = |a: f64, b: f64, most: u32| ((a.max(b) + radius).ceil() as u32).min(most);
        Area {
            left: low(from.0, to.0, self.width),
            top: low(from.1, to.1, self.height),
            right: high(from.0, to.0, self.width),
            bottom: high(from.1, to.1, self.height),
        }
    }
}

/// ITU-R 601-2 luma, rounded as Pillow does (`convert("L")`).
fn luminance([r, g, b, _]: &[u8; 4]) -> u8 {
    let sum = u32::from(*r) * 19595 + u32::from(*g) * 38470 + u32::from(*b) * 7471 + 0x8000;
    (sum >> 16) as u8
}

/// From a point to the line between two others.
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
    use super::super::fitting::{Fit, Placement};
    use super::{ANEW, Area, Mask, STAYS};
    use crate::app::protocol::Pixels;

    fn drawn(mask: &Mask) -> Vec<String> {
        let sign = |byte: &u8| if *byte == ANEW { '#' } else { '.' };
        mask.bytes()
            .chunks(mask.size().0 as usize)
            .map(|row| row.iter().map(sign).collect())
            .collect()
    }

    #[test]
    fn a_dab_is_round() {
        let mut mask = Mask::new((6, 6));
        let area = mask.line((3.0, 3.0), (3.0, 3.0), 2.0, ANEW);
        assert_eq!(area, Area { left: 1, top: 1, right: 5, bottom: 5 });
        assert_eq!(drawn(&mask), ["......", "..##..", ".####.", ".####.", "..##..", "......"]);
    }

    #[test]
    fn a_line_is_as_wide_as_its_brush_and_has_round_ends() {
        let mut mask = Mask::new((9, 5));
        mask.line((2.5, 2.5), (6.5, 2.5), 1.2, ANEW);
        assert_eq!(drawn(&mask), [".........", "..#####..", ".#######.", "..#####..", "........."]);
        mask.line((4.5, 0.0), (4.5, 5.0), 0.5, STAYS);
        assert_eq!(drawn(&mask), [".........", "..##.##..", ".###.###.", "..##.##..", "........."]);
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let mut mask = Mask::new((3, 3));
        assert_eq!(mask.line((-5.0, 1.5), (1.0, 1.5), 0.75, ANEW).right, 2);
        assert_eq!(drawn(&mask), ["...", "##.", "..."]);
        assert!(mask.line((40.0, 40.0), (50.0, 50.0), 3.0, ANEW).is_empty());
    }

    #[test]
    fn a_mask_stays_on_its_part_of_the_picture() {
        // A picture of 8 × 4: its middle 4 × 4, then all of it on 4 × 4 with a margin of one above
        // and below, then the middle at twice the size.
        let crop = Placement::new((8, 4), (4, 4), Fit::Crop);
        let mut mask = Mask::new((4, 4));
        mask.line((1.0, 0.0), (1.0, 4.0), 0.9, ANEW);
        assert_eq!(drawn(&mask), ["##..", "##..", "##..", "##.."]);
        let pad = Placement::new((8, 4), (4, 4), Fit::Pad);
        assert_eq!(drawn(&mask.moved(&crop, &pad)), ["....", ".#..", ".#..", "...."]);
        let large = Placement::new((8, 4), (8, 8), Fit::Crop);
        assert_eq!(drawn(&mask.moved(&crop, &large)), ["####...."; 8]);
        assert_eq!(mask.moved(&crop, &crop), mask);
    }

    #[test]
    fn bytes_come_in_only_if_they_are_as_many_as_pixels() {
        assert_eq!(Mask::from_bytes((2, 2), &[0; 3]), None);
        let mask = Mask::from_bytes((2, 1), &[200, 20]).unwrap_or(Mask::new((0, 0)));
        assert_eq!(mask.bytes(), [255, 0]);
        assert!((mask.share() - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_picture_is_a_mask_where_it_is_bright() {
        // By Pillow's convert("L"): 255, 0, 76, 150, 29, 127, 128.
        let colours = ["ffffff", "000000", "ff0000", "00ff00", "0000ff", "7f7f7f", "808080"];
        let byte = |digits: &str| u8::from_str_radix(digits, 16).unwrap_or_default();
        let rgba = |colour: &&str| [&colour[..2], &colour[2..4], &colour[4..], "ff"].map(byte);
        let pixels = Pixels { width: 7, height: 1, rgba: colours.iter().flat_map(rgba).collect() };
        let mask = Mask::from_pixels(&pixels);
        assert_eq!(mask.as_ref().map(drawn), Some(vec!["#..#..#".to_string()]));
        assert_eq!(Mask::from_pixels(&Pixels { height: 2, ..pixels }), None);
    }
}
