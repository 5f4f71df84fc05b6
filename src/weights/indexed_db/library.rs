//! The models that this browser keeps: a list, and what can be done with each.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::chunk::Chunk;
use super::database::Database;
use super::entry::Entry;
use super::file::Record;
use super::keys::{FileKey, Range, Shelf, array};
use crate::error::Result;
use crate::weights::address::Address;
use crate::weights::component::Component;

/// A model of which anything is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptModel {
    /// Its address: opens it, and names it to [`Library::remove`] and [`Library::verify`].
    pub place: String,
    /// For people.
    pub name: String,
    /// Bytes of its weights that are kept.
    pub bytes: u64,
    /// Whether it can be opened without fetching weights.
    pub complete: bool,
    /// Its weight files of which anything is kept, as paths.
    pub files: Vec<String>,
    /// Milliseconds since 1970; 0 if nobody wrote it down.
    pub last_used: f64,
}

/// What [`Library::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Bytes of sound chunks.
    pub sound: u64,
    /// Bytes of chunks that are damaged or gone. They are fetched again, alone, when the model is
    /// opened next.
    pub damaged: u64,
    /// The addresses of the files they belong to.
    pub damaged_files: Vec<String>,
}

/// The models that this browser keeps.
pub struct Library {
    database: Database,
}

/// A weight file of which anything is kept.
#[derive(Debug)]
struct KeptFile {
    key: FileKey,
    /// If it is complete.
    record: Option<Record>,
    chunks: BTreeSet<u64>,
    bytes: u64,
}

impl Library {
    /// # Errors
    /// [`Error::Storage`](crate::Error::Storage) if this browser keeps nothing.
    pub async fn open() -> Result<Self> {
        Ok(Library { database: Database::open().await? })
    }

    /// All models, the one used last first.
    ///
    /// # Errors
    /// [`Error::Storage`](crate::Error::Storage) if the browser's database fails.
    pub async fn list(&self) -> Result<Vec<KeptModel>> {
        Ok(models(&self.entries().await?, &self.files().await?))
    }

    /// Removes a model: its weights, its small files, its entry. Harmless to a tab that uses it.
    ///
    /// # Errors
    /// [`Error::Storage`](crate::Error::Storage) if the browser's database fails.
    pub async fn remove(&self, place: &str) -> Result<()> {
        let entries = self.entries().await?;
        for file in self.files().await? {
            if owner(&entries, &file.key.url) == place {
                for shelf in Shelf::OF_FILES {
                    self.delete(shelf, &Range::below(&file.key.file())).await?;
                }
            }
        }
        for key in self.keys(Shelf::Small).await? {
            if let [url] = key.as_slice()
                && owner(&entries, url) == place
            {
                self.delete(Shelf::Small, &Range::below(&[url])).await?;
            }
        }
        self.delete(Shelf::Models, &Range::below(&[place])).await
    }

    /// Removes everything that this page keeps.
    ///
    /// # Errors
    /// [`Error::Storage`](crate::Error::Storage) if the browser's database fails.
    pub async fn remove_all(&self) -> Result<()> {
        for shelf in Shelf::ALL {
            self.delete(shelf, &Range::addresses("")).await?;
        }
        Ok(())
    }

    /// Reads all chunks of a model and compares their SHA-256 with what was written down when they
    /// arrived. `checked` is told how many bytes of how many were read.
    ///
    /// # Errors
    /// [`Error::Storage`](crate::Error::Storage) if the browser's database fails.
    pub async fn verify(&self, place: &str, mut checked: impl FnMut(u64, u64)) -> Result<Verdict> {
        let entries = self.entries().await?;
        let mut files = self.files().await?;
        files.retain(|file| owner(&entries, &file.key.url) == place);
        let total = files.iter().map(|file| file.bytes).sum();
        let (mut sound, mut damaged, mut damaged_files) = (0, 0, BTreeSet::new());
        for file in files {
            for index in file.wanted() {
                let chunk = self.chunk(&file.key, index).await;
                let len = match (&file.record, &chunk) {
                    (Some(record), _) => record.len_of(index),
                    (None, Some(chunk)) => chunk.len(),
                    (None, None) => 0,
                };
                let is_sound = match &chunk {
                    Some(chunk) => file.expects(index, chunk) && chunk.is_sound().await,
                    None => false,
                };
                if is_sound {
                    sound += len;
                } else {
                    damaged += len;
                    damaged_files.insert(file.key.url.clone());
                }
                checked(sound + damaged, total);
            }
        }
        Ok(Verdict { sound, damaged, damaged_files: damaged_files.into_iter().collect() })
    }

    async fn entries(&self) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for key in self.keys(Shelf::Models).await? {
            entries.extend(self.get(Shelf::Models, &key).await?);
        }
        Ok(entries)
    }

    /// Every weight file, without reading a chunk but one of each that is not complete.
    async fn files(&self) -> Result<Vec<KeptFile>> {
        let mut chunks: BTreeMap<FileKey, BTreeSet<u64>> = BTreeMap::new();
        for key in self.keys(Shelf::Files).await? {
            chunks.extend(FileKey::from_key(&key).map(|key| (key, BTreeSet::new())));
        }
        for key in self.keys(Shelf::Chunks).await? {
            let index = key.get(2).and_then(|index| index.parse().ok());
            if let (Some(file), Some(index)) = (FileKey::from_key(&key), index) {
                chunks.entry(file).or_default().insert(index);
            }
        }
        let mut files = Vec::new();
        for (key, chunks) in chunks {
            let record: Option<Record> = self.get(Shelf::Files, &key.file()).await?;
            let bytes = match (&record, chunks.first()) {
                (Some(record), _) => record.len,
                (None, None) => 0,
                (None, Some(first)) => match self.chunk(&key, *first).await {
                    Some(chunk) => {
                        let most = chunk.origin.total.unwrap_or(u64::MAX);
                        (chunks.len() as u64 * chunk.size).min(most)
                    }
                    None => 0,
                },
            };
            files.push(KeptFile { key, record, chunks, bytes });
        }
        Ok(files)
    }

    async fn keys(&self, shelf: Shelf) -> Result<Vec<Vec<String>>> {
        match Range::addresses("").to_js() {
            Some(range) => self.database.keys(shelf.name(), &range).await,
            None => Ok(Vec::new()),
        }
    }

    async fn get<T: DeserializeOwned, K: AsRef<str>>(
        &self,
        shelf: Shelf,
        key: &[K],
    ) -> Result<Option<T>> {
        let value = self.database.get(shelf.name(), &array(key)).await?;
        Ok(serde_wasm_bindgen::from_value(value).ok())
    }

    async fn chunk(&self, key: &FileKey, index: u64) -> Option<Chunk> {
        let key = array(&key.chunk(&index.to_string()));
        Chunk::from_js(&self.database.get(Shelf::Chunks.name(), &key).await.ok()?)
    }

    async fn delete(&self, shelf: Shelf, range: &Range) -> Result<()> {
        match range.to_js() {
            Some(range) => self.database.delete(shelf.name(), &range).await,
            None => Ok(()),
        }
    }
}

impl KeptFile {
    /// The chunks that have to be there.
    fn wanted(&self) -> Vec<u64> {
        match &self.record {
            Some(record) => (0..record.sums.len() as u64).collect(),
            None => self.chunks.iter().copied().collect(),
        }
    }

    fn expects(&self, index: u64, chunk: &Chunk) -> bool {
        self.record.as_ref().is_none_or(|record| {
            chunk.sum == record.sum(index) && chunk.len() == record.len_of(index)
        })
    }
}

/// The place of the model that a file belongs to: the closest entry's. Version 1 made no entries, so
/// what has none is found by the layout.
fn owner<'a>(entries: &'a [Entry], url: &'a str) -> &'a str {
    let owners = entries.iter().map(|entry| entry.place.as_str());
    let closest = owners.filter(|place| Entry::owns(place, url)).max_by_key(|place| place.len());
    closest.unwrap_or_else(|| place_by_layout(url))
}

/// The networks of a model that version 1 could load.
const VERSION_1: [Component; 3] = [Component::TextEncoder, Component::UNet, Component::Vae];

fn place_by_layout(url: &str) -> &str {
    let folders = ["text_encoder/", "unet/", "vae/", "tokenizer/", "scheduler/"];
    let folder = &url[..url.rfind('/').map_or(0, |slash| slash + 1)];
    if let Some(place) = folders.iter().find_map(|name| folder.strip_suffix(name)) {
        return place;
    }
    let is_config = ["model_index.json", "hearth.json"].iter().any(|name| url.ends_with(name));
    if is_config { folder } else { url }
}

fn models(entries: &[Entry], files: &[KeptFile]) -> Vec<KeptModel> {
    let mut models: BTreeMap<&str, KeptModel> = BTreeMap::new();
    for file in files {
        let url = file.key.url.as_str();
        let place = owner(entries, url);
        let entry = entries.iter().find(|entry| entry.place == place);
        let model = models.entry(place).or_insert_with(|| KeptModel {
            place: place.to_string(),
            name: entry.map_or_else(|| name_of(place), |entry| entry.name.clone()),
            bytes: 0,
            complete: false,
            files: Vec::new(),
            last_used: entry.map_or(0.0, |entry| entry.last_used),
        });
        model.bytes += file.bytes;
        let path = match url.strip_prefix(place).unwrap_or_default() {
            "" => url.rsplit('/').next().unwrap_or_default(),
            path => path,
        };
        model.files.push(path.to_string());
    }
    for (place, model) in &mut models {
        let is_complete =
            |url: &str| files.iter().any(|file| file.key.url == url && file.record.is_some());
        model.complete = match entries.iter().find(|entry| entry.place == *place) {
            Some(entry) => entry.files.iter().all(|path| is_complete(&entry.url(path))),
            None => VERSION_1.iter().all(|component| {
                let start = format!("{place}{}/{}", component.folder(), component.stem());
                let ends = [".fp16.safetensors", ".safetensors"];
                ends.iter().any(|end| is_complete(&format!("{start}{end}")))
            }),
        };
    }
    let mut models: Vec<KeptModel> = models.into_values().collect();
    models.sort_by(|a, b| b.last_used.total_cmp(&a.last_used));
    models
}

/// What to call a model at an address as long as it has not said its own name.
pub fn name_of(place: &str) -> String {
    Address::parse(place, |_| None).map_or_else(|_| place.to_string(), |address| address.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(url: &str, bytes: u64, complete: bool) -> KeptFile {
        let record = Record { len: bytes, sums: Vec::new(), chunk: 1, version: String::new() };
        KeptFile {
            key: FileKey::new(url.to_string(), String::new()),
            record: complete.then_some(record),
            chunks: BTreeSet::new(),
            bytes,
        }
    }

    fn entry(place: &str, files: &[&str], last_used: f64) -> Entry {
        let files = files.iter().map(|file| file.to_string()).collect();
        Entry { place: place.to_string(), name: "A".to_string(), files, last_used }
    }

    #[test]
    fn what_version_1_kept_is_found_by_its_layout() {
        let base = "https://a.example/models/x/";
        let mut files = vec![
            kept(&format!("{base}text_encoder/model.safetensors"), 1, true),
            kept(&format!("{base}unet/diffusion_pytorch_model.fp16.safetensors"), 10, true),
            kept(&format!("{base}vae/diffusion_pytorch_model.safetensors"), 100, false),
        ];
        let [model] = models(&[], &files).try_into().unwrap_or_else(|_| unreachable!());
        assert_eq!((model.place.as_str(), model.name.as_str()), (base, "x"));
        assert_eq!((model.bytes, model.complete, model.files.len()), (111, false, 3));
        files[2] = kept(&format!("{base}vae/diffusion_pytorch_model.safetensors"), 200, true);
        assert!(models(&[], &files)[0].complete);
    }

    #[test]
    fn every_file_belongs_to_the_closest_model() {
        let entries = [
            entry("https://a/x/", &["unet/u.safetensors"], 1.0),
            entry("https://a/x/y/m.safetensors", &["m.safetensors"], 2.0),
        ];
        let files = [
            kept("https://a/x/unet/u.safetensors", 5, true),
            kept("https://a/x/y/m.safetensors", 7, false),
        ];
        let found = models(&entries, &files);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].bytes, found[0].complete), (7, false), "the latest first");
        assert_eq!(found[0].files, ["m.safetensors"]);
        assert_eq!((found[1].bytes, found[1].complete), (5, true));
        assert_eq!(found[1].files, ["unet/u.safetensors"]);
    }
}
