//! History of generated images.
//!
//! Images are stored in this browser, shown as thumbnails, and restored with their settings.

mod actions;
mod collection;
mod database;
mod encoding;
mod entry;
pub mod events;
mod eviction;
mod file;
mod state;
mod store;
mod strip;

pub use self::collection::{History, HistoryEvent, LoadedEntry};
pub use self::database::StoreError;
pub use self::entry::{Entry, Provenance, UsedAdapters};
pub use self::file::PngFile;
