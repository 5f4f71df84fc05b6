//! Cropping and placing.

use super::raster::Raster;
use super::region::Region;
use super::rgb_image::RgbImage;
use crate::error::{Error, Message, Result, messages};

impl RgbImage {
    /// Returns the part in `region`.
    ///
    /// # Errors
    /// If the region is not inside the image.
    pub fn crop(&self, region: Region) -> Result<Self> {
        check(region, [self.width, self.height])?;
        Ok(self.raster()?.crop(region).into())
    }

    /// Returns a black picture of `width` × `height` with this one in `region`.
    ///
    /// # Errors
    /// If the region is not inside, or has another size than the image.
    pub fn placed(&self, region: Region, [width, height]: [usize; 2]) -> Result<Self> {
        check(region, [width, height])?;
        if [self.width, self.height] != [region.width, region.height] {
            return Err(unfitted(messages::does_not_fit_its_place()));
        }
        let mut canvas = Raster::black(width, height);
        canvas.paste(&self.raster()?, [region.x as i64, region.y as i64]);
        Ok(canvas.into())
    }
}

fn check(region: Region, [width, height]: [usize; 2]) -> Result<()> {
    match region.fits(width, height) {
        true => Ok(()),
        false => Err(unfitted(messages::part_outside())),
    }
}

fn unfitted(reason: Message) -> Error {
    Error::Image { action: "fitted", reason }
}
