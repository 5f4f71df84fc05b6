//! Fitting, cropping and composing, compared with Pillow and diffusers byte for byte.

use crate::support::Goldens;
use hearth::Error;
use hearth::image::{self, Fit, Mask, Region, RgbImage, Transparency};
use serde_json::Value;

/// Checks the cases of one kind of `images.json`, each with its name.
fn each(kind: &str, check: impl Fn(&Goldens, &Value, &str)) {
    let goldens = Goldens::open("images");
    let cases: Vec<&Value> = goldens.cases.iter().filter(|c| c["component"] == kind).collect();
    assert!(!cases.is_empty(), "no case of {kind}");
    for case in cases {
        check(&goldens, case, case["name"].as_str().unwrap());
    }
}

#[test]
fn resize_equals_pillow() {
    each("resize", |goldens, case, name| {
        let picture = goldens.picture(case, "inputs", "picture");
        let expected = goldens.picture(case, "outputs", "picture");
        let [width, height] = [expected.width, expected.height];
        let resized = match case["mode"].as_str().unwrap() {
            "default" => picture.resize(width, height),
            "crop" => picture.fit(width, height, Fit::Crop),
            "fill" => picture.fit(width, height, Fit::Pad),
            other => panic!("{other}"),
        };
        assert!(resized.unwrap() == expected, "{name}");
    });
}

#[test]
fn load_image_equals_diffusers() {
    each("load", |goldens, case, name| {
        let (_, file) = goldens.bytes(case, "inputs", "file");
        let expected = goldens.picture(case, "outputs", "picture");
        let loaded = image::decode(&file, Transparency::Drop).unwrap();
        assert_eq!([loaded.width, loaded.height], [expected.width, expected.height], "{name}");
        // Lossy formats leave some roundings to the decoder.
        let most = match name {
            _ if name.contains("jpeg") => 3,
            _ if name.contains("lossy") => 1,
            _ => 0,
        };
        let far = |(a, b): (&u8, &u8)| a.abs_diff(*b) > most;
        let wrong = loaded.pixels.iter().zip(&expected.pixels).filter(|pair| far(*pair)).count();
        assert_eq!(wrong, 0, "{name}");
        assert_eq!(image::size(&file).unwrap(), [expected.width, expected.height], "{name}");
    });
}

#[test]
fn grey_mask_edges_become_black_or_white_after_fitting() {
    each("fitted mask", |goldens, case, name| {
        let expected = goldens.mask(case, "outputs", "mask");
        let [width, height] = expected.size();
        let fit = if case["mode"] == "crop" { Fit::Crop } else { Fit::Pad };
        let fitted = goldens.picture(case, "inputs", "picture").fit(width, height, fit).unwrap();
        assert!(Mask::from_image(&fitted).unwrap() == expected, "{name}");
    });
}

/// The whole resized image would have 3 million × 400 pixels.
#[test]
fn long_and_narrow_image_is_fitted_without_its_cropped_part() {
    let pixels = (0..3 * 4 * 30_000).map(|index| (index / 12_000) as u8).collect();
    let long = RgbImage { width: 30_000, height: 4, pixels };
    let middle = long.crop(Region { x: 14_900, y: 0, width: 200, height: 4 }).unwrap();
    let [long, middle] = [long, middle].map(|image| image.fit(512, 400, Fit::Crop).unwrap());
    assert!(long == middle);
}

#[test]
fn mask_surroundings_are_cropped_and_composed_as_by_diffusers() {
    each("region", |goldens, case, name| {
        let mask = goldens.mask(case, "inputs", "mask");
        let original = goldens.picture(case, "inputs", "picture");
        let painted = goldens.picture(case, "inputs", "painted");
        let size = [painted.width, painted.height];
        let padding = case["padding"].as_u64().unwrap() as usize;
        let region = mask.region(size, padding).unwrap();
        let Region { x, y, width, height } = region;
        let corners: Vec<u64> =
            case["region"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
        assert_eq!([x, y, x + width, y + height].map(|v| v as u64)[..], corners, "{name}");

        let work = mask.crop(region).unwrap().fit(size[0], size[1], Fit::Pad).unwrap();
        assert!(work == goldens.mask(case, "outputs", "mask"), "{name}: the mask");

        let part = painted.fit(width, height, Fit::Crop).unwrap();
        let whole = part.placed(region, mask.size()).unwrap();
        let result = mask.compose(&whole, &original).unwrap();
        assert!(result == goldens.picture(case, "outputs", "picture"), "{name}: the picture");
    });
}

#[test]
fn mask_from_image_is_white_where_it_is_bright() {
    each("mask", |goldens, case, name| {
        let mask = Mask::from_image(&goldens.picture(case, "inputs", "picture")).unwrap();
        assert!(mask == goldens.mask(case, "outputs", "mask"), "{name}");
    });
}

#[test]
fn invalid_sizes_are_errors() {
    let picture = RgbImage { width: 2, height: 2, pixels: vec![1; 12] };
    let failed = |result: Result<RgbImage, Error>| matches!(result, Err(Error::Image { .. }));
    assert!(failed(picture.fit(0, 8, Fit::Crop)));
    assert!(failed(picture.resize(8, 0)));
    for (width, height, len) in [(2, 2, 11), (2, 2, 13), (0, 2, 0), (usize::MAX, 2, 6)] {
        let broken = RgbImage { width, height, pixels: vec![1; len] };
        assert!(failed(broken.fit(8, 8, Fit::Pad)), "{width} × {height}, {len} bytes");
        assert!(Mask::from_image(&broken).is_err());
    }
    let region = |x, y, width, height| Region { x, y, width, height };
    for region in
        [region(1, 0, 2, 1), region(0, 3, 1, 1), region(0, 0, 0, 1), region(usize::MAX, 0, 2, 2)]
    {
        assert!(failed(picture.crop(region)), "{region:?}");
        assert!(failed(picture.placed(region, [2, 2])), "{region:?}");
    }
    assert!(failed(picture.placed(region(0, 0, 1, 1), [4, 4])));
    assert!(failed(Mask::white(3, 2).compose(&picture, &picture)));
    assert!(Mask::new(2, 2, &[0; 3]).is_err());
    // The thinnest images keep at least one pixel.
    let thin = RgbImage { width: 1, height: 400, pixels: vec![9; 1200] };
    assert_eq!(thin.fit(16, 16, Fit::Pad).unwrap().pixels, vec![9; 16 * 16 * 3]);
}
