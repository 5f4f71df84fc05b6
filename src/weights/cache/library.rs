//! Models in the store: list, deletion, verification.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::chunk_store::ChunkStore;
use super::file::FileRecord;
use super::keys::{FileKey, KeyRange, Table};
use super::model_entry::ModelEntry;
use crate::error::Result;
use crate::weights::address;

/// A model of which anything is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptModel {
    /// Its address, which opens it and names it to [`Library::remove`] and [`Library::verify`].
    pub place: String,
    /// Display name.
    pub name: String,
    /// Stored bytes of its weights.
    pub bytes: u64,
    /// Whether it can be opened without downloading weights.
    pub complete: bool,
    /// Its weight files of which anything is stored, as paths.
    pub files: Vec<String>,
    /// Milliseconds since 1970; 0 if unknown.
    pub last_used: f64,
    /// Whether it is an adapter, no model.
    pub is_adapter: bool,
    /// Whether it is an autoencoder (VAE), no model.
    pub is_vae: bool,
}

/// Result of [`Library::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Bytes of intact chunks.
    pub sound: u64,
    /// Bytes of damaged or missing chunks. Only they are downloaded again when the model is opened
    /// next.
    pub damaged: u64,
    /// The addresses of the files they belong to.
    pub damaged_files: Vec<String>,
}

/// The models in a store. Its methods fail with [`Error::Storage`](crate::Error::Storage).
pub struct Library<S> {
    store: S,
}

/// A weight file of which anything is stored.
#[derive(Debug)]
struct StoredFile {
    key: FileKey,
    /// `None` if the file is incomplete.
    record: Option<FileRecord>,
    chunks: BTreeSet<u64>,
    bytes: u64,
}

impl<S: ChunkStore> Library<S> {
    /// The models in `store`.
    pub fn new(store: S) -> Self {
        Library { store }
    }

    /// Lists all models, the one used last first.
    pub async fn list(&self) -> Result<Vec<KeptModel>> {
        Ok(models(&self.entries().await?, &self.files().await?))
    }

    /// Deletes a model: its weights, its small files and its entry. A tab that uses it is not
    /// disturbed.
    pub async fn remove(&self, place: &str) -> Result<()> {
        let entries = self.entries().await?;
        for file in self.files().await? {
            if owner(&entries, &file.key.url) == place {
                for table in Table::WEIGHTS {
                    self.store.delete(table, &KeyRange::with_prefix(&file.key.file())).await?;
                }
            }
        }
        for key in self.keys(Table::Small).await? {
            if let [url] = key.as_slice()
                && owner(&entries, url) == place
            {
                self.store.delete(Table::Small, &KeyRange::with_prefix(&[url])).await?;
            }
        }
        self.store.delete(Table::Models, &KeyRange::with_prefix(&[place])).await
    }

    /// Deletes everything.
    pub async fn remove_all(&self) -> Result<()> {
        for table in Table::ALL {
            self.store.delete(table, &KeyRange::of_addresses("")).await?;
        }
        Ok(())
    }

    /// Reads all chunks of a model and compares their SHA-256 with those of the download.
    /// `progress` is called with the number of bytes read and their total.
    pub async fn verify(&self, place: &str, mut progress: impl FnMut(u64, u64)) -> Result<Verdict> {
        let entries = self.entries().await?;
        let mut files = self.files().await?;
        files.retain(|file| owner(&entries, &file.key.url) == place);
        let total = files.iter().map(|file| file.bytes).sum();
        let (mut sound, mut damaged, mut damaged_files) = (0, 0, BTreeSet::new());
        for file in files {
            for index in file.expected_chunks() {
                let chunk = self.store.get_chunk(&file.key, index).await.ok().flatten();
                let len = match (&file.record, &chunk) {
                    (Some(record), _) => record.chunk_len(index),
                    (None, Some(chunk)) => chunk.len(),
                    (None, None) => 0,
                };
                let is_sound = match &chunk {
                    Some(chunk) => {
                        let record = file.record.as_ref();
                        record.is_none_or(|record| record.expects(index, chunk))
                            && chunk.is_intact().await
                    }
                    None => false,
                };
                if is_sound {
                    sound += len;
                } else {
                    damaged += len;
                    damaged_files.insert(file.key.url.clone());
                }
                progress(sound + damaged, total);
            }
        }
        Ok(Verdict { sound, damaged, damaged_files: damaged_files.into_iter().collect() })
    }

    async fn entries(&self) -> Result<Vec<ModelEntry>> {
        let mut entries = Vec::new();
        for key in self.keys(Table::Models).await? {
            let key: Vec<&str> = key.iter().map(String::as_str).collect();
            entries.extend(self.store.get(Table::Models, &key).await?);
        }
        Ok(entries)
    }

    /// Lists every weight file. Of an incomplete one, a chunk is read.
    async fn files(&self) -> Result<Vec<StoredFile>> {
        let mut chunks: BTreeMap<FileKey, BTreeSet<u64>> = BTreeMap::new();
        for key in self.keys(Table::Files).await? {
            chunks.extend(FileKey::from_key(&key).map(|key| (key, BTreeSet::new())));
        }
        for key in self.keys(Table::Chunks).await? {
            let index = key.get(2).and_then(|index| index.parse().ok());
            if let (Some(file), Some(index)) = (FileKey::from_key(&key), index) {
                chunks.entry(file).or_default().insert(index);
            }
        }
        let mut files = Vec::new();
        for (key, chunks) in chunks {
            let record: Option<FileRecord> = self.store.get(Table::Files, &key.file()).await?;
            let bytes = match (&record, chunks.first()) {
                (Some(record), _) => record.len,
                (None, None) => 0,
                (None, Some(first)) => {
                    let chunk = self.store.get_chunk(&key, *first).await.ok().flatten();
                    chunk.map_or(0, |chunk| {
                        let most = chunk.version.total.unwrap_or(u64::MAX);
                        (chunks.len() as u64 * chunk.size).min(most)
                    })
                }
            };
            files.push(StoredFile { key, record, chunks, bytes });
        }
        Ok(files)
    }

    async fn keys(&self, table: Table) -> Result<Vec<Vec<String>>> {
        self.store.keys(table, &KeyRange::of_addresses("")).await
    }
}

impl StoredFile {
    fn expected_chunks(&self) -> Vec<u64> {
        match &self.record {
            Some(record) => (0..record.sums.len() as u64).collect(),
            None => self.chunks.iter().copied().collect(),
        }
    }
}

/// Returns the place of the model that a file belongs to: the closest entry's, or the file's own
/// address if there is none.
fn owner<'a>(entries: &'a [ModelEntry], url: &'a str) -> &'a str {
    let owners = entries.iter().map(|entry| entry.place.as_str());
    let owners = owners.filter(|place| ModelEntry::owns(place, url));
    owners.max_by_key(|place| place.len()).unwrap_or(url)
}

fn models(entries: &[ModelEntry], files: &[StoredFile]) -> Vec<KeptModel> {
    let mut models: BTreeMap<&str, KeptModel> = BTreeMap::new();
    for file in files {
        let url = file.key.url.as_str();
        let place = owner(entries, url);
        let entry = entries.iter().find(|entry| entry.place == place);
        let model = models.entry(place).or_insert_with(|| KeptModel {
            place: place.to_string(),
            name: entry.map_or_else(|| address::name_of(place), |entry| entry.name.clone()),
            bytes: 0,
            complete: entry.is_some_and(|entry| {
                let is_complete = |url: String| {
                    files.iter().any(|file| file.key.url == url && file.record.is_some())
                };
                entry.files.iter().all(|path| is_complete(entry.url(path)))
            }),
            files: Vec::new(),
            last_used: entry.map_or(0.0, |entry| entry.last_used),
            is_adapter: entry.is_some_and(|entry| entry.is_adapter),
            is_vae: entry.is_some_and(|entry| entry.is_vae),
        });
        model.bytes += file.bytes;
        let path = match url.strip_prefix(place).unwrap_or_default() {
            "" => url.rsplit('/').next().unwrap_or_default(),
            path => path,
        };
        model.files.push(path.to_string());
    }
    let mut models: Vec<KeptModel> = models.into_values().collect();
    models.sort_by(|a, b| b.last_used.total_cmp(&a.last_used));
    models
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(url: &str, bytes: u64, complete: bool) -> StoredFile {
        let (url, validator) = (url.to_string(), String::new());
        let record = FileRecord { len: bytes, sums: Vec::new(), chunk_size: 1, validator };
        StoredFile {
            key: FileKey { url, sha256: String::new() },
            record: complete.then_some(record),
            chunks: BTreeSet::new(),
            bytes,
        }
    }

    fn entry(place: &str, files: &[&str], last_used: f64) -> ModelEntry {
        let files = files.iter().map(|file| file.to_string()).collect();
        let (place, name) = (place.to_string(), "A".to_string());
        ModelEntry { place, name, files, last_used, is_adapter: false, is_vae: false }
    }

    #[test]
    fn file_belongs_to_closest_model() {
        let entries = [
            entry("https://a/x/", &["unet/u.safetensors"], 1.0),
            entry("https://a/x/y/m.safetensors", &["m.safetensors"], 2.0),
        ];
        let files = [
            stored("https://a/x/unet/u.safetensors", 5, true),
            stored("https://a/x/y/m.safetensors", 7, false),
        ];
        let found = models(&entries, &files);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].bytes, found[0].complete), (7, false), "the latest first");
        assert_eq!(found[0].files, ["m.safetensors"]);
        assert_eq!((found[1].bytes, found[1].complete), (5, true));
        assert_eq!(found[1].files, ["unet/u.safetensors"]);
    }

    #[test]
    fn adapter_is_told_from_models() {
        let adapter = ModelEntry {
            is_adapter: true,
            ..entry("https://a/x/l.safetensors", &["l.safetensors"], 1.0)
        };
        let files = [
            stored("https://a/x/l.safetensors", 7, true),
            stored("https://a/x/unet/u.safetensors", 5, true),
        ];
        let found = models(&[adapter], &files);
        let found: Vec<_> =
            found.iter().map(|model| (model.is_adapter, model.complete, model.bytes)).collect();
        assert_eq!(found, [(true, true, 7), (false, false, 5)]);
    }

    #[test]
    fn file_without_entry_is_listed_by_itself_and_incomplete() {
        let files = [stored("https://a/x/m.safetensors", 7, true)];
        let [model] = models(&[], &files).try_into().unwrap_or_else(|_| unreachable!());
        assert_eq!((model.place.as_str(), model.complete), ("https://a/x/m.safetensors", false));
        assert_eq!((model.bytes, model.last_used), (7, 0.0));
    }
}
