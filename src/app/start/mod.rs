//! A picture to start from: chosen, fitted to the size that is asked for, and masked.

mod brush;
mod controls;
mod easel;
mod fitting;
mod history;
mod listen;
mod mask;
mod opening;
mod painter;
mod placing;
mod section;
mod source;

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::File;

use self::controls::Role;
use self::section::Section;
pub use self::source::is_picture;
use super::protocol::{Pixels, Start};
use crate::error::Result;
use crate::params::GenerationParams;

/// The section of the form that is about it.
pub struct StartPicture(Rc<RefCell<Section>>);

impl StartPicture {
    /// Finds it in the page; from then on it listens for itself.
    pub fn bind() -> Result<Self> {
        let section = Rc::new(RefCell::new(Section::bind()?));
        listen::listen(&section)?;
        Ok(StartPicture(section))
    }

    /// Reads a file and takes its picture in; if it holds none, says so and changes nothing.
    pub fn open(&self, file: File) {
        opening::open(&self.0, Role::Picture, file);
    }

    /// Takes in a picture that was made here, and shows it.
    pub fn take(&self, pixels: &Pixels) -> Result<()> {
        self.0.borrow_mut().use_result(pixels)
    }

    /// The form asks for this size now.
    pub fn fit_to(&self, size: (u32, u32)) {
        // What cannot be drawn is found again, and told, when it is read.
        let _ = self.0.borrow_mut().fit_to(size);
    }

    /// What the engine gets for a picture of this size: exactly what is seen. Nothing if there is none.
    pub fn read(&self, size: (u32, u32)) -> Result<Option<Start>> {
        let mut section = self.0.borrow_mut();
        section.fit_to(size)?;
        section.read()
    }

    /// The page speaks another language now.
    pub fn speak(&self) {
        self.0.borrow_mut().speak();
    }

    /// How much of it is given up, and how far around its mask is worked; `None`: on all of it.
    pub fn settings(&self) -> Result<(f64, Option<usize>)> {
        let mut section = self.0.borrow_mut();
        let controls = section.controls();
        let padding = if controls.masks() { controls.padding()? } else { None };
        Ok((controls.strength()?, padding))
    }

    /// Takes over what was done with a picture that is not known.
    pub fn take_settings(&self, strength: f64, padding: Option<usize>) {
        let mut section = self.0.borrow_mut();
        section.controls().set_strength(strength);
        section.controls().set_padding(padding);
    }

    /// Brings back what an earlier picture was made from; nothing, if it was made from noise.
    pub fn restore(&self, start: Option<&Start>, params: &GenerationParams) {
        let mut section = self.0.borrow_mut();
        match start {
            Some(start) => {
                let restored = section.restore(start, params);
                section.tell(restored);
            }
            None => section.remove(),
        }
    }
}
