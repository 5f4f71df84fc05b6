//! Checkpoint in a single `.safetensors` file.
//!
//! The architecture is detected by shapes, as by `infer_diffusers_model_type` of diffusers'
//! `loaders/single_file_utils.py`; default configs are added, and key maps find the parameters. For
//! other files, the error says what they are.

mod architecture;
mod default_configs;
mod file_type;
mod prediction;
mod structure;
mod unsupported;
mod vae;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub use self::architecture::{Architecture, FileKeys, FilePart, Preset};
use self::architecture::{UNet, architecture};
use self::default_configs::{ConfigTraits, configs};
pub use self::default_configs::{Configs, architecture_configs};
pub use self::file_type::{FIRST_BYTES, FileType, file_type, replaced_text};
pub use self::prediction::{Prediction, prediction_from_biases};
pub use self::vae::{find_vae, no_vae};
use super::key_maps::{KeyMap, Part, averaged, clean_key, targets};
use super::loader::read_tensor;
use super::safetensors::{Entry, Index, read_header};
use super::source::Source;
use super::tensors::{Located, Tensors};
use crate::error::{Error, Message, Result, messages};
use crate::model::{Component, NetworkConfig, NetworkKind, VaeConfig};

/// A checkpoint in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleFile {
    /// Architecture of its networks.
    pub architecture: &'static Architecture,
    /// Whether its UNet also reads a mask and the masked image.
    pub inpainting: bool,
    /// Prediction type of its UNet.
    pub prediction: Prediction,
    /// Whether its UNet is the EMA copy of training, because there is no other.
    pub averaged: bool,
    /// The configs that a folder in diffusers layout would have.
    pub configs: Configs,
    /// Places of the networks' tensors.
    pub tensors: BTreeMap<Component, Tensors>,
    /// Bytes of the whole file, with the unused tensors.
    pub bytes: u64,
    /// Keys of unused tensors: noise schedules, EMA copies, buffers.
    pub left_out: Vec<String>,
    /// For a 2.x UNet without a stated prediction type: the tensor that reveals it, by
    /// [`prediction_from_biases`].
    pub revealing_bias: Option<Located>,
}

/// Opens the file at `path`, which has one of the `known` architectures. `prediction` is the user's; without
/// it, that of the file counts. The file may lack the network `spare`.
///
/// # Errors
/// [`Error::NotACheckpoint`] says what a file is instead; and as [`read_header`].
pub async fn open(
    source: &impl Source,
    path: &str,
    known: &[&'static Architecture],
    prediction: Option<Prediction>,
    spare: Option<Component>,
) -> Result<SingleFile> {
    check_type(source, path).await?;
    let Index { entries, metadata } = read_header(source, path).await?;
    let file = recognise(path, &entries, &metadata, known, prediction, spare)?;
    match &file.revealing_bias {
        Some(revealing_bias) => {
            let told = prediction_from_biases(&read_tensor(source, revealing_bias).await?);
            recognise(path, &entries, &metadata, known, Some(told), spare)
        }
        None => Ok(file),
    }
}

/// Checks that a file looks like a safetensors file.
///
/// # Errors
/// [`Error::NotACheckpoint`] says what it is instead; [`Error::MissingFile`].
pub async fn check_type(source: &impl Source, path: &str) -> Result<()> {
    let len = source.len(path).await?.ok_or_else(|| source.missing(path))?;
    let first_bytes = source.read(path, 0..len.min(FIRST_BYTES)).await?;
    match file_type(path, &first_bytes) {
        Some(kind) => Err(kind.refuse(path)),
        None => Ok(()),
    }
}

/// Recognises which of the `known` architectures the file with these tensors and this metadata has. `prediction`
/// is the user's; without it, that of the file counts. The file may lack the network `spare`.
///
/// # Errors
/// [`Error::NotACheckpoint`] says what it is instead; [`Error::CorruptWeights`] if the shape of a
/// tensor does not fit its key.
pub fn recognise(
    path: &str,
    entries: &[Entry],
    metadata: &BTreeMap<String, String>,
    known: &[&'static Architecture],
    prediction: Option<Prediction>,
    spare: Option<Component>,
) -> Result<SingleFile> {
    let entries = &cleaned(entries);
    if let Some(found) = unsupported::never(entries) {
        return Err(unsupported::refuse(path, found));
    }
    let (unet, averaged) = find_unet(entries, known);
    let unet = structure::without_gaps(unet);
    if unet.is_empty() {
        return Err(unsupported::refuse(path, unsupported::without_unet(entries)));
    }
    let (architecture, inpainting) =
        architecture(&unet, known).map_err(|found| unsupported::refuse(path, found))?;
    // What the user says counts: files are merged with wrong marks.
    let stated = prediction.or_else(|| prediction::stated(entries, metadata));
    // Smaller ones of 2.x, which lack the biases, were made from the base model.
    let may_reveal = !inpainting && architecture.has_revealing_bias;
    let is_base = may_reveal && !unet.contains_key(prediction::REVEALING_BIAS);
    let assumed = if inpainting || is_base { Prediction::Epsilon } else { architecture.prediction };
    let prediction = stated.unwrap_or(assumed);
    let configs = configs(
        architecture.presets,
        &ConfigTraits {
            inpainting,
            prediction,
            zero_terminal_snr: prediction::zero_terminal_snr(entries),
            resolution: metadata.get("modelspec.resolution").and_then(|text| resolution(text)),
            structure: structure::structure(&unet),
            guidance_features: guidance_features(&unet),
        },
    )?;

    let mut file = Gathered { path, used: BTreeSet::new() };
    let mut tensors = BTreeMap::new();
    let mut absent = Vec::new();
    for part in architecture.parts {
        let (component, key_map) = (part.component, key_map(part, &configs)?);
        let found = match component.kind {
            NetworkKind::UNet2DCondition => {
                let keyed = unet.iter().map(|(key, entry)| (key.as_str(), *entry));
                file.gather(component, &key_map, keyed)?
            }
            _ => file.gather(component, &key_map, behind(part.prefixes, entries))?,
        };
        if found.is_empty() && spare != Some(component) {
            absent.push(part.name);
        }
        tensors.insert(component, found);
    }
    if !absent.is_empty() {
        let names = absent.into_iter().map(Message::plain);
        let names = names.reduce(messages::and_its).unwrap_or_else(messages::unet);
        let found = messages::without_networks(architecture.name, names);
        return Err(unsupported::refuse(path, found));
    }
    let undecided = stated.is_none() && may_reveal;
    let revealing_bias =
        unet.get(prediction::REVEALING_BIAS).filter(|entry| undecided && is_small(entry));
    let left_out = entries.iter().filter(|entry| !file.used.contains(entry.name.as_str()));
    Ok(SingleFile {
        architecture,
        inpainting,
        prediction,
        averaged,
        configs,
        tensors,
        bytes: entries.iter().map(|entry| entry.range.end).max().unwrap_or(0),
        left_out: left_out.map(|entry| entry.name.clone()).collect(),
        revealing_bias: revealing_bias.and_then(|entry| locate(path, entry, Part::Whole).ok()),
    })
}

/// Returns the tensors with the keys that they had before programs wrapped the model.
fn cleaned(entries: &[Entry]) -> Cow<'_, [Entry]> {
    if entries.iter().all(|entry| clean_key(&entry.name) == entry.name) {
        return Cow::Borrowed(entries);
    }
    let clean =
        |entry: &Entry| Entry { name: clean_key(&entry.name).into_owned(), ..entry.clone() };
    entries.iter().map(clean).collect()
}

/// Returns the features of the guidance embedding, which latent consistency models have.
fn guidance_features(unet: &UNet) -> Option<usize> {
    unet.get("time_embed.cond_proj.weight").and_then(|entry| entry.shape.get(1).copied())
}

/// Finds the UNet, and whether it is the EMA copy: as in diffusers, only if there is no other.
fn find_unet<'a>(entries: &'a [Entry], known: &[&'static Architecture]) -> (UNet<'a>, bool) {
    let parts = known.iter().flat_map(|architecture| architecture.parts);
    let mut unets = parts.filter(|part| part.keys == FileKeys::CompVisUNet);
    let prefixes = unets.next().map_or(&[][..], |part| part.prefixes);
    let plain: UNet =
        behind(prefixes, entries).map(|(key, entry)| (key.to_string(), entry)).collect();
    if plain.keys().any(|key| key.starts_with("input_blocks.")) {
        return (plain, false);
    }
    let copy = entries.iter().filter_map(|entry| Some((averaged(&entry.name)?, entry)));
    (copy.collect(), true)
}

/// Returns the tensors with the last of these prefixes that occurs, by their keys without it.
fn behind<'a>(
    prefixes: &[&str],
    entries: &'a [Entry],
) -> impl Iterator<Item = (&'a str, &'a Entry)> {
    let is_there = |prefix: &&&str| entries.iter().any(|entry| entry.name.starts_with(**prefix));
    let prefix = prefixes.iter().rev().find(is_there).map(|prefix| prefix.to_string());
    entries.iter().filter_map(move |entry| {
        let key = entry.name.strip_prefix(prefix.as_deref()?)?;
        Some((key, entry))
    })
}

/// Returns the key map of a network, whose config decides some of the indices.
fn key_map(part: &FilePart, configs: &Configs) -> Result<KeyMap> {
    let path = part.component.config_path();
    let text = configs.get(&path).map_or(&[][..], |text| text.as_bytes());
    let config = NetworkConfig::from_json(part.component.kind, text, &path)?;
    Ok(match (part.keys, config) {
        (FileKeys::CompVisUNet, NetworkConfig::UNet2DCondition(unet)) => {
            KeyMap::CompVisUNet { layers_per_block: unet.down_block_layers() }
        }
        (FileKeys::CompVisVae, NetworkConfig::Vae(VaeConfig::Kl(vae))) => {
            KeyMap::CompVisVae { levels: vae.block_out_channels.len() }
        }
        (FileKeys::Clip, _) => KeyMap::Clip,
        (FileKeys::OpenClip, NetworkConfig::ClipText(encoder)) => KeyMap::OpenClip {
            layers: encoder.num_hidden_layers,
            projection: encoder.has_projection(),
        },
        (keys, _) => {
            let reason = Message::verbatim(format!("{path} does not suit keys of {keys:?}"));
            return Err(Error::Internal { reason });
        }
    })
}

/// A file and its keys that are used.
struct Gathered<'a> {
    path: &'a str,
    used: BTreeSet<&'a str>,
}

impl<'a> Gathered<'a> {
    fn gather<'k>(
        &mut self,
        component: Component,
        key_map: &KeyMap,
        keyed: impl Iterator<Item = (&'k str, &'a Entry)>,
    ) -> Result<Tensors> {
        let mut tensors = Tensors::default();
        for (key, entry) in keyed {
            for target in targets(component, key_map, key) {
                self.used.insert(&entry.name);
                let located = locate(self.path, entry, target.part)?;
                if let Some(second) = tensors.insert(target.path, located) {
                    return Err(Error::CorruptWeights {
                        path: second.file,
                        reason: messages::is_there_twice(second.key),
                    });
                }
            }
        }
        Ok(tensors)
    }
}

/// Returns the place of a part of a tensor.
fn locate(path: &str, entry: &Entry, part: Part) -> Result<Located> {
    let cut = part.shape(&entry.shape).zip(part.range(&entry.range));
    let (shape, range) = cut.ok_or_else(|| Error::CorruptWeights {
        path: path.to_string(),
        reason: messages::has_shape(&entry.name, format!("{:?}", entry.shape)),
    })?;
    let transposed = part == Part::Transposed;
    Ok(Located {
        file: path.to_string(),
        key: entry.name.clone(),
        dtype: entry.dtype,
        // `Located` has the shape in the file.
        shape: if transposed { entry.shape.clone() } else { shape },
        range,
        transposed,
    })
}

/// Whether the tensor has the size of one layer's biases: it is read before anything is checked.
fn is_small(entry: &Entry) -> bool {
    matches!(entry.shape.as_slice(), [1..=4096])
}

/// Parses `1024x1024`, or `1024` for both sides.
fn resolution(text: &str) -> Option<[usize; 2]> {
    const SIDES: std::ops::RangeInclusive<usize> = 256..=2048;
    let (width, height) = text.split_once('x').unwrap_or((text, text));
    let side = |text: &str| text.trim().parse().ok().filter(|side| SIDES.contains(side));
    Some([side(width)?, side(height)?])
}
