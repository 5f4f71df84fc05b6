//! Use of an image's alpha channel.

/// Use of the alpha channel while an image is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transparency {
    /// Drops it: the colours count, as with Pillow's `convert("RGB")`. For images.
    Drop,
    /// Composes the image on black. For masks: what is transparent is not mask.
    ///
    /// diffusers drops a mask's alpha too. But editors (GIMP, Krita, Photoshop) export a mask as
    /// white on transparent pixels that have white or any other colour, so that the whole image
    /// would be repainted.
    OnBlack,
}

impl Transparency {
    /// Returns the colour of a pixel.
    pub fn apply(self, [r, g, b, alpha]: [u8; 4]) -> [u8; 3] {
        match self {
            Transparency::Drop => [r, g, b],
            Transparency::OnBlack => [r, g, b].map(|value| {
                let product = u16::from(value) * u16::from(alpha);
                // The quotient is at most 255.
                ((product + 127) / 255) as u8
            }),
        }
    }
}
