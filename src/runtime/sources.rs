//! Sources of a model's weights.

use std::rc::Rc;

use crate::error::Result;
use crate::families::Checkpoint;
use crate::model::Component;
use crate::weights::Source;

/// The source of a checkpoint, and that of an autoencoder in place of its own.
#[derive(Debug)]
pub struct Sources<S> {
    /// The checkpoint's.
    pub model: Rc<S>,
    /// The other autoencoder's.
    pub vae: Option<Rc<S>>,
}

impl<S> Clone for Sources<S> {
    fn clone(&self) -> Self {
        Sources { model: Rc::clone(&self.model), vae: self.vae.clone() }
    }
}

impl<S> From<Rc<S>> for Sources<S> {
    fn from(model: Rc<S>) -> Self {
        Sources { model, vae: None }
    }
}

impl<S: Source> Sources<S> {
    /// Returns the source of a network.
    pub fn of(&self, component: Component) -> &S {
        match &self.vae {
            Some(vae) if component == Component::VAE => vae,
            _ => &self.model,
        }
    }

    /// Returns the source of the autoencoder.
    pub fn of_vae(&self) -> &S {
        self.of(Component::VAE)
    }

    /// Prepares all weight files of `checkpoint`, see [`Source::fetch`].
    ///
    /// # Errors
    /// If one of them cannot be downloaded.
    pub async fn fetch(&self, checkpoint: &Checkpoint) -> Result<()> {
        self.model.fetch(&checkpoint.files()).await?;
        match (&self.vae, &checkpoint.vae) {
            (Some(source), Some(vae)) => source.fetch(&vae.paths()).await,
            _ => Ok(()),
        }
    }
}
