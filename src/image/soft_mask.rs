//! Inpainting mask with a soft edge.

use std::borrow::Cow;

use super::fit::Fit;
use super::mask::{Mask, white_region};
use super::raster::Raster;
use super::region::Region;
use super::rgb_image::RgbImage;
use crate::error::{Error, Result, messages};

/// A mask whose edge is blurred: grey pixels are repainted, and mixed with the original
/// (diffusers: `VaeImageProcessor.blur` of a mask).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftMask {
    width: usize,
    height: usize,
    /// `[h, w]`, 0 to 255.
    values: Vec<u8>,
}

impl Mask {
    /// Blurs the edge with a Gaussian of this radius in pixels, as Pillow's `GaussianBlur` does.
    pub fn blurred(&self, radius: usize) -> SoftMask {
        let [width, height] = self.size();
        let mut values = self.values().to_vec();
        let kernel = BoxKernel::of_gaussian(radius);
        kernel.blur_rows(&mut values, width);
        let mut columns = transposed(&values, width);
        kernel.blur_rows(&mut columns, height);
        SoftMask { width, height, values: transposed(&columns, height) }
    }
}

impl SoftMask {
    /// Returns all pixels, `[h, w]`, 0 to 255.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// Returns the mask with a hard edge: white where this one is at least half white.
    ///
    /// # Errors
    /// If there are no pixels.
    pub fn binarized(&self) -> Result<Mask> {
        Ok(self.raster()?.into())
    }

    /// Returns the part that is not black and its surroundings, as [`Mask::region`].
    pub fn region(&self, size: [usize; 2], padding: usize) -> Option<Region> {
        white_region(&self.values, [self.width, self.height], size, padding)
    }

    /// Returns the part in `region`, fitted to `width` × `height` and with a hard edge.
    ///
    /// # Errors
    /// If the region is not inside the mask.
    pub fn fitted_part(&self, region: Region, width: usize, height: usize) -> Result<Mask> {
        if !region.fits(self.width, self.height) {
            let reason = messages::part_outside_mask();
            return Err(Error::Image { action: "fitted", reason });
        }
        self.raster()?.crop(region).fitted_mask(width, height, Fit::Pad)
    }

    /// Composes `painted` (white) and `original` (black), and mixes them where the mask is grey.
    /// Each value is rounded as by `VaeImageProcessor.apply_overlay`.
    ///
    /// # Errors
    /// If one of them has another size.
    pub fn compose(&self, painted: &RgbImage, original: &RgbImage) -> Result<RgbImage> {
        let (painted, original) = (painted.raster()?, original.raster()?);
        for raster in [&painted, &original] {
            if [raster.width, raster.height] != [self.width, self.height] {
                let reason =
                    messages::mask_differs(raster.width, raster.height, self.width, self.height);
                return Err(Error::Image { action: "fitted", reason });
            }
        }
        let both = painted.pixels.iter().zip(original.pixels.iter());
        let mix = |(value, (painted, original)): (&u8, (&[u8; 3], &[u8; 3]))| {
            let channel = |channel: usize| overlaid(painted[channel], original[channel], *value);
            [channel(0), channel(1), channel(2)]
        };
        let pixels = self.values.iter().zip(both).map(mix).collect();
        Ok(Raster::owned(self.width, self.height, pixels).into())
    }

    fn raster(&self) -> Result<Raster<'_, 1>> {
        let SoftMask { width, height, values } = self;
        if values.is_empty() {
            let reason = messages::values_do_not_fill(0_usize, *width, *height);
            return Err(Error::Image { action: "fitted", reason });
        }
        let pixels = Cow::Borrowed(values.as_chunks::<1>().0);
        Ok(Raster { width: *width, height: *height, pixels })
    }
}

/// Returns a channel of `painted` under `original`, whose alpha is 255 less `mask`.
///
/// `apply_overlay` pastes the original into a transparent picture with premultiplied alpha
/// (`paste_mask_L` in Pillow's `Paste.c`), divides by alpha again (`rgba2rgbA` in `Convert.c`) and
/// lays it over the painted picture (`AlphaComposite.c`). Each of them rounds.
fn overlaid(painted: u8, original: u8, mask: u8) -> u8 {
    let alpha = u32::from(u8::MAX - mask);
    if alpha == 0 {
        return painted;
    }
    let premultiplied = divided_by_255(u32::from(original) * alpha + 128);
    let original = match alpha {
        255 => premultiplied,
        _ => (255 * premultiplied / alpha).min(255),
    };
    // Seven bits more, as there.
    let share = alpha << 7;
    let sum = original * share + u32::from(painted) * ((255 << 7) - share);
    (divided_by_255(sum + (0x80 << 7)) >> 7) as u8
}

/// Pillow's `SHIFTFORDIV255`.
fn divided_by_255(value: u32) -> u32 {
    ((value >> 8) + value) >> 8
}

/// Box filter that approximates a Gaussian in three passes (`BoxBlur.c` of Pillow; Gwosdek et al.,
/// Theoretical Foundations of Gaussian Convolution by Extended Box Filtering, 2011).
struct BoxKernel {
    /// Pixels on each side with the full weight.
    radius: usize,
    /// Weight of each of them, of 2²⁴.
    weight: u32,
    /// Weight of the two pixels beyond.
    edge_weight: u32,
}

/// Passes of the box filter.
const PASSES: usize = 3;

impl BoxKernel {
    /// Returns the filter for a Gaussian with this standard deviation.
    fn of_gaussian(sigma: usize) -> Self {
        // Pillow computes this part in f32.
        let variance = (sigma * sigma) as f32 / PASSES as f32;
        let length = (12.0 * f64::from(variance) + 1.0).sqrt() as f32;
        let whole = ((length - 1.0) / 2.0).floor();
        let part = (2.0 * whole + 1.0) * (whole * (whole + 1.0) - 3.0 * variance)
            / (6.0 * (variance - (whole + 1.0) * (whole + 1.0)));
        let radius = whole + part;
        let weight = ((1_u32 << 24) as f32 / (radius * 2.0 + 1.0)) as u32;
        let whole = radius as usize;
        let edge_weight = ((1_u32 << 24) - (2 * whole as u32 + 1) * weight) / 2;
        BoxKernel { radius: whole, weight, edge_weight }
    }

    /// Blurs rows of `width` pixels; the pixels at both ends continue beyond.
    fn blur_rows(&self, values: &mut [u8], width: usize) {
        let mut blurred = vec![0; width];
        for row in values.chunks_exact_mut(width.max(1)) {
            for _ in 0..PASSES {
                self.blur_row(row, &mut blurred);
                row.copy_from_slice(&blurred);
            }
        }
    }

    fn blur_row(&self, row: &[u8], blurred: &mut [u8]) {
        let Some(last) = row.len().checked_sub(1) else { return };
        let at = |x: usize| u32::from(row[x.min(last)]);
        let before = |x: usize, back: usize| at(x.saturating_sub(back));
        // The sum for the pixel before the first.
        let mut sum = at(0) * (self.radius as u32 + 1) + (0..self.radius).map(at).sum::<u32>();
        for (x, value) in blurred.iter_mut().enumerate() {
            sum = sum + at(x + self.radius) - before(x, self.radius + 1);
            let beyond = before(x, self.radius + 1) + at(x + self.radius + 1);
            let weighted = sum * self.weight + beyond * self.edge_weight;
            *value = ((weighted + (1 << 23)) >> 24) as u8;
        }
    }
}

/// Returns the transpose of rows of `width` pixels.
fn transposed(values: &[u8], width: usize) -> Vec<u8> {
    (0..width).flat_map(|x| values.iter().skip(x).step_by(width).copied()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::overlaid;
    use crate::image::{Mask, RgbImage};

    /// A mask of 24 × 9 pixels, white from column 6 to 13 and row 2 to 6, and at the corner.
    fn mask() -> Mask {
        let is_white = |x: usize, y: usize| {
            ((6..14).contains(&x) && (2..7).contains(&y)) || (x > 21 && y == 8)
        };
        let bytes: Vec<u8> =
            (0..24 * 9).map(|at| if is_white(at % 24, at / 24) { 255 } else { 0 }).collect();
        Mask::new(24, 9, &bytes).unwrap()
    }

    /// `GaussianBlur` of Pillow 13.0.0, by `VaeImageProcessor.blur` of diffusers 0.42.1.
    #[test]
    fn blur_equals_pillow() {
        let rows: [(usize, [u8; 24], [u8; 9], u32); 4] = [
            (
                1,
                [
                    0, 0, 0, 1, 15, 74, 177, 238, 252, 253, 253, 252, 238, 177, 74, 15, 1, 0, 0, 0,
                    0, 0, 0, 0,
                ],
                [16, 75, 179, 240, 253, 240, 179, 75, 16],
                10_677,
            ),
            (
                3,
                [
                    5, 11, 19, 32, 48, 66, 84, 101, 114, 121, 121, 114, 101, 84, 66, 48, 33, 21,
                    15, 11, 11, 13, 15, 17,
                ],
                [90, 100, 110, 118, 121, 118, 110, 100, 90],
                10_256,
            ),
            (
                9,
                [
                    23, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 40,
                    41, 41, 42, 42,
                ],
                [31, 31, 31, 32, 32, 32, 33, 33, 33],
                7_161,
            ),
            (
                40,
                [
                    44, 44, 44, 44, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 46, 46, 46, 46,
                    46, 46, 46, 47,
                ],
                [45; 9],
                9_762,
            ),
        ];
        for (radius, row, column, sum) in rows {
            let blurred = mask().blurred(radius);
            let values = blurred.values();
            assert_eq!(values[4 * 24..5 * 24], row, "{radius}");
            let found: Vec<u8> = values.iter().skip(10).step_by(24).copied().collect();
            assert_eq!(found, column, "{radius}");
            assert_eq!(values.iter().map(|value| u32::from(*value)).sum::<u32>(), sum, "{radius}");
        }
    }

    #[test]
    fn radius_of_zero_changes_nothing() {
        assert_eq!(mask().blurred(0).values(), mask().values());
        assert_eq!(mask().blurred(0).binarized().unwrap(), mask());
    }

    /// `VaeImageProcessor.apply_overlay` of diffusers 0.42.1.
    #[test]
    fn mix_is_rounded_as_by_diffusers() {
        for (painted, original, mask, mixed) in [
            (10, 200, 0, 200),
            (10, 200, 1, 198),
            (10, 200, 64, 152),
            (10, 200, 127, 105),
            (10, 200, 128, 105),
            (10, 200, 254, 11),
            (10, 200, 255, 10),
            (255, 3, 77, 78),
            (0, 255, 33, 222),
            (91, 90, 201, 91),
        ] {
            assert_eq!(overlaid(painted, original, mask), mixed, "{painted} {original} {mask}");
        }
    }

    #[test]
    fn composition_is_the_hard_masks_without_blur() {
        let image = |seed: usize| RgbImage {
            width: 24,
            height: 9,
            pixels: (0..24 * 9 * 3).map(|at| (at * seed % 251) as u8).collect(),
        };
        let (painted, original) = (image(7), image(13));
        let hard = mask().compose(&painted, &original).unwrap();
        assert_eq!(mask().blurred(0).compose(&painted, &original).unwrap(), hard);
        let soft = mask().blurred(2).compose(&painted, &original).unwrap();
        assert!(soft != hard);
        let small = RgbImage { width: 1, height: 1, pixels: vec![0; 3] };
        assert!(mask().blurred(2).compose(&small, &original).is_err());
    }
}
