//! What the page does: the user's wishes on one side, the engine's reports on the other, and between
//! them the one place that knows what is going on.

mod batch;
mod gallery;
mod interrupted;
mod opening;
mod painting;
mod recipes;
mod shelf;

use web_sys::File;

use self::batch::Batch;
use self::interrupted::Interrupted;
use super::artwork::Artwork;
use super::client::{Client, Heard};
use super::form::Form;
use super::message::PickedFile;
use super::notes::{Notes, Offer, Weight};
use super::panel::Panel;
use super::picture::Picture;
use super::protocol::{
    Command, DeviceChoice, Fault, GenerateRequest, ModelName, ModelSheet, Remark, Report,
};
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
    last_id: u32,
    asked_to_keep: bool,
    /// The picture in the frame; while another one is made, the one that was there before.
    shown: Option<Artwork>,
    /// How many pictures are wanted, if it is not what the form says.
    pictures: Option<u32>,
    /// The file whose recipe was asked for last, and its number.
    asked_file: Option<File>,
    last_file: u32,
    /// What stood in the form before a recipe was put there.
    replaced: Option<GenerateRequest>,
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
    /// The model is on its way; `wanted` remembers that Generate was pressed meanwhile.
    Opening {
        wanted: bool,
    },
    Ready,
    Busy(Box<Run>),
    /// No model is loaded, and nothing is under way.
    Failed {
        wanted: bool,
    },
}

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
            last_id: 0,
            asked_to_keep: false,
            shown: None,
            pictures: None,
            asked_file: None,
            last_file: 0,
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

    /// Takes in what the engine says.
    pub fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Report(report) => self.report(report),
            Heard::Gone { had_started, fault } => self.gone(had_started, &fault),
        }
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::Listening { .. } => {}
            // A model on its way.
            Report::Downloading { received, total, origin } => {
                self.downloading(received, total, origin);
            }
            Report::Elsewhere => self.elsewhere(),
            Report::Preparing { stage } => self.preparing(stage),
            Report::Ready { model, device, memory } => self.ready(model, device, memory),
            Report::Asking { card, model_stays } => self.asking(&card, model_stays),
            Report::Stopped { model_stays } => self.stopped(model_stays),
            Report::Failed { id: None, fault, offer_cpu, model_stays } => {
                self.not_opened(&fault, offer_cpu, model_stays);
            }
            // Other models.
            Report::Inspected { id, card } => self.inspected(id, &card),
            Report::NotInspected { id, fault } => {
                self.parts.panel.not_found(id, move || words::about_model(&fault));
            }
            Report::Recipe { id, recipe } => self.recipe_found(id, recipe),
            Report::Weighed { width, height, obstacle } => {
                self.parts.form.weighed((width, height), obstacle.as_ref());
            }
            Report::Library { library } => {
                let shown = self.parts.panel.library(&library);
                self.tell_if_wrong(shown);
            }
            Report::LibraryFailed { fault } => {
                self.parts.panel.kept().say(move || words::fault(&fault));
            }
            Report::Checking { place, percent } => self.checking(&place, percent),
            Report::Verified { place, damaged } => self.verified(&place, damaged),
            // A run.
            Report::Encoding { id } => {
                if self.is_current(id) {
                    self.progress(words::reading_picture, Bar::Moving);
                }
            }
            Report::Step { id, done, total, preview } => {
                if self.is_current(id) {
                    self.step(done, total, preview);
                }
            }
            Report::Decoding { id, done, total } => {
                if self.is_current(id) {
                    self.decoding(done, total);
                }
            }
            Report::Note { remark, .. } => {
                let weight = match remark {
                    Remark::Trouble { .. } => Weight::Wrong,
                    _ => Weight::Note,
                };
                self.parts.notes.say(move || words::remark(&remark), weight);
            }
            Report::Done { id, picture, png, seconds, scores } => {
                if self.is_current(id) {
                    self.done(&picture, &png, seconds, scores);
                }
            }
            Report::Cancelled { id } => {
                if self.is_current(id) {
                    self.cancelled();
                }
            }
            Report::Failed { id: Some(id), fault, offer_cpu, .. } => {
                self.run_failed(id, &fault, offer_cpu);
            }
            // The client makes `Heard::Gone` of it.
            Report::Died { fault } => self.gone(true, &fault),
        }
    }

    fn gone(&mut self, had_started: bool, fault: &Fault) {
        self.close_engine();
        let loading = matches!(self.phase, Phase::Opening { .. });
        let wanted = match &self.phase {
            Phase::Busy(run) => run.cancelled_at.is_none(),
            Phase::Opening { wanted } => *wanted,
            _ => false,
        };
        if matches!(self.phase, Phase::Busy(_)) {
            self.interrupt();
        }
        if !wanted {
            self.interrupted = None;
        }
        let goes_on = self.interrupted.is_some();
        self.rest(Phase::Failed { wanted }, words::engine_not_running);
        let reason = fault.detail("reason").to_string();
        let offer_cpu = had_started && self.device == DeviceChoice::Webgpu;
        let message = Line::from(move || {
            let detail = match reason.as_str() {
                "" => String::new(),
                reason => words::in_brackets(words::phrase(reason)),
            };
            match (had_started, loading) {
                (true, true) => words::engine_gone_loading(detail),
                (true, false) => words::engine_gone(detail),
                (false, _) => words::engine_no_start(detail),
            }
        });
        if self.parts.panel.is_open() {
            self.parts.panel.complain(message.clone());
        }
        let offer = match (offer_cpu, goes_on) {
            (true, _) => Offer::cpu(true),
            (false, true) => &[Offer::GoOn],
            (false, false) => &[],
        };
        self.parts.notes.say_and_offer(message, Weight::Wrong, offer);
    }
}

/// What all sides need.
impl Studio {
    fn send(&mut self, command: &Command) {
        self.send_with(command, &[]);
    }

    fn send_with(&mut self, command: &Command, files: &[PickedFile]) {
        if let Err(error) = self.client.send(command, files) {
            self.gone(false, &Fault::from(&error));
        }
    }

    /// Ends the engine, and with it the loaded model: only so a GPU's memory is given back.
    fn close_engine(&mut self) {
        self.client.close();
        self.loaded = None;
    }

    /// Shows progress, and a promise beside it if a picture waits. Nothing overwrites "Stopping…".
    fn progress(&self, status: impl Into<Line>, bar: Bar) {
        let status = status.into();
        match &self.phase {
            Phase::Busy(run) if run.cancelled_at.is_some() => {}
            Phase::Busy(run) => self.parts.view.progress(run.batch.status(status), bar),
            Phase::Opening { wanted } => {
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
        matches!(self.phase, Phase::Busy(_) | Phase::Opening { wanted: true })
    }

    fn is_current(&self, id: u32) -> bool {
        matches!(&self.phase, Phase::Busy(run) if run.id == id)
    }
}
