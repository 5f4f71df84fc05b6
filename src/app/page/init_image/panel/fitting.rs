//! Pictures and masks on their way through the worker, which reads and fits them.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::{Event, Panel, Picture};
use crate::app::dom::forgive;
use crate::app::page::init_image::reading::{Ended, MaskAnswer, Question, Role, Target};
use crate::app::page::init_image::source::Source;
use crate::app::protocol::{Command, Fault, Pixels, Shared};
use crate::app::words;
use crate::error::{Error, Message, Result, messages};
use crate::image::{Mask, Placement};

/// The longest side that the engine takes, pixels.
const LONGEST: u32 = 4096;

/// What is asked.
impl Panel {
    /// Reads a file, and takes its picture in when it is read.
    pub fn open(&mut self, role: Role, file: File) {
        self.controls.open();
        // The same complaint about the next file is a new one, and spoken again.
        forgive(match role {
            Role::Picture => "start-file",
            Role::Mask => "mask-file",
        });
        let (name, source) = (file.name(), Source::File(file));
        let asked = match role {
            Role::Picture => self.read_image(source, Some(name)),
            Role::Mask => {
                self.reading.open_mask(source, name);
                self.read_mask()
            }
        };
        self.controls.tell(role, asked);
        self.show_reading(true);
    }

    /// Takes in pixels that were made here. Those that have the size that is asked for need no fitting.
    pub fn take(&mut self, pixels: Shared<Pixels>) -> Result<()> {
        forgive("start-file");
        let source = Source::Pixels(pixels.clone());
        if (pixels.width, pixels.height) != self.target.size {
            let asked = self.read_image(source, None);
            self.show_reading(asked.is_ok());
            return asked;
        }
        let number = self.reading.new_image();
        let own_size = [pixels.width, pixels.height];
        let target = self.target;
        let shown = self.show(Picture { number, source, own_size, fitted: pixels, target });
        self.show_reading(shown.is_ok());
        shown
    }

    fn read_image(&mut self, source: Source, name: Option<String>) -> Result<()> {
        let target = possible(self.target)?;
        let number = self.reading.new_image();
        let question = self.reading.ask_image(number, source, name, target);
        self.ask(&question)
    }

    /// Has the picture fitted as the form says now, unless it is already.
    pub fn fit(&mut self) -> Result<()> {
        let is_shown = |shown: &Picture| shown.target == self.target;
        let question = match (self.reading.image(), &self.picture) {
            // The size has gone back before the answer came.
            (Some(asked), Some(shown))
                if asked.question.image == Some(shown.number) && is_shown(shown) =>
            {
                self.reading.drop_image();
                None
            }
            (Some(_), _) => self.reading.retarget(possible(self.target)?),
            (None, Some(shown)) if !is_shown(shown) => {
                let (number, source) = (shown.number, shown.source.clone());
                let target = possible(self.target)?;
                Some(self.reading.ask_image(number, source, None, target))
            }
            (None, _) => None,
        };
        let asked = match question {
            Some(question) => self.ask(&question),
            None => self.read_mask(),
        };
        self.show_reading(asked.is_ok());
        asked
    }

    /// Asks for the mask that waits, if there is a picture to fit it to.
    fn read_mask(&mut self) -> Result<()> {
        let Some(picture) = &self.picture else { return Ok(()) };
        match self.reading.ask_mask(picture.target) {
            Some(question) => self.ask(&question),
            None => Ok(()),
        }
    }

    fn ask(&mut self, Question { id, image, source, target }: &Question<Source>) -> Result<()> {
        let ((width, height), fit) = (target.size, target.fit);
        let command = match *image {
            Some(number) => Command::FitImage { picture: Some(number), width, height, fit },
            None => Command::FitMask { width, height, fit },
        };
        let picture = source.data().inspect_err(|_| self.reading.stop())?;
        self.emit(Event::Ask { question: *id, command, picture });
        Ok(())
    }

    fn emit(&self, event: Event) {
        let tell = Rc::clone(&self.tell);
        spawn_local(async move { tell(event) });
    }

    /// Shows whether something is being read; says so when nothing is any more. `is_well`: nothing has
    /// gone wrong.
    pub(super) fn show_reading(&mut self, is_well: bool) {
        let reads = !self.reading.is_done();
        self.controls.reads(reads);
        if std::mem::replace(&mut self.reads, reads) && !reads {
            self.emit(Event::Settled { is_well });
        }
    }
}

/// What is answered.
impl Panel {
    /// Question `id` is answered: the picture, and its own size.
    pub fn image_fitted(&mut self, id: u32, own_size: [u32; 2], image: Pixels) {
        let Some(asked) = self.reading.take_image(id) else { return };
        let Question { image: number, source, target, .. } = asked.question;
        let number = number.unwrap_or_default();
        let shown = self.show(Picture { number, source, own_size, fitted: image.into(), target });
        if shown.is_ok() && asked.name.is_some() {
            self.controls.say(&words::start_taken());
        }
        let taken = shown.and_then(|()| self.read_mask());
        let is_well = taken.is_ok();
        self.controls.tell(Role::Picture, taken);
        self.show_reading(is_well);
    }

    /// Question `id` is answered: the mask.
    pub fn mask_fitted(&mut self, id: u32, bytes: &[u8]) {
        let Some(target) = self.picture.as_ref().map(|picture| picture.target) else { return };
        let taken = match self.reading.take_mask(id, target) {
            MaskAnswer::Outdated => Ok(()),
            MaskAnswer::Again(question) => self.ask(&question),
            MaskAnswer::Taken(name) => self.take_mask(bytes, name),
        };
        let is_well = taken.is_ok();
        self.controls.tell(Role::Mask, taken);
        self.show_reading(is_well);
    }

    /// Question `id` could not be answered.
    pub fn not_fitted(&mut self, id: u32, fault: Fault) {
        let (role, name) = match self.reading.take_image(id) {
            Some(asked) => (Role::Picture, asked.name),
            None => match self.reading.mask_failed(id) {
                Some(name) => (Role::Mask, Some(name)),
                None => return,
            },
        };
        match name {
            Some(name) if fault.code == "image" => {
                self.controls.complain(role, move || words::start_unreadable(&name));
            }
            _ => self.controls.complain(role, move || words::fault(&fault)),
        }
        // A mask may wait for the picture that is still there.
        let asked = self.read_mask();
        self.tell(asked);
        self.show_reading(false);
    }

    /// The engine has ended; `by_itself`: through no wish of the page.
    pub fn engine_ended(&mut self, by_itself: bool) {
        let Ended { again, given_up } = self.reading.engine_ended(by_itself);
        let asked = again.iter().try_for_each(|question| self.ask(question));
        self.tell(asked);
        for (role, name) in given_up {
            self.controls.complain(role, move || words::start_not_read(&name));
        }
        self.show_reading(false);
    }

    /// Shows a fitted picture; a new one without a mask.
    fn show(&mut self, picture: Picture) -> Result<()> {
        let (width, height) = picture.target.size;
        let [own, canvas] =
            [picture.own_size, [width, height]].map(|size| size.map(|side| side as usize));
        let placement = Placement::new(own, canvas, picture.target.fit);
        let before = self.picture.as_ref().map(|before| before.number);
        if before != Some(picture.number) {
            forgive("start-choose");
            forgive("mask-file");
            self.editor.begin_anew(placement);
            self.controls.has_picture(true);
        }
        let picture = self.picture.insert(picture);
        self.view.show(&picture.fitted)?;
        self.editor.fit(placement);
        self.show_painted(self.editor.mask().whole())?;
        // How wide it is, and may be, goes by the size.
        self.show_brush();
        Ok(())
    }

    /// Takes a mask in that was fitted as the picture is, unless nothing of it is white.
    fn take_mask(&mut self, bytes: &[u8], name: String) -> Result<()> {
        let [width, height] = self.editor.mask().size();
        let mask = Mask::new(width, height, bytes)?;
        if mask.is_black() {
            self.controls.complain(Role::Mask, move || words::mask_is_black(&name));
            return Ok(());
        }
        forgive("start-mask");
        self.editor.replace(mask);
        self.show_painted(self.editor.mask().whole())?;
        self.say_share();
        Ok(())
    }
}

/// Refuses a size that is none of the engine's: there might not be the memory for it.
fn possible(target: Target) -> Result<Target> {
    for (field, side) in [("width", target.size.0), ("height", target.size.1)] {
        if !(1..=LONGEST).contains(&side) {
            let value = Message::verbatim(side.to_string());
            let reason = messages::multiple_of(8_u32, side.clamp(8, LONGEST));
            return Err(Error::InvalidRequest { field, value, reason });
        }
    }
    Ok(target)
}
