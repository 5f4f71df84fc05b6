//! What may be asked for when a checkpoint is opened.

/// Wishes that a checkpoint's own files leave open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Where weights are there in f32 and f16, take f32. Else the smaller ones are taken.
    pub full_precision: bool,
    /// What the UNet predicts (`epsilon`, `v_prediction`), for single files that do not say.
    pub prediction_type: Option<String>,
}
