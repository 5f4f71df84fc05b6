//! State of the history.
//!
//! It holds which images there are, which can be restored and which are being read. Files, init
//! images and stored files are type parameters: on the page they belong to the browser, in tests
//! they are plain values.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use super::eviction::keys_to_evict;
use crate::app::protocol::ImageMetadata;

/// The images with their files `F`, unsaved init images `I` and, if they were removed, stored
/// files `S`.
pub struct HistoryState<F, I, S> {
    /// By key, hence in order of time.
    items: BTreeMap<String, Item<F, I>>,
    /// Removed images that can be restored.
    removed: Vec<(Entry, S)>,
    /// The image that was requested last.
    requested: String,
    /// Thumbnails that are being read.
    reading: BTreeSet<String>,
    has_reported: bool,
}

/// An image of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<F, I> {
    /// Its entry, without init image.
    pub entry: Entry,
    /// The file, once its thumbnail is loaded.
    pub file: Option<F>,
    /// The init image, until it is saved.
    pub unsaved: Option<I>,
}

/// Sums over the history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals {
    /// Number of images.
    pub images: usize,
    /// Their stored bytes.
    pub bytes: f64,
    /// Number of removed images that can be restored.
    pub removed: usize,
}

impl<F, I, S> Default for HistoryState<F, I, S> {
    fn default() -> Self {
        HistoryState {
            items: BTreeMap::new(),
            removed: Vec::new(),
            requested: String::new(),
            reading: BTreeSet::new(),
            has_reported: false,
        }
    }
}

impl<F, I, S> HistoryState<F, I, S> {
    /// Returns an image; `None` if it was removed.
    pub fn get(&self, key: &str) -> Option<&Item<F, I>> {
        self.items.get(key)
    }

    /// Returns the entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.values().map(|item| &item.entry)
    }

    /// Adds an image, or replaces the one with its key.
    pub fn insert(&mut self, item: Item<F, I>) {
        self.items.insert(item.entry.key.clone(), item);
    }

    /// Takes an image out.
    pub fn take(&mut self, key: &str) -> Option<Item<F, I>> {
        self.items.remove(key)
    }

    /// Takes all images out, also those that could be restored.
    pub fn clear(&mut self) {
        self.items.clear();
        self.removed.clear();
    }

    /// Makes a removed image restorable.
    pub fn offer_undo(&mut self, entry: Entry, files: S) {
        self.removed.push((entry, files));
    }

    /// Takes the images that can be restored.
    pub fn take_removed(&mut self) -> Vec<(Entry, S)> {
        std::mem::take(&mut self.removed)
    }

    /// Records that an image is requested. Earlier requests are outdated.
    pub fn request(&mut self, key: &str) {
        self.requested = key.to_string();
    }

    /// Returns whether no other image was requested since.
    pub fn is_requested(&self, key: &str) -> bool {
        self.requested == key
    }

    /// Returns those of `keys` that are not being read yet, and marks them as being read.
    pub fn start_reading(&mut self, keys: Vec<String>) -> Vec<String> {
        keys.into_iter().filter(|key| self.reading.insert(key.clone())).collect()
    }

    /// Records that the reading of an image has ended.
    pub fn end_reading(&mut self, key: &str) {
        self.reading.remove(key);
    }

    /// Sets the file of an image. Returns false if it was removed.
    pub fn set_file(&mut self, key: &str, file: F) -> bool {
        let Some(item) = self.items.get_mut(key) else { return false };
        item.file = Some(file);
        true
    }

    /// Returns whether an image has no file yet. It has one if it was removed and restored while it
    /// was being read.
    pub fn lacks_file(&self, key: &str) -> bool {
        self.get(key).is_some_and(|item| item.file.is_none())
    }

    /// Marks an image as saved, with its stored bytes. Returns false if it was removed.
    pub fn mark_saved(&mut self, saved: &Entry) -> bool {
        let Some(item) = self.items.get_mut(&saved.key) else { return false };
        item.unsaved = None;
        item.entry.bytes = saved.bytes;
        true
    }

    /// Returns whether a failure to save is to be reported: only the first is.
    pub fn reports_failure(&mut self) -> bool {
        !std::mem::replace(&mut self.has_reported, true)
    }

    /// Returns the keys of the oldest unsaved images above the limit; never `newest`.
    pub fn keys_to_evict(&self, newest: &str) -> Vec<String> {
        let unsaved = self.items.iter().rev().filter(|(_, item)| item.unsaved.is_some());
        let bytes = unsaved.map(|(key, item)| (key.clone(), item.entry.bytes));
        keys_to_evict(&bytes.collect::<Vec<_>>(), newest)
    }

    /// Returns the keys of images with init image whose prompt and seed match `metadata`.
    pub fn candidates(&self, metadata: &ImageMetadata) -> Vec<String> {
        let fits = |entry: &&Entry| {
            entry.from_picture
                && Some(&entry.request.params.prompt) == metadata.params.prompt.as_ref()
                && Some(entry.request.params.seed) == metadata.params.seed
        };
        self.entries().filter(fits).map(|entry| entry.key.clone()).collect()
    }

    /// Returns the keys of images with the settings, model and device of `entry`: the same image,
    /// if their files are equal.
    pub fn twins(&self, entry: &Entry) -> Vec<String> {
        let is_twin = |other: &&Entry| {
            other.key != entry.key
                && other.request.params == entry.request.params
                && other.request.adapters == entry.request.adapters
                && other.made_by == entry.made_by
                && other.from_picture == entry.from_picture
        };
        self.entries().filter(is_twin).map(|entry| entry.key.clone()).collect()
    }

    /// Returns number and bytes of the images.
    pub fn totals(&self) -> Totals {
        let bytes = self.entries().map(|entry| entry.bytes).sum();
        Totals { images: self.items.len(), bytes, removed: self.removed.len() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Entry, HistoryState, Item, Totals};
    use crate::app::page::history::Provenance;
    use crate::app::protocol::{GenerateRequest, ImageMetadata};
    use crate::params::{GenerationParams, PartialParams};

    type State = HistoryState<u32, u32, &'static str>;

    fn entry(key: &str, bytes: f64) -> Entry {
        let params = GenerationParams { prompt: "a fish".to_string(), seed: 7, ..<_>::default() };
        Entry {
            key: key.to_string(),
            request: GenerateRequest { params, init_image: None, adapters: Vec::new() },
            from_picture: true,
            made_by: Provenance::default(),
            seconds: 1.0,
            scores: None,
            bytes,
        }
    }

    fn state(keys: &[&str]) -> State {
        let mut state = State::default();
        for key in keys {
            state.insert(Item { entry: entry(key, 10.0), file: None, unsaved: Some(0) });
        }
        state
    }

    fn keys(state: &State) -> Vec<&str> {
        state.entries().map(|entry| entry.key.as_str()).collect()
    }

    #[test]
    fn removed_image_can_be_restored_once() {
        let mut state = state(&["2", "1", "3"]);
        let item = state.take("2").unwrap();
        assert_eq!(keys(&state), ["1", "3"]);
        assert_eq!(state.take("2"), None);

        state.offer_undo(item.entry.clone(), "files");
        assert_eq!(state.totals(), Totals { images: 2, bytes: 20.0, removed: 1 });
        assert_eq!(state.take_removed(), [(item.entry.clone(), "files")]);
        state.insert(item);
        assert_eq!(keys(&state), ["1", "2", "3"]);
        assert_eq!(state.totals(), Totals { images: 3, bytes: 30.0, removed: 0 });
        assert!(state.take_removed().is_empty());
    }

    #[test]
    fn cleared_history_has_nothing_to_restore() {
        let mut state = state(&["1", "2"]);
        let item = state.take("1").unwrap();
        state.offer_undo(item.entry, "files");
        state.clear();
        assert_eq!(state.totals(), Totals { images: 0, bytes: 0.0, removed: 0 });
        assert!(state.take_removed().is_empty());
    }

    #[test]
    fn later_request_outdates_earlier() {
        let mut state = state(&["1", "2"]);
        state.request("1");
        assert!(state.is_requested("1"));
        state.request("2");
        assert!(!state.is_requested("1") && state.is_requested("2"));
    }

    #[test]
    fn thumbnail_is_read_by_one_reader_at_a_time() {
        let mut state = state(&["1", "2"]);
        let wanted = || vec!["1".to_string(), "2".to_string()];
        assert_eq!(state.start_reading(vec!["1".to_string()]), ["1"]);
        assert_eq!(state.start_reading(wanted()), ["2"]);
        assert!(state.start_reading(wanted()).is_empty());
        state.end_reading("1");
        assert_eq!(state.start_reading(wanted()), ["1"]);
    }

    #[test]
    fn saved_image_keeps_its_stored_size() {
        let mut state = state(&["1"]);
        assert!(state.mark_saved(&entry("1", 25.0)));
        assert_eq!(state.get("1").unwrap().unsaved, None);
        assert_eq!(state.totals().bytes, 25.0);
        state.take("1");
        assert!(!state.mark_saved(&entry("1", 25.0)));
    }

    #[test]
    fn image_lacks_file_until_one_is_set() {
        let mut state = state(&["1"]);
        assert!(state.lacks_file("1") && !state.lacks_file("2"));
        assert!(state.set_file("1", 5) && !state.set_file("2", 5));
        assert!(!state.lacks_file("1"));
        assert_eq!(state.get("1").unwrap().file, Some(5));
    }

    #[test]
    fn only_unsaved_images_are_evicted_from_memory() {
        let mut state = State::default();
        for key in ["1", "2", "3"] {
            state.insert(Item { entry: entry(key, 150e6), file: None, unsaved: Some(0) });
        }
        assert_eq!(state.keys_to_evict("3"), ["2", "1"]);
        assert!(state.mark_saved(&entry("1", 150e6)));
        assert_eq!(state.keys_to_evict("3"), ["2"]);
    }

    #[test]
    fn failure_to_save_is_reported_once() {
        let mut state = state(&[]);
        assert!(state.reports_failure());
        assert!(!state.reports_failure());
    }

    #[test]
    fn twins_have_settings_model_and_device() {
        let state = state(&["1", "2"]);
        let new = entry("3", 12.0);
        assert_eq!(state.twins(&new), ["1", "2"]);
        assert_eq!(state.twins(&entry("2", 10.0)), ["1"]);
        let mut other = new.clone();
        other.request.params.seed += 1;
        let made_by = Provenance { device: "CPU".to_string(), ..Provenance::default() };
        for other in
            [other, Entry { made_by, ..new.clone() }, Entry { from_picture: false, ..new.clone() }]
        {
            assert!(state.twins(&other).is_empty());
        }
    }

    #[test]
    fn candidates_have_prompt_seed_and_init_image() {
        let mut state = state(&["1", "2"]);
        let without = Entry { from_picture: false, ..entry("3", 1.0) };
        state.insert(Item { entry: without, file: None, unsaved: None });
        let metadata = |prompt: &str, seed| {
            let prompt = Some(prompt.to_string());
            let params = PartialParams { prompt, seed: Some(seed), ..<_>::default() };
            ImageMetadata { params, ..<_>::default() }
        };
        assert_eq!(state.candidates(&metadata("a fish", 7)), ["1", "2"]);
        assert!(state.candidates(&metadata("a fish", 8)).is_empty());
        assert!(state.candidates(&metadata("a bird", 7)).is_empty());
        assert!(state.candidates(&ImageMetadata::default()).is_empty());
    }
}
