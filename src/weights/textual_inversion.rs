//! Files of textual inversions (Gal et al. 2022, arXiv:2208.01618).
//!
//! A1111's `emb_params`, SDXL's `clip_l` and `clip_g`, diffusers' `learned_embeds`, whose only key is
//! the word, and embeddings in a LoRA's file (`bundle_emb`).

use std::collections::BTreeMap;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::loader::{is_readable, unreadable, widened};
use super::safetensors::{Entry, Index, read_header};
use super::single_file::check_type;
use super::source::Source;
use crate::error::{Error, Message, Result, messages};

/// Largest number of vectors: those of one chunk of a prompt.
const MOST_VECTORS: usize = 75;

/// Largest width of a vector; text encoders have some thousand.
const MOST_WIDTH: usize = 1 << 14;

/// Length of a hash, in hex digits, as AUTOMATIC1111 writes it.
pub const HASH_DIGITS: usize = 12;

/// Beginning of the keys of embeddings in a LoRA's file: `bundle_emb.NAME.clip_l`.
const BUNDLED: &str = "bundle_emb.";

/// Vectors of a file for one word, and what the file says of them.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingFile {
    /// Word for which the vectors stand, if the file names it.
    pub word: Option<String>,
    /// Vectors for each text encoder: one list, or SDXL's two.
    pub vectors: Vec<Vec<Rc<[f32]>>>,
    /// First digits of the file's SHA-256.
    pub hash: Option<String>,
}

/// Returns whether the keys of a file are those of a textual inversion.
pub fn is_textual_inversion(index: &Index) -> bool {
    tables(&index.entries).is_some()
}

/// Reads a file.
///
/// # Errors
/// [`Error::NotACheckpoint`] for a pickle or something else that is no textual inversion,
/// [`Error::CorruptWeights`] for a damaged file.
pub async fn read(source: &impl Source, file: &str) -> Result<EmbeddingFile> {
    check_type(source, file).await?;
    let index = read_header(source, file).await?;
    let Some((word, tables)) = tables(&index.entries) else {
        let found = match index.entries.len() > 1 && index.entries.iter().all(is_table) {
            true => messages::several_embeddings(),
            false => messages::no_embedding(),
        };
        return Err(refused(file, found));
    };
    let mut vectors = Vec::new();
    for entry in tables {
        vectors.push(rows(source, file, entry).await?);
    }
    // Tables of this size leave a file that is read as a whole without harm.
    let len = source.len(file).await?.unwrap_or(0);
    let sum = Sha256::digest(source.read(file, 0..len).await?);
    let hash = hex::encode(sum).get(..HASH_DIGITS).map(str::to_string);
    Ok(EmbeddingFile { word, vectors, hash })
}

/// Reads the embeddings that a LoRA's file has beside its layers, by name.
///
/// # Errors
/// [`Error::CorruptWeights`] if one is damaged.
pub async fn read_bundled(
    source: &impl Source,
    file: &str,
    index: &Index,
) -> Result<Vec<EmbeddingFile>> {
    let mut words: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
    for entry in &index.entries {
        let Some((word, key)) = bundled(&entry.name) else { continue };
        let key = if key.starts_with("string_to_param.") { "emb_params" } else { key };
        words.entry(word).or_default().push(Entry { name: key.to_string(), ..entry.clone() });
    }
    let mut files = Vec::new();
    for (word, entries) in words {
        let (_, tables) = tables(&entries).ok_or_else(|| damaged(file))?;
        let mut vectors = Vec::new();
        for entry in tables {
            vectors.push(rows(source, file, entry).await?);
        }
        files.push(EmbeddingFile { word: Some(word.to_string()), vectors, hash: None });
    }
    Ok(files)
}

/// Returns whether a key belongs to an embedding in a LoRA's file.
pub fn is_bundled(key: &str) -> bool {
    bundled(key).is_some()
}

/// Splits `bundle_emb.NAME.KEY` into name and key.
fn bundled(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix(BUNDLED)?.split_once('.')
}

/// Returns the word, if the keys name it, and the table of each text encoder; `None` if the entries
/// are no textual inversion.
fn tables(entries: &[Entry]) -> Option<(Option<String>, Vec<&Entry>)> {
    let named = |key: &str| entries.iter().find(|entry| entry.name == key);
    if let (Some(clip_l), Some(clip_g)) = (named("clip_l"), named("clip_g")) {
        return Some((None, vec![clip_l, clip_g]));
    }
    if let Some(table) = ["emb_params", "clip_l", "clip_g"].into_iter().find_map(named) {
        return Some((None, vec![table]));
    }
    match entries {
        [table] if is_table(table) => Some((Some(table.name.clone()), vec![table])),
        _ => None,
    }
}

/// Returns whether an entry may be the vectors of a word: a weight of a network has a path.
fn is_table(entry: &Entry) -> bool {
    !(entry.name.contains(".weight") || entry.name.contains(".bias"))
}

/// Reads the rows of `[n, d]` or `[d]`.
async fn rows(source: &impl Source, file: &str, entry: &Entry) -> Result<Vec<Rc<[f32]>>> {
    let (rows, width) = match *entry.shape {
        [width] => (1, width),
        [rows, width] => (rows, width),
        _ => return Err(damaged(file)),
    };
    let fits = (1..=MOST_VECTORS).contains(&rows) && (1..=MOST_WIDTH).contains(&width);
    if !fits {
        return Err(damaged(file));
    }
    if !is_readable(entry.dtype) {
        return Err(unreadable(file, &entry.name, entry.dtype));
    }
    let bytes = source.read(file, entry.range.clone()).await?;
    let values = widened(entry.dtype, &bytes);
    if values.iter().any(|value| !value.is_finite()) {
        let (path, reason) = (file.to_string(), messages::tensor_not_finite(&entry.name));
        return Err(Error::CorruptWeights { path, reason });
    }
    Ok(values.chunks_exact(width).map(Rc::from).collect())
}

fn refused(path: &str, found: Message) -> Error {
    Error::NotACheckpoint { path: path.to_string(), found, remedy: messages::get_embedding() }
}

fn damaged(path: &str) -> Error {
    Error::CorruptWeights { path: path.to_string(), reason: messages::embedding_shape() }
}
