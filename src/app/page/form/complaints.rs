//! What is wrong with a value, said beside its field.

use std::cell::RefCell;
use std::collections::BTreeMap;

use web_sys::{Element, HtmlElement};

use crate::app::dom::{by_id, forgive, set, show, unset};
use crate::app::protocol::Fault;
use crate::app::words::{self, Voice, complaint};
use crate::error::{Message, Result};
use crate::params::{FIELDS, Field, IMAGES, NUM_IMAGES};

/// Every field that something may be said about.
fn fields() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().chain(&IMAGES).chain([&NUM_IMAGES])
}

/// The places beside the fields, and what is said there.
pub struct Complaints {
    width: HtmlElement,
    height: HtmlElement,
    size_problem: HtmlElement,
    size_words: Voice,
    /// By the fields' ids.
    said: RefCell<BTreeMap<&'static str, Voice>>,
}

impl Complaints {
    /// Finds the places in the page.
    pub fn bind() -> Result<Self> {
        Ok(Complaints {
            width: by_id("width")?,
            height: by_id("height")?,
            size_problem: by_id("size-problem")?,
            size_words: Voice::new(by_id::<HtmlElement>("size-problem")?),
            said: RefCell::default(),
        })
    }

    /// Shows what is wrong beside the field that it is about, and goes there. False if it is about no
    /// field.
    pub fn show(&self, fault: &Fault) -> bool {
        if fault.code != "invalid-request" {
            return false;
        }
        if fault.detail("field") == "size" {
            self.refuse_size(fault.argument("reason"));
            reveal(&self.width);
            return true;
        }
        let Some(about) = fields().find(|field| field.name == fault.detail("field")) else {
            return false;
        };
        let id = about.id;
        let (Ok(field), Ok(problem)) =
            (by_id::<HtmlElement>(id), by_id::<Element>(&format!("{id}-problem")))
        else {
            return false;
        };
        show(&problem, true);
        let (value, reason) = (fault.argument("value"), fault.argument("reason"));
        let voice = Voice::new(problem);
        voice.say(move || {
            words::field_is(words::field_name(about), words::said(&value), words::said(&reason))
        });
        self.said.borrow_mut().insert(id, voice);
        set(&field, "aria-invalid", "true");
        reveal(&field);
        true
    }

    /// The size cannot be.
    pub fn refuse_size(&self, reason: Message) {
        self.size_words.say(move || complaint(&reason));
        show(&self.size_problem, true);
        for side in [&self.width, &self.height] {
            set(side, "aria-invalid", "true");
        }
    }

    /// The size can be.
    pub fn accept_size(&self) {
        if !self.size_problem.hidden() {
            show(&self.size_problem, false);
            unset(&self.width, "aria-invalid");
            unset(&self.height, "aria-invalid");
        }
    }

    /// Nothing is wrong any more.
    pub fn clear(&self) {
        self.accept_size();
        fields().for_each(|field| forgive(field.id));
    }

    /// The page speaks another language now.
    pub fn speak(&self) {
        self.size_words.again();
        for voice in self.said.borrow().values() {
            voice.again();
        }
    }
}

/// Goes to a field; in a closed section it could not be focused.
fn reveal(field: &HtmlElement) {
    if let Ok(Some(section)) = field.closest("details") {
        set(&section, "open", "");
    }
    let _ = field.focus();
}
