//! Memory of a network's pass.

/// Memory that a pass of a network needs beside its weights, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryEstimate {
    /// All activations that are alive at the same time.
    pub scratch: u64,
    /// The largest single buffer.
    pub largest_buffer: u64,
}
