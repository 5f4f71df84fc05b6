//! State machine of the target, loading and loaded model.

use super::selection::ModelSelection;
use crate::app::protocol::{DeviceChoice, ErrorReport, ModelSheet};

/// The model and device that the user wants.
#[derive(Debug, Clone)]
pub struct ModelTarget {
    /// The model.
    pub selection: ModelSelection,
    /// The device.
    pub device: DeviceChoice,
    /// Whether the user has seen the size; without it, a large download is not started.
    pub consent: bool,
}

/// A loaded model.
#[derive(Debug)]
pub struct LoadedModel {
    /// Its target.
    pub target: ModelTarget,
    /// The model, as the form needs it.
    pub sheet: ModelSheet,
    /// Display name of its device.
    pub device_name: String,
}

/// A model that is loading.
#[derive(Debug)]
pub struct Opening {
    /// The request's number.
    pub id: u32,
    /// Whether it was opened from the panel, which closes when it is loaded.
    pub from_panel: bool,
    /// The device that the model ran on before.
    came_from: Option<DeviceChoice>,
}

/// Next action after a model failed to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpened {
    /// Reopen the model on its previous device.
    BackToDevice,
    /// Open it on the CPU: nobody has chosen the GPU, and it cannot be used.
    UseCpu,
    /// Open the bundled model, because the address came from the page's URL and cannot be edited.
    OpenBundled,
    /// Return to the previously loaded model, if any.
    Stay,
}

/// The page's model.
#[derive(Debug)]
pub struct ModelState {
    target: ModelTarget,
    opening: Option<Opening>,
    loaded: Option<LoadedModel>,
    /// A model that the GPU cannot run; the CPU is offered for it.
    refused: Option<ModelSelection>,
    /// The device of the model that was loaded last, unless another device was chosen since.
    ran_on: Option<DeviceChoice>,
    /// The same for the model that is opened next.
    came_from: Option<DeviceChoice>,
    /// Which parts of the target the user has chosen on the page, rather than the page itself.
    chosen: Chosen,
}

/// Parts of a target that the user has chosen since a model was loaded last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The model.
    pub model: bool,
    /// The device.
    pub device: bool,
}

impl ModelState {
    /// Creates the state without a loaded model.
    pub fn new(selection: ModelSelection, device: DeviceChoice) -> Self {
        let target = ModelTarget { selection, device, consent: false };
        ModelState {
            target,
            opening: None,
            loaded: None,
            refused: None,
            ran_on: None,
            came_from: None,
            chosen: Chosen::default(),
        }
    }

    /// Returns the target, which may be loaded or not.
    pub fn target(&self) -> &ModelTarget {
        &self.target
    }

    /// Returns the loaded model.
    pub fn loaded(&self) -> Option<&LoadedModel> {
        self.loaded.as_ref()
    }

    /// Returns the loading model.
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// Returns whether a model is loading.
    pub fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    /// Returns whether images can be generated now.
    pub fn is_ready(&self) -> bool {
        self.loaded.is_some() && self.opening.is_none()
    }

    /// Selects a model. `consent`: the user has seen its size.
    pub fn choose(&mut self, selection: ModelSelection, consent: bool) {
        self.target.selection = selection;
        self.target.consent = consent;
    }

    /// Selects a model, as the user's choice.
    pub fn choose_by_user(&mut self, selection: ModelSelection, consent: bool) {
        self.choose(selection, consent);
        self.chosen.model = true;
    }

    /// Returns the user's choices since the last call.
    pub fn take_chosen(&mut self) -> Chosen {
        std::mem::take(&mut self.chosen)
    }

    /// Selects the CPU for the model that the GPU cannot run, or else for the present one.
    pub fn choose_cpu(&mut self) {
        if let Some(selection) = self.refused.take() {
            self.target.selection = selection;
        }
        self.choose_device(DeviceChoice::Cpu);
    }

    /// Selects the device.
    pub fn choose_device(&mut self, device: DeviceChoice) {
        self.came_from = self.ran_on.take();
        self.target.device = device;
        self.chosen.device = true;
    }

    /// Records that request `id` loads the target.
    pub fn open(&mut self, id: u32, from_panel: bool) {
        let came_from = self.came_from.take();
        self.opening = Some(Opening { id, from_panel, came_from });
    }

    /// Records that the target is loaded. Returns whether it was opened from the panel.
    pub fn opened(&mut self, sheet: ModelSheet, device_name: String) -> bool {
        self.target.consent = true; // It is downloaded.
        self.refused = None;
        self.ran_on = Some(self.target.device);
        self.loaded = Some(LoadedModel { target: self.target.clone(), sheet, device_name });
        self.opening.take().is_some_and(|opening| opening.from_panel)
    }

    /// Records that the target is not loaded. `keeps_previous`: the previous model is still loaded,
    /// and becomes the target again.
    pub fn give_up(&mut self, keeps_previous: bool) {
        self.opening = None;
        self.chosen = Chosen::default();
        match &self.loaded {
            Some(loaded) if keeps_previous => {
                self.target = ModelTarget { consent: true, ..loaded.target.clone() };
            }
            _ => self.loaded = None,
        }
    }

    /// Records a failure to open the target, and returns the next action. `in_panel`: the panel is
    /// open. `offer_cpu`: the CPU could be used instead.
    pub fn failed(&mut self, error: &ErrorReport, in_panel: bool, offer_cpu: bool) -> NotOpened {
        let came_from = self.opening.as_mut().and_then(|opening| opening.came_from.take());
        if error.code == "no-gpu" && came_from == Some(DeviceChoice::Cpu) {
            self.opening = None;
            self.target.device = DeviceChoice::Cpu;
            self.chosen.device = false;
            return NotOpened::BackToDevice;
        }
        if error.code == "no-gpu" && offer_cpu && self.loaded.is_none() && !self.chosen.device {
            self.opening = None;
            self.target.device = DeviceChoice::Cpu;
            return NotOpened::UseCpu;
        }
        if offer_cpu {
            self.refused = Some(self.target.selection.clone());
        }
        let is_no_address = error.code == "invalid-request" && error.detail("field") == "model";
        match is_no_address && self.loaded.is_none() && !in_panel {
            true => NotOpened::OpenBundled,
            false => NotOpened::Stay,
        }
    }

    /// Records that the worker has exited, and with it the model.
    pub fn worker_exited(&mut self) {
        self.opening = None;
        self.loaded = None;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::selection::ModelSelection;
    use super::{Chosen, ModelState, NotOpened};
    use crate::app::protocol::{DeviceChoice, ErrorReport, ModelName, ModelSheet};
    use crate::error::{Error, Message};
    use crate::params::GenerationParams;

    fn sheet(name: &str) -> ModelSheet {
        ModelSheet {
            name: name.to_string(),
            place: name.to_string(),
            identity: ModelName::default(),
            defaults: GenerationParams::default(),
            adapter: None,
            schedulers: Vec::new(),
            most_clip_skip: 11,
        }
    }

    fn selection(text: &str) -> ModelSelection {
        ModelSelection::address(text, "https://page.example/")
    }

    fn no_gpu() -> ErrorReport {
        (&Error::NoGpu { reason: Message::verbatim("none") }).into()
    }

    fn loaded_on(device: DeviceChoice) -> ModelState {
        let mut state = ModelState::new(selection("one"), device);
        state.open(1, false);
        state.opened(sheet("one"), String::new());
        state
    }

    #[test]
    fn failed_open_keeps_loaded_model() {
        let mut state = loaded_on(DeviceChoice::Webgpu);
        state.choose(selection("two"), true);
        state.open(2, true);
        assert!(!state.is_ready());
        state.give_up(true);
        assert!(state.is_ready());
        assert_eq!(state.target().selection.label(), "one");
    }

    #[test]
    fn failed_open_after_unload_leaves_no_model() {
        let mut state = loaded_on(DeviceChoice::Webgpu);
        state.choose(selection("two"), true);
        state.open(2, false);
        state.give_up(false);
        assert!(!state.is_ready());
        // The next attempt opens the target.
        assert_eq!(state.target().selection.label(), "two");
    }

    #[test]
    fn failed_switch_to_gpu_returns_to_cpu() {
        let mut state = loaded_on(DeviceChoice::Cpu);
        state.choose_device(DeviceChoice::Webgpu);
        state.worker_exited();
        state.open(2, false);
        assert_eq!(state.failed(&no_gpu(), false, true), NotOpened::BackToDevice);
        assert_eq!(state.target().device, DeviceChoice::Cpu);
        assert!(!state.take_chosen().device, "the GPU is not kept as a choice");
    }

    #[test]
    fn missing_gpu_opens_first_model_on_cpu() {
        let mut state = ModelState::new(selection("one"), DeviceChoice::Webgpu);
        state.open(1, false);
        assert_eq!(state.failed(&no_gpu(), false, true), NotOpened::UseCpu);
        assert_eq!(state.target().device, DeviceChoice::Cpu);
        state.open(2, false);
        state.opened(sheet("one"), String::new());
        assert_eq!(state.take_chosen(), Chosen::default(), "the user has chosen nothing");
    }

    #[test]
    fn missing_gpu_that_user_asked_for_is_an_error() {
        let mut state = ModelState::new(selection("one"), DeviceChoice::Cpu);
        state.choose_device(DeviceChoice::Webgpu);
        state.open(1, false);
        assert_eq!(state.failed(&no_gpu(), false, true), NotOpened::Stay);
    }

    #[test]
    fn choices_of_user_are_taken_once() {
        let mut state = loaded_on(DeviceChoice::Webgpu);
        state.choose_by_user(selection("two"), true);
        state.choose_cpu();
        state.open(2, true);
        state.opened(sheet("two"), String::new());
        assert_eq!(state.take_chosen(), Chosen { model: true, device: true });
        assert_eq!(state.take_chosen(), Chosen::default());
        // A model that was not opened is not kept for the next visit.
        state.choose_by_user(selection("three"), true);
        state.open(3, true);
        state.give_up(true);
        assert_eq!(state.take_chosen(), Chosen::default());
    }

    #[test]
    fn choose_cpu_selects_model_that_gpu_refused() {
        let mut state = loaded_on(DeviceChoice::Webgpu);
        state.choose(selection("large"), true);
        state.open(2, false);
        assert_eq!(state.failed(&no_gpu(), false, true), NotOpened::Stay);
        state.give_up(true);
        assert_eq!(state.target().selection.label(), "one");
        state.choose_cpu();
        assert_eq!(state.target().selection.label(), "large");
        assert_eq!(state.target().device, DeviceChoice::Cpu);
    }

    #[test]
    fn invalid_address_in_url_opens_bundled_model() {
        let error: ErrorReport = (&Error::InvalidRequest {
            field: "model",
            value: Message::verbatim("x"),
            reason: Message::verbatim("no address"),
        })
            .into();
        let mut state = ModelState::new(selection("x"), DeviceChoice::Webgpu);
        state.open(1, false);
        assert_eq!(state.failed(&error, false, false), NotOpened::OpenBundled);
        // In the panel it can be corrected.
        assert_eq!(state.failed(&error, true, false), NotOpened::Stay);
    }

    #[test]
    fn opened_model_has_consent_and_closes_panel() {
        let mut state = ModelState::new(selection("one"), DeviceChoice::Webgpu);
        state.open(1, true);
        assert!(state.opened(sheet("one"), "GPU".to_string()));
        assert!(state.target().consent);
    }
}
