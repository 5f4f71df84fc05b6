//! Limits of a device.

use crate::device::Compute;

/// Limits of a device, as far as they are known. The default is a CPU's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// The largest buffer that a kernel may bind, bytes (`maxStorageBufferBindingSize`).
    pub binding: Option<u64>,
    /// The whole memory, bytes.
    pub memory: Option<u64>,
    /// It is a GPU: it runs our kernels, and weights keep the dtype of their files.
    pub gpu: bool,
    /// It computes in f16.
    pub f16: bool,
}

impl Limits {
    /// Returns the limits of an opened device. Its memory is not known.
    pub fn of_device(compute: &Compute) -> Self {
        Limits {
            binding: compute.largest_binding,
            memory: None,
            gpu: compute.is_gpu(),
            f16: compute.computes_in_f16(),
        }
    }

    /// Returns a typical GPU's, for estimates without a device.
    pub fn typical_gpu() -> Self {
        Limits { gpu: true, f16: true, ..Limits::default() }
    }
}
