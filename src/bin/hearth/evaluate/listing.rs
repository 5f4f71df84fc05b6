//! Which files of a folder are pictures, and what else is in it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use hearth::Result;

use super::super::files::failed;

/// A folder's files by their names.
#[derive(Default)]
pub struct Listing {
    /// Those that end in `.png`, in their order.
    pub pictures: Vec<String>,
    /// All others.
    pub left_out: LeftOut,
}

/// How many there are of each ending.
#[derive(Default)]
pub struct LeftOut(BTreeMap<String, usize>);

impl Listing {
    /// Of `folder` but for the file at `aside`, which is known to be something else. Its own folders are
    /// not looked into.
    pub fn of(folder: &Path, aside: Option<&Path>) -> Result<Self> {
        let mut listing = Listing::default();
        for entry in std::fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
            let entry = entry.map_err(|error| failed(folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.to_lowercase().ends_with(PNG) {
                listing.pictures.push(name);
            } else if aside != Some(&entry.path()) {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                listing.left_out.add(&name, is_folder);
            }
        }
        listing.pictures.sort();
        Ok(listing)
    }
}

/// The name of a picture's file without its ending.
pub fn stem(file: &str) -> &str {
    &file[..file.len().saturating_sub(PNG.len())]
}

const PNG: &str = ".png";

impl LeftOut {
    /// How many there are.
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
