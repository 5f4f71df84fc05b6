//! The model that is wanted, on its way, and loaded.

use crate::app::page::model_panel::wish::Wish;
use crate::app::protocol::{DeviceChoice, Fault, ModelSheet};

/// A model on a device, as the user wants it.
#[derive(Debug, Clone)]
pub struct Target {
    /// The model.
    pub wish: Wish,
    /// Where it shall run.
    pub device: DeviceChoice,
    /// Whether the user has seen what it takes. Else a large download is not begun.
    pub consent: bool,
}

/// A model that is loaded.
#[derive(Debug)]
pub struct Loaded {
    /// What was asked for.
    pub target: Target,
    /// The model, as the form needs it.
    pub sheet: ModelSheet,
    /// Display name of its device.
    pub device_name: String,
}

/// A model on its way.
#[derive(Debug)]
pub struct Opening {
    /// The request's number.
    pub id: u32,
    /// Whether it was asked for in the panel, which closes when it is there.
    pub from_panel: bool,
    /// The device that the model ran on before this one was tried.
    came_from: Option<DeviceChoice>,
}

/// What becomes of a model that could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpened {
    /// The other device was only tried: the model goes back to the one it ran on.
    BackToDevice,
    /// The address was the page's own parameter, where nothing can be corrected: the bundled model is opened.
    OpenBundled,
    /// The model that was loaded before is used again, or none.
    Stay,
}

/// The page's model.
#[derive(Debug)]
pub struct ModelState {
    target: Target,
    opening: Option<Opening>,
    loaded: Option<Loaded>,
    /// A model that the GPU refused; the CPU is offered for it.
    refused: Option<Wish>,
    /// The device that a model was loaded on last, unless another one was chosen since.
    ran_on: Option<DeviceChoice>,
    /// The same, for the model that is opened next.
    came_from: Option<DeviceChoice>,
}

impl ModelState {
    /// Nothing is loaded yet.
    pub fn new(wish: Wish, device: DeviceChoice) -> Self {
        let target = Target { wish, device, consent: false };
        ModelState {
            target,
            opening: None,
            loaded: None,
            refused: None,
            ran_on: None,
            came_from: None,
        }
    }

    /// What is wanted, be it loaded or not.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The model that is loaded.
    pub fn loaded(&self) -> Option<&Loaded> {
        self.loaded.as_ref()
    }

    /// The model on its way.
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// Whether a model is on its way.
    pub fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    /// Whether images can be made at once.
    pub fn is_ready(&self) -> bool {
        self.loaded.is_some() && self.opening.is_none()
    }

    /// Chooses a model. `consent`: the user has seen what it takes.
    pub fn choose(&mut self, wish: Wish, consent: bool) {
        self.target.wish = wish;
        self.target.consent = consent;
    }

    /// Chooses the CPU for the model that the GPU refused, or else for the present one.
    pub fn choose_cpu(&mut self) {
        if let Some(wish) = self.refused.take() {
            self.target.wish = wish;
        }
        self.choose_device(DeviceChoice::Cpu);
    }

    /// Chooses the device.
    pub fn choose_device(&mut self, device: DeviceChoice) {
        self.came_from = self.ran_on.take();
        self.target.device = device;
    }

    /// The worker loads the target by the request `id`.
    pub fn open(&mut self, id: u32, from_panel: bool) {
        let came_from = self.came_from.take();
        self.opening = Some(Opening { id, from_panel, came_from });
    }

    /// The target is loaded. Returns whether it was asked for in the panel.
    pub fn opened(&mut self, sheet: ModelSheet, device_name: String) -> bool {
        self.target.consent = true; // It is here.
        self.refused = None;
        self.ran_on = Some(self.target.device);
        self.loaded = Some(Loaded { target: self.target.clone(), sheet, device_name });
        self.opening.take().is_some_and(|opening| opening.from_panel)
    }

    /// The target is not to be had now. `stays`: the model before it is still loaded, and wanted again.
    pub fn give_up(&mut self, stays: bool) {
        self.opening = None;
        match &self.loaded {
            Some(loaded) if stays => {
                self.target = Target { consent: true, ..loaded.target.clone() };
            }
            _ => self.loaded = None,
        }
    }

    /// The target failed to open; decides what comes next. `in_panel`: the panel is open. `offer_cpu`: the CPU
    /// would do.
    pub fn failed(&mut self, fault: &Fault, in_panel: bool, offer_cpu: bool) -> NotOpened {
        let came_from = self.opening.as_mut().and_then(|opening| opening.came_from.take());
        if fault.code == "no-gpu" && came_from == Some(DeviceChoice::Cpu) {
            self.opening = None;
            self.target.device = DeviceChoice::Cpu;
            return NotOpened::BackToDevice;
        }
        if offer_cpu {
            self.refused = Some(self.target.wish.clone());
        }
        let is_no_address = fault.code == "invalid-request" && fault.detail("field") == "model";
        match is_no_address && self.loaded.is_none() && !in_panel {
            true => NotOpened::OpenBundled,
            false => NotOpened::Stay,
        }
    }

    /// The worker is gone, and the model with it.
    pub fn worker_gone(&mut self) {
        self.opening = None;
        self.loaded = None;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ModelState, NotOpened};
    use crate::app::page::model_panel::wish::Wish;
    use crate::app::protocol::{DeviceChoice, Fault, ModelName, ModelSheet};
    use crate::error::{Error, Message};
    use crate::params::GenerationParams;

    fn sheet(name: &str) -> ModelSheet {
        ModelSheet {
            name: name.to_string(),
            place: name.to_string(),
            identity: ModelName::default(),
            defaults: GenerationParams::default(),
            schedulers: Vec::new(),
        }
    }

    fn wish(text: &str) -> Wish {
        Wish::address(text, "https://page.example/")
    }

    fn no_gpu() -> Fault {
        (&Error::NoGpu { reason: Message::verbatim("none") }).into()
    }

    fn loaded_on(device: DeviceChoice) -> ModelState {
        let mut state = ModelState::new(wish("one"), device);
        state.open(1, false);
        state.opened(sheet("one"), String::new());
        state
    }

    #[test]
    fn model_that_fails_to_open_leaves_the_loaded_one() {
        let mut state = loaded_on(DeviceChoice::Webgpu);
        state.choose(wish("two"), true);
        state.open(2, true);
        assert!(!state.is_ready());
        state.give_up(true);
        assert!(state.is_ready());
        assert_eq!(state.target().wish.label(), "one");
    }

    #[test]
    fn model_that_replaced_the_loaded_one_and_failed_leaves_none() {
        let mut state = loaded_on(DeviceChoice::Webgpu);
        state.choose(wish("two"), true);
        state.open(2, false);
        state.give_up(false);
        assert!(!state.is_ready());
        // Trying again opens what was wanted.
        assert_eq!(state.target().wish.label(), "two");
    }

    #[test]
    fn gpu_that_was_only_tried_goes_back_to_the_cpu() {
        let mut state = loaded_on(DeviceChoice::Cpu);
        state.choose_device(DeviceChoice::Webgpu);
        state.worker_gone();
        state.open(2, false);
        assert_eq!(state.failed(&no_gpu(), false, true), NotOpened::BackToDevice);
        assert_eq!(state.target().device, DeviceChoice::Cpu);
        // At the first visit there was nothing before.
        let mut state = ModelState::new(wish("one"), DeviceChoice::Webgpu);
        state.open(1, false);
        assert_eq!(state.failed(&no_gpu(), false, true), NotOpened::Stay);
    }

    #[test]
    fn cpu_is_offered_for_the_model_that_the_gpu_refused() {
        let mut state = loaded_on(DeviceChoice::Webgpu);
        state.choose(wish("large"), true);
        state.open(2, false);
        assert_eq!(state.failed(&no_gpu(), false, true), NotOpened::Stay);
        state.give_up(true);
        assert_eq!(state.target().wish.label(), "one");
        state.choose_cpu();
        assert_eq!(state.target().wish.label(), "large");
        assert_eq!(state.target().device, DeviceChoice::Cpu);
    }

    #[test]
    fn wrong_address_of_the_page_opens_the_bundled_model() {
        let fault: Fault = (&Error::InvalidRequest {
            field: "model",
            value: Message::verbatim("x"),
            reason: Message::verbatim("no address"),
        })
            .into();
        let mut state = ModelState::new(wish("x"), DeviceChoice::Webgpu);
        state.open(1, false);
        assert_eq!(state.failed(&fault, false, false), NotOpened::OpenBundled);
        // In the panel it can be corrected.
        assert_eq!(state.failed(&fault, true, false), NotOpened::Stay);
    }

    #[test]
    fn opened_model_has_consent_and_closes_the_panel_it_came_from() {
        let mut state = ModelState::new(wish("one"), DeviceChoice::Webgpu);
        state.open(1, true);
        assert!(state.opened(sheet("one"), "GPU".to_string()));
        assert!(state.target().consent);
    }
}
