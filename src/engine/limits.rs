//! What a device offers, as far as it tells.

/// What a device offers, as far as it tells. The default is a CPU's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// The largest buffer that a program may be given at once, bytes.
    pub binding: Option<u64>,
    /// Memory for everything together, bytes.
    pub memory: Option<u64>,
    /// It is a GPU: kernels of ours run there, and keep weights as they are stored.
    pub gpu: bool,
    /// It computes in f16.
    pub f16: bool,
}

impl Limits {
    /// A GPU of today, of which nothing else is known.
    pub fn usual_gpu() -> Self {
        Limits { gpu: true, f16: true, ..Limits::default() }
    }
}
