//! Init image of the form: a picture file, fitted to the size of the form, and its mask.

mod brush;
mod controls;
mod events;
mod history;
mod mask_editor;
mod mask_view;
mod open_image;
mod panel;
mod source;

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::File;

use self::controls::Role;
use self::panel::Panel;
pub use self::source::is_picture;
use super::protocol::{Pixels, Shared, Start};
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
        open_image::open(&self.0, Role::Picture, file);
    }

    /// Takes in a picture that was made here, and shows it.
    pub fn take(&self, pixels: Pixels) -> Result<()> {
        self.0.borrow_mut().use_result(pixels)
    }

    /// Fits the picture to the size that the form asks for now.
    pub fn fit_to(&self, size: (u32, u32)) {
        // What cannot be drawn is found again, and told, when it is read.
        let _ = self.0.borrow_mut().fit_to(size);
    }

    /// Returns what the engine gets for a picture of this size: exactly what is seen. `None` if there is
    /// no init image.
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
