//! EXIF data of image files: orientation and comment.

use super::format::{is_jpeg, is_webp};

/// Tag of the orientation (TIFF 6.0).
const ORIENTATION: u16 = 274;

/// Tag of the offset of the directory with a photo's tags.
const EXIF_DIRECTORY: u16 = 0x8769;

/// Tag of `UserComment`, in which programs save their settings.
const USER_COMMENT: u16 = 0x9286;

/// Maximum bytes of a comment that is read.
const MOST_COMMENT: usize = 4 << 20;

/// EXIF data. Damaged data are read as if they ended before the damage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exif<'a> {
    tiff: &'a [u8],
    is_little_endian: bool,
}

impl<'a> Exif<'a> {
    /// Reads the header; `None` if there is none.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        // The prefix of JPEG files, which some programs also write elsewhere.
        let tiff = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
        let is_little_endian = match tiff.get(..4)? {
            b"II\x2a\0" => true,
            b"MM\0\x2a" => false,
            _ => return None,
        };
        Some(Exif { tiff, is_little_endian })
    }

    /// Finds the EXIF data of a JPEG or WebP file.
    pub fn of_file(bytes: &'a [u8]) -> Option<Self> {
        if is_jpeg(bytes) {
            return jpeg_segments(bytes).find_map(|(marker, data)| {
                (marker == APP1 && data.starts_with(b"Exif\0\0")).then(|| Exif::new(data))?
            });
        }
        let mut chunks = webp_chunks(bytes)?;
        chunks.find_map(|Chunk { kind, data, .. }| (kind == b"EXIF").then(|| Exif::new(data))?)
    }

    /// Sets the orientation of a WebP file to that of an upright image.
    pub fn reset_orientation_of_webp(bytes: &mut [u8]) {
        let place = webp_chunks(bytes).and_then(|mut chunks| {
            let chunk = chunks.find(|chunk| chunk.kind == b"EXIF")?;
            let exif = Exif::new(chunk.data)?;
            let entry = exif.entry(exif.u32_at(4)?, ORIENTATION)?;
            let value = match (exif.u16_at(entry + 2)?, exif.is_little_endian) {
                (3, true) => [1, 0, 0, 0],
                (3, false) => [0, 1, 0, 0],
                (_, true) => 1_u32.to_le_bytes(),
                (_, false) => 1_u32.to_be_bytes(),
            };
            // The header of the chunk, and the prefix of JPEG files.
            let tiff = chunk.at + 8 + chunk.data.len() - exif.tiff.len();
            Some((tiff + entry + 8, value))
        });
        if let Some((at, value)) = place
            && let Some(field) = bytes.get_mut(at..at + 4)
        {
            field.copy_from_slice(&value);
        }
    }

    /// Returns the value of the orientation, 1 to 8.
    pub fn orientation(&self) -> Option<u8> {
        let entry = self.entry(self.u32_at(4)?, ORIENTATION)?;
        // A number of 16 or 32 bits.
        let value = match self.u16_at(entry + 2)? {
            3 => u32::from(self.u16_at(entry + 8)?),
            4 => self.u32_at(entry + 8)?,
            _ => return None,
        };
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
    }

    /// Returns the text of `UserComment`. Its first eight bytes name the encoding; UTF-16 is
    /// big-endian in the files of AUTOMATIC1111's web UI (piexif) whatever the byte order of the
    /// numbers, so the byte order is detected.
    pub fn user_comment(&self) -> Option<String> {
        let pointer = self.entry(self.u32_at(4)?, EXIF_DIRECTORY)?;
        let entry = self.entry(self.u32_at(pointer + 8)?, USER_COMMENT)?;
        let length = usize::try_from(self.u32_at(entry + 4)?).ok()?;
        let start = usize::try_from(self.u32_at(entry + 8)?).ok()?;
        if length > MOST_COMMENT {
            return None;
        }
        let value = self.tiff.get(start..start.checked_add(length)?)?;
        let (encoding, text) = value.split_first_chunk::<8>()?;
        let text = match encoding {
            b"UNICODE\0" => utf16(text),
            _ => String::from_utf8(text.to_vec())
                .unwrap_or_else(|_| text.iter().copied().map(char::from).collect()),
        };
        Some(text.trim_end_matches('\0').to_string()).filter(|text| !text.is_empty())
    }

    /// Returns the position of a tag's entry in the directory at `offset`.
    fn entry(&self, offset: u32, tag: u16) -> Option<usize> {
        let directory = usize::try_from(offset).ok()?;
        let entries = usize::from(self.u16_at(directory)?);
        let positions = (0..entries).map_while(|entry| directory.checked_add(2 + 12 * entry));
        positions
            .map_while(|at| Some((at, self.u16_at(at)?)))
            .find_map(|(at, found)| (found == tag).then_some(at))
    }

    fn u16_at(&self, at: usize) -> Option<u16> {
        let bytes = self.tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        let bytes = self.tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little_endian {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }
}

/// Decodes UTF-16. Text has more zero bytes in the upper than in the lower halves of its units.
fn utf16(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0;
    let zeros = |half: usize| units.iter().filter(|unit| unit[half] == 0).count();
    let is_little_endian = zeros(1) > zeros(0);
    let unit = |unit: &[u8; 2]| match is_little_endian {
        true => u16::from_le_bytes(*unit),
        false => u16::from_be_bytes(*unit),
    };
    let units: Vec<u16> = units.iter().map(unit).collect();
    String::from_utf16_lossy(&units).trim_start_matches('\u{feff}').to_string()
}

const APP1: u8 = 0xe1;
const START_OF_SCAN: u8 = 0xda;

/// Iterates over marker and data of a JPEG's segments before its pixels.
fn jpeg_segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut at = 2;
    std::iter::from_fn(move || {
        // Markers may be preceded by fill bytes.
        while bytes.get(at) == Some(&0xff) && bytes.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let (0xff, marker) = (*bytes.get(at)?, *bytes.get(at + 1)?) else { return None };
        if marker == START_OF_SCAN {
            return None;
        }
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        let data = bytes.get(at + 4..at + 2 + length)?;
        at += 2 + length;
        Some((marker, data))
    })
}

/// A chunk of a WebP file, which begins at byte `at`.
struct Chunk<'a> {
    at: usize,
    kind: &'a [u8],
    data: &'a [u8],
}

/// Iterates over the chunks of a WebP; `None` if it is none.
fn webp_chunks(bytes: &[u8]) -> Option<impl Iterator<Item = Chunk<'_>>> {
    if !is_webp(bytes) {
        return None;
    }
    let mut at = 12_usize;
    Some(std::iter::from_fn(move || {
        let kind = bytes.get(at..at + 4)?;
        let length = u32::from_le_bytes(bytes.get(at + 4..at + 8)?.try_into().ok()?);
        let length = usize::try_from(length).ok()?;
        let data = bytes.get(at + 8..(at + 8).checked_add(length)?)?;
        let chunk = Chunk { at, kind, data };
        at = (at + 8).checked_add(length.checked_next_multiple_of(2)?)?;
        Some(chunk)
    }))
}
