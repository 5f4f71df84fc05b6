//! Arguments `--style` and `--styles`.

use std::path::Path;

use hearth::error::messages;
use hearth::prompt::{Style, read_styles};
use hearth::{Error, Result};

use super::files::read;

/// Returns the styles of these names from a file.
///
/// # Errors
/// If the file cannot be read or holds no styles, or none of a name.
pub fn chosen_styles(file: Option<&Path>, names: &[String]) -> Result<Vec<Style>> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let refused = |reason| Error::Io { path: path.display().to_string(), reason };
    let text = String::from_utf8(read(path)?).map_err(|_| refused(messages::no_utf8()))?;
    let styles = read_styles(&text).map_err(refused)?;
    let find = |name: &String| {
        let found = styles.iter().find(|style| style.name == *name);
        found.cloned().ok_or_else(|| {
            let known: Vec<&str> = styles.iter().map(|style| style.name.as_str()).collect();
            refused(messages::no_style(name, known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::chosen_styles;

    #[test]
    fn styles_are_found_by_name_and_others_are_named() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"name,prompt,negative_prompt\nink,ink drawing,photo\nfilm,grain,\n")
            .unwrap();
        let chosen = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            chosen_styles(Some(file.path()), &names)
        };
        let styles = chosen(&["film", "ink"]).unwrap();
        assert_eq!(styles[1].apply("a cat", ""), ["a cat, ink drawing", "photo"]);
        assert_eq!(styles[0].name, "film");
        let error = chosen(&["oil"]).unwrap_err().to_string();
        assert!(error.contains("no style oil") && error.contains("ink, film"), "{error}");
        assert!(chosen_styles(None, &[]).unwrap().is_empty());
    }
}
