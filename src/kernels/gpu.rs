//! From Burn's tensors to the buffers of a kernel and back.

use std::sync::Arc;

use burn::tensor::{DType, Device, Int, Tensor};
use burn_wgpu::{
    CubeBackend, CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous,
};
use cubecl::CubeCount;
use cubecl::ir::{ElemType, FloatKind};
use cubecl::prelude::{ExecutionMode, KernelId};
use cubecl::server::{Handle, KernelArguments, MetadataBindingInfo};

use super::choices::Product;
use super::family::{self, Family};
use super::rehearse::{takes_launches, takes_memory};
use super::tally;
use super::wgsl::{Constant, Operand, Storage, Variant};

/// A tensor on the GPU.
pub(super) use burn_wgpu::CubeTensor as Buffer;

/// The tensor as it lies on the GPU; `None` on any other device, and of numbers that no kernel reads.
pub(super) fn lower<const D: usize>(x: Tensor<D>) -> Option<Buffer> {
    let buffer = x.try_into_primitive::<CubeBackend>().ok()?;
    matches!(buffer.dtype, DType::F32 | DType::F16).then_some(buffer)
}

/// An operand that need not be there. `None` if it is there and cannot be lowered: it must not be left out.
pub(super) fn lower_if_there<T>(
    x: Option<T>,
    lower: impl FnOnce(T) -> Option<Buffer>,
) -> Option<Option<Buffer>> {
    x.map_or(Some(None), |x| lower(x).map(Some))
}

/// The same, row-major.
pub(super) fn lower_contiguous<const D: usize>(x: Tensor<D>) -> Option<Buffer> {
    lower(x).map(into_contiguous)
}

/// `[b, c, h, w]` with the channels of a pixel beside one another in memory.
pub(super) fn lower_channels_last(x: Tensor<4>) -> Option<Buffer> {
    lower_contiguous(x.permute([0, 2, 3, 1]))
}

/// A tensor of what lies row-major as `[b, h, w, c]`, seen as `[b, c, h, w]`.
pub(super) fn raise_channels_last(x: Buffer) -> Tensor<4> {
    raise::<4>(x).permute([0, 3, 1, 2])
}

/// The tensor for the rest of the program.
pub(super) fn raise<const D: usize>(x: Buffer) -> Tensor<D> {
    Tensor::from_primitive::<CubeBackend>(x)
}

/// Words that came to the GPU.
pub(super) fn lower_words(words: Tensor<1, Int>) -> Option<Buffer> {
    words.try_into_primitive::<CubeBackend>().ok()
}

/// As many words, uninitialised.
pub(super) fn empty_words(like: &Buffer) -> Buffer {
    empty(like, &like.meta.shape().to_vec(), like.dtype)
}

/// The same bytes as `count` numbers of `dtype`.
pub(super) fn reinterpret(words: Buffer, count: usize, dtype: DType) -> Buffer {
    CubeTensor::new_contiguous(words.client, words.device, vec![count].into(), words.handle, dtype)
}

/// The family whose kernels run on `device`; `None` where none of ours do.
pub fn family_of(device: &Device) -> Option<Family> {
    let buffer = lower(Tensor::<1>::empty([1], (device, DType::F32)))?;
    Some(if is_software(&buffer) { Family::Direct } else { Family::Tiled })
}

/// Whether kernels are to be those for a program that behaves like a GPU: a browser's fallback adapter.
/// Natively such programs are met in tests only, where they stand for a GPU.
pub(super) fn is_software(buffer: &Buffer) -> bool {
    let direct =
        cfg!(target_family = "wasm") && buffer.client.properties().identity.physical.is_none();
    family::chosen().map_or(direct, |family| family == Family::Direct)
}

/// Bytes of memory that a workgroup's invocations may share.
pub(super) fn workgroup_memory(buffer: &Buffer) -> usize {
    buffer.client.properties().hardware.max_shared_memory_size
}

/// `count` workgroups in lines of at most as many as one dimension may have.
pub(super) fn lines(count: usize) -> [usize; 3] {
    const MOST: usize = 65_535;
    let across = count.min(MOST);
    [across, count.div_ceil(across.max(1)), 1]
}

/// A tensor like `phantom` that has memory of its own, uninitialised, whatever lies in it.
pub(super) fn room_for(phantom: Buffer) -> Buffer {
    empty(&phantom, &phantom.meta.shape().to_vec(), phantom.dtype)
}

/// An uninitialised tensor beside `like`.
pub(super) fn empty(like: &Buffer, shape: &[usize], dtype: DType) -> Buffer {
    const LEAST: u64 = 16; // Kernels read in fours.
    let bytes = match takes_memory() {
        true => shape.iter().fold(dtype.size() as u64, |bytes, side| bytes * *side as u64),
        false => LEAST,
    };
    // More than the memory of WebAssembly can count is refused by the device, not a small buffer.
    let bytes = usize::try_from(bytes.next_multiple_of(LEAST)).unwrap_or(usize::MAX - 15);
    let handle = like.client.empty(bytes);
    CubeTensor::new_contiguous(
        like.client.clone(),
        like.device.clone(),
        shape.to_vec().into(),
        handle,
        dtype,
    )
}

/// A kernel, ready to run.
pub(super) struct Launch {
    variant: Variant,
    buffers: Vec<Buffer>,
    info: Vec<u32>,
    flop: f64,
    product: Option<Product>,
    /// Bytes of buffers that are bound and not read.
    unread: u64,
}

impl Launch {
    /// The kernel of this name and body.
    pub fn new(name: &'static str, body: &'static str) -> Self {
        let (constants, operands, info) = (Vec::new(), Vec::new(), Vec::new());
        let variant =
            Variant { name, body, constants, operands, unrolled: Vec::new(), tile_f16: None, info };
        Launch {
            variant,
            buffers: Vec::new(),
            info: Vec::new(),
            flop: 0.0,
            product: None,
            unread: 0,
        }
    }

    /// A constant of its text: each value is a pipeline of its own.
    pub fn constant(mut self, name: &'static str, value: impl Into<Constant>) -> Self {
        self.variant.constants.push((name, value.into()));
        self
    }

    /// The loops with this bound, as it is spelled in the text, are written out.
    pub fn unrolled(mut self, bound: &'static str, count: u32) -> Self {
        self.variant.unrolled.push((bound, count));
        self
    }

    /// Whether tiles in workgroup memory hold f16, else f32.
    pub fn tile_f16(mut self, is_f16: bool) -> Self {
        self.variant.tile_f16 = Some(is_f16);
        self
    }

    /// The next operand, if it is there. `aligned`: it is read in fours, at multiples of four.
    pub fn input(self, name: &'static str, tensor: Option<&Buffer>, aligned: bool) -> Self {
        let storage = tensor.map_or(Storage::Absent, storage_of);
        self.operand(Operand { name, storage, aligned, written: false }, tensor)
    }

    /// An operand that the kernel reads only where its info says so. Where it is absent, the buffer and the number format
    /// of `stand_in` are bound in its place, so that one pipeline serves both.
    pub fn optional_input(
        mut self,
        name: &'static str,
        tensor: Option<&Buffer>,
        stand_in: (&Buffer, DType),
        aligned: bool,
    ) -> Self {
        /// The largest element of an array that a kernel declares: a buffer must hold one.
        const ELEMENT: u64 = 16;
        let (buffer, dtype) = stand_in;
        let storage = match tensor {
            Some(tensor) => storage_of(tensor),
            None if used(&buffer.handle) < ELEMENT => storage_of(buffer),
            None => storage_as(buffer, dtype),
        };
        if tensor.is_none() {
            self.unread += used(&buffer.handle);
        }
        let operand = Operand { name, storage, aligned, written: false };
        self.operand(operand, Some(tensor.unwrap_or(buffer)))
    }

    /// What it writes.
    pub fn output(self, name: &'static str, tensor: &Buffer, aligned: bool) -> Self {
        let storage = storage_of(tensor);
        self.operand(Operand { name, storage, aligned, written: true }, Some(tensor))
    }

    /// An operand of bare words.
    pub fn words(self, name: &'static str, tensor: &Buffer, written: bool) -> Self {
        let operand = Operand { name, storage: Storage::Words, aligned: true, written };
        self.operand(operand, Some(tensor))
    }

    fn operand(mut self, operand: Operand, tensor: Option<&Buffer>) -> Self {
        self.variant.operands.push(operand);
        self.buffers.extend(tensor.cloned());
        self
    }

    /// A size that it is told when it runs.
    pub fn info(mut self, name: &'static str, value: usize) -> Self {
        self.variant.info.push(name);
        self.info.push(value as u32);
        self
    }

    /// A number that it is told when it runs.
    pub fn info_f32(self, name: &'static str, value: f32) -> Self {
        self.info(name, value.to_bits() as usize)
    }

    /// Floating-point operations, where they count: the product of `factors`, which can be more than a
    /// `usize` of WebAssembly holds.
    pub fn flop(mut self, factors: &[usize]) -> Self {
        self.flop = factors.iter().map(|factor| *factor as f64).product();
        self
    }

    /// The product of matrices that it computes.
    pub fn product(mut self, product: Product) -> Self {
        self.product = Some(product);
        self
    }

    /// Runs it as `groups` workgroups.
    pub fn run(mut self, groups: [usize; 3]) {
        const MEMBERS: usize = 4; // A uniform's size is a multiple of 16 bytes.
        self.info.resize(self.info.len().next_multiple_of(MEMBERS), 0);
        let Some(client) = self.buffers.first().map(|buffer| buffer.client.clone()) else { return };
        let words =
            self.info.chunks_exact(2).map(|pair| u64::from(pair[0]) | u64::from(pair[1]) << 32);
        let bound: u64 = self.buffers.iter().map(|buffer| used(&buffer.handle)).sum();
        let bytes = bound - self.unread;
        let name = self.variant.name;
        let timing = tally::before(&self.variant, self.product, self.flop, bytes as f64, &client);
        if !takes_launches() {
            return;
        }
        let mut arguments = KernelArguments::new();
        for buffer in self.buffers {
            arguments = arguments.with_buffer(buffer.handle.binding());
        }
        arguments.info = MetadataBindingInfo::custom(words.collect());
        let [x, y, z] = groups.map(|count| count as u32);
        let kernel = SourceKernel::new(Kernel::from(self.variant), CubeDim::new_single());
        client.launch(Box::new(kernel), CubeCount::Static(x, y, z), arguments);
        tally::after(name, timing, &client);
    }
}

fn storage_of(tensor: &Buffer) -> Storage {
    storage_as(tensor, tensor.dtype)
}

/// How numbers of `dtype` lie in a buffer of the device of `tensor`.
fn storage_as(tensor: &Buffer, dtype: DType) -> Storage {
    match dtype {
        DType::F16 if computes_in_f16(tensor) => Storage::F16,
        DType::F16 => Storage::PackedF16,
        _ => Storage::F32,
    }
}

fn computes_in_f16(tensor: &Buffer) -> bool {
    tensor.client.properties().supports_type(ElemType::Float(FloatKind::F16))
}

/// A variant for the runtime, which asks for the identifier several times a launch.
struct Kernel {
    variant: Arc<Variant>,
    id: KernelId,
}

impl From<Variant> for Kernel {
    fn from(variant: Variant) -> Self {
        let variant = Arc::new(variant);
        let mut id = KernelId::new::<Self>().info(Arc::clone(&variant));
        id.mode = ExecutionMode::Unchecked; // Every loop of ours ends.
        Kernel { variant, id }
    }
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.variant.source())
    }

    fn id(&self) -> KernelId {
        self.id.clone()
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Bytes that a handle names. A rehearsal's buffers are small, and parts of them may lie beyond.
fn used(handle: &Handle) -> u64 {
    let left_out = handle.offset_start.unwrap_or(0) + handle.offset_end.unwrap_or(0);
    handle.size().saturating_sub(left_out)
}
