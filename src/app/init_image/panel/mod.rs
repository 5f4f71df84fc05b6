//! Panel of the form in which the init image is chosen and masked.

mod mask;

use super::controls::{Controls, Role};
use super::mask_editor::MaskEditor;
use super::mask_view::MaskView;
use crate::app::dom::forgive;
use crate::app::protocol::{Pixels, Shared, Start};
use crate::app::words;
use crate::error::{Error, Message, Result, messages};
use crate::image::{Fit, Mask, Placement, Region, RgbImage};
use crate::params::GenerationParams;

/// The longest side that the engine takes, pixels.
const LONGEST: u32 = 4096;

/// Everything about it.
pub struct Panel {
    controls: Controls,
    view: MaskView,
    source: Option<RgbImage>,
    /// The picture as the engine gets it.
    fitted: Option<Shared<Pixels>>,
    editor: MaskEditor,
    /// The size that is asked for.
    size: (u32, u32),
    asked: Ticket,
}

/// How many pictures, and masks for them, were asked for; only the last one of each counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ticket {
    pictures: u32,
    masks: u32,
}

/// The picture.
impl Panel {
    /// Finds it in the page.
    pub fn bind() -> Result<Self> {
        let size = (128, 128);
        let editor = MaskEditor::new(Placement::new([128, 128], [128, 128], Fit::Crop));
        let mut panel = Panel {
            controls: Controls::bind()?,
            view: MaskView::bind()?,
            source: None,
            fitted: None,
            editor,
            size,
            asked: Ticket::default(),
        };
        panel.use_mask(false);
        panel.controls.padding_edited();
        Ok(panel)
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
    pub fn take(&mut self, source: RgbImage) -> Result<()> {
        self.ask(Role::Picture);
        forgive("start-choose");
        forgive("mask-file");
        self.editor.begin_anew(self.placement(&source)?);
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
        self.fitted = None;
        self.controls.has_picture(false);
        for id in ["start-choose", "start-mask", "mask-file", "strength", "mask-padding"] {
            forgive(id);
        }
        self.controls.say(&words::start_removed());
    }

    /// Fits the picture to another size.
    pub fn fit_to(&mut self, size: (u32, u32)) -> Result<()> {
        if self.size == size && self.fitted.is_some() {
            return Ok(());
        }
        self.size = size;
        self.place()
    }

    /// Fits the picture as the form says now, with diffusers' numbers.
    pub fn place(&mut self) -> Result<()> {
        self.fitted = None;
        let Some(source) = &self.source else { return Ok(()) };
        let placement = self.placement(source)?;
        let [width, height] = placement.canvas;
        let fitted = source.fit(width, height, self.controls.fit())?;
        let fitted = Shared::from(Pixels::of(&fitted));
        self.view.show(&fitted)?;
        self.editor.fit(placement);
        self.show_painted(self.editor.mask().whole())?;
        // How wide it is, and may be, goes by the size.
        self.show_brush();
        self.fitted = Some(fitted);
        Ok(())
    }

    /// Returns what the engine gets.
    pub fn read(&self) -> Result<Option<Shared<Start>>> {
        let Some(fitted) = &self.fitted else { return Ok(None) };
        let mask = self.controls.masks().then(|| self.editor.mask());
        if mask.is_some_and(Mask::is_black) {
            return Err(Error::InvalidRequest {
                field: "mask",
                value: messages::empty(),
                reason: messages::nothing_masked(),
            });
        }
        let start =
            Start { image: fitted.clone(), mask: mask.map(|mask| mask.values().to_vec().into()) };
        Ok(Some(start.into()))
    }

    /// Brings back the init image and mask of an earlier run.
    pub fn restore(&mut self, start: &Start, params: &GenerationParams) -> Result<()> {
        let size = (start.image.width, start.image.height);
        self.size = size;
        self.controls.set_fit(Fit::Crop);
        self.take(rgb_image(Pixels::clone(&start.image))?)?;
        if let Some(bytes) = &start.mask {
            self.editor.restore(Mask::new(size.0 as usize, size.1 as usize, bytes)?);
        }
        self.use_mask(start.mask.is_some());
        self.controls.set_strength(params.strength);
        self.controls.set_padding(params.padding_mask_crop);
        self.controls.open();
        self.show_painted(self.editor.mask().whole())
    }

    /// Takes a result in as the init image.
    pub fn use_result(&mut self, pixels: Pixels) -> Result<()> {
        self.take(rgb_image(pixels)?)?;
        self.controls.go_to();
        Ok(())
    }

    /// The view, for what concerns only itself.
    pub fn view(&self) -> &MaskView {
        &self.view
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

    fn show_painted(&self, area: Region) -> Result<()> {
        self.controls.show_history(self.editor.has());
        self.view.tint(self.editor.mask(), area)
    }

    /// Returns where a picture lies at the size that is asked for, unless that is no size of the engine's:
    /// there might not be the memory for it.
    fn placement(&self, source: &RgbImage) -> Result<Placement> {
        let (width, height) = self.size;
        for (field, side) in [("width", width), ("height", height)] {
            if !(1..=LONGEST).contains(&side) {
                let value = Message::verbatim(side.to_string());
                let reason = messages::multiple_of(8_u32, side.clamp(8, LONGEST));
                return Err(Error::InvalidRequest { field, value, reason });
            }
        }
        let canvas = [width as usize, height as usize];
        Ok(Placement::new([source.width, source.height], canvas, self.controls.fit()))
    }
}

fn rgb_image(pixels: Pixels) -> Result<RgbImage> {
    RgbImage::from_rgba(pixels.width as usize, pixels.height as usize, pixels.rgba)
}
