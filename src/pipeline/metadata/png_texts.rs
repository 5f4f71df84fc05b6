//! Metadata as text chunks of a PNG file.

use super::generation_metadata::GenerationMetadata;
use super::texts::{bounded, find};
use super::{json, other_programs, parameters};
use crate::error::{Result, messages};
use crate::image::RgbImage;
use crate::params::{FIELDS, Field, GenerationParams, Kind, Section};

/// Keyword of Hearth's own metadata.
const OWN: &str = "hearth";

/// Keyword of AUTOMATIC1111's web UI and of the programs that follow it.
const PARAMETERS: &str = "parameters";

/// Encodes an image as a PNG file with the metadata as texts.
///
/// # Errors
/// As [`RgbImage::to_png`].
pub fn to_png(image: &RgbImage, metadata: &GenerationMetadata) -> Result<Vec<u8>> {
    let texts = write(metadata);
    let texts: Vec<(&str, &str)> = texts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    image.to_png(&texts)
}

/// Returns pairs of keyword and text that reproduce the image. The plain keywords are for people,
/// `parameters` is for other programs, `hearth` for Hearth itself.
pub fn write(metadata: &GenerationMetadata) -> Vec<(&'static str, String)> {
    let model = metadata.model.as_ref().map_or(String::new(), |model| model.name.clone());
    let mut texts = vec![
        ("Software", concat!("Hearth ", env!("CARGO_PKG_VERSION")).to_string()),
        ("model", model),
    ];
    // Values that are the same for every model are omitted from the texts for people.
    let params = GenerationParams::default().with(&metadata.params);
    let is_shown = |field: &&Field| {
        field.section != Section::InitImage
            && (matches!(field.kind, Kind::Text) || !params.is_default(field))
    };
    texts.extend(FIELDS.iter().filter(is_shown).map(|field| {
        let value = metadata.params.get(field);
        (field.name, value.map_or(String::new(), |value| value.to_string()))
    }));
    texts.extend([(PARAMETERS, parameters::write(metadata)), (OWN, json::write(metadata))]);
    // PNG texts cannot contain a null character.
    texts.into_iter().map(|(key, text)| (key, text.replace('\0', ""))).collect()
}

/// Reads the metadata of these texts: Hearth's own, or else those of another program; `None` if
/// there are none. It never fails: what cannot be read is listed in
/// [`GenerationMetadata::unsupported`].
pub fn read<K: AsRef<str>, T: AsRef<str>>(texts: &[(K, T)]) -> Option<GenerationMetadata> {
    let find = |wanted| find(texts, wanted);
    let mut unsupported = Vec::new();
    if let Some(text) = find(OWN) {
        match bounded(text).and_then(json::read) {
            Ok(metadata) => return Some(metadata),
            Err(reason) => unsupported.push(messages::lost_setting(OWN, reason)),
        }
    }
    let mut metadata = match find(PARAMETERS).map(bounded) {
        Some(Ok(text)) if other_programs::is_json(text) => other_programs::read_parameters(text),
        Some(Ok(text)) => parameters::read(text),
        Some(Err(reason)) => {
            unsupported.push(messages::lost_setting(PARAMETERS, reason));
            GenerationMetadata::default()
        }
        None if unsupported.is_empty() => {
            return other_programs::read_texts(texts);
        }
        None => GenerationMetadata::default(),
    };
    metadata.unsupported.extend(unsupported);
    Some(metadata)
}
