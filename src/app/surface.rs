//! A canvas and what is drawn on it.

use js_sys::{Object, Promise, Reflect, Uint8ClampedArray};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap, ImageData};

use super::dom::{document, thrown};
use super::protocol::Pixels;
use crate::error::{Error, Message, Result, messages};

/// A part of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Pixels, more than none.
    pub width: f64,
    /// Pixels, more than none.
    pub height: f64,
}

/// What lies under a picture, and shows where that is transparent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// For pictures: a model knows no transparency.
    White,
    /// For masks: what is transparent stays.
    Black,
}

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
            .ok_or_else(|| Error::Internal {
                reason: Message::verbatim("the picture cannot be drawn"),
            })?;
        Ok(Surface { canvas, context })
    }

    /// A canvas in nobody's sight, white all over.
    pub fn new((width, height): (u32, u32)) -> Result<Self> {
        let canvas = document()?.create_element("canvas").map_err(undrawn)?;
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        canvas.set_width(width);
        canvas.set_height(height);
        let surface = Surface::of(canvas)?;
        surface.fill(Ground::White);
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
    pub fn write(&self, pixels: &Pixels, left: u32, top: u32) -> Result<()> {
        let image = image_data(pixels)?;
        self.context.put_image_data(&image, left.into(), top.into()).map_err(undrawn)
    }

    /// All pixels, as the browser has them.
    pub fn image_data(&self) -> Result<ImageData> {
        let (width, height) = self.size();
        self.context.get_image_data(0.0, 0.0, width.into(), height.into()).map_err(undrawn)
    }

    /// All pixels.
    pub fn pixels(&self) -> Result<Pixels> {
        let (width, height) = self.size();
        Ok(Pixels { width, height, rgba: self.image_data()?.data().0 })
    }

    /// All pixels as a PNG file, without loss.
    pub async fn png(&self) -> Result<Blob> {
        let made = Promise::new(&mut |done, failed| {
            if let Err(error) = self.canvas.to_blob_with_type(&done, "image/png") {
                let _ = failed.call1(&JsValue::UNDEFINED, &error);
            }
        });
        let blob = JsFuture::from(made).await.map_err(undrawn)?;
        blob.dyn_into().map_err(undrawn) // Without memory for it, it is null.
    }

    /// Draws a part of another picture, smoothly if the sizes differ.
    pub fn draw(&self, picture: &Surface, from: Part, onto: Part) -> Result<()> {
        self.smooth(true);
        self.copy(picture, from, onto)
    }

    /// Draws a part of this picture over another, pixel by pixel.
    pub fn stretch(&self, from: Part, onto: Part) -> Result<()> {
        self.smooth(false);
        self.copy(self, from, onto)
    }

    /// Makes it one colour all over.
    pub fn fill(&self, ground: Ground) {
        let (width, height) = self.size();
        self.context.set_fill_style_str(match ground {
            Ground::White => "#fff",
            Ground::Black => "#000",
        });
        self.context.fill_rect(0.0, 0.0, width.into(), height.into());
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
}

/// Pixels as the browser draws them: a copy, because an `ImageData` made from the program's own
/// memory would show whatever that memory holds later.
pub fn image_data(pixels: &Pixels) -> Result<ImageData> {
    let bytes = Uint8ClampedArray::from(pixels.rgba.as_slice());
    ImageData::new_with_js_u8_clamped_array_and_sh(&bytes, pixels.width, pixels.height).map_err(
        |_| Error::Image {
            action: "read",
            reason: messages::is_not_size(pixels.width, pixels.height),
        },
    )
}

fn undrawn(error: JsValue) -> Error {
    thrown("the picture cannot be drawn", &error)
}
