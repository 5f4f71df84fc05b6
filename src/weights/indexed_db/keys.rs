//! What is kept under which key.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::IdbKeyRange;

/// A kind of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shelf {
    /// One value per complete weight file, by [`FileKey::file`].
    Files,
    /// Its parts, by [`FileKey::chunk`].
    Chunks,
    /// Small files, by address.
    Small,
    /// The library's entries, by place.
    Models,
}

impl Shelf {
    pub const ALL: [Shelf; 4] = [Shelf::Files, Shelf::Chunks, Shelf::Small, Shelf::Models];

    /// Where weight files are. What says that a file is complete goes first.
    pub const OF_FILES: [Shelf; 2] = [Shelf::Files, Shelf::Chunks];

    pub fn name(self) -> &'static str {
        match self {
            Shelf::Files => "files",
            Shelf::Chunks => "chunks",
            Shelf::Small => "small",
            Shelf::Models => "models",
        }
    }
}

/// A weight file and its version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileKey {
    pub url: String,
    /// In hex; empty if not known.
    pub sha256: String,
}

impl FileKey {
    pub fn new(url: String, sha256: String) -> Self {
        FileKey { url, sha256 }
    }

    /// From the key of a file or of one of its chunks.
    pub fn from_key(key: &[String]) -> Option<Self> {
        match key {
            [url, sha256, ..] => Some(FileKey::new(url.clone(), sha256.clone())),
            _ => None,
        }
    }

    pub fn file(&self) -> [&str; 2] {
        [&self.url, &self.sha256]
    }

    pub fn chunk<'a>(&'a self, index: &'a str) -> [&'a str; 3] {
        [&self.url, &self.sha256, index]
    }
}

/// Keys that stand together, in the database's own order: arrays part by part, strings by their
/// units, and a shorter array before a longer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first key.
    from: Vec<String>,
    /// The end.
    to: End,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// Before this key.
    Before(Vec<String>),
    /// After all keys that begin with these parts.
    Beyond(Vec<String>),
}

impl Range {
    /// All keys that begin with these parts.
    pub fn below(prefix: &[&str]) -> Self {
        let prefix: Vec<String> = prefix.iter().map(|part| part.to_string()).collect();
        Range { from: prefix.clone(), to: End::Beyond(prefix) }
    }

    /// All keys whose first part begins with `start`.
    pub fn addresses(start: &str) -> Self {
        // No address has this character.
        let last = format!("{start}\u{ffff}");
        Range { from: vec![start.to_string()], to: End::Beyond(vec![last]) }
    }

    /// All keys that begin with `first`, but for those that begin with `prefix`.
    pub fn all_but(first: &str, prefix: &[&str; 2]) -> [Self; 2] {
        let [first, second] = [first.to_string(), prefix[1].to_string()];
        let prefix = vec![first.clone(), second.clone()];
        // The key that comes right after all those that begin with the prefix: no digest goes on so.
        let after = vec![first.clone(), format!("{second}\0")];
        [
            Range { from: vec![first.clone()], to: End::Before(prefix) },
            Range { from: after, to: End::Beyond(vec![first]) },
        ]
    }

    pub fn contains(&self, key: &[String]) -> bool {
        let begins = match &self.to {
            End::Before(end) => key < end.as_slice(),
            End::Beyond(prefix) => key.starts_with(prefix) || key < prefix.as_slice(),
        };
        key >= self.from.as_slice() && begins
    }

    pub fn to_js(&self) -> Option<IdbKeyRange> {
        let from = array(&self.from);
        let range = match &self.to {
            End::Before(end) => {
                IdbKeyRange::bound_with_lower_open_and_upper_open(&from, &array(end), false, true)
            }
            End::Beyond(prefix) => {
                let end = array(prefix);
                end.push(&Array::new()); // An array comes after every string.
                IdbKeyRange::bound(&from, &end)
            }
        };
        range.ok()
    }
}

/// As the database takes it.
pub fn array<T: AsRef<str>>(key: &[T]) -> Array {
    key.iter().map(|part| JsValue::from_str(part.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use super::Range;

    fn key(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| part.to_string()).collect()
    }

    #[test]
    fn ranges_hold_what_they_say() {
        let file = Range::below(&["u", "d"]);
        assert!(file.contains(&key(&["u", "d"])) && file.contains(&key(&["u", "d", "7"])));
        assert!(!file.contains(&key(&["u", "e"])) && !file.contains(&key(&["u"])));

        let folder = Range::addresses("http://a/x/");
        assert!(folder.contains(&key(&["http://a/x/y", "d", "7"])));
        assert!(!folder.contains(&key(&["http://a/y", "d"])));

        let others = Range::all_but("u", &["u", "d"]);
        let in_others = |parts: &[&str]| others.iter().any(|range| range.contains(&key(parts)));
        assert!(
            in_others(&["u", "", "0"]) && in_others(&["u", "e"]) && in_others(&["u", "c", "1"])
        );
        assert!(!in_others(&["u", "d"]) && !in_others(&["u", "d", "0"]) && !in_others(&["v", "a"]));
    }
}
