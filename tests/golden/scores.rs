//! Completed pictures are measured as scikit-image measures them; masks are what their names say.

use crate::support::Goldens;
use hearth::Error;
use hearth::evaluation::{MaskKind, Score, Scores};
use hearth::image::{Mask, RgbImage};

#[test]
fn scores_are_those_of_scikit_image() {
    let goldens = Goldens::open("scores");
    assert!(!goldens.cases.is_empty());
    for case in &goldens.cases {
        let name = case["name"].as_str().unwrap();
        let truth = goldens.picture(case, "inputs", "truth");
        let completed = goldens.picture(case, "inputs", "completed");
        let mask = goldens.mask(case, "inputs", "mask");
        let scores = Scores::of(&completed, &truth, &mask).unwrap();
        for (part, score) in [("inside", scores.inside), ("overall", scores.overall)] {
            let Score { pixel_accuracy, psnr, ssim } = score;
            for (what, ours) in [("pixel_accuracy", pixel_accuracy), ("psnr", psnr), ("ssim", ssim)]
            {
                let theirs = case[part][what].as_f64().unwrap();
                assert!(
                    (ours - theirs).abs() < 1e-9,
                    "{name}, {what} {part}: {ours}, not {theirs}"
                );
            }
        }
    }
}

#[test]
fn equal_pictures_have_the_best_scores() {
    let image = grey(16, 9);
    let scores = Scores::of(&image, &image, &Mask::white(16, 9)).unwrap();
    let best = Score { pixel_accuracy: 1.0, psnr: f64::INFINITY, ssim: 1.0 };
    assert_eq!(scores, Scores { inside: best, overall: best });
    assert_eq!(Scores::mean(&[scores, scores]), Some(scores));
    assert_eq!(Scores::mean(&[]), None);
}

#[test]
fn what_cannot_be_compared_is_named() {
    let field = |completed: &RgbImage, truth: &RgbImage, mask: &Mask| match Scores::of(
        completed, truth, mask,
    ) {
        Err(Error::InvalidRequest { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let (image, white) = (grey(16, 16), Mask::white(16, 16));
    assert_eq!(field(&grey(16, 8), &image, &white), "image");
    assert_eq!(field(&grey(6, 16), &grey(6, 16), &Mask::white(6, 16)), "image");
    assert_eq!(field(&image, &image, &Mask::white(8, 16)), "mask");
    assert_eq!(field(&image, &image, &Mask::new(16, 16, &[0; 256]).unwrap()), "mask");
    let broken = RgbImage { pixels: vec![0; 5], ..image.clone() };
    assert_eq!(field(&broken, &image, &white), "image");
}

#[test]
fn masks_cover_what_their_names_say() {
    let covered = |kind: MaskKind, seed| {
        let mask = kind.make(64, 32, seed).unwrap();
        mask.values().iter().filter(|value| **value != 0).count()
    };
    assert_eq!(covered(MaskKind::Centre, 0), 32 * 16);
    assert_eq!(covered(MaskKind::Half, 0), 32 * 32);
    for seed in 0..50 {
        let part = covered(MaskKind::Strokes, seed) as f64 / (64.0 * 32.0);
        assert!((0.02..0.9).contains(&part), "seed {seed}: {part}");
    }
    let strokes = |seed| MaskKind::Strokes.make(64, 32, seed).unwrap();
    assert_eq!(strokes(1), strokes(1));
    assert_ne!(strokes(1), strokes(2));
    assert!("left".parse::<MaskKind>().is_err());
    assert!(MaskKind::Half.make(0, 8, 0).is_err());
}

fn grey(width: usize, height: usize) -> RgbImage {
    RgbImage { width, height, pixels: vec![100; width * height * 3] }
}
