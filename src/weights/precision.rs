//! In which number format weights are kept.

use burn::tensor::{DType, Device};

use super::tensors::Tensors;

/// In which number format a model's weights are kept, and with it what is computed between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// f32 all through: the numbers of the reference.
    #[default]
    Full,
    /// f16; computed in f16 where a GPU can, else in f32.
    Half,
    /// [`Half`](Self::Half) if the files hold f16 or bf16, else [`Full`](Self::Full).
    AsStored,
}

impl Precision {
    /// The format of these `tensors` on `device`. A CPU computes in f32, whatever is wished.
    pub fn weights(self, tensors: &Tensors, device: &Device) -> DType {
        match *device == Device::flex() {
            true => DType::F32,
            false => self.on_gpu(tensors),
        }
    }

    /// The format of these `tensors` on a GPU.
    pub fn on_gpu(self, tensors: &Tensors) -> DType {
        let is_half = match self {
            Precision::Full => false,
            Precision::Half => true,
            Precision::AsStored => !tensors.dtypes().contains("F32"),
        };
        if is_half { DType::F16 } else { DType::F32 }
    }
}
