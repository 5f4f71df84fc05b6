//! Keys of diffusers and of Hearth: `tests/golden/data/keys.json`.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::Device;
use hearth::families::{FAMILIES, recognise};
use hearth::model::Component;
use hearth::model::{Network, NetworkConfig};
use hearth::weights::loader::parameters;
use hearth::weights::safetensors::Entry;
use hearth::weights::single_file::{Prediction, SingleFile};
use hearth::weights::tensors::Located;
use safetensors::tensor::Dtype;
use serde_json::Value;

use crate::support;

pub struct Golden(Value);

pub struct Checkpoint {
    pub parts: BTreeMap<Component, Part>,
    pub beside: BTreeMap<String, Vec<usize>>,
}

#[derive(Clone)]
pub struct Part {
    pub config: Value,
    pub prefix: String,
    pub rows: Vec<Row>,
    pub left_out: Vec<(String, Vec<usize>)>,
}

#[derive(Clone)]
pub struct Row {
    pub path: String,
    pub shape: Vec<usize>,
    /// Key, part and shape in the single file.
    pub source: Option<(String, String, Vec<usize>)>,
}

impl Row {
    fn read(line: &str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let source = (words.len() == 5).then(|| {
            let key = if words[2] == "=" { words[0] } else { words[2] };
            (key.to_string(), words[3].to_string(), shape(words[4]))
        });
        assert!(source.is_some() || words.len() == 2, "{line}");
        Row { path: words[0].to_string(), shape: shape(words[1]), source }
    }
}

impl Golden {
    pub fn open() -> Self {
        let json: Value = serde_json::from_slice(&support::read("keys.json")).unwrap();
        Golden(json["checkpoints"].clone())
    }

    pub fn checkpoint(&self, name: &str) -> Checkpoint {
        let json = &self.0[name];
        assert!(json.is_object(), "{name}");
        let like = json["like"].as_str().map(|like| self.checkpoint(like));
        let (mut parts, mut beside) = like.map_or_else(Default::default, |l| (l.parts, l.beside));
        let rows = FAMILIES.iter().flat_map(|family| family.components);
        let components: BTreeSet<Component> = rows.map(|row| row.component).collect();
        for component in components {
            let part = &json[component.name];
            if part.is_object() {
                let read = Part::read(part, parts.get(&component));
                parts.insert(component, read);
            }
        }
        beside.extend(lines(&json["beside"]).into_iter().map(|line| key_and_shape(&line)));
        Checkpoint { parts, beside }
    }
}

impl Part {
    fn read(json: &Value, like: Option<&Part>) -> Self {
        let config = json["config"].clone();
        let rows =
            |field: &str| lines(&json[field]).iter().map(|l| Row::read(l)).collect::<Vec<_>>();
        let Some(like) = like else {
            let left_out =
                lines(&json["left_out"]).iter().map(|line| key_and_shape(line)).collect();
            let prefix = json["prefix"].as_str().unwrap_or_default().to_string();
            return Part { config, prefix, rows: rows("rows"), left_out };
        };
        let removed = lines(&json["removed"]);
        let mut part = Part { config, ..like.clone() };
        part.rows.retain(|row| !removed.contains(&row.path));
        part.rows.extend(rows("added"));
        part
    }
}

impl Checkpoint {
    /// Returns the index of the single file.
    pub fn single_file(&self) -> Vec<Entry> {
        self.entries(|key| vec![key.to_string()])
    }

    /// Returns the index of the single file with other keys.
    pub fn entries(&self, renamed: impl Fn(&str) -> Vec<String>) -> Vec<Entry> {
        let mut shapes = self.beside.clone();
        shapes.extend(self.left_out().cloned());
        for part in self.parts.values() {
            for (key, _, shape) in part.rows.iter().map(|row| row.source.clone().unwrap()) {
                shapes.insert(format!("{}{key}", part.prefix), shape);
            }
        }
        let mut entries = Vec::new();
        for (key, shape) in &shapes {
            for key in renamed(key) {
                push(&mut entries, &key, shape);
            }
        }
        entries
    }

    pub fn left_out(&self) -> impl Iterator<Item = &(String, Vec<usize>)> {
        self.parts.values().flat_map(|part| &part.left_out)
    }

    pub fn recognised(
        &self,
        metadata: &BTreeMap<String, String>,
        prediction: Option<Prediction>,
    ) -> SingleFile {
        recognise("a file", &self.single_file(), metadata, prediction).unwrap()
    }

    /// Checks that every parameter is located where diffusers has it, and that there are no others.
    pub fn check_against(
        &self,
        file: &SingleFile,
        entries: &[Entry],
        key_of: impl Fn(&str) -> String,
    ) {
        let by_key: BTreeMap<&str, &Entry> =
            entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
        assert_eq!(file.tensors.keys().collect::<Vec<_>>(), self.parts.keys().collect::<Vec<_>>());
        for (component, part) in &self.parts {
            let tensors = &file.tensors[component];
            assert_eq!(tensors.len(), part.rows.len(), "{component:?}");
            for row in &part.rows {
                let (key, cut, _) = row.source.as_ref().unwrap();
                let entry = by_key[key_of(&format!("{}{key}", part.prefix)).as_str()];
                let found =
                    tensors.get(&row.path).unwrap_or_else(|| panic!("{} is not there", row.path));
                check_located(found, row, cut, entry);
            }
        }
    }
}

fn check_located(found: &Located, row: &Row, cut: &str, entry: &Entry) {
    let path = &row.path;
    assert_eq!(found.key, entry.name, "{path}");
    assert_eq!(found.module_shape(), row.shape, "{path}");
    assert_eq!(found.dtype, entry.dtype, "{path}");
    assert_eq!(found.transposed, cut == "transposed", "{path}");
    let range = match cut {
        "whole" | "transposed" | "squeezed" => entry.range.clone(),
        _ => {
            let (index, of) = cut.strip_prefix("rows").unwrap().split_once('/').unwrap();
            let (index, of): (u64, u64) = (index.parse().unwrap(), of.parse().unwrap());
            let each = (entry.range.end - entry.range.start) / of;
            entry.range.start + index * each..entry.range.start + (index + 1) * each
        }
    };
    assert_eq!(found.range, range, "{path}");
    assert_eq!(found.count() as u64 * 2, range.end - range.start, "{path}");
}

/// Adds a tensor in half precision after the others.
pub fn push(entries: &mut Vec<Entry>, key: &str, shape: &[usize]) {
    let start = entries.last().map_or(1000, |entry| entry.range.end);
    let count = shape.iter().fold(2u64, |n, &extent| n.saturating_mul(extent as u64));
    let range = start..start.saturating_add(count);
    entries.push(Entry { name: key.to_string(), dtype: Dtype::F16, shape: shape.to_vec(), range });
}

/// Returns the key of the averaged copy of a UNet's tensor, as `LitEma` makes it.
pub fn flat(key: &str) -> Option<String> {
    let rest = key.strip_prefix("model.")?;
    rest.starts_with("diffusion_model.").then(|| format!("model_ema.{}", rest.replace('.', "")))
}

pub fn module_parameters(component: Component, config: &Value) -> BTreeMap<String, Vec<usize>> {
    let json = config.to_string().into_bytes();
    let config = NetworkConfig::from_json(component.kind, &json, component.name).unwrap();
    parameters(&Network::new(&config, &Device::flex()))
}

/// Reads a UNet's config.
pub fn config_of(config: &Value) -> NetworkConfig {
    let (component, json) = (Component::UNET, config.to_string());
    NetworkConfig::from_json(component.kind, json.as_bytes(), component.name).unwrap()
}

/// Returns whether two values are equal. 1 and 1.0 are the same, and `false` equals absence.
pub fn same(a: &Value, b: &Value) -> bool {
    let off = |value: &Value| value.is_null() || value == false;
    a == b || (a.is_number() && a.as_f64() == b.as_f64()) || (off(a) && off(b))
}

fn lines(json: &Value) -> Vec<String> {
    let lines = json.as_array().into_iter().flatten();
    lines.map(|line| line.as_str().unwrap().to_string()).collect()
}

fn key_and_shape(line: &str) -> (String, Vec<usize>) {
    let (key, dims) = line.split_once(' ').unwrap();
    (key.to_string(), shape(dims))
}

fn shape(text: &str) -> Vec<usize> {
    if text == "-" {
        return Vec::new();
    }
    text.split('x').map(|extent| extent.parse().unwrap()).collect()
}
