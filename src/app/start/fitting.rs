//! How a picture of any size is laid onto the size that is asked for.

use super::super::surface::Part;

/// What becomes of a picture of another shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fit {
    /// It fills the size from its middle; what hangs over is cut off.
    #[default]
    Crop,
    /// All of it is there, in the middle; its outermost pixels are drawn out to the edges, as by
    /// diffusers' `VaeImageProcessor` with `resize_mode="fill"`.
    Pad,
}

/// Where a picture lies on the size that is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// What is used of it, in its own pixels.
    pub from: Part,
    /// Where that comes to lie: whole pixels.
    pub onto: Part,
    /// The size that is asked for.
    pub size: (u32, u32),
}

impl Placement {
    /// Lays a picture of the size `own` onto `size`.
    pub fn new(own: (u32, u32), size: (u32, u32), fit: Fit) -> Self {
        let (own_width, own_height) = (f64::from(own.0), f64::from(own.1));
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let (across, down) = (width / own_width, height / own_height);
        match fit {
            Fit::Crop => {
                let scale = across.max(down);
                let used = ((width / scale).min(own_width), (height / scale).min(own_height));
                // On whole pixels, so that a picture that is not scaled stays as sharp as it is.
                let from = Part {
                    x: ((own_width - used.0) / 2.0).floor(),
                    y: ((own_height - used.1) / 2.0).floor(),
                    width: used.0,
                    height: used.1,
                };
                Placement { from, onto: Part { x: 0.0, y: 0.0, width, height }, size }
            }
            Fit::Pad => {
                let scale = across.min(down);
                let used = (
                    (own_width * scale).round().clamp(1.0, width),
                    (own_height * scale).round().clamp(1.0, height),
                );
                let onto = Part {
                    x: ((width - used.0) / 2.0).floor(),
                    y: ((height - used.1) / 2.0).floor(),
                    width: used.0,
                    height: used.1,
                };
                let from = Part { x: 0.0, y: 0.0, width: own_width, height: own_height };
                Placement { from, onto, size }
            }
        }
    }

    /// How often the picture is halved before it gets its size: a browser looks at four pixels for
    /// one, so whatever is reduced to less than half loses pixels unseen.
    pub fn halvings(&self) -> u32 {
        let ratio = (self.from.width / self.onto.width).max(self.from.height / self.onto.height);
        ratio.log2().ceil().max(1.0) as u32 - 1
    }

    /// A place on the asked size as a place in the picture.
    pub fn back(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let Placement { from, onto, .. } = self;
        (
            from.x + (x - onto.x) * from.width / onto.width,
            from.y + (y - onto.y) * from.height / onto.height,
        )
    }

    /// The opposite of [`Placement::back`].
    pub fn forth(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let Placement { from, onto, .. } = self;
        (
            onto.x + (x - from.x) * onto.width / from.width,
            onto.y + (y - from.y) * onto.height / from.height,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Fit, Part, Placement};

    fn part(x: f64, y: f64, width: f64, height: f64) -> Part {
        Part { x, y, width, height }
    }

    #[test]
    fn a_crop_takes_the_middle() {
        let wide = Placement::new((400, 100), (128, 128), Fit::Crop);
        assert_eq!(wide.from, part(150.0, 0.0, 100.0, 100.0));
        assert_eq!(wide.onto, part(0.0, 0.0, 128.0, 128.0));
        let tall = Placement::new((100, 400), (64, 128), Fit::Crop);
        assert_eq!(tall.from, part(0.0, 100.0, 100.0, 200.0));
    }

    #[test]
    fn a_crop_at_its_own_scale_begins_at_a_whole_pixel() {
        let placement = Placement::new((101, 64), (64, 64), Fit::Crop);
        assert_eq!(placement.from, part(18.0, 0.0, 64.0, 64.0));
    }

    #[test]
    fn padding_keeps_all_of_it() {
        let wide = Placement::new((400, 100), (128, 128), Fit::Pad);
        assert_eq!(wide.from, part(0.0, 0.0, 400.0, 100.0));
        assert_eq!(wide.onto, part(0.0, 48.0, 128.0, 32.0));
        let thread = Placement::new((4096, 1), (64, 64), Fit::Pad);
        assert_eq!(thread.onto, part(0.0, 31.0, 64.0, 1.0));
    }

    #[test]
    fn large_pictures_are_halved_until_less_than_half_is_left_to_do() {
        let halvings = |own| Placement::new((own, own), (128, 128), Fit::Crop).halvings();
        assert_eq!([64, 128, 256].map(halvings), [0, 0, 0]);
        assert_eq!([257, 512, 513, 1024].map(halvings), [1, 1, 2, 2]);
    }

    #[test]
    fn places_go_back_and_forth() {
        let placement = Placement::new((400, 100), (128, 128), Fit::Pad);
        assert_eq!(placement.back((0.0, 48.0)), (0.0, 0.0));
        assert_eq!(placement.back((64.0, 64.0)), (200.0, 50.0));
        assert_eq!(placement.forth((200.0, 50.0)), (64.0, 64.0));
        assert_eq!(placement.forth((400.0, 100.0)), (128.0, 80.0));
    }
}
