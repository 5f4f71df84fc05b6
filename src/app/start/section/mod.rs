//! The section of the form in which a picture to start from is chosen and masked.

mod masking;

use super::controls::{Controls, Role};
use super::easel::Easel;
use super::fitting::{Fit, Placement};
use super::mask::{Area, Mask};
use super::painter::Painter;
use super::source;
use crate::app::dom::forgive;
use crate::app::protocol::{Pixels, Start};
use crate::app::surface::Surface;
use crate::app::words;
use crate::error::{Error, Result, messages};
use crate::params::GenerationParams;

/// Everything about it.
pub struct Section {
    controls: Controls,
    easel: Easel,
    source: Option<Surface>,
    painter: Painter,
    /// The size that is asked for.
    size: (u32, u32),
    /// The picture lies at that size.
    is_placed: bool,
    asked: Ticket,
}

/// How many pictures, and masks for them, were asked for; only the last one of each counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ticket {
    pictures: u32,
    masks: u32,
}

/// The picture.
impl Section {
    /// Finds it in the page.
    pub fn bind() -> Result<Self> {
        let size = (128, 128);
        let painter = Painter::new(Placement::new(size, size, Fit::Crop));
        let mut section = Section {
            controls: Controls::bind()?,
            easel: Easel::bind()?,
            source: None,
            painter,
            size,
            is_placed: false,
            asked: Ticket::default(),
        };
        section.use_mask(false);
        section.controls.padding_edited();
        Ok(section)
    }

    /// A picture or mask was asked for, and comes later.
    pub fn ask(&mut self, role: Role) -> Ticket {
        // The same complaint about the next file is a new one, and spoken again.
        match role {
            Role::Picture => {
                self.asked.pictures += 1;
                forgive("start-file");
            }
            Role::Mask => {
                self.asked.masks += 1;
                forgive("mask-file");
            }
        }
        self.asked
    }

    /// Whether it is too late: another one was asked for meanwhile, or another picture for the mask.
    pub fn is_stale(&self, role: Role, ticket: Ticket) -> bool {
        match role {
            Role::Picture => self.asked.pictures != ticket.pictures,
            Role::Mask => self.asked != ticket,
        }
    }

    /// Takes a picture in, without a mask.
    pub fn take(&mut self, source: Surface) -> Result<()> {
        self.ask(Role::Picture);
        forgive("start-choose");
        forgive("mask-file");
        let placement = Placement::new(source.size(), self.size, self.controls.fit());
        self.painter.begin_anew(placement);
        self.source = Some(source);
        self.controls.has_picture(true);
        self.place()
    }

    /// Starts from noise again.
    pub fn remove(&mut self) {
        self.ask(Role::Picture);
        if self.source.take().is_none() {
            return;
        }
        self.controls.has_picture(false);
        for id in ["start-choose", "start-mask", "mask-file", "strength", "mask-padding"] {
            forgive(id);
        }
        self.controls.say(&words::start_removed());
    }

    /// Lays the picture onto another size.
    pub fn fit_to(&mut self, size: (u32, u32)) -> Result<()> {
        if self.size == size && self.is_placed {
            return Ok(());
        }
        self.size = size;
        self.place()
    }

    /// Another way to fit it was chosen.
    pub fn place(&mut self) -> Result<()> {
        self.is_placed = false;
        let Some(source) = &self.source else { return Ok(()) };
        let placement = Placement::new(source.size(), self.size, self.controls.fit());
        self.easel.show(source, &placement)?;
        self.painter.fit(placement);
        self.show_painted(self.painter.mask().whole())?;
        // How wide it is, and may be, goes by the size.
        self.show_brush();
        self.is_placed = true;
        Ok(())
    }

    /// What the engine is told.
    pub fn read(&self) -> Result<Option<Start>> {
        if self.source.is_none() {
            return Ok(None);
        }
        let mask = self.controls.masks().then(|| self.painter.mask());
        if mask.is_some_and(|mask| mask.share() == 0.0) {
            return Err(Error::InvalidRequest {
                field: "mask",
                value: messages::empty(),
                reason: messages::nothing_masked(),
            });
        }
        Ok(Some(Start {
            image: self.easel.pixels()?,
            mask: mask.map(|mask| mask.bytes().to_vec().into()),
        }))
    }

    /// Brings back what an earlier picture was made from.
    pub fn restore(&mut self, start: &Start, params: &GenerationParams) -> Result<()> {
        let size = (start.image.width, start.image.height);
        self.size = size;
        self.controls.set_fit(Fit::Crop);
        self.take(source::of_pixels(&start.image)?)?;
        if let Some(mask) = start.mask.as_ref().and_then(|bytes| Mask::from_bytes(size, bytes)) {
            self.painter.restore(mask);
        }
        self.use_mask(start.mask.is_some());
        self.controls.set_strength(params.strength);
        self.controls.set_padding(params.padding_mask_crop);
        self.controls.open();
        self.show_painted(self.painter.mask().whole())
    }

    /// Takes a result in as what to start from.
    pub fn use_result(&mut self, pixels: &Pixels) -> Result<()> {
        self.take(source::of_pixels(pixels)?)?;
        self.controls.go_to();
        Ok(())
    }

    /// The easel, for what concerns only itself.
    pub fn easel(&self) -> &Easel {
        &self.easel
    }

    /// The page speaks another language now.
    pub fn speak(&mut self) {
        self.controls.speak();
        self.show_brush();
    }

    /// Says what went wrong with the picture, if something did.
    pub fn tell(&self, done: Result<()>) {
        self.controls.tell(Role::Picture, done);
    }

    /// The controls, for what concerns only themselves.
    pub fn controls(&mut self) -> &mut Controls {
        &mut self.controls
    }

    fn show_painted(&self, area: Area) -> Result<()> {
        self.controls.show_history(self.painter.has());
        self.easel.tint(self.painter.mask(), area)
    }
}
