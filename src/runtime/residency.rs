//! Networks on the device: all of them, or one at a time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};

use super::sources::Sources;
use crate::adapters::AdapterSet;
use crate::error::{Error, Id, Message, Result};
use crate::families::Checkpoint;
use crate::model::{Component, Network};
use crate::pipeline::{Callbacks, NetworkProvider, PipelineEvent};
use crate::weights::{Source, check_finite};

/// The networks that are on the device at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residency {
    /// All of them; they are loaded once.
    All,
    /// One: each network replaces the previous one. A device with little memory can then run a
    /// model whose networks fit singly; every run reads the weights again. (diffusers:
    /// `enable_model_cpu_offload`.)
    OneAtATime,
}

/// Loads networks when the pipeline requests them.
pub struct NetworkLoader<S> {
    checkpoint: Checkpoint,
    sources: Sources<S>,
    device: Device,
    residency: Residency,
    /// The adapters in effect.
    adapters: RefCell<AdapterSet<S>>,
    /// The networks on the device.
    resident: RefCell<BTreeMap<Component, Rc<Network>>>,
}

impl<S: Source> fmt::Debug for NetworkLoader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("NetworkLoader");
        debug.field("source", &self.sources.model.place()).field("residency", &self.residency);
        debug.finish_non_exhaustive()
    }
}

impl<S: Source> NetworkLoader<S> {
    /// Returns a loader that has loaded nothing.
    pub(super) fn new(
        checkpoint: Checkpoint,
        sources: Sources<S>,
        device: &Device,
        residency: Residency,
    ) -> Self {
        let (adapters, resident) = (RefCell::default(), RefCell::default());
        NetworkLoader { checkpoint, sources, device: device.clone(), residency, adapters, resident }
    }

    /// Returns the checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns which networks are resident at the same time.
    pub fn residency(&self) -> Residency {
        self.residency
    }

    /// Returns the adapters in effect.
    pub fn adapters(&self) -> AdapterSet<S> {
        self.adapters.borrow().clone()
    }

    /// Returns the bytes that [`set_adapters`](Self::set_adapters) will read of the model.
    pub fn bytes_to_change(&self, adapters: &AdapterSet<S>) -> u64 {
        let before = self.adapters.borrow();
        let resident = self.resident.borrow();
        let changed = resident.keys().filter_map(|component| {
            let paths = adapters.changed_since(&before, *component);
            Some(self.checkpoint.components.get(component)?.tensors.only(&paths).bytes())
        });
        changed.sum()
    }

    /// Puts other adapters into effect: the parameters that they or the present ones touch are loaded
    /// again. `loaded` is called with the bytes of each.
    ///
    /// # Errors
    /// If a file cannot be read, or the error that `loaded` returns: the networks are then unloaded, and
    /// the next run loads them with the adapters that were in effect.
    pub async fn set_adapters(
        &self,
        adapters: AdapterSet<S>,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let before = self.adapters.borrow().clone();
        // A network that is partly changed must not stay, whatever ends this.
        let networks = self.resident.take();
        let mut changed = BTreeMap::new();
        for (component, network) in networks {
            let paths = adapters.changed_since(&before, component);
            let network = match paths.is_empty() {
                true => network,
                false => {
                    let mut network = Rc::unwrap_or_clone(network);
                    let (patches, place) = (adapters.patches(component), (component, &mut network));
                    let NetworkLoader { checkpoint, sources, device, .. } = self;
                    let source = sources.of(component);
                    checkpoint.reload(place, &paths, source, device, &patches, loaded).await?;
                    Rc::new(network)
                }
            };
            changed.insert(component, network);
        }
        self.resident.replace(changed);
        self.adapters.replace(adapters);
        Ok(())
    }

    /// Loads all networks that are not resident.
    pub(super) async fn load_all(
        &self,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<()> {
        for row in self.checkpoint.family.spec.components {
            if !self.resident.borrow().contains_key(&row.component) {
                self.load(row.component, loaded).await?;
            }
        }
        Ok(())
    }

    /// Takes the adapters in effect and the resident networks, except the autoencoder, from the loader of a
    /// checkpoint that differs only in its autoencoder.
    pub(super) fn take_over(&self, other: Self) {
        let mut networks = other.resident.take();
        networks.remove(&Component::VAE);
        self.resident.replace(networks);
        self.adapters.replace(other.adapters.take());
    }

    async fn load(
        &self,
        component: Component,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<Rc<Network>> {
        let NetworkLoader { checkpoint, sources, device, .. } = self;
        let adapters = self.adapters.borrow().clone();
        let patches = adapters.patches(component);
        let source = sources.of(component);
        let network = checkpoint.load_patched(component, source, device, &patches, loaded);
        let network = Rc::new(network.await?);
        self.resident.borrow_mut().insert(component, Rc::clone(&network));
        Ok(network)
    }

    /// Drops the resident network, if only one may be resident, and waits until its memory is free.
    async fn unload_previous(&self) -> Result<()> {
        if self.residency == Residency::All {
            return Ok(());
        }
        self.resident.take();
        // Memory of the weights is free when the last kernel that reads them has finished: wait for
        // a value that is computed after it.
        let probe = Tensor::<1>::zeros([1], &self.device);
        probe.into_data_async().await.map_err(|e| Error::Gpu { reason: Message::verbatim(e) })?;
        self.device.memory_cleanup();
        Ok(())
    }

    /// Returns a callback that reports the loading of a component named `what` to `callbacks`, which may cancel it.
    fn progress(
        &self,
        component: Component,
        what: Id,
        callbacks: &impl Callbacks,
    ) -> impl AsyncFnMut(u64) -> Result<()> {
        let network = self.checkpoint.components.get(&component);
        let total = network.map_or(0, |network| network.tensors.bytes());
        let mut done = 0;
        async move |bytes| {
            done += bytes;
            callbacks.report(PipelineEvent::Loading { what, done, total });
            callbacks.yield_now().await
        }
    }
}

impl<S: Source> NetworkProvider for NetworkLoader<S> {
    async fn network(
        &self,
        component: Component,
        callbacks: &impl Callbacks,
    ) -> Result<Rc<Network>> {
        let resident = self.resident.borrow().get(&component).cloned();
        if let Some(network) = resident {
            return Ok(network);
        }
        self.unload_previous().await?;
        let name = self.checkpoint.family.spec.row(component)?.name;
        self.load(component, &mut self.progress(component, name, callbacks)).await
    }

    async fn check_weights(&self, callbacks: &impl Callbacks) -> Result<()> {
        let NetworkLoader { checkpoint, sources, device, .. } = self;
        for row in checkpoint.family.spec.components {
            let tensors = &checkpoint.network(row.component)?.tensors;
            let mut checked = self.progress(row.component, row.name, callbacks);
            let precision = checkpoint.precision;
            let source = sources.of(row.component);
            check_finite(tensors, source, device, precision, &mut checked).await?;
        }
        Ok(())
    }
}
