//! Resizing with exactly Pillow's numbers.
//!
//! A fitted image then gives the same latents as in diffusers. Follows `ImagingResample` for 8 bits
//! per channel (Pillow `src/libImaging/Resample.c`): one axis after the other, weights with 22
//! fractional bits, a rounding to 8 bits after each axis. As in Pillow 13, columns come first where
//! more than twice as many rows as columns are removed; older versions always begin with the rows.

use std::ops::{ControlFlow, Range};

use super::raster::Raster;
use super::region::Region;

/// Weights by distance from the centre of the new pixel.
#[derive(Debug, Clone, Copy)]
pub(super) enum Filter {
    /// Lanczos with three lobes, diffusers' choice for images.
    Lanczos,
    /// Bicubic with a = −½, Pillow's default.
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

/// Span of a side that is mapped to the new side, in pixels.
pub(super) type Span = [f64; 2];

impl<'a, const C: usize> Raster<'a, C> {
    /// Resizes the raster; neither side may be 0.
    pub fn resized(self, width: usize, height: usize, filter: Filter) -> Raster<'a, C> {
        let size = [width as u64, height as u64];
        self.resizing(size, size.map(|side| 0..side), filter).finish()
    }

    /// Starts to compute the columns and rows `shown` of the raster resized to `size`. The rest of
    /// a long and narrow image might not fit into memory.
    pub fn resizing(
        self,
        size: [u64; 2],
        shown: [Range<u64>; 2],
        filter: Filter,
    ) -> Resizing<'a, C> {
        let whole = [[0.0, self.width as f64], [0.0, self.height as f64]];
        Resizing::new(self, whole, size, shown, filter)
    }

    /// Resizes the spans of its sides, x and y, to another size. Pillow allows spans of length 0:
    /// the whole new side then has the pixels of that edge.
    pub fn resized_from(
        self,
        spans: [Span; 2],
        width: usize,
        height: usize,
        filter: Filter,
    ) -> Raster<'a, C> {
        let size = [width as u64, height as u64];
        Resizing::new(self, spans, size, size.map(|side| 0..side), filter).finish()
    }
}

/// Resizing, one row at a time, so that the caller can do other work in between.
pub(super) struct Resizing<'a, const C: usize> {
    pass: Pass<'a, C>,
    /// Next step.
    then: Option<Side>,
}

impl<'a, const C: usize> Resizing<'a, C> {
    fn new(
        from: Raster<'a, C>,
        [x, y]: [Span; 2],
        [width, height]: [u64; 2],
        [columns, rows]: [Range<u64>; 2],
        filter: Filter,
    ) -> Self {
        let rows_less = from.height as i64 - height as i64;
        let columns_less = from.width as i64 - width as i64;
        let across = Side { axis: Axis::X, span: x, new: width, shown: columns, filter };
        let down = Side { axis: Axis::Y, span: y, new: height, shown: rows, filter };
        // The sums are rounded to 8 bits in between, so that the order matters.
        let rows_first = rows_less > 0 && rows_less > columns_less.saturating_mul(2);
        let [first, then] = if rows_first { [down, across] } else { [across, down] };
        Resizing { pass: first.begin(from), then: Some(then) }
    }

    /// Computes one more row; breaks with the result after the last.
    pub fn step(self) -> ControlFlow<Raster<'a, C>, Self> {
        let Resizing { pass, then } = self;
        match (pass.step(), then) {
            (ControlFlow::Continue(pass), then) => ControlFlow::Continue(Resizing { pass, then }),
            (ControlFlow::Break(done), Some(then)) => {
                ControlFlow::Continue(Resizing { pass: then.begin(done), then: None })
            }
            (ControlFlow::Break(done), None) => ControlFlow::Break(done),
        }
    }

    /// Computes all rows.
    pub fn finish(self) -> Raster<'a, C> {
        let mut resizing = self;
        loop {
            match resizing.step() {
                ControlFlow::Continue(next) => resizing = next,
                ControlFlow::Break(done) => return done,
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    X,
    Y,
}

/// Resizing of one side.
struct Side {
    axis: Axis,
    span: Span,
    /// New length, and the requested pixels of it.
    new: u64,
    shown: Range<u64>,
    filter: Filter,
}

impl Side {
    fn begin<const C: usize>(self, from: Raster<'_, C>) -> Pass<'_, C> {
        let Side { axis, span, new, shown, filter } = self;
        let own = if axis == Axis::X { from.width } else { from.height };
        if new == own as u64 && span == [0.0, own as f64] {
            let [start, len] = [shown.start, shown.end - shown.start].map(|side| side as usize);
            let region = match axis {
                Axis::X => Region { x: start, y: 0, width: len, height: from.height },
                Axis::Y => Region { x: 0, y: start, width: from.width, height: len },
            };
            return Pass::Cut(from, region);
        }
        let taps = taps(own, span, new, shown, filter);
        let [width, height] = match axis {
            Axis::X => [taps.len(), from.height],
            Axis::Y => [from.width, taps.len()],
        };
        let sums = if axis == Axis::Y { vec![[0; C]; width] } else { Vec::new() };
        let pixels = Vec::with_capacity(width * height);
        Pass::Mix(Mix { from, axis, taps, size: [width, height], row: 0, sums, pixels })
    }
}

/// One of the two passes over an image.
enum Pass<'a, const C: usize> {
    /// A side that keeps its length is cropped.
    Cut(Raster<'a, C>, Region),
    Mix(Mix<'a, C>),
}

/// A pass that computes each new pixel from several old ones.
struct Mix<'a, const C: usize> {
    from: Raster<'a, C>,
    axis: Axis,
    taps: Vec<Taps>,
    size: [usize; 2],
    /// Next row.
    row: usize,
    /// Current row, `[w]`.
    sums: Vec<[i32; C]>,
    /// Rows so far.
    pixels: Vec<[u8; C]>,
}

impl<'a, const C: usize> Pass<'a, C> {
    fn step(self) -> ControlFlow<Raster<'a, C>, Self> {
        match self {
            Pass::Cut(from, region) => ControlFlow::Break(from.crop(region)),
            Pass::Mix(mut mix) if mix.row < mix.size[1] => {
                mix.add_row();
                ControlFlow::Continue(Pass::Mix(mix))
            }
            Pass::Mix(Mix { size: [width, height], pixels, .. }) => {
                ControlFlow::Break(Raster::owned(width, height, pixels))
            }
        }
    }
}

impl<const C: usize> Mix<'_, C> {
    fn add_row(&mut self) {
        let Mix { from, taps, sums, pixels, row, .. } = self;
        let old_row = |row: usize| &from.pixels[row * from.width..(row + 1) * from.width];
        match self.axis {
            Axis::X => {
                let old = old_row(*row);
                pixels.extend(taps.iter().map(|taps| taps.apply(old)));
            }
            Axis::Y => {
                sums.fill([HALF; C]);
                let Taps { first, weights } = &taps[*row];
                for (row, weight) in (*first..).zip(weights) {
                    for (sum, pixel) in sums.iter_mut().zip(old_row(row)) {
                        add(sum, *pixel, *weight);
                    }
                }
                pixels.extend(sums.iter().map(|sum| sum.map(rounded)));
            }
        }
        *row += 1;
    }
}

/// Fractional bits: 32, less 8 for the pixel and 2 for sums above 1.
const PRECISION: u32 = 32 - 8 - 2;

/// Source pixels and weights of one new pixel.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

impl Taps {
    fn apply<const C: usize>(&self, row: &[[u8; C]]) -> [u8; C] {
        let mut sums = [HALF; C];
        for (pixel, weight) in row[self.first..].iter().zip(&self.weights) {
            add(&mut sums, *pixel, *weight);
        }
        sums.map(rounded)
    }
}

/// Initial value of a sum, so that truncation rounds.
const HALF: i32 = 1 << (PRECISION - 1);

fn add<const C: usize>(sums: &mut [i32; C], pixel: [u8; C], weight: i32) {
    for (sum, value) in sums.iter_mut().zip(pixel) {
        *sum += i32::from(value) * weight;
    }
}

fn rounded(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// Returns the taps of the pixels `shown` of a side of `new` pixels (`precompute_coeffs`).
fn taps(size: usize, [start, end]: Span, new: u64, shown: Range<u64>, filter: Filter) -> Vec<Taps> {
    let scale = (end - start) / new as f64;
    // Larger steps blur over all pixels in between.
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    let pixel = |at: u64| {
        let center = start + (at as f64 + 0.5) * scale;
        // `as` saturates at 0.
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
