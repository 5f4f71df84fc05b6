//! A whole checkpoint in one `.safetensors` file: what it is, the configs that it lacks, and where each
//! of our parameters lies in it.
//!
//! Recognition follows `infer_diffusers_model_type` of diffusers' `loaders/single_file_utils.py`, and
//! goes by shapes. What a file is that is no such checkpoint is said in words.

mod architecture;
mod foreign;
mod prediction;
mod presets;
mod what_is;

use std::collections::{BTreeMap, BTreeSet};

pub use self::architecture::Architecture;
use self::architecture::{UNet, architecture};
pub use self::prediction::{Prediction, told_by};
pub use self::presets::{Configs, architecture_configs};
use self::presets::{Traits, configs};
pub use self::what_is::{FIRST_BYTES, Kind, what_is};
use super::component::Component;
use super::loader::read_tensor;
use super::names::{Naming, Part, averaged, prefixes, targets};
use super::safetensors::{Entry, Index, read_header};
use super::source::Source;
use super::tensors::{Located, Tensors};
use crate::error::{Error, Message, Result, messages};
use crate::model::{AutoencoderKlConfig, ClipTextConfig, UNet2DConditionConfig, VaeConfig};

/// A checkpoint in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleFile {
    /// Which networks it holds.
    pub architecture: Architecture,
    /// Its UNet also reads a mask and the masked picture.
    pub inpainting: bool,
    /// What its UNet predicts.
    pub prediction: Prediction,
    /// Its UNet is there only as the averaged copy of training, and that is taken.
    pub averaged: bool,
    /// The configs that a folder in diffusers layout would have.
    pub configs: Configs,
    /// Where the networks' tensors are.
    pub tensors: BTreeMap<Component, Tensors>,
    /// Bytes of the whole file, also of what nothing is made of.
    pub bytes: u64,
    /// Keys of the file that nothing is made of: noise schedules, averaged copies, buffers.
    pub left_out: Vec<String>,
    /// Where nothing says what a 2.x UNet predicts: a tensor that does, by [`told_by`].
    pub telltale: Option<Located>,
}

/// Reads the header of the file at `path`. `prediction` is for files that do not say what they predict.
///
/// # Errors
/// [`Error::NotACheckpoint`] says what a file is instead; and as [`read_header`].
pub async fn open(
    source: &impl Source,
    path: &str,
    prediction: Option<Prediction>,
) -> Result<SingleFile> {
    let missing = || Error::MissingFile { path: path.to_string(), place: source.place_name() };
    let len = source.len(path).await?.ok_or_else(missing)?;
    let first_bytes = source.read(path, 0..len.min(FIRST_BYTES)).await?;
    if let Some(kind) = what_is(path, &first_bytes) {
        return Err(kind.refuse(path));
    }
    let Index { entries, metadata } = read_header(source, path).await?;
    let file = recognise(path, &entries, &metadata, prediction)?;
    match &file.telltale {
        Some(telltale) => {
            let told = told_by(&read_tensor(source, telltale).await?);
            recognise(path, &entries, &metadata, Some(told))
        }
        None => Ok(file),
    }
}

/// What the file with these tensors and this metadata is. `prediction` is for files that do not say
/// what they predict.
///
/// # Errors
/// [`Error::NotACheckpoint`] says what it is instead; [`Error::CorruptWeights`] if a tensor cannot be
/// what its key says.
pub fn recognise(
    path: &str,
    entries: &[Entry],
    metadata: &BTreeMap<String, String>,
    prediction: Option<Prediction>,
) -> Result<SingleFile> {
    if let Some(found) = foreign::never(entries) {
        return Err(foreign::refuse(path, found));
    }
    let (unet, averaged) = find_unet(entries);
    if unet.is_empty() {
        return Err(foreign::refuse(path, foreign::without_unet(entries)));
    }
    let (architecture, inpainting) =
        architecture(&unet).map_err(|found| foreign::refuse(path, found))?;
    let stated = prediction::stated(entries, metadata).or(prediction);
    let assumed = prediction::assumed(architecture, inpainting);
    let prediction = stated.unwrap_or(assumed);
    let configs = configs(
        architecture,
        &Traits {
            inpainting,
            prediction,
            zero_terminal_snr: prediction::zero_terminal_snr(entries),
            resolution: metadata.get("modelspec.resolution").and_then(|text| resolution(text)),
        },
    )?;

    let mut file = Gathered { path, used: BTreeSet::new() };
    let mut tensors = BTreeMap::new();
    let mut absent = Vec::new();
    for (component, prefixes, naming) in parts(architecture, &configs)? {
        let found = match component {
            Component::UNet => {
                let keyed = unet.iter().map(|(key, entry)| (key.as_str(), *entry));
                file.gather(component, &naming, keyed)?
            }
            _ => file.gather(component, &naming, behind(prefixes, entries))?,
        };
        if found.is_empty() {
            absent.push(component);
        }
        tensors.insert(component, found);
    }
    if !absent.is_empty() {
        let names = absent.into_iter().map(in_words);
        let names = names.reduce(messages::and_its).unwrap_or_else(messages::unet);
        let found = messages::without_networks(architecture.to_string(), names);
        return Err(foreign::refuse(path, found));
    }
    let undecided = stated.is_none() && architecture == Architecture::V2 && !inpainting;
    let telltale = unet.get(prediction::TELLTALE).filter(|entry| undecided && is_small(entry));
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
        telltale: telltale.and_then(|entry| locate(path, entry, Part::Whole).ok()),
    })
}

/// The UNet, and whether it is the averaged copy: as in diffusers, only where there is no other.
fn find_unet(entries: &[Entry]) -> (UNet<'_>, bool) {
    let plain: UNet =
        behind(&[prefixes::UNET], entries).map(|(key, entry)| (key.to_string(), entry)).collect();
    if plain.keys().any(|key| key.starts_with("input_blocks.")) {
        return (plain, false);
    }
    let copy = entries.iter().filter_map(|entry| Some((averaged(&entry.name)?, entry)));
    (copy.collect(), true)
}

/// The tensors behind the last of these prefixes that there is, by their keys without it.
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

/// The networks of an architecture: where they are, and who named their tensors.
fn parts(
    architecture: Architecture,
    configs: &Configs,
) -> Result<Vec<(Component, &'static [&'static str], Naming)>> {
    let text = |path: &str| configs.get(path).map_or(&[][..], |text| text.as_bytes());
    let unet = UNet2DConditionConfig::from_json(text(UNet2DConditionConfig::PATH))?;
    let levels = unet.block_out_channels.len();
    let layers_per_block = (0..levels).map(|level| unet.layers_per_block.get(level)).collect();
    let vae = AutoencoderKlConfig::from_json(text(VaeConfig::PATH), VaeConfig::PATH)?;
    let levels = vae.block_out_channels.len();
    let open_clip = |path: &str| {
        let config = ClipTextConfig::from_json(text(path), path)?;
        let (layers, projection) = (config.num_hidden_layers, config.has_projection());
        Ok(Naming::OpenClip { layers, projection })
    };
    let mut parts: Vec<(Component, &'static [&'static str], Naming)> = vec![
        (Component::UNet, &[prefixes::UNET], Naming::CompVisUNet { layers_per_block }),
        (Component::Vae, &prefixes::VAE, Naming::CompVisVae { levels }),
    ];
    match architecture {
        Architecture::V1 => {
            parts.push((Component::TextEncoder, &[prefixes::CLIP], Naming::Clip));
        }
        Architecture::V2 => parts.push((
            Component::TextEncoder,
            &[prefixes::OPEN_CLIP],
            open_clip(ClipTextConfig::PATH)?,
        )),
        Architecture::Xl => {
            parts.push((Component::TextEncoder, &[prefixes::XL_CLIP], Naming::Clip));
            parts.push((
                Component::TextEncoder2,
                &[prefixes::XL_OPEN_CLIP],
                open_clip(ClipTextConfig::SECOND_PATH)?,
            ));
        }
    }
    Ok(parts)
}

/// What has been taken out of a file.
struct Gathered<'a> {
    path: &'a str,
    used: BTreeSet<&'a str>,
}

impl<'a> Gathered<'a> {
    fn gather<'k>(
        &mut self,
        component: Component,
        naming: &Naming,
        keyed: impl Iterator<Item = (&'k str, &'a Entry)>,
    ) -> Result<Tensors> {
        let mut tensors = Tensors::default();
        for (key, entry) in keyed {
            for target in targets(component, naming, key) {
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

/// Where a part of a tensor lies.
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
        // `Located` has the shape as it lies in the file.
        shape: if transposed { entry.shape.clone() } else { shape },
        range,
        transposed,
    })
}

/// One layer's biases, as they should be: they are read before anything is checked.
fn is_small(entry: &Entry) -> bool {
    matches!(entry.shape.as_slice(), [1..=4096])
}

/// `1024x1024`, or `1024` for both sides.
fn resolution(text: &str) -> Option<[usize; 2]> {
    const SIDES: std::ops::RangeInclusive<usize> = 256..=2048;
    let (width, height) = text.split_once('x').unwrap_or((text, text));
    let side = |text: &str| text.trim().parse().ok().filter(|side| SIDES.contains(side));
    Some([side(width)?, side(height)?])
}

fn in_words(component: Component) -> Message {
    match component {
        Component::TextEncoder => messages::text_encoder(),
        Component::TextEncoder2 => messages::second_text_encoder(),
        Component::UNet => messages::unet(),
        Component::Vae => messages::autoencoder_vae(),
    }
}
