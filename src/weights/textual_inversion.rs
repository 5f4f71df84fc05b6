//! Files of textual inversions (Gal et al. 2022, arXiv:2208.01618).
//!
//! A1111's `emb_params`, SDXL's `clip_l` and `clip_g`, and diffusers' `learned_embeds`, whose only
//! key is the word.

use std::rc::Rc;

use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::single_file::{FIRST_BYTES, FileType, file_type};
use crate::error::{Error, Message, Result, messages};

/// Largest number of vectors: those of one chunk of a prompt.
const MOST_VECTORS: usize = 75;

/// Vectors of a file, and what the file says of them.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingFile {
    /// Word for which the vectors stand, if the file names it.
    pub word: Option<String>,
    /// Vectors for each text encoder: one list, or SDXL's two.
    pub vectors: Vec<Vec<Rc<[f32]>>>,
}

/// Reads the bytes of a file.
///
/// # Errors
/// [`Error::NotACheckpoint`] for a pickle or something else that is no textual inversion,
/// [`Error::CorruptWeights`] for a damaged file.
pub fn read(path: &str, bytes: &[u8]) -> Result<EmbeddingFile> {
    let first = &bytes[..bytes.len().min(FIRST_BYTES as usize)];
    match file_type(path, first) {
        None => {}
        Some(FileType::Pickle) => return Err(Error::pickled(path)),
        Some(_) => return Err(refused(path, messages::no_embedding())),
    }
    let corrupt = |reason: String| Error::CorruptWeights {
        path: path.to_string(),
        reason: Message::verbatim(reason),
    };
    let file = SafeTensors::deserialize(bytes).map_err(|error| corrupt(error.to_string()))?;
    let tensor = |key: &str| file.tensor(key).ok();
    let vectors = |tensor: &TensorView<'_>| vectors(path, tensor);
    if let (Some(clip_l), Some(clip_g)) = (tensor("clip_l"), tensor("clip_g")) {
        let vectors = vec![vectors(&clip_l)?, vectors(&clip_g)?];
        return Ok(EmbeddingFile { word: None, vectors });
    }
    let named = ["emb_params", "clip_l", "clip_g"].into_iter().find_map(tensor);
    let (word, tensor) = match (named, file.tensors().as_slice()) {
        (Some(tensor), _) => (None, tensor),
        (None, [(word, tensor)]) => {
            // A weight of a network has a path.
            if word.contains(".weight") || word.contains(".bias") {
                return Err(refused(path, messages::no_embedding()));
            }
            (Some(word.clone()), file.tensor(word).unwrap_or(tensor.clone()))
        }
        (None, []) => return Err(refused(path, messages::no_embedding())),
        (None, _) => return Err(refused(path, messages::several_embeddings())),
    };
    Ok(EmbeddingFile { word, vectors: vec![vectors(&tensor)?] })
}

fn refused(path: &str, found: Message) -> Error {
    Error::NotACheckpoint { path: path.to_string(), found, remedy: messages::get_embedding() }
}

/// Returns the rows of `[n, d]` or `[d]`.
fn vectors(path: &str, tensor: &TensorView<'_>) -> Result<Vec<Rc<[f32]>>> {
    let shape =
        || Error::CorruptWeights { path: path.to_string(), reason: messages::embedding_shape() };
    let (rows, width) = match *tensor.shape() {
        [width] => (1, width),
        [rows, width] => (rows, width),
        _ => return Err(shape()),
    };
    if !(1..=MOST_VECTORS).contains(&rows) || width == 0 {
        return Err(shape());
    }
    let data = tensor.data();
    let values: Vec<f32> = match tensor.dtype() {
        Dtype::F32 => numbers(data, f32::from_le_bytes),
        Dtype::F16 => numbers(data, |bytes| f16::from_le_bytes(bytes).to_f32()),
        Dtype::BF16 => numbers(data, |bytes| bf16::from_le_bytes(bytes).to_f32()),
        Dtype::F64 => numbers(data, |bytes| f64::from_le_bytes(bytes) as f32),
        _ => return Err(shape()),
    };
    Ok(values.chunks_exact(width).map(Rc::from).collect())
}

fn numbers<const N: usize>(data: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    data.as_chunks::<N>().0.iter().map(|bytes| number(*bytes)).collect()
}
