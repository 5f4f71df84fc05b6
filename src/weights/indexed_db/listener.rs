//! Who is told what arrives.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::Error;

/// What the listener hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Transfer {
    /// Bytes of a weight file are here. Every byte of a file is told once, from
    /// [`Source::fetch`](crate::weights::Source::fetch) on: who only looks at an index hears nothing.
    Received {
        /// Path inside the checkpoint.
        path: String,
        /// How many more.
        bytes: u64,
        /// Whether they come from the store.
        cached: bool,
    },
    /// Another tab downloads the same model; what arrives there is told as from the store.
    Elsewhere,
    /// The browser does not keep what arrives from now on. Told once.
    NotKept {
        /// Why; [`Error::Storage`].
        error: Error,
    },
}

/// The listener, and what it was told.
pub struct Listener {
    hears: Rc<dyn Fn(Transfer)>,
    /// Bytes told of every chunk, by its file and its offset there.
    told: RefCell<HashMap<(String, u64), u64>>,
    knows_not_kept: Cell<bool>,
    has_begun: Cell<bool>,
}

impl Listener {
    pub fn new(hears: Rc<dyn Fn(Transfer)>) -> Self {
        let (knows_not_kept, has_begun) = (Cell::new(false), Cell::new(false));
        Listener { hears, told: RefCell::default(), knows_not_kept, has_begun }
    }

    /// From now on bytes are told.
    pub fn begin(&self) {
        self.has_begun.set(true);
    }

    /// Of the chunk that begins at `start`, so many bytes are here by now.
    pub fn tell(&self, path: &str, start: u64, here: u64, cached: bool) {
        if !self.has_begun.get() {
            return;
        }
        let news = {
            let mut told = self.told.borrow_mut();
            let told = told.entry((path.to_string(), start)).or_default();
            let news = here.saturating_sub(*told);
            *told += news;
            news
        };
        if news > 0 {
            (self.hears)(Transfer::Received { path: path.to_string(), bytes: news, cached });
        }
    }

    /// Another tab downloads the same model.
    pub fn elsewhere(&self) {
        (self.hears)(Transfer::Elsewhere);
    }

    /// Nothing is kept from now on.
    pub fn not_kept(&self, error: Error) {
        if !self.knows_not_kept.replace(true) {
            (self.hears)(Transfer::NotKept { error });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::{Listener, Transfer};

    #[test]
    fn every_byte_is_told_once() {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let ears = Rc::clone(&heard);
        let listener = Listener::new(Rc::new(move |transfer| {
            if let Transfer::Received { bytes, cached, .. } = transfer {
                ears.borrow_mut().push((bytes, cached));
            }
        }));
        listener.tell("a", 0, 3, true);
        listener.begin();
        listener.tell("a", 0, 3, false);
        listener.tell("a", 0, 3, true);
        listener.tell("a", 0, 10, true);
        listener.tell("a", 10, 2, false);
        listener.tell("b", 0, 5, false);
        assert_eq!(*heard.borrow(), [(3, false), (7, true), (2, false), (5, false)]);
    }
}
