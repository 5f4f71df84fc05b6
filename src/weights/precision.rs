//! Precision of a loaded model.

use burn::tensor::Device;

use super::tensors::Tensors;
use crate::kernels::StorageFormat;

/// Precision of a model: of its weights, and of the activations between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// f32, as the reference.
    #[default]
    Full,
    /// f16; computed in f16 on GPUs that support it, else in f32.
    Half,
    /// [`Half`](Self::Half) if the files hold f16 or bf16, else [`Full`](Self::Full).
    AsStored,
}

impl Precision {
    /// Returns the format of `tensors` on `device`. A CPU always computes in f32.
    pub fn weights(self, tensors: &Tensors, device: &Device) -> StorageFormat {
        match *device == Device::flex() {
            true => StorageFormat::F32,
            false => self.on_gpu(tensors),
        }
    }

    /// Returns the format of `tensors` on a GPU.
    pub fn on_gpu(self, tensors: &Tensors) -> StorageFormat {
        let is_half = match self {
            Precision::Full => false,
            Precision::Half => true,
            Precision::AsStored => !tensors.dtypes().contains("F32"),
        };
        if is_half { StorageFormat::F16 } else { StorageFormat::F32 }
    }
}
