//! PNG encoding and decoding, with invalid files.

use hearth::error::Error;
use hearth::image::{RgbImage, texts};
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
