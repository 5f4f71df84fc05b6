//! The picture shapes that the form offers, from the model's own size.

/// Names of the shapes, as the buttons carry them.
pub const SHAPES: [&str; 3] = ["square", "portrait", "landscape"];

/// Width and height of a shape. The shorter side of an oblong is three quarters, on a step that every
/// model of this size can halve often enough.
pub fn size(own: (u32, u32), shape: &str) -> (u32, u32) {
    let step = if own.0.min(own.1) < 256 { 32 } else { 64 };
    let shorter = |side: u32| (side * 3 / 4).next_multiple_of(step);
    match shape {
        "portrait" => (shorter(own.0), own.1),
        "landscape" => (own.0, shorter(own.1)),
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn oblongs_are_three_quarters_of_the_own_size() {
        assert_eq!(size((128, 128), "portrait"), (96, 128));
        assert_eq!(size((512, 512), "landscape"), (512, 384));
        assert_eq!(size((768, 768), "portrait"), (576, 768));
        assert_eq!(size((512, 512), "square"), (512, 512));
    }
}
