//! Parameters of our modules that a file's tensor contains.

use std::ops::Range;

/// A parameter, and its part of the file's tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The parameter's path in its module.
    pub path: String,
    /// Its part of the tensor.
    pub part: Part,
}

/// A part of a file's tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Rows `index` of `of` equal parts of the first axis.
    Rows {
        /// Which part, from 0.
        index: usize,
        /// How many there are.
        of: usize,
    },
    /// A matrix, stored as its transpose.
    Transposed,
    /// A 1×1 convolution that is a linear layer here: the same numbers without the last axes of
    /// extent 1.
    Squeezed,
}

impl Target {
    /// The parameter `path` is the whole tensor.
    pub(super) fn whole(path: impl Into<String>) -> Self {
        Target { path: path.into(), part: Part::Whole }
    }
}

impl Part {
    /// Returns the part's shape in our module; `None` if a tensor of that shape has no such part.
    pub fn shape(self, file: &[usize]) -> Option<Vec<usize>> {
        match self {
            Part::Whole => Some(file.to_vec()),
            Part::Rows { index, of } => {
                let (&rows, rest) = file.split_first()?;
                let even = index < of && rows.is_multiple_of(of);
                even.then(|| [&[rows / of], rest].concat())
            }
            Part::Transposed => match file {
                &[rows, columns] => Some(vec![columns, rows]),
                _ => None,
            },
            Part::Squeezed => {
                let trailing = file.iter().skip(2).rev().take_while(|&&extent| extent == 1).count();
                Some(file[..file.len() - trailing].to_vec())
            }
        }
    }

    /// Returns the part's bytes in the file; `None` if they are not a whole number of bytes.
    pub fn range(self, file: &Range<u64>) -> Option<Range<u64>> {
        let Part::Rows { index, of } = self else { return Some(file.clone()) };
        let (index, of) = (index as u64, of as u64);
        let bytes = file.end.checked_sub(file.start)?;
        if index >= of || !bytes.is_multiple_of(of) {
            return None;
        }
        let each = bytes / of;
        Some(file.start + each * index..file.start + each * (index + 1))
    }
}
