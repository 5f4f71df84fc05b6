//! Fitting of images and masks by the worker.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::super::fit_requests::{AfterExit, FitRequest, FitTarget, MaskAnswer, Role};
use super::super::image_source::ImageSource;
use super::{Event, InitImagePanel, ShownImage};
use crate::app::dom::clear_field_error;
use crate::app::protocol::{Command, ErrorReport, Pixels, Shared};
use crate::app::words;
use crate::error::{Error, Message, Result, messages};
use crate::image::{Mask, Placement};

/// Maximum side, pixels.
const MAX_SIDE: u32 = 4096;

/// Requests.
impl InitImagePanel {
    /// Reads a file as init image or mask.
    pub fn open(&mut self, role: Role, file: File) {
        self.controls.open();
        // Hide the old error, so that screen readers announce an equal one again.
        clear_field_error(match role {
            Role::Picture => "start-file",
            Role::Mask => "mask-file",
        });
        let (name, source) = (file.name(), ImageSource::File(file));
        let sent = match role {
            Role::Picture => self.read_image(source, Some(name)),
            Role::Mask => {
                self.requests.open_mask(source, name);
                self.read_mask()
            }
        };
        self.controls.report(role, sent);
        self.show_reading(true);
    }

    /// Uses pixels as init image. Pixels of the target size need no fitting.
    pub fn take(&mut self, pixels: Shared<Pixels>) -> Result<()> {
        clear_field_error("start-file");
        let source = ImageSource::Pixels(pixels.clone());
        let own_size = [pixels.width, pixels.height];
        let target = self.target_for(own_size);
        if (pixels.width, pixels.height) != target.size {
            let sent = self.read_image(source, None);
            self.show_reading(sent.is_ok());
            return sent;
        }
        let number = self.requests.new_image();
        let shown = self.show(ShownImage { number, source, own_size, fitted: pixels, target });
        self.show_reading(shown.is_ok());
        shown
    }

    pub(super) fn read_image(&mut self, source: ImageSource, name: Option<String>) -> Result<()> {
        let target = check_target(self.target)?;
        let number = self.requests.new_image();
        let request = self.requests.request_image(number, source, name, target);
        self.send(&request)
    }

    /// Requests a fit to the present target, unless the image has it.
    pub fn fit(&mut self) -> Result<()> {
        let shown = self.picture.as_ref();
        let shown = shown.map(|shown| (shown, self.target_for(shown.own_size)));
        let request = match (self.requests.image(), shown) {
            (Some(pending), Some((shown, target)))
                if pending.request.image == Some(shown.number) =>
            {
                if shown.target == target {
                    // The target has been changed back before the answer came.
                    self.requests.drop_image();
                    None
                } else {
                    self.requests.retarget(check_target(target)?)
                }
            }
            // Its own size is not known yet.
            (Some(_), _) => self.requests.retarget(check_target(self.target)?),
            (None, Some((shown, target))) if shown.target != target => {
                let (number, source) = (shown.number, shown.source.clone());
                let target = check_target(target)?;
                Some(self.requests.request_image(number, source, None, target))
            }
            (None, _) => None,
        };
        let sent = match request {
            Some(request) => self.send(&request),
            None => self.read_mask(),
        };
        self.show_reading(sent.is_ok());
        sent
    }

    /// Requests the waiting mask, if there is an image to fit it to.
    fn read_mask(&mut self) -> Result<()> {
        let Some(picture) = &self.picture else { return Ok(()) };
        match self.requests.request_mask(picture.target) {
            Some(request) => self.send(&request),
            None => Ok(()),
        }
    }

    fn send(
        &mut self,
        FitRequest { id, image, source, target }: &FitRequest<ImageSource>,
    ) -> Result<()> {
        let ((width, height), fit) = (target.size, target.fit);
        let command = match *image {
            Some(number) => Command::FitImage { picture: Some(number), width, height, fit },
            None => Command::FitMask { width, height, fit },
        };
        let picture = source.data().inspect_err(|_| self.requests.stop())?;
        self.emit(Event::Fit { request: *id, command: Box::new(command), picture });
        Ok(())
    }

    pub(super) fn emit(&self, event: Event) {
        let listener = Rc::clone(&self.listener);
        spawn_local(async move { listener(event) });
    }

    /// Shows whether a file is being read; emits [`Event::Settled`] when the last one is read.
    /// `is_ok`: it succeeded.
    pub(super) fn show_reading(&mut self, is_ok: bool) {
        let is_busy = !self.requests.is_done();
        self.controls.set_reading(is_busy);
        if std::mem::replace(&mut self.is_busy, is_busy) && !is_busy {
            self.emit(Event::Settled { is_ok });
        }
    }
}

/// Answers.
impl InitImagePanel {
    /// Handles the answer to request `id`: the image and its original size.
    pub fn image_fitted(&mut self, id: u32, own_size: [u32; 2], image: Pixels) {
        let Some(pending) = self.requests.take_image(id) else { return };
        let FitRequest { image: number, source, target, .. } = pending.request;
        let number = number.unwrap_or_default();
        let shown =
            self.show(ShownImage { number, source, own_size, fitted: image.into(), target });
        if shown.is_ok() && pending.name.is_some() {
            self.controls.announce(&words::start_taken());
            self.emit(Event::Changed { own_size: Some(own_size.into()) });
        }
        // The target may differ now that its own size is known.
        let result = shown.and_then(|()| self.fit());
        let is_ok = result.is_ok();
        self.controls.report(Role::Picture, result);
        self.show_reading(is_ok);
    }

    /// Handles the answer to request `id`: the mask.
    pub fn mask_fitted(&mut self, id: u32, bytes: &[u8]) {
        let Some(target) = self.picture.as_ref().map(|picture| picture.target) else { return };
        let result = match self.requests.take_mask(id, target) {
            MaskAnswer::Outdated => Ok(()),
            MaskAnswer::Refit(request) => self.send(&request),
            MaskAnswer::Accepted(name) => self.apply_mask(bytes, name),
        };
        let is_ok = result.is_ok();
        self.controls.report(Role::Mask, result);
        self.show_reading(is_ok);
    }

    /// Handles the failure of request `id`.
    pub fn not_fitted(&mut self, id: u32, error: ErrorReport) {
        let (role, name) = match self.requests.take_image(id) {
            Some(pending) => (Role::Picture, pending.name),
            None => match self.requests.mask_failed(id) {
                Some(name) => (Role::Mask, Some(name)),
                None => return,
            },
        };
        match name {
            Some(name) if error.code == "image" => {
                self.controls.show_problem(role, move || words::start_unreadable(&name));
            }
            _ => self.controls.show_problem(role, move || words::error_text(&error)),
        }
        // A mask may wait for the image that is still shown.
        let sent = self.read_mask();
        self.report(sent);
        self.show_reading(false);
    }

    /// Sends unanswered requests again after the worker has exited. `unexpectedly`: the page did
    /// not cause the exit.
    pub fn worker_exited(&mut self, unexpectedly: bool) {
        let AfterExit { resend, dropped } = self.requests.worker_exited(unexpectedly);
        let sent = resend.iter().try_for_each(|request| self.send(request));
        self.report(sent);
        for (role, name) in dropped {
            self.controls.show_problem(role, move || words::start_not_read(&name));
        }
        self.show_reading(false);
    }

    /// Shows a fitted image; a new image has an empty mask.
    fn show(&mut self, picture: ShownImage) -> Result<()> {
        let (width, height) = picture.target.size;
        let [own, canvas] =
            [picture.own_size, [width, height]].map(|size| size.map(|side| side as usize));
        let placement = Placement::new(own, canvas, picture.target.fit);
        let before = self.picture.as_ref().map(|before| before.number);
        if before != Some(picture.number) {
            self.controls.clear_errors();
            self.editor.reset(placement);
            self.controls.show_picture_controls(true);
        }
        let picture = self.picture.insert(picture);
        self.controls.show_size(picture.own_size, picture.target.size);
        self.view.show(&picture.fitted)?;
        self.editor.fit(placement);
        self.show_painted(self.editor.mask().whole())?;
        // The diameter and its maximum depend on the size.
        self.show_brush();
        Ok(())
    }

    /// Applies a fitted mask, unless it is all black.
    fn apply_mask(&mut self, bytes: &[u8], name: String) -> Result<()> {
        let [width, height] = self.editor.mask().size();
        let mask = Mask::new(width, height, bytes)?;
        if mask.is_black() {
            self.controls.show_problem(Role::Mask, move || words::mask_is_black(&name));
            return Ok(());
        }
        clear_field_error("start-mask");
        self.editor.replace(mask);
        self.show_painted(self.editor.mask().whole())?;
        self.announce_share();
        Ok(())
    }
}

/// Returns a size with the same aspect ratio that the worker accepts.
pub(super) fn within_limit([width, height]: [u32; 2]) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= MAX_SIDE {
        return (width, height);
    }
    let scaled = |side: u32| (u64::from(side) * u64::from(MAX_SIDE) / u64::from(longest)).max(1);
    (scaled(width) as u32, scaled(height) as u32)
}

/// Rejects a size that the worker does not accept, for which there might not be enough memory.
fn check_target(target: FitTarget) -> Result<FitTarget> {
    for (field, side) in [("width", target.size.0), ("height", target.size.1)] {
        if !(1..=MAX_SIDE).contains(&side) {
            let value = Message::verbatim(side.to_string());
            let reason = messages::multiple_of(8_u32, side.clamp(8, MAX_SIDE));
            return Err(Error::InvalidRequest { field, value, reason });
        }
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::within_limit;

    #[test]
    fn only_larger_images_are_scaled() {
        assert_eq!(within_limit([401, 299]), (401, 299));
        assert_eq!(within_limit([4096, 1]), (4096, 1));
        assert_eq!(within_limit([8192, 6000]), (4096, 3000));
        assert_eq!(within_limit([3, 60_000]), (1, 4096));
    }
}
