//! The networks of a model, each there when its turn comes.

use std::rc::Rc;

use super::host::Host;
use crate::error::Result;
use crate::model::{ClipTextModel, UNet2DConditionModel, Vae};

/// Gives a run its networks. Whoever asks for one lets go of those asked for before: where memory is
/// short they make room, and the one asked for is loaded now. `host` hears of that and may end it.
///
/// # Errors
/// If the network cannot be loaded, or whatever `host` ends the loading with.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Networks {
    /// Text encoder `index`: 0, or 1 for SDXL's second.
    async fn text_encoder(&self, index: usize, host: &impl Host) -> Result<Rc<ClipTextModel>>;

    /// The UNet.
    async fn unet(&self, host: &impl Host) -> Result<Rc<UNet2DConditionModel>>;

    /// The autoencoder.
    async fn vae(&self, host: &impl Host) -> Result<Rc<Vae>>;
}
