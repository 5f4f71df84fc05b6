//! Something said that can be said again in another language.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::Element;

/// A text of the page, in whatever language it speaks at the moment: `words::stopped`, or
/// `move || words::done_in(7)`. A text that is given as it is stays as it is.
#[derive(Clone)]
pub struct Line(Rc<dyn Fn() -> String>);

impl Line {
    /// As it is now.
    pub fn text(&self) -> String {
        (self.0)()
    }
}

impl<F: Fn() -> String + 'static> From<F> for Line {
    fn from(words: F) -> Self {
        Line(Rc::new(words))
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Line(Rc::new(move || text.clone()))
    }
}

impl From<&String> for Line {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        text.to_string().into()
    }
}

/// An element with a text that changes, and what it says at the moment.
pub struct Voice {
    element: Element,
    line: RefCell<Option<Line>>,
}

impl Voice {
    /// Of an element; until it is told something it says what index.html says.
    pub fn new(element: impl Into<Element>) -> Self {
        Voice { element: element.into(), line: RefCell::default() }
    }

    /// Says something else.
    pub fn say(&self, line: impl Into<Line>) {
        self.write(&self.line.borrow_mut().insert(line.into()).text());
    }

    /// Says the same again, in the page's language of now.
    pub fn again(&self) {
        if let Some(line) = &*self.line.borrow() {
            self.write(&line.text());
        }
    }

    /// The element itself.
    pub fn element(&self) -> &Element {
        &self.element
    }

    fn write(&self, text: &str) {
        // Set again, a status would be read out again.
        if self.element.text_content().as_deref() != Some(text) {
            self.element.set_text_content(Some(text));
        }
    }
}
