//! What happens to a product of matrices before it is written.

use burn::tensor::Tensor;

use super::activation::Activation;

/// What happens to a product before it is written: `activation(product + bias + shift) + residual`.
#[derive(Debug, Clone)]
pub struct Epilogue<const D: usize> {
    /// A row for each picture of the batch.
    pub shift: Option<Shift>,
    /// A non-linearity.
    pub activation: Option<Activation>,
    /// Of the result's shape.
    pub residual: Option<Tensor<D>>,
}

impl<const D: usize> Default for Epilogue<D> {
    fn default() -> Self {
        Epilogue { shift: None, activation: None, residual: None }
    }
}

impl<const D: usize> Epilogue<D> {
    /// A residual alone.
    pub fn adding(residual: Tensor<D>) -> Self {
        Epilogue { residual: Some(residual), ..Self::default() }
    }

    /// A non-linearity alone.
    pub fn activated(activation: Activation) -> Self {
        Epilogue { activation: Some(activation), ..Self::default() }
    }
}

/// Rows of a table, one for each picture of the batch.
#[derive(Debug, Clone)]
pub struct Shift {
    /// `[rows, c]`
    pub table: Tensor<2>,
    /// The batch's first row.
    pub row: usize,
    /// The same row for the whole batch, else one row after the other.
    pub shared: bool,
}

impl Shift {
    /// `[b, c, 1, 1]`, or `[1, c, 1, 1]` if shared.
    pub(super) fn rows(self, batch: usize) -> Tensor<4> {
        let [_, c] = self.table.dims();
        let count = if self.shared { 1 } else { batch };
        self.table.narrow(0, self.row, count).reshape([count, c, 1, 1])
    }
}
