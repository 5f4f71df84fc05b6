//! How a convolution moves over a picture.

/// Zeros around the picture, the same for rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// Above and left.
    pub before: usize,
    /// Below and right.
    pub after: usize,
}

impl Padding {
    /// The same on all sides.
    pub const fn symmetric(size: usize) -> Self {
        Padding { before: size, after: size }
    }
}

/// How a kernel moves over a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Pixels from one place to the next.
    pub stride: usize,
    /// Around the picture.
    pub padding: Padding,
    /// Height and width to which the picture is enlarged before, each pixel repeated.
    pub resized: Option<[usize; 2]>,
}

impl Geometry {
    /// Height and width of the result, for a `kernel`×`kernel` convolution of an `[h, w]` picture.
    pub(super) fn out_size(&self, size: [usize; 2], kernel: usize) -> [usize; 2] {
        let around = self.padding.before + self.padding.after;
        self.resized.unwrap_or(size).map(|side| (side + around - kernel) / self.stride + 1)
    }
}
