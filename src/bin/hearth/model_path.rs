//! Path of a model, and what to do if a repository or an address was given.

use std::path::Path;

use hearth::error::{Id, Message, messages};
use hearth::weights::Folder;
use hearth::weights::address::{Address, Location, without_secrets};
use hearth::{Error, Result};

/// Opens a folder or file.
///
/// # Errors
/// If it is no model, or more than one; if it does not exist; for a repository of the Hub or an address, with how to download it.
pub fn open_path(path: &Path) -> Result<Folder> {
    if path.exists() {
        return Folder::open_model(path);
    }
    Folder::open(path).map_err(|error| {
        let typed = path.to_string_lossy();
        match download_hint(&typed) {
            Some(reason) => Error::Io { path: without_secrets(&typed), reason },
            None => error,
        }
    })
}

/// Returns how to download what was typed in place of a path; `None` if it is a path.
fn download_hint(typed: &str) -> Option<Message> {
    let is_address = typed.contains("://");
    match Address::parse(typed, |_| None) {
        Ok(address) => Some(match hub_command(&address.location) {
            Some(command) if is_address => messages::on_the_web(command),
            Some(command) => messages::on_the_hub(command),
            None => messages::on_the_web(format!("`curl -L -O {}`", without_secrets(typed))),
        }),
        Err(Error::InvalidRequest { reason, .. }) => match reason.id() {
            Some(Id::civitai_address) => Some(messages::on_civitai()),
            Some(Id::gguf_address | Id::pickle_address | Id::no_hub_model) if is_address => {
                Some(reason)
            }
            _ => None,
        },
        Err(_) => None,
    }
}

/// Returns the command of the Hub's own program that downloads a file or a whole repository.
fn hub_command(location: &Location) -> Option<String> {
    let repository = location.repository()?;
    let root = repository.url("");
    let inside = location.place();
    let inside = inside.strip_prefix(&root).unwrap_or_default().replace("%20", " ");
    let files = match (inside.trim_end_matches('/'), &location.file) {
        ("", _) => String::new(),
        (file, Some(_)) => format!(" \"{file}\""),
        (folder, None) => format!(" --include \"{folder}/*\""),
    };
    let revision = match repository.revision.as_str() {
        "main" => String::new(),
        revision => format!(" --revision {}", revision.replace("%2F", "/")),
    };
    let (name, folder) = (repository.name(), &repository.repository);
    let mirror = match repository.is_on_hub() {
        true => String::new(),
        false => format!("HF_ENDPOINT={} ", repository.origin),
    };
    Some(format!("`{mirror}hf download {name}{files}{revision} --local-dir {folder}`"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::open_path;

    fn said(typed: &str) -> String {
        open_path(Path::new(typed)).unwrap_err().to_string()
    }

    #[test]
    fn repository_is_refused_with_the_command_that_downloads_it() {
        for (typed, command) in [
            ("owner/name", "`hf download owner/name --local-dir name`"),
            ("owner/name@v2", "`hf download owner/name --revision v2 --local-dir name`"),
            (
                "https://huggingface.co/owner/name/blob/main/a%20b.safetensors",
                "`hf download owner/name \"a b.safetensors\" --local-dir name`",
            ),
            (
                "https://hf-mirror.com/owner/name",
                "`HF_ENDPOINT=https://hf-mirror.com hf download owner/name --local-dir name`",
            ),
            (
                "https://a.example/x/m.safetensors?token=secret",
                "`curl -L -O https://a.example/x/m.safetensors`",
            ),
        ] {
            let said = said(typed);
            assert!(said.contains(command), "{typed}: {said}");
            assert!(!said.contains("secret"), "{said}");
        }
        assert!(said("https://civitai.com/models/1").contains("Civitai"));
    }

    #[test]
    fn path_that_does_not_exist_is_said_as_such() {
        for typed in ["./no/where", "/no/where", "no-where", "no/where/at/all", "no/a.safetensors"]
        {
            let said = said(typed);
            assert!(said.contains("no such file or folder. Check"), "{typed}: {said}");
        }
    }
}
