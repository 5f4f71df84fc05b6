//! The page and its engine, two programs that talk through a worker's port.
//!
//! `page` binds the view to the document; `worker` owns device, weights and pipeline, so that the
//! page never waits. All of it compiles everywhere and runs in a browser only.

// The engine's side.
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

// Both sides.
pub mod message;
pub mod protocol;

// The page's side.
mod address;
mod artwork;
mod client;
mod comparison;
mod dom;
mod form;
mod init_image;
mod life;
mod notes;
mod offline;
pub mod page;
mod panel;
mod picking;
mod picture;
mod results;
mod shape;
mod studio;
mod surface;
mod time;
mod view;
mod wish;
mod words;
