//! Format of weights on a device.

use burn::tensor::DType;

/// Format in which the weights of a matrix or convolution are stored on a GPU. It is independent of the dtype of the
/// activations that flow between layers: f16 weights work with f32 activations, on a GPU without f16 too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StorageFormat {
    /// One f32 for each weight.
    #[default]
    F32,
    /// One f16 for each weight, two in a word.
    F16,
}

impl StorageFormat {
    /// Returns the format of a parameter of this shape in a model whose matrices are in this format. Biases and the
    /// scales of norms are small: they stay f32.
    pub fn of_shape(self, shape: &[usize]) -> Self {
        if shape.len() < 2 { StorageFormat::F32 } else { self }
    }

    /// Returns the bytes that `count` weights take.
    pub fn bytes(self, count: u64) -> u64 {
        count * self.dtype().size() as u64
    }

    /// Returns the dtype of the buffer's elements.
    pub fn dtype(self) -> DType {
        match self {
            StorageFormat::F32 => DType::F32,
            StorageFormat::F16 => DType::F16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StorageFormat;

    #[test]
    fn biases_stay_f32_and_matrices_take_two_bytes_in_f16() {
        assert_eq!(StorageFormat::F16.of_shape(&[320]), StorageFormat::F32);
        assert_eq!(StorageFormat::F16.of_shape(&[320, 4]).bytes(1280), 2560);
        assert_eq!(StorageFormat::F32.of_shape(&[320, 4]).bytes(1280), 5120);
    }
}
