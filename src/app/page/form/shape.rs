//! Aspect-ratio presets of the form.

/// Values of `data-shape`.
pub const SHAPES: [&str; 3] = ["square", "portrait", "landscape"];

/// Returns width and height of a preset. The shorter side is three quarters of the native one,
/// rounded up to a multiple that every model of this size can downsample.
pub fn shape_size(native: (u32, u32), shape: &str) -> (u32, u32) {
    let step = if native.0.min(native.1) < 256 { 32 } else { 64 };
    let shorter = |side: u32| (side * 3 / 4).next_multiple_of(step);
    match shape {
        "portrait" => (shorter(native.0), native.1),
        "landscape" => (native.0, shorter(native.1)),
        _ => native,
    }
}

/// Returns the size for an init image of size `own`: its aspect ratio with about as many pixels as
/// the native size, never more, in multiples of 8. Sides shorter than half of the native ones are
/// not proposed, because models make poor images there; such an image is cropped.
pub fn size_like(native: (u32, u32), own: (u32, u32)) -> (u32, u32) {
    const STEP: f64 = 8.0;
    let [native_width, native_height, width, height] =
        [native.0, native.1, own.0, own.1].map(|side| f64::from(side.max(1)));
    let (area, ratio) = (native_width * native_height, width / height);
    if ratio == native_width / native_height {
        return native;
    }
    let shortest = (native_width.min(native_height) / 2.0 / STEP).ceil() * STEP;
    let down = |side: f64| (side / STEP).floor() * STEP;
    // The shorter side is rounded first; the longer one then takes what is left of the pixels.
    let shorter = (area * ratio.min(1.0 / ratio)).sqrt();
    let shorter = ((shorter / STEP).round() * STEP).max(shortest);
    let wanted = ((shorter * ratio.max(1.0 / ratio)) / STEP).round() * STEP;
    let longer = wanted.min(down(area / shorter)).max(STEP);
    let [shorter, longer] = [shorter as u32, longer as u32];
    if ratio < 1.0 { (shorter, longer) } else { (longer, shorter) }
}

#[cfg(test)]
mod tests {
    use super::{shape_size, size_like};

    #[test]
    fn oblong_is_three_quarters_of_native_size() {
        assert_eq!(shape_size((128, 128), "portrait"), (96, 128));
        assert_eq!(shape_size((512, 512), "landscape"), (512, 384));
        assert_eq!(shape_size((768, 768), "portrait"), (576, 768));
        assert_eq!(shape_size((512, 512), "square"), (512, 512));
    }

    #[test]
    fn size_follows_aspect_ratio_within_native_pixels() {
        assert_eq!(size_like((512, 512), (400, 300)), (584, 440));
        assert_eq!(size_like((512, 512), (3000, 4000)), (440, 584));
        assert_eq!(size_like((512, 512), (1920, 1080)), (680, 384));
        assert_eq!(size_like((128, 128), (400, 300)), (144, 112));
        assert_eq!(size_like((1024, 1024), (1500, 1000)), (1248, 840));
        assert_eq!(size_like((512, 512), (77, 77)), (512, 512));
    }

    #[test]
    fn size_is_never_above_native_pixels_nor_too_narrow() {
        for native in [(128_u32, 128_u32), (512, 512), (768, 512), (1024, 1024)] {
            for own in [(1, 1), (1, 4000), (4000, 1), (640, 480), (481, 640), (1000, 999), (21, 9)]
            {
                let (width, height) = size_like(native, own);
                assert!(width % 8 == 0 && height % 8 == 0, "{native:?} {own:?}");
                assert!(width * height <= native.0 * native.1, "{native:?} {own:?}");
                assert!(width.min(height) >= native.0.min(native.1) / 2, "{native:?} {own:?}");
            }
        }
    }
}
