//! What the page does: the user's wishes on one side, the engine's reports on the other, and between
//! them the one place that knows what is going on.

mod opening;
mod painting;
mod shelf;

use super::client::{Client, Heard};
use super::form::Form;
use super::history::History;
use super::message::PickedFile;
use super::notes::{Notes, Weight};
use super::panel::Panel;
use super::picture::Picture;
use super::protocol::{Command, DeviceChoice, Fault, GenerateRequest, ModelSheet, Report};
use super::time::{Flow, Pace};
use super::view::{Bar, State, View};
use super::wish::Wish;
use super::words;
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
    pub history: History,
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
    phase: Phase,
    flow: Flow,
    last_id: u32,
    asked_to_keep: bool,
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
    cancelled_at: Option<f64>,
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
            phase: Phase::Failed { wanted: false },
            flow: Flow::default(),
            last_id: 0,
            asked_to_keep: false,
        }
    }

    /// The form, for what concerns only itself.
    pub fn form(&mut self) -> &mut Form {
        &mut self.parts.form
    }

    /// Says something that belongs to no field.
    pub fn note(&self, message: &str) {
        self.parts.notes.say(message, Weight::Note, false);
    }

    /// Takes in what the engine says.
    pub fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Report(report) => self.report(report),
            Heard::Gone { had_started, reason } => self.gone(had_started, &reason),
        }
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::Listening => {}
            // A model on its way.
            Report::Downloading { received, total, origin } => {
                self.downloading(received, total, origin);
            }
            Report::Elsewhere => self.elsewhere(),
            Report::Preparing { what } => self.preparing(&what),
            Report::Ready { model, device, memory } => self.ready(model, device, memory),
            Report::Asking { card, model_stays } => self.asking(&card, model_stays),
            Report::Stopped { model_stays } => self.stopped(model_stays),
            Report::Failed { id: None, fault, offer_cpu, model_stays } => {
                self.not_opened(&fault, offer_cpu, model_stays);
            }
            // Other models.
            Report::Inspected { id, card } => self.inspected(id, &card),
            Report::NotInspected { id, fault } => {
                self.parts.panel.not_found(id, &words::about_model(&fault.message));
            }
            Report::Weighed { width, height, obstacle } => {
                self.parts.form.weighed((width, height), obstacle.as_deref());
            }
            Report::Library { library } => {
                let shown = self.parts.panel.library(&library);
                self.tell_if_wrong(shown);
            }
            Report::LibraryFailed { fault } => {
                self.parts.panel.kept().say(&words::capitalised(&fault.message));
            }
            Report::Checking { place, percent } => self.checking(&place, percent),
            Report::Verified { place, damaged } => self.verified(&place, damaged),
            // A run.
            Report::Step { id, done, total, preview } => {
                if self.is_current(id) {
                    self.step(done, total, preview);
                }
            }
            Report::Decoding { id, done, total } => {
                if self.is_current(id) {
                    self.progress(&words::decoding_part(done, total), Bar::Part(1.0));
                }
            }
            Report::Note { message, .. } => self.note(&message),
            Report::Done { id, picture, png, seconds, scores } => {
                if self.is_current(id) {
                    self.done(&picture, &png, seconds, scores);
                }
            }
            Report::Cancelled { id } => {
                if self.is_current(id) {
                    self.put_back();
                    self.rest(Phase::Ready, &words::stopped());
                }
            }
            Report::Failed { id: Some(id), fault, offer_cpu, .. } => {
                self.run_failed(id, &fault, offer_cpu);
            }
        }
    }

    fn gone(&mut self, had_started: bool, reason: &str) {
        self.close_engine();
        let loading = matches!(self.phase, Phase::Opening { .. });
        let wanted = match &self.phase {
            Phase::Busy(run) => run.cancelled_at.is_none(),
            Phase::Opening { wanted } => *wanted,
            _ => false,
        };
        if matches!(self.phase, Phase::Busy(_)) {
            self.put_back();
        }
        self.rest(Phase::Failed { wanted }, "The engine is not running.");
        let detail = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        let offer_cpu = had_started && self.device == DeviceChoice::Webgpu;
        let message = if had_started && loading {
            format!(
                "The engine stopped while it loaded the model{detail}, probably for lack of memory. Close other tabs and press Generate to try again, or use a smaller model."
            )
        } else if had_started {
            format!(
                "The engine stopped unexpectedly{detail}. Press Generate to start it again; if it stops again, choose a smaller size."
            )
        } else {
            format!(
                "The engine’s program could not be started{detail}. Check the connection, then press Generate to try again; the browser must be able to run WebAssembly."
            )
        };
        if self.parts.panel.is_open() {
            self.parts.panel.complain(&message);
        }
        self.parts.notes.say(&message, Weight::Wrong, offer_cpu);
    }
}

/// What all sides need.
impl Studio {
    fn send(&mut self, command: &Command) {
        self.send_with(command, &[]);
    }

    fn send_with(&mut self, command: &Command, files: &[PickedFile]) {
        if let Err(error) = self.client.send(command, files) {
            self.gone(false, &error.to_string());
        }
    }

    /// Ends the engine, and with it the loaded model: only so a GPU's memory is given back.
    fn close_engine(&mut self) {
        self.client.close();
        self.loaded = None;
    }

    /// Shows progress, and a promise beside it if a picture waits. Nothing overwrites "Stopping…".
    fn progress(&self, status: &str, bar: Bar) {
        match &self.phase {
            Phase::Busy(run) if run.cancelled_at.is_some() => {}
            Phase::Opening { wanted } => {
                self.parts.panel.progress(status, bar);
                let then = if *wanted { " · then your picture begins" } else { "" };
                self.parts.view.progress(&format!("{status}{then}"), bar);
            }
            _ => self.parts.view.progress(status, bar),
        }
    }

    /// Nothing is under way any more.
    fn rest(&mut self, phase: Phase, status: &str) {
        self.phase = phase;
        self.show_state();
        self.parts.view.title(None);
        self.parts.view.milestone(status, Bar::Idle);
    }

    fn complain(&self, fault: &Fault, offer_cpu: bool) {
        if offer_cpu || !self.parts.form.complain(fault) {
            self.parts.notes.say(&words::capitalised(&fault.message), Weight::Wrong, offer_cpu);
        }
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
        let Parts { view, history, panel, .. } = &mut self.parts;
        view.state(state, cancellable);
        view.stoppable(false);
        history.rest(state == State::Busy);
        panel.opening(state == State::Loading);
        panel.now(&match (&self.phase, &self.loaded) {
            (Phase::Opening { .. }, _) => format!("On its way: {}", self.wish.label()),
            (_, Some(loaded)) => format!("In use: {}", loaded.sheet.name),
            _ => "No model is loaded.".to_string(),
        });
        panel.kept().mark(self.loaded.as_ref().map(|loaded| loaded.sheet.place.as_str()));
        let shown = self.loaded.as_ref().map_or(&self.wish, |loaded| &loaded.wish);
        view.examples(shown.is_same_place(&self.own));
    }

    fn is_cancellable(&self) -> bool {
        matches!(self.phase, Phase::Busy(_) | Phase::Opening { wanted: true })
    }

    fn is_current(&self, id: u32) -> bool {
        matches!(&self.phase, Phase::Busy(run) if run.id == id)
    }
}
