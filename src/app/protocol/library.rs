//! The models that this browser keeps.

use serde::{Deserialize, Serialize};

use super::said::Fault;

/// Everything that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Library {
    /// The models, the latest used first.
    pub models: Vec<Kept>,
    /// Bytes that the browser still has room for.
    #[cfg_attr(test, ts(optional))]
    pub room: Option<u64>,
    /// Why nothing can be kept, if so.
    #[cfg_attr(test, ts(optional))]
    pub refused: Option<Fault>,
}

/// A model that is kept, wholly or in part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Kept {
    /// Its address.
    pub place: String,
    /// For people.
    pub name: String,
    /// Bytes that are there.
    pub bytes: u64,
    /// Whether that is all of it.
    pub complete: bool,
    /// When it was last used, milliseconds since 1970; 0 if nobody knows.
    pub last_used: f64,
}
