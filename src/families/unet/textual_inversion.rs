//! Textual inversion.

use std::rc::Rc;

/// A textual inversion (Gal et al. 2022, arXiv:2208.01618): vectors that stand in a prompt in place
/// of the tokens of its name.
#[derive(Debug, Clone, PartialEq)]
pub struct TextualInversion {
    /// Name in prompts.
    pub name: String,
    /// Vectors for each text encoder.
    pub vectors: Vec<Vec<Rc<[f32]>>>,
}
