//! Comparison of an inpainted image with its init image.
//!
//! It shows masked (before), result (after) and original (truth), with similarity scores.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlElement, ImageData};

use super::super::canvas::image_data;
use super::generated_image::GeneratedImage;
use crate::app::dom::{
    by_id, closest, create_element, on, scroll_into_view, set, show, thrown, unset,
};
use crate::app::protocol::{InitImagePixels, Pixels, Score, Scores};
use crate::app::words;
use crate::error::Result;

/// Two greys of the checkerboard that replaces masked pixels.
const CHECKERBOARD: [u8; 2] = [150, 178];

/// The elements.
pub struct Comparison {
    section: HtmlElement,
    before: HtmlCanvasElement,
    after: HtmlCanvasElement,
    truth: HtmlCanvasElement,
    figures: HtmlElement,
    /// The button that opens and closes it.
    toggle: HtmlElement,
    /// Key of its image.
    key: RefCell<String>,
}

impl Comparison {
    /// Binds to the elements. On narrow screens, buttons switch between the views.
    pub fn bind() -> Result<Self> {
        let section: HtmlElement = by_id("comparison")?;
        let place = section.clone();
        on(&section, "click", move |event| {
            if let Some(view) =
                closest(event, "[data-view]").and_then(|button| button.get_attribute("data-view"))
            {
                choose(&place, &view);
            }
        });
        let toggle: HtmlElement = by_id("compare-original")?;
        let (place, button) = (section.clone(), toggle.clone());
        on(&toggle, "click", move |_| {
            let opens = place.hidden();
            open(&place, &button, opens);
            if opens {
                scroll_into_view(&place);
            }
        });
        choose(&section, "after");
        Ok(Comparison {
            section,
            before: by_id("comparison-before")?,
            after: by_id("comparison-after")?,
            truth: by_id("comparison-truth")?,
            figures: by_id("comparison-figures")?,
            toggle,
            key: RefCell::default(),
        })
    }

    /// Offers the comparison of an inpainted image; hides it for other images. It opens only when
    /// the user asks for it: mostly a change was wanted, and no likeness.
    pub fn show(&self, generated: &GeneratedImage) -> Result<()> {
        let init_image = generated.entry.request.init_image.as_deref();
        // The view at full size compares with it, also without a mask.
        match init_image {
            Some(init_image) => {
                draw(&self.truth, &image_data(&init_image.image)?)?;
                set(&self.truth, "data-drawn", "");
            }
            None => unset(&self.truth, "data-drawn"),
        }
        let before = init_image.and_then(without_masked);
        let Some(before) = before else {
            self.hide();
            return Ok(());
        };
        draw(&self.before, &image_data(&before)?)?;
        draw(&self.after, &generated.image)?;
        self.write(generated.entry.scores.as_ref(), false)?;
        if self.key.replace(generated.entry.key.clone()) != generated.entry.key {
            choose(&self.section, "after");
            open(&self.section, &self.toggle, false);
        }
        show(&self.toggle, true);
        Ok(())
    }

    /// Hides the comparison.
    pub fn hide(&self) {
        open(&self.section, &self.toggle, false);
        show(&self.toggle, false);
    }

    /// Returns whether the user looks at it.
    pub fn is_open(&self) -> bool {
        !self.section.hidden()
    }

    /// Writes the scores. Without them the rows are there too, so that nothing moves when they come;
    /// `is_final`: none will come.
    pub fn write(&self, scores: Option<&Scores>, is_final: bool) -> Result<()> {
        self.figures.set_text_content(None);
        let none = if is_final { "–" } else { "…" };
        let both = |figure: fn(&Score) -> String| match scores {
            Some(Scores { inside, overall }) => [figure(inside), figure(overall)],
            None => [none.to_string(), none.to_string()],
        };
        for (name, hint, [inside, overall]) in [
            (
                words::pixel_accuracy(),
                words::pixel_accuracy_hint(),
                both(|score| percent(score.pixel_accuracy)),
            ),
            (words::psnr(), words::psnr_hint(), both(|score| decibels(score.psnr))),
            (words::ssim(), words::ssim_hint(), both(|score| number(score.ssim))),
        ] {
            let row = create_element("tr", "")?;
            let term = create_element("th", &name)?;
            set(&term, "scope", "row");
            let hint = create_element("small", &hint)?;
            // Appending to a new element cannot fail.
            let _ = term.append_child(&hint);
            let _ = row.append_child(&term);
            for value in [inside, overall] {
                let value = create_element("td", &value)?;
                let _ = row.append_child(&value);
            }
            let _ = self.figures.append_child(&row);
        }
        Ok(())
    }
}

/// Opens or closes the comparison.
fn open(section: &Element, toggle: &Element, is_open: bool) {
    show(section, is_open);
    set(toggle, "aria-expanded", if is_open { "true" } else { "false" });
}

/// Selects the view for narrow screens.
fn choose(section: &Element, view: &str) {
    set(section, "data-shows", view);
    for name in ["before", "after", "truth"] {
        if let Ok(Some(button)) = section.query_selector(&format!("[data-view={name}]")) {
            set(&button, "aria-pressed", if name == view { "true" } else { "false" });
        }
    }
}

/// Returns the init image with a checkerboard in the mask; `None` without a mask.
fn without_masked(init_image: &InitImagePixels) -> Option<Pixels> {
    let mask = init_image.mask.as_ref()?;
    let mut picture = Pixels::clone(&init_image.image);
    let width = picture.width as usize;
    let square = (picture.width.max(picture.height) as usize / 32).max(1);
    for (index, (pixel, masked)) in picture.rgba.chunks_exact_mut(4).zip(mask.iter()).enumerate() {
        if *masked >= 128 {
            let (x, y) = (index % width, index / width);
            let grey = CHECKERBOARD[(x / square + y / square) % 2];
            pixel.copy_from_slice(&[grey, grey, grey, 255]);
        }
    }
    Some(picture)
}

fn draw(canvas: &HtmlCanvasElement, image: &ImageData) -> Result<()> {
    canvas.set_width(image.width());
    canvas.set_height(image.height());
    let failed = |error| thrown("the picture cannot be drawn", &error);
    let context = canvas.get_context("2d").map_err(failed)?;
    match context.and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok()) {
        Some(context) => context.put_image_data(image, 0.0, 0.0).map_err(failed),
        None => Ok(()),
    }
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

fn decibels(value: f64) -> String {
    if value.is_infinite() { "∞".to_string() } else { format!("{value:.1} dB") }
}

fn number(value: f64) -> String {
    format!("{value:.3}")
}

#[cfg(test)]
mod tests {
    use super::{decibels, number, percent, without_masked};
    use crate::app::protocol::{InitImagePixels, Pixels};

    #[test]
    fn scores_are_rounded() {
        assert_eq!(percent(0.98765), "98.8 %");
        assert_eq!(decibels(27.348), "27.3 dB");
        assert_eq!(decibels(f64::INFINITY), "∞");
        assert_eq!(number(-0.1), "-0.100");
    }

    #[test]
    fn only_masked_pixels_are_replaced() {
        let image = Pixels { width: 2, height: 1, rgba: vec![1, 2, 3, 255, 4, 5, 6, 255] }.into();
        let mask = Some(vec![0, 255].into());
        let init_image = InitImagePixels { image, mask };
        let before = without_masked(&init_image).map(|before| before.rgba).unwrap_or_default();
        assert_eq!(before[..4], [1, 2, 3, 255]);
        assert_eq!(before[4], before[5]);
        assert_eq!(before[7], 255);
        assert_eq!(without_masked(&InitImagePixels { mask: None, ..init_image }), None);
    }
}
