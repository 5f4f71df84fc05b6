//! Number format and size limit of activations.

use burn::tensor::DType;

/// Limits of the activations of a forward pass: their number format and maximum size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivationLimits {
    /// f32, or f16 on a GPU that computes with it.
    pub dtype: DType,
    /// Maximum bytes of a tensor; `None` for no limit. A feature map of the whole image that would
    /// be larger is tiled.
    pub largest: Option<u64>,
}

impl From<DType> for ActivationLimits {
    fn from(dtype: DType) -> Self {
        ActivationLimits { dtype, largest: None }
    }
}

impl ActivationLimits {
    /// Returns the rows of `[h, w]` latents in a tile, for a feature map with `numbers` values per
    /// latent; `None` if the whole map may be one tensor.
    pub fn rows(&self, numbers: usize, [height, width]: [usize; 2]) -> Option<usize> {
        /// Rows that a convolution reads around a tile.
        const AROUND: usize = 2;
        // In u64: a feature map may have more bytes than WebAssembly's usize can hold.
        let row = [numbers, self.dtype.size(), width].map(|n| n as u64).iter().product::<u64>();
        let largest = self.largest.filter(|largest| row * height as u64 > *largest)?;
        let rows = (largest / row.max(1)) as usize;
        Some(rows.saturating_sub(AROUND).max(1))
    }
}
