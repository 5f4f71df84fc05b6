//! Panel of the form in which the init image is chosen and masked.

mod fitting;
mod mask;

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::controls::Controls;
use super::mask_editor::MaskEditor;
use super::mask_view::MaskView;
use super::reading::{Reading, Role, Target};
use super::source::Source;
use crate::app::dom::forgive;
use crate::app::protocol::{Command, Pixels, Shared, Start};
use crate::app::words;
use crate::error::{Error, Result, messages};
use crate::image::{Fit, Mask, Placement, Region};
use crate::params::GenerationParams;

/// What the panel has to say to the page.
pub enum Event {
    /// The worker is to be asked about a picture, which travels beside the command.
    Ask {
        /// The panel's number for it, for the answer.
        question: u32,
        /// What is asked.
        command: Command,
        /// The picture.
        picture: JsValue,
    },
    /// Nothing is being read any more; the last that was has been taken in if all went well.
    Settled {
        /// Whether it did.
        is_well: bool,
    },
}

/// Everything about it.
pub struct Panel {
    controls: Controls,
    view: MaskView,
    editor: MaskEditor,
    /// The picture that is shown.
    picture: Option<Picture>,
    reading: Reading<Source>,
    /// Whether the page was shown that something is being read.
    reads: bool,
    /// What the form asks for.
    target: Target,
    tell: Rc<dyn Fn(Event)>,
}

/// An init image.
struct Picture {
    /// Its number, among those of this page.
    number: u32,
    source: Source,
    /// Its own width and height, pixels.
    own_size: [u32; 2],
    /// The picture as the engine gets it, and what it was fitted to.
    fitted: Shared<Pixels>,
    target: Target,
}

/// The picture.
impl Panel {
    /// Finds it in the page.
    pub fn bind() -> Result<Self> {
        let editor = MaskEditor::new(Placement::new([128, 128], [128, 128], Fit::Crop));
        let mut panel = Panel {
            controls: Controls::bind()?,
            view: MaskView::bind()?,
            editor,
            picture: None,
            reading: Reading::default(),
            reads: false,
            target: Target { size: (128, 128), fit: Fit::Crop },
            tell: Rc::new(|_| {}),
        };
        panel.use_mask(false);
        panel.controls.padding_edited();
        Ok(panel)
    }

    /// From now on `tell` hears what there is to say, always from the browser's event loop.
    pub fn listen(&mut self, tell: Rc<dyn Fn(Event)>) {
        self.tell = tell;
    }

    /// Returns whether a picture or mask is being read.
    pub fn is_reading(&self) -> bool {
        !self.reading.is_done()
    }

    /// Starts from noise again.
    pub fn remove(&mut self) {
        self.reading.stop();
        if self.picture.take().is_some() {
            self.controls.has_picture(false);
            for id in ["start-choose", "start-mask", "mask-file", "strength", "mask-padding"] {
                forgive(id);
            }
            self.controls.say(&words::start_removed());
        }
        self.show_reading(true);
    }

    /// Fits the picture to another size.
    pub fn fit_to(&mut self, size: (u32, u32)) -> Result<()> {
        self.target.size = size;
        self.fit()
    }

    /// Fits the picture as the form says now.
    pub fn place(&mut self) -> Result<()> {
        self.target.fit = self.controls.fit();
        self.fit()
    }

    /// Returns what the engine gets.
    pub fn read(&self) -> Result<Option<Shared<Start>>> {
        if self.is_reading() {
            return Err(Error::Image { action: "read", reason: messages::still_being_read() });
        }
        let Some(picture) = &self.picture else { return Ok(None) };
        let mask = self.controls.masks().then(|| self.editor.mask());
        if mask.is_some_and(Mask::is_black) {
            return Err(Error::InvalidRequest {
                field: "mask",
                value: messages::empty(),
                reason: messages::nothing_masked(),
            });
        }
        let start = Start {
            image: picture.fitted.clone(),
            mask: mask.map(|mask| mask.values().to_vec().into()),
        };
        Ok(Some(start.into()))
    }

    /// Brings back the init image and mask of an earlier run.
    pub fn restore(&mut self, start: &Start, params: &GenerationParams) -> Result<()> {
        let size = (start.image.width, start.image.height);
        self.target = Target { size, fit: Fit::Crop };
        self.controls.set_fit(Fit::Crop);
        self.take(start.image.clone())?;
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
        self.take(pixels.into())?;
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
}
