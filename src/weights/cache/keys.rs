//! Tables of the store, their keys, and ranges of keys.

/// A table of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Records of complete weight files, by [`FileKey::file`].
    Files,
    /// Chunks of weight files, by [`FileKey::chunk`].
    Chunks,
    /// Small files, by address.
    Small,
    /// Models, by address.
    Models,
}

impl Table {
    /// All tables.
    pub const ALL: [Table; 4] = [Table::Files, Table::Chunks, Table::Small, Table::Models];

    /// The tables of weight files. The record, which says that a file is complete, is deleted
    /// first.
    pub const WEIGHTS: [Table; 2] = [Table::Files, Table::Chunks];

    /// Returns the name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Table::Files => "files",
            Table::Chunks => "chunks",
            Table::Small => "small",
            Table::Models => "models",
        }
    }
}

/// A weight file and the version of it that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileKey {
    /// Its address.
    pub url: String,
    /// SHA-256 in hex; empty if not known beforehand.
    pub sha256: String,
}

impl FileKey {
    /// Reads it from the key of a file or of one of its chunks.
    pub fn from_key(key: &[String]) -> Option<Self> {
        match key {
            [url, sha256, ..] => Some(FileKey { url: url.clone(), sha256: sha256.clone() }),
            _ => None,
        }
    }

    /// Returns the key of the file's record.
    pub fn file(&self) -> [&str; 2] {
        [&self.url, &self.sha256]
    }

    /// Returns the key of a chunk.
    pub fn chunk<'a>(&'a self, index: &'a str) -> [&'a str; 3] {
        [&self.url, &self.sha256, index]
    }
}

/// Consecutive keys. Keys are ordered part by part, parts by their UTF-16 units, and a shorter key
/// before a longer one that begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The first key.
    pub start: Vec<String>,
    /// Where it ends.
    pub end: KeyRangeEnd,
}

/// End of a [`KeyRange`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRangeEnd {
    /// Before this key.
    Before(Vec<String>),
    /// After all keys that begin with these parts.
    AfterPrefix(Vec<String>),
}

impl KeyRange {
    /// All keys that begin with these parts.
    pub fn with_prefix(prefix: &[&str]) -> Self {
        let prefix: Vec<String> = prefix.iter().map(|part| part.to_string()).collect();
        KeyRange { start: prefix.clone(), end: KeyRangeEnd::AfterPrefix(prefix) }
    }

    /// All keys whose first part, an address, begins with `start`.
    pub fn of_addresses(start: &str) -> Self {
        // No address has this character.
        let last = format!("{start}\u{ffff}");
        KeyRange { start: vec![start.to_string()], end: KeyRangeEnd::AfterPrefix(vec![last]) }
    }

    /// All keys of the file's address but those of this version of the file.
    pub fn other_versions(file: &FileKey) -> [Self; 2] {
        let this = vec![file.url.clone(), file.sha256.clone()];
        // The first key after all that begin with `this`: no digest continues so.
        let after = vec![file.url.clone(), format!("{}\0", file.sha256)];
        [
            KeyRange { start: vec![file.url.clone()], end: KeyRangeEnd::Before(this) },
            KeyRange { start: after, end: KeyRangeEnd::AfterPrefix(vec![file.url.clone()]) },
        ]
    }

    /// Whether a key is in the range.
    pub fn contains(&self, key: &[String]) -> bool {
        let is_before_end = match &self.end {
            KeyRangeEnd::Before(end) => key < end.as_slice(),
            KeyRangeEnd::AfterPrefix(prefix) => key.starts_with(prefix) || key < prefix.as_slice(),
        };
        key >= self.start.as_slice() && is_before_end
    }
}

#[cfg(test)]
mod tests {
    use super::{FileKey, KeyRange};

    fn key(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| part.to_string()).collect()
    }

    #[test]
    fn key_ranges_contain_what_their_names_say() {
        let file = KeyRange::with_prefix(&["u", "d"]);
        assert!(file.contains(&key(&["u", "d"])) && file.contains(&key(&["u", "d", "7"])));
        assert!(!file.contains(&key(&["u", "e"])) && !file.contains(&key(&["u"])));

        let folder = KeyRange::of_addresses("http://a/x/");
        assert!(folder.contains(&key(&["http://a/x/y", "d", "7"])));
        assert!(!folder.contains(&key(&["http://a/y", "d"])));

        let version = FileKey { url: "u".to_string(), sha256: "d".to_string() };
        let others = KeyRange::other_versions(&version);
        let in_others = |parts: &[&str]| others.iter().any(|range| range.contains(&key(parts)));
        assert!(
            in_others(&["u", "", "0"]) && in_others(&["u", "e"]) && in_others(&["u", "c", "1"])
        );
        assert!(!in_others(&["u", "d"]) && !in_others(&["u", "d", "0"]) && !in_others(&["v", "a"]));
    }
}
