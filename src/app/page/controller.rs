//! Controller of the page.
//!
//! It handles user actions and worker events, and owns the state.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use web_sys::File;

use super::adapters::AdapterPanel;
use super::client::Client;
use super::error_summary::describe;
use super::form::{Form, PastedText, Undo};
use super::generation::{DownloadRate, GeneratedImage, JobQueue, Jobs, OutputView, QueueView};
use super::history::History;
use super::knowledge::KnowledgePanel;
use super::matrix::MatrixPanel;
use super::milestones::Milestones;
use super::model_panel::selection::ModelSelection;
use super::model_panel::state::ModelState;
use super::model_panel::{ModelPanel, Vocabulary};
use super::notifications::{Action, Notifications, Severity};
use super::prompts::PromptPanel;
use super::styles::StylePanel;
use super::view::{PageState, ProgressBar, View};
use crate::app::dom::now;
use crate::app::message::PickedFile;
use crate::app::protocol::{Command, DeviceChoice, ErrorReport, ModelName};
use crate::app::words::{self, Language, LocalizedText};
use crate::error::{Error, Result};

/// Views of the page.
pub struct Parts {
    /// Status, progress, buttons.
    pub view: View,
    /// Generation settings.
    pub form: Form,
    /// The output image.
    pub output: OutputView,
    /// The waiting jobs.
    pub queue: QueueView,
    /// Images of this and previous visits.
    pub history: History,
    /// Notifications.
    pub notes: Notifications,
    /// The dialog for choosing a model.
    pub panel: ModelPanel,
    /// The shelf of adapters.
    pub adapters: AdapterPanel,
    /// Many prompts, and wildcards.
    pub prompts: PromptPanel,
    /// The matrix.
    pub matrix: MatrixPanel,
    /// Prompts that are saved by name.
    pub styles: StylePanel,
    /// What the bundled model knows.
    pub knowledge: KnowledgePanel,
}

/// State of the page.
pub struct Controller {
    pub(super) parts: Parts,
    pub(super) client: Client,
    /// Base of relative model addresses.
    pub(super) base: String,
    /// The bundled model.
    pub(super) bundled_model: ModelSelection,
    pub(super) model: ModelState,
    pub(super) jobs: Jobs,
    /// Jobs behind the current one.
    pub(super) queue: JobQueue,
    pub(super) download_rate: DownloadRate,
    /// Unanswered requests to the worker.
    pub(super) pending: HashMap<u32, Pending>,
    pub(super) requested_persistence: bool,
    /// What a report says of the last error.
    pub(super) last_error: RefCell<Option<String>>,
    /// When progress was spoken.
    pub(super) milestones: Cell<Milestones>,
    /// Whether the status line says that a field is to be corrected.
    pub(super) is_rejected: bool,
    /// The words that the loaded model knows, if it knows but few.
    pub(super) vocabulary: Rc<RefCell<Vocabulary>>,
    /// The last finished image; during a run the one before.
    pub(super) shown: Option<GeneratedImage>,
    /// Whether an earlier image is shown during a run.
    pub(super) looks_back: bool,
    /// The file whose metadata was requested last.
    pub(super) metadata_file: Option<File>,
    /// Whether the note about settings says that they are to be corrected, until their size is checked.
    pub(super) settings_are_marked: Option<Rc<Cell<bool>>>,
    /// What undoes the last replacement of the form's content.
    pub(super) replaced: Option<Undo>,
    /// Whether a later replacement is undone alone: an image was generated since that one, or that one
    /// was itself an undo.
    pub(super) is_replacement_closed: bool,
    /// Whether a run was asked for since the last replacement.
    pub(super) is_replacement_used: bool,
    /// A text with settings, pasted as prompt.
    pub(super) pasted: PastedText,
    /// The model of the image whose settings are in the form, while no model is loaded.
    pub(super) made_with: Option<ModelName>,
}

/// The purpose of a request to the worker.
pub(super) enum Pending {
    Opening,
    Run,
    Inspection,
    /// Metadata of this image file.
    Metadata(File),
    /// Metadata of this image file, which is nothing else if it has none.
    BesideAdapter(File),
    /// Settings in this pasted text.
    PastedSettings(String),
    /// Opening of this adapter of the shelf.
    Adapter(u32),
    /// Comparison of the image with this key.
    Comparison(String),
    /// A command about stored models.
    Library,
    SizeCheck,
    /// Reading the prompts, for the lines under them.
    PromptSummaries,
    /// Fitting of init image or mask, with the panel's request number.
    Fit(u32),
}

impl Controller {
    /// Creates the state before `selection` is opened on `device`. `base` is the base of relative
    /// addresses.
    pub fn new(
        parts: Parts,
        client: Client,
        base: String,
        bundled_model: ModelSelection,
        selection: ModelSelection,
        device: DeviceChoice,
    ) -> Self {
        Controller {
            parts,
            client,
            base,
            bundled_model,
            model: ModelState::new(selection, device),
            jobs: Jobs::default(),
            queue: JobQueue::default(),
            looks_back: false,
            download_rate: DownloadRate::default(),
            pending: HashMap::new(),
            requested_persistence: false,
            last_error: RefCell::default(),
            milestones: Cell::default(),
            is_rejected: false,
            vocabulary: Rc::default(),
            shown: None,
            metadata_file: None,
            settings_are_marked: None,
            replaced: None,
            is_replacement_closed: false,
            is_replacement_used: false,
            pasted: PastedText::default(),
            made_with: None,
        }
    }

    /// Returns the form.
    pub fn form(&mut self) -> &mut Form {
        &mut self.parts.form
    }

    /// Shows an informational notification.
    pub fn note(&self, message: impl Into<LocalizedText>) {
        self.parts.notes.notify(message, Severity::Info);
    }

    /// Changes the language and retranslates the page.
    pub fn set_language(&mut self, language: Language) {
        language.apply();
        let result = self.retranslate();
        self.report(result);
    }

    pub(super) fn retranslate(&mut self) -> Result<()> {
        words::retranslate()?;
        let Parts {
            view,
            form,
            output,
            queue,
            history,
            notes,
            panel,
            adapters,
            prompts,
            matrix,
            styles,
            knowledge,
        } = &mut self.parts;
        adapters.retranslate();
        prompts.retranslate();
        matrix.retranslate();
        styles.retranslate();
        knowledge.retranslate();
        queue.show(&self.queue);
        view.retranslate();
        form.retranslate();
        notes.retranslate();
        history.retranslate();
        if let Some(loaded) = self.model.loaded() {
            view.model(&loaded.sheet.name, &loaded.device_name);
        }
        if let Some(run) = self.jobs.run() {
            view.title(run.done);
        }
        if let Some(generated) = &self.shown {
            output.describe(generated)?;
        }
        panel.retranslate()
    }
}

/// Helpers of all features.
impl Controller {
    /// Sends a request to the worker, and returns its number.
    pub(super) fn request(
        &mut self,
        pending: Pending,
        command: Command,
        files: &[PickedFile],
    ) -> u32 {
        let id = self.client.send(command, files);
        self.pending.insert(id, pending);
        id
    }

    /// Sends a request about a model to the worker, and returns its number.
    pub(super) fn request_model(
        &mut self,
        pending: Pending,
        command: Command,
        selection: &ModelSelection,
    ) -> u32 {
        let id = self.client.send_model(command, &selection.files, &selection.vae_files);
        self.pending.insert(id, pending);
        id
    }

    /// Cancels a request.
    pub(super) fn cancel_request(&mut self, request: u32) {
        self.client.send(Command::Cancel { request }, &[]);
    }

    /// Terminates the worker and unloads the model: the only way to free the GPU's memory.
    pub(super) fn close_worker(&mut self) {
        self.model.worker_exited();
        self.end_worker(false);
    }

    /// Closes the connection and drops pending requests. `unexpectedly`: the page did not cause the
    /// exit.
    pub(super) fn end_worker(&mut self, unexpectedly: bool) {
        self.client.close();
        self.pending.clear();
        self.parts.form.init_image().worker_exited(unexpectedly);
        self.parts.adapters.change(|shelf| shelf.close());
    }

    /// Shows progress, and mentions a waiting job. Does not overwrite "Stopping…".
    pub(super) fn progress(&self, status: impl Into<LocalizedText>, bar: ProgressBar) {
        let status = status.into();
        if let Some(run) = self.jobs.run() {
            if !self.jobs.is_ending() {
                self.show_progress(run.job.batch.status(status), bar);
            }
            return;
        }
        if !self.model.is_opening() {
            return self.parts.view.progress(status, bar);
        }
        self.parts.panel.progress(status.clone(), bar);
        let status = match self.jobs.is_waiting() {
            true => LocalizedText::from(move || words::then_picture(status.text())),
            false => status,
        };
        self.show_progress(status, bar);
    }

    /// Shows progress, and speaks its milestones.
    fn show_progress(&self, status: LocalizedText, bar: ProgressBar) {
        let mut milestones = self.milestones.get();
        let is_due = match bar {
            ProgressBar::Fraction(part) => milestones.is_due(part, now()),
            ProgressBar::Indeterminate | ProgressBar::Idle => false,
        };
        self.milestones.set(milestones);
        match is_due {
            true => self.parts.view.announce_status(status, bar),
            false => self.parts.view.progress(status, bar),
        }
    }

    /// Shows the state after a job or a download has ended.
    pub(super) fn set_idle(&mut self, status: impl Into<LocalizedText>) {
        self.show_state();
        self.parts.view.title(None);
        self.parts.view.announce_status(status, ProgressBar::Idle);
    }

    /// Clears messages about the previous run and its values after the form's content was replaced.
    pub(super) fn reset_status(&self, status: impl Into<LocalizedText>) {
        if !self.jobs.is_running() {
            self.parts.notes.clear_except(Action::RestoreSettings);
        }
        self.parts.form.clear_errors();
        if self.is_idle() {
            self.parts.view.announce_status(status, ProgressBar::Idle);
        }
    }

    pub(super) fn show_error(&self, error: &ErrorReport, offer_cpu: bool) {
        if offer_cpu || !self.parts.form.show_error(error) {
            return self.notify_error(error, Action::use_cpu_if(offer_cpu));
        }
        self.show_outlook(); // What is said beside the prompt is not said there too.
    }

    /// Shows an error with buttons for remedies.
    pub(super) fn notify_error(&self, error: &ErrorReport, actions: &[Action]) {
        self.last_error.replace(Some(describe(error)));
        let error = error.clone();
        let message = LocalizedText::from(move || words::error_text(&error));
        self.parts.notes.notify_with_actions(message, Severity::Error, actions);
    }

    /// Validates a field that the user has left.
    pub fn field_left(&mut self, id: &str) {
        if !self.jobs.is_running() {
            self.parts.form.validate(id);
        }
    }

    pub(super) fn report(&self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.show_error(&ErrorReport::from(&error), false);
        }
    }

    pub(super) fn show_state(&mut self) {
        let state = match (self.model.is_opening(), self.model.is_ready()) {
            _ if self.jobs.is_running() => PageState::Busy,
            (true, _) => PageState::Loading,
            // The job waits for its init image.
            (false, true) if self.jobs.is_waiting() => PageState::Loading,
            (false, true) => PageState::Ready,
            (false, false) => PageState::Failed,
        };
        let cancellable = self.is_cancellable();
        let Parts { view, panel, knowledge, .. } = &mut self.parts;
        view.state(state, cancellable);
        view.set_stoppable(false);
        let is_opening = self.model.is_opening();
        panel.opening(is_opening);
        let target = &self.model.target().selection;
        let current = match self.model.loaded() {
            _ if is_opening && target.is_same_place(&self.bundled_model) => {
                LocalizedText::from(|| words::panel_opening(words::own_model()))
            }
            _ if is_opening => {
                let name = panel.kept().name_of(target.label());
                LocalizedText::from(move || words::panel_opening(&name))
            }
            Some(loaded) => {
                let name = loaded.sheet.name.clone();
                let vae = loaded.sheet.identity.vae.clone();
                LocalizedText::from(move || match &vae {
                    Some(vae) => words::panel_in_use_vae(&name, &vae.name),
                    None => words::panel_in_use(&name),
                })
            }
            None => LocalizedText::from(words::panel_none),
        };
        panel.set_current(current);
        let loaded = self.model.loaded();
        panel.kept().mark(loaded.map(|loaded| loaded.sheet.place.as_str()));
        let usable = loaded.filter(|_| !is_opening).map(|loaded| &loaded.target.selection);
        panel.vae().compare(usable);
        let shown = loaded.map_or(target, |loaded| &loaded.target.selection);
        let is_bundled = shown.is_same_place(&self.bundled_model);
        view.examples(is_bundled);
        if !is_bundled {
            knowledge.close();
        }
    }

    /// Returns whether no job and no download is in progress or waiting.
    pub(super) fn is_idle(&self) -> bool {
        let is_idle = !self.jobs.is_running() && !self.model.is_opening();
        let is_settled = match self.model.is_ready() {
            true => !self.jobs.is_waiting(),
            false => self.jobs.is_unfinished(),
        };
        is_idle && is_settled
    }

    pub(super) fn is_cancellable(&self) -> bool {
        self.jobs.is_cancellable(self.is_loading())
    }

    /// Returns whether a waiting job's model or init image is still loading.
    pub(super) fn is_loading(&self) -> bool {
        self.model.is_opening() || self.model.is_ready()
    }
}
