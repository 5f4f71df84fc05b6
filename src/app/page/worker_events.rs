//! Handlers of worker messages and of the worker's exit.

use super::client::WorkerEvent;
use super::controller::{Controller, Pending};
use super::form::PromptTexts;
use super::history::UsedAdapters;
use super::notifications::{Action, Severity};
use super::view::ProgressBar;
use crate::app::protocol::{DeviceChoice, ErrorReport, Event, Note, Response, WorkerMessage};
use crate::app::words::{self, LocalizedText};
use crate::prompt::Grammar;

impl Controller {
    /// Handles a message or the exit of the worker.
    pub fn on_worker(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::Message(WorkerMessage::Event { id, event }) => {
                // Progress of requests that the page no longer waits for is ignored.
                match self.pending.get(&id) {
                    Some(Pending::Adapter(row)) => self.adapter_event(*row, event),
                    Some(pending) => self.on_event(matches!(pending, Pending::Run), event),
                    None => {}
                }
            }
            WorkerEvent::Message(WorkerMessage::Response { id, response }) => {
                if let Some(pending) = self.pending.remove(&id) {
                    self.on_response(pending, response);
                }
            }
            WorkerEvent::Message(WorkerMessage::Fetching { received, total }) => {
                self.fetching_engine(received, total);
            }
            WorkerEvent::Message(WorkerMessage::Trouble { error }) => {
                self.notify_error(&error, &[])
            }
            // The client converts `Crashed` into `Exited`.
            WorkerEvent::Message(WorkerMessage::Started { .. } | WorkerMessage::Crashed { .. }) => {
            }
            WorkerEvent::Exited { had_started, error } => self.on_worker_exit(had_started, &error),
        }
    }

    fn on_event(&mut self, is_run: bool, event: Event) {
        match event {
            Event::Downloading { received, total, origin } => {
                self.downloading(received, total, origin);
            }
            Event::OtherTab => self.waiting_for_other_tab(),
            Event::Preparing { stage } => self.preparing(stage),
            Event::Checking { place, percent } => self.checking(&place, percent),
            Event::Encoding => self.progress(words::reading_picture, ProgressBar::Indeterminate),
            Event::Step { done, total, preview } if is_run => self.step(done, total, preview),
            Event::Decoding { done, total } if is_run => self.decoding(done, total),
            Event::Step { .. } | Event::Decoding { .. } => {}
            Event::Note { note } => {
                let is_missing = matches!(note, Note::AdapterNotOpen { .. });
                let actions: &[Action] = if is_missing { &[Action::ShowAdapters] } else { &[] };
                let message = move || words::note(&note);
                self.parts.notes.notify_with_actions(message, Severity::Info, actions);
            }
        }
    }

    fn on_response(&mut self, pending: Pending, response: Response) {
        match (pending, response) {
            (_, Response::Opened { model, device, memory, only_vae }) => {
                self.on_model_ready(*model, device, memory, only_vae)
            }
            (_, Response::ConsentNeeded { card, model_stays }) => {
                self.ask_consent(&card, model_stays)
            }
            (_, Response::Inspected { card }) => self.inspected(&card),
            (_, Response::SizeChecked { width, height, obstacle }) => {
                self.parts.form.size_checked((width, height), obstacle.as_ref());
                if let Some(marked) = self.settings_are_marked.take()
                    && obstacle.is_some()
                {
                    marked.set(true);
                    self.parts.notes.retranslate();
                }
            }
            // Only the latest reading shows the present prompts.
            (Pending::PromptSummaries, _) if self.pending.values().any(is_reading) => {}
            (_, Response::PromptsRead { prompt, negative_prompt }) => {
                let shelf = self.parts.adapters.shelf();
                let is_open = |name: &str| shelf.has_open(name);
                let form = &self.parts.form;
                let grammar = form.settings().map(|params| params.grammar);
                let written = PromptTexts {
                    prompts: form.prompts(),
                    draws: self.parts.prompts.expansion().draws,
                    is_plain: grammar == Ok(Grammar::Plain),
                };
                form.summaries().show([prompt, negative_prompt], &written, is_open);
            }
            (Pending::PromptSummaries, _) => self.parts.form.summaries().clear(),
            (Pending::Fit(request), Response::ImageFitted { own_size, image }) => {
                self.parts.form.init_image().image_fitted(request, own_size, image);
            }
            (Pending::Fit(request), Response::MaskFitted { mask }) => {
                self.parts.form.init_image().mask_fitted(request, &mask);
            }
            (Pending::Fit(request), Response::Failed { error, .. }) => {
                self.parts.form.init_image().not_fitted(request, error);
            }
            (Pending::Adapter(row), Response::AdapterOpened { adapter }) => {
                self.adapter_opened(row, *adapter);
            }
            (Pending::Adapter(row), Response::Cancelled { .. }) => self.adapter_stopped(row),
            (Pending::Adapter(row), Response::Failed { error, .. }) => {
                self.adapter_failed(row, error);
            }
            (Pending::Metadata(file), Response::Metadata { metadata }) => {
                self.on_metadata(file, metadata.map(|metadata| *metadata));
            }
            (Pending::BesideAdapter(file), Response::Metadata { metadata: Some(metadata) }) => {
                self.metadata_file = Some(file.clone());
                self.on_metadata(file, Some(*metadata));
            }
            (Pending::PastedSettings(prompt), Response::Metadata { metadata }) => {
                self.offer_pasted(&prompt, metadata.map(|metadata| *metadata));
            }
            (_, Response::Generated { picture, png, seconds, adapters, embeddings }) => {
                let used = UsedAdapters { adapters, embeddings };
                self.done(&picture, &png, seconds, used);
            }
            (Pending::Comparison(key), Response::Compared { scores }) => {
                self.compared(&key, scores);
            }
            (_, Response::Library { library }) => {
                let shown = self.parts.panel.library(&library);
                self.report(shown);
            }
            (_, Response::Verified { place, damaged }) => {
                self.verified(&place, damaged);
                self.refresh_library();
            }
            (Pending::Opening, Response::Cancelled { model_stays }) => {
                self.on_download_stopped(model_stays)
            }
            (Pending::Run, Response::Cancelled { .. }) => self.cancelled(),
            (Pending::Opening, Response::Failed { error, offer_cpu, model_stays }) => {
                self.on_open_failed(&error, offer_cpu, model_stays);
            }
            (Pending::Run, Response::Failed { error, offer_cpu, .. }) => {
                self.run_failed(&error, offer_cpu);
            }
            (Pending::Inspection, Response::Failed { error, .. }) => self.inspection_failed(error),
            (Pending::Library, Response::Failed { error, .. }) => {
                self.parts.panel.kept().set_status(move || words::error_text(&error));
                self.refresh_library();
            }
            (_, Response::Failed { error, .. }) => self.notify_error(&error, &[]),
            (
                _,
                Response::AdapterOpened { .. }
                | Response::Metadata { .. }
                | Response::ImageFitted { .. }
                | Response::MaskFitted { .. }
                | Response::Compared { .. }
                | Response::Cancelled { .. },
            ) => {}
        }
    }

    pub(super) fn on_worker_exit(&mut self, had_started: bool, error: &ErrorReport) {
        let loading = self.model.is_opening();
        if self.jobs.is_running() {
            self.restore_output();
        }
        self.jobs.worker_exited();
        self.model.worker_exited();
        self.end_worker(true);
        let can_resume = self.jobs.interrupted().is_some();
        self.set_idle(words::engine_not_running);
        let reason = error.argument("reason");
        let offer_cpu = had_started && self.model.target().device == DeviceChoice::Webgpu;
        let message = LocalizedText::from(move || {
            let detail = match reason.is_empty() {
                true => String::new(),
                false => words::in_brackets(words::message_text(&reason)),
            };
            match (had_started, loading) {
                (true, true) => words::engine_gone_loading(detail),
                (true, false) => words::engine_gone(detail),
                (false, _) => words::engine_no_start(detail),
            }
        });
        if self.parts.panel.is_open() {
            self.parts.panel.show_problem(message.clone());
        }
        let action = match (offer_cpu, can_resume) {
            (true, _) => Action::use_cpu_if(true),
            (false, true) => &[Action::Resume],
            (false, false) => &[],
        };
        self.parts.notes.notify_with_actions(message, Severity::Error, action);
    }
}

/// Returns whether a request reads the prompts.
fn is_reading(pending: &Pending) -> bool {
    matches!(pending, Pending::PromptSummaries)
}
