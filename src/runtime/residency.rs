//! Networks on the device: all of them, or one at a time.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};

use crate::error::{Error, Id, Message, Result};
use crate::model::{ClipTextModel, UNet2DConditionModel, Vae};
use crate::pipeline::{Event, Host, Networks};
use crate::weights::{Checkpoint, Component, Source, Tensors};

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
    source: Rc<S>,
    device: Device,
    residency: Residency,
    resident: RefCell<Resident>,
}

impl<S: Source> fmt::Debug for NetworkLoader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("NetworkLoader");
        debug.field("source", &self.source.place()).field("residency", &self.residency);
        debug.finish_non_exhaustive()
    }
}

/// The networks on the device.
#[derive(Default)]
struct Resident {
    text_encoders: [Option<Rc<ClipTextModel>>; 2],
    unet: Option<Rc<UNet2DConditionModel>>,
    vae: Option<Rc<Vae>>,
}

impl<S: Source> NetworkLoader<S> {
    /// Returns a loader that has loaded nothing.
    pub(super) fn new(
        checkpoint: Checkpoint,
        source: Rc<S>,
        device: &Device,
        residency: Residency,
    ) -> Self {
        let resident = RefCell::default();
        NetworkLoader { checkpoint, source, device: device.clone(), residency, resident }
    }

    /// Loads all networks.
    pub(super) async fn load_all(
        &self,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<()> {
        for index in 0..self.checkpoint.text_encoders.len() {
            self.load_text_encoder(index, loaded).await?;
        }
        self.load_unet(loaded).await?;
        self.load_vae(loaded).await?;
        Ok(())
    }

    async fn load_text_encoder(
        &self,
        index: usize,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<Rc<ClipTextModel>> {
        let NetworkLoader { checkpoint, source, device, .. } = self;
        let encoder = checkpoint.load_text_encoder(index, &**source, device, loaded).await?;
        let encoder = Rc::new(encoder);
        if let Some(place) = self.resident.borrow_mut().text_encoders.get_mut(index) {
            *place = Some(Rc::clone(&encoder));
        }
        Ok(encoder)
    }

    async fn load_unet(
        &self,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<Rc<UNet2DConditionModel>> {
        let NetworkLoader { checkpoint, source, device, .. } = self;
        let unet = Rc::new(checkpoint.load_unet(&**source, device, loaded).await?);
        self.resident.borrow_mut().unet = Some(Rc::clone(&unet));
        Ok(unet)
    }

    async fn load_vae(&self, loaded: &mut impl AsyncFnMut(u64) -> Result<()>) -> Result<Rc<Vae>> {
        let NetworkLoader { checkpoint, source, device, .. } = self;
        let vae = Rc::new(checkpoint.load_vae(&**source, device, loaded).await?);
        self.resident.borrow_mut().vae = Some(Rc::clone(&vae));
        Ok(vae)
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

    /// Returns a callback that reports the loading of a component to `host`, which may cancel it.
    fn progress(
        &self,
        component: Component,
        host: &impl Host,
    ) -> impl AsyncFnMut(u64) -> Result<()> {
        let total = self.checkpoint.tensors.get(&component).map_or(0, Tensors::bytes);
        let mut done = 0;
        async move |bytes| {
            done += bytes;
            host.report(Event::Loading { what: label(component), done, total });
            host.breathe().await
        }
    }
}

/// Returns the display name.
fn label(component: Component) -> Id {
    match component {
        Component::TextEncoder => Id::text_encoder,
        Component::TextEncoder2 => Id::second_text_encoder,
        Component::UNet => Id::unet,
        Component::Vae => Id::autoencoder,
    }
}

impl<S: Source> Networks for NetworkLoader<S> {
    async fn text_encoder(&self, index: usize, host: &impl Host) -> Result<Rc<ClipTextModel>> {
        let resident = self.resident.borrow().text_encoders.get(index).cloned().flatten();
        if let Some(encoder) = resident {
            return Ok(encoder);
        }
        self.unload_previous().await?;
        let component = if index == 0 { Component::TextEncoder } else { Component::TextEncoder2 };
        self.load_text_encoder(index, &mut self.progress(component, host)).await
    }

    async fn unet(&self, host: &impl Host) -> Result<Rc<UNet2DConditionModel>> {
        let resident = self.resident.borrow().unet.clone();
        if let Some(unet) = resident {
            return Ok(unet);
        }
        self.unload_previous().await?;
        self.load_unet(&mut self.progress(Component::UNet, host)).await
    }

    async fn vae(&self, host: &impl Host) -> Result<Rc<Vae>> {
        let resident = self.resident.borrow().vae.clone();
        if let Some(vae) = resident {
            return Ok(vae);
        }
        self.unload_previous().await?;
        self.load_vae(&mut self.progress(Component::Vae, host)).await
    }
}
