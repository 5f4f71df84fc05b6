//! Copy of the panel's state, to undo a replacement.

use super::super::controls::Settings;
use super::super::image_source::ImageSource;
use super::super::mask_editor::MaskEditor;
use super::{InitImagePanel, ShownImage};
use crate::error::Result;

/// Init image, mask and settings at one time.
#[derive(Clone)]
pub struct PanelSnapshot {
    picture: Option<ShownImage>,
    /// The file that was being read, with its name.
    pending: Option<(ImageSource, Option<String>)>,
    editor: MaskEditor,
    settings: Settings,
}

impl InitImagePanel {
    /// Returns a copy of the state.
    pub fn snapshot(&self) -> PanelSnapshot {
        let shown = self.picture.as_ref().map(|shown| shown.number);
        // A new fit of the shown image is requested again when it is restored.
        let pending = self.requests.image().filter(|pending| pending.request.image != shown);
        PanelSnapshot {
            picture: self.picture.clone(),
            pending: pending.map(|pending| (pending.request.source.clone(), pending.name.clone())),
            editor: self.editor.clone(),
            settings: self.controls.settings(),
        }
    }

    /// Restores a copy of the state, fitted to the form's present size.
    pub fn restore_snapshot(&mut self, snapshot: PanelSnapshot) -> Result<()> {
        let PanelSnapshot { picture, pending, editor, settings } = snapshot;
        self.requests.stop();
        self.controls.show_picture_controls(picture.is_some());
        self.controls.restore_settings(&settings);
        self.target.fit = self.controls.fit();
        self.editor = editor;
        self.picture = picture;
        self.use_mask(settings.masks);
        let restored = match &self.picture {
            Some(shown) => {
                self.controls.show_size(shown.own_size, shown.target.size);
                self.view.show(&shown.fitted)?;
                self.show_painted(self.editor.mask().whole())?;
                self.fit()
            }
            None => Ok(()),
        };
        let restored = restored.and_then(|()| match pending {
            Some((source, name)) => self.read_image(source, name),
            None => Ok(()),
        });
        self.show_reading(restored.is_ok());
        restored
    }
}
