//! A canvas and what is drawn on it.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap, ImageData};

use super::super::dom::{document, thrown};
use super::super::protocol::Pixels;
use super::fitting::{Part, Placement};
use crate::error::{Error, Result};

/// A canvas whose pixels are read back.
pub struct Surface {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Surface {
    /// A canvas of the page.
    pub fn of(canvas: HtmlCanvasElement) -> Result<Self> {
        // Else the pixels may lie on the GPU, where reading them is slow and, in some browsers, inexact.
        let options = Object::new();
        Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE).map_err(undrawn)?;
        let context: CanvasRenderingContext2d = canvas
            .get_context_with_context_options("2d", &options)
            .map_err(undrawn)?
            .and_then(|context| context.dyn_into().ok())
            .ok_or(Error::Internal { reason: "the picture cannot be drawn".into() })?;
        Ok(Surface { canvas, context })
    }

    /// A canvas in nobody's sight, white all over.
    pub fn new((width, height): (u32, u32)) -> Result<Self> {
        let canvas = document()?.create_element("canvas").map_err(undrawn)?;
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        canvas.set_width(width);
        canvas.set_height(height);
        let surface = Surface::of(canvas)?;
        surface.whiten();
        Ok(surface)
    }

    /// The element.
    pub fn canvas(&self) -> &HtmlCanvasElement {
        &self.canvas
    }

    /// Width and height.
    pub fn size(&self) -> (u32, u32) {
        (self.canvas.width(), self.canvas.height())
    }

    /// Sets the size; the canvas is then empty, whatever it was.
    pub fn resize(&self, (width, height): (u32, u32)) {
        self.canvas.set_width(width);
        self.canvas.set_height(height);
    }

    /// Draws a decoded picture over all of it.
    pub fn draw_bitmap(&self, bitmap: &ImageBitmap) -> Result<()> {
        let (width, height) = self.size();
        self.smooth(true);
        self.context
            .draw_image_with_image_bitmap_and_dw_and_dh(
                bitmap,
                0.0,
                0.0,
                width.into(),
                height.into(),
            )
            .map_err(undrawn)
    }

    /// Writes pixels, as they are, from this place on.
    pub fn write(&self, image: &ImageData, left: u32, top: u32) -> Result<()> {
        self.context.put_image_data(image, left.into(), top.into()).map_err(undrawn)
    }

    /// All pixels.
    pub fn pixels(&self) -> Result<Pixels> {
        let (width, height) = self.size();
        let image = self.context.get_image_data(0.0, 0.0, width.into(), height.into());
        Ok(Pixels { width, height, rgba: image.map_err(undrawn)?.data().0 })
    }

    /// Takes the size of `placement` and draws a picture as that says, on white.
    pub fn place(&self, picture: &Surface, placement: &Placement) -> Result<()> {
        let Placement { from, onto, size } = *placement;
        self.resize(size);
        self.whiten();
        let halvings = placement.halvings();
        if halvings == 0 {
            self.draw(picture, from, onto)?;
        } else {
            let times = |halvings: u32| {
                let times = f64::from(1u32 << halvings);
                Part { x: 0.0, y: 0.0, width: onto.width * times, height: onto.height * times }
            };
            let part_size = |part: Part| (part.width as u32, part.height as u32);
            let mut larger = Surface::new(part_size(times(halvings)))?;
            larger.draw(picture, from, times(halvings))?;
            for left in (1..halvings).rev() {
                let next = Surface::new(part_size(times(left)))?;
                next.draw(&larger, times(left + 1), times(left))?;
                larger = next;
            }
            self.draw(&larger, times(1), onto)?;
        }
        self.draw_out(onto)
    }

    /// Draws the outermost pixels of what lies at `onto` out to the edges.
    fn draw_out(&self, onto: Part) -> Result<()> {
        let (width, height) = self.size();
        let (width, height) = (f64::from(width), f64::from(height));
        let (right, bottom) = (onto.x + onto.width, onto.y + onto.height);
        let part = |x, y, width, height| Part { x, y, width, height };
        let margins = [
            (part(onto.x, 0.0, 1.0, height), part(0.0, 0.0, onto.x, height)),
            (part(right - 1.0, 0.0, 1.0, height), part(right, 0.0, width - right, height)),
            (part(0.0, onto.y, width, 1.0), part(0.0, 0.0, width, onto.y)),
            (part(0.0, bottom - 1.0, width, 1.0), part(0.0, bottom, width, height - bottom)),
        ];
        for (line, margin) in margins {
            if margin.width > 0.0 && margin.height > 0.0 {
                self.smooth(false);
                self.copy(self, line, margin)?;
            }
        }
        Ok(())
    }

    fn draw(&self, picture: &Surface, from: Part, onto: Part) -> Result<()> {
        self.smooth(true);
        self.copy(picture, from, onto)
    }

    fn copy(&self, picture: &Surface, from: Part, onto: Part) -> Result<()> {
        self.context
            .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                &picture.canvas,
                from.x,
                from.y,
                from.width,
                from.height,
                onto.x,
                onto.y,
                onto.width,
                onto.height,
            )
            .map_err(undrawn)
    }

    fn smooth(&self, smooth: bool) {
        self.context.set_image_smoothing_enabled(smooth);
        // Where a browser does not know the word, it smooths as well as it can.
        let _ = Reflect::set(&self.context, &"imageSmoothingQuality".into(), &"high".into());
    }

    fn whiten(&self) {
        let (width, height) = self.size();
        self.context.set_fill_style_str("#fff");
        self.context.fill_rect(0.0, 0.0, width.into(), height.into());
    }
}

fn undrawn(error: JsValue) -> Error {
    thrown("the picture cannot be drawn", &error)
}
