//! What may be asked for when a checkpoint is opened.

use super::precision::Precision;
use super::single_file::Prediction;

/// Wishes that a checkpoint's own files leave open, and what a single file lacks.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Where weights are there in f32 and f16, take f32. Else the smaller ones are taken.
    pub full_precision: bool,
    /// In which number format the weights are kept.
    pub precision: Precision,
    /// What the UNet predicts, for single files that do not say.
    pub prediction: Option<Prediction>,
    /// `merges.txt` of CLIP's vocabulary, which no single file contains: the page has it among its
    /// own files, the terminal inside its program.
    pub clip_merges: Option<Vec<u8>>,
}

#[cfg(not(target_family = "wasm"))]
impl OpenOptions {
    /// With the vocabulary that ships.
    pub fn with_vocabulary() -> Self {
        let merges = include_bytes!("../../www/clip/merges.txt");
        OpenOptions { clip_merges: Some(merges.to_vec()), ..Self::default() }
    }
}
