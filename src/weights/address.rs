//! What a user types for a model, and where that is: a repository of the Hugging Face Hub, a file in
//! it, or any other address. Nothing here asks a network.

use crate::error::{Error, Message, Result, messages};

const HUB: &str = "https://huggingface.co";
const HUB_HOSTS: [&str; 3] = ["huggingface.co", "www.huggingface.co", "hf.co"];

/// The version of a repository if none is named.
const MAIN: &str = "main";

/// What stands first in an address of the Hub that is no model.
const NO_OWNERS: [&str; 9] =
    ["api", "blog", "collections", "datasets", "docs", "models", "papers", "settings", "spaces"];

const WEIGHTS: &str = ".safetensors";

/// Files that people know checkpoints by and that are not safetensors.
const OTHER_WEIGHTS: [&str; 7] = [".bin", ".ckpt", ".gguf", ".onnx", ".pt", ".pth", ".zip"];

/// A folder or a file on a web server, in the parts that requests are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The folder; it ends in `/`.
    pub base: String,
    /// The file in it, if this is one file and not the folder.
    pub file: Option<String>,
    /// What stands after the `?` of every request: a signature, or nothing.
    pub query: String,
}

impl Location {
    /// Takes an absolute address apart. An address that ends in `.safetensors` is a file, every other
    /// a folder.
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

    /// The whole address.
    pub fn address(&self) -> String {
        self.url(self.file.as_deref().unwrap_or_default())
    }

    /// The address of a file in the folder.
    pub fn url(&self, path: &str) -> String {
        let separator = if self.query.is_empty() { "" } else { "?" };
        format!("{}{path}{separator}{}", self.base, self.query)
    }

    /// The address of a file in the folder, without what stands after the `?`.
    pub fn bare_url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What people and the library know it by: its address without what stands after the `?`.
    pub fn place(&self) -> String {
        self.bare_url(self.file.as_deref().unwrap_or_default())
    }
}

/// A model that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Where it is.
    pub location: Location,
    /// For people, until the model says its own name.
    pub name: String,
}

impl Address {
    /// Understands what was typed or pasted:
    ///
    /// - `owner/name`, `owner/name@revision`: a repository of the Hub,
    /// - `owner/name/file.safetensors`, `owner/name@revision/folder/file.safetensors`: a file in it,
    /// - an address of the Hub as the browser shows it,
    /// - any other `https://` or `http://` address, of a folder or of a `.safetensors` file,
    /// - an address relative to the page, which begins with `/`, `./` or `../` or ends in `/`.
    ///   `resolve` makes it absolute.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] for the field `model` if it is none of these.
    pub fn parse(typed: &str, resolve: impl FnOnce(&str) -> Option<String>) -> Result<Self> {
        let typed = typed.trim();
        let wrong = |reason: Message| invalid(typed, reason);
        if typed.is_empty() {
            let reason = messages::model_name_or_address();
            let value = messages::empty();
            return Err(Error::InvalidRequest { field: "model", value, reason });
        }
        if let Some((scheme, rest)) = typed.split_once("://") {
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" => at_url(&scheme.to_ascii_lowercase(), rest, typed),
                _ => Err(wrong(messages::only_http())),
            };
        }
        let path = typed.split(['?', '#']).next().unwrap_or_default();
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

/// `owner/name[@revision][/file]`
fn in_repository(typed: &str) -> Result<Address> {
    let wrong = |reason: Message| Err(invalid(typed, reason));
    let Some((owner, rest)) = typed.split_once('/') else {
        return wrong(messages::hub_name());
    };
    let (repository, path) = match rest.split_once('@') {
        Some((name, version)) => {
            let (revision, path) = split_revision(version);
            (Repository { owner, name, revision }, path)
        }
        None => {
            let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
            (Repository { owner, name, revision: MAIN.to_string() }, path)
        }
    };
    if !repository.is_named_well() {
        return wrong(messages::no_hub_name());
    }
    if path.is_empty() || has_end(path, &[WEIGHTS]) {
        return Ok(repository.at(&encoded(path)));
    }
    wrong(messages::only_safetensors_of_repository())
}

/// A branch may have slashes of its own only as `refs/pr/1`.
fn split_revision(version: &str) -> (String, &str) {
    let parts = if version.starts_with("refs/") { 3 } else { 1 };
    let end = version.match_indices('/').nth(parts - 1).map_or(version.len(), |(at, _)| at);
    let path = version.get(end + 1..).unwrap_or_default();
    (version[..end].replace('/', "%2F"), path)
}

struct Repository<'a> {
    owner: &'a str,
    name: &'a str,
    revision: String,
}

impl Repository<'_> {
    fn is_named_well(&self) -> bool {
        let is_word = |word: &str| {
            let may = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !word.is_empty() && word.chars().all(may) && !word.starts_with('.')
        };
        let may = |c: char| c.is_ascii_alphanumeric() || "._-%+".contains(c);
        is_word(self.owner)
            && is_word(self.name)
            && !self.revision.is_empty()
            && self.revision.chars().all(may)
            && !NO_OWNERS.contains(&self.owner)
    }

    /// The repository, or the folder or file `path` in it.
    fn at(&self, path: &str) -> Address {
        let Repository { owner, name, revision } = self;
        let location = Location::new(&format!("{HUB}/{owner}/{name}/resolve/{revision}/{path}"));
        let version = match revision.as_str() {
            MAIN => String::new(),
            revision => format!("@{}", decoded(revision)),
        };
        let inside = match path.trim_end_matches('/') {
            "" => String::new(),
            path => format!("/{}", decoded(path)),
        };
        Address { location, name: format!("{owner}/{name}{version}{inside}") }
    }
}

fn at_url(scheme: &str, rest: &str, typed: &str) -> Result<Address> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].to_ascii_lowercase();
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(invalid(typed, messages::no_server()));
    }
    if HUB_HOSTS.contains(&host.as_str()) {
        return on_hub(&rest[end..], typed);
    }
    let tail = encoded_spaces(&rest[end..]);
    let (path, query) = match tail.split('#').next().unwrap_or_default().split_once('?') {
        Some((path, query)) => (path.to_string(), format!("?{query}")),
        None => (tail.split('#').next().unwrap_or_default().to_string(), String::new()),
    };
    let path = checked(&path, typed)?;
    let location = Location::new(&format!("{scheme}://{host}{path}{query}"));
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = match decoded(last) {
        name if name.is_empty() => host,
        name => name,
    };
    Ok(Address { location, name })
}

/// The path of an address of the Hub, as pasted: `/owner/name`, `/owner/name/tree/main/folder`, …
fn on_hub(path: &str, typed: &str) -> Result<Address> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let wrong = || invalid(typed, messages::no_hub_model());
    let [owner, name, rest @ ..] = parts.as_slice() else { return Err(wrong()) };
    let (revision, inside) = match rest {
        [] => (MAIN, &[] as &[&str]),
        ["tree" | "blob" | "resolve" | "raw", revision, inside @ ..] => (*revision, inside),
        _ => return Err(wrong()),
    };
    // The page shows this branch's name as it is.
    let (revision, inside) = match (revision, inside) {
        ("refs", [kind, number, inside @ ..]) => (format!("refs%2F{kind}%2F{number}"), inside),
        _ => (revision.to_string(), inside),
    };
    let repository = Repository { owner, name, revision };
    if !repository.is_named_well() {
        return Err(wrong());
    }
    let inside = checked(&encoded_spaces(&inside.join("/")), typed)?;
    Ok(repository.at(inside.trim_end_matches('/')))
}

/// The path, if it may lead to a model: of `model_index.json`, the folder it is in.
fn checked(path: &str, typed: &str) -> Result<String> {
    if let Some(folder) = path.strip_suffix("model_index.json") {
        return Ok(folder.to_string());
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if has_end(last, &OTHER_WEIGHTS) || has_end(last, &[".json", ".txt", ".md"]) {
        return Err(invalid(typed, messages::only_safetensors()));
    }
    Ok(path.to_string())
}

fn has_end(path: &str, ends: &[&str]) -> bool {
    let path = path.to_ascii_lowercase();
    ends.iter().any(|end| path.ends_with(end))
}

/// A path as an address has it.
fn encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}

/// Pasted addresses are encoded already, but for spaces that somebody typed.
fn encoded_spaces(path: &str) -> String {
    path.replace(' ', "%20")
}

/// For people.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = digits.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn invalid(value: &str, reason: Message) -> Error {
    Error::InvalidRequest { field: "model", value: Message::verbatim(value), reason }
}

#[cfg(test)]
mod tests;
