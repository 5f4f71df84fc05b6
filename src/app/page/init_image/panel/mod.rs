//! Panel of init image and mask.

mod fitting;
mod mask;
mod snapshot;

use std::rc::Rc;

use wasm_bindgen::JsValue;

use self::fitting::within_limit;
use super::controls::Controls;
use super::fit_requests::{FitRequests, FitTarget, Role};
use super::image_source::ImageSource;
use super::mask_editor::MaskEditor;
use super::mask_view::MaskView;
use crate::app::protocol::{Command, InitImagePixels, Pixels, Shared};
use crate::app::words;
use crate::error::{Error, Result, messages};
use crate::image::{Fit, Mask, Placement, Region};
use crate::params::GenerationParams;

pub use self::snapshot::PanelSnapshot;

/// Event of the panel.
pub enum Event {
    /// The worker is to read and fit a picture.
    Fit {
        /// The panel's number of the request.
        request: u32,
        /// The command.
        command: Box<Command>,
        /// The picture to attach.
        picture: JsValue,
    },
    /// The user has chosen an init image of this size, or removed it.
    Changed {
        /// Original width and height, pixels; `None`: removed.
        own_size: Option<(u32, u32)>,
    },
    /// No file is being read any more.
    Settled {
        /// Whether the last file was read successfully.
        is_ok: bool,
    },
}

/// State of the panel.
pub struct InitImagePanel {
    controls: Controls,
    view: MaskView,
    editor: MaskEditor,
    /// The shown image.
    picture: Option<ShownImage>,
    requests: FitRequests<ImageSource>,
    /// Whether the panel shows that a file is being read.
    is_busy: bool,
    /// Target of the form.
    target: FitTarget,
    listener: Rc<dyn Fn(Event)>,
}

/// A fitted init image.
#[derive(Clone)]
struct ShownImage {
    /// Its number, unique in this page.
    number: u32,
    source: ImageSource,
    /// Original width and height, pixels.
    own_size: [u32; 2],
    /// The fitted pixels and their target.
    fitted: Shared<Pixels>,
    target: FitTarget,
}

/// The picture to attach.
impl InitImagePanel {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        let editor = MaskEditor::new(Placement::new([128, 128], [128, 128], Fit::Crop));
        let mut panel = InitImagePanel {
            controls: Controls::bind()?,
            view: MaskView::bind()?,
            editor,
            picture: None,
            requests: FitRequests::default(),
            is_busy: false,
            target: FitTarget { size: (128, 128), fit: Fit::Crop },
            listener: Rc::new(|_| {}),
        };
        panel.use_mask(false);
        panel.controls.show_zoom(1.0, panel.view.zooms_left());
        panel.controls.padding_edited();
        Ok(panel)
    }

    /// Sets the listener, which is called from the browser's event loop.
    pub fn listen(&mut self, listener: Rc<dyn Fn(Event)>) {
        self.listener = listener;
    }

    /// Returns whether an image or mask is being read.
    pub fn is_reading(&self) -> bool {
        !self.requests.is_done()
    }

    /// Removes init image and mask at the user's request.
    pub fn remove_by_user(&mut self) {
        self.remove();
        self.emit(Event::Changed { own_size: None });
    }

    /// Removes init image and mask.
    pub fn remove(&mut self) {
        self.requests.stop();
        if self.picture.take().is_some() {
            self.controls.show_picture_controls(false);
            self.controls.clear_errors();
            self.controls.announce(&words::start_removed());
        }
        self.show_reading(true);
    }

    /// Fits the image to another size.
    pub fn fit_to(&mut self, size: (u32, u32)) -> Result<()> {
        self.target.size = size;
        self.fit()
    }

    /// Fits the image with the form's present fit mode.
    pub fn place(&mut self) -> Result<()> {
        self.target.fit = self.controls.fit();
        self.fit()
    }

    /// Returns init image and mask for the worker.
    pub fn read(&self) -> Result<Option<Shared<InitImagePixels>>> {
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
        let init_image = InitImagePixels {
            image: picture.fitted.clone(),
            mask: mask.map(|mask| mask.values().to_vec().into()),
        };
        Ok(Some(init_image.into()))
    }

    /// Returns whether there is an init image.
    pub fn has_picture(&self) -> bool {
        self.picture.is_some()
    }

    /// Restores init image and mask of an earlier run.
    pub fn restore(
        &mut self,
        init_image: &InitImagePixels,
        params: &GenerationParams,
    ) -> Result<()> {
        let size = (init_image.image.width, init_image.image.height);
        self.controls.set_fit(Fit::Crop);
        self.controls.set_padding(params.padding_mask_crop);
        self.controls.set_blur(params.mask_blur);
        self.controls.set_masks(init_image.mask.is_some());
        self.target.fit = Fit::Crop;
        if !self.keeps_size() {
            self.target.size = size;
        }
        self.take(init_image.image.clone())?;
        if let Some(bytes) = &init_image.mask {
            self.editor.restore(Mask::new(size.0 as usize, size.1 as usize, bytes)?);
        }
        self.use_mask(init_image.mask.is_some());
        self.controls.set_strength(params.strength);
        self.controls.open();
        self.show_painted(self.editor.mask().whole())
    }

    /// Uses a result as init image, and scrolls to the panel.
    pub fn use_result(&mut self, pixels: Pixels) -> Result<()> {
        let own_size = (pixels.width, pixels.height);
        self.take(pixels.into())?;
        self.emit(Event::Changed { own_size: Some(own_size) });
        self.controls.open_and_scroll();
        Ok(())
    }

    /// Returns the view.
    pub fn view(&self) -> &MaskView {
        &self.view
    }

    /// Retranslates the panel.
    pub fn retranslate(&mut self) {
        self.controls.retranslate();
        self.show_brush();
    }

    /// Shows the error of a result about the image, if it is one.
    pub fn report(&self, done: Result<()>) {
        self.controls.report(Role::Picture, done);
    }

    /// Returns the controls.
    pub fn controls(&mut self) -> &mut Controls {
        &mut self.controls
    }

    /// Returns whether the result has the init image's own size: only a part of it is generated.
    fn keeps_size(&self) -> bool {
        self.controls.masks() && self.controls.crops()
    }

    /// Returns the target for an init image of this size.
    fn target_for(&self, own_size: [u32; 2]) -> FitTarget {
        match self.keeps_size() {
            true => FitTarget { size: within_limit(own_size), ..self.target },
            false => self.target,
        }
    }

    fn show_painted(&self, area: Region) -> Result<()> {
        self.controls.show_history(self.editor.can_undo_redo());
        self.view.draw_mask(self.editor.mask(), area)
    }
}
