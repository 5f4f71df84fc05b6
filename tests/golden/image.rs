//! PNG encoding and decoding, with invalid files.

use crate::support;
use hearth::error::Error;
use hearth::image::{Mask, RgbImage, Transparency, WebpOrientation, decode, size, texts};
use png::{BitDepth, ColorType, Encoder};

fn picture(width: usize, height: usize) -> RgbImage {
    let pixels = (0..width * height * 3).map(|index| (index * 37 % 256) as u8).collect();
    RgbImage { width, height, pixels }
}

#[test]
fn from_unit_floats_rounds_as_diffusers() {
    // 0.5 / 255 and 1.5 / 255 are halfway, and rounded to the even neighbour as by numpy.
    let values = [0.0, 0.5 / 255.0, 1.5 / 255.0, 0.5, 1.0, 254.6 / 255.0, -0.2, 1.7, f32::NAN];
    let image = RgbImage::from_unit_floats(3, 1, &values).unwrap();
    assert_eq!(image.pixels, [0, 0, 2, 128, 255, 255, 0, 255, 0]);
    for (width, height) in [(3, 2), (0, 0), (usize::MAX, usize::MAX)] {
        assert!(matches!(
            RgbImage::from_unit_floats(width, height, &values),
            Err(Error::Image { .. })
        ));
    }
}

#[test]
fn decoding_returns_encoded_image_and_texts() {
    let text = [
        ("parameters", "a red apple, steps: 20\nseed: 7"),
        ("prompt", "猫 on a café table 😀"),
        ("empty", ""),
        ("parameters", "twice"),
    ];
    for (width, height) in [(1, 1), (7, 3), (40, 24), (1, 300)] {
        let image = picture(width, height);
        let (found, mut pairs) = RgbImage::from_png(&image.to_png(&text).unwrap()).unwrap();
        assert_eq!(found, image);
        pairs.sort();
        let mut expected = text.map(|(keyword, text)| (keyword.to_owned(), text.to_owned()));
        expected.sort();
        assert_eq!(pairs, expected);
    }
}

#[test]
fn all_color_types_and_depths_are_decoded() {
    let rgba = encode(ColorType::Rgba, BitDepth::Eight, &[1, 2, 3, 0, 4, 5, 6, 255]);
    let grey = encode(ColorType::Grayscale, BitDepth::Eight, &[7, 200]);
    let grey_alpha = encode(ColorType::GrayscaleAlpha, BitDepth::Eight, &[7, 0, 200, 9]);
    let deep = encode(ColorType::Rgb, BitDepth::Sixteen, &[1, 255, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
    let bits = encode(ColorType::Grayscale, BitDepth::One, &[0b0100_0000]);
    for (png, pixels) in [
        (rgba, [1, 2, 3, 4, 5, 6]),
        (grey, [7, 7, 7, 200, 200, 200]),
        (grey_alpha, [7, 7, 7, 200, 200, 200]),
        (deep, [1, 2, 3, 4, 5, 6]),
        (bits, [0, 0, 0, 255, 255, 255]),
    ] {
        let (image, text) = RgbImage::from_png(&png).unwrap();
        assert_eq!((image.width, image.height, image.pixels), (2, 1, pixels.to_vec()));
        assert!(text.is_empty());
    }
}

#[test]
fn invalid_images_and_texts_are_errors_when_encoded() {
    let image = picture(2, 2);
    let long = "k".repeat(80);
    for pair in [("", "x"), (long.as_str(), "x"), ("猫", "x"), ("key", "a\0b"), ("key", "é\0")] {
        assert!(
            matches!(image.to_png(&[pair]), Err(Error::Image { action: "written", .. })),
            "{pair:?}"
        );
    }
    let mut short = image.clone();
    short.pixels.pop();
    let mut long = image;
    long.pixels.push(0);
    for image in
        [short, long, picture(0, 4), RgbImage { width: 1 << 33, height: 1, pixels: Vec::new() }]
    {
        assert!(matches!(image.to_png(&[]), Err(Error::Image { action: "written", .. })));
    }
}

#[test]
fn damaged_files_are_errors() {
    let png = picture(9, 5).to_png(&[("prompt", "ä")]).unwrap();
    for len in 0..png.len() - 12 {
        assert!(
            matches!(RgbImage::from_png(&png[..len]), Err(Error::Image { action: "read", .. })),
            "{len} bytes"
        );
    }
    // Any byte may be wrong: the result is an error, or an image if nothing depends on it; never a
    // panic.
    for index in 0..png.len() {
        for bit in 0..8 {
            let mut damaged = png.clone();
            damaged[index] ^= 1 << bit;
            let _ = RgbImage::from_png(&damaged);
        }
    }
    for bytes in [&b""[..], b"GIF89a", b"\x89PNG\r\n\x1a\n", &[0; 100]] {
        assert!(matches!(RgbImage::from_png(bytes), Err(Error::Image { action: "read", .. })));
    }
}

#[test]
fn huge_sizes_take_no_memory() {
    for (width, height) in
        [(u32::MAX, u32::MAX), (0x7fff_ffff, 0x7fff_ffff), (8192, 8192), (1 << 26, 1), (1, 1 << 26)]
    {
        let mut png = picture(4, 4).to_png(&[]).unwrap();
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        let before = std::time::Instant::now();
        let result = RgbImage::from_png(&png);
        assert!(matches!(result, Err(Error::Image { action: "read", .. })), "{width} × {height}");
        assert!(before.elapsed().as_secs() < 1, "{width} × {height}");
    }
}

fn encode(color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 2, 1);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    png
}

/// Returns the checksum of a PNG chunk.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

/// A text of a few kilobytes can decompress to megabytes, and a file can have thousands of them.
#[test]
fn many_compressed_texts_take_little_memory() {
    let long = "a".repeat(2 << 20);
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, 1, 1);
    for number in 0..200 {
        encoder.add_ztxt_chunk(format!("text {number}"), long.clone()).unwrap();
    }
    encoder.write_header().unwrap().write_image_data(&[0]).unwrap();
    assert!(png.len() < 2_000_000);
    for texts in [texts(&png).unwrap(), RgbImage::from_png(&png).unwrap().1] {
        let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
        assert!(!texts.is_empty() && bytes <= 4 << 20, "{bytes} bytes");
    }
}

#[test]
fn transparent_pixels_of_mask_are_black() {
    // White: transparent, opaque, half opaque from the threshold on.
    let rgba: Vec<u8> = [0, 255, 128, 127].into_iter().flat_map(|a| [255, 255, 255, a]).collect();
    let grey: Vec<u8> = [0, 255, 128, 127].into_iter().flat_map(|a| [255, a]).collect();
    for (color, data) in [(ColorType::Rgba, rgba.clone()), (ColorType::GrayscaleAlpha, grey)] {
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, 4, 1);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
        let mask = Mask::from_image(&decode(&png, Transparency::OnBlack).unwrap()).unwrap();
        assert_eq!(mask.values(), [0, 255, 255, 0], "{color:?}");
        let image = decode(&png, Transparency::Drop).unwrap();
        assert_eq!(image.pixels, [255; 12], "{color:?}");
    }
    let canvas = RgbImage::from_rgba(4, 1, rgba, Transparency::OnBlack).unwrap();
    assert_eq!(Mask::from_image(&canvas).unwrap().values(), [0, 255, 255, 0]);
}

/// A palette may have transparent colours, too.
#[test]
fn transparent_palette_colour_of_mask_is_black() {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, 2, 1);
    encoder.set_color(ColorType::Indexed);
    encoder.set_palette(vec![255; 6]);
    encoder.set_trns(vec![0, 255]);
    encoder.write_header().unwrap().write_image_data(&[0, 1]).unwrap();
    let mask = Mask::from_image(&decode(&png, Transparency::OnBlack).unwrap()).unwrap();
    assert_eq!(mask.values(), [0, 255]);
}

#[test]
fn latin_1_chunk_with_valid_utf_8_is_read_as_utf_8() {
    let with_text = |text: &[u8]| {
        let plain = picture(1, 1).to_png(&[]).unwrap();
        let mut chunk = b"tEXtparameters\0".to_vec();
        chunk.extend(text);
        let (head, rest) = plain.split_at(33);
        let length = (chunk.len() as u32 - 4).to_be_bytes();
        [head, &length, &chunk, &crc32(&chunk).to_be_bytes(), rest].concat()
    };
    for (bytes, expected) in [
        ("a café 城堡, “red”".as_bytes(), "a café 城堡, “red”"),
        (b"\xe9t\xe9, red", "été, red"),
        (b"\xc3\xa9t\xc3\xa9", "été"),
    ] {
        let texts = texts(&with_text(bytes)).unwrap();
        assert_eq!(texts, [("parameters".to_string(), expected.to_string())]);
    }
}

/// AUTOMATIC1111's web UI writes its settings into JPEG and WebP files by piexif: big-endian
/// numbers, and UTF-16 in big-endian order behind `UNICODE`.
#[test]
fn exif_comment_is_read_from_jpeg_and_webp() {
    let settings = "a café 城堡\nNegative prompt: fog\nSteps: 30, Sampler: Euler a, Seed: 7";
    let utf16 = |little: bool| -> Vec<u8> {
        let units = settings.encode_utf16();
        let bytes = units.map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
        [&b"UNICODE\0"[..], &bytes.flatten().collect::<Vec<u8>>()].concat()
    };
    let ascii = [&b"ASCII\0\0\0"[..], b"plain text"].concat();
    for (comment, expected) in
        [(utf16(false), settings), (utf16(true), settings), (ascii, "plain text")]
    {
        let mut tiff =
            b"MM\0\x2a\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0".to_vec();
        tiff.extend(b"\0\x01\x92\x86\0\x07");
        tiff.extend((comment.len() as u32).to_be_bytes());
        tiff.extend(b"\0\0\0\x2c\0\0\0\0");
        tiff.extend(&comment);
        let segment = [&b"Exif\0\0"[..], &tiff].concat();
        let length = (segment.len() as u16 + 2).to_be_bytes();
        let jpeg =
            [&b"\xff\xd8\xff\xe0\0\x04ab\xff\xe1"[..], &length, &segment, b"\xff\xda"].concat();
        let chunk = [&b"EXIF"[..], &(tiff.len() as u32).to_le_bytes(), &tiff].concat();
        let webp = [&b"RIFF\0\0\0\0WEBPVP8X\x03\0\0\0abc\0"[..], &chunk].concat();
        for file in [jpeg, webp] {
            let expected = [("parameters".to_string(), expected.to_string())];
            assert_eq!(texts(&file).unwrap(), expected);
        }
    }
}

/// The browser decodes WebP: it must not find the orientation, which is applied afterwards.
#[test]
fn orientation_is_taken_out_of_webp() {
    let goldens = support::Goldens::open("images");
    for case in &goldens.cases {
        let name = case["name"].as_str().unwrap();
        let (_, mut file) = match name.contains("webp.orientation") {
            true => goldens.bytes(case, "inputs", "file"),
            false => continue,
        };
        let orientation = WebpOrientation::take(&mut file);
        let stored = decode(&file, Transparency::Drop).unwrap();
        assert_eq!([stored.width, stored.height], [21, 13], "{name}");
        assert!(orientation.apply(stored) == goldens.picture(case, "outputs", "picture"), "{name}");
    }
}

#[test]
fn damaged_jpeg_and_webp_are_errors() {
    for bytes in [&b"\xff\xd8\xff\xe0 and so on"[..], b"RIFF\0\0\0\0WEBPVP8 ", b"GIF89a", b""] {
        for result in [decode(bytes, Transparency::Drop).map(drop), size(bytes).map(drop)] {
            assert!(matches!(result, Err(Error::Image { action: "read", .. })), "{bytes:?}");
        }
        let _ = texts(bytes);
    }
}
