//! `hearth inspect`: what a checkpoint is.

use std::path::PathBuf;

use hearth::weights::{Folder, OpenOptions, Precision};
use hearth::{Error, Result, engine};

use super::options::Options;

#[derive(clap::Args)]
pub struct Inspect {
    /// Folder in diffusers layout, or a .safetensors file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    options: Options,
}

/// Prints what was found; a checkpoint that cannot be used is a failure.
pub async fn inspect(arguments: &Inspect) -> Result<()> {
    let source = Folder::open(&arguments.path)?;
    // As `generate` takes it, unless it is told otherwise.
    let options = OpenOptions { precision: Precision::AsStored, ..arguments.options.to_open() };
    let found = engine::inspect(&source, &options).await;
    let width = found.rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    for (label, value) in &found.rows {
        println!("{label:width$}  {value}");
    }
    for problem in &found.problems {
        println!("\n! {problem}");
    }
    match found.checkpoint {
        Some(_) => Ok(()),
        None => Err(Error::NotACheckpoint {
            path: found.name,
            found: "no checkpoint that can be used".to_string(),
            remedy: "What is wrong with it stands above".to_string(),
        }),
    }
}
