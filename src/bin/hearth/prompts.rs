//! Prompts from a file.

use std::io::Read;
use std::path::Path;

use hearth::error::messages;
use hearth::prompt::{self, prompt_lines};
use hearth::{Error, Result};

use super::files::{failed, read};

/// Reads a prompt from each line of a file, or of the standard input if `path` is `-`. Blank lines
/// are none.
///
/// # Errors
/// If the file cannot be read, is no text in UTF-8, or holds no prompt.
pub fn read_prompts(path: &Path) -> Result<Vec<String>> {
    let bytes = match path.as_os_str() == "-" {
        true => {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| failed(path, &error))?;
            bytes
        }
        false => read(path)?,
    };
    let refused = |reason| Error::Io { path: path.display().to_string(), reason };
    let text = String::from_utf8(bytes).map_err(|_| refused(messages::no_utf8()))?;
    let prompts = prompt_lines(&text);
    match prompts.is_empty() {
        true => Err(refused(messages::no_prompt_in_it())),
        false => Ok(prompts),
    }
}

/// Returns the lines of `name.txt` in a folder of wildcards; `None` if it cannot be read. Lines that
/// begin with `#` are comments.
pub fn wildcard_lines(folder: &Path, name: &str) -> Option<Vec<String>> {
    // A name never leads out of the folder.
    if name.split('/').any(|part| part.is_empty() || part == "..") {
        return None;
    }
    let bytes = std::fs::read(folder.join(format!("{name}.txt"))).ok()?;
    Some(prompt::wildcard_lines(&String::from_utf8(bytes).ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::{read_prompts, wildcard_lines};

    #[test]
    fn wildcards_are_lines_of_files_in_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("art")).unwrap();
        std::fs::write(folder.path().join("art/style.txt"), "# styles\noil\n\n ink \n").unwrap();
        let lines = wildcard_lines(folder.path(), "art/style").unwrap();
        assert_eq!(lines, ["oil", "ink"]);
        for name in ["style", "../art/style", "art//style", ""] {
            assert_eq!(wildcard_lines(folder.path(), name), None, "{name}");
        }
    }

    #[test]
    fn every_line_is_a_prompt() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all("\u{feff}a cat\r\n\n  -1girl, red hat \n# a sign\n".as_bytes()).unwrap();
        let prompts = read_prompts(file.path()).unwrap();
        assert_eq!(prompts, ["a cat", "-1girl, red hat", "# a sign"]);
    }

    #[test]
    fn file_without_prompts_is_error() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b" \n\n").unwrap();
        let error = read_prompts(file.path()).unwrap_err().to_string();
        assert!(error.contains("no prompt in it"), "{error}");
        file.write_all(&[0xff, 0xfe, 0]).unwrap();
        let error = read_prompts(file.path()).unwrap_err().to_string();
        assert!(error.contains("UTF-8"), "{error}");
    }
}
