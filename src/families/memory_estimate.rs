//! Memory estimate of a network's forward pass.

/// Memory of a forward pass in addition to the weights, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryEstimate {
    /// All activations that are alive at the same time.
    pub scratch: u64,
    /// The largest single buffer.
    pub largest_buffer: u64,
}
