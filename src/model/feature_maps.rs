//! What flows between the layers of an autoencoder.

use burn::tensor::DType;

/// The feature maps of a pass: their number format, and how large one may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureMaps {
    /// f32, or f16 on a GPU that computes with it.
    pub dtype: DType,
    /// Bytes that a tensor may have; `None` without a limit. A map of the whole picture that would have
    /// more is cut into strips.
    pub largest: Option<u64>,
}

impl From<DType> for FeatureMaps {
    fn from(dtype: DType) -> Self {
        FeatureMaps { dtype, largest: None }
    }
}

impl FeatureMaps {
    /// Rows of `[h, w]` latents in a strip, if a map has so many `numbers` for each; `None` if the whole
    /// may be one tensor.
    pub fn rows(&self, numbers: usize, [height, width]: [usize; 2]) -> Option<usize> {
        /// What a convolution reads around a strip.
        const AROUND: usize = 2;
        // In u64: a map may have more bytes than WebAssembly's numbers can say.
        let row = [numbers, self.dtype.size(), width].map(|n| n as u64).iter().product::<u64>();
        let largest = self.largest.filter(|largest| row * height as u64 > *largest)?;
        let rows = (largest / row.max(1)) as usize;
        Some(rows.saturating_sub(AROUND).max(1))
    }
}
