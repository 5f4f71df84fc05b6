//! PNG in and out, with the texts that say how the picture was made.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Reader, Transformations};

use super::rgb_image::RgbImage;
use crate::error::{Error, Message, Result, messages};

impl RgbImage {
    /// Writes a PNG. Each pair of keyword and text goes with it; a keyword has 1 to 79 characters of
    /// Latin-1, a text may say anything but U+0000.
    ///
    /// # Errors
    /// If the size is zero or too large for PNG, `pixels` does not fit it, or a keyword or text is not allowed.
    pub fn to_png(&self, text: &[(&str, &str)]) -> Result<Vec<u8>> {
        let size = |size: usize| {
            u32::try_from(size).map_err(|_| unwritten(messages::picture_too_large_for_png()))
        };
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, size(self.width)?, size(self.height)?);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        for (keyword, text) in text {
            if text.contains('\0') {
                return Err(unwritten(messages::text_has_nul(format!("{keyword:?}"))));
            }
            let (keyword, text) = (keyword.to_string(), text.to_string());
            // tEXt is what most programs read; only iTXt can hold every character.
            let added = match text.is_ascii() {
                true => encoder.add_text_chunk(keyword, text),
                false => encoder.add_itxt_chunk(keyword, text),
            };
            added.map_err(unencoded)?;
        }
        let mut writer = encoder.write_header().map_err(unencoded)?;
        writer.write_image_data(&self.pixels).map_err(unencoded)?;
        writer.finish().map_err(unencoded)?;
        Ok(png)
    }

    /// Reads a PNG of any kind, and its pairs of keyword and text. Transparency is dropped, deeper
    /// colours are cut to 8 bits.
    ///
    /// # Errors
    /// If it is no PNG, is damaged, or holds more than 64 million pixels.
    pub fn from_png(bytes: &[u8]) -> Result<(Self, Vec<(String, String)>)> {
        let mut decoder = Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(undecoded)?;
        let (width, height) = check_size(&reader, bytes.len())?;
        let size =
            reader.output_buffer_size().ok_or_else(|| unread(messages::picture_too_large()))?;
        let mut values = vec![0; size];
        reader.next_frame(&mut values).map_err(undecoded)?;
        // Texts may also stand behind the pixels.
        reader.finish().map_err(undecoded)?;

        let pixels = match reader.output_color_type().0 {
            ColorType::Rgb => values,
            ColorType::Rgba => {
                values.as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
            }
            ColorType::Grayscale => values.iter().flat_map(|&value| [value; 3]).collect(),
            ColorType::GrayscaleAlpha => {
                values.as_chunks::<2>().0.iter().flat_map(|[value, _]| [*value; 3]).collect()
            }
            ColorType::Indexed => return Err(unread(messages::no_palette())),
        };
        Ok((RgbImage { width, height, pixels }, texts_of(&reader)))
    }
}

/// Width and height of a PNG, as its head says; its pixels are left as they are.
///
/// # Errors
/// As [`RgbImage::from_png`], as far as the head tells.
pub fn size(bytes: &[u8]) -> Result<[usize; 2]> {
    let reader = Decoder::new(Cursor::new(bytes)).read_info().map_err(undecoded)?;
    let (width, height) = check_size(&reader, bytes.len())?;
    Ok([width, height])
}

/// The pairs of keyword and text of a PNG, whose pixels are left as they are. What is damaged behind
/// them, or is too long for a text, is left out.
///
/// # Errors
/// If it is no PNG.
pub fn texts(bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let mut reader = Decoder::new(Cursor::new(bytes)).read_info().map_err(undecoded)?;
    let _ = reader.finish(); // Texts may also stand behind the pixels.
    Ok(texts_of(&reader))
}

/// Refuses sizes that the file cannot hold or nobody draws, before memory is taken for them.
fn check_size(reader: &Reader<Cursor<&[u8]>>, file_len: usize) -> Result<(usize, usize)> {
    const MOST_PIXELS: u64 = 1 << 26;
    /// No deflate stream grows more than 1,032 times.
    const MOST_GROWTH: u64 = 1032;
    let info = reader.info();
    let (width, height) = (u64::from(info.width), u64::from(info.height));
    // Both are below 2³², so this fits.
    let pixels = width * height;
    if pixels > MOST_PIXELS {
        return Err(unread(messages::too_many_pixels(width, height)));
    }
    let bits = pixels * info.bits_per_pixel() as u64;
    if bits / 8 > (file_len as u64).saturating_mul(MOST_GROWTH) {
        return Err(unread(messages::file_too_short(width, height)));
    }
    Ok((width as usize, height as usize))
}

fn texts_of(reader: &Reader<Cursor<&[u8]>>) -> Vec<(String, String)> {
    let info = reader.info();
    let mut texts = Texts { pairs: Vec::new(), left: MOST_TEXT };
    for chunk in &info.uncompressed_latin1_text {
        texts.add(&chunk.keyword, Some(chunk.text.clone()));
    }
    for chunk in &info.compressed_latin1_text {
        let mut chunk = chunk.clone();
        let is_unpacked = chunk.decompress_text_with_limit(texts.left).is_ok();
        texts.add(&chunk.keyword, chunk.get_text().ok().filter(|_| is_unpacked));
    }
    for chunk in &info.utf8_text {
        let mut chunk = chunk.clone();
        let is_unpacked = chunk.decompress_text_with_limit(texts.left).is_ok();
        texts.add(&chunk.keyword, chunk.get_text().ok().filter(|_| is_unpacked));
    }
    texts.pairs
}

/// Bytes of all texts together: a small file can hold many that grow without end.
const MOST_TEXT: usize = 4 << 20;

struct Texts {
    pairs: Vec<(String, String)>,
    left: usize,
}

impl Texts {
    fn add(&mut self, keyword: &str, text: Option<String>) {
        if let Some(text) = text.filter(|text| text.len() <= self.left) {
            self.left -= text.len();
            self.pairs.push((keyword.to_string(), text));
        }
    }
}

fn unwritten(reason: Message) -> Error {
    Error::Image { action: "written", reason }
}

/// What the encoder says.
fn unencoded(error: png::EncodingError) -> Error {
    unwritten(Message::verbatim(error))
}

/// What the decoder says.
fn undecoded(error: png::DecodingError) -> Error {
    unread(Message::verbatim(error))
}

fn unread(reason: Message) -> Error {
    Error::Image { action: "read", reason }
}
