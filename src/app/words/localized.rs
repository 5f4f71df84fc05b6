//! Texts that follow a change of language.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::Element;

/// A text of the page that is evaluated in the current language: `words::stopped`, or `move ||
/// words::done_in(7)`. Strings are the same in every language.
#[derive(Clone)]
pub struct LocalizedText(Rc<dyn Fn() -> String>);

impl LocalizedText {
    /// Returns the text in the page's current language.
    pub fn text(&self) -> String {
        (self.0)()
    }
}

impl<F: Fn() -> String + 'static> From<F> for LocalizedText {
    fn from(words: F) -> Self {
        LocalizedText(Rc::new(words))
    }
}

impl From<String> for LocalizedText {
    fn from(text: String) -> Self {
        LocalizedText(Rc::new(move || text.clone()))
    }
}

impl From<&String> for LocalizedText {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<&str> for LocalizedText {
    fn from(text: &str) -> Self {
        text.to_string().into()
    }
}

/// An element whose text is retranslated.
pub struct LocalizedElement {
    element: Element,
    text: RefCell<Option<LocalizedText>>,
}

impl LocalizedElement {
    /// Wraps an element; its text stays that of index.html until `set` is called.
    pub fn new(element: impl Into<Element>) -> Self {
        LocalizedElement { element: element.into(), text: RefCell::default() }
    }

    /// Sets the text.
    pub fn set(&self, text: impl Into<LocalizedText>) {
        self.write(&self.text.borrow_mut().insert(text.into()).text());
    }

    /// Writes the text again in the page's current language.
    pub fn retranslate(&self) {
        if let Some(text) = &*self.text.borrow() {
            self.write(&text.text());
        }
    }

    /// Returns the element.
    pub fn element(&self) -> &Element {
        &self.element
    }

    fn write(&self, text: &str) {
        // Screen readers would announce an unchanged status again.
        if self.element.text_content().as_deref() != Some(text) {
            self.element.set_text_content(Some(text));
        }
    }
}
