//! Repository of the Hub or of a mirror of it.

/// Origin of the Hub.
pub const HUB: &str = "https://huggingface.co";

const HUB_HOSTS: [&str; 3] = ["huggingface.co", "www.huggingface.co", "hf.co"];

/// Hosts that answer every path of the Hub's in its place.
const MIRRORS: [&str; 2] = ["hf-mirror.com", "www.hf-mirror.com"];

/// The revision of a repository if none is given.
pub const MAIN: &str = "main";

/// First parts of paths on the Hub that are not owners of models.
const NO_OWNERS: [&str; 9] =
    ["api", "blog", "collections", "datasets", "docs", "models", "papers", "settings", "spaces"];

/// Returns whether this is a host of the Hub.
pub fn is_hub(host: &str) -> bool {
    HUB_HOSTS.contains(&host)
}

/// Returns whether this is a known mirror of the Hub.
pub fn is_mirror(host: &str) -> bool {
    MIRRORS.contains(&host)
}

/// Returns whether a request to this address may carry the user's token of the Hub: only the Hub
/// itself may know it, and only behind TLS.
pub fn may_receive_token(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    is_hub(&host.to_ascii_lowercase())
}

/// A repository of models, at a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Scheme and host.
    pub origin: String,
    /// The user or organisation.
    pub owner: String,
    /// Name without the owner.
    pub repository: String,
    /// Branch, tag or commit, percent-encoded.
    pub revision: String,
}

impl Repository {
    /// Returns the repository, if these can be its names.
    pub fn new(origin: &str, owner: &str, name: &str, revision: &str) -> Option<Self> {
        let is_word = |word: &str| {
            let may = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !word.is_empty() && word.chars().all(may) && !word.starts_with('.')
        };
        let may = |c: char| c.is_ascii_alphanumeric() || "._-%+".contains(c);
        let is_named_well = is_word(owner)
            && is_word(name)
            && !revision.is_empty()
            && revision.chars().all(may)
            && !NO_OWNERS.contains(&owner);
        is_named_well.then(|| Repository {
            origin: origin.to_string(),
            owner: owner.to_string(),
            repository: name.to_string(),
            revision: revision.to_string(),
        })
    }

    /// Returns the repository that the file or folder at this address is in, if it has the form of
    /// the Hub's: `https://host/owner/name/resolve/revision/…`.
    pub fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        match route(path)? {
            Route { owner, name, kind: "resolve", revision, .. } => {
                Self::new(&format!("{scheme}://{host}"), owner, name, &revision)
            }
            _ => None,
        }
    }

    /// Returns `owner/name`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.owner, self.repository)
    }

    /// Returns whether it is on the Hub itself.
    pub fn is_on_hub(&self) -> bool {
        self.origin == HUB
    }

    /// Returns the address of its page on the mirror that is best known.
    pub fn on_mirror(&self) -> String {
        format!("https://{}/{}", MIRRORS[0], self.name())
    }

    /// Returns the address of a file or folder in it; `path` is percent-encoded.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{}/resolve/{}/{path}", self.origin, self.name(), self.revision)
    }

    /// Returns the folder and the name of the Hub's description of it, which lists its files
    /// (`siblings`).
    pub fn description(&self) -> (String, String) {
        let folder = format!("{}/api/models/{}/", self.origin, self.owner);
        match self.revision.as_str() {
            MAIN => (folder, self.repository.clone()),
            revision => (folder, format!("{}/revision/{revision}", self.repository)),
        }
    }
}

/// Parts of a path of the Hub: `/owner/name`, `/owner/name/tree/main/folder`, …
pub struct Route<'a> {
    /// The user or organisation.
    pub owner: &'a str,
    /// Name of the repository.
    pub name: &'a str,
    /// `tree`, `blob`, `resolve` or `raw`; empty for the repository's own page.
    pub kind: &'a str,
    /// Branch, tag or commit.
    pub revision: String,
    /// The file or folder.
    pub inside: String,
}

/// Splits a path of the Hub; `None` if it is none of a repository.
pub fn route(path: &str) -> Option<Route<'_>> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let [owner, name, rest @ ..] = parts.as_slice() else { return None };
    let (kind, revision, inside) = match rest {
        [] => ("", MAIN, &[] as &[&str]),
        [kind @ ("tree" | "blob" | "resolve" | "raw"), revision, inside @ ..] => {
            (*kind, *revision, inside)
        }
        _ => return None,
    };
    // The Hub's pages show this branch without encoding its slashes.
    let (revision, inside) = match (revision, inside) {
        ("refs", [kind, number, inside @ ..]) => (format!("refs%2F{kind}%2F{number}"), inside),
        _ => (revision.to_string(), inside),
    };
    Some(Route { owner, name, kind, revision, inside: inside.join("/") })
}
