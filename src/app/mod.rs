//! The two programs of a browser tab.
//!
//! `page` runs in the tab and shows the user interface; `worker` owns device, weights and pipeline,
//! so that the page never blocks. They exchange the messages of `protocol`. Everything compiles for
//! every target and runs only in a browser.

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

// Page and worker.
mod dom;
pub mod message;
pub mod protocol;

// The page.
pub mod page;
mod words;
