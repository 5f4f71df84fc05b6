//! The page's controller: handles what the user does and what the worker sends.

mod batch;
mod gallery;
mod hearing;
mod interrupted;
mod opening;
mod painting;
mod recipes;
mod shelf;

use std::collections::HashMap;

use web_sys::File;

use self::batch::Batch;
use super::artwork::Artwork;
use super::client::Client;
use super::form::Form;
use super::message::PickedFile;
use super::notes::{Notes, Offer, Weight};
use super::panel::Panel;
use super::picture::Picture;
use super::protocol::{Command, DeviceChoice, Fault, GenerateRequest, ModelName, ModelSheet};
use super::results::Earlier;
use super::time::{Flow, Pace};
use super::view::{Bar, State, View};
use super::wish::Wish;
use super::words::{self, Language, Line};
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
pub struct Studio {
    parts: Parts,
    client: Client,
    /// What relative addresses of models are relative to.
    base: String,
    /// The model that ships with the page.
    own: Wish,
    /// The model that is wanted, be it loaded or not.
    wish: Wish,
    /// The user has seen what the wanted model takes.
    consent: bool,
    /// A model that the GPU refused; the CPU is offered for it.
    refused: Option<Wish>,
    /// It was asked for in the panel, which closes when it is there.
    from_panel: bool,
    /// The model that is loaded.
    loaded: Option<Loaded>,
    device: DeviceChoice,
    /// Where the loaded model runs, and where it ran before another device was tried.
    loaded_on: Option<DeviceChoice>,
    ran_on: Option<DeviceChoice>,
    phase: Phase,
    flow: Flow,
    /// Requests that the worker has not answered yet.
    pending: HashMap<u32, Pending>,
    asked_to_keep: bool,
    /// The picture in the frame; while another one is made, the one that was there before.
    shown: Option<Artwork>,
    /// How many pictures are wanted, if it is not what the form says.
    pictures: Option<u32>,
    /// The file whose metadata was read last.
    asked_file: Option<File>,
    /// What stood in the form before a recipe was put there, and whether its seed was to be kept.
    replaced: Option<(GenerateRequest, bool)>,
    /// What made the picture whose settings are in the form, as long as no model is loaded.
    made_with: Option<ModelName>,
    /// The run that was interrupted, as long as nothing else was begun.
    interrupted: Option<Interrupted>,
    /// It goes on as soon as the model is there.
    resumed: Option<Interrupted>,
    /// The size that was proposed when memory was short.
    smaller: Option<(u32, u32)>,
}

/// A model that is loaded.
struct Loaded {
    wish: Wish,
    sheet: ModelSheet,
    /// Where it runs, for people.
    device: String,
}

enum Phase {
    /// The model is on its way, by this request; `wanted` remembers that Generate was pressed meanwhile.
    Opening {
        id: u32,
        wanted: bool,
    },
    Ready,
    Busy(Box<Run>),
    /// No model is loaded, and nothing is under way.
    Failed {
        wanted: bool,
    },
}

/// What a request to the worker was for.
enum Pending {
    Opening,
    Run,
    Inspection,
    /// Of an image's file.
    Metadata(File),
    /// About kept models.
    Library,
    SizeCheck,
}

/// A run that was interrupted: its request, and its place in its batch.
type Interrupted = (GenerateRequest, Batch);

struct Run {
    id: u32,
    request: GenerateRequest,
    pace: Pace,
    batch: Batch,
    cancelled_at: Option<f64>,
    /// Steps that are done, of how many.
    done: Option<(u32, u32)>,
}

impl Studio {
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
        Studio {
            parts,
            client,
            base,
            own,
            wish,
            consent: false,
            refused: None,
            from_panel: false,
            loaded: None,
            device,
            loaded_on: None,
            ran_on: None,
            phase: Phase::Failed { wanted: false },
            flow: Flow::default(),
            pending: HashMap::new(),
            asked_to_keep: false,
            shown: None,
            pictures: None,
            asked_file: None,
            replaced: None,
            made_with: None,
            interrupted: None,
            resumed: None,
            smaller: None,
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

    fn say_again(&mut self) -> Result<()> {
        words::speak()?;
        let Parts { view, form, picture, earlier, notes, panel } = &mut self.parts;
        view.speak();
        form.speak();
        notes.speak();
        earlier.speak();
        if let Some(loaded) = &self.loaded {
            view.model(&loaded.sheet.name, &loaded.device);
        }
        if let Phase::Busy(run) = &self.phase {
            view.title(run.done);
        }
        if let Some(artwork) = &self.shown {
            picture.describe(artwork)?;
        }
        panel.speak()
    }
}

/// What all sides need.
impl Studio {
    /// Sends a request to the worker, and returns its number.
    fn request(&mut self, pending: Pending, command: Command, files: &[PickedFile]) -> u32 {
        let id = self.client.send(command, files);
        self.pending.insert(id, pending);
        id
    }

    /// Asks the worker to end a request.
    fn cancel_request(&mut self, request: u32) {
        self.client.send(Command::Cancel { request }, &[]);
    }

    /// Ends the engine, and with it the loaded model: only so a GPU's memory is given back.
    fn close_engine(&mut self) {
        self.client.close();
        self.pending.clear();
        self.loaded = None;
    }

    /// Shows progress, and a promise beside it if a picture waits. Nothing overwrites "Stopping…".
    fn progress(&self, status: impl Into<Line>, bar: Bar) {
        let status = status.into();
        match &self.phase {
            Phase::Busy(run) if run.cancelled_at.is_some() => {}
            Phase::Busy(run) => self.parts.view.progress(run.batch.status(status), bar),
            Phase::Opening { wanted, .. } => {
                self.parts.panel.progress(status.clone(), bar);
                let status = match wanted {
                    true => Line::from(move || words::then_picture(status.text())),
                    false => status,
                };
                self.parts.view.progress(status, bar);
            }
            _ => self.parts.view.progress(status, bar),
        }
    }

    /// Nothing is under way any more.
    fn rest(&mut self, phase: Phase, status: impl Into<Line>) {
        self.phase = phase;
        self.show_state();
        self.parts.view.title(None);
        self.parts.view.milestone(status, Bar::Idle);
    }

    /// The form holds something new: what was said of the run before is out of date.
    fn start_afresh(&self, status: impl Into<Line>) {
        if !matches!(self.phase, Phase::Busy(_)) {
            self.parts.notes.clear();
        }
        if self.is_at_rest() {
            self.parts.view.milestone(status, Bar::Idle);
        }
    }

    fn complain(&self, fault: &Fault, offer_cpu: bool) {
        if offer_cpu || !self.parts.form.complain(fault) {
            self.tell(fault, Offer::cpu(offer_cpu));
        }
    }

    /// Says what went wrong, and offers what can be done about it.
    fn tell(&self, fault: &Fault, offers: &[Offer]) {
        let fault = fault.clone();
        let message = Line::from(move || words::fault(&fault));
        self.parts.notes.say_and_offer(message, Weight::Wrong, offers);
    }

    fn tell_if_wrong(&self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.complain(&Fault::from(&error), false);
        }
    }

    fn show_state(&mut self) {
        let state = match self.phase {
            Phase::Opening { .. } => State::Loading,
            Phase::Ready => State::Ready,
            Phase::Busy(_) => State::Busy,
            Phase::Failed { .. } => State::Failed,
        };
        let cancellable = self.is_cancellable();
        let Parts { view, earlier, panel, .. } = &mut self.parts;
        view.state(state, cancellable);
        view.stoppable(false);
        earlier.rest(state == State::Busy);
        panel.opening(state == State::Loading);
        let now = match (&self.phase, &self.loaded) {
            (Phase::Opening { .. }, _) if self.wish.is_same_place(&self.own) => {
                Line::from(|| words::panel_opening(words::own_model()))
            }
            (Phase::Opening { .. }, _) => {
                let name = panel.kept().name_of(self.wish.label());
                Line::from(move || words::panel_opening(&name))
            }
            (_, Some(loaded)) => {
                let name = loaded.sheet.name.clone();
                Line::from(move || words::panel_in_use(&name))
            }
            _ => Line::from(words::panel_none),
        };
        panel.now(now);
        panel.kept().mark(self.loaded.as_ref().map(|loaded| loaded.sheet.place.as_str()));
        let shown = self.loaded.as_ref().map_or(&self.wish, |loaded| &loaded.wish);
        view.examples(shown.is_same_place(&self.own));
    }

    /// The status line tells of the run before, and of nothing else.
    fn is_at_rest(&self) -> bool {
        matches!(self.phase, Phase::Ready | Phase::Failed { wanted: true })
    }

    fn is_cancellable(&self) -> bool {
        matches!(self.phase, Phase::Busy(_) | Phase::Opening { wanted: true, .. })
    }
}
