//! Places of the tensors of one network in its files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use safetensors::tensor::Dtype;

/// Place of a parameter in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The file, as a path inside the checkpoint.
    pub file: String,
    /// The key in the file, for messages.
    pub key: String,
    /// Number format.
    pub dtype: Dtype,
    /// Shape in the file.
    pub shape: Vec<usize>,
    /// Bytes in the file, from its beginning.
    pub range: Range<u64>,
    /// Whether the file has the transpose of the parameter.
    pub transposed: bool,
}

/// Places of all parameters of a network by their paths in the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tensors {
    by_path: BTreeMap<String, Located>,
}

impl Tensors {
    /// Adds one, unless there is one of the same path: then the new one is returned.
    pub fn insert(&mut self, path: String, located: Located) -> Option<Located> {
        if self.by_path.contains_key(&path) {
            return Some(located);
        }
        self.by_path.insert(path, located)
    }

    /// Removes the one of this path.
    pub fn remove(&mut self, path: &str) {
        self.by_path.remove(path);
    }

    /// Returns those of some paths.
    pub fn only(&self, paths: &BTreeSet<String>) -> Self {
        let chosen = self.by_path.iter().filter(|(path, _)| paths.contains(*path));
        let by_path = chosen.map(|(path, located)| (path.clone(), located.clone())).collect();
        Tensors { by_path }
    }

    /// Iterates in the order of paths.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Located)> {
        self.by_path.iter()
    }

    /// Returns them in file order, so that no file is read back and forth.
    pub fn in_file_order(&self) -> Vec<(&String, &Located)> {
        let mut all: Vec<_> = self.by_path.iter().collect();
        all.sort_by_key(|(_, located)| (&located.file, located.range.start));
        all
    }

    /// Returns the one of this path.
    pub fn get(&self, path: &str) -> Option<&Located> {
        self.by_path.get(path)
    }

    /// Returns their number.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// Returns the files that contain them.
    pub fn files(&self) -> BTreeSet<&str> {
        self.by_path.values().map(|located| located.file.as_str()).collect()
    }

    /// Returns their bytes in the files.
    pub fn bytes(&self) -> u64 {
        self.by_path.values().map(|located| located.range.end - located.range.start).sum()
    }

    /// Returns the number of scalars in all of them.
    pub fn parameters(&self) -> u64 {
        self.by_path.values().map(|located| located.count() as u64).sum()
    }

    /// Returns the number formats that occur.
    pub fn dtypes(&self) -> BTreeSet<String> {
        self.by_path.values().map(|located| format!("{:?}", located.dtype)).collect()
    }
}

impl Located {
    /// Returns the number of scalars.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Returns the shape in the module.
    pub fn module_shape(&self) -> Vec<usize> {
        match self.transposed {
            true => self.shape.iter().rev().copied().collect(),
            false => self.shape.clone(),
        }
    }
}
