//! Status line, progress bar, buttons and device display.

use web_sys::{Document, HtmlButtonElement, HtmlElement, HtmlProgressElement};

use crate::app::dom::{by_id, document, set, show, unset};
use crate::app::words::{self, LocalizedElement, LocalizedText};
use crate::error::{Error, Message, Result};

/// Attributes of an example with its prompt, in English and in Chinese.
const EXAMPLE_PROMPTS: [&str; 2] = ["data-prompt", "data-prompt-zh-hans"];

/// State of the page, in `body[data-state]` for the style sheet and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageState {
    /// A model is loading.
    Loading,
    /// The page can generate.
    Ready,
    /// A run is in progress.
    Busy,
    /// There is no model; the next attempt starts the worker again.
    Failed,
}

/// State of the progress bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ProgressBar {
    /// No work.
    Idle,
    /// Work without measurable progress.
    Indeterminate,
    /// The completed fraction, 0 to 1.
    Fraction(f64),
}

/// The elements.
pub struct View {
    document: Document,
    body: HtmlElement,
    status: LocalizedElement,
    announcer: LocalizedElement,
    progress: HtmlProgressElement,
    generate: HtmlButtonElement,
    cancel: HtmlButtonElement,
    enqueue: HtmlElement,
    stop_download: HtmlElement,
    examples: HtmlElement,
    model_scope: HtmlElement,
    model_short: HtmlElement,
    model: HtmlElement,
    device: HtmlElement,
    switch_device: HtmlButtonElement,
    switch_text: LocalizedElement,
}

impl View {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        let document = document()?;
        Ok(View {
            body: document.body().ok_or_else(|| Error::Internal {
                reason: Message::verbatim("the page is empty"),
            })?,
            document,
            status: LocalizedElement::new(by_id::<HtmlElement>("status")?),
            announcer: LocalizedElement::new(by_id::<HtmlElement>("announcer")?),
            progress: by_id("progress")?,
            generate: by_id("generate")?,
            cancel: by_id("cancel")?,
            enqueue: by_id("enqueue")?,
            stop_download: by_id("stop-download")?,
            examples: by_id("examples")?,
            model_scope: by_id("model-scope")?,
            model_short: by_id("model-short")?,
            model: by_id("model")?,
            device: by_id("device")?,
            switch_device: by_id("switch-device")?,
            switch_text: LocalizedElement::new(by_id::<HtmlElement>("switch-device")?),
        })
    }

    /// Shows the page's state; `cancellable` shows Cancel instead of Generate.
    pub fn state(&self, state: PageState, cancellable: bool) {
        let name = match state {
            PageState::Loading => "loading",
            PageState::Ready => "ready",
            PageState::Busy => "busy",
            PageState::Failed => "failed",
        };
        set(&self.body, "data-state", name);
        self.switch_device.set_disabled(state == PageState::Busy);
        self.generate.set_disabled(false);

        let (shown, hidden) = if cancellable {
            (&self.cancel, &self.generate)
        } else {
            (&self.generate, &self.cancel)
        };
        if state != PageState::Busy && self.has_focus(&self.enqueue) {
            let _ = hidden.focus();
        }
        show(&self.enqueue, state == PageState::Busy);
        let had_focus = self.has_focus(hidden);
        show(shown, true);
        show(hidden, false);
        if had_focus {
            let _ = shown.focus();
        }
    }

    fn has_focus(&self, element: &HtmlElement) -> bool {
        self.document.active_element().is_some_and(|active| active == **element)
    }

    /// Focuses Cancel or Generate, whichever is shown, after the focused button was removed.
    pub fn focus_run(&self) {
        let shown = if self.cancel.hidden() { &self.generate } else { &self.cancel };
        let _ = shown.focus();
    }

    /// Sets the status line and the progress bar.
    pub fn progress(&self, status: impl Into<LocalizedText>, bar: ProgressBar) {
        self.status.set(status);
        self.progress.set_class_name(if bar == ProgressBar::Idle { "idle" } else { "" });
        match bar {
            ProgressBar::Fraction(part) => self.progress.set_value(part.clamp(0.0, 1.0)),
            ProgressBar::Indeterminate | ProgressBar::Idle => unset(&self.progress, "value"),
        }
    }

    /// Sets the status line and announces it to screen readers.
    pub fn announce_status(&self, status: impl Into<LocalizedText>, bar: ProgressBar) {
        let status = status.into();
        self.progress(status.clone(), bar);
        self.announcer.set(status);
    }

    /// Shows the progress of a run in the page's title, for users of other tabs.
    pub fn title(&self, progress: Option<(u32, u32)>) {
        match progress {
            Some((done, total)) => {
                let progress = format!("{done}/{total}");
                self.document.set_title(&words::title_with(progress, words::page_title()));
            }
            None => self.document.set_title(&words::page_title()),
        }
    }

    /// Shows or hides the button that stops the download.
    pub fn set_stoppable(&self, can_stop: bool) {
        show(&self.stop_download, can_stop);
    }

    /// Shows or hides what suits only the bundled model: example prompts, and what it can do.
    pub fn examples(&self, shown: bool) {
        show(&self.examples, shown);
        show(&self.model_scope, shown);
    }

    /// Returns whether `prompt` is one of the example prompts.
    pub fn is_example(&self, prompt: &str) -> bool {
        let examples = self.examples.children();
        (0..examples.length())
            .filter_map(|index| examples.item(index))
            .flat_map(|example| EXAMPLE_PROMPTS.map(|name| example.get_attribute(name)))
            .any(|example| example.as_deref() == Some(prompt))
    }

    /// Shows the names of model and device.
    pub fn model(&self, model: &str, device: &str) {
        self.model_short.set_text_content(Some(model));
        self.model.set_text_content(Some(model));
        self.device.set_text_content(Some(device));
    }

    /// Sets the text of the button that switches devices.
    pub fn other_device(&self, name: impl Into<LocalizedText>) {
        self.switch_text.set(name);
        show(&self.switch_device, true);
    }

    /// Retranslates the texts.
    pub fn retranslate(&self) {
        for voice in [&self.status, &self.announcer, &self.switch_text] {
            voice.retranslate();
        }
    }
}
