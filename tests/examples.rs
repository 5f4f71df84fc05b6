//! The examples in Rust do what they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;
#[allow(dead_code)] // `main` is not called here.
#[path = "../examples/text_to_image.rs"]
mod text_to_image;

use hearth::image::RgbImage;
use support::golden;
use support::terminal::hearth;

#[test]
fn text_to_image_makes_the_picture_of_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terminal.png");
    let (model, prompt) = (golden("sd1"), "a red apple");
    let model = model.to_str().unwrap();
    let output = hearth(&[
        "generate",
        "--model",
        model,
        "--prompt",
        prompt,
        "--seed",
        "7",
        "--device",
        "cpu",
        "--output",
        path.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{output:?}");
    let (terminal, _) = RgbImage::from_png(&std::fs::read(&path).unwrap()).unwrap();

    let png = pollster::block_on(text_to_image::text_to_image(model, prompt, 7)).unwrap();
    let (example, _) = RgbImage::from_png(&png).unwrap();
    assert_eq!([example.width, example.height], [terminal.width, terminal.height]);
    assert!(example.pixels == terminal.pixels, "the example's pixels are not the terminal's");
    let first = &example.pixels[..3];
    assert!(example.pixels.chunks(3).any(|pixel| pixel != first), "all pixels are equal");
}
