//! The tensors of one network: which file holds each of them, and where in it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use safetensors::tensor::Dtype;

/// A parameter of ours, in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The file, as a path inside the checkpoint.
    pub file: String,
    /// Its key there, for messages.
    pub key: String,
    /// Number format.
    pub dtype: Dtype,
    /// Extent of each axis, as it lies in the file.
    pub shape: Vec<usize>,
    /// Bytes in the file, from its beginning.
    pub range: Range<u64>,
    /// The file holds the transpose of what we want.
    pub transposed: bool,
}

/// Every parameter of a network by its path in the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tensors {
    by_path: BTreeMap<String, Located>,
}

impl Tensors {
    /// Adds one. If there is one of the same path, the new one is not taken and comes back.
    pub fn insert(&mut self, path: String, located: Located) -> Option<Located> {
        if self.by_path.contains_key(&path) {
            return Some(located);
        }
        self.by_path.insert(path, located)
    }

    /// By path.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Located)> {
        self.by_path.iter()
    }

    /// In the order in which they lie in their files: no file is read back and forth.
    pub fn in_file_order(&self) -> Vec<(&String, &Located)> {
        let mut all: Vec<_> = self.by_path.iter().collect();
        all.sort_by_key(|(_, located)| (&located.file, located.range.start));
        all
    }

    /// The one of this path.
    pub fn get(&self, path: &str) -> Option<&Located> {
        self.by_path.get(path)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// The files that hold them.
    pub fn files(&self) -> BTreeSet<&str> {
        self.by_path.values().map(|located| located.file.as_str()).collect()
    }

    /// Bytes in the files.
    pub fn bytes(&self) -> u64 {
        self.by_path.values().map(|located| located.range.end - located.range.start).sum()
    }

    /// Numbers in all of them.
    pub fn parameters(&self) -> u64 {
        self.by_path.values().map(|located| located.count() as u64).sum()
    }

    /// The number formats that occur.
    pub fn dtypes(&self) -> BTreeSet<String> {
        self.by_path.values().map(|located| format!("{:?}", located.dtype)).collect()
    }
}

impl Located {
    /// Numbers in it.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Extent of each axis, as the module wants it.
    pub fn module_shape(&self) -> Vec<usize> {
        match self.transposed {
            true => self.shape.iter().rev().copied().collect(),
            false => self.shape.clone(),
        }
    }
}
