//! Events of a download, for the page's progress display.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::Error;

/// An event of a download.
#[derive(Debug, Clone, PartialEq)]
pub enum Transfer {
    /// Bytes of a weight file were received or read from the store. Every byte of a file is
    /// reported once, from [`Source::fetch`](crate::weights::Source::fetch) on: reading an index
    /// reports nothing.
    Received {
        /// Path inside the checkpoint.
        path: String,
        /// How many more.
        bytes: u64,
        /// Whether they come from the store.
        cached: bool,
    },
    /// Another tab downloads the same model. The bytes that it receives are reported as cached.
    OtherTab,
    /// The browser does not keep anything from now on. Reported once.
    NotKept {
        /// Why; [`Error::Storage`].
        error: Error,
    },
}

/// Calls the listener, without repeating itself.
pub struct TransferReporter {
    listener: Rc<dyn Fn(Transfer)>,
    /// Reported bytes of every chunk, by its file and its offset in the file.
    reported: RefCell<HashMap<(String, u64), u64>>,
    has_reported_not_kept: Cell<bool>,
    has_started: Cell<bool>,
}

impl TransferReporter {
    pub fn new(listener: Rc<dyn Fn(Transfer)>) -> Self {
        TransferReporter {
            listener,
            reported: RefCell::default(),
            has_reported_not_kept: Cell::default(),
            has_started: Cell::default(),
        }
    }

    /// Bytes are reported from now on.
    pub fn start(&self) {
        self.has_started.set(true);
    }

    /// Reports that the first `available` bytes of the chunk at offset `start` are here.
    pub fn report_received(&self, path: &str, start: u64, available: u64, cached: bool) {
        if !self.has_started.get() {
            return;
        }
        let bytes = {
            let mut reported = self.reported.borrow_mut();
            let reported = reported.entry((path.to_string(), start)).or_default();
            let bytes = available.saturating_sub(*reported);
            *reported += bytes;
            bytes
        };
        if bytes > 0 {
            (self.listener)(Transfer::Received { path: path.to_string(), bytes, cached });
        }
    }

    /// Reports that another tab downloads the same model.
    pub fn report_other_tab(&self) {
        (self.listener)(Transfer::OtherTab);
    }

    /// Reports that nothing is kept from now on, the first time.
    pub fn report_not_kept(&self, error: Error) {
        if !self.has_reported_not_kept.replace(true) {
            (self.listener)(Transfer::NotKept { error });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::{Transfer, TransferReporter};

    #[test]
    fn every_byte_is_reported_once() {
        let events = Rc::new(RefCell::new(Vec::new()));
        let listener = Rc::clone(&events);
        let reporter = TransferReporter::new(Rc::new(move |transfer| {
            if let Transfer::Received { bytes, cached, .. } = transfer {
                listener.borrow_mut().push((bytes, cached));
            }
        }));
        reporter.report_received("a", 0, 3, true);
        reporter.start();
        reporter.report_received("a", 0, 3, false);
        reporter.report_received("a", 0, 3, true);
        reporter.report_received("a", 0, 10, true);
        reporter.report_received("a", 10, 2, false);
        reporter.report_received("b", 0, 5, false);
        assert_eq!(*events.borrow(), [(3, false), (7, true), (2, false), (5, false)]);
    }
}
