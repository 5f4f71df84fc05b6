//! `hearth evaluate`: outputs, report and errors.

use std::fs;
use std::process::Output;

use crate::support::terminal::{grey, hearth};
use crate::support::{Goldens, golden};
use hearth::image::{Mask, RgbImage};
use serde_json::{Value, json};
use tempfile::TempDir;

#[test]
fn images_are_inpainted_and_scored() {
    let work = Work::new();
    let truth = picture(40, 24, 0);
    work.save("in/b.png", &truth);
    work.save("in/a.png", &truth);
    let output = work.evaluate(&["--mask", "half"]);
    assert!(output.status.success(), "{output:?}");
    assert!(stderr(&output).is_empty(), "{output:?}");
    let table = stdout(&output);
    assert!(table.contains("a.png") && table.contains("mean"), "{table}");

    let report = work.report();
    let row = &report["images"][0];
    assert_eq!((row["file"].as_str(), row["mask_part"].as_f64()), (Some("a.png"), Some(0.5)));
    // The half that is not masked is equal.
    let accuracy = |part: &str| row[part]["pixel_accuracy"].as_f64().unwrap();
    assert!((accuracy("overall") - 0.5 - accuracy("inside") / 2.0).abs() < 1e-9, "{row}");
    assert_eq!(report["settings"]["masks"], "half");
    let after = work.read("out/a-after.png").0;
    let left = |image: &RgbImage| -> Vec<u8> {
        let rows = image.pixels.chunks_exact(image.width * 3);
        rows.flat_map(|row| row[..image.width / 2 * 3].to_vec()).collect()
    };
    assert_eq!(left(&after), left(&truth));
    assert_ne!(after, truth);
    assert_eq!(work.read("out/a-truth.png").0, truth);
}

#[test]
fn masks_and_captions_from_files_give_the_reference_images() {
    let goldens = Goldens::open("img2img");
    let case = goldens.cases.iter().find(|case| case["name"] == "sd1.mask.pndm").unwrap();
    let (truth, mask) =
        (goldens.picture(case, "inputs", "picture"), goldens.mask(case, "inputs", "mask"));
    let asked = |field: &str| case["request"][field].to_string();
    let prompt = case["request"]["prompt"].as_str().unwrap();
    let work = Work::new();
    // The second picture has the seed of the reference, and the only caption.
    for name in ["a.png", "b.png", "c.png"] {
        work.save(&format!("in/{name}"), &truth);
        work.save(&format!("masks/{name}"), &grey(&mask));
    }
    work.write("in/captions.json", json!({"b.png": prompt}).to_string().as_bytes());
    let seed: u64 = asked("seed").parse().unwrap();
    let output = work.evaluate(&[
        "--masks",
        &work.path("masks"),
        "--captions",
        &work.path("in/captions.json"),
        "--prompt",
        "a clock",
        "--limit",
        "2",
        "--seed",
        &(seed - 1).to_string(),
        "--num-inference-steps",
        &asked("num_inference_steps"),
        "--guidance-scale",
        &asked("guidance_scale"),
        "--scheduler",
        "pndm",
        "--strength",
        &asked("strength"),
    ]);
    assert!(output.status.success(), "{output:?}");
    assert!(stderr(&output).contains("1 of 2 pictures have no caption"), "{output:?}");
    assert!(!stderr(&output).contains("left out"), "{output:?}");

    let report = work.report();
    let files: Vec<&Value> =
        report["images"].as_array().unwrap().iter().map(|row| &row["file"]).collect();
    assert_eq!(files, ["a.png", "b.png"]);
    assert_eq!(report["settings"]["masks"], work.path("masks"));
    let white = mask.values().iter().filter(|value| **value == 255).count();
    let part = report["images"][1]["mask_part"].as_f64().unwrap();
    assert!((part - white as f64 / (40.0 * 24.0)).abs() < 1e-9, "{part}");
    let expected = goldens.picture(case, "outputs", "picture");
    let (after, recipe) = work.read("out/b-after.png");
    assert_eq!(after.pixels.len(), expected.pixels.len());
    for (place, (ours, golden)) in after.pixels.iter().zip(&expected.pixels).enumerate() {
        match mask.values()[place / 3] {
            0 => assert_eq!(*ours, truth.pixels[place], "what should have stayed was changed"),
            // A value may fall on the other side of a rounding edge.
            _ => assert!(ours.abs_diff(*golden) <= 1, "{place}: {ours} instead of {golden}"),
        }
    }
    assert_eq!((text_of(&recipe, "prompt"), text_of(&recipe, "seed")), (prompt, &*asked("seed")));
    let first = work.read("out/a-after.png").1;
    assert_eq!(text_of(&first, "prompt"), "a clock");
}

#[test]
fn strokes_differ_by_image_and_are_reproducible() {
    let work = Work::new();
    // No pixel has the grey of the masked area.
    let truth = RgbImage { width: 40, height: 24, pixels: vec![9; 40 * 24 * 3] };
    for name in ["a.png", "b.png", "c.png"] {
        work.save(&format!("in/{name}"), &truth);
    }
    let holes = |more: &[&str]| -> Vec<(f64, RgbImage)> {
        let output = work.evaluate(&[&["--mask", "strokes"], more].concat());
        assert!(output.status.success(), "{output:?}");
        let report = work.report();
        assert_eq!(report["settings"]["masks"], "strokes");
        let rows = report["images"].as_array().unwrap().iter();
        rows.map(|row| {
            let name = row["file"].as_str().unwrap().replace(".png", "-before.png");
            (row["mask_part"].as_f64().unwrap(), work.read(&format!("out/{name}")).0)
        })
        .collect()
    };
    let first = holes(&["--limit", "2"]);
    assert_eq!(first.len(), 2);
    for (part, before) in &first {
        let hidden = before.pixels.iter().filter(|value| **value == 128).count();
        assert!(hidden > 0 && hidden < before.pixels.len());
        assert!((part - hidden as f64 / before.pixels.len() as f64).abs() < 1e-9, "{part}");
    }
    assert_ne!(first[0], first[1]);
    assert_eq!(holes(&["--limit", "2"]), first);
    // A picture's strokes come from its seed.
    assert_eq!(holes(&["--seed", "1", "--limit", "1"]), first[1..]);
}

#[test]
fn other_entries_are_counted_and_hidden_files_passed_over() {
    let work = Work::new();
    for name in [
        "in/a.gif",
        "in/b.GIF",
        "in/notes",
        "in/.DS_Store",
        "in/._a.png",
        "in/Thumbs.db",
        "in/captions.json",
        "in/sub/c.png",
    ] {
        work.write(name, b"");
    }
    let none = work.evaluate(&[]);
    assert_eq!(none.status.code(), Some(1));
    assert!(stderr(&none).contains("there is no PNG, JPEG or WebP in it"), "{none:?}");
    work.save("in/a.png", &picture(40, 24, 0));
    let output = work.evaluate(&[]);
    assert!(output.status.success(), "{output:?}");
    let said = stderr(&output);
    let expected = "2 .gif, 1 .json, 1 folder, 1 without an ending";
    assert!(said.contains("5 of 6 entries") && said.contains(expected), "{said}");
}

#[test]
fn all_invalid_files_are_reported_before_the_work() {
    let work = Work::new();
    let (truth, white) = (picture(40, 24, 0), grey(&Mask::white(40, 24)));
    for name in ["good", "none", "small", "black", "damaged", "text"] {
        work.save(&format!("in/{name}.png"), &truth);
        work.save(&format!("masks/{name}.png"), &white);
    }
    fs::remove_file(work.path("masks/none.png")).unwrap();
    work.save("masks/small.png", &grey(&Mask::white(40, 16)));
    work.save("masks/black.png", &RgbImage { pixels: vec![0; 40 * 24 * 3], ..truth.clone() });
    work.write("masks/damaged.png", &fs::read(work.path("masks/good.png")).unwrap()[..60]);
    work.write("in/text.png", b"no picture");
    let output = work.evaluate(&["--masks", &work.path("masks")]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "", "pictures were completed");
    let said = stderr(&output);
    for (file, words) in [
        ("masks/none.png", "exists"),
        ("masks/small.png", "of 40 × 16 pixels: it must have the picture's size, 40 × 24"),
        ("masks/black.png", "nothing of it is white"),
        ("masks/damaged.png", "cannot be read"),
        ("in/text.png", "no PNG"),
    ] {
        let line = said.lines().find(|line| line.contains(file));
        let line = line.unwrap_or_else(|| panic!("nothing is said of {file}: {said}"));
        assert!(line.contains(words), "{line}");
    }
    assert!(!said.contains("good.png"), "{said}");
    assert!(said.contains("5 of 6 cannot be completed"), "{said}");
}

#[test]
fn invalid_settings_are_rejected_before_the_work() {
    let work = Work::new();
    work.save("in/a.png", &picture(40, 24, 0));
    let cases: [(&[&str], i32, &str); 6] = [
        (&["--strength", "0.2"], 1, "of 2 steps none would be left"),
        (&["--strength", "2"], 1, "at most 1"),
        (&["--mask", "left"], 2, "centre, half or strokes"),
        (&["--mask", "half", "--masks", "in"], 2, "cannot be used with"),
        (&["--limit", "0"], 2, "--limit"),
        (&["--captions", "no/where.json"], 1, "no/where.json"),
    ];
    for (more, status, words) in cases {
        let output = work.evaluate(more);
        assert_eq!(output.status.code(), Some(status), "{more:?}: {output:?}");
        assert!(stderr(&output).contains(words), "{more:?}: {}", stderr(&output));
    }
}

#[test]
fn results_before_a_failure_are_reported() {
    let work = Work::new();
    work.save("in/a.png", &picture(40, 24, 0));
    // Its header is complete; the missing part is noticed when it is decoded.
    let png = picture(40, 24, 1).to_png(&[]).unwrap();
    work.write("in/b.png", &png[..png.len() / 2]);
    work.save("in/c.png", &picture(40, 24, 2));
    let output = work.evaluate(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("b.png"), "{output:?}");
    let kept = stdout(&output);
    assert!(kept.contains("a.png") && !kept.contains("c.png"), "{kept}");
    assert_eq!(work.report()["images"].as_array().unwrap().len(), 1);
}

/// A folder with `in` for the images; `out` and `report.json` are written to it.
struct Work(TempDir);

impl Work {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        Work(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_string()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn save(&self, name: &str, image: &RgbImage) {
        self.write(name, &image.to_png(&[]).unwrap());
    }

    /// Reads an image and its PNG texts.
    fn read(&self, name: &str) -> (RgbImage, Vec<(String, String)>) {
        RgbImage::from_png(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    fn report(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("report.json")).unwrap()).unwrap()
    }

    /// Runs `hearth evaluate` with the small model, by default with 2 steps.
    fn evaluate(&self, more: &[&str]) -> Output {
        let model = golden("sd1");
        let [images, out, json] = ["in", "out", "report.json"].map(|name| self.path(name));
        let arguments = [
            "evaluate",
            "--model",
            model.to_str().unwrap(),
            "--device",
            "cpu",
            "--width",
            "40",
            "--height",
            "24",
            "--images",
            &images,
            "--output",
            &out,
            "--json",
            &json,
        ];
        let steps: &[&str] = match more.contains(&"--num-inference-steps") {
            true => &[],
            false => &["--num-inference-steps", "2"],
        };
        hearth(&[&arguments, steps, more].concat())
    }
}

/// Returns an image that differs by `seed`.
fn picture(width: usize, height: usize, seed: usize) -> RgbImage {
    let values = 0..width * height * 3;
    let pixels = values.map(|index| ((index + seed) * index * 37 % 256) as u8).collect();
    RgbImage { width, height, pixels }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn text_of<'a>(texts: &'a [(String, String)], key: &str) -> &'a str {
    let found = texts.iter().find(|(found, _)| found == key);
    found.map_or("", |(_, text)| text)
}
