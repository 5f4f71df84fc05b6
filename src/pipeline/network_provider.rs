//! Provider of a model's networks.

use std::rc::Rc;

use super::callbacks::Callbacks;
use crate::error::Result;
use crate::model::{Component, Network};

/// Provides the networks of a run. The caller drops a network before it requests the next: where
/// memory is short, only one may be resident, and the next is loaded on request.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait NetworkProvider {
    /// Returns the network `component`. Loading it is reported to `callbacks`, which may cancel it.
    ///
    /// # Errors
    /// If the network cannot be loaded, or an error of `callbacks`.
    async fn network(
        &self,
        component: Component,
        callbacks: &impl Callbacks,
    ) -> Result<Rc<Network>>;

    /// Checks that all weights are numbers, after a run that gave none.
    ///
    /// # Errors
    /// The error that names the first tensor with other values; an error of `callbacks`.
    async fn check_weights(&self, callbacks: &impl Callbacks) -> Result<()> {
        let _ = callbacks;
        Ok(())
    }
}
