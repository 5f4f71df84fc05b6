//! Version of a file, as a server describes it.

use serde::{Deserialize, Serialize};

/// Tells whether two responses carry parts of the same file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVersion {
    /// Length of the whole file, if the server gives it.
    pub total: Option<u64>,
    /// `ETag` or `Last-Modified`; empty if the server sends neither.
    #[serde(rename = "version")]
    pub validator: String,
    /// SHA-256 of the whole file in lower-case hex, if the server gives it. Not stored with chunks:
    /// it says nothing about one of them.
    #[serde(skip)]
    pub sha256: Option<String>,
}

impl FileVersion {
    /// Whether both may be the same version: what one of them lacks is no contradiction.
    pub fn agrees(&self, other: &FileVersion) -> bool {
        let same_total = self.total.zip(other.total).is_none_or(|(a, b)| a == b);
        let is_unknown = self.validator.is_empty() || other.validator.is_empty();
        same_total && (is_unknown || self.validator == other.validator)
    }

    /// Whether chunks of this version may be part of `other`: a server that sends the same
    /// validator twice gave a wrong length once.
    pub fn has_chunks_of(&self, other: &FileVersion) -> bool {
        let same = !self.validator.is_empty() && self.validator == other.validator;
        same || self.agrees(other)
    }
}

/// Returns the SHA-256 that a server gives for a file. The Hugging Face Hub sends it as
/// `X-Linked-ETag`, others as `ETag`; but the `ETag` at the end of a redirection may be the digest of
/// something else, as in the Hub's storage.
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
    use super::{FileVersion, sha256};

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
    fn unknown_length_or_validator_is_no_contradiction() {
        let version = |total, validator: &str| FileVersion {
            total,
            validator: validator.into(),
            sha256: None,
        };
        assert!(version(Some(1), "a").agrees(&version(Some(1), "a")));
        assert!(version(Some(1), "a").agrees(&version(None, "")));
        assert!(!version(Some(1), "a").agrees(&version(Some(2), "a")));
        assert!(!version(Some(1), "a").agrees(&version(Some(1), "b")));
        assert!(version(Some(1), "a").has_chunks_of(&version(Some(2), "a")));
        assert!(!version(Some(1), "").has_chunks_of(&version(Some(2), "")));
    }
}
