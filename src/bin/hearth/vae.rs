//! Argument `--vae`.

use std::path::PathBuf;
use std::rc::Rc;

use hearth::Result;
use hearth::families;
use hearth::weights::read_vae::as_vae_error;
use hearth::weights::{Folder, OpenOptions, read_vae};

use super::model_path::open_path;

/// Argument of a VAE in place of the model's own.
#[derive(clap::Args)]
pub struct VaeArgument {
    /// An autoencoder (VAE) in place of the model's own: a .safetensors file of one or of a whole checkpoint, or a folder in
    /// diffusers layout
    #[arg(long, value_name = "PATH")]
    vae: Option<PathBuf>,
}

impl VaeArgument {
    /// Reads its config and its index into `options`, and returns where it is.
    ///
    /// # Errors
    /// As [`read_vae`].
    pub async fn open(&self, options: &mut OpenOptions) -> Result<Option<Folder>> {
        let Some(path) = &self.vae else { return Ok(None) };
        let source = open_path(path).map_err(as_vae_error)?;
        let files = read_vae(&source, &families::architectures(), options).await?;
        options.vae = Some(Rc::new(files));
        Ok(Some(source))
    }
}
