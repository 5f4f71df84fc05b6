//! Resizing with exactly the numbers of Pillow.
//!
//! So a picture that was fitted to a size gives the same latents as in diffusers.
//! Follows `ImagingResample` for 8 bits a channel (Pillow `src/libImaging/Resample.c`): one side after the
//! other, weights of 22 bits after the point, a rounding to 8 bits after each side. As in Pillow 13 columns
//! come first where more than twice as many rows as columns go; older ones always begin with the rows.

use std::ops::Range;

use super::raster::Raster;
use super::region::Region;

/// Weights by distance from the middle of the new pixel.
#[derive(Debug, Clone, Copy)]
pub(super) enum Filter {
    /// Three lobes; what diffusers resizes pictures with.
    Lanczos,
    /// Pillow's own choice, with a = −½.
    Bicubic,
}

impl Filter {
    fn support(self) -> f64 {
        match self {
            Filter::Lanczos => 3.0,
            Filter::Bicubic => 2.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        match self {
            Filter::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            Filter::Lanczos => 0.0,
            Filter::Bicubic => {
                const A: f64 = -0.5;
                match x.abs() {
                    x if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
                    x if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
                    _ => 0.0,
                }
            }
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let x = x * std::f64::consts::PI;
    x.sin() / x
}

/// The part of a side that is spread over the new one, in pixels.
pub(super) type Span = [f64; 2];

impl<'a, const C: usize> Raster<'a, C> {
    /// Resizes it, neither side to 0.
    pub fn resized(self, width: usize, height: usize, filter: Filter) -> Raster<'a, C> {
        let size = [width as u64, height as u64];
        self.resized_part(size, size.map(|side| 0..side), filter)
    }

    /// Returns the columns and rows `shown` of what it is when it is resized to `size`: the rest of a long
    /// and narrow picture may be too large for the memory.
    pub fn resized_part(
        self,
        size: [u64; 2],
        shown: [Range<u64>; 2],
        filter: Filter,
    ) -> Raster<'a, C> {
        let whole = [[0.0, self.width as f64], [0.0, self.height as f64]];
        self.spread(whole, size, shown, filter)
    }

    /// Spreads the spans of its sides, x and y, over another size. Pillow allows spans without length: all
    /// of the new side then shows what is at that edge.
    pub fn resized_from(
        self,
        spans: [Span; 2],
        width: usize,
        height: usize,
        filter: Filter,
    ) -> Raster<'a, C> {
        let size = [width as u64, height as u64];
        self.spread(spans, size, size.map(|side| 0..side), filter)
    }

    fn spread(
        self,
        [x, y]: [Span; 2],
        [width, height]: [u64; 2],
        [columns, rows]: [Range<u64>; 2],
        filter: Filter,
    ) -> Raster<'a, C> {
        let rows_less = self.height as i64 - height as i64;
        let columns_less = self.width as i64 - width as i64;
        // The sums are cut to 8 bits between, so that the order shows.
        if rows_less > 0 && rows_less > columns_less.saturating_mul(2) {
            self.with_height(y, height, rows, filter).with_width(x, width, columns, filter)
        } else {
            self.with_width(x, width, columns, filter).with_height(y, height, rows, filter)
        }
    }

    fn with_width(
        self,
        span: Span,
        width: u64,
        shown: Range<u64>,
        filter: Filter,
    ) -> Raster<'a, C> {
        let Raster { width: own, height, .. } = self;
        if width == own as u64 && span == [0.0, own as f64] {
            let [x, width] = [shown.start, shown.end - shown.start].map(|side| side as usize);
            return self.crop(Region { x, y: 0, width, height });
        }
        let taps = taps(own, span, width, shown, filter);
        let mut pixels = Vec::with_capacity(taps.len() * height);
        for row in self.pixels.chunks_exact(own) {
            pixels.extend(taps.iter().map(|taps| taps.apply(|at| row[at])));
        }
        Raster::owned(taps.len(), height, pixels)
    }

    fn with_height(
        self,
        span: Span,
        height: u64,
        shown: Range<u64>,
        filter: Filter,
    ) -> Raster<'a, C> {
        let Raster { width, height: own, .. } = self;
        if height == own as u64 && span == [0.0, own as f64] {
            let [y, height] = [shown.start, shown.end - shown.start].map(|side| side as usize);
            return self.crop(Region { x: 0, y, width, height });
        }
        let taps = taps(own, span, height, shown, filter);
        let mut pixels = Vec::with_capacity(taps.len() * width);
        for taps in &taps {
            let pixel = |x: usize| taps.apply(|at| self.pixels[at * width + x]);
            pixels.extend((0..width).map(pixel));
        }
        Raster::owned(width, taps.len(), pixels)
    }
}

/// Bits after the point: 32, less 8 for the pixel and 2 for sums beyond 1.
const PRECISION: u32 = 32 - 8 - 2;

/// What one new pixel is made of.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

impl Taps {
    fn apply<const C: usize>(&self, pixel: impl Fn(usize) -> [u8; C]) -> [u8; C] {
        let mut sums = [1 << (PRECISION - 1); C];
        for (at, weight) in self.weights.iter().enumerate() {
            let pixel = pixel(self.first + at);
            for (sum, value) in sums.iter_mut().zip(pixel) {
                *sum += i32::from(value) * weight;
            }
        }
        sums.map(|sum| (sum >> PRECISION).clamp(0, 255) as u8)
    }
}

/// Returns the taps of the pixels `shown` of a side of `new` pixels (`precompute_coeffs`).
fn taps(size: usize, [start, end]: Span, new: u64, shown: Range<u64>, filter: Filter) -> Vec<Taps> {
    let scale = (end - start) / new as f64;
    // Larger steps blur over all pixels between.
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    let pixel = |at: u64| {
        let center = start + (at as f64 + 0.5) * scale;
        // `as` cuts below at 0.
        let first = ((center - support + 0.5) as usize).min(size - 1);
        let last = ((center + support + 0.5) as usize).min(size);
        let weight = |at: usize| filter.weight((at as f64 - center + 0.5) * (1.0 / stretch));
        let weights: Vec<f64> = (first..last).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let sum = if sum == 0.0 { 1.0 } else { sum };
        let fixed = |weight: &f64| (weight / sum * f64::from(1 << PRECISION)).round() as i32;
        Taps { first, weights: weights.iter().map(fixed).collect() }
    };
    shown.map(pixel).collect()
}
