//! Model families: the networks of a checkpoint and their use.
//!
//! A family is data, a [`FamilySpec`], and code that implements
//! [`pipeline::Family`](crate::pipeline::Family). The present families have a UNet and share their
//! code ([`UNetFamily`]). Each has a folder with its data and a README.

mod checkpoint;
mod own_adapter;
mod recognition;
mod replaced_vae;
pub mod sd;
pub mod sdxl;
pub mod spec;
mod unet;

#[cfg(test)]
pub(crate) use checkpoint::shapes;
pub use checkpoint::{Checkpoint, NetworkFiles, Shapes};
pub use own_adapter::OwnAdapter;
pub use recognition::{FAMILIES, architectures, recognise};
pub(crate) use spec::lacks;
pub use spec::{ComponentRow, FamilySpec};
pub use unet::{
    ChunkSummary, EmbeddingTarget, FewSteps, PartSummary, PromptSummary, RunConditions,
    TextEncoder, UNetFamily,
};

/// Family of a checkpoint, with the values of its configs. It becomes an enum with the first family
/// without a UNet.
pub type AnyFamily = UNetFamily;
