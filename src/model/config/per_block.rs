//! Fields with one value or one for each block.

use serde::Deserialize;

/// One value for all blocks, or one for each.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PerBlock<T> {
    /// The same for all blocks.
    All(T),
    /// One for each down block, in their order.
    Each(Vec<T>),
}

impl<T: Copy> PerBlock<T> {
    /// Returns the value for down block `index`.
    pub fn get(&self, index: usize) -> T {
        match self {
            PerBlock::All(value) => *value,
            PerBlock::Each(values) => values[index],
        }
    }

    pub(super) fn fits(&self, blocks: usize) -> bool {
        matches!(self, PerBlock::All(_)) || matches!(self, PerBlock::Each(v) if v.len() == blocks)
    }

    pub(super) fn all(&self, test: impl Fn(&T) -> bool) -> bool {
        match self {
            PerBlock::All(value) => test(value),
            PerBlock::Each(values) => values.iter().all(test),
        }
    }
}
