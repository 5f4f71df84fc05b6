//! Autoencoder in a single file: alone, or in a whole checkpoint.

use std::collections::{BTreeMap, BTreeSet};

use super::super::safetensors::Entry;
use super::architecture::Architecture;
use super::{Gathered, KeyMap, behind, cleaned, recognise, unsupported};
use crate::error::{Error, Message, Result, messages};
use crate::model::Component;
use crate::weights::Tensors;

/// Returns the tensors of the autoencoder in the file with these tensors and this metadata, and the
/// architecture of the checkpoint that contains it: `None` if the autoencoder is alone.
///
/// # Errors
/// [`Error::NotACheckpoint`] says what a file is that has no autoencoder.
pub fn find_vae(
    path: &str,
    entries: &[Entry],
    metadata: &BTreeMap<String, String>,
    known: &[&'static Architecture],
) -> Result<(Tensors, Option<&'static Architecture>)> {
    let entries = &cleaned(entries);
    let refuse = |found: Message| Err(no_vae(path.to_string(), found));
    if let Some(found) = unsupported::never(entries) {
        return refuse(found);
    }
    let parts = known.iter().flat_map(|architecture| architecture.parts);
    let part = parts.into_iter().find(|part| part.component == Component::VAE);
    let mut keyed: Vec<(&str, &Entry)> =
        behind(part.map_or(&[], |part| part.prefixes), entries).collect();
    if keyed.is_empty() {
        keyed = entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    }
    // Autoencoders of videos have another rank here.
    let is_of_picture =
        |(key, entry): &(&str, &Entry)| *key == "decoder.conv_in.weight" && entry.shape.len() == 4;
    if !keyed.iter().any(is_of_picture) {
        return refuse(unsupported::without_vae(entries));
    }
    let architecture = match keyed.len() < entries.len() {
        true => {
            recognise(path, entries, metadata, known, None, None).ok().map(|file| file.architecture)
        }
        false => None,
    };
    let key_map = match levels(&keyed) {
        0 => KeyMap::Diffusers,
        levels => KeyMap::CompVisVae { levels },
    };
    let mut file = Gathered { path, used: BTreeSet::new() };
    Ok((file.gather(Component::VAE, &key_map, keyed.into_iter())?, architecture))
}

/// Returns the error for something that is `found` in place of an autoencoder.
pub fn no_vae(path: String, found: Message) -> Error {
    Error::NotACheckpoint { path, found, remedy: messages::take_vae() }
}

/// Returns the resolutions of an autoencoder with keys of CompVis; 0 for those of diffusers.
fn levels(keyed: &[(&str, &Entry)]) -> usize {
    let level = |(key, _): &(&'_ str, _)| {
        let (level, _) = key.strip_prefix("decoder.up.")?.split_once('.')?;
        Some(level.to_string())
    };
    keyed.iter().filter_map(level).collect::<BTreeSet<String>>().len()
}
