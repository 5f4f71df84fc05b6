//! The earlier pictures: kept in this browser, shown in a strip, brought back with their settings.

mod actions;
mod bounds;
mod database;
mod earlier;
mod entry;
pub mod events;
mod file;
mod packing;
mod store;
mod strip;

pub use self::database::Refused;
pub use self::earlier::{Earlier, Fetched, News};
pub use self::entry::{Entry, Maker};
pub use self::file::PngFile;
