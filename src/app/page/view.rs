//! The parts of the page that say where things stand: status, progress, buttons, device.

use web_sys::{Document, HtmlButtonElement, HtmlElement, HtmlProgressElement};

use crate::app::dom::{by_id, document, set, show, unset};
use crate::app::words::{self, Line, Voice};
use crate::error::{Error, Message, Result};

/// What the page as a whole is doing; `body[data-state]` says it to style sheet and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The model is on its way.
    Loading,
    /// A picture can be made.
    Ready,
    /// A picture is being made.
    Busy,
    /// There is no engine; the next attempt starts one.
    Failed,
}

/// How full the progress bar is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// Nothing is under way.
    Idle,
    /// Something without a measure is under way.
    Moving,
    /// This part of it, from 0 to 1, is done.
    Part(f64),
}

/// Handles of those parts.
pub struct View {
    document: Document,
    body: HtmlElement,
    status: Voice,
    announcer: Voice,
    progress: HtmlProgressElement,
    generate: HtmlButtonElement,
    cancel: HtmlButtonElement,
    stop_download: HtmlElement,
    examples: HtmlElement,
    model_short: HtmlElement,
    model: HtmlElement,
    device: HtmlElement,
    switch_device: HtmlButtonElement,
    switch_words: Voice,
}

impl View {
    /// Finds the parts in the page.
    pub fn bind() -> Result<Self> {
        let document = document()?;
        Ok(View {
            body: document.body().ok_or_else(|| Error::Internal {
                reason: Message::verbatim("the page is empty"),
            })?,
            document,
            status: Voice::new(by_id::<HtmlElement>("status")?),
            announcer: Voice::new(by_id::<HtmlElement>("announcer")?),
            progress: by_id("progress")?,
            generate: by_id("generate")?,
            cancel: by_id("cancel")?,
            stop_download: by_id("stop-download")?,
            examples: by_id("examples")?,
            model_short: by_id("model-short")?,
            model: by_id("model")?,
            device: by_id("device")?,
            switch_device: by_id("switch-device")?,
            switch_words: Voice::new(by_id::<HtmlElement>("switch-device")?),
        })
    }

    /// Shows where the page stands; `cancellable` puts Cancel in the place of Generate.
    pub fn state(&self, state: State, cancellable: bool) {
        let name = match state {
            State::Loading => "loading",
            State::Ready => "ready",
            State::Busy => "busy",
            State::Failed => "failed",
        };
        set(&self.body, "data-state", name);
        self.switch_device.set_disabled(state == State::Busy);
        self.generate.set_disabled(false);

        let (shown, hidden) = if cancellable {
            (&self.cancel, &self.generate)
        } else {
            (&self.generate, &self.cancel)
        };
        let had_focus = self.document.active_element().is_some_and(|active| active == ***hidden);
        show(shown, true);
        show(hidden, false);
        if had_focus {
            let _ = shown.focus();
        }
    }

    /// Writes the status line and the bar under it.
    pub fn progress(&self, status: impl Into<Line>, bar: Bar) {
        self.status.say(status);
        self.progress.set_class_name(if bar == Bar::Idle { "idle" } else { "" });
        match bar {
            Bar::Part(part) => self.progress.set_value(part.clamp(0.0, 1.0)),
            Bar::Moving | Bar::Idle => unset(&self.progress, "value"),
        }
    }

    /// A milestone: it stands in the status line, and a screen reader speaks it.
    pub fn milestone(&self, status: impl Into<Line>, bar: Bar) {
        let status = status.into();
        self.progress(status.clone(), bar);
        self.announcer.say(status);
    }

    /// Puts a run's progress before the page's title, for those who look at another tab.
    pub fn title(&self, progress: Option<(u32, u32)>) {
        match progress {
            Some((done, total)) => {
                let progress = format!("{done}/{total}");
                self.document.set_title(&words::title_with(progress, words::page_title()));
            }
            None => self.document.set_title(&words::page_title()),
        }
    }

    /// Whether there is a download that can be stopped.
    pub fn stoppable(&self, can_stop: bool) {
        show(&self.stop_download, can_stop);
    }

    /// The example prompts, which only Hearth's own model does well.
    pub fn examples(&self, shown: bool) {
        show(&self.examples, shown);
    }

    /// Names the model and what it runs on.
    pub fn model(&self, model: &str, device: &str) {
        self.model_short.set_text_content(Some(model));
        self.model.set_text_content(Some(model));
        self.device.set_text_content(Some(device));
    }

    /// Names the device that the button switches to.
    pub fn other_device(&self, name: impl Into<Line>) {
        self.switch_words.say(name);
        show(&self.switch_device, true);
    }

    /// The page speaks another language now.
    pub fn speak(&self) {
        for voice in [&self.status, &self.announcer, &self.switch_words] {
            voice.again();
        }
    }
}
