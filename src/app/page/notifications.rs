//! Notifications under the Generate button.

use std::cell::RefCell;

use web_sys::{Element, HtmlElement};

use crate::app::dom::{by_id, closest, on, prepend_template, scroll_into_view, set, show};
use crate::app::words::{self, LocalizedElement, LocalizedText};
use crate::error::Result;

/// The list of notifications.
pub struct Notifications {
    container: HtmlElement,
    template: HtmlElement,
    /// Their texts.
    texts: RefCell<Vec<LocalizedElement>>,
}

/// Severity of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Information.
    Info,
    /// An error.
    Error,
}

/// Action that a notification offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Use the CPU.
    UseCpu,
    /// Use the GPU.
    UseGpu,
    /// Show the models that can be loaded.
    OtherModels,
    /// Use the model that comes with the page.
    UseBundledModel,
    /// Resume the interrupted job.
    Resume,
    /// Resume it at this width and height.
    UseSize(u32, u32),
    /// Use the opened file as init image.
    UseAsInitImage,
    /// Restore the form's previous settings.
    RestoreSettings,
    /// Use the settings in the pasted text.
    UsePastedSettings,
    /// Show the list of adapters.
    ShowAdapters,
}

impl Action {
    /// Returns the action to use the CPU, if that helps.
    pub fn use_cpu_if(helps: bool) -> &'static [Self] {
        if helps { &[Action::UseCpu] } else { &[] }
    }

    /// Returns the `data-action` of its button.
    fn attribute(self) -> &'static str {
        match self {
            Action::UseCpu => "use-cpu",
            Action::UseGpu => "use-gpu",
            Action::OtherModels => "other-models",
            Action::UseBundledModel => "use-bundled",
            Action::Resume => "go-on",
            Action::UseSize(..) => "smaller",
            Action::UseAsInitImage => "start-from-it",
            Action::RestoreSettings => "put-back",
            Action::UsePastedSettings => "use-pasted",
            Action::ShowAdapters => "show-adapters",
        }
    }
}

impl Notifications {
    /// Binds to the page, and makes notifications dismissable.
    pub fn bind() -> Result<Self> {
        let notes = Notifications {
            container: by_id("notes")?,
            template: by_id("note-template")?,
            texts: RefCell::default(),
        };
        on(&notes.container, "click", |event| {
            if let Some(note) =
                closest(event, "[data-action=dismiss]").and_then(|_| closest(event, ".note"))
            {
                note.remove();
            }
        });
        Ok(notes)
    }

    /// Shows a notification; an equal one is replaced.
    pub fn notify(&self, message: impl Into<LocalizedText>, severity: Severity) {
        self.notify_with_actions(message, severity, &[]);
    }

    /// Shows a notification with buttons.
    pub fn notify_with_actions(
        &self,
        message: impl Into<LocalizedText>,
        severity: Severity,
        actions: &[Action],
    ) {
        let message = message.into();
        self.remove_same(&message.text());
        let Some(note) = prepend_template(&self.template, &self.container) else { return };
        let wrong = severity == Severity::Error;
        note.set_class_name(if wrong { "note wrong" } else { "note" });
        set(&note, "role", if wrong { "alert" } else { "status" });
        let mut texts = self.texts.borrow_mut();
        texts.retain(|text| text.element().is_connected());
        if let Ok(Some(text)) = note.query_selector("p") {
            let text = LocalizedElement::new(text);
            text.set(message);
            texts.push(text);
        }
        for action in actions {
            let selector = format!("[data-action={}]", action.attribute());
            let Ok(Some(button)) = note.query_selector(&selector) else { continue };
            show(&button, true);
            if let Action::UseSize(width, height) = *action {
                let name = LocalizedElement::new(button);
                name.set(LocalizedText::from(move || words::use_size(width, height)));
                texts.push(name);
            }
        }
        scroll_into_view(&note); // With its buttons.
    }

    /// Shows a notification about another model, with a button that inspects the model at `place`.
    pub fn notify_about_model(&self, message: impl Into<LocalizedText>, place: Option<&str>) {
        self.notify(message, Severity::Info);
        let Some(place) = place else { return };
        if let Ok(Some(button)) = self.container.query_selector(".note [data-action=look-at-model]")
        {
            set(&button, "data-place", place);
            show(&button, true);
        }
    }

    /// Offers in the newest notification to replace words by others.
    pub fn offer_replacements(&self, replacements: &[(String, String)]) {
        let button = self.container.query_selector(".note [data-action=replace-word]");
        let Ok(Some(first)) = button else { return };
        for (word, by) in replacements {
            let Some(button) = copy_before(&first) else { return };
            set(&button, "data-old", word);
            set(&button, "data-new", by);
            let name = LocalizedElement::new(button.clone());
            let (word, by) = (word.clone(), by.clone());
            name.set(LocalizedText::from(move || words::replace_word(&word, &by)));
            self.texts.borrow_mut().push(name);
            show(&button, true);
        }
        self.scroll_to_newest();
    }

    /// Scrolls to the newest notification.
    pub fn scroll_to_newest(&self) {
        if let Some(newest) = self.container.first_element_child() {
            scroll_into_view(&newest);
        }
    }

    /// Removes all notifications.
    pub fn clear(&self) {
        self.container.set_text_content(None);
        self.texts.borrow_mut().clear();
    }

    /// Removes all notifications except those that offer `action`.
    pub fn clear_except(&self, action: Action) {
        self.remove_if(|note| !offers(note, action));
    }

    /// Removes the notifications that offer `action`.
    pub fn withdraw(&self, action: Action) {
        self.remove_if(|note| offers(note, action));
    }

    /// Retranslates all notifications.
    pub fn retranslate(&self) {
        for text in &*self.texts.borrow() {
            text.retranslate();
        }
    }

    /// Returns the container, for listeners of the buttons.
    pub fn container(&self) -> &HtmlElement {
        &self.container
    }

    fn remove_same(&self, message: &str) {
        self.remove_if(|note| {
            let text = note.query_selector("p").ok().flatten().and_then(|text| text.text_content());
            text.as_deref() == Some(message)
        });
    }

    fn remove_if(&self, is_removed: impl Fn(&Element) -> bool) {
        let mut next = self.container.first_element_child();
        while let Some(note) = next {
            next = note.next_element_sibling();
            if is_removed(&note) {
                note.remove();
            }
        }
        self.texts.borrow_mut().retain(|text| text.element().is_connected());
    }
}

/// Inserts a copy of an element before it, and returns the copy.
fn copy_before(element: &Element) -> Option<Element> {
    element.insert_adjacent_html("beforebegin", &element.outer_html()).ok()?;
    element.previous_element_sibling()
}

/// Returns whether a notification has the button of `action`.
fn offers(note: &Element, action: Action) -> bool {
    let selector = format!("[data-action={}]:not([hidden])", action.attribute());
    note.query_selector(&selector).ok().flatten().is_some()
}
