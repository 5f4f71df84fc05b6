//! A picture that was chosen, as large as it is.

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ImageBitmap, ImageBitmapOptions};

use super::super::dom::window;
use super::super::protocol::Pixels;
use super::super::surface::{Ground, Surface};
use crate::error::Result;

/// Longer sides are reduced to this, which is the longest that the form takes: some browsers have no
/// canvas for all the pixels of a large photograph.
const LONGEST: f64 = 4096.0;

/// Reads whatever the browser can read; `None` if it cannot read this. The picture is upright, on
/// `ground`, and no longer than [`LONGEST`].
pub async fn decode(file: &File, ground: Ground) -> Result<Option<Surface>> {
    let Some(bitmap) = bitmap(file).await? else { return Ok(None) };
    let surface = Surface::new(reduced(bitmap.width(), bitmap.height()));
    let drawn = surface.and_then(|surface| {
        surface.fill(ground);
        surface.draw_bitmap(&bitmap)?;
        Ok(Some(surface))
    });
    bitmap.close();
    drawn
}

/// What the browser makes of a file; `None` if that is no picture to it, or too large a one.
async fn bitmap(file: &File) -> Result<Option<ImageBitmap>> {
    let options = ImageBitmapOptions::new();
    // A photograph says which side was up.
    let _ = Reflect::set(&options, &"imageOrientation".into(), &"from-image".into());
    let asked = window()?.create_image_bitmap_with_blob_and_image_bitmap_options(file, &options);
    let Ok(asked) = asked else { return Ok(None) };
    Ok(JsFuture::from(asked).await.ok().map(JsCast::unchecked_into))
}

/// A picture that was made here.
pub fn of_pixels(pixels: &Pixels) -> Result<Surface> {
    let surface = Surface::new((pixels.width, pixels.height))?;
    surface.write(pixels, 0, 0)?;
    Ok(surface)
}

/// A picture as the browser has it: a file, if it is one by its type or, where the system knows no
/// type, by its name.
pub fn is_picture(file: &File) -> bool {
    const ENDS: [&str; 9] =
        [".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".bmp", ".heic", ".jxl"];
    let (kind, name) = (file.type_(), file.name().to_lowercase());
    kind.starts_with("image/") || (kind.is_empty() && ENDS.iter().any(|end| name.ends_with(end)))
}

fn reduced(width: u32, height: u32) -> (u32, u32) {
    let scale = (LONGEST / f64::from(width.max(height)).max(1.0)).min(1.0);
    let side = |side: u32| (f64::from(side) * scale).round().max(1.0) as u32;
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::reduced;

    #[test]
    fn only_what_is_too_long_is_reduced() {
        assert_eq!(reduced(4096, 10), (4096, 10));
        assert_eq!(reduced(8192, 6000), (4096, 3000));
        assert_eq!(reduced(3, 100_000), (1, 4096));
    }
}
