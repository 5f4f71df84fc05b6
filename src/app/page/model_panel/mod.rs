//! Dialog for choosing a model.
//!
//! It shows the loaded model, describes others, and lists the models in the browser's storage.

mod actions;
mod card;
pub mod events;
mod kept;
mod opening;
pub mod selection;
pub mod state;
mod suggestions;
mod vae;
mod vocabulary;

use std::rc::Rc;

use web_sys::{
    Element, HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlProgressElement,
    HtmlSelectElement,
};

use self::card::CardView;
use self::kept::KeptList;
use self::selection::ModelSelection;
use self::suggestions::SuggestionList;
pub use self::suggestions::read_json;
use self::vae::VaeField;
pub use self::vocabulary::Vocabulary;
use super::hub_token;
use super::view::ProgressBar;
use crate::app::dom::{by_id, set, show, unset};
use crate::app::protocol::{Card, Library, Memory, ModelOptions};
use crate::app::words::{self, LocalizedElement, LocalizedText, amount};
use crate::error::Result;

/// The elements and the inspected model.
pub struct ModelPanel {
    dialog: HtmlDialogElement,
    current: HtmlElement,
    current_text: LocalizedElement,
    memory: Option<Memory>,
    address: HtmlInputElement,
    problem: HtmlElement,
    problem_text: LocalizedElement,
    prediction_type: HtmlSelectElement,
    full_precision: HtmlInputElement,
    low_memory: HtmlInputElement,
    preview: HtmlInputElement,
    vae: VaeField,
    hub_token: HtmlInputElement,
    hub_token_status: LocalizedElement,
    hub_token_problem: LocalizedElement,
    card: CardView,
    kept: KeptList,
    suggestions: Rc<SuggestionList>,
    meter: HtmlElement,
    status: LocalizedElement,
    progress: HtmlProgressElement,
    stop: HtmlElement,
    /// The inspected model.
    subject: Option<ModelSelection>,
    /// The typed address when a model was opened from the panel.
    submitted: String,
}

impl ModelPanel {
    /// Binds to the elements of the page at `base`.
    pub fn bind(base: &str) -> Result<Self> {
        let folders: HtmlInputElement = by_id("picked-folder")?;
        // Browsers on phones cannot pick folders.
        let picks_folders = js_sys::Reflect::has(&folders, &"webkitdirectory".into());
        show(&by_id::<Element>("pick-folder")?, picks_folders.unwrap_or(false));
        Ok(ModelPanel {
            dialog: by_id("model-panel")?,
            current: by_id("model-now")?,
            current_text: LocalizedElement::new(by_id::<HtmlElement>("model-now")?),
            memory: None,
            address: by_id("model-address")?,
            problem: by_id("model-address-problem")?,
            problem_text: LocalizedElement::new(by_id::<HtmlElement>("model-address-problem")?),
            prediction_type: by_id("prediction-type")?,
            full_precision: by_id("full-precision")?,
            low_memory: by_id("low-memory")?,
            preview: by_id("preview-model")?,
            vae: VaeField::bind(base)?,
            hub_token: by_id("hub-token")?,
            hub_token_status: LocalizedElement::new(by_id::<HtmlElement>("hub-token-status")?),
            hub_token_problem: LocalizedElement::new(by_id::<HtmlElement>("hub-token-problem")?),
            card: CardView::bind()?,
            kept: KeptList::bind()?,
            suggestions: SuggestionList::bind(base)?,
            meter: by_id("panel-meter")?,
            status: LocalizedElement::new(by_id::<HtmlElement>("panel-status")?),
            progress: by_id("panel-progress")?,
            stop: by_id("panel-stop")?,
            subject: None,
            submitted: String::new(),
        })
    }

    /// Opens the panel. When it is closed, the browser restores the focus.
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

    /// Returns whether the panel is open.
    pub fn is_open(&self) -> bool {
        self.dialog.open()
    }

    /// Shows which model is loaded.
    pub fn set_current(&self, sentence: impl Into<LocalizedText>) {
        self.current_text.set(sentence);
    }

    /// Shows the loaded model's memory use, as a tooltip and for tests.
    pub fn set_memory(&mut self, memory: Memory) {
        let Memory { heap, gpu, weights } = memory;
        for (name, bytes) in [("heap", Some(heap)), ("gpu", gpu), ("weights", Some(weights))] {
            let bytes = bytes.map_or(String::new(), |bytes| bytes.to_string());
            set(&self.current, &format!("data-{name}"), &bytes);
        }
        self.memory = Some(memory);
        self.write_memory();
    }

    fn write_memory(&self) {
        let Some(Memory { heap, gpu, .. }) = self.memory else { return };
        let title = match gpu {
            Some(gpu) => words::panel_takes_gpu(amount(gpu), amount(heap)),
            None => words::panel_takes(amount(heap)),
        };
        set(&self.current, "title", &title);
    }

    /// Retranslates the panel.
    pub fn retranslate(&mut self) -> Result<()> {
        for voice in [
            &self.current_text,
            &self.problem_text,
            &self.status,
            &self.hub_token_status,
            &self.hub_token_problem,
        ] {
            voice.retranslate();
        }
        self.write_memory();
        self.kept.retranslate();
        self.suggestions.retranslate();
        self.card.retranslate()
    }

    /// Returns the typed address.
    pub fn typed(&self) -> String {
        self.address.value()
    }

    /// Replaces the typed address.
    pub fn set_typed(&self, address: &str) {
        self.address.set_value(address);
        let _ = self.address.focus();
    }

    /// Saves the typed token of the Hub, or removes the saved one, and says so.
    pub fn change_hub_token(&self, save: bool) {
        if save && !hub_token::save(&self.hub_token) {
            self.hub_token_status.set("");
            self.hub_token_problem.set(words::hub_token_not_saved);
            return show(self.hub_token_problem.element(), true);
        }
        show(self.hub_token_problem.element(), false);
        if !save {
            hub_token::remove();
            self.hub_token.set_value("");
        }
        self.hub_token_status.set(match save {
            true => LocalizedText::from(words::hub_token_saved),
            false => LocalizedText::from(words::hub_token_removed),
        });
    }

    /// Returns the inspected model with the present options.
    pub fn subject(&mut self) -> Option<ModelSelection> {
        let subject = self.subject.clone();
        subject.map(|selection| self.with_options(selection))
    }

    /// Returns whether a model is inspected.
    pub fn has_subject(&self) -> bool {
        self.subject.is_some()
    }

    /// Returns the field of the autoencoder.
    pub fn vae(&mut self) -> &mut VaeField {
        &mut self.vae
    }

    /// Returns a selection with the present options.
    pub fn with_options(&mut self, selection: ModelSelection) -> ModelSelection {
        let selection = self.vae.added_to(selection);
        selection.with_options(self.options())
    }

    /// Shows that the worker inspects a model.
    pub fn inspect(&mut self, selection: ModelSelection) {
        self.clear_problem();
        self.card.show_loading(selection.label());
        self.subject = Some(selection);
    }

    /// Shows an inspected model. `at_own_size`: its memory was estimated for its native size.
    pub fn show_card(&mut self, card: &Card, at_own_size: bool) -> Result<()> {
        self.card.show(card, at_own_size)
    }

    /// Asks for consent to a large download.
    pub fn ask_consent(&mut self, selection: ModelSelection, card: &Card) -> Result<()> {
        if selection.files.is_empty() {
            self.address.set_value(selection.label());
        }
        self.subject = Some(selection);
        self.clear_problem();
        self.card.show(card, true)?;
        self.open();
        self.card.focus();
        Ok(())
    }

    /// Returns the smaller size that fits the inspected model, if its own does not.
    pub fn fitting_size(&self) -> Option<(u32, u32)> {
        self.card.fitting_size()
    }

    /// Scrolls to the card of the inspected model.
    pub fn go_to_card(&self) {
        self.card.scroll_to();
    }

    /// Shows an error of the selected model.
    pub fn show_problem(&mut self, reason: impl Into<LocalizedText>) {
        self.card.hide();
        self.subject = None;
        self.problem_text.set(reason);
        show(&self.problem, true);
        set(&self.address, "aria-invalid", "true");
    }

    /// Clears the card when the address is edited.
    pub fn edited(&mut self) {
        self.clear_problem();
        self.card.hide();
        self.subject = None;
    }

    /// Returns whether the user has typed another address since a model was opened from here.
    pub fn has_new_input(&self) -> bool {
        self.typed() != self.submitted
    }

    /// Clears card and address after a model was loaded.
    pub fn settle(&mut self) {
        self.edited();
        self.address.set_value("");
    }

    /// Shows the stored models.
    pub fn library(&mut self, library: &Library) -> Result<()> {
        self.kept.show(library)
    }

    /// Returns the list of models to load.
    pub fn suggestions(&self) -> &SuggestionList {
        &self.suggestions
    }

    /// Returns the list of stored models.
    pub fn kept(&mut self) -> &mut KeptList {
        &mut self.kept
    }

    /// Shows the progress of loading.
    pub fn progress(&self, status: impl Into<LocalizedText>, bar: ProgressBar) {
        self.status.set(status);
        match bar {
            ProgressBar::Fraction(part) => self.progress.set_value(part.clamp(0.0, 1.0)),
            ProgressBar::Indeterminate | ProgressBar::Idle => unset(&self.progress, "value"),
        }
    }

    /// Scrolls to the progress bar and focuses it, because the pressed button is disabled now.
    pub fn go_to_progress(&mut self) {
        self.submitted = self.typed();
        self.meter.scroll_into_view_with_bool(false);
        let _ = self.meter.focus();
    }

    /// Shows or hides the button that stops the download.
    pub fn set_stoppable(&self, can_stop: bool) {
        show(&self.stop, can_stop);
    }

    /// Shows the progress bar and disables the buttons while a model is loading.
    pub fn opening(&mut self, is_opening: bool) {
        show(&self.meter, is_opening);
        self.set_stoppable(false);
        self.card.set_disabled(is_opening);
        self.kept.set_disabled(is_opening);
    }

    /// Writes the options of a model into their inputs.
    pub fn show_options(&mut self, selection: &ModelSelection) {
        let options = &selection.choice.options;
        self.vae.show(selection);
        self.prediction_type.set_value(&options.prediction_type);
        self.full_precision.set_checked(options.full_precision);
        self.low_memory.set_checked(options.low_memory);
        self.preview.set_value(&options.preview);
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
