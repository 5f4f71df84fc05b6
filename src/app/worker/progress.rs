//! How far the weights are, for the page.

use std::cell::Cell;

use super::call::Call;
use crate::app::protocol::{Event, Origin, Remark};
use crate::weights::cache::Transfer;

/// Counts bytes and tells the page.
pub struct Progress {
    call: Call,
    received: Cell<u64>,
    total: Cell<u64>,
    /// Another tab downloads the same model.
    elsewhere: Cell<bool>,
    near: Cell<bool>,
    fetched: Cell<bool>,
}

impl Progress {
    /// Nothing has arrived, and it is not known how much will.
    pub fn new(call: Call) -> Self {
        Progress {
            call,
            received: Cell::default(),
            total: Cell::default(),
            elsewhere: Cell::default(),
            near: Cell::default(),
            fetched: Cell::default(),
        }
    }

    /// So much will arrive. What came before were configs, too small to count.
    pub fn expect(&self, total: u64) {
        self.total.set(total);
    }

    /// Something arrived from a server or from the browser's store.
    pub fn hear(&self, transfer: Transfer) {
        match transfer {
            // Whole chunks are read ahead; how far the loading is, its tensors tell.
            Transfer::Received { cached: true, .. } if self.near.get() => {}
            Transfer::Received { bytes, cached, .. } => {
                self.fetched.set(self.fetched.get() || !cached);
                self.elsewhere.set(cached && self.elsewhere.get());
                self.count(
                    bytes,
                    match (cached, self.elsewhere.get()) {
                        (false, _) => Origin::Network,
                        (true, true) => Origin::Tab,
                        (true, false) => Origin::Browser,
                    },
                );
            }
            Transfer::OtherTab => {
                self.elsewhere.set(true);
                self.fetched.set(true);
                self.call.event(Event::OtherTab);
            }
            Transfer::NotKept { error } => {
                self.call.note(Remark::NotKept { fault: (&error).into() });
            }
        }
    }

    /// Whether some of it came from the network, or from another tab's.
    pub fn was_fetched(&self) -> bool {
        self.fetched.get()
    }

    /// Everything is near.
    pub fn is_near(&self) {
        self.elsewhere.set(false);
        self.near.set(true);
    }

    /// Some bytes arrived.
    pub fn count(&self, bytes: u64, origin: Origin) {
        let total = self.total.get();
        if total == 0 {
            return;
        }
        self.received.set(self.received.get() + bytes);
        let received = self.received.get().min(total);
        self.call.event(Event::Downloading { received, total, origin });
    }
}
