//! Textual inversion.

use std::rc::Rc;

/// A textual inversion, called an embedding (Gal et al. 2022, arXiv:2208.01618): vectors that stand in
/// a prompt in place of the tokens of its name.
#[derive(Debug, Clone, PartialEq)]
pub struct TextualInversion {
    /// Name in prompts.
    pub name: String,
    /// Vectors for each text encoder, each `[d]`.
    pub vectors: Vec<Vec<Rc<[f32]>>>,
    /// First 12 hex digits of its file's SHA-256, which AUTOMATIC1111 writes into pictures; `None` if
    /// it is in another file.
    pub hash: Option<String>,
}
