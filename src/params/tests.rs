use super::{
    DefaultRule, FIELDS, Field, GenerationParams, IMAGES, Kind, NUM_IMAGES, PartialParams, Section,
    Value, field,
};
use crate::error::{Error, Result};
use crate::prompt::{Emphasis, Grammar};
use crate::scheduler::{NoiseSource, SamplerName};

fn row(name: &str) -> &'static Field {
    field(name).unwrap()
}

fn reason(result: Result<Value>) -> String {
    match result {
        Err(Error::InvalidRequest { field, value, reason }) => format!("{field} {value}: {reason}"),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn names_are_unique() {
    let rows: Vec<&Field> = FIELDS.iter().chain(&IMAGES).chain([&NUM_IMAGES]).collect();
    for (index, one) in rows.iter().enumerate() {
        for other in &rows[..index] {
            assert_ne!(one.name, other.name);
            assert_ne!(one.js, other.js);
            assert_ne!(one.flag, other.flag);
            assert_ne!(one.id, other.id);
        }
        assert!(one.requires.is_none_or(|name| field(name).is_some()), "{}", one.name);
    }
}

#[test]
fn defaults_are_in_range() {
    GenerationParams::default().check().unwrap();
}

#[test]
fn every_value_survives_json() {
    let params = GenerationParams {
        prompt: "a \"cat\"".to_string(),
        negative_prompt: "dog".to_string(),
        num_inference_steps: 7,
        guidance_scale: 4.0,
        seed: u64::MAX,
        scheduler: Some(SamplerName::EulerAncestral.into()),
        noise: Some(NoiseSource::Nv),
        width: 64,
        height: 72,
        clip_skip: 1,
        clip_skip_negative: 2,
        grammar: Grammar::Comfy,
        emphasis: Emphasis::NoNorm,
        guidance_rescale: 0.7,
        eta: 1.0,
        strength: 0.5,
        padding_mask_crop: Some(32),
        mask_blur: 3,
    };
    let json = serde_json::to_value(&params).unwrap();
    // JavaScript's numbers would round it.
    assert_eq!(json["seed"], "18446744073709551615");
    assert_eq!(json["scheduler"], "euler-ancestral");
    assert_eq!(json.as_object().unwrap().len(), FIELDS.len());
    assert_eq!(serde_json::from_value::<GenerationParams>(json).unwrap(), params);
}

#[test]
fn json_with_absent_and_unknown_members_gets_defaults() {
    let json = r#"{"width": 64, "scheduler": "", "eta": 1, "start": {}, "batch": [1]}"#;
    let params: GenerationParams = serde_json::from_str(json).unwrap();
    let wanted = GenerationParams { width: 64, eta: 1.0, ..GenerationParams::default() };
    assert_eq!(params, wanted);
    for wrong in
        [r#"{"width": "64"}"#, r#"{"width": -8}"#, r#"{"seed": 7}"#, r#"{"scheduler": "x"}"#]
    {
        assert!(serde_json::from_str::<GenerationParams>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn refused_value_names_field_and_remedy() {
    let read = |name: &str, text: &str| reason(row(name).read(text));
    assert_eq!(
        read("num_inference_steps", ""),
        "num_inference_steps empty: it must be a whole number from 1 to 1000"
    );
    assert_eq!(read("guidance_scale", "x"), "guidance_scale x: it must be a number from 0 to 100");
    assert_eq!(
        read("guidance_scale", "101"),
        "guidance_scale 101: it must be a number from 0 to 100"
    );
    assert_eq!(read("strength", "0"), "strength 0: it must be a number above 0, and at most 1");
    assert_eq!(
        read("seed", "18446744073709551616"),
        "seed 18446744073709551616: it must be a whole number from 0 to 18446744073709551615"
    );
    assert_eq!(read("clip_skip", "1.5"), "clip_skip 1.5: it must be a whole number from 1 to 13");
    assert_eq!(read("eta", "2"), "eta 2: it must be a number from 0 to 1");
    assert_eq!(read("width", "-8"), "width -8: it must be a whole number from 8 to 4096");
}

#[test]
fn page_counts_clip_skip_as_automatic1111_and_the_flag_as_diffusers() {
    let field = row("clip_skip");
    for (text, skipped) in [("1", 0), ("2", 1), ("13", 12)] {
        assert_eq!(field.read(text).unwrap(), Value::Int(skipped));
        assert_eq!(field.shown(&Value::Int(skipped)), text);
        assert_eq!(field.parse(text).unwrap(), Value::Int(text.parse().unwrap()));
    }
    assert_eq!(
        reason(field.read("0")),
        "clip_skip 0: it must be a whole number from 1 to 13",
        "as the page counts"
    );
    let flag = field.check(&Value::Int(33)).map(|()| Value::Int(33));
    assert_eq!(reason(flag), "clip_skip 33: it must be a whole number from 0 to 32");
    assert_eq!(row("seed").shown(&Value::Int(0)), "0");
}

/// The terminal accepts a larger range than the page's inputs.
#[test]
fn parse_accepts_values_that_check_refuses() {
    let field = row("guidance_scale");
    assert_eq!(field.parse("-1").unwrap(), Value::Float(-1.0));
    field.check(&Value::Float(-1.0)).unwrap();
    assert!(field.check(&Value::Float(f64::NAN)).is_err());
    assert!(field.check(&Value::Float(f64::INFINITY)).is_err());
    assert!(row("strength").check(&Value::Float(1.5)).is_err());
}

#[test]
fn with_replaces_defaults_by_given_values() {
    let mut given = PartialParams::default();
    assert!(given.set(row("clip_skip"), &Value::Int(1)));
    assert!(given.set(row("scheduler"), &Value::Text("lcm".to_string())));
    assert!(!given.set(row("eta"), &Value::Text("much".to_string())));
    let params = GenerationParams { eta: 0.5, ..GenerationParams::default() }.with(&given);
    assert_eq!((params.clip_skip, params.eta), (1, 0.5));
    assert_eq!(params.scheduler, Some(SamplerName::Lcm.into()));
    assert!(!params.is_default(row("clip_skip")) && params.is_default(row("padding_mask_crop")));
}

#[test]
fn init_image_fields_require_init_image() {
    for field in FIELDS.iter().filter(|field| field.section == Section::InitImage) {
        assert!(field.requires.is_some(), "{}", field.name);
    }
    assert_eq!(row("strength").default, DefaultRule::Masked([0.8, 1.0]));
    assert!(IMAGES.iter().all(|field| matches!(field.kind, Kind::Image)));
}

#[test]
fn values_that_spoil_a_picture_are_warned_of() {
    let warnings = |guidance_scale: f64, strength: f64, has_init_image: bool| {
        let params = GenerationParams { guidance_scale, strength, ..GenerationParams::default() };
        params.warnings(has_init_image).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(warnings(7.5, 0.8, true), [""; 0]);
    assert_eq!(warnings(0.0, 0.1, true), [""; 0]);
    assert_eq!(warnings(30.0, 0.01, false), [""; 0], "without a picture strength has no meaning");
    let [burns] = warnings(30.5, 0.8, false).try_into().unwrap();
    assert!(burns.starts_with("guidance_scale is 30.5: above 30 the picture burns out"), "{burns}");
    let [negative, strength] = warnings(-1.0, 0.05, true).try_into().unwrap();
    assert!(negative.contains("below 0 it has no effect"), "{negative}");
    assert!(
        strength.starts_with("strength is 0.05: so little changes almost nothing"),
        "{strength}"
    );
}
