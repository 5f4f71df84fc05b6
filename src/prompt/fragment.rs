//! Fragment of a prompt.

/// A piece of a prompt.
#[derive(Debug, Clone, PartialEq)]
pub enum Fragment {
    /// A text with its weight. It is tokenized by itself.
    Text {
        /// Text.
        text: String,
        /// Weight; 1 is none.
        weight: f64,
    },
    /// The end of a chunk.
    Break,
}
