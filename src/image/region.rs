//! A rectangle of pixels.

/// A part of a picture, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Region {
    /// Whether it has pixels and lies inside a picture of this size.
    pub(super) fn fits(self, width: usize, height: usize) -> bool {
        let within = |from: usize, len: usize, size: usize| {
            len > 0 && from.checked_add(len).is_some_and(|end| end <= size)
        };
        within(self.x, self.width, width) && within(self.y, self.height, height)
    }
}
