//! Loading of images.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::super::database::StoreError;
use super::super::encoding::decode;
use super::super::file::PngFile;
use super::super::store;
use super::{History, HistoryEvent, Item, LoadedEntry, load_error};
use crate::app::protocol::ImageMetadata;
use crate::error::Result;

impl History {
    /// Loads an image with its files. Returns `None` if another one was requested since, or it was
    /// removed.
    pub async fn fetch(&self, key: String) -> Option<LoadedEntry> {
        self.inner.borrow_mut().images.request(&key);
        let found = self.read(&key).await;
        if !self.inner.borrow().images.is_requested(&key) {
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
            let candidates = me.inner.borrow().images.candidates(&metadata);
            for key in candidates {
                let Ok(Some(found)) = me.read(&key).await else { continue };
                if found.file.bytes().await.is_ok_and(|own| own.to_vec() == bytes) {
                    return me.emit(HistoryEvent::Found(Box::new(found)));
                }
            }
        });
    }

    /// Returns `None` if the image was removed.
    async fn read(&self, key: &str) -> Result<Option<LoadedEntry>, StoreError> {
        let found =
            self.inner.borrow().images.get(key).map(|Item { entry, file, unsaved }| {
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
            let mut inner = self.inner.borrow_mut();
            let visible = inner.strip.visible_without_thumbnail();
            inner.images.start_reading(visible)
        };
        let me = self.clone();
        spawn_local(async move {
            for key in keys {
                let files = store::read(&key).await;
                me.inner.borrow_mut().images.end_reading(&key);
                match files {
                    Ok(Some(files)) => {
                        if let Ok(file) = PngFile::new(&files.png) {
                            me.set_file(&key, &Rc::new(file));
                        }
                    }
                    // Another tab has removed it since.
                    Ok(None) if me.inner.borrow().images.lacks_file(&key) => me.forget(&key),
                    // Errors are reported when the user opens the image.
                    Ok(None) | Err(_) => {}
                }
            }
        });
    }

    fn set_file(&self, key: &str, file: &Rc<PngFile>) {
        let mut inner = self.inner.borrow_mut();
        if inner.images.set_file(key, Rc::clone(file)) {
            inner.strip.show_file(key, file.url());
        }
    }
}
