//! Images of the history and their thumbnails.

mod load;
mod save;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::ImageData;

use super::database::StoreError;
use super::entry::Entry;
use super::file::PngFile;
use super::state::{self, HistoryState, Totals};
use super::store::{self, StoredFiles};
use super::strip::Strip;
use crate::error::{Error, Result};

/// Event of the history.
pub enum HistoryEvent {
    /// The browser cannot store images. Reported once.
    NotSaved(StoreError),
    /// A generated image is the one that the history has as `kept`, so it is not added.
    Repeated {
        /// Key of the generated image.
        key: String,
        /// Key of the image in the history.
        kept: String,
    },
    /// The requested image was removed by another tab.
    Missing,
    /// An image could not be read.
    NotLoaded(StoreError),
    /// An opened file is this image of the history.
    Found(Box<LoadedEntry>),
}

/// The history. Changes show in the strip at once; the database follows asynchronously.
#[derive(Clone)]
pub struct History {
    inner: Rc<RefCell<Inner>>,
}

/// An image of the history with its files.
pub struct LoadedEntry {
    /// Its entry, with init image.
    pub entry: Entry,
    /// Its pixels.
    pub image: ImageData,
    /// Its file.
    pub file: Rc<PngFile>,
}

/// The images and their view.
struct Inner {
    strip: Strip,
    images: HistoryState<Rc<PngFile>, JsValue, StoredFiles>,
    listener: Rc<dyn Fn(HistoryEvent)>,
}

type Item = state::Item<Rc<PngFile>, JsValue>;

impl History {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        let (strip, images) = (Strip::bind()?, HistoryState::default());
        let inner = Inner { strip, images, listener: Rc::new(|_| {}) };
        Ok(History { inner: Rc::new(RefCell::new(inner)) })
    }

    /// Loads the images of earlier visits. `listener` is called from the browser's event loop,
    /// never from inside a call of this type.
    pub fn open(&self, listener: impl Fn(HistoryEvent) + 'static) {
        self.inner.borrow_mut().listener = Rc::new(listener);
        let me = self.clone();
        spawn_local(async move {
            // A database that cannot be used is reported with the first image.
            for entry in store::list().await.unwrap_or_default() {
                let mut inner = me.inner.borrow_mut();
                if inner.images.get(&entry.key).is_none() {
                    inner.insert(Item { entry, file: None, unsaved: None });
                }
            }
            me.load_thumbnails();
        });
    }

    /// Marks the shown image.
    pub fn mark(&self, key: Option<&str>) {
        self.inner.borrow().strip.mark(key);
    }

    /// Removes an image; `undo` can restore it.
    pub fn remove(&self, key: String) {
        let Some(item) = self.inner.borrow_mut().take(&key) else { return };
        let me = self.clone();
        spawn_local(async move {
            let files = match (&item.unsaved, &item.file) {
                (Some(start), Some(file)) => {
                    let png = file.bytes().await.ok();
                    png.map(|png| StoredFiles { png, start: start.clone() })
                }
                _ => store::read(&key).await.ok().flatten(),
            };
            let removed = store::remove(&key).await;
            let mut inner = me.inner.borrow_mut();
            if let Some(files) = files {
                inner.images.offer_undo(item.entry, files);
            }
            inner.show_totals();
            drop(inner);
            if let (Err(error), None) = (removed, item.unsaved) {
                me.save_failed(error);
            }
            me.load_thumbnails(); // Others have become visible.
        });
    }

    /// Restores the removed images.
    pub fn undo(&self) {
        let removed = self.inner.borrow_mut().images.take_removed();
        for (entry, files) in removed {
            let Ok(file) = PngFile::new(&files.png) else { continue };
            let item = Item {
                entry: entry.clone(),
                file: Some(Rc::new(file)),
                unsaved: Some(files.start.clone()),
            };
            self.inner.borrow_mut().insert(item);
            let me = self.clone();
            spawn_local(async move { me.save(&entry, &files).await });
        }
        self.inner.borrow().show_totals();
    }

    /// Shows or hides the confirmation for removing all images.
    pub fn confirm_remove_all(&self, is_shown: bool) {
        self.inner.borrow().strip.confirm_remove_all(is_shown);
    }

    /// Removes all images permanently, including those of other tabs.
    pub fn remove_all(&self) {
        {
            let mut inner = self.inner.borrow_mut();
            inner.images.clear();
            inner.strip.confirm_remove_all(false);
            inner.strip.clear();
            inner.show_totals();
        }
        let me = self.clone();
        spawn_local(async move {
            if let Err(error) = store::clear().await {
                me.save_failed(error);
            }
        });
    }

    /// Handles a key in the strip. Returns whether it has a function there.
    pub fn step(&self, pressed: &str) -> bool {
        self.inner.borrow().strip.step(pressed)
    }

    /// Returns the key of the focused thumbnail.
    pub fn focused(&self) -> Option<String> {
        self.inner.borrow().strip.focused()
    }

    /// Retranslates the strip.
    pub fn retranslate(&self) {
        let inner = self.inner.borrow();
        inner.images.entries().for_each(|entry| inner.strip.retranslate(entry));
        inner.show_totals();
    }

    fn forget(&self, key: &str) {
        self.inner.borrow_mut().take(key);
    }

    fn emit(&self, event: HistoryEvent) {
        let listener = Rc::clone(&self.inner.borrow().listener);
        listener(event);
    }
}

fn load_error(error: Error) -> StoreError {
    StoreError::Other(error.message())
}

impl Inner {
    fn insert(&mut self, item: Item) {
        let key = item.entry.key.clone();
        self.strip.insert(&item.entry);
        if let Some(file) = &item.file {
            self.strip.show_file(&key, file.url());
        }
        self.images.insert(item);
        self.show_totals();
    }

    fn take(&mut self, key: &str) -> Option<Item> {
        let item = self.images.take(key)?;
        self.strip.remove(key);
        self.show_totals();
        Some(item)
    }

    fn show_totals(&self) {
        let Totals { images, bytes, removed } = self.images.totals();
        self.strip.count(images, bytes, removed);
    }
}
