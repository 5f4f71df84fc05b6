//! The two programs of a browser tab.
//!
//! `page` is the tab's own, with what the user sees; `worker` owns device, weights and pipeline, so that the page
//! never waits. They exchange the messages of `protocol`. All of it compiles everywhere and runs in a browser only.

// The worker.
#[cfg(feature = "engine")]
pub mod bench;
#[cfg(feature = "engine")]
pub mod constructors;
#[cfg(feature = "engine")]
pub mod event_loop;
#[cfg(feature = "engine")]
pub mod gpu;
#[cfg(feature = "engine")]
pub mod pipelines;
#[cfg(feature = "engine")]
pub mod worker;

// Both.
mod dom;
pub mod message;
pub mod protocol;

// The page.
pub mod page;
mod words;
