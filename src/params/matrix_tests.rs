#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Axis, Matrix, MatrixContext};
use crate::error::Result;
use crate::params::{FIELDS, GenerationParams, Kind, PartialParams};

fn axis(name: &str, values: &str) -> Result<Axis> {
    let field = Axis::fields().find(|field| field.name == name).unwrap();
    Axis::read(field, values, |text| field.parse(text))
}

#[test]
fn labels_are_name_and_value_and_not_too_long() {
    let long = "a very long prompt that has no room above its column | b ";
    let axes = vec![axis("num_inference_steps", "10, 20,").unwrap(), axis("prompt", long).unwrap()];
    let [columns, rows, groups] =
        Matrix::new(axes, "").unwrap().labels(|field, value| format!("{} {value}", field.flag));
    assert_eq!(columns, ["num-inference-steps 10", "num-inference-steps 20"]);
    assert_eq!(rows, ["prompt a very long prompt that has no...", "prompt b"]);
    assert!(groups.is_empty());
}

#[test]
fn parameter_has_one_axis() {
    let axes = || vec![axis("seed", "1,2").unwrap(), axis("seed", "3").unwrap()];
    let error = Matrix::new(axes(), "seed=1,2;seed=3").unwrap_err().to_string();
    assert!(error.contains("seed is seed=1,2;seed=3: it has two axes"), "{error}");
}

/// Prompt and negative prompt of a cell.
type Texts = (Option<String>, Option<String>);

fn matrix(axes: &[(&str, &str)]) -> Matrix {
    Matrix::new(axes.iter().map(|(name, values)| axis(name, values).unwrap()).collect(), "")
        .unwrap()
}

#[test]
fn every_row_of_the_table_can_be_an_axis() {
    for field in FIELDS {
        let value = match field.kind {
            Kind::Text => "a cat".to_string(),
            Kind::Int { min, max, .. } => min.max(8).min(max).to_string(),
            Kind::Float { .. } => "0.5".to_string(),
            Kind::Choice(choice) => (choice.names)()[0].to_string(),
            Kind::Image => continue,
        };
        let [cell] = &matrix(&[(field.name, &value)]).cells(&<_>::default()).unwrap()[..] else {
            panic!("{}", field.name)
        };
        assert_eq!(cell.get(field).unwrap().to_string(), value, "{}", field.name);
    }
}

#[test]
fn numbers_may_be_ranges() {
    let values = |name: &str, text: &str| {
        axis(name, text)
            .map(|axis| axis.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(values("num_inference_steps", "5, 10-20 (+5), 30").unwrap(), "5 10 15 20 30");
    assert_eq!(values("strength", "0.2-1.0 (+0.4)").unwrap(), "0.2 0.6 1");
    assert_eq!(values("width", "64-96 (+16)").unwrap(), "64 80 96");
    assert_eq!(values("prompt", "1-3").unwrap(), "1-3", "a text is none");
    let error = values("width", "64-68").unwrap_err().to_string();
    assert!(error.contains("65: it must be a multiple of 8, for instance 64"), "{error}");
    assert!(values("num_inference_steps", "0-2").is_err());
    let long = axis("seed", "1-1000").unwrap();
    assert!(Matrix::new(vec![long], "seed=1-1000").unwrap_err().to_string().contains("400"));
}

#[test]
fn schedules_apply_to_the_sampler_of_their_cell() {
    let base = GenerationParams { scheduler: "ddim".parse().ok(), ..<_>::default() };
    let names = |axes: &[(&str, &str)], base: &GenerationParams| -> Result<Vec<String>> {
        let cells = matrix(axes).cells(base)?;
        let name = |cell: &PartialParams| cell.scheduler.map(|name| name.to_string());
        Ok(cells.iter().map(|cell| name(cell).unwrap_or_default()).collect::<Vec<_>>())
    };
    let both = [("scheduler", "euler, dpmpp-2m"), ("schedule", "karras, SGM Uniform")];
    let all = ["euler-karras", "dpmpp-2m-karras", "euler-sgm-uniform", "dpmpp-2m-sgm-uniform"];
    assert_eq!(names(&both, &base).unwrap(), all);
    let reversed = [both[1], both[0]];
    assert_eq!(names(&reversed, &base).unwrap()[1], "euler-sgm-uniform");
    let euler = GenerationParams { scheduler: "euler-karras".parse().ok(), ..base.clone() };
    assert_eq!(names(&[("schedule", "beta")], &euler).unwrap(), ["euler-beta"]);
    assert_eq!(names(&[("schedule", "beta")], &<_>::default()).unwrap(), [""]);
    assert!(axis("schedule", "karas").is_err());
    assert_eq!(
        names(&[("scheduler", "ddim, dpmpp-2m"), ("schedule", "Automatic")], &base).unwrap(),
        ["ddim", "dpmpp-2m-karras"]
    );
    let error = names(&[("scheduler", "euler-karras"), ("schedule", "beta")], &base);
    assert!(error.unwrap_err().to_string().contains("its schedule is named already"));
    let error = names(&[("scheduler", "pndm"), ("schedule", "karras")], &base).unwrap_err();
    assert!(error.to_string().contains("PNDM (PLMS) has these: leading, linspace, trailing"));
    assert_eq!(axis("schedule", "karras | beta").unwrap().values.len(), 2);
    assert_eq!(axis("seed", "1，2").unwrap().values.len(), 2);
}

#[test]
fn texts_take_the_place_of_the_first_one_in_both_prompts() {
    let base = GenerationParams {
        prompt: "a cat, <lora:ink:0.5>".to_string(),
        negative_prompt: "cat".to_string(),
        ..<_>::default()
    };
    let texts = |axes: &[(&str, &str)]| -> Result<Vec<Texts>> {
        let cells = matrix(axes).cells(&base)?;
        let text = |cell: PartialParams| (cell.prompt, cell.negative_prompt);
        Ok(cells.into_iter().map(text).collect::<Vec<_>>())
    };
    let some = |text: &str| Some(text.to_string());
    assert_eq!(
        texts(&[("replacement", "cat | dog")]).unwrap(),
        [
            (some("a cat, <lora:ink:0.5>"), some("cat")),
            (some("a dog, <lora:ink:0.5>"), some("dog"))
        ]
    );
    assert_eq!(
        texts(&[("replacement", "ink:0.5 | ink:1")]).unwrap()[1],
        (some("a cat, <lora:ink:1>"), None)
    );
    // Prompts of another axis are those in which it is looked for.
    let both = texts(&[("prompt", "a cat | the cat"), ("replacement", "cat|dog")]).unwrap();
    assert_eq!(both[3].0, some("the dog"));
    let error = texts(&[("replacement", "bird|dog")]).unwrap_err().to_string();
    assert!(error.contains("bird"), "{error}");
}

#[test]
fn axis_of_pictures_needs_them() {
    let check = |name: &str, values: &str, given: MatrixContext| {
        matrix(&[(name, values)]).check(given).map_err(|error| error.to_string())
    };
    let image = MatrixContext { image: true, ..MatrixContext::default() };
    let mask = MatrixContext { mask: true, ..image };
    assert!(check("strength", "0.5", MatrixContext::default()).unwrap_err().contains("strength"));
    assert!(check("strength", "0.5", image).is_ok());
    assert!(check("mask_blur", "4", image).unwrap_err().contains("mask"));
    assert!(check("mask_blur", "4", mask).is_ok());
    assert!(check("width", "64", MatrixContext::default()).is_ok());
    assert!(check("width", "64", mask).unwrap_err().contains("width"));
    assert!(check("width", "64", MatrixContext { keeps_size: true, ..mask }).is_ok());
}

#[test]
fn layers_that_the_model_lacks_are_refused_before_a_picture() {
    let of_model = MatrixContext { most_clip_skip: Some(11), ..<_>::default() };
    let skip = |values: &str| matrix(&[("clip_skip", values)]);
    assert!(skip("0, 11").check(of_model).is_ok());
    let error = skip("0, 12").check(of_model).unwrap_err().to_string();
    assert!(error.contains("clip_skip") && error.contains("only 11"), "{error}");
    assert!(skip("0, 12").check(MatrixContext::default()).is_ok(), "no model is loaded yet");
}

#[test]
fn axis_without_effect_on_any_picture_is_refused() {
    let base = GenerationParams { scheduler: "euler-karras".parse().ok(), ..<_>::default() };
    let refusal = |axes: &[(&str, &str)], base: &GenerationParams| {
        matrix(axes).cells(base).err().map(|error| error.to_string())
    };
    let eta = ("eta", "0, 1");
    let error = refusal(&[eta], &base).unwrap();
    assert!(error.contains("these do: DDIM, TCD"), "{error}");
    assert_eq!(refusal(&[eta, ("scheduler", "euler, ddim")], &base), None);
    let unguided = GenerationParams { guidance_scale: 1.0, ..base.clone() };
    let negative = ("negative_prompt", "fog | rain");
    assert!(refusal(&[negative], &unguided).unwrap().contains("guidance above 1"));
    assert_eq!(refusal(&[negative], &base), None);
    assert_eq!(refusal(&[negative, ("guidance_scale", "1, 2")], &unguided), None);
    let comfy = GenerationParams { grammar: "comfy".parse().unwrap(), ..base };
    let error = refusal(&[("emphasis", "original, ignore")], &comfy).unwrap();
    assert!(error.contains("AUTOMATIC1111"), "{error}");
}

#[test]
fn largest_size_is_that_of_the_axes_or_of_the_others() {
    assert_eq!(matrix(&[("width", "64, 128, 96")]).largest_size([512, 256]), [128, 256]);
    assert_eq!(matrix(&[("seed", "1")]).largest_size([512, 256]), [512, 256]);
}

#[test]
fn more_than_400_pictures_are_refused() {
    let many = (0..21).map(|seed| seed.to_string()).collect::<Vec<_>>().join(",");
    let matrix = |names: [&str; 2]| {
        Matrix::new(names.iter().map(|name| axis(name, &many).unwrap()).collect(), "")
    };
    assert!(matrix(["seed", "guidance_scale"]).unwrap_err().to_string().contains("400"));
    let one = Matrix::new(vec![axis("seed", &many).unwrap()], "").unwrap();
    assert_eq!(one.cells(&<_>::default()).unwrap().len(), 21);
}
