//! Identity of an autoencoder (VAE) in place of the model's own.

use super::unsupported::OFF;
use crate::params::NamedHash;

/// Digits of AUTOMATIC1111's hash of a whole file: the first of its SHA-256.
const HASH_DIGITS: usize = 10;

/// Keys of the hash and the name in the web UI's text.
pub(super) const HASH_AND_NAME: [&str; 2] = ["VAE hash", "VAE"];

/// Returns the identity of an autoencoder by its name and the SHA-256 of its file, which may be known.
pub fn vae_identity(name: String, sha256: Option<&str>) -> NamedHash {
    let hash = sha256.and_then(|sha256| sha256.get(..HASH_DIGITS)).map(str::to_string);
    NamedHash { name, hash }
}

/// Returns what other programs mean by a name: the file without its folder.
pub(super) fn named(name: &str) -> Option<NamedHash> {
    let name = name.trim().rsplit(['/', '\\']).next().unwrap_or_default();
    (!name.is_empty()).then(|| NamedHash { name: name.to_string(), hash: None })
}

/// Returns what the web UI or Forge wrote, by the values of their keys, and whether `Module 1` told it: Forge
/// lists autoencoders and text encoders as modules, of which a single one is an autoencoder.
pub(super) fn of_web_ui<'a>(get: impl Fn(&str) -> Option<&'a str>) -> (Option<NamedHash>, bool) {
    let get = |key: &str| get(key).filter(|value| !OFF.contains(value));
    let [hash_key, name_key] = HASH_AND_NAME;
    if let Some(vae) = get(name_key).and_then(named) {
        let is_hash = |hash: &&str| {
            hash.len() == HASH_DIGITS && hash.chars().all(|digit| digit.is_ascii_hexdigit())
        };
        let hash = get(hash_key).filter(is_hash).map(str::to_ascii_lowercase);
        return (Some(NamedHash { hash, ..vae }), false);
    }
    let module = get("Module 1").filter(|_| get("Module 2").is_none());
    let vae = module.and_then(named);
    let is_module = vae.is_some();
    (vae, is_module)
}
