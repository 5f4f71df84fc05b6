//! Saving of images.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::super::database::StoreError;
use super::super::encoding::encode;
use super::super::entry::Entry;
use super::super::file::PngFile;
use super::super::store::{self, StoredFiles};
use super::{History, HistoryEvent, Item, load_error};
use crate::app::message::to_js;
use crate::app::protocol::{InitImagePixels, Shared};
use crate::error::Result;

impl History {
    /// Adds an image that was just generated, unless the history has it already; then emits
    /// [`HistoryEvent::Repeated`]. Marks it as shown if `is_shown`.
    pub fn add(&self, entry: Entry, file: Rc<PngFile>, is_shown: bool) {
        let twins = self.inner.borrow().images.twins(&entry);
        if twins.is_empty() {
            return self.keep(entry, file, is_shown);
        }
        let me = self.clone();
        spawn_local(async move {
            match me.equal_file(twins, &file).await {
                Some(kept) => {
                    if is_shown {
                        me.mark(Some(&kept));
                    }
                    me.emit(HistoryEvent::Repeated { key: entry.key, kept });
                }
                None => me.keep(entry, file, is_shown),
            }
        });
    }

    /// Returns the key of the image whose file has the same bytes.
    async fn equal_file(&self, keys: Vec<String>, file: &PngFile) -> Option<String> {
        let bytes = file.bytes().await.ok()?.to_vec();
        for key in keys {
            let kept = self.inner.borrow().images.get(&key).and_then(|item| item.file.clone());
            let kept = match kept {
                Some(kept) => kept.bytes().await.ok(),
                None => store::read(&key).await.ok().flatten().map(|files| files.png),
            };
            if kept.is_some_and(|kept| kept.to_vec() == bytes) {
                return Some(key);
            }
        }
        None
    }

    fn keep(&self, mut entry: Entry, file: Rc<PngFile>, is_shown: bool) {
        let start = entry.request.init_image.take();
        {
            let mut inner = self.inner.borrow_mut();
            inner.images.take_removed();
            let (entry, file) = (entry.clone(), Some(Rc::clone(&file)));
            let key = entry.key.clone();
            // Until it is encoded, it is held in memory.
            let unsaved = start.as_ref().map(to_js).transpose().ok().flatten();
            inner.insert(Item { entry, file, unsaved: Some(unsaved.unwrap_or_default()) });
            if is_shown {
                inner.strip.mark(Some(&key));
            }
        }
        let me = self.clone();
        spawn_local(async move {
            match files(&mut entry, &file, start).await {
                Ok(files) => me.save(&entry, &files).await,
                Err(error) => me.save_failed(load_error(error)),
            }
        });
    }

    pub(super) async fn save(&self, entry: &Entry, files: &StoredFiles) {
        match store::save(entry, files).await {
            Ok(old) => {
                if !self.mark_saved(entry) {
                    // The user removed it while it was being saved,
                    let _ = store::remove(&entry.key).await;
                    if self.mark_saved(entry) {
                        // and restored it while it was being removed.
                        let _ = store::save(entry, files).await;
                    }
                }
                for key in old {
                    self.forget(&key);
                }
            }
            Err(error) => {
                // Unsaved images are only in memory, which is limited too.
                let oldest = self.inner.borrow().images.keys_to_evict(&entry.key);
                for key in oldest {
                    self.forget(&key);
                }
                self.save_failed(error);
            }
        }
    }

    /// Marks an image as saved. Returns false if it was removed.
    fn mark_saved(&self, entry: &Entry) -> bool {
        let mut inner = self.inner.borrow_mut();
        let is_present = inner.images.mark_saved(entry);
        if is_present {
            inner.show_totals();
        }
        is_present
    }

    pub(super) fn save_failed(&self, error: StoreError) {
        let is_first = self.inner.borrow_mut().images.reports_failure();
        if is_first {
            self.emit(HistoryEvent::NotSaved(error));
        }
    }
}

/// Returns the files to save with `entry`, and sets the entry's size.
async fn files(
    entry: &mut Entry,
    file: &PngFile,
    start: Option<Shared<InitImagePixels>>,
) -> Result<StoredFiles> {
    let png = file.bytes().await?;
    let (start, start_bytes) = match start {
        Some(start) => encode(&start).await?,
        None => (JsValue::UNDEFINED, 0.0),
    };
    entry.bytes = file.len() + start_bytes;
    Ok(StoredFiles { png, start })
}
