//! Resizing with exactly the numbers of Pillow, so that a picture that was fitted to a size gives the
//! same latents as in diffusers.
//!
//! Follows `ImagingResample` for 8 bits a channel (Pillow `src/libImaging/Resample.c`): one side after the
//! other, weights of 22 bits after the point, a rounding to 8 bits after each side. As in Pillow 13 columns
//! come first where more than twice as many rows as columns go; older ones always begin with the rows.

use super::raster::Raster;

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

impl<const C: usize> Raster<C> {
    /// In another size, neither side 0.
    pub fn resized(&self, width: usize, height: usize, filter: Filter) -> Self {
        let whole = [[0.0, self.width as f64], [0.0, self.height as f64]];
        self.resized_from(whole, width, height, filter)
    }

    /// The spans of its sides, x and y, spread over another size. Pillow allows spans without length: all
    /// of the new side then shows what is at that edge.
    pub fn resized_from(
        &self,
        [x, y]: [Span; 2],
        width: usize,
        height: usize,
        filter: Filter,
    ) -> Self {
        let (rows, columns) = (self.height as i64, self.width as i64);
        let (rows_less, columns_less) = (rows - height as i64, columns - width as i64);
        // The sums are cut to 8 bits between, so that the order shows.
        if rows_less > 0 && rows_less > 2 * columns_less {
            self.with_height(y, height, filter).with_width(x, width, filter)
        } else {
            self.with_width(x, width, filter).with_height(y, height, filter)
        }
    }

    fn with_width(&self, span: Span, width: usize, filter: Filter) -> Self {
        if width == self.width && span == [0.0, width as f64] {
            return self.clone();
        }
        let taps = taps(self.width, span, width, filter);
        let rows = self.pixels.chunks_exact(self.width);
        let pixels = rows.flat_map(|row| taps.iter().map(|taps| taps.apply(|at| row[at])));
        Raster { width, height: self.height, pixels: pixels.collect() }
    }

    fn with_height(&self, span: Span, height: usize, filter: Filter) -> Self {
        if height == self.height && span == [0.0, height as f64] {
            return self.clone();
        }
        let width = self.width;
        let taps = taps(self.height, span, height, filter);
        let pixel = |taps: &Taps, x: usize| taps.apply(|at| self.pixels[at * width + x]);
        let pixels = taps.iter().flat_map(|taps| (0..width).map(|x| pixel(taps, x)));
        Raster { width, height, pixels: pixels.collect() }
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

/// For each new pixel of a side (`precompute_coeffs`).
fn taps(size: usize, [start, end]: Span, new: usize, filter: Filter) -> Vec<Taps> {
    let scale = (end - start) / new as f64;
    // Larger steps blur over all pixels between.
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    let pixel = |at: usize| {
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
    (0..new).map(pixel).collect()
}
