//! Decoding of PNG, JPEG and WebP files in the terminal. In the browser its own decoder reads JPEG
//! and WebP.

use std::io::Cursor;

use image_webp::WebPDecoder;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::exif::Exif;
use super::format::{is_jpeg, is_png, is_webp};
use super::orientation::Orientation;
use super::png::{self, PngDecoding};
use super::rgb_image::RgbImage;
use super::transparency::Transparency;
use crate::error::{Error, Message, Result, messages};

/// Decodes a PNG, JPEG or WebP, upright by its EXIF data.
///
/// # Errors
/// If it is none of these, is damaged, or has more than 64 million pixels.
pub fn decode(bytes: &[u8], transparency: Transparency) -> Result<RgbImage> {
    if is_png(bytes) {
        return Ok(PngDecoding::new(bytes, transparency)?.finish()?.0);
    }
    let stored = match bytes {
        _ if is_jpeg(bytes) => decode_jpeg(bytes)?,
        _ if is_webp(bytes) => decode_webp(bytes, transparency)?,
        _ => return Err(unread(messages::no_known_picture())),
    };
    Ok(Orientation::from_exif(Exif::of_file(bytes)).apply(stored))
}

/// Returns width and height of such a file, upright, without decoding the pixels.
///
/// # Errors
/// As [`decode`], as far as the header shows.
pub fn size(bytes: &[u8]) -> Result<[usize; 2]> {
    if is_png(bytes) {
        return png::size(bytes);
    }
    let stored = match bytes {
        _ if is_jpeg(bytes) => open_jpeg(bytes)?.1,
        _ if is_webp(bytes) => open_webp(bytes)?.1,
        _ => return Err(unread(messages::no_known_picture())),
    };
    Ok(Orientation::from_exif(Exif::of_file(bytes)).size(stored))
}

type Jpeg<'a> = JpegDecoder<Cursor<&'a [u8]>>;

fn open_jpeg(bytes: &[u8]) -> Result<(Jpeg<'_>, [usize; 2])> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let options = options.set_max_width(1 << 16).set_max_height(1 << 16);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    decoder.decode_headers().map_err(undecoded)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| unread(messages::no_picture()))?;
    check_size([width, height])?;
    Ok((decoder, [width, height]))
}

fn decode_jpeg(bytes: &[u8]) -> Result<RgbImage> {
    let (mut decoder, [width, height]) = open_jpeg(bytes)?;
    // The decoder fills what is missing with grey; Pillow refuses a file that is cut off.
    if !bytes.windows(2).rev().any(|marker| marker == b"\xff\xd9") {
        return Err(unread(messages::picture_cut_off()));
    }
    let pixels = decoder.decode().map_err(undecoded)?;
    let image = RgbImage { width, height, pixels };
    image.is_whole().then_some(image).ok_or_else(|| unread(messages::pixels_do_not_fill_size()))
}

type WebP<'a> = WebPDecoder<Cursor<&'a [u8]>>;

fn open_webp(bytes: &[u8]) -> Result<(WebP<'_>, [usize; 2])> {
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(undecoded)?;
    let (width, height) = decoder.dimensions();
    let size = [width as usize, height as usize];
    check_size(size)?;
    Ok((decoder, size))
}

fn decode_webp(bytes: &[u8], transparency: Transparency) -> Result<RgbImage> {
    let (mut decoder, [width, height]) = open_webp(bytes)?;
    let len = decoder.output_buffer_size().ok_or_else(|| unread(messages::picture_too_large()))?;
    let mut pixels = vec![0; len];
    decoder.read_image(&mut pixels).map_err(undecoded)?;
    match decoder.has_alpha() {
        true => RgbImage::from_rgba(width, height, pixels, transparency),
        false => Ok(RgbImage { width, height, pixels }),
    }
}

/// Refuses sizes that are unreasonable before memory is allocated.
fn check_size([width, height]: [usize; 2]) -> Result<()> {
    match width.saturating_mul(height) {
        0 => Err(unread(messages::no_size(width, height))),
        1..=super::png::MOST_PIXELS => Ok(()),
        _ => Err(unread(messages::too_many_pixels(width, height))),
    }
}

/// Wraps an error of a decoder.
fn undecoded(error: impl std::fmt::Display) -> Error {
    unread(Message::verbatim(error))
}

fn unread(reason: Message) -> Error {
    Error::Image { action: "read", reason }
}
