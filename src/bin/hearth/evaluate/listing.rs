//! Listing of a folder: its images, and what else it contains.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use hearth::Result;

use super::super::files::failed;

/// The files of a folder by name.
#[derive(Default)]
pub struct Listing {
    /// PNG, JPEG and WebP files, sorted.
    pub pictures: Vec<String>,
    /// All other entries.
    pub left_out: LeftOut,
}

/// The number of entries of each extension.
#[derive(Default)]
pub struct LeftOut(BTreeMap<String, usize>);

impl Listing {
    /// Lists `folder`, without its subfolders and without the file at `excluded`.
    pub fn new(folder: &Path, excluded: Option<&Path>) -> Result<Self> {
        let mut listing = Listing::default();
        for entry in std::fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
            let entry = entry.map_err(|error| failed(folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_hidden(&name) {
                continue;
            }
            let lower = name.to_lowercase();
            if ENDINGS.iter().any(|ending| lower.ends_with(ending)) {
                listing.pictures.push(name);
            } else if excluded != Some(&entry.path()) {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                listing.left_out.add(&name, is_folder);
            }
        }
        listing.pictures.sort();
        Ok(listing)
    }
}

/// Returns the name under which an image's results are saved: without `.png`. Other endings stay,
/// because `a.jpg` may stand beside `a.png`.
pub fn stem(file: &str) -> &str {
    let end = file.len().saturating_sub(PNG.len());
    match file.get(end..) {
        Some(ending) if ending.eq_ignore_ascii_case(PNG) => &file[..end],
        _ => file,
    }
}

const PNG: &str = ".png";
const ENDINGS: [&str; 4] = [PNG, ".jpg", ".jpeg", ".webp"];

/// Returns whether a file belongs to the operating system: `.DS_Store`, `._a.png`, `Thumbs.db`.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
        || ["thumbs.db", "desktop.ini"].contains(&name.to_ascii_lowercase().as_str())
}

impl LeftOut {
    /// Returns the number of entries.
    pub fn count(&self) -> usize {
        self.0.values().sum()
    }

    fn add(&mut self, name: &str, is_folder: bool) {
        let kind = match Path::new(name).extension() {
            _ if is_folder => "folder".to_string(),
            Some(ending) => format!(".{}", ending.to_string_lossy().to_lowercase()),
            None => "without an ending".to_string(),
        };
        *self.0.entry(kind).or_default() += 1;
    }
}

/// `90 .jpg, 1 .json, 1 folder`
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> =
            self.0.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        f.write_str(&kinds.join(", "))
    }
}
