//! Single files of models with fewer blocks.

use std::collections::BTreeMap;

use hearth::families::recognise;
use hearth::model::{Component, NetworkConfig};
use hearth::weights::loader::check;
use serde_json::Value;

use super::keys::{Golden, config_of, module_parameters};

/// Smaller models with the number of parameters of their UNets, as in the headers of the published
/// files.
const SMALLER: [(&str, usize); 5] = [
    ("small_sd", 579_384_964),
    ("bk_sdm_small", 482_346_884),
    ("bk_sdm_tiny", 323_384_964),
    ("ssd_1b", 1_331_334_404),
    ("vega", 745_225_604),
];

#[test]
fn smaller_unets_of_single_files_are_recognised_by_their_blocks() {
    let golden = Golden::open();
    for (name, parameters) in SMALLER {
        let checkpoint = golden.checkpoint(name);
        let unet = &checkpoint.parts[&Component::UNET];
        let count: usize = unet.rows.iter().map(|row| row.shape.iter().product::<usize>()).sum();
        assert_eq!(count, parameters, "{name}");

        let entries = checkpoint.single_file();
        let file = recognise(name, &entries, &BTreeMap::new(), None).unwrap();
        checkpoint.check_against(&file, &entries, |key| key.to_string());
        let ours: Value = serde_json::from_str(&file.configs["unet/config.json"]).unwrap();
        let found = module_parameters(Component::UNET, &ours);
        check(&file.tensors[&Component::UNET], &found).unwrap();
        assert_eq!(found, module_parameters(Component::UNET, &unet.config), "{name}");
        let config = |config: &Value| match config_of(config) {
            NetworkConfig::UNet2DCondition(config) => (config.structure(), config.heads(0)),
            _ => panic!("{name} has no UNet"),
        };
        assert_eq!(config(&ours), config(&unet.config), "{name}");
    }
}

/// diffusers' script for single files numbers the blocks of these as if each level had two layers.
#[test]
fn single_files_with_gaps_between_blocks_are_recognised() {
    // Blocks of a UNet with one layer a level, without gaps and with them.
    const BLOCKS: [(&str, &str); 8] = [
        ("0.", "0."),
        ("1.", "1."),
        ("2.", "3."),
        ("3.", "4."),
        ("4.", "6."),
        ("5.", "7."),
        ("6.", "9."),
        ("7.", "10."),
    ];
    // An upsampler is a block of its own.
    const UPSAMPLERS: [(&str, &str); 6] = [
        ("1.1.conv.", "2.1.conv."),
        ("1.2.conv.", "2.2.conv."),
        ("3.2.conv.", "5.2.conv."),
        ("3.1.conv.", "5.1.conv."),
        ("5.2.conv.", "8.2.conv."),
        ("5.1.conv.", "8.1.conv."),
    ];
    let with_gaps = |key: &str| {
        let renamed = |side: &str, rows: &[(&str, &str)]| {
            let rest = key.strip_prefix(side)?;
            let (from, to) = rows.iter().find(|(from, _)| rest.starts_with(from)).unwrap();
            Some(format!("{side}{to}{}", &rest[from.len()..]))
        };
        let outputs = [&UPSAMPLERS[..], &BLOCKS[..]].concat();
        renamed("model.diffusion_model.input_blocks.", &BLOCKS)
            .or_else(|| renamed("model.diffusion_model.output_blocks.", &outputs))
            .unwrap_or_else(|| key.to_string())
    };
    let golden = Golden::open();
    for name in ["small_sd", "bk_sdm_small", "bk_sdm_tiny"] {
        let checkpoint = golden.checkpoint(name);
        let entries = checkpoint.entries(|key| vec![with_gaps(key)]);
        let reaches = |key: &str| entries.iter().any(|entry| entry.name.contains(key));
        assert_eq!(reaches(".output_blocks.10."), name != "bk_sdm_tiny");
        let file = recognise(name, &entries, &BTreeMap::new(), None).unwrap();
        checkpoint.check_against(&file, &entries, with_gaps);
    }
}

/// Missing tensors of a full model are errors: only a consistent set of blocks is a smaller model.
#[test]
fn full_unet_without_some_tensors_is_not_a_smaller_model() {
    let golden = Golden::open();
    let checkpoint = golden.checkpoint("sd1");
    let full: Value = {
        let file = checkpoint.recognised(&BTreeMap::new(), None);
        serde_json::from_str(&file.configs["unet/config.json"]).unwrap()
    };
    for lost in ["input_blocks.4.", "input_blocks.5.1.", "output_blocks.7.", "output_blocks.11.1."]
    {
        let lost = format!("model.diffusion_model.{lost}");
        let mut entries = checkpoint.single_file();
        entries.retain(|entry| !entry.name.starts_with(&lost));
        let file = recognise("sd1", &entries, &BTreeMap::new(), None).unwrap();
        let config: Value = serde_json::from_str(&file.configs["unet/config.json"]).unwrap();
        assert_eq!(config, full, "without {lost}");
    }
}
