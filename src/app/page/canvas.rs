//! A 2D canvas for reading and writing pixels.

use js_sys::{Object, Promise, Reflect, Uint8ClampedArray};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap, ImageData};

use crate::app::dom::{document, thrown};
use crate::app::protocol::Pixels;
use crate::error::{Error, Message, Result, messages};

/// A canvas whose pixels are read.
pub struct Canvas {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Canvas {
    /// Wraps a canvas element.
    pub fn from_element(canvas: HtmlCanvasElement) -> Result<Self> {
        // Otherwise the canvas may be on the GPU, where reading is slow and, in some browsers,
        // inexact.
        let options = Object::new();
        Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE).map_err(undrawn)?;
        let context: CanvasRenderingContext2d = canvas
            .get_context_with_context_options("2d", &options)
            .map_err(undrawn)?
            .and_then(|context| context.dyn_into().ok())
            .ok_or_else(|| Error::Internal {
                reason: Message::verbatim("the picture cannot be drawn"),
            })?;
        Ok(Canvas { canvas, context })
    }

    /// Creates an offscreen canvas, fully transparent.
    pub fn new((width, height): (u32, u32)) -> Result<Self> {
        let canvas = document()?.create_element("canvas").map_err(undrawn)?;
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        canvas.set_width(width);
        canvas.set_height(height);
        Canvas::from_element(canvas)
    }

    /// Returns the element.
    pub fn canvas(&self) -> &HtmlCanvasElement {
        &self.canvas
    }

    /// Returns width and height.
    pub fn size(&self) -> (u32, u32) {
        (self.canvas.width(), self.canvas.height())
    }

    /// Sets the size and clears the canvas.
    pub fn resize(&self, (width, height): (u32, u32)) {
        self.canvas.set_width(width);
        self.canvas.set_height(height);
    }

    /// Draws a bitmap at original scale, with its point (`left`, `top`) at the canvas's origin;
    /// clears the rest.
    pub fn draw_bitmap_at(&self, bitmap: &ImageBitmap, left: u32, top: u32) -> Result<()> {
        let (width, height) = self.size();
        self.context.clear_rect(0.0, 0.0, width.into(), height.into());
        self.context.set_image_smoothing_enabled(false);
        self.context
            .draw_image_with_image_bitmap(bitmap, -f64::from(left), -f64::from(top))
            .map_err(undrawn)
    }

    /// Writes pixels at (`left`, `top`).
    pub fn write(&self, pixels: &Pixels, left: u32, top: u32) -> Result<()> {
        let image = image_data(pixels)?;
        self.context.put_image_data(&image, left.into(), top.into()).map_err(undrawn)
    }

    /// Makes all pixels white.
    pub fn fill_white(&self) {
        let (width, height) = self.size();
        self.context.set_fill_style_str("#fff");
        self.context.fill_rect(0.0, 0.0, width.into(), height.into());
    }

    /// Writes a line of black text from its left and top, at most so wide.
    pub fn write_text(&self, text: &str, place: [f64; 2], height: usize, width: f64) -> Result<()> {
        self.context.set_fill_style_str("#000");
        self.context.set_font(&format!("{height}px monospace"));
        self.context.set_text_baseline("top");
        let [left, top] = place;
        self.context.fill_text_with_max_width(text, left, top, width).map_err(undrawn)
    }

    /// Draws pixels into a place: left, top, width and height.
    pub fn draw_scaled(&self, image: &ImageData, place: [f64; 4]) -> Result<()> {
        let source = Canvas::new((image.width(), image.height()))?;
        source.context.put_image_data(image, 0.0, 0.0).map_err(undrawn)?;
        let [left, top, width, height] = place;
        let (context, canvas) = (&self.context, &source.canvas);
        context
            .draw_image_with_html_canvas_element_and_dw_and_dh(canvas, left, top, width, height)
            .map_err(undrawn)
    }

    /// Returns all pixels.
    pub fn image_data(&self) -> Result<ImageData> {
        let (width, height) = self.size();
        self.context.get_image_data(0.0, 0.0, width.into(), height.into()).map_err(undrawn)
    }

    /// Encodes all pixels as PNG.
    pub async fn png(&self) -> Result<Blob> {
        let made = Promise::new(&mut |done, failed| {
            if let Err(error) = self.canvas.to_blob_with_type(&done, "image/png") {
                let _ = failed.call1(&JsValue::UNDEFINED, &error);
            }
        });
        let blob = JsFuture::from(made).await.map_err(undrawn)?;
        blob.dyn_into().map_err(undrawn) // Null if memory is short.
    }
}

/// Converts to `ImageData`, with a copy of the bytes: a view of WebAssembly's memory would change
/// with it.
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
