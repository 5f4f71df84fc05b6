//! Progress of download and loading.

use std::cell::Cell;

use super::call::Call;
use crate::app::protocol::{Event, Note, Origin};
use crate::weights::cache::Transfer;

/// Counts received bytes and reports them to the page.
pub struct Progress {
    call: Call,
    received: Cell<u64>,
    total: Cell<u64>,
    /// Whether another tab downloads the same model.
    from_other_tab: Cell<bool>,
    is_complete: Cell<bool>,
    fetched: Cell<bool>,
}

impl Progress {
    /// Creates a counter without a total.
    pub fn new(call: Call) -> Self {
        Progress {
            call,
            received: Cell::default(),
            total: Cell::default(),
            from_other_tab: Cell::default(),
            is_complete: Cell::default(),
            fetched: Cell::default(),
        }
    }

    /// Sets the total. Configs that were received before are too small to count.
    pub fn expect(&self, total: u64) {
        self.total.set(total);
    }

    /// Handles a transfer from a server or from the browser's storage.
    pub fn on_transfer(&self, transfer: Transfer) {
        match transfer {
            // Chunks are read ahead; after the download, loaded tensors count instead.
            Transfer::Received { cached: true, .. } if self.is_complete.get() => {}
            Transfer::Received { bytes, cached, .. } => {
                self.fetched.set(self.fetched.get() || !cached);
                self.from_other_tab.set(cached && self.from_other_tab.get());
                self.add(
                    bytes,
                    match (cached, self.from_other_tab.get()) {
                        (false, _) => Origin::Network,
                        (true, true) => Origin::Tab,
                        (true, false) => Origin::Browser,
                    },
                );
            }
            Transfer::OtherTab => {
                self.from_other_tab.set(true);
                self.fetched.set(true);
                self.call.event(Event::OtherTab);
            }
            Transfer::NotKept { error } => {
                self.call.note(Note::NotKept { error: (&error).into() });
            }
        }
    }

    /// Returns whether bytes came from the network or from another tab.
    pub fn was_fetched(&self) -> bool {
        self.fetched.get()
    }

    /// Marks the download as complete.
    pub fn set_complete(&self) {
        self.from_other_tab.set(false);
        self.is_complete.set(true);
    }

    /// Adds received bytes and reports the sum.
    pub fn add(&self, bytes: u64, origin: Origin) {
        let total = self.total.get();
        if total == 0 {
            return;
        }
        self.received.set(self.received.get() + bytes);
        let received = self.received.get().min(total);
        self.call.event(Event::Downloading { received, total, origin });
    }
}
