//! How far the weights are, for the page.

use std::cell::Cell;

use super::port::Port;
use crate::app::protocol::{Origin, Remark, Report};
use crate::weights::indexed_db::Transfer;

/// Counts bytes and tells the page.
pub struct Progress {
    port: Port,
    received: Cell<u64>,
    total: Cell<u64>,
    /// Another tab downloads the same model.
    elsewhere: Cell<bool>,
}

impl Progress {
    /// Nothing has arrived, and it is not known how much will.
    pub fn new(port: Port) -> Self {
        Progress { port, received: Cell::new(0), total: Cell::new(0), elsewhere: Cell::new(false) }
    }

    /// So much will arrive. What came before were configs, too small to count.
    pub fn expect(&self, total: u64) {
        self.total.set(total);
    }

    /// Something arrived from a server or from the browser's store.
    pub fn hear(&self, transfer: Transfer) {
        match transfer {
            Transfer::Received { bytes, cached, .. } => {
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
            Transfer::Elsewhere => {
                self.elsewhere.set(true);
                self.port.post(&Report::Elsewhere);
            }
            Transfer::NotKept { error } => {
                let remark = Remark::NotKept { fault: (&error).into() };
                self.port.post(&Report::Note { id: None, remark });
            }
        }
    }

    /// Everything is near; what is heard from now on is read from the store.
    pub fn is_near(&self) {
        self.elsewhere.set(false);
    }

    /// Some bytes arrived.
    pub fn count(&self, bytes: u64, origin: Origin) {
        let total = self.total.get();
        if total == 0 {
            return;
        }
        self.received.set(self.received.get() + bytes);
        let received = self.received.get().min(total);
        self.port.post(&Report::Downloading { received, total, origin });
    }
}
