//! Memory of a forward pass, counted without computing it.
//!
//! While memory is counted, every operation returns a tensor that has a shape and a number format
//! but stores a single number, on the host. So the networks' own code says which tensors are alive
//! at the same time, for any device and any size.

use std::cell::RefCell;
use std::future::Future;

use burn::tensor::{DType, Shape, Tensor};
use burn_flex::{Flex, FlexTensor, Layout};
use futures::FutureExt;

/// Memory of a forward pass in addition to the weights, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemoryEstimate {
    /// All activations that are alive at the same time.
    pub scratch: u64,
    /// The largest single buffer.
    pub largest_buffer: u64,
}

impl MemoryEstimate {
    /// Returns the estimate of two passes, one after the other.
    pub fn max(self, other: Self) -> Self {
        MemoryEstimate {
            scratch: self.scratch.max(other.scratch),
            largest_buffer: self.largest_buffer.max(other.largest_buffer),
        }
    }
}

thread_local! {
    /// Set during [`count_memory`].
    static COUNTER: RefCell<Option<Counter>> = const { RefCell::new(None) };
}

/// Runs `pass` without computing anything, as on a GPU that runs our kernels if `on_gpu`, else as
/// on the CPU. Returns what it returned, and the memory of the operations' outputs; `None` if it
/// awaited something that was not ready.
///
/// `pass` must use networks on the host whose weights are
/// [`placeholder`](super::placeholder)s.
pub fn count_memory<T>(on_gpu: bool, pass: impl Future<Output = T>) -> Option<(T, MemoryEstimate)> {
    let counter = Counter { on_gpu, alive: Vec::new(), estimate: MemoryEstimate::default() };
    let restore = Restore(COUNTER.replace(Some(counter)));
    let output = pass.now_or_never();
    let counter = COUNTER.take();
    drop(restore);
    Some((output?, counter?.estimate))
}

/// Restores the previous counter, also after a panic.
struct Restore(Option<Counter>);

impl Drop for Restore {
    fn drop(&mut self) {
        COUNTER.set(self.0.take());
    }
}

struct Counter {
    on_gpu: bool,
    /// The outputs that have not been dropped, and their bytes.
    alive: Vec<(FlexTensor, u64)>,
    estimate: MemoryEstimate,
}

impl Counter {
    fn add(&mut self, output: FlexTensor, bytes: u64, workspace: u64) {
        // The counter's own clone keeps nothing alive that matters.
        self.alive.retain(|(tensor, _)| !tensor.is_unique());
        self.alive.push((output, bytes));
        let alive: u64 = self.alive.iter().map(|(_, bytes)| bytes).sum();
        let MemoryEstimate { scratch, largest_buffer } = &mut self.estimate;
        *scratch = (*scratch).max(alive + workspace);
        *largest_buffer = (*largest_buffer).max(bytes);
    }
}

/// Additional memory of an operation while it runs, bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Workspace {
    /// On a GPU.
    pub gpu: u64,
    /// On the CPU.
    pub cpu: u64,
}

impl Workspace {
    /// Returns a workspace on the CPU alone.
    pub fn cpu(bytes: u64) -> Self {
        Workspace { gpu: 0, cpu: bytes }
    }
}

/// Returns the output of an operation while memory is counted, else `None`.
pub(super) fn output<const D: usize>(
    shape: [usize; D],
    dtype: DType,
    workspace: impl FnOnce() -> Workspace,
) -> Option<Tensor<D>> {
    COUNTER.with_borrow_mut(|counter| {
        let counter = counter.as_mut()?;
        let Workspace { gpu, cpu } = workspace();
        let tensor = without_memory(&shape, dtype);
        let workspace = if counter.on_gpu { gpu } else { cpu };
        counter.add(tensor.clone(), bytes(&shape, dtype), workspace);
        Some(Tensor::from_primitive::<Flex>(tensor))
    })
}

/// Returns an input or a weight that is not counted while memory is counted, else `None`.
pub(super) fn uncounted<const D: usize>(shape: [usize; D], dtype: DType) -> Option<Tensor<D>> {
    let counts = COUNTER.with_borrow(Option::is_some);
    counts.then(|| Tensor::from_primitive::<Flex>(without_memory(&shape, dtype)))
}

/// Returns `x` in another shape, as the same memory, while memory is counted, else `None`.
pub(super) fn view<const D: usize, const E: usize>(
    x: &Tensor<D>,
    shape: [usize; E],
) -> Option<Tensor<E>> {
    if COUNTER.with_borrow(Option::is_none) {
        return None;
    }
    let dtype = x.dtype();
    let tensor = x.clone().try_into_primitive::<Flex>().ok()?;
    let has_memory = tensor.layout().strides().iter().any(|stride| *stride != 0);
    (!has_memory).then(|| {
        let view = FlexTensor::from_arc(tensor.data_arc(), one_number(&shape), dtype);
        Tensor::from_primitive::<Flex>(view)
    })
}

/// Returns the bytes of a tensor.
pub(super) fn bytes(shape: &[usize], dtype: DType) -> u64 {
    shape.iter().fold(dtype.size() as u64, |bytes, side| bytes.saturating_mul(*side as u64))
}

fn without_memory(shape: &[usize], dtype: DType) -> FlexTensor {
    let number = FlexTensor::zeros(Shape::from(vec![1]), dtype);
    FlexTensor::from_arc(number.data_arc(), one_number(shape), dtype)
}

/// The layout of a tensor whose elements are all the first number in its memory.
fn one_number(shape: &[usize]) -> Layout {
    Layout::new(Shape::from(shape.to_vec()), vec![0; shape.len()], 0)
}
