//! Address of a model as a user types it.
//!
//! It names a repository of the Hugging Face Hub, a file in one, or any other folder or file on a
//! web server. Nothing here sends a request.

mod encoding;
mod foreign;
mod repository;

use self::encoding::{decoded, encoded, encoded_spaces};
use self::foreign::{check_file, is_bare_file_name, is_civitai, is_disk_path};
use self::repository::{HUB, MAIN, Route, is_hub, is_mirror, route};
pub use self::repository::{Repository, may_receive_token};
use crate::error::{Error, Message, Result, messages};

const WEIGHTS: &str = ".safetensors";

/// A folder or a file on a web server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The folder; it ends in `/`.
    pub base: String,
    /// The file in it, if this is one file and not the folder.
    pub file: Option<String>,
    /// The part after `?` of every request: a signature, or empty.
    pub query: String,
}

impl Location {
    /// Splits an absolute address. An address that ends in `.safetensors` is a file, every other a
    /// folder.
    pub fn new(address: &str) -> Self {
        let address = address.split('#').next().unwrap_or_default();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let query = query.to_string();
        match path.rsplit_once('/') {
            Some((folder, file)) if has_end(file, &[WEIGHTS]) => {
                Location { base: format!("{folder}/"), file: Some(file.to_string()), query }
            }
            _ => Location { base: format!("{}/", path.trim_end_matches('/')), file: None, query },
        }
    }

    /// Returns the whole address.
    pub fn address(&self) -> String {
        self.url(self.file.as_deref().unwrap_or_default())
    }

    /// Returns the address of a file in the folder.
    pub fn url(&self, path: &str) -> String {
        let separator = if self.query.is_empty() { "" } else { "?" };
        format!("{}{path}{separator}{}", self.base, self.query)
    }

    /// Returns the address of a file in the folder, without the part after `?`.
    pub fn bare_url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Returns the repository that this is in, if the address has the form of the Hub's.
    pub fn repository(&self) -> Option<Repository> {
        Repository::of_url(&self.base)
    }

    /// Returns the address without the part after `?`, which names the model to users and the
    /// library.
    pub fn place(&self) -> String {
        self.bare_url(self.file.as_deref().unwrap_or_default())
    }
}

/// A model that the user named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its folder or file.
    pub location: Location,
    /// Display name until the model card gives one.
    pub name: String,
    /// What `https://host/owner/name` means if the host is a mirror of the Hub that is not known:
    /// only its answers tell.
    pub on_mirror: Option<Box<Address>>,
}

impl Address {
    /// Parses what was typed or pasted:
    ///
    /// - `owner/name`, `owner/name@revision`: a repository of the Hub,
    /// - `owner/name/file.safetensors`, `owner/name@revision/folder/file.safetensors`: a file in it,
    /// - an address of the Hub or of a mirror as the browser shows it, also without `https://`,
    /// - any other `https://` or `http://` address, of a folder or of a `.safetensors` file,
    /// - an address relative to the page, which begins with `/`, `./` or `../` or ends in `/`.
    ///   `resolve` makes it absolute.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] for the field `model` if it is none of these.
    pub fn parse(typed: &str, resolve: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let typed = typed.trim().trim_matches(['"', '\'']);
        let wrong = |reason: Message| invalid(typed, reason);
        if typed.is_empty() {
            let reason = messages::model_name_or_address();
            let value = messages::empty();
            return Err(Error::InvalidRequest { field: "model", value, reason });
        }
        if is_civitai(typed) {
            return Err(wrong(messages::civitai_address()));
        }
        if is_disk_path(typed, resolve("./").as_deref()) {
            return Err(wrong(messages::disk_path()));
        }
        if let Some((scheme, rest)) = typed.split_once("://") {
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" => at_url(&scheme.to_ascii_lowercase(), rest, typed),
                _ => Err(wrong(messages::only_http())),
            };
        }
        let path = typed.split(['?', '#']).next().unwrap_or_default();
        if let Some(scheme) = missing_scheme(path) {
            return at_url(scheme, typed, typed);
        }
        let is_relative = ["/", "./", "../"].iter().any(|begin| path.starts_with(begin))
            || path.ends_with('/')
            || (path.matches('/').count() == 1 && has_end(path, &[WEIGHTS]));
        if is_relative {
            let absolute = resolve(typed).ok_or_else(|| wrong(messages::no_address()))?;
            return match absolute.split_once("://") {
                Some((scheme, rest)) => at_url(scheme, rest, typed),
                None => Err(wrong(messages::no_address())),
            };
        }
        in_repository(typed)
    }
}

/// Returns the scheme of an address that was typed without one: of the Hub or of a mirror, or of a
/// server with a port, which no repository's name has.
fn missing_scheme(path: &str) -> Option<&'static str> {
    let host = path.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let (name, port) = host.split_once(':').unwrap_or((&host, ""));
    let has_port = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    if name == "localhost" || name.starts_with("127.") {
        // As browsers complete it.
        return (has_port || path.contains('/')).then_some("http");
    }
    (is_hub(&host) || is_mirror(&host) || (has_port && name.contains('.'))).then_some("https")
}

/// `owner/name[@revision][/file]`
fn in_repository(typed: &str) -> Result<Address> {
    let wrong = |reason: Message| Err(invalid(typed, reason));
    let Some((owner, rest)) = typed.split_once('/') else {
        return match is_bare_file_name(typed) {
            true => wrong(messages::bare_file_name()),
            false => wrong(messages::hub_name()),
        };
    };
    let (name, revision, path) = match rest.split_once('@') {
        Some((name, version)) => {
            let (revision, path) = split_revision(version);
            (name, revision, path)
        }
        None => {
            let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
            (name, MAIN.to_string(), path)
        }
    };
    let Some(repository) = Repository::new(HUB, owner, name, &revision) else {
        return wrong(messages::no_hub_name());
    };
    check_file(path).map_err(|reason| invalid(typed, reason))?;
    if path.is_empty() || has_end(path, &[WEIGHTS]) {
        return Ok(in_it(&repository, &encoded(path)));
    }
    wrong(messages::only_safetensors_of_repository())
}

/// Splits revision and path. Only a revision `refs/pr/1` has slashes.
fn split_revision(version: &str) -> (String, &str) {
    let parts = if version.starts_with("refs/") { 3 } else { 1 };
    let end = version.match_indices('/').nth(parts - 1).map_or(version.len(), |(at, _)| at);
    let path = version.get(end + 1..).unwrap_or_default();
    (version[..end].replace('/', "%2F"), path)
}

/// Returns the address of a repository, or of the folder or file `path` in it.
fn in_it(repository: &Repository, path: &str) -> Address {
    let version = match repository.revision.as_str() {
        MAIN => String::new(),
        revision => format!("@{}", decoded(revision)),
    };
    let inside = match path.trim_end_matches('/') {
        "" => String::new(),
        path => format!("/{}", decoded(path)),
    };
    let name = format!("{}{version}{inside}", repository.name());
    Address { location: Location::new(&repository.url(path)), name, on_mirror: None }
}

fn at_url(scheme: &str, rest: &str, typed: &str) -> Result<Address> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].to_ascii_lowercase();
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(invalid(typed, messages::no_server()));
    }
    // `fetch` refuses such addresses, and a password belongs into no message.
    if host.contains('@') {
        return Err(invalid(typed, messages::password_in_address()));
    }
    if is_hub(&host) {
        return on_hub(HUB, &rest[end..], typed);
    }
    let origin = format!("{scheme}://{host}");
    if is_mirror(&host) {
        return on_hub(&origin, &rest[end..], typed);
    }
    let tail = encoded_spaces(&rest[end..]);
    let (path, query) = match tail.split('#').next().unwrap_or_default().split_once('?') {
        Some((path, query)) => (path.to_string(), format!("?{query}")),
        None => (tail.split('#').next().unwrap_or_default().to_string(), String::new()),
    };
    // Pages of a repository and of its files have this form on the Hub and on its mirrors alone;
    // nothing there is a model's file, while the same path below `resolve` is.
    let as_mirror = || on_hub(&origin, &path, typed).ok();
    let on_mirror = match route(&path).map(|route| route.kind) {
        Some("tree" | "blob") => return on_hub(&origin, &path, typed),
        Some("resolve") if query.is_empty() => match as_mirror() {
            Some(address) => return Ok(address),
            None => None,
        },
        Some("") if query.is_empty() => as_mirror(),
        _ => None,
    };
    let path = checked(&path, typed)?;
    let location = Location::new(&format!("{origin}{path}{query}"));
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = match decoded(last) {
        name if name.is_empty() => host,
        name => name,
    };
    Ok(Address { location, name, on_mirror: on_mirror.map(Box::new) })
}

/// Parses the path of a pasted address of the Hub or of a mirror at `origin`: `/owner/name`,
/// `/owner/name/tree/main/folder`, …
fn on_hub(origin: &str, path: &str, typed: &str) -> Result<Address> {
    let wrong = || invalid(typed, messages::no_hub_model());
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let Route { owner, name, revision, inside, .. } = route(path).ok_or_else(wrong)?;
    let repository = Repository::new(origin, owner, name, &revision).ok_or_else(wrong)?;
    let inside = checked(&encoded_spaces(&inside), typed)?;
    Ok(in_it(&repository, inside.trim_end_matches('/')))
}

/// Returns the path if it may be a model's; for `model_index.json`, its folder.
fn checked(path: &str, typed: &str) -> Result<String> {
    if let Some(folder) = path.strip_suffix("model_index.json") {
        return Ok(folder.to_string());
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    check_file(last).map_err(|reason| invalid(typed, reason))?;
    Ok(path.to_string())
}

fn has_end(path: &str, ends: &[&str]) -> bool {
    let path = path.to_ascii_lowercase();
    ends.iter().any(|end| path.ends_with(end))
}

/// Returns the error for a typed address. What stands after `?` is not repeated: it may be a key.
fn invalid(typed: &str, reason: Message) -> Error {
    Error::InvalidRequest {
        field: "model",
        value: Message::verbatim(without_secrets(typed)),
        reason,
    }
}

/// Returns an address as messages may show it: without the part after `?`, which may hold a key,
/// and without a user's name and password.
pub fn without_secrets(address: &str) -> String {
    let bare = address.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = bare.split_once("://") else { return bare.to_string() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}://{}{path}", host.rsplit('@').next().unwrap_or_default())
}

/// Returns the name of a model at a place until the model gives its own.
pub fn name_of(place: &str) -> String {
    Address::parse(place, |_| None).map_or_else(|_| place.to_string(), |address| address.name)
}

#[cfg(test)]
mod tests;
