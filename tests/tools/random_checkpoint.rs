//! Makes a checkpoint of random f16 weights from configs alone, for tests that need a large one:
//! `cargo run --release --example random-checkpoint -- CONFIGS OUT`.
//!
//! CONFIGS is a folder in diffusers layout without weights. The values have the size that a trained
//! network's have, so that a signal passes through all layers, in other programs too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use half::f16;
use hearth::model::{Component, Network, NetworkConfig};
use hearth::pipeline::noise::Generator;
use hearth::weights::loader;
use safetensors::tensor::{Dtype, View, serialize_to_file};

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [configs, out] = arguments.as_slice() else { panic!("two folders, please: CONFIGS OUT") };
    copy(configs, out);
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    for clip in ["tests/golden/data/clip/vocab.json", "www/clip/merges.txt"] {
        let clip = home.join(clip);
        fs::copy(&clip, out.join("tokenizer").join(clip.file_name().unwrap())).unwrap();
    }
    let device = Device::flex(); // The networks are made without weights.
    for component in [Component::TEXT_ENCODER, Component::UNET, Component::VAE] {
        let path = component.config_path();
        let json = fs::read(configs.join(&path)).unwrap();
        let config = NetworkConfig::from_json(component.kind, &json, &path).unwrap();
        let parameters = loader::parameters(&Network::new(&config, &device));
        let file = format!("{}.safetensors", component.kind.file_stem());
        let path = out.join(component.name).join(file);
        let tensors = parameters.into_iter().enumerate().map(|(seed, (name, shape))| {
            let random = Random { seed: seed as u64, name: name.clone(), shape };
            (name, random)
        });
        serialize_to_file(tensors, None, &path).unwrap();
        println!("{} {}", fs::metadata(&path).unwrap().len(), path.display());
    }
}

/// A tensor whose values are drawn when they are written.
struct Random {
    seed: u64,
    name: String,
    shape: Vec<usize>,
}

impl Random {
    fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Mean and standard deviation: a norm's weight lies around one, every bias around zero, and a
    /// matrix keeps the size of the signal.
    fn distribution(&self) -> (f32, f32) {
        match self.shape.as_slice() {
            [_] if self.name.ends_with("weight") => (1.0, 0.2),
            [_] => (0.0, 0.1),
            _ if self.name.contains("embedding.weight") => (0.0, 0.5),
            [rows, ..] => (0.0, ((self.count() / rows) as f32).powf(-0.5)),
            [] => (0.0, 1.0),
        }
    }
}

impl View for Random {
    fn dtype(&self) -> Dtype {
        Dtype::F16
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data_len(&self) -> usize {
        self.count() * 2
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let (mean, deviation) = self.distribution();
        let values = Generator::new(self.seed).randn(self.count());
        let halves = values.iter().map(|value| f16::from_f32(mean + deviation * value));
        halves.flat_map(f16::to_le_bytes).collect()
    }
}

/// Everything but weights.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let target = to.join(entry.file_name().unwrap());
        match entry.is_dir() {
            true => copy(&entry, &target),
            false => {
                fs::copy(&entry, &target).unwrap();
            }
        }
    }
}
