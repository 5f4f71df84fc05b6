//! The panel in which a model is chosen: what is in use, what another one would take, and what this
//! browser keeps.

mod actions;
mod card;
pub mod events;
mod kept;
mod opening;
pub mod state;
pub mod wish;

use web_sys::{
    Element, HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlProgressElement,
    HtmlSelectElement,
};

use self::card::CardView;
use self::kept::KeptList;
use self::wish::Wish;
use super::view::Bar;
use crate::app::dom::{by_id, set, show, unset};
use crate::app::protocol::{Card, Library, Memory, ModelOptions};
use crate::app::words::{self, Line, Voice, amount};
use crate::error::Result;

/// Handles of the panel, and what it is about.
pub struct Panel {
    dialog: HtmlDialogElement,
    now: HtmlElement,
    now_words: Voice,
    takes: Option<Memory>,
    address: HtmlInputElement,
    problem: HtmlElement,
    problem_words: Voice,
    prediction_type: HtmlSelectElement,
    full_precision: HtmlInputElement,
    low_memory: HtmlInputElement,
    preview: HtmlInputElement,
    card: CardView,
    kept: KeptList,
    meter: HtmlElement,
    status: Voice,
    progress: HtmlProgressElement,
    stop: HtmlElement,
    /// The model that was looked at.
    subject: Option<Wish>,
    /// What stood in the field when a model was begun from here.
    begun: String,
}

impl Panel {
    /// Finds the panel in the page.
    pub fn bind() -> Result<Self> {
        let folders: HtmlInputElement = by_id("picked-folder")?;
        // Browsers of phones pick no folders.
        let picks_folders = js_sys::Reflect::has(&folders, &"webkitdirectory".into());
        show(&by_id::<Element>("pick-folder")?, picks_folders.unwrap_or(false));
        Ok(Panel {
            dialog: by_id("model-panel")?,
            now: by_id("model-now")?,
            now_words: Voice::new(by_id::<HtmlElement>("model-now")?),
            takes: None,
            address: by_id("model-address")?,
            problem: by_id("model-address-problem")?,
            problem_words: Voice::new(by_id::<HtmlElement>("model-address-problem")?),
            prediction_type: by_id("prediction-type")?,
            full_precision: by_id("full-precision")?,
            low_memory: by_id("low-memory")?,
            preview: by_id("preview-model")?,
            card: CardView::bind()?,
            kept: KeptList::bind()?,
            meter: by_id("panel-meter")?,
            status: Voice::new(by_id::<HtmlElement>("panel-status")?),
            progress: by_id("panel-progress")?,
            stop: by_id("panel-stop")?,
            subject: None,
            begun: String::new(),
        })
    }

    /// Opens the panel. Closed, the browser puts the focus back to where it was.
    pub fn open(&self) {
        if !self.is_open() && self.dialog.show_modal().is_ok() {
            let _ = self.address.focus();
        }
    }

    /// Closes the panel.
    pub fn close(&self) {
        if self.is_open() {
            self.dialog.close();
        }
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.dialog.open()
    }

    /// Says which model is in use, or that none is.
    pub fn now(&self, sentence: impl Into<Line>) {
        self.now_words.say(sentence);
    }

    /// What the model in use takes, for who looks closely and for tests.
    pub fn takes(&mut self, memory: Memory) {
        let Memory { heap, gpu, weights } = memory;
        for (name, bytes) in [("heap", Some(heap)), ("gpu", gpu), ("weights", Some(weights))] {
            let bytes = bytes.map_or(String::new(), |bytes| bytes.to_string());
            set(&self.now, &format!("data-{name}"), &bytes);
        }
        self.takes = Some(memory);
        self.write_takes();
    }

    fn write_takes(&self) {
        let Some(Memory { heap, gpu, .. }) = self.takes else { return };
        let title = match gpu {
            Some(gpu) => words::panel_takes_gpu(amount(gpu), amount(heap)),
            None => words::panel_takes(amount(heap)),
        };
        set(&self.now, "title", &title);
    }

    /// The page speaks another language now.
    pub fn speak(&mut self) -> Result<()> {
        for voice in [&self.now_words, &self.problem_words, &self.status] {
            voice.again();
        }
        self.write_takes();
        self.kept.speak();
        self.card.speak()
    }

    /// What was typed.
    pub fn typed(&self) -> String {
        self.address.value()
    }

    /// What was looked at, with the options as they are now.
    pub fn subject(&self) -> Option<Wish> {
        self.subject.clone().map(|wish| self.with_options(wish))
    }

    /// A wish with the options as they are now.
    pub fn with_options(&self, wish: Wish) -> Wish {
        wish.with_options(self.options())
    }

    /// Shows that the worker looks at a model.
    pub fn look_at(&mut self, wish: Wish) {
        self.clear_problem();
        self.card.look(wish.label());
        self.subject = Some(wish);
    }

    /// Shows the model that was looked at. `at_own_size`: its memory was estimated at its own size.
    pub fn show_card(&mut self, card: &Card, at_own_size: bool) -> Result<()> {
        self.card.show(card, at_own_size)
    }

    /// The page asks before a large download.
    pub fn ask(&mut self, wish: Wish, card: &Card) -> Result<()> {
        if wish.files.is_empty() {
            self.address.set_value(wish.label());
        }
        self.subject = Some(wish);
        self.clear_problem();
        self.card.show(card, true)?;
        self.open();
        self.card.focus();
        Ok(())
    }

    /// Something is wrong with the model that was asked for.
    pub fn complain(&mut self, reason: impl Into<Line>) {
        self.card.hide();
        self.subject = None;
        self.problem_words.say(reason);
        show(&self.problem, true);
        set(&self.address, "aria-invalid", "true");
    }

    /// The address is being edited: what was shown is about another.
    pub fn edited(&mut self) {
        self.clear_problem();
        self.card.hide();
        self.subject = None;
    }

    /// Whether something else was typed since a model was begun from here.
    pub fn is_typed_in(&self) -> bool {
        self.typed() != self.begun
    }

    /// A model is on its way or ready: there is nothing to ask any more.
    pub fn settle(&mut self) {
        self.edited();
        self.address.set_value("");
    }

    /// Shows what the browser keeps.
    pub fn library(&mut self, library: &Library) -> Result<()> {
        self.kept.show(library)
    }

    /// The list of what is kept.
    pub fn kept(&mut self) -> &mut KeptList {
        &mut self.kept
    }

    /// Shows how far a model is on its way; nothing while none is.
    pub fn progress(&self, status: impl Into<Line>, bar: Bar) {
        self.status.say(status);
        match bar {
            Bar::Part(part) => self.progress.set_value(part.clamp(0.0, 1.0)),
            Bar::Moving | Bar::Idle => unset(&self.progress, "value"),
        }
    }

    /// Shows where the progress is: the button that began it lies above and can no longer be pressed.
    pub fn go_to_progress(&mut self) {
        self.begun = self.typed();
        self.meter.scroll_into_view_with_bool(false);
        let _ = self.meter.focus();
    }

    /// Whether there is a download that can be stopped.
    pub fn stoppable(&self, can_stop: bool) {
        show(&self.stop, can_stop);
    }

    /// While a model is on its way no other can be asked for.
    pub fn opening(&mut self, is_opening: bool) {
        show(&self.meter, is_opening);
        self.stoppable(false);
        self.card.rest(is_opening);
        self.kept.rest(is_opening);
    }

    fn options(&self) -> ModelOptions {
        ModelOptions {
            prediction_type: self.prediction_type.value(),
            full_precision: self.full_precision.checked(),
            low_memory: self.low_memory.checked(),
            preview: self.preview.value().trim().to_string(),
            merges: String::new(),
        }
    }

    fn clear_problem(&self) {
        show(&self.problem, false);
        unset(&self.address, "aria-invalid");
    }
}
