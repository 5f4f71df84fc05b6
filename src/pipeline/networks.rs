//! The networks of a model, each loaded when a run needs it.

use std::rc::Rc;

use super::host::Host;
use crate::error::Result;
use crate::model::{Component, Network};

/// Gives a run its networks. The caller drops a network before it asks for the next: where memory is short
/// the old one makes room, and the new one is loaded now.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Networks {
    /// Returns the network `component`. Its loading is reported to `host`, which may end it.
    ///
    /// # Errors
    /// If the network cannot be loaded, or whatever `host` ends the loading with.
    async fn network(&self, component: Component, host: &impl Host) -> Result<Rc<Network>>;
}
