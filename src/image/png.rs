//! PNG files with texts.
//!
//! They are read as diffusers' `load_image` does: upright by the file's EXIF data, then Pillow's
//! `convert("RGB")`, which ignores gamma and colour profiles. As Pillow, this reads files whose end
//! is missing behind the pixels.

use std::borrow::Cow;
use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Reader, Transformations};

use super::exif::Exif;
use super::orientation::Orientation;
use super::rgb_image::RgbImage;
use super::transparency::Transparency;
use crate::error::{Error, Message, Result, messages};

impl RgbImage {
    /// Encodes a PNG file with pairs of keyword and text. A keyword has 1 to 79 characters of
    /// Latin-1; a text may contain any character but U+0000.
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
            // Most programs read tEXt; only iTXt can hold every character.
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

    /// Decodes a PNG of any kind, and its pairs of keyword and text. Transparency is dropped,
    /// deeper colours are reduced to 8 bits.
    ///
    /// # Errors
    /// If it is not a PNG, is damaged, or has more than 64 million pixels.
    pub fn from_png(bytes: &[u8]) -> Result<(Self, Vec<(String, String)>)> {
        PngDecoding::new(bytes, Transparency::Drop)?.finish()
    }
}

type PngReader<'a> = Reader<Cursor<Cow<'a, [u8]>>>;

/// Decoding of a PNG, one row at a time, so that the caller can do other work in between.
pub struct PngDecoding<'a> {
    reader: PngReader<'a>,
    transparency: Transparency,
    size: [usize; 2],
    /// One row in the decoder's format.
    row: Vec<u8>,
    /// Rows so far, `[h, w, 3]`.
    pixels: Vec<u8>,
    is_done: bool,
}

impl<'a> PngDecoding<'a> {
    /// Reads the header, and allocates the pixels.
    ///
    /// # Errors
    /// As [`RgbImage::from_png`], as far as the header shows.
    pub fn new(bytes: &'a [u8], transparency: Transparency) -> Result<Self> {
        let mut decoder = Decoder::new(Cursor::new(with_end(bytes)));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let reader = decoder.read_info().map_err(undecoded)?;
        let size = check_size(&reader, bytes.len())?;
        let row = match reader.info().interlaced {
            true => reader.output_buffer_size(),
            false => reader.output_line_size(reader.info().width),
        };
        let row = zeros(row)?;
        let mut pixels = Vec::new();
        pixels.try_reserve_exact(size[0] * size[1] * 3).map_err(|_| too_large())?;
        Ok(PngDecoding { reader, transparency, size, row, pixels, is_done: false })
    }

    /// Decodes the next row; of an interlaced file, all rows. Returns whether there may be more.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn step(&mut self) -> Result<bool> {
        if self.is_done {
            return Ok(false);
        }
        if self.reader.info().interlaced {
            self.is_done = true;
            self.reader.next_frame(&mut self.row).map_err(undecoded)?;
        } else if self.reader.read_row(&mut self.row).map_err(undecoded)?.is_none() {
            self.is_done = true;
            return Ok(false);
        }
        let PngDecoding { row, pixels, transparency, .. } = self;
        match self.reader.output_color_type().0 {
            ColorType::Rgb => pixels.extend_from_slice(row),
            ColorType::Rgba => {
                row.as_chunks::<4>().0.iter().for_each(|p| pixels.extend(transparency.apply(*p)));
            }
            ColorType::Grayscale => row.iter().for_each(|value| pixels.extend([value; 3])),
            ColorType::GrayscaleAlpha => {
                for &[value, alpha] in row.as_chunks::<2>().0 {
                    pixels.extend(transparency.apply([value, value, value, alpha]));
                }
            }
            ColorType::Indexed => return Err(unread(messages::no_palette())),
        }
        Ok(!self.is_done)
    }

    /// Decodes the rest; returns the image and its pairs of keyword and text.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn finish(mut self) -> Result<(RgbImage, Vec<(String, String)>)> {
        while self.step()? {}
        // Texts and EXIF data may also follow the pixels.
        self.reader.finish().map_err(undecoded)?;
        let PngDecoding { reader, size: [width, height], pixels, .. } = self;
        let image = RgbImage { width, height, pixels };
        Ok((orientation(&reader).apply(image), texts_of(&reader)))
    }
}

/// Allocates `count` zeros if there is enough memory.
fn zeros(count: Option<usize>) -> Result<Vec<u8>> {
    let count = count.ok_or_else(too_large)?;
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(count).map_err(|_| too_large())?;
    zeros.resize(count, 0);
    Ok(zeros)
}

fn too_large() -> Error {
    unread(messages::picture_too_large())
}

/// Returns the file with an `IEND` chunk if it ends without one, behind its pixels. Such files are
/// cut off or were written by careless programs; Pillow and browsers read them.
fn with_end(bytes: &[u8]) -> Cow<'_, [u8]> {
    const SIGNATURE: usize = 8;
    /// Bytes of a chunk without its data: length, kind and checksum.
    const FRAME: usize = 12;
    const END: [u8; FRAME] = *b"\0\0\0\0IEND\xae\x42\x60\x82";
    let mut at = SIGNATURE;
    while let Some(head) = bytes.get(at..at + 8) {
        let (length, kind) = head.split_at(4);
        let length = length.try_into().map_or(0, u32::from_be_bytes) as usize;
        let next = at.saturating_add(FRAME).saturating_add(length);
        let is_whole = next <= bytes.len();
        match kind {
            b"IEND" if is_whole => return Cow::Borrowed(bytes),
            // The pixels themselves are cut off, which is an error.
            b"IDAT" if !is_whole => return Cow::Borrowed(bytes),
            _ if !is_whole => break,
            _ => at = next,
        }
    }
    Cow::Owned([bytes.get(..at).unwrap_or(bytes), &END].concat())
}

/// Returns width and height of an upright PNG from its header, without decoding the pixels.
///
/// # Errors
/// As [`RgbImage::from_png`], as far as the header shows.
#[cfg(not(target_family = "wasm"))] // Only the terminal asks for it.
pub fn size(bytes: &[u8]) -> Result<[usize; 2]> {
    let mut reader = Decoder::new(Cursor::new(with_end(bytes))).read_info().map_err(undecoded)?;
    let stored = check_size(&reader, bytes.len())?;
    if reader.info().exif_metadata.is_none() {
        let _ = reader.finish(); // EXIF data and texts may also follow the pixels.
    }
    Ok(orientation(&reader).size(stored))
}

/// Returns the pairs of keyword and text of a PNG, without decoding its pixels. Texts that are too
/// long, or behind damaged data, are omitted.
///
/// # Errors
/// If it is not a PNG.
pub fn texts(bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let mut reader = Decoder::new(Cursor::new(with_end(bytes))).read_info().map_err(undecoded)?;
    let _ = reader.finish(); // Texts may also follow the pixels.
    Ok(texts_of(&reader))
}

/// Pixels of the largest image that is read.
pub(super) const MOST_PIXELS: usize = 1 << 26;

/// Refuses sizes that the file cannot hold, or that are unreasonable, before memory is allocated.
fn check_size(reader: &PngReader, file_len: usize) -> Result<[usize; 2]> {
    /// A deflate stream grows at most 1,032 times.
    const MOST_GROWTH: u64 = 1032;
    let info = reader.info();
    let (width, height) = (u64::from(info.width), u64::from(info.height));
    // Both are below 2³², so that this fits.
    let pixels = width * height;
    if pixels > MOST_PIXELS as u64 {
        return Err(unread(messages::too_many_pixels(width, height)));
    }
    let bits = pixels * info.bits_per_pixel() as u64;
    if bits / 8 > (file_len as u64).saturating_mul(MOST_GROWTH) {
        return Err(unread(messages::file_too_short(width, height)));
    }
    Ok([width as usize, height as usize])
}

/// Returns the orientation as Pillow does: from EXIF data in their chunk or, by older programs, in
/// a text, else from XMP data.
fn orientation(reader: &PngReader) -> Orientation {
    if let Some(exif) = reader.info().exif_metadata.as_deref() {
        return Orientation::from_exif(Exif::new(exif));
    }
    let texts = texts_of(reader);
    let find = |wanted: &str| {
        texts.iter().find(|(keyword, _)| keyword == wanted).map(|(_, text)| text.as_str())
    };
    match find("Raw profile type exif").and_then(raw_profile) {
        Some(exif) => Orientation::from_exif(Exif::new(&exif)),
        None => find("XML:com.adobe.xmp")
            .and_then(Orientation::from_xmp)
            .unwrap_or(Orientation::from_exif(None)),
    }
}

/// Parses a profile as ImageMagick writes it: a line break, name, length, then hexadecimal digits.
fn raw_profile(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.lines().skip(3).collect();
    hex::decode(digits.trim()).ok()
}

fn texts_of(reader: &PngReader) -> Vec<(String, String)> {
    let info = reader.info();
    let mut texts = Texts { pairs: Vec::new(), left: MOST_TEXT };
    for chunk in &info.uncompressed_latin1_text {
        texts.add(&chunk.keyword, Some(utf8_if_valid(chunk.text.clone())));
    }
    for chunk in &info.compressed_latin1_text {
        let mut chunk = chunk.clone();
        let is_unpacked = chunk.decompress_text_with_limit(texts.left).is_ok();
        let text = chunk.get_text().ok().filter(|_| is_unpacked);
        texts.add(&chunk.keyword, text.map(utf8_if_valid));
    }
    for chunk in &info.utf8_text {
        let mut chunk = chunk.clone();
        let is_unpacked = chunk.decompress_text_with_limit(texts.left).is_ok();
        texts.add(&chunk.keyword, chunk.get_text().ok().filter(|_| is_unpacked));
    }
    texts.pairs
}

/// Reads a text of Latin-1 as UTF-8 if its bytes are valid UTF-8. By the specification they are
/// Latin-1, but programs write UTF-8 there, and Latin-1 prose is no valid UTF-8 beyond ASCII.
fn utf8_if_valid(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let bytes: std::result::Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or(text)
}

/// Maximum bytes of all texts together: a small file can hold many that decompress without end.
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

/// Wraps an error of the encoder.
fn unencoded(error: png::EncodingError) -> Error {
    unwritten(Message::verbatim(error))
}

/// Wraps an error of the decoder.
fn undecoded(error: png::DecodingError) -> Error {
    unread(Message::verbatim(error))
}

fn unread(reason: Message) -> Error {
    Error::Image { action: "read", reason }
}
