//! The earlier pictures: what is kept and what is shown of it.

mod keeping;
mod reading;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::ImageData;

use super::bounds::to_go;
use super::database::Refused;
use super::entry::Entry;
use super::file::PngFile;
use super::store::{self, Record};
use super::strip::Strip;
use crate::error::{Error, Result};

/// What there is to be told.
pub enum News {
    /// The browser does not keep pictures. Told once.
    NotKept(Refused),
    /// A picture was wanted that is no longer there: another tab has removed it.
    Gone,
    /// A picture cannot be read at the moment.
    NotRead(Refused),
    /// The picture in a file is this earlier one.
    Same(Box<Fetched>),
}

/// The earlier pictures. All of it happens at once in the strip; the store follows.
#[derive(Clone)]
pub struct Earlier {
    inner: Rc<RefCell<Inner>>,
}

/// An earlier picture with all that belongs to it.
pub struct Fetched {
    /// What made it, and the picture it was made from.
    pub entry: Entry,
    /// Its pixels.
    pub image: ImageData,
    /// Its file.
    pub file: Rc<PngFile>,
}

struct Inner {
    strip: Strip,
    items: BTreeMap<String, Item>,
    /// What was removed since something was made or brought back last, with what belongs to it.
    removed: Vec<(Entry, Record)>,
    /// The picture that was asked for last.
    wanted: String,
    /// Those whose small pictures are being read.
    reading: BTreeSet<String>,
    tell: Rc<dyn Fn(News)>,
    told: bool,
}

struct Item {
    entry: Entry,
    /// As soon as its small picture is shown.
    file: Option<Rc<PngFile>>,
    /// What it was made from, as long as the store does not have it.
    unkept: Option<JsValue>,
}

impl Earlier {
    /// Finds the strip in the page.
    pub fn bind() -> Result<Self> {
        let inner = Inner {
            strip: Strip::bind()?,
            items: BTreeMap::new(),
            removed: Vec::new(),
            wanted: String::new(),
            reading: BTreeSet::new(),
            tell: Rc::new(|_| {}),
            told: false,
        };
        Ok(Earlier { inner: Rc::new(RefCell::new(inner)) })
    }

    /// Shows what earlier visits have kept. `tell` hears what there is to be told, always from the
    /// browser's event loop and never from inside a call of this type.
    pub fn open(&self, tell: impl Fn(News) + 'static) {
        self.inner.borrow_mut().tell = Rc::new(tell);
        let me = self.clone();
        spawn_local(async move {
            // Who keeps nothing hears of it with the first picture.
            for entry in store::list().await.unwrap_or_default() {
                let mut inner = me.inner.borrow_mut();
                if !inner.items.contains_key(&entry.key) {
                    inner.insert(Item { entry, file: None, unkept: None });
                }
            }
            me.look();
        });
    }

    /// Marks the picture that is shown large.
    pub fn mark(&self, key: Option<&str>) {
        self.inner.borrow().strip.mark(key);
    }

    /// Removes a picture, which can still be brought back.
    pub fn remove(&self, key: String) {
        let Some(item) = self.inner.borrow_mut().take(&key) else { return };
        let me = self.clone();
        spawn_local(async move {
            let record = match (&item.unkept, &item.file) {
                (Some(start), Some(file)) => {
                    let png = file.bytes().await.ok();
                    png.map(|png| Record { png, start: start.clone() })
                }
                _ => store::read(&key).await.ok().flatten(),
            };
            let removed = store::remove(&key).await;
            let mut inner = me.inner.borrow_mut();
            inner.removed.extend(record.map(|record| (item.entry, record)));
            inner.count();
            drop(inner);
            if let (Err(refused), None) = (removed, item.unkept) {
                me.not_kept(refused);
            }
            me.look(); // Others have moved into sight.
        });
    }

    /// Brings back what was removed.
    pub fn undo(&self) {
        let removed = std::mem::take(&mut self.inner.borrow_mut().removed);
        for (entry, record) in removed {
            let Ok(file) = PngFile::new(&record.png) else { continue };
            let item = Item {
                entry: entry.clone(),
                file: Some(Rc::new(file)),
                unkept: Some(record.start.clone()),
            };
            self.inner.borrow_mut().insert(item);
            let me = self.clone();
            spawn_local(async move { me.keep(&entry, &record).await });
        }
        self.inner.borrow().count();
    }

    /// Asks whether all pictures shall go, or takes the question back.
    pub fn ask_to_remove_all(&self, asking: bool) {
        self.inner.borrow().strip.ask(asking);
    }

    /// Removes all pictures for good, those of other tabs too.
    pub fn remove_all(&self) {
        {
            let mut inner = self.inner.borrow_mut();
            inner.items.clear();
            inner.removed.clear();
            inner.strip.ask(false);
            inner.strip.clear();
            inner.count();
        }
        let me = self.clone();
        spawn_local(async move {
            if let Err(refused) = store::clear().await {
                me.not_kept(refused);
            }
        });
    }

    /// Does what a key does in the strip. True if it does something.
    pub fn step(&self, pressed: &str) -> bool {
        self.inner.borrow().strip.step(pressed)
    }

    /// The picture that has the focus.
    pub fn focused(&self) -> Option<String> {
        self.inner.borrow().strip.focused()
    }

    /// During a run the strip waits.
    pub fn rest(&self, resting: bool) {
        self.inner.borrow().strip.rest(resting);
    }

    /// The page speaks another language now.
    pub fn speak(&self) {
        let inner = self.inner.borrow();
        for item in inner.items.values() {
            inner.strip.speak(&item.entry);
        }
        inner.count();
    }

    fn forget(&self, key: &str) {
        self.inner.borrow_mut().take(key);
    }

    fn tell(&self, news: News) {
        let tell = Rc::clone(&self.inner.borrow().tell);
        tell(news);
    }
}

fn unread(error: Error) -> Refused {
    Refused::Otherwise(error.message())
}

impl Inner {
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

    /// The oldest of those that the browser does not keep, as far as there are too many; never `newest`.
    fn to_go(&self, newest: &str) -> Vec<String> {
        let unkept = self.items.iter().rev().filter(|(_, item)| item.unkept.is_some());
        let bytes = unkept.map(|(key, item)| (key.clone(), item.entry.bytes));
        to_go(&bytes.collect::<Vec<_>>(), newest)
    }

    fn count(&self) {
        let bytes = self.items.values().map(|item| item.entry.bytes).sum();
        self.strip.count(self.items.len(), bytes, self.removed.len());
    }
}
