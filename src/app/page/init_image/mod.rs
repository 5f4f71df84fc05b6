//! Init image and mask of the form.

mod actions;
mod brush;
mod controls;
mod events;
mod fit_requests;
mod image_source;
mod mask_editor;
mod mask_view;
mod panel;
pub mod paste;
mod undo;

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::File;

use self::fit_requests::Role;
pub use self::image_source::is_picture;
use self::panel::InitImagePanel;
pub use self::panel::{Event, PanelSnapshot};
use crate::app::protocol::{ErrorReport, InitImagePixels, Pixels, Shared};
use crate::error::Result;
use crate::params::GenerationParams;

/// Parameters of a run that the panel has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InitImageSettings {
    /// How much of the init image is given up.
    pub strength: f64,
    /// Pixels around the mask; `None` for the whole image.
    pub padding_mask_crop: Option<usize>,
    /// Radius of the mask's blur, pixels.
    pub mask_blur: usize,
}

/// Handle of the init image panel.
pub struct InitImage(Rc<RefCell<InitImagePanel>>);

impl InitImage {
    /// Binds to the elements and adds the listeners.
    pub fn bind() -> Result<Self> {
        let panel = Rc::new(RefCell::new(InitImagePanel::bind()?));
        events::listen(&panel)?;
        Ok(InitImage(panel))
    }

    /// Reads a file as init image; if it is not an image, shows an error and changes nothing.
    pub fn open(&self, file: File) {
        self.0.borrow_mut().open(Role::Picture, file);
    }

    /// Uses a result as init image, and scrolls to the panel.
    pub fn use_pixels(&self, pixels: Pixels) -> Result<()> {
        self.0.borrow_mut().use_result(pixels)
    }

    /// Sets the listener, which is called from the browser's event loop, never from inside a call
    /// of this type.
    pub fn listen(&self, listener: impl Fn(Event) + 'static) {
        self.0.borrow_mut().listen(Rc::new(listener));
    }

    /// Fits the image to this size. Returns whether the image or its mask is still being read.
    pub fn awaits(&self, size: (u32, u32)) -> bool {
        self.fit_to(size);
        self.0.borrow().is_reading()
    }

    /// Handles a fitted image.
    pub fn image_fitted(&self, id: u32, own_size: [u32; 2], image: Pixels) {
        self.0.borrow_mut().image_fitted(id, own_size, image);
    }

    /// Handles a fitted mask.
    pub fn mask_fitted(&self, id: u32, mask: &[u8]) {
        self.0.borrow_mut().mask_fitted(id, mask);
    }

    /// Handles a failed fit.
    pub fn not_fitted(&self, id: u32, error: ErrorReport) {
        self.0.borrow_mut().not_fitted(id, error);
    }

    /// Sends unanswered requests again after the worker has exited. `unexpectedly`: the page did
    /// not cause the exit.
    pub fn worker_exited(&self, unexpectedly: bool) {
        self.0.borrow_mut().worker_exited(unexpectedly);
    }

    /// Fits the image to the form's size.
    pub fn fit_to(&self, size: (u32, u32)) {
        // Errors recur, and are reported, when the image is read.
        let _ = self.0.borrow_mut().fit_to(size);
    }

    /// Returns init image and mask for an image of this size, exactly as shown. `None` if there is
    /// no init image.
    ///
    /// # Errors
    /// If it is still being read, see [`InitImage::awaits`], or nothing is masked.
    pub fn read(&self, size: (u32, u32)) -> Result<Option<Shared<InitImagePixels>>> {
        let mut panel = self.0.borrow_mut();
        panel.fit_to(size)?;
        panel.read()
    }

    /// Returns whether there is an init image, and whether a part of one is masked.
    pub fn has_image_and_mask(&self) -> (bool, bool) {
        let mut panel = self.0.borrow_mut();
        (panel.has_picture(), panel.controls().masks())
    }

    /// Shows or hides the button that undoes the size that follows the image.
    pub fn offer_size_undo(&self, can_undo: bool) {
        self.0.borrow_mut().controls().offer_size_undo(can_undo);
    }

    /// Retranslates the panel.
    pub fn retranslate(&self) {
        self.0.borrow_mut().retranslate();
    }

    /// Returns the parameters of the panel; those of the mask only if there is one.
    pub fn settings(&self) -> Result<InitImageSettings> {
        let mut panel = self.0.borrow_mut();
        let controls = panel.controls();
        let (padding_mask_crop, mask_blur) = match controls.masks() {
            true => (controls.padding()?, controls.blur()?),
            false => (None, 0),
        };
        Ok(InitImageSettings { strength: controls.strength()?, padding_mask_crop, mask_blur })
    }

    /// Applies the settings of a run whose init image is unknown.
    pub fn apply_settings(&self, settings: InitImageSettings) {
        let mut panel = self.0.borrow_mut();
        panel.controls().set_strength(settings.strength);
        panel.controls().set_padding(settings.padding_mask_crop);
        panel.controls().set_blur(settings.mask_blur);
    }

    /// Returns a copy of init image, mask and settings.
    pub fn snapshot(&self) -> PanelSnapshot {
        self.0.borrow().snapshot()
    }

    /// Restores a copy of init image, mask and settings.
    pub fn restore_snapshot(&self, snapshot: PanelSnapshot) {
        let mut panel = self.0.borrow_mut();
        let restored = panel.restore_snapshot(snapshot);
        panel.report(restored);
    }

    /// Restores init image and mask of an earlier run; removes the present ones if it had none.
    pub fn restore(&self, init_image: Option<&InitImagePixels>, params: &GenerationParams) {
        let mut panel = self.0.borrow_mut();
        match init_image {
            Some(init_image) => {
                let restored = panel.restore(init_image, params);
                panel.report(restored);
            }
            None => panel.remove(),
        }
    }
}
