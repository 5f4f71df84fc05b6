//! `hearth inspect`: description of a checkpoint.

use std::path::PathBuf;

use hearth::error::messages;
use hearth::weights::{OpenOptions, Precision};
use hearth::{Error, Result, runtime};

use super::model_path::open_path;
use super::options::Options;
use super::vae::VaeArgument;

#[derive(clap::Args)]
pub struct Inspect {
    /// Folder in diffusers layout, or a .safetensors file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    vae: VaeArgument,
}

/// Prints the description; fails if the checkpoint cannot be used.
pub async fn inspect(arguments: &Inspect) -> Result<()> {
    let source = open_path(&arguments.path)?;
    // As `generate` opens it by default.
    let mut options = OpenOptions { precision: Precision::AsStored, ..arguments.options.to_open() };
    arguments.vae.open(&mut options).await?;
    let found = runtime::inspect(&source, &options).await;
    let width = found.rows.iter().map(|(label, _)| label.english().len()).max().unwrap_or(0);
    for (label, value) in &found.rows {
        println!("{:width$}  {value}", label.english());
    }
    for problem in &found.problems {
        println!("\n! {problem}");
    }
    match found.checkpoint {
        Some(_) => Ok(()),
        None => Err(Error::NotACheckpoint {
            path: found.name,
            found: messages::unusable_checkpoint(),
            remedy: messages::what_is_wrong_above(),
        }),
    }
}
