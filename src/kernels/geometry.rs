//! Stride, padding and input resize of a convolution.

/// Zero padding, the same for rows and columns, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// Above and left.
    pub before: usize,
    /// Below and right.
    pub after: usize,
}

impl Padding {
    /// Returns `size` pixels on all sides.
    pub const fn symmetric(size: usize) -> Self {
        Padding { before: size, after: size }
    }
}

/// Stride, padding and input resize of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Step of the kernel, pixels.
    pub stride: usize,
    /// Padding of the (resized) input.
    pub padding: Padding,
    /// `[h, w]` to which the input is first resized by nearest neighbour (diffusers' `Upsample2D`).
    pub resized: Option<[usize; 2]>,
}

impl Geometry {
    /// Returns the output's `[h, w]`, for a `kernel`×`kernel` convolution of an input of `[h, w]`.
    pub(super) fn out_size(&self, size: [usize; 2], kernel: usize) -> [usize; 2] {
        let around = self.padding.before + self.padding.after;
        self.resized.unwrap_or(size).map(|side| (side + around - kernel) / self.stride + 1)
    }
}
