//! What may be said of a checkpoint wherever one is named.

use hearth::weights::{OpenOptions, Prediction};

/// What a checkpoint's own files leave open.
#[derive(clap::Args)]
pub struct Options {
    /// What the UNet of a single file predicts, if the file does not say: epsilon or v_prediction
    #[arg(long, value_name = "TYPE", value_parser = ["epsilon", "v_prediction"])]
    prediction_type: Option<String>,
    /// Take weights in f32 where there are some in f16, too
    #[arg(long)]
    full_precision: bool,
}

impl Options {
    /// As the library has them.
    pub fn to_open(&self) -> OpenOptions {
        OpenOptions {
            full_precision: self.full_precision,
            prediction: self.prediction_type.as_deref().and_then(Prediction::from_name),
            ..OpenOptions::with_vocabulary()
        }
    }
}
