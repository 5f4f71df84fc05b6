//! Loading of images.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::super::database::StoreError;
use super::super::encoding::decode;
use super::super::entry::Entry;
use super::super::file::PngFile;
use super::super::store;
use super::{History, HistoryEvent, Item, LoadedEntry, load_error};
use crate::app::protocol::ImageMetadata;
use crate::error::Result;

impl History {
    /// Loads an image with its files. Returns `None` if another one was requested since, or it was
    /// removed.
    pub async fn fetch(&self, key: String) -> Option<LoadedEntry> {
        self.state.borrow_mut().requested = key.clone();
        let found = self.read(&key).await;
        if self.state.borrow().requested != key {
            return None;
        }
        match found {
            Ok(Some(found)) => return Some(found),
            Ok(None) => {
                self.forget(&key);
                self.emit(HistoryEvent::Missing);
            }
            Err(error) => self.emit(HistoryEvent::NotLoaded(error)),
        }
        None
    }

    /// Searches the history for the image in `file`, which has `metadata` and had an
    /// init image; if found, emits [`HistoryEvent::Found`].
    pub fn find_file(&self, file: File, metadata: ImageMetadata) {
        let me = self.clone();
        spawn_local(async move {
            let Ok(bytes) = JsFuture::from(file.array_buffer()).await else { return };
            let bytes = Uint8Array::new(&bytes).to_vec();
            for key in me.candidates(&metadata) {
                let Ok(Some(found)) = me.read(&key).await else { continue };
                if found.file.bytes().await.is_ok_and(|own| own.to_vec() == bytes) {
                    return me.emit(HistoryEvent::Found(Box::new(found)));
                }
            }
        });
    }

    /// Returns the keys of images with init image whose prompt and seed match `metadata`.
    fn candidates(&self, metadata: &ImageMetadata) -> Vec<String> {
        let fits = |entry: &Entry| {
            entry.from_picture
                && Some(&entry.request.params.prompt) == metadata.params.prompt.as_ref()
                && Some(entry.request.params.seed) == metadata.params.seed
        };
        let state = self.state.borrow();
        state
            .items
            .values()
            .filter(|item| fits(&item.entry))
            .map(|item| item.entry.key.clone())
            .collect()
    }

    /// Returns `None` if the image was removed.
    async fn read(&self, key: &str) -> Result<Option<LoadedEntry>, StoreError> {
        let found =
            self.state.borrow().items.get(key).map(|Item { entry, file, unsaved }| {
                (entry.clone(), file.clone(), unsaved.clone())
            });
        let Some((mut entry, mut file, unsaved)) = found else { return Ok(None) };
        let mut start = unsaved.clone().unwrap_or_default();
        if unsaved.is_none() && (file.is_none() || entry.from_picture) {
            let Some(files) = store::read(key).await? else { return Ok(None) };
            start = files.start;
            file = Some(Rc::new(PngFile::new(&files.png).map_err(load_error)?));
        }
        let Some(file) = file else { return Ok(None) };
        if entry.from_picture {
            entry.request.init_image = Some(decode(start).await.map_err(load_error)?.into());
        }
        let image = file.pixels().await.map_err(load_error)?;
        self.set_file(key, &file);
        Ok(Some(LoadedEntry { entry, image, file }))
    }

    /// Loads the visible thumbnails.
    pub fn load_thumbnails(&self) {
        let keys = {
            let mut state = self.state.borrow_mut();
            let keys = state.strip.visible_without_thumbnail();
            // Skips those that are being read.
            keys.into_iter().filter(|key| state.reading.insert(key.clone())).collect::<Vec<_>>()
        };
        let me = self.clone();
        spawn_local(async move {
            for key in keys {
                let files = store::read(&key).await;
                me.state.borrow_mut().reading.remove(&key);
                match files {
                    Ok(Some(files)) => {
                        if let Ok(file) = PngFile::new(&files.png) {
                            me.set_file(&key, &Rc::new(file));
                        }
                    }
                    // Another tab has removed it since.
                    Ok(None) if me.lacks_file(&key) => me.forget(&key),
                    // Errors are reported when the user opens the image.
                    Ok(None) | Err(_) => {}
                }
            }
        });
    }

    fn set_file(&self, key: &str, file: &Rc<PngFile>) {
        let mut state = self.state.borrow_mut();
        if let Some(item) = state.items.get_mut(key) {
            item.file = Some(Rc::clone(file));
            state.strip.show_file(key, file.url());
        }
    }

    /// Returns whether an image has no file yet. It has one if it was removed and restored while it
    /// was being read.
    fn lacks_file(&self, key: &str) -> bool {
        self.state.borrow().items.get(key).is_some_and(|item| item.file.is_none())
    }
}
