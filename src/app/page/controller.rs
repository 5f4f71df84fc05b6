//! The page's controller: handles what the user does and what the worker sends.

use std::collections::HashMap;

use web_sys::File;

use super::client::Client;
use super::form::Form;
use super::generation::Jobs;
use super::history::Earlier;
use super::model_panel::Panel;
use super::model_panel::state::ModelState;
use super::notes::{Notes, Offer, Weight};
use super::view::{Bar, State, View};
use crate::app::message::PickedFile;
use crate::app::page::generation::Artwork;
use crate::app::page::generation::Flow;
use crate::app::page::generation::Picture;
use crate::app::page::model_panel::wish::Wish;
use crate::app::protocol::{Command, DeviceChoice, Fault, GenerateRequest, ModelName};
use crate::app::words::{self, Language, Line};
use crate::error::{Error, Result};

/// The parts of the page.
pub struct Parts {
    /// Status, progress, buttons.
    pub view: View,
    /// The settings.
    pub form: Form,
    /// The frame.
    pub picture: Picture,
    /// The earlier pictures.
    pub earlier: Earlier,
    /// The messages.
    pub notes: Notes,
    /// Where a model is chosen.
    pub panel: Panel,
}

/// The page at work.
pub struct Controller {
    pub(in crate::app::page) parts: Parts,
    pub(in crate::app::page) client: Client,
    /// What relative addresses of models are relative to.
    pub(in crate::app::page) base: String,
    /// The model that ships with the page.
    pub(in crate::app::page) own: Wish,
    pub(in crate::app::page) model: ModelState,
    pub(in crate::app::page) jobs: Jobs,
    pub(in crate::app::page) flow: Flow,
    /// Requests that the worker has not answered yet.
    pub(in crate::app::page) pending: HashMap<u32, Pending>,
    pub(in crate::app::page) asked_to_keep: bool,
    /// The picture in the frame; while another one is made, the one that was there before.
    pub(in crate::app::page) shown: Option<Artwork>,
    /// The file whose metadata was read last.
    pub(in crate::app::page) asked_file: Option<File>,
    /// What stood in the form before a recipe was put there, and whether its seed was to be kept.
    pub(in crate::app::page) replaced: Option<(GenerateRequest, bool)>,
    /// What made the picture whose settings are in the form, as long as no model is loaded.
    pub(in crate::app::page) made_with: Option<ModelName>,
}

/// What a request to the worker was for.
pub(in crate::app::page) enum Pending {
    Opening,
    Run,
    Inspection,
    /// Of an image's file.
    Metadata(File),
    /// About kept models.
    Library,
    SizeCheck,
    /// The init image or its mask, fitted: the number of its question.
    Fit(u32),
}

impl Controller {
    /// The page before the model `wish` is opened on `device`. `own` is the model that ships with the
    /// page, `base` what relative addresses are relative to.
    pub fn new(
        parts: Parts,
        client: Client,
        base: String,
        own: Wish,
        wish: Wish,
        device: DeviceChoice,
    ) -> Self {
        Controller {
            parts,
            client,
            base,
            own,
            model: ModelState::new(wish, device),
            jobs: Jobs::default(),
            flow: Flow::default(),
            pending: HashMap::new(),
            asked_to_keep: false,
            shown: None,
            asked_file: None,
            replaced: None,
            made_with: None,
        }
    }

    /// The form, for what concerns only itself.
    pub fn form(&mut self) -> &mut Form {
        &mut self.parts.form
    }

    /// Says something that belongs to no field.
    pub fn note(&self, message: impl Into<Line>) {
        self.parts.notes.say(message, Weight::Note);
    }

    /// The page speaks this language from now on: all that it says is said again.
    pub fn speak(&mut self, language: Language) {
        language.take();
        let spoken = self.say_again();
        self.tell_if_wrong(spoken);
    }

    pub(in crate::app::page) fn say_again(&mut self) -> Result<()> {
        words::speak()?;
        let Parts { view, form, picture, earlier, notes, panel } = &mut self.parts;
        view.speak();
        form.speak();
        notes.speak();
        earlier.speak();
        if let Some(loaded) = self.model.loaded() {
            view.model(&loaded.sheet.name, &loaded.device_name);
        }
        if let Some(run) = self.jobs.run() {
            view.title(run.done);
        }
        if let Some(artwork) = &self.shown {
            picture.describe(artwork)?;
        }
        panel.speak()
    }
}

/// What all sides need.
impl Controller {
    /// Sends a request to the worker, and returns its number.
    pub(in crate::app::page) fn request(
        &mut self,
        pending: Pending,
        command: Command,
        files: &[PickedFile],
    ) -> u32 {
        let id = self.client.send(command, files);
        self.pending.insert(id, pending);
        id
    }

    /// Asks the worker to end a request.
    pub(in crate::app::page) fn cancel_request(&mut self, request: u32) {
        self.client.send(Command::Cancel { request }, &[]);
    }

    /// Ends the engine, and with it the loaded model: only so a GPU's memory is given back.
    pub(in crate::app::page) fn close_engine(&mut self) {
        self.model.worker_gone();
        self.end_engine(false);
    }

    /// The engine has ended, or is ended now; `by_itself`: through no wish of the page.
    pub(in crate::app::page) fn end_engine(&mut self, by_itself: bool) {
        self.client.close();
        self.pending.clear();
        self.parts.form.start().engine_ended(by_itself);
    }

    /// Shows progress, and a promise beside it if a picture waits. Nothing overwrites "Stopping…".
    pub(in crate::app::page) fn progress(&self, status: impl Into<Line>, bar: Bar) {
        let status = status.into();
        if let Some(run) = self.jobs.run() {
            if !self.jobs.is_ending() {
                self.parts.view.progress(run.job.batch.status(status), bar);
            }
            return;
        }
        if !self.model.is_opening() {
            return self.parts.view.progress(status, bar);
        }
        self.parts.panel.progress(status.clone(), bar);
        let status = match self.jobs.is_waiting() {
            true => Line::from(move || words::then_picture(status.text())),
            false => status,
        };
        self.parts.view.progress(status, bar);
    }

    /// Nothing is under way any more.
    pub(in crate::app::page) fn rest(&mut self, status: impl Into<Line>) {
        self.show_state();
        self.parts.view.title(None);
        self.parts.view.milestone(status, Bar::Idle);
    }

    /// The form holds something new: what was said of the run before is out of date.
    pub(in crate::app::page) fn start_afresh(&self, status: impl Into<Line>) {
        if !self.jobs.is_running() {
            self.parts.notes.clear();
        }
        if self.is_at_rest() {
            self.parts.view.milestone(status, Bar::Idle);
        }
    }

    pub(in crate::app::page) fn complain(&self, fault: &Fault, offer_cpu: bool) {
        if offer_cpu || !self.parts.form.complain(fault) {
            self.tell(fault, Offer::cpu(offer_cpu));
        }
    }

    /// Says what went wrong, and offers what can be done about it.
    pub(in crate::app::page) fn tell(&self, fault: &Fault, offers: &[Offer]) {
        let fault = fault.clone();
        let message = Line::from(move || words::fault(&fault));
        self.parts.notes.say_and_offer(message, Weight::Wrong, offers);
    }

    pub(in crate::app::page) fn tell_if_wrong(&self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.complain(&Fault::from(&error), false);
        }
    }

    pub(in crate::app::page) fn show_state(&mut self) {
        let state = match (self.model.is_opening(), self.model.is_ready()) {
            _ if self.jobs.is_running() => State::Busy,
            (true, _) => State::Loading,
            // It waits for its init image.
            (false, true) if self.jobs.is_waiting() => State::Loading,
            (false, true) => State::Ready,
            (false, false) => State::Failed,
        };
        let cancellable = self.is_cancellable();
        let Parts { view, earlier, panel, .. } = &mut self.parts;
        view.state(state, cancellable);
        view.stoppable(false);
        earlier.rest(state == State::Busy);
        let is_opening = self.model.is_opening();
        panel.opening(is_opening);
        let target = &self.model.target().wish;
        let now = match self.model.loaded() {
            _ if is_opening && target.is_same_place(&self.own) => {
                Line::from(|| words::panel_opening(words::own_model()))
            }
            _ if is_opening => {
                let name = panel.kept().name_of(target.label());
                Line::from(move || words::panel_opening(&name))
            }
            Some(loaded) => {
                let name = loaded.sheet.name.clone();
                Line::from(move || words::panel_in_use(&name))
            }
            None => Line::from(words::panel_none),
        };
        panel.now(now);
        let loaded = self.model.loaded();
        panel.kept().mark(loaded.map(|loaded| loaded.sheet.place.as_str()));
        let shown = loaded.map_or(target, |loaded| &loaded.target.wish);
        view.examples(shown.is_same_place(&self.own));
    }

    /// Whether the status line says how the last job ended.
    pub(in crate::app::page) fn is_at_rest(&self) -> bool {
        let is_idle = !self.jobs.is_running() && !self.model.is_opening();
        let is_at_rest = match self.model.is_ready() {
            true => !self.jobs.is_waiting(),
            false => self.jobs.is_unfinished(),
        };
        is_idle && is_at_rest
    }

    pub(in crate::app::page) fn is_cancellable(&self) -> bool {
        self.jobs.is_cancellable(self.is_coming())
    }

    /// Whether what a job may wait for is under way: its model, or its init image.
    pub(in crate::app::page) fn is_coming(&self) -> bool {
        self.model.is_opening() || self.model.is_ready()
    }
}
