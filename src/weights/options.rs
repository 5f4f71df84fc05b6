//! Options of opening a checkpoint.

use std::rc::Rc;

use super::precision::Precision;
use super::single_file::Prediction;
use super::vae_files::VaeFiles;

/// Choices that a checkpoint's files leave open, and data that a single file lacks.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// If a checkpoint has weights in f32 and in f16, take f32 instead of f16.
    pub full_precision: bool,
    /// Number format of the loaded weights.
    pub precision: Precision,
    /// Prediction type in place of that of the checkpoint.
    pub prediction: Option<Prediction>,
    /// `merges.txt` of CLIP's vocabulary, which no single file contains: the page has it among its
    /// own files, the terminal inside its program.
    pub clip_merges: Option<Vec<u8>>,
    /// Autoencoder in place of the checkpoint's own, which is then not read.
    pub vae: Option<Rc<VaeFiles>>,
}

#[cfg(not(target_family = "wasm"))]
impl OpenOptions {
    /// Default options with the bundled vocabulary.
    pub fn with_vocabulary() -> Self {
        let merges = include_bytes!("../../www/clip/merges.txt");
        OpenOptions { clip_merges: Some(merges.to_vec()), ..Self::default() }
    }
}
