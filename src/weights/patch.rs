//! Changes of weights while they are loaded.

use burn::tensor::{DType, Device, Tensor, TensorData};

use crate::error::Result;
use crate::kernels::WeightChange;

/// Changes of the parameters of one network.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Patches {
    /// Whether the parameter of this path is changed.
    fn contains(&self, path: &str) -> bool;

    /// Returns the changes of a parameter `[o, i, …]`, in the order in which they apply.
    ///
    /// # Errors
    /// If they cannot be read.
    async fn patches(&self, path: &str, shape: &[usize]) -> Result<Vec<Patch>>;
}

/// No changes.
#[derive(Debug, Clone, Copy)]
pub struct Unpatched;

impl Patches for Unpatched {
    fn contains(&self, _path: &str) -> bool {
        false
    }

    async fn patches(&self, _path: &str, _shape: &[usize]) -> Result<Vec<Patch>> {
        Ok(Vec::new())
    }
}

/// A matrix in host memory, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// The values.
    pub values: Vec<f32>,
}

impl Matrix {
    /// Returns a matrix `[rows, n]` of all values, where n follows from their number.
    pub fn with_rows(rows: usize, values: Vec<f32>) -> Self {
        let columns = values.len().checked_div(rows).unwrap_or(0);
        Matrix { rows, columns, values }
    }

    /// Returns it multiplied by a number.
    pub fn scaled(mut self, factor: f32) -> Self {
        self.values.iter_mut().for_each(|value| *value *= factor);
        self
    }

    /// Returns it on a device.
    pub fn on(self, device: &Device) -> Tensor<2> {
        let data = TensorData::new(self.values, [self.rows, self.columns]);
        Tensor::from_data(data, (device, DType::F32))
    }
}

/// A change of a weight `[o, i, …]`, seen as a matrix `[o, n]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Patch {
    /// Adds the product of `[o, r]` and `[r, n]`.
    Product(Matrix, Matrix),
    /// Adds the elementwise product of two such products.
    Hadamard([Matrix; 2], [Matrix; 2]),
    /// Adds a matrix `[o, n]`.
    Whole(Matrix),
    /// DoRA: W + `weight` · (V · magnitude / ‖V‖ − W), where V is W with `change`.
    Decomposed {
        /// Added to W.
        change: Box<Patch>,
        /// The new norms.
        magnitude: Vec<f32>,
        /// Which norms.
        norms: Norms,
        /// Share of the change.
        weight: f32,
    },
}

/// Norms of DoRA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norms {
    /// One for each output, over inputs and taps.
    Rows,
    /// One for each input, over outputs and taps; this many inputs.
    Inputs(usize),
}

impl Patch {
    /// Returns the change if it is added without regard to the weight.
    pub fn to_change(self, device: &Device) -> Option<WeightChange> {
        let pair = |pair: [Matrix; 2]| pair.map(|factor| factor.on(device));
        Some(match self {
            Patch::Product(first, second) => WeightChange::Product(Box::new(pair([first, second]))),
            Patch::Hadamard(one, other) => {
                WeightChange::Hadamard(Box::new([pair(one), pair(other)]))
            }
            Patch::Whole(values) => WeightChange::Whole(Box::new(values.on(device))),
            Patch::Decomposed { .. } => return None,
        })
    }

    /// Returns whether it is added without regard to the weight.
    pub fn is_additive(&self) -> bool {
        !matches!(self, Patch::Decomposed { .. })
    }

    /// Applies it to a weight `[o, n]` on the CPU.
    pub fn apply(self, weight: Tensor<2>) -> Tensor<2> {
        let device = weight.device();
        match self {
            Patch::Decomposed { change, magnitude, norms, weight: share } => {
                let changed = change.apply(weight.clone());
                let [rows, columns] = changed.dims();
                let inputs = match norms {
                    Norms::Rows => 1,
                    Norms::Inputs(inputs) => inputs,
                };
                // [o, i, taps]; with norms of rows all columns count as taps.
                let cube: Tensor<3> =
                    changed.reshape([rows, inputs, columns.checked_div(inputs).unwrap_or(0)]);
                let squares = cube.clone().square();
                let norm: Tensor<3> = match norms {
                    Norms::Rows => squares.sum_dim(2),
                    Norms::Inputs(_) => squares.sum_dim(2).sum_dim(0),
                }
                .sqrt();
                let shape = norm.dims();
                let magnitude = TensorData::new(magnitude, shape);
                let magnitude = Tensor::<3>::from_data(magnitude, (&device, DType::F32));
                let merged: Tensor<2> = cube.mul(magnitude.div(norm)).reshape([rows, columns]);
                weight.clone().add(merged.sub(weight).mul_scalar(share))
            }
            additive => match additive.to_change(&device) {
                Some(change) => weight.add(change.into_matrix()),
                None => weight,
            },
        }
    }
}
