//! A checkpoint's networks on a device: all of them, or one at a time.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};

use crate::error::{Error, Id, Message, Result};
use crate::model::{ClipTextModel, UNet2DConditionModel, Vae};
use crate::pipeline::{Event, Host, Networks};
use crate::weights::{Checkpoint, Component, Source, Tensors};

/// How many networks are on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residence {
    /// All of them, from the beginning.
    All,
    /// The one whose turn it is: it takes the place of the one before. A device with little memory
    /// runs a model whose parts fit one by one; every run reads the weights again.
    OneAtATime,
}

/// Loads networks when they are asked for.
pub struct Loader<S> {
    checkpoint: Checkpoint,
    source: Rc<S>,
    device: Device,
    residence: Residence,
    held: RefCell<Held>,
}

impl<S: Source> fmt::Debug for Loader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Loader");
        debug.field("source", &self.source.place()).field("residence", &self.residence);
        debug.finish_non_exhaustive()
    }
}

/// What is on the device.
#[derive(Default)]
struct Held {
    text_encoders: [Option<Rc<ClipTextModel>>; 2],
    unet: Option<Rc<UNet2DConditionModel>>,
    vae: Option<Rc<Vae>>,
}

impl<S: Source> Loader<S> {
    /// Loads nothing yet.
    pub(super) fn new(
        checkpoint: Checkpoint,
        source: Rc<S>,
        device: &Device,
        residence: Residence,
    ) -> Self {
        let held = RefCell::default();
        Loader { checkpoint, source, device: device.clone(), residence, held }
    }

    /// Loads everything.
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
        let Loader { checkpoint, source, device, .. } = self;
        let encoder = checkpoint.load_text_encoder(index, &**source, device, loaded).await?;
        let encoder = Rc::new(encoder);
        if let Some(place) = self.held.borrow_mut().text_encoders.get_mut(index) {
            *place = Some(Rc::clone(&encoder));
        }
        Ok(encoder)
    }

    async fn load_unet(
        &self,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<Rc<UNet2DConditionModel>> {
        let Loader { checkpoint, source, device, .. } = self;
        let unet = Rc::new(checkpoint.load_unet(&**source, device, loaded).await?);
        self.held.borrow_mut().unet = Some(Rc::clone(&unet));
        Ok(unet)
    }

    async fn load_vae(&self, loaded: &mut impl AsyncFnMut(u64) -> Result<()>) -> Result<Rc<Vae>> {
        let Loader { checkpoint, source, device, .. } = self;
        let vae = Rc::new(checkpoint.load_vae(&**source, device, loaded).await?);
        self.held.borrow_mut().vae = Some(Rc::clone(&vae));
        Ok(vae)
    }

    /// Lets go of the network before, if there can be only one.
    async fn make_room(&self) -> Result<()> {
        if self.residence == Residence::All {
            return Ok(());
        }
        self.held.take();
        // Weights are free when the last computation with them is done: a value that is computed after
        // it is waited for.
        let probe = Tensor::<1>::zeros([1], &self.device);
        probe.into_data_async().await.map_err(|e| Error::Gpu { reason: Message::verbatim(e) })?;
        self.device.memory_cleanup();
        Ok(())
    }

    /// Tells `host` how far a component is, and lets it end the loading.
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

/// For people.
fn label(component: Component) -> Id {
    match component {
        Component::TextEncoder => Id::text_encoder,
        Component::TextEncoder2 => Id::second_text_encoder,
        Component::UNet => Id::unet,
        Component::Vae => Id::autoencoder,
    }
}

impl<S: Source> Networks for Loader<S> {
    async fn text_encoder(&self, index: usize, host: &impl Host) -> Result<Rc<ClipTextModel>> {
        let held = self.held.borrow().text_encoders.get(index).cloned().flatten();
        if let Some(encoder) = held {
            return Ok(encoder);
        }
        self.make_room().await?;
        let component = if index == 0 { Component::TextEncoder } else { Component::TextEncoder2 };
        self.load_text_encoder(index, &mut self.progress(component, host)).await
    }

    async fn unet(&self, host: &impl Host) -> Result<Rc<UNet2DConditionModel>> {
        let held = self.held.borrow().unet.clone();
        if let Some(unet) = held {
            return Ok(unet);
        }
        self.make_room().await?;
        self.load_unet(&mut self.progress(Component::UNet, host)).await
    }

    async fn vae(&self, host: &impl Host) -> Result<Rc<Vae>> {
        let held = self.held.borrow().vae.clone();
        if let Some(vae) = held {
            return Ok(vae);
        }
        self.make_room().await?;
        self.load_vae(&mut self.progress(Component::Vae, host)).await
    }
}
