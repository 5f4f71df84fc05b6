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

#[cfg(test)]
mod tests {
    use super::shape_size;

    #[test]
    fn oblong_is_three_quarters_of_native_size() {
        assert_eq!(shape_size((128, 128), "portrait"), (96, 128));
        assert_eq!(shape_size((512, 512), "landscape"), (512, 384));
        assert_eq!(shape_size((768, 768), "portrait"), (576, 768));
        assert_eq!(shape_size((512, 512), "square"), (512, 512));
    }
}
