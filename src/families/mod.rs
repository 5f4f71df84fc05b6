//! Model families: what of a checkpoint is which network, and how a run uses it.
//!
//! A family is data, a [`FamilySpec`], and code that implements [`pipeline::Family`](crate::pipeline::Family).
//! All families of today share the code, because they have a UNet ([`UNetFamily`]); each has a folder with its data
//! and a README.

mod checkpoint;
pub mod memory_estimate;
mod recognition;
pub mod sd;
pub mod sdxl;
pub mod spec;
mod unet;

pub use checkpoint::{Checkpoint, NetworkFiles, Shapes};
pub use memory_estimate::MemoryEstimate;
pub use recognition::{FAMILIES, architectures, recognise};
pub use spec::{ComponentRow, FamilySpec};
pub use unet::{FewSteps, TextEncoder, UNetFamily};

/// The family of a checkpoint, with what its configs say. A family without a UNet makes this an enum.
pub type AnyFamily = UNetFamily;
