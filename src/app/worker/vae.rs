//! Autoencoder (VAE) in place of a model's own.

use std::rc::Rc;

use super::repository::vae_in;
use super::source::{ModelSource, NamedSource};
use crate::app::message::PickedFile;
use crate::app::protocol::{ModelChoice, ModelOptions, Place};
use crate::error::Result;
use crate::families;
use crate::weights::cache::Transfer;
use crate::weights::read_vae::as_vae_error;
use crate::weights::{OpenOptions, read_vae};

/// Opens the autoencoder of `choice`, writes it into `options`, and returns its source; `None` if the model has
/// its own. `listener` is called for each transfer from a server.
///
/// # Errors
/// If it is no address, or no autoencoder.
pub async fn open_vae(
    choice: &ModelChoice,
    files: Vec<PickedFile>,
    listener: Rc<dyn Fn(Transfer)>,
    options: &mut OpenOptions,
) -> Result<Option<ModelSource>> {
    let Some(place) = choice.vae.clone() else { return Ok(None) };
    let mut named = open(place, files, Rc::clone(&listener)).await?;
    if let ModelSource::Kept(kept) = &named.source
        && let Some(text) = vae_in(kept).await?
    {
        named = open(Place::Address { text, base: String::new() }, Vec::new(), listener).await?;
    }
    let mut source = named.source;
    if let ModelSource::Kept(kept) = &mut source {
        kept.set_vae();
    }
    let files = read_vae(&source, &families::architectures(), options).await?;
    options.vae = Some(Rc::new(files));
    Ok(Some(source))
}

async fn open(
    place: Place,
    files: Vec<PickedFile>,
    listener: Rc<dyn Fn(Transfer)>,
) -> Result<NamedSource> {
    let choice = ModelChoice { place, vae: None, options: ModelOptions::default() };
    NamedSource::open(&choice, files, listener).await.map_err(as_vae_error)
}
