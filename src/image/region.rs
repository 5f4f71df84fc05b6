//! Rectangle of pixels.

/// Part of an image, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Region {
    /// Region without pixels.
    pub const EMPTY: Region = Region { x: 0, y: 0, width: 0, height: 0 };

    /// Returns whether it has no pixel.
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Returns the smallest region that holds both.
    pub fn union(self, other: Region) -> Region {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => {
                let (x, y) = (self.x.min(other.x), self.y.min(other.y));
                let right = (self.x + self.width).max(other.x + other.width);
                let bottom = (self.y + self.height).max(other.y + other.height);
                Region { x, y, width: right - x, height: bottom - y }
            }
        }
    }

    /// Returns whether it has pixels and is inside an image of this size.
    pub(super) fn fits(self, width: usize, height: usize) -> bool {
        let within = |from: usize, len: usize, size: usize| {
            len > 0 && from.checked_add(len).is_some_and(|end| end <= size)
        };
        within(self.x, self.width, width) && within(self.y, self.height, height)
    }
}
