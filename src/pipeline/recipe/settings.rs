//! What a picture's metadata tell.

use super::model::ModelIdentity;
use crate::error::Message;
use crate::params::PartialParams;

/// What made a picture, as far as it is known: what was read may lack anything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recipe {
    /// The values; `strength` and `padding_mask_crop` only of a picture made from a picture.
    pub params: PartialParams,
    /// What drew it.
    pub model: Option<ModelIdentity>,
    /// The picture it was made from; `None`: from noise alone.
    pub start: Option<StartRecipe>,
    /// What was read and matters, but is not understood or not done here: `Sampler: UniPC`.
    pub lost: Vec<Message>,
}

/// What tells the picture that a picture was made from, which itself is not in the metadata.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StartRecipe {
    /// SHA-256 of its pixels `[h, w, 3]`, in hex.
    pub image_sha256: Option<String>,
    /// SHA-256 of the mask `[h, w]`, in hex; `None` without one.
    pub mask_sha256: Option<String>,
}
