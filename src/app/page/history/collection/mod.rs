//! Images of the history and their thumbnails.

mod load;
mod save;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::ImageData;

use super::database::StoreError;
use super::entry::Entry;
use super::eviction::keys_to_evict;
use super::file::PngFile;
use super::store::{self, StoredFiles};
use super::strip::Strip;
use crate::error::{Error, Result};

/// Event of the history.
pub enum HistoryEvent {
    /// The browser cannot store images. Reported once.
    NotSaved(StoreError),
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
    state: Rc<RefCell<State>>,
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

struct State {
    strip: Strip,
    items: BTreeMap<String, Item>,
    /// Removed images that can be restored.
    removed: Vec<(Entry, StoredFiles)>,
    /// The image that was requested last.
    requested: String,
    /// Thumbnails that are being read.
    reading: BTreeSet<String>,
    listener: Rc<dyn Fn(HistoryEvent)>,
    reported: bool,
}

struct Item {
    entry: Entry,
    /// The file, once its thumbnail is loaded.
    file: Option<Rc<PngFile>>,
    /// The init image, until it is saved.
    unsaved: Option<JsValue>,
}

impl History {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        let state = State {
            strip: Strip::bind()?,
            items: BTreeMap::new(),
            removed: Vec::new(),
            requested: String::new(),
            reading: BTreeSet::new(),
            listener: Rc::new(|_| {}),
            reported: false,
        };
        Ok(History { state: Rc::new(RefCell::new(state)) })
    }

    /// Loads the images of earlier visits. `listener` is called from the browser's event loop,
    /// never from inside a call of this type.
    pub fn open(&self, listener: impl Fn(HistoryEvent) + 'static) {
        self.state.borrow_mut().listener = Rc::new(listener);
        let me = self.clone();
        spawn_local(async move {
            // A database that cannot be used is reported with the first image.
            for entry in store::list().await.unwrap_or_default() {
                let mut state = me.state.borrow_mut();
                if !state.items.contains_key(&entry.key) {
                    state.insert(Item { entry, file: None, unsaved: None });
                }
            }
            me.load_thumbnails();
        });
    }

    /// Marks the shown image.
    pub fn mark(&self, key: Option<&str>) {
        self.state.borrow().strip.mark(key);
    }

    /// Removes an image; `undo` can restore it.
    pub fn remove(&self, key: String) {
        let Some(item) = self.state.borrow_mut().take(&key) else { return };
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
            let mut state = me.state.borrow_mut();
            state.removed.extend(files.map(|files| (item.entry, files)));
            state.count();
            drop(state);
            if let (Err(error), None) = (removed, item.unsaved) {
                me.save_failed(error);
            }
            me.load_thumbnails(); // Others have become visible.
        });
    }

    /// Restores the removed images.
    pub fn undo(&self) {
        let removed = std::mem::take(&mut self.state.borrow_mut().removed);
        for (entry, files) in removed {
            let Ok(file) = PngFile::new(&files.png) else { continue };
            let item = Item {
                entry: entry.clone(),
                file: Some(Rc::new(file)),
                unsaved: Some(files.start.clone()),
            };
            self.state.borrow_mut().insert(item);
            let me = self.clone();
            spawn_local(async move { me.save(&entry, &files).await });
        }
        self.state.borrow().count();
    }

    /// Shows or hides the confirmation for removing all images.
    pub fn confirm_remove_all(&self, is_shown: bool) {
        self.state.borrow().strip.confirm_remove_all(is_shown);
    }

    /// Removes all images permanently, including those of other tabs.
    pub fn remove_all(&self) {
        {
            let mut state = self.state.borrow_mut();
            state.items.clear();
            state.removed.clear();
            state.strip.confirm_remove_all(false);
            state.strip.clear();
            state.count();
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
        self.state.borrow().strip.step(pressed)
    }

    /// Returns the key of the focused thumbnail.
    pub fn focused(&self) -> Option<String> {
        self.state.borrow().strip.focused()
    }

    /// Disables the strip, during a run.
    pub fn set_disabled(&self, is_disabled: bool) {
        self.state.borrow().strip.set_disabled(is_disabled);
    }

    /// Retranslates the strip.
    pub fn retranslate(&self) {
        let state = self.state.borrow();
        for item in state.items.values() {
            state.strip.retranslate(&item.entry);
        }
        state.count();
    }

    fn forget(&self, key: &str) {
        self.state.borrow_mut().take(key);
    }

    fn emit(&self, event: HistoryEvent) {
        let listener = Rc::clone(&self.state.borrow().listener);
        listener(event);
    }
}

fn load_error(error: Error) -> StoreError {
    StoreError::Other(error.message())
}

impl State {
    fn insert(&mut self, item: Item) {
        let key = item.entry.key.clone();
        self.strip.insert(&item.entry);
        if let Some(file) = &item.file {
            self.strip.show_file(&key, file.url());
        }
        self.items.insert(key, item);
        self.count();
    }

    fn take(&mut self, key: &str) -> Option<Item> {
        let item = self.items.remove(key)?;
        self.strip.remove(key);
        self.count();
        Some(item)
    }

    /// Returns the keys of the oldest unsaved images above the limit; never `newest`.
    fn keys_to_evict(&self, newest: &str) -> Vec<String> {
        let unsaved = self.items.iter().rev().filter(|(_, item)| item.unsaved.is_some());
        let bytes = unsaved.map(|(key, item)| (key.clone(), item.entry.bytes));
        keys_to_evict(&bytes.collect::<Vec<_>>(), newest)
    }

    fn count(&self) {
        let bytes = self.items.values().map(|item| item.entry.bytes).sum();
        self.strip.count(self.items.len(), bytes, self.removed.len());
    }
}
