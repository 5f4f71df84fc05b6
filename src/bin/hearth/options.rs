//! Checkpoint options, shared by the subcommands.

use hearth::weights::{OpenOptions, Prediction};

/// Options that a checkpoint's files do not determine.
#[derive(clap::Args)]
pub struct Options {
    /// What the UNet predicts, where the checkpoint does not say or is wrong: epsilon or v_prediction
    #[arg(long, value_name = "TYPE", value_parser = ["epsilon", "v_prediction"])]
    prediction_type: Option<String>,
    /// Take weights in f32 where there are some in f16, too
    #[arg(long)]
    full_precision: bool,
}

impl Options {
    /// Returns the library's options.
    pub fn to_open(&self) -> OpenOptions {
        OpenOptions {
            full_precision: self.full_precision,
            prediction: self.prediction_type.as_deref().and_then(Prediction::from_name),
            ..OpenOptions::with_vocabulary()
        }
    }
}
