//! Masks for pictures that come without: what is hidden to see how it is completed.

use std::f64::consts::TAU;
use std::str::FromStr;

use crate::error::{Error, Message, Result, messages};
use crate::image::Mask;
use crate::pipeline::noise::Generator;

/// A kind of mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaskKind {
    /// The middle, half as wide and half as high as the picture.
    Centre,
    /// The right half.
    Half,
    /// A few random brush strokes, other ones for each picture.
    Strokes,
}

impl MaskKind {
    /// Their names, as the terminal takes them.
    pub const NAMES: [(&'static str, MaskKind); 3] =
        [("centre", MaskKind::Centre), ("half", MaskKind::Half), ("strokes", MaskKind::Strokes)];

    /// A mask of this size. `seed` decides where strokes go.
    ///
    /// # Errors
    /// If the size is zero.
    pub fn make(self, width: usize, height: usize, seed: u64) -> Result<Mask> {
        let bytes: Vec<u8> = match self {
            MaskKind::Centre => filled(width, height, |x, y| {
                (width / 4..width - width / 4).contains(&x)
                    && (height / 4..height - height / 4).contains(&y)
            }),
            MaskKind::Half => filled(width, height, |x, _| x >= width / 2),
            MaskKind::Strokes => {
                let strokes = strokes(width as f64, height as f64, seed);
                filled(width, height, |x, y| {
                    let centre = [x as f64 + 0.5, y as f64 + 0.5];
                    strokes.iter().any(|stroke| stroke.covers(centre))
                })
            }
        };
        Mask::new(width, height, &bytes)
    }
}

impl FromStr for MaskKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Self::NAMES.into_iter().find(|(known, _)| *known == name);
        known.map(|(_, kind)| kind).ok_or_else(|| Error::InvalidRequest {
            field: "mask",
            value: Message::verbatim(name),
            reason: messages::mask_choices(),
        })
    }
}

fn filled(width: usize, height: usize, is_white: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    pixels.map(|(x, y)| if is_white(x, y) { u8::MAX } else { 0 }).collect()
}

/// A line with round ends.
struct Stroke {
    from: [f64; 2],
    to: [f64; 2],
    radius: f64,
}

impl Stroke {
    fn covers(&self, [x, y]: [f64; 2]) -> bool {
        let ([ax, ay], [bx, by]) = (self.from, self.to);
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let along = if length > 0.0 { ((x - ax) * dx + (y - ay) * dy) / length } else { 0.0 };
        let along = along.clamp(0.0, 1.0);
        (x - ax - along * dx).hypot(y - ay - along * dy) <= self.radius
    }
}

/// Three bent lines, each of four strokes, between an eighth and a quarter of the shorter side wide.
fn strokes(width: f64, height: f64, seed: u64) -> Vec<Stroke> {
    const LINES: usize = 3;
    const BENDS: usize = 4;
    let mut uniform = Generator::new(seed);
    let mut next = || f64::from(uniform.rand());
    let side = width.min(height);
    let mut strokes = Vec::new();
    for _ in 0..LINES {
        let radius = side * (1.0 + next()) / 16.0;
        let mut from = [next() * width, next() * height];
        let mut angle = next() * TAU;
        for _ in 0..BENDS {
            // On the whole a line goes on in its direction.
            angle += (next() - 0.5) * TAU / 3.0;
            let length = side * (0.1 + 0.2 * next());
            let to = [
                (from[0] + length * angle.cos()).clamp(0.0, width),
                (from[1] + length * angle.sin()).clamp(0.0, height),
            ];
            strokes.push(Stroke { from, to, radius });
            from = to;
        }
    }
    strokes
}
