//! Controller actions of the init image.

use web_sys::File;

use super::super::controller::{Controller, Pending};
use super::Event;
use crate::app::protocol::Pixels;
use crate::app::words;

impl Controller {
    /// Handles an event of the init image panel.
    pub fn on_init_image(&mut self, event: Event) {
        match event {
            Event::Fit { request, command, picture } => {
                let id = self.client.send_picture(*command, &picture);
                self.pending.insert(id, Pending::Fit(request));
            }
            Event::Changed { own_size } => {
                let Some(size) = self.parts.form.follow(own_size) else { return };
                if own_size.is_none() {
                    self.parts.form.set_size(size);
                } else {
                    self.replace(false, |form| form.set_size(size));
                    self.parts.form.init_image().offer_size_undo(true);
                }
                self.check_size();
            }
            Event::Settled { is_ok } if self.model.is_ready() => match self.jobs.take_waiting() {
                Some(source) if is_ok => {
                    self.show_state();
                    self.start_or_wait(source);
                }
                Some(_) => self.set_idle(words::no_picture),
                None => {}
            },
            Event::Settled { .. } => {}
        }
    }

    /// Uses pixels as init image.
    pub fn use_image(&mut self, pixels: Pixels) {
        self.image_replaced();
        let result = self.parts.form.init_image().use_pixels(pixels);
        self.report(result);
    }

    /// Reads a file as init image.
    pub fn use_image_file(&mut self, file: File) {
        self.parts.panel.close();
        self.image_replaced();
        self.parts.form.init_image().open(file);
    }

    /// Clears messages about the previous init image and its run.
    fn image_replaced(&mut self) {
        if self.model.is_ready() && !self.jobs.is_running() {
            self.reset_status(words::ready);
            self.check_size();
        }
    }
}
