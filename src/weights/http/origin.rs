//! Which file it is that a server sends.

use serde::{Deserialize, Serialize};

/// Enough to tell whether two answers may be put together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Length of the whole file, if the server says it.
    pub total: Option<u64>,
    /// The server's mark of this version of the file, or nothing.
    pub version: String,
    /// SHA-256 of the whole file in hex, if the server gives it. Not kept with the parts of a file:
    /// it says nothing of them.
    #[serde(skip)]
    pub sha256: Option<String>,
}

impl Origin {
    /// Whether both may be the same version of a file: what one of them does not say is no
    /// contradiction.
    pub fn agrees(&self, other: &Origin) -> bool {
        let totals = self.total.zip(other.total).is_none_or(|(a, b)| a == b);
        let silent = self.version.is_empty() || other.version.is_empty();
        totals && (silent || self.version == other.version)
    }
    /// Whether parts of a file from here may be parts of `other`: a server that has named the same
    /// version twice was wrong about the length once.
    pub fn has_parts_of(&self, other: &Origin) -> bool {
        let same = !self.version.is_empty() && self.version == other.version;
        same || self.agrees(other)
    }
}

/// The digest that a server gives of a file. `X-Linked-ETag` is the Hub's word for it. Others use it
/// as the `ETag`; but at the end of a redirection that may be the digest of something else, as with
/// the Hub's own storage.
pub fn sha256(linked: &str, etag: &str, redirected: bool) -> Option<String> {
    digest(linked).or_else(|| digest(etag).filter(|_| !redirected))
}

fn digest(etag: &str) -> Option<String> {
    let inner = etag.strip_prefix('"')?.strip_suffix('"')?;
    let is_digest = inner.len() == 64 && inner.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| inner.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Origin, sha256};

    #[test]
    fn only_64_hex_digits_in_quotes_are_a_digest() {
        let digest = "AB".repeat(32);
        let quoted = format!("\"{digest}\"");
        assert_eq!(sha256(&quoted, "", false), Some(digest.to_lowercase()));
        assert_eq!(sha256(&quoted, "", true), Some(digest.to_lowercase()));
        assert_eq!(sha256("", &quoted, false), Some(digest.to_lowercase()));
        assert_eq!(sha256("", &quoted, true), None);
        for other in ["", &digest, "\"ab\"", &format!("W/{quoted}"), &quoted.replace('A', "g")] {
            assert_eq!(sha256("", other, false), None, "{other}");
        }
    }

    #[test]
    fn what_is_not_said_is_no_contradiction() {
        let origin = |total, version: &str| Origin { total, version: version.into(), sha256: None };
        assert!(origin(Some(1), "a").agrees(&origin(Some(1), "a")));
        assert!(origin(Some(1), "a").agrees(&origin(None, "")));
        assert!(!origin(Some(1), "a").agrees(&origin(Some(2), "a")));
        assert!(!origin(Some(1), "a").agrees(&origin(Some(1), "b")));
        assert!(origin(Some(1), "a").has_parts_of(&origin(Some(2), "a")));
        assert!(!origin(Some(1), "").has_parts_of(&origin(Some(2), "")));
    }
}
