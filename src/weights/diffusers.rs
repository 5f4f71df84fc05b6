//! Checkpoints in diffusers layout: a folder with `model_index.json`, a folder for each part, and a
//! config in each.

use serde::Deserialize;
use serde_json::Value;

use super::component::Component;
use super::names::module_path;
use super::options::OpenOptions;
use super::safetensors::read_index;
use super::sheet::Sheet;
use super::source::Source;
use super::tensors::{Located, Tensors};
use crate::error::{Error, Message, Result, messages};
use crate::tokenizer::Tokenizer;

/// `model_index.json`: what the checkpoint was saved from.
#[derive(Debug, Deserialize)]
pub struct ModelIndex {
    /// The diffusers pipeline.
    #[serde(rename = "_class_name")]
    pub class_name: String,
    /// SDXL: an empty negative prompt is zeros, not an encoded empty text.
    #[serde(default = "yes")]
    pub force_zeros_for_empty_prompt: bool,
    /// SDXL's refiner: its UNet is told how beautiful the picture shall be.
    #[serde(default)]
    requires_aesthetics_score: bool,
}

fn yes() -> bool {
    true
}

/// `model_index.json`
pub const MODEL_INDEX: &str = "model_index.json";

impl ModelIndex {
    /// Reads its text.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let index: Self = serde_json::from_slice(json).map_err(|e| Error::InvalidConfig {
            path: MODEL_INDEX.to_string(),
            reason: Message::verbatim(e),
        })?;
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

/// A file that must be there, as a whole.
pub async fn required(source: &impl Source, path: &str) -> Result<Vec<u8>> {
    source.read_small(path).await?.ok_or_else(|| missing(source, path))
}

/// The tokenizer in `folder`.
pub async fn open_tokenizer(source: &impl Source, folder: &str) -> Result<Tokenizer> {
    let file = |name: &str| format!("{folder}/{name}");
    let config = source.read_small(&file("tokenizer_config.json")).await?;
    let special = source.read_small(&file("special_tokens_map.json")).await?;
    if let Some(vocab) = source.read_small(&file("vocab.json")).await? {
        let merges = required(source, &file("merges.txt")).await?;
        let (config, special) = (config.as_deref(), special.as_deref());
        return Tokenizer::from_vocab_and_merges(&vocab, &merges, config, special);
    }
    match source.read_small(&file("tokenizer.json")).await? {
        Some(json) => Tokenizer::from_tokenizer_json(&json, config.as_deref(), special.as_deref()),
        None => Err(missing(source, &file("vocab.json"))),
    }
}

/// The tensors of a component, from the index of the file, or files, that hold them.
pub async fn find_tensors(
    source: &impl Source,
    component: Component,
    folder: &str,
    sheet: &Sheet,
    options: &OpenOptions,
) -> Result<Tensors> {
    let mut tensors = Tensors::default();
    for file in find_files(source, component, folder, sheet, options).await? {
        for entry in read_index(source, &file).await? {
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

/// A component's weights as they may be saved.
struct Candidate {
    path: String,
    /// It is a list of the files that hold the tensors, not a file of tensors.
    is_list: bool,
}

/// The places where a component's weights may be, the preferred first.
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

async fn find_files(
    source: &impl Source,
    component: Component,
    folder: &str,
    sheet: &Sheet,
    options: &OpenOptions,
) -> Result<Vec<String>> {
    let candidates = candidates(folder, component.stem(), options.full_precision);
    // Who knows which variant there is need not ask for the others.
    if let Some(named) =
        candidates.iter().find(|c| !c.is_list && sheet.sha256.contains_key(&c.path))
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
        None => missing(source, wanted),
    })
}

/// The files that a list of shards names, beside itself.
fn shards(path: &str, json: &[u8]) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct List {
        weight_map: serde_json::Map<String, Value>,
    }
    let invalid = |reason: Message| Error::InvalidConfig { path: path.to_string(), reason };
    let list: List = serde_json::from_slice(json).map_err(|e| invalid(Message::verbatim(e)))?;
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

/// The same weights as a pickle, which is not read.
async fn find_pickle(source: &impl Source, safetensors: &str) -> Result<Option<String>> {
    let stem = safetensors.trim_end_matches(".safetensors");
    let stem = match stem.strip_suffix("/model") {
        Some(folder) => format!("{folder}/pytorch_model"),
        None => stem.to_string(),
    };
    let path = format!("{stem}.bin");
    Ok(source.len(&path).await?.map(|_| path))
}

fn missing(source: &impl Source, path: &str) -> Error {
    Error::MissingFile { path: path.to_string(), place: source.place_name() }
}
