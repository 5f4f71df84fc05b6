//! Init image of the form: a picture file, fitted to the size of the form, and its mask.

mod brush;
mod controls;
mod events;
mod history;
mod mask_editor;
mod mask_view;
mod panel;
pub mod paste;
mod reading;
mod source;

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::File;

pub use self::panel::Event;
use self::panel::Panel;
use self::reading::Role;
pub use self::source::is_picture;
use crate::app::protocol::{Fault, Pixels, Shared, Start};
use crate::error::Result;
use crate::params::GenerationParams;

/// The part of the form that is about it.
pub struct InitImage(Rc<RefCell<Panel>>);

impl InitImage {
    /// Finds it in the page; from then on it listens for itself.
    pub fn bind() -> Result<Self> {
        let panel = Rc::new(RefCell::new(Panel::bind()?));
        events::listen(&panel)?;
        Ok(InitImage(panel))
    }

    /// Reads a file and takes its picture in; if it holds none, says so and changes nothing.
    pub fn open(&self, file: File) {
        self.0.borrow_mut().open(Role::Picture, file);
    }

    /// Takes in a picture that was made here, and shows it.
    pub fn take(&self, pixels: Pixels) -> Result<()> {
        self.0.borrow_mut().use_result(pixels)
    }

    /// From now on `tell` hears what there is to say, always from the browser's event loop and never from
    /// inside a call of this type.
    pub fn listen(&self, tell: impl Fn(Event) + 'static) {
        self.0.borrow_mut().listen(Rc::new(tell));
    }

    /// Has the picture fitted to this size. Returns whether it, or its mask, is not there yet.
    pub fn awaits(&self, size: (u32, u32)) -> bool {
        self.fit_to(size);
        self.0.borrow().is_reading()
    }

    /// The worker has read a picture and fitted it.
    pub fn image_fitted(&self, id: u32, own_size: [u32; 2], image: Pixels) {
        self.0.borrow_mut().image_fitted(id, own_size, image);
    }

    /// The worker has read a mask and fitted it.
    pub fn mask_fitted(&self, id: u32, mask: &[u8]) {
        self.0.borrow_mut().mask_fitted(id, mask);
    }

    /// The worker could not do it.
    pub fn not_fitted(&self, id: u32, fault: Fault) {
        self.0.borrow_mut().not_fitted(id, fault);
    }

    /// The engine has ended; `by_itself`: through no wish of the page. What it was asked is asked again.
    pub fn engine_ended(&self, by_itself: bool) {
        self.0.borrow_mut().engine_ended(by_itself);
    }

    /// Fits the picture to the size that the form asks for now.
    pub fn fit_to(&self, size: (u32, u32)) {
        // What cannot be drawn is found again, and told, when it is read.
        let _ = self.0.borrow_mut().fit_to(size);
    }

    /// Returns what the engine gets for a picture of this size: exactly what is seen. `None` if there is
    /// no init image.
    ///
    /// # Errors
    /// If it is not there yet, see [`InitImage::awaits`], or nothing is masked.
    pub fn read(&self, size: (u32, u32)) -> Result<Option<Shared<Start>>> {
        let mut panel = self.0.borrow_mut();
        panel.fit_to(size)?;
        panel.read()
    }

    /// Says everything again in the language that the page speaks now.
    pub fn speak(&self) {
        self.0.borrow_mut().speak();
    }

    /// Returns strength and `padding_mask_crop`; `None`: the whole picture is worked on.
    pub fn settings(&self) -> Result<(f64, Option<usize>)> {
        let mut panel = self.0.borrow_mut();
        let controls = panel.controls();
        let padding = if controls.masks() { controls.padding()? } else { None };
        Ok((controls.strength()?, padding))
    }

    /// Takes over the settings of a run whose init image is not known.
    pub fn take_settings(&self, strength: f64, padding: Option<usize>) {
        let mut panel = self.0.borrow_mut();
        panel.controls().set_strength(strength);
        panel.controls().set_padding(padding);
    }

    /// Brings back the init image and mask of an earlier run, or that it had none.
    pub fn restore(&self, start: Option<&Start>, params: &GenerationParams) {
        let mut panel = self.0.borrow_mut();
        match start {
            Some(start) => {
                let restored = panel.restore(start, params);
                panel.tell(restored);
            }
            None => panel.remove(),
        }
    }
}
