//! What the page does: the user's wishes on one side, the engine's reports on the other, and between
//! them the one place that knows what is going on.

use super::artwork::Artwork;
use super::client::{Client, Heard};
use super::dom::{ask_to_keep, now};
use super::form::Form;
use super::history::History;
use super::notes::{Notes, Weight};
use super::picture::Picture;
use super::protocol::{Command, DeviceChoice, Fault, GenerateRequest, Pixels, Report};
use super::time::Pace;
use super::view::{Bar, State, View};
use super::words;
use crate::error::{Error, Result};

/// After this many milliseconds a second Cancel no longer waits for the engine.
const PATIENCE: f64 = 2_000.0;

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
}

/// The page at work.
pub struct Studio {
    parts: Parts,
    client: Client,
    model: String,
    device: DeviceChoice,
    device_name: String,
    phase: Phase,
    last_id: u32,
    asked_to_keep: bool,
}

enum Phase {
    /// The model is on its way; `wanted` remembers that Generate was pressed meanwhile.
    Opening {
        wanted: bool,
    },
    Ready,
    Busy(Run),
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

/// The user's side.
impl Studio {
    /// The page before the model at `model` is opened on `device`.
    pub fn new(parts: Parts, client: Client, model: String, device: DeviceChoice) -> Self {
        let phase = Phase::Failed { wanted: false };
        Studio {
            parts,
            client,
            model,
            device,
            device_name: String::new(),
            phase,
            last_id: 0,
            asked_to_keep: false,
        }
    }

    /// The form, for what concerns only itself.
    pub fn form(&mut self) -> &mut Form {
        &mut self.parts.form
    }

    /// Loads the model; `wanted` starts a run as soon as it is there.
    pub fn open(&mut self, wanted: bool) {
        self.phase = Phase::Opening { wanted };
        self.show_state();
        self.parts.view.other_device(match self.device {
            DeviceChoice::Webgpu => "CPU",
            DeviceChoice::Cpu => "GPU",
        });
        self.progress("Starting the engine…", Bar::Moving);
        self.send(&Command::Open { model: self.model.clone(), device: self.device });
    }

    /// Makes a picture from the form, now or as soon as the model is there.
    pub fn generate(&mut self) {
        if self.is_cancellable() {
            return;
        }
        self.parts.notes.clear();
        self.parts.form.clear_complaints();
        self.begin_or_wait();
    }

    fn begin_or_wait(&mut self) {
        self.parts.form.ready_seed();
        // Also when the picture has to wait: a value that cannot be used is better known now.
        let request = match self.parts.form.read() {
            Ok(request) => request,
            Err(error) => return self.complain(&Fault::from(&error), false),
        };
        match self.phase {
            Phase::Ready => self.begin(request),
            Phase::Opening { .. } => {
                self.phase = Phase::Opening { wanted: true };
                self.show_state();
                self.parts
                    .view
                    .milestone("Your picture begins as soon as the model is ready.", Bar::Moving);
            }
            Phase::Failed { .. } => self.open(true),
            Phase::Busy(_) => {}
        }
    }

    /// Stops the run, or forgets that one was wanted. True if there was something to stop.
    pub fn cancel(&mut self) -> bool {
        if !self.is_cancellable() {
            return false;
        }
        match &mut self.phase {
            Phase::Busy(run) => match run.cancelled_at {
                None => {
                    run.cancelled_at = Some(now());
                    let id = run.id;
                    self.parts.view.milestone(
                        "Stopping… If it takes long, press Cancel again to stop at once.",
                        Bar::Moving,
                    );
                    self.send(&Command::Cancel { id });
                }
                Some(at) if now() - at > PATIENCE => {
                    self.client.close();
                    self.put_back();
                    self.parts.view.title(None);
                    self.open(false);
                }
                Some(_) => {}
            },
            _ => {
                self.phase = Phase::Opening { wanted: false };
                self.show_state();
                self.parts.view.milestone("The model is still loading.", Bar::Moving);
            }
        }
        true
    }

    /// Goes on with the model on the CPU.
    pub fn use_cpu(&mut self) {
        self.use_device(DeviceChoice::Cpu);
    }

    /// Goes on with the model on the device that is not in use.
    pub fn switch_device(&mut self) {
        self.use_device(match self.device {
            DeviceChoice::Webgpu => DeviceChoice::Cpu,
            DeviceChoice::Cpu => DeviceChoice::Webgpu,
        });
    }

    /// Brings back an earlier picture and its settings.
    pub fn bring_back(&mut self, id: u32) {
        if matches!(self.phase, Phase::Busy(_)) {
            return;
        }
        let Some(artwork) = self.parts.history.find(id) else { return };
        let shown = self.parts.picture.show(artwork);
        self.parts.form.restore(&artwork.request);
        self.parts.history.mark(id);
        self.tell_if_wrong(shown);
    }

    /// Says something that belongs to no field.
    pub fn note(&self, message: &str) {
        self.parts.notes.say(message, Weight::Note, false);
    }

    fn use_device(&mut self, device: DeviceChoice) {
        let wanted = match self.phase {
            Phase::Busy(_) => return,
            Phase::Opening { wanted } | Phase::Failed { wanted } => wanted,
            Phase::Ready => false,
        };
        // A worker that holds a model gives its memory back only when it ends.
        if !matches!(self.phase, Phase::Failed { .. }) {
            self.client.close();
        }
        self.device = device;
        self.parts.notes.clear();
        self.open(wanted);
    }

    fn begin(&mut self, request: GenerateRequest) {
        self.last_id += 1;
        let id = self.last_id;
        self.phase = Phase::Busy(Run {
            id,
            request: request.clone(),
            pace: Pace::default(),
            cancelled_at: None,
        });
        self.show_state();
        self.parts.picture.begin();
        self.parts.view.milestone("Preparing…", Bar::Moving);
        self.send(&Command::Generate { id, request });
    }
}

/// The engine's side.
impl Studio {
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
            Report::Downloading { received, total, cached } => {
                if !cached && !std::mem::replace(&mut self.asked_to_keep, true) {
                    ask_to_keep();
                }
                let bar =
                    if total > 0 { Bar::Part(received as f64 / total as f64) } else { Bar::Moving };
                self.progress(&words::downloading(received, total, cached), bar);
            }
            Report::Preparing { what } => {
                self.progress(&format!("{}…", what.trim_end_matches('…')), Bar::Moving)
            }
            Report::Ready { model, device } => {
                self.parts.view.model(&model.name, &device);
                self.parts.form.take_defaults(&model);
                self.device_name = device;
                let wanted = matches!(self.phase, Phase::Opening { wanted: true });
                self.rest(Phase::Ready, "Ready.");
                if wanted {
                    self.begin_or_wait();
                }
            }
            Report::Step { id, done, total, preview } => {
                if self.is_current(id) {
                    self.step(done, total, preview);
                }
            }
            Report::Decoding { id } => {
                if self.is_current(id) {
                    self.progress("Decoding…", Bar::Part(1.0));
                }
            }
            Report::Note { message, .. } => self.note(&message),
            Report::Done { id, picture, png, seconds } => {
                if self.is_current(id) {
                    self.done(&picture, &png, seconds);
                }
            }
            Report::Cancelled { id } => {
                if self.is_current(id) {
                    self.put_back();
                    self.rest(Phase::Ready, "Stopped.");
                }
            }
            Report::Failed { id, fault, offer_cpu } => self.failed(id, &fault, offer_cpu),
        }
    }

    fn step(&mut self, done: u32, total: u32, preview: Option<Pixels>) {
        let Phase::Busy(run) = &mut self.phase else { return };
        run.pace.step_done(now());
        let left = run.pace.seconds_left(total.saturating_sub(done));
        let part = Bar::Part(f64::from(done) / f64::from(total.max(1)));
        self.progress(&words::step(done, total, left), part);
        self.parts.view.title(Some((done, total)));
        if let Some(pixels) = preview {
            let shown = self.parts.picture.preview(&pixels);
            self.tell_if_wrong(shown);
        }
    }

    fn done(&mut self, picture: &Pixels, png: &[u8], seconds: f64) {
        let phase = std::mem::replace(&mut self.phase, Phase::Ready);
        let Phase::Busy(run) = phase else { return };
        self.rest(Phase::Ready, &format!("Done in {}.", words::took(seconds)));
        self.parts.form.seed_spent(&run.request.seed);
        match Artwork::new(run.id, run.request, picture, png, seconds, self.device_name.clone()) {
            Ok(artwork) => {
                let shown = self.parts.picture.show(&artwork);
                self.parts.history.add(artwork);
                self.tell_if_wrong(shown);
            }
            Err(error) => {
                self.put_back();
                self.tell_if_wrong(Err(error));
            }
        }
    }

    fn failed(&mut self, id: Option<u32>, fault: &Fault, offer_cpu: bool) {
        match (&self.phase, id) {
            (Phase::Busy(run), Some(id)) if run.id == id => {
                self.put_back();
                // After a failure of the GPU the model on it is not to be trusted.
                if fault.code == "gpu" {
                    self.client.close();
                    self.rest(Phase::Failed { wanted: true }, "No picture this time.");
                } else {
                    self.rest(Phase::Ready, "No picture this time.");
                }
            }
            (&Phase::Opening { wanted }, None) => {
                // A GPU's memory is given back only when its worker ends.
                if fault.code == "gpu" {
                    self.client.close();
                }
                self.rest(Phase::Failed { wanted }, "The model is not loaded.");
            }
            // What was wrong with a run that is no longer awaited concerns nobody.
            (_, Some(_)) => return,
            _ => {}
        }
        if fault.code != "cancelled" {
            self.complain(fault, offer_cpu);
        }
    }

    fn gone(&mut self, had_started: bool, reason: &str) {
        self.client.close();
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
        self.parts.notes.say(&message, Weight::Wrong, offer_cpu);
    }
}

/// What both sides need.
impl Studio {
    fn send(&mut self, command: &Command) {
        if let Err(error) = self.client.send(command) {
            self.gone(false, &error.to_string());
        }
    }

    /// Shows progress, and a promise beside it if a picture waits. Nothing overwrites "Stopping…".
    fn progress(&self, status: &str, bar: Bar) {
        match &self.phase {
            Phase::Busy(Run { cancelled_at: Some(_), .. }) => {}
            Phase::Opening { wanted: true } => {
                self.parts.view.progress(&format!("{status} · then your picture begins"), bar);
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

    /// The run gave nothing, so the frame shows what it showed before.
    fn put_back(&self) {
        match self.parts.history.current() {
            Some(artwork) => self.tell_if_wrong(self.parts.picture.show(artwork)),
            None => self.parts.picture.clear(),
        }
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

    fn show_state(&self) {
        let state = match self.phase {
            Phase::Opening { .. } => State::Loading,
            Phase::Ready => State::Ready,
            Phase::Busy(_) => State::Busy,
            Phase::Failed { .. } => State::Failed,
        };
        self.parts.view.state(state, self.is_cancellable());
        self.parts.history.rest(state == State::Busy);
    }

    fn is_cancellable(&self) -> bool {
        matches!(self.phase, Phase::Busy(_) | Phase::Opening { wanted: true })
    }

    fn is_current(&self, id: u32) -> bool {
        matches!(&self.phase, Phase::Busy(run) if run.id == id)
    }
}
