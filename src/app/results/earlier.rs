//! The earlier pictures: what is kept and what is shown of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, ImageData};

use super::bounds::to_go;
use super::database::Refused;
use super::entry::Entry;
use super::file::PngFile;
use super::store::{self, Record};
use super::strip::Strip;
use crate::app::message::{from_js, to_js};
use crate::app::protocol::Recipe;
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

    /// Adds a picture that was just made, and marks it as the one that is shown.
    pub fn add(&self, mut entry: Entry, file: Rc<PngFile>) {
        let start = entry.request.start.take().map(|start| to_js(&start)).transpose();
        // Without what it was made from, the picture alone is shown.
        let (start, lost) = match start {
            Ok(start) => (start.unwrap_or_default(), None),
            Err(error) => (JsValue::UNDEFINED, Some(unread(error))),
        };
        {
            let mut inner = self.inner.borrow_mut();
            inner.removed.clear();
            let (entry, file) = (entry.clone(), Some(Rc::clone(&file)));
            let key = entry.key.clone();
            inner.insert(Item { entry, file, unkept: Some(start.clone()) });
            inner.strip.mark(Some(&key));
        }
        let me = self.clone();
        spawn_local(async move {
            match (lost, file.bytes().await.map_err(unread)) {
                (None, Ok(png)) => me.keep(&entry, &Record { png, start }).await,
                (Some(refused), _) | (_, Err(refused)) => me.not_kept(refused),
            }
        });
    }

    /// The picture `key` with all that belongs to it. `None` if another one was asked for meanwhile, or
    /// it is gone.
    pub async fn fetch(&self, key: String) -> Option<Fetched> {
        self.inner.borrow_mut().wanted = key.clone();
        let found = self.read(&key).await;
        if self.inner.borrow().wanted != key {
            return None;
        }
        match found {
            Ok(Some(found)) => return Some(found),
            Ok(None) => {
                self.forget(&key);
                self.tell(News::Gone);
            }
            Err(refused) => self.tell(News::NotRead(refused)),
        }
        None
    }

    /// Looks for the picture in `file`, which `recipe` is from, among those that were made from a picture;
    /// if it is there, it is told with what it was made from.
    pub fn seek(&self, file: File, recipe: Recipe) {
        let me = self.clone();
        spawn_local(async move {
            let Ok(bytes) = JsFuture::from(file.array_buffer()).await else { return };
            let bytes = Uint8Array::new(&bytes).to_vec();
            for key in me.made_as(&recipe) {
                let Ok(Some(found)) = me.read(&key).await else { continue };
                if found.file.bytes().await.is_ok_and(|own| own.to_vec() == bytes) {
                    return me.tell(News::Same(Box::new(found)));
                }
            }
        });
    }

    /// Those that were made from a picture as `recipe` says.
    fn made_as(&self, recipe: &Recipe) -> Vec<String> {
        let fits = |entry: &Entry| {
            entry.from_picture
                && entry.request.prompt == recipe.prompt
                && Some(&entry.request.seed) == recipe.seed.as_ref()
        };
        let inner = self.inner.borrow();
        inner
            .items
            .values()
            .filter(|item| fits(&item.entry))
            .map(|item| item.entry.key.clone())
            .collect()
    }

    /// `None` if it is not there any more.
    async fn read(&self, key: &str) -> Result<Option<Fetched>, Refused> {
        let found = self
            .inner
            .borrow()
            .items
            .get(key)
            .map(|Item { entry, file, unkept }| (entry.clone(), file.clone(), unkept.clone()));
        let Some((mut entry, mut file, unkept)) = found else { return Ok(None) };
        let mut start = unkept.clone().unwrap_or_default();
        if unkept.is_none() && (file.is_none() || entry.from_picture) {
            let Some(record) = store::read(key).await? else { return Ok(None) };
            start = record.start;
            file = Some(Rc::new(PngFile::new(&record.png).map_err(unread)?));
        }
        let Some(file) = file else { return Ok(None) };
        if entry.from_picture {
            entry.request.start = Some(from_js(start).map_err(unread)?);
        }
        let image = file.pixels().await.map_err(unread)?;
        self.has_file(key, &file);
        Ok(Some(Fetched { entry, image, file }))
    }

    /// Marks the picture that is shown large.
    pub fn mark(&self, key: Option<&str>) {
        self.inner.borrow().strip.mark(key);
    }

    /// Reads the small pictures that are in sight.
    pub fn look(&self) {
        let awaited = {
            let mut inner = self.inner.borrow_mut();
            let awaited = inner.strip.awaited();
            // Those that are being read already come by themselves.
            awaited.into_iter().filter(|key| inner.reading.insert(key.clone())).collect::<Vec<_>>()
        };
        let me = self.clone();
        spawn_local(async move {
            for key in awaited {
                let record = store::read(&key).await;
                me.inner.borrow_mut().reading.remove(&key);
                match record {
                    Ok(Some(record)) => {
                        if let Ok(file) = PngFile::new(&record.png) {
                            me.has_file(&key, &Rc::new(file));
                        }
                    }
                    // Another tab has removed it since it was listed.
                    Ok(None) if me.is_unread(&key) => me.forget(&key),
                    Ok(None) => {}
                    // It is told to who chooses it.
                    Err(_) => {}
                }
            }
        });
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

    async fn keep(&self, entry: &Entry, record: &Record) {
        match store::keep(entry, record).await {
            Ok(old) => {
                if !self.is_kept(&entry.key) {
                    // It was removed before it was kept.
                    let _ = store::remove(&entry.key).await;
                    if self.is_kept(&entry.key) {
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
    fn is_kept(&self, key: &str) -> bool {
        let mut inner = self.inner.borrow_mut();
        let item = inner.items.get_mut(key);
        item.map(|item| item.unkept = None).is_some()
    }

    fn has_file(&self, key: &str, file: &Rc<PngFile>) {
        let mut inner = self.inner.borrow_mut();
        if let Some(item) = inner.items.get_mut(key) {
            item.file = Some(Rc::clone(file));
            inner.strip.show_file(key, file.url());
        }
    }

    /// One that was removed and brought back while it was being read has its file.
    fn is_unread(&self, key: &str) -> bool {
        self.inner.borrow().items.get(key).is_some_and(|item| item.file.is_none())
    }

    fn forget(&self, key: &str) {
        self.inner.borrow_mut().take(key);
    }

    fn not_kept(&self, refused: Refused) {
        if !std::mem::replace(&mut self.inner.borrow_mut().told, true) {
            self.tell(News::NotKept(refused));
        }
    }

    fn tell(&self, news: News) {
        let tell = Rc::clone(&self.inner.borrow().tell);
        tell(news);
    }
}

fn unread(error: Error) -> Refused {
    Refused::Otherwise(error.to_string())
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
