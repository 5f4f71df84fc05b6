//! Checkpoints in diffusers layout.
//!
//! A folder has `model_index.json`, and for each component a folder with a config.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::key_maps::module_path;
use super::model_card::ModelCard;
use super::options::OpenOptions;
use super::safetensors::read_index;
use super::single_file::{FIRST_BYTES, FileType, file_type, replaced_text};
use super::source::Source;
use super::tensors::{Located, Tensors};
use crate::error::{self, Error, Message, Result, messages};
use crate::model::Component;
use crate::tokenizer::Tokenizer;

/// `model_index.json`: the pipeline that the checkpoint was saved from.
#[derive(Debug, Deserialize)]
pub struct ModelIndex {
    /// The diffusers pipeline.
    #[serde(rename = "_class_name")]
    pub class_name: String,
    /// SDXL: an empty negative prompt becomes zeros instead of an encoded empty text.
    #[serde(default = "yes", deserialize_with = "null_is_off")]
    pub force_zeros_for_empty_prompt: bool,
    /// SDXL refiner: the UNet takes an aesthetic score.
    #[serde(default, deserialize_with = "null_is_off")]
    requires_aesthetics_score: bool,
    /// Library and class of each component, among other values.
    #[serde(flatten)]
    components: BTreeMap<String, Value>,
}

/// `null` is Python's None, which is false.
fn null_is_off<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(false))
}

fn yes() -> bool {
    true
}

/// `model_index.json`
pub const MODEL_INDEX: &str = "model_index.json";

impl ModelIndex {
    /// Returns the class of a component.
    pub fn class(&self, component: Component) -> Option<&str> {
        self.components.get(component.name)?.get(1)?.as_str()
    }

    /// Parses it.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let index: Self = error::json::object(json)
            .map_err(|reason| Error::InvalidConfig { path: MODEL_INDEX.to_string(), reason })?;
        match index.requires_aesthetics_score {
            false => Ok(index),
            true => Err(Error::Unsupported {
                path: MODEL_INDEX.to_string(),
                what: messages::aesthetic_score(),
                remedy: messages::take_base_model(),
            }),
        }
    }
}

/// Reads a required small file as a whole.
pub async fn required(source: &impl Source, path: &str) -> Result<Vec<u8>> {
    let bytes = source.read_small(path).await?.ok_or_else(|| source.missing(path))?;
    match replaced_text(path, &bytes) {
        Some(error) => Err(error),
        None => Ok(bytes),
    }
}

/// Opens the tokenizer in `folder`.
pub async fn open_tokenizer(source: &impl Source, folder: &str) -> Result<Tokenizer> {
    let file = |name: &str| format!("{folder}/{name}");
    let config = source.read_small(&file("tokenizer_config.json")).await?;
    let special = source.read_small(&file("special_tokens_map.json")).await?;
    if let Some(vocab) = source.read_small(&file("vocab.json")).await? {
        let merges = required(source, &file("merges.txt")).await?;
        let (config, special) = (config.as_deref(), special.as_deref());
        // Written until 2023; newer configs list these words themselves.
        let is_listed = config.is_some_and(lists_added_tokens);
        let words = match is_listed {
            true => None,
            false => source.read_small(&file("added_tokens.json")).await?,
        };
        return match words {
            Some(words) => Tokenizer::with_added_tokens(&vocab, &merges, config, special, &words),
            None => Tokenizer::from_vocab_and_merges(&vocab, &merges, config, special),
        };
    }
    match source.read_small(&file("tokenizer.json")).await? {
        Some(json) => Tokenizer::from_tokenizer_json(&json, config.as_deref(), special.as_deref()),
        None => Err(source.missing(&file("vocab.json"))),
    }
}

/// Returns whether a `tokenizer_config.json` lists the added tokens.
fn lists_added_tokens(config: &[u8]) -> bool {
    let config: Option<Value> = serde_json::from_slice(config).ok();
    config.is_some_and(|config| config.get("added_tokens_decoder").is_some_and(Value::is_object))
}

/// Finds the tensors of a component by the index of its file or files.
pub async fn find_tensors(
    source: &impl Source,
    component: Component,
    folder: &str,
    model_card: &ModelCard,
    options: &OpenOptions,
) -> Result<Tensors> {
    let mut tensors = Tensors::default();
    for file in find_files(source, component, folder, model_card, options).await? {
        let index = match read_index(source, &file).await {
            Err(error @ Error::CorruptWeights { .. }) => {
                return Err(what_it_is(source, &file).await?.unwrap_or(error));
            }
            index => index?,
        };
        for entry in index {
            let Some(path) = module_path(component, &entry.name) else { continue };
            let located = Located {
                file: file.clone(),
                key: entry.name,
                dtype: entry.dtype,
                shape: entry.shape,
                range: entry.range,
                transposed: false,
            };
            if let Some(second) = tensors.insert(path, located) {
                return Err(Error::CorruptWeights {
                    path: second.file,
                    reason: messages::is_there_twice(second.key),
                });
            }
        }
    }
    Ok(tensors)
}

/// Returns the error for a file that is no safetensors file, if its first bytes say what it is.
async fn what_it_is(source: &impl Source, path: &str) -> Result<Option<Error>> {
    let len = source.len(path).await?.unwrap_or(0);
    let first_bytes = source.read(path, 0..len.min(FIRST_BYTES)).await?;
    let is_telling = |kind: &FileType| !matches!(kind, FileType::Unknown | FileType::Empty);
    let kind = file_type(path, &first_bytes).filter(is_telling);
    Ok(kind.map(|kind| kind.refuse(path)))
}

/// A file name under which a component's weights may be saved.
struct Candidate {
    path: String,
    /// Whether it lists the files with the tensors instead of containing tensors.
    is_list: bool,
}

/// Lists the possible file names of a component's weights, the preferred first.
fn candidates(folder: &str, stem: &str, full_precision: bool) -> Vec<Candidate> {
    let half = [
        (format!("{stem}.fp16.safetensors"), false),
        (format!("{stem}.safetensors.index.fp16.json"), true),
    ];
    let full =
        [(format!("{stem}.safetensors"), false), (format!("{stem}.safetensors.index.json"), true)];
    let ordered = match full_precision {
        true => full.into_iter().chain(half),
        false => half.into_iter().chain(full),
    };
    let within = |name: String| match folder {
        "" => name,
        folder => format!("{folder}/{name}"),
    };
    ordered.map(|(name, is_list)| Candidate { path: within(name), is_list }).collect()
}

/// Finds the weight files of a component, of which the preferred variant counts.
pub async fn find_files(
    source: &impl Source,
    component: Component,
    folder: &str,
    model_card: &ModelCard,
    options: &OpenOptions,
) -> Result<Vec<String>> {
    let candidates = candidates(folder, component.kind.file_stem(), options.full_precision);
    // The model card names the variant: no request for the others is needed.
    if let Some(named) =
        candidates.iter().find(|c| !c.is_list && model_card.sha256.contains_key(&c.path))
    {
        return Ok(vec![named.path.clone()]);
    }
    for Candidate { path, is_list } in &candidates {
        if *is_list {
            if let Some(json) = source.read_small(path).await? {
                return shards(path, &json);
            }
        } else if source.len(path).await?.is_some() {
            return Ok(vec![path.clone()]);
        }
    }
    let wanted = candidates.iter().find(|c| c.path.ends_with("model.safetensors"));
    let wanted = wanted.map_or("", |candidate| candidate.path.as_str());
    Err(match find_pickle(source, wanted).await? {
        Some(path) => Error::pickled(&path),
        None => source.missing(wanted),
    })
}

/// Parses a list of shards, which are in its own folder.
fn shards(path: &str, json: &[u8]) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct List {
        weight_map: serde_json::Map<String, Value>,
    }
    let invalid = |reason: Message| Error::InvalidConfig { path: path.to_string(), reason };
    let list: List = error::json::object(json).map_err(invalid)?;
    let mut files: Vec<String> = Vec::new();
    let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    for name in list.weight_map.values() {
        let name =
            name.as_str().ok_or_else(|| invalid(messages::no_file_name(name.to_string())))?;
        if name.contains(['/', '\\']) || !name.ends_with(".safetensors") {
            return Err(invalid(messages::no_safetensors_beside(name)));
        }
        let file = format!("{folder}{name}");
        if !files.contains(&file) {
            files.push(file);
        }
    }
    match files.is_empty() {
        true => Err(invalid(messages::names_no_files())),
        false => Ok(files),
    }
}

/// Finds the same weights as a pickle, which is never opened.
async fn find_pickle(source: &impl Source, safetensors: &str) -> Result<Option<String>> {
    let stem = safetensors.trim_end_matches(".safetensors");
    let stem = match stem.strip_suffix("/model") {
        Some(folder) => format!("{folder}/pytorch_model"),
        None => stem.to_string(),
    };
    let path = format!("{stem}.bin");
    Ok(source.len(&path).await?.map(|_| path))
}
