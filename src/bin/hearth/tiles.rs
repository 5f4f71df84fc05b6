//! File of the tiles measured on this machine's GPU.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use hearth::device::Compute;
use hearth::runtime::TuningHost;

/// A file in the user's cache folder, one for each adapter, driver and release.
pub struct TileFile {
    path: Option<PathBuf>,
    started: Instant,
}

impl TileFile {
    /// Returns the file for a GPU.
    pub fn new(compute: &Compute) -> Self {
        TileFile { path: path(compute), started: Instant::now() }
    }

    /// Returns its path; `None` without a cache folder.
    pub fn path(&self) -> Option<&PathBuf> {
        self.path.as_ref()
    }
}

impl TuningHost for TileFile {
    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    async fn read(&self) -> Option<String> {
        fs::read_to_string(self.path.as_ref()?).ok()
    }

    async fn write(&self, json: String) -> bool {
        let Some(path) = &self.path else { return false };
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| fs::write(path, json)).is_ok()
    }

    async fn build_pipelines(&self, _: Vec<String>) {} // Burn's runtime builds them.
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
