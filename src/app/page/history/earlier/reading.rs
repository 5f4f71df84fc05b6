//! Pictures are read from the store.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::{Earlier, Fetched, Item, News, unread};
use crate::app::page::history::database::Refused;
use crate::app::page::history::entry::Entry;
use crate::app::page::history::file::PngFile;
use crate::app::page::history::packing::unpack;
use crate::app::page::history::store;
use crate::app::protocol::Recipe;
use crate::error::Result;

impl Earlier {
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
                && Some(&entry.request.params.prompt) == recipe.params.prompt.as_ref()
                && Some(entry.request.params.seed) == recipe.params.seed
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
            entry.request.start = Some(unpack(start).await.map_err(unread)?.into());
        }
        let image = file.pixels().await.map_err(unread)?;
        self.has_file(key, &file);
        Ok(Some(Fetched { entry, image, file }))
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
                    // A failure is told to who chooses the picture.
                    Ok(None) | Err(_) => {}
                }
            }
        });
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
}
