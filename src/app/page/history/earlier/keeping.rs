//! Pictures are put into the store.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{Earlier, Item, News, unread};
use crate::app::message::to_js;
use crate::app::page::history::database::Refused;
use crate::app::page::history::entry::Entry;
use crate::app::page::history::file::PngFile;
use crate::app::page::history::packing::pack;
use crate::app::page::history::store::{self, Record};
use crate::app::protocol::{Shared, Start};
use crate::error::Result;

impl Earlier {
    /// Adds a picture that was just made, and marks it as the one that is shown.
    pub fn add(&self, mut entry: Entry, file: Rc<PngFile>) {
        let start = entry.request.start.take();
        {
            let mut inner = self.inner.borrow_mut();
            inner.removed.clear();
            let (entry, file) = (entry.clone(), Some(Rc::clone(&file)));
            let key = entry.key.clone();
            // Packing it takes a while.
            let unkept = start.as_ref().map(to_js).transpose().ok().flatten();
            inner.insert(Item { entry, file, unkept: Some(unkept.unwrap_or_default()) });
            inner.strip.mark(Some(&key));
        }
        let me = self.clone();
        spawn_local(async move {
            match record(&mut entry, &file, start).await {
                Ok(record) => me.keep(&entry, &record).await,
                Err(error) => me.not_kept(unread(error)),
            }
        });
    }

    pub(super) async fn keep(&self, entry: &Entry, record: &Record) {
        match store::keep(entry, record).await {
            Ok(old) => {
                if !self.is_kept(entry) {
                    // It was removed before it was kept.
                    let _ = store::remove(&entry.key).await;
                    if self.is_kept(entry) {
                        // And brought back before it was removed.
                        let _ = store::keep(entry, record).await;
                    }
                }
                for key in old {
                    self.forget(&key);
                }
            }
            Err(refused) => {
                // They are in the program's memory alone, which has its end as well.
                for key in self.inner.borrow().to_go(&entry.key) {
                    self.forget(&key);
                }
                self.not_kept(refused);
            }
        }
    }

    /// Notes that the store has a picture. False if it is no longer shown.
    fn is_kept(&self, entry: &Entry) -> bool {
        let mut inner = self.inner.borrow_mut();
        let Some(item) = inner.items.get_mut(&entry.key) else { return false };
        item.unkept = None;
        item.entry.bytes = entry.bytes;
        inner.count();
        true
    }

    pub(super) fn not_kept(&self, refused: Refused) {
        if !std::mem::replace(&mut self.inner.borrow_mut().told, true) {
            self.tell(News::NotKept(refused));
        }
    }
}

/// What is to be kept with `entry`, whose bytes it says then.
async fn record(entry: &mut Entry, file: &PngFile, start: Option<Shared<Start>>) -> Result<Record> {
    let png = file.bytes().await?;
    let (start, start_bytes) = match start {
        Some(start) => pack(&start).await?,
        None => (JsValue::UNDEFINED, 0.0),
    };
    entry.bytes = file.len() + start_bytes;
    Ok(Record { png, start })
}
