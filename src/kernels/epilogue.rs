//! Operations fused into the end of a matrix product.

use burn::tensor::Tensor;

use super::activation::Activation;

/// Operations applied to a matrix product before it is stored:
/// `activation(product + bias + shift) + residual`.
#[derive(Debug, Clone)]
pub struct Epilogue<const D: usize> {
    /// `[c]` for each item of the batch.
    pub shift: Option<Shift>,
    /// Applied after bias and shift.
    pub activation: Option<Activation>,
    /// Added last; has the output's shape.
    pub residual: Option<Tensor<D>>,
}

impl<const D: usize> Default for Epilogue<D> {
    fn default() -> Self {
        Epilogue { shift: None, activation: None, residual: None }
    }
}

impl<const D: usize> Epilogue<D> {
    /// Returns an epilogue that only adds `residual`.
    pub fn with_residual(residual: Tensor<D>) -> Self {
        Epilogue { residual: Some(residual), ..Self::default() }
    }

    /// Returns an epilogue that only applies `activation`.
    pub fn with_activation(activation: Activation) -> Self {
        Epilogue { activation: Some(activation), ..Self::default() }
    }
}

/// Rows of a table that are added to the product, one for each item of the batch.
#[derive(Debug, Clone)]
pub struct Shift {
    /// `[rows, c]`
    pub table: Tensor<2>,
    /// The row of the batch's first item.
    pub row: usize,
    /// All items use `row`; else item `i` uses `row + i`.
    pub shared: bool,
}

impl Shift {
    /// Returns `[b, c, 1, 1]`, or `[1, c, 1, 1]` if shared.
    pub(super) fn rows(self, batch: usize) -> Tensor<4> {
        let [_, c] = self.table.dims();
        let count = if self.shared { 1 } else { batch };
        self.table.narrow(0, self.row, count).reshape([count, c, 1, 1])
    }
}
