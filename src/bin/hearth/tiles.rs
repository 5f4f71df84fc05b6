//! The file that keeps the tiles measured on this machine's GPU.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use hearth::device::Compute;
use hearth::engine::TileHost;

/// A file for each adapter, driver and release, in the user's cache folder.
pub struct TileFile {
    path: Option<PathBuf>,
    started: Instant,
}

impl TileFile {
    /// That of a GPU.
    pub fn of(compute: &Compute) -> Self {
        TileFile { path: path(compute), started: Instant::now() }
    }

    /// Where it is; `None` without a cache folder.
    pub fn path(&self) -> Option<&PathBuf> {
        self.path.as_ref()
    }

    /// Whether `json` could be written.
    pub fn write(&self, json: &str) -> bool {
        let Some(path) = &self.path else { return false };
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| fs::write(path, json)).is_ok()
    }
}

impl TileHost for TileFile {
    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    async fn read(&self) -> Option<String> {
        fs::read_to_string(self.path.as_ref()?).ok()
    }

    async fn keep(&self, json: String) {
        self.write(&json);
    }

    async fn build(&self, _: Vec<String>) {} // The runtime does.
}

fn path(compute: &Compute) -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))?;
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = compute.tuning_key()?.chars().map(safe).collect();
    Some(cache.join("hearth").join("tiles").join(format!("{name}.json")))
}
