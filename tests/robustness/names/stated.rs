//! Properties that a file states, and their detection from its tensors.

use std::collections::BTreeMap;
use std::ops::Range;

use hearth::Result;
use hearth::families::{architectures, recognise};
use hearth::weights::Source;
use hearth::weights::safetensors::Entry;
use hearth::weights::single_file::{Prediction, open, prediction_from_biases};
use serde_json::{Value, json};

use super::keys::{Golden, push};

#[test]
fn prediction_type_is_read_from_the_file() {
    use Prediction::{Epsilon, VPrediction};
    let golden = Golden::open();
    let metadata = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    };
    let cases = [
        ("sdxl", &["v_pred"][..], metadata(&[]), None, VPrediction, false),
        ("sdxl", &["v_pred", "ztsnr"], metadata(&[]), None, VPrediction, true),
        ("sdxl", &[], metadata(&[("modelspec.prediction_type", "v")]), None, VPrediction, false),
        ("sdxl", &[], metadata(&[]), Some(VPrediction), VPrediction, false),
        // What the user says counts before the file.
        ("sd1", &["v_pred"], metadata(&[]), Some(Epsilon), Epsilon, false),
        ("sd2", &[], metadata(&[("modelspec.prediction_type", "epsilon")]), None, Epsilon, false),
        (
            "sd2",
            &[],
            metadata(&[("modelspec.architecture", "stable-diffusion-v2-512")]),
            Some(VPrediction),
            VPrediction,
            false,
        ),
        (
            "sd2",
            &[],
            metadata(&[("modelspec.architecture", "stable-diffusion-v2-768-v")]),
            None,
            VPrediction,
            false,
        ),
        ("sd2", &[], metadata(&[("modelspec.prediction_type", "what?")]), None, VPrediction, false),
    ];
    for (name, markers, metadata, given, expected, zero) in cases {
        let mut entries = golden.checkpoint(name).single_file();
        for marker in markers {
            push(&mut entries, marker, &[0]);
        }
        let file = recognise(name, &entries, &metadata, given).unwrap();
        assert_eq!(file.prediction, expected, "{name} {markers:?} {metadata:?}");
        let scheduler: Value =
            serde_json::from_str(&file.configs["scheduler/scheduler_config.json"]).unwrap();
        assert_eq!(scheduler["prediction_type"], expected.name());
        assert_eq!(scheduler["rescale_betas_zero_snr"] == true, zero, "{name} {markers:?}");
        // A tensor is examined only if nothing is stated.
        assert_eq!(
            file.revealing_bias.is_some(),
            name == "sd2" && metadata.values().any(|v| v == "what?")
        );
    }
    assert_eq!(prediction_from_biases(&[0.1, -0.1, 0.1, -0.1]), VPrediction);
    assert_eq!(prediction_from_biases(&[0.05, -0.05, 0.05, -0.05]), Epsilon);
    assert_eq!(prediction_from_biases(&[]), Epsilon);
    assert_eq!(prediction_from_biases(&[f32::NAN]), Epsilon);
}

#[test]
fn native_size_is_read_from_the_file_metadata() {
    let golden = Golden::open();
    let checkpoint = golden.checkpoint("sd1");
    for (text, expected) in [
        ("768x512", json!([64, 96])),
        ("768", json!([96, 96])),
        ("0x0", json!(64)),
        ("99999999999999999999x1", json!(64)),
        ("", json!(64)),
    ] {
        let metadata = BTreeMap::from([("modelspec.resolution".to_string(), text.to_string())]);
        let file = checkpoint.recognised(&metadata, None);
        let unet: Value = serde_json::from_str(&file.configs["unet/config.json"]).unwrap();
        assert_eq!(unet["sample_size"], expected, "{text:?}");
    }
}

#[test]
fn prediction_type_of_2x_is_detected_from_a_tensor() {
    let golden = Golden::open();
    let keys: Vec<Entry> = golden.checkpoint("sd2").single_file();
    // Only the biases have data: of everything else there is only key and shape.
    let telltale = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias";
    for (spread, expected) in [(0.2f32, Prediction::VPrediction), (0.05, Prediction::Epsilon)] {
        let mut header = serde_json::Map::new();
        let mut end = 0;
        for entry in &keys {
            let bytes = entry.shape.iter().product::<usize>() * 4;
            header.insert(
                entry.name.clone(),
                json!({"dtype": "F32", "shape": entry.shape, "data_offsets": [end, end + bytes]}),
            );
            end += bytes;
        }
        let header = serde_json::to_vec(&header).unwrap();
        let start = (8 + header.len()) as u64;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        let source = Sparse { bytes, len: start + end as u64, spread };
        let file =
            pollster::block_on(open(&source, "model.safetensors", &architectures(), None, None))
                .unwrap();
        assert_eq!(file.prediction, expected);
        assert!(file.revealing_bias.is_none());
        assert!(keys.iter().any(|entry| entry.name == telltale));
        // The user's choice has precedence.
        let told = Some(Prediction::VPrediction);
        let file =
            pollster::block_on(open(&source, "model.safetensors", &architectures(), told, None))
                .unwrap();
        assert_eq!(file.prediction, Prediction::VPrediction);
    }
}

/// A file whose numbers are all `spread`, with either sign.
struct Sparse {
    bytes: Vec<u8>,
    len: u64,
    spread: f32,
}

impl Source for Sparse {
    fn place(&self) -> String {
        "here".to_string()
    }

    async fn len(&self, _: &str) -> Result<Option<u64>> {
        Ok(Some(self.len))
    }

    async fn read(&self, _: &str, range: Range<u64>) -> Result<Vec<u8>> {
        let head = self.bytes.len() as u64;
        if range.end <= head {
            return Ok(self.bytes[range.start as usize..range.end as usize].to_vec());
        }
        assert!(range.start >= head && range.end - range.start <= 4096, "{range:?} was read");
        let values = (0..(range.end - range.start) / 4)
            .flat_map(|i| if i % 2 == 0 { self.spread } else { -self.spread }.to_le_bytes());
        Ok(values.collect())
    }
}
