//! Kernel launches and conversion between tensors and GPU buffers.

use std::sync::Arc;

use burn::tensor::{DType, Device, Int, Tensor};
use burn_wgpu::{
    CubeBackend, CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous,
};
use cubecl::CubeCount;
use cubecl::ir::{ElemType, FloatKind};
use cubecl::prelude::{ExecutionMode, KernelId};
use cubecl::server::{Handle, KernelArguments, MetadataBindingInfo};

use super::dry_run::{allocates, launches};
use super::kernel_family::{self, KernelFamily};
use super::profile;
use super::tile_choices::MatrixProduct;
use super::wgsl::{Constant, Operand, Shader, Storage};

/// A tensor on the GPU.
pub(super) use burn_wgpu::CubeTensor as Buffer;

/// Returns the tensor's buffer; `None` on the CPU, and for dtypes that no kernel reads.
pub(super) fn to_buffer<const D: usize>(x: Tensor<D>) -> Option<Buffer> {
    let buffer = x.try_into_primitive::<CubeBackend>().ok()?;
    matches!(buffer.dtype, DType::F32 | DType::F16).then_some(buffer)
}

/// Returns the buffer of an optional operand. The outer `Option` is `None` if there is an operand
/// that has no buffer: the kernel must then not run without it.
pub(super) fn optional_buffer<T>(
    x: Option<T>,
    to_buffer: impl FnOnce(T) -> Option<Buffer>,
) -> Option<Option<Buffer>> {
    x.map_or(Some(None), |x| to_buffer(x).map(Some))
}

/// Returns the tensor's buffer in row-major order.
pub(super) fn to_contiguous_buffer<const D: usize>(x: Tensor<D>) -> Option<Buffer> {
    to_buffer(x).map(into_contiguous)
}

/// Returns the buffer of `x` `[b, c, h, w]` as row-major `[b, h, w, c]`.
pub(super) fn to_channels_last_buffer(x: Tensor<4>) -> Option<Buffer> {
    to_contiguous_buffer(x.permute([0, 2, 3, 1]))
}

/// Returns a row-major `[b, h, w, c]` buffer as a tensor `[b, c, h, w]`.
pub(super) fn from_channels_last_buffer(x: Buffer) -> Tensor<4> {
    from_buffer::<4>(x).permute([0, 3, 1, 2])
}

/// Returns the buffer as a tensor.
pub(super) fn from_buffer<const D: usize>(x: Buffer) -> Tensor<D> {
    Tensor::from_primitive::<CubeBackend>(x)
}

/// Returns the buffer of uploaded 32-bit words.
pub(super) fn words_to_buffer(words: Tensor<1, Int>) -> Option<Buffer> {
    words.try_into_primitive::<CubeBackend>().ok()
}

/// Returns a buffer of 32-bit words as a tensor.
pub(super) fn from_words(words: Buffer) -> Tensor<1, Int> {
    Tensor::from_primitive::<CubeBackend>(words)
}

/// Views the bytes of `words` as `count` numbers of `dtype`.
pub(super) fn reinterpret(words: Buffer, count: usize, dtype: DType) -> Buffer {
    CubeTensor::new_contiguous(words.client, words.device, vec![count].into(), words.handle, dtype)
}

/// Returns the family of kernels that run on `device`; `None` for the CPU.
pub fn kernel_family(device: &Device) -> Option<KernelFamily> {
    let buffer = to_buffer(Tensor::<1>::empty([1], (device, DType::F32)))?;
    Some(if is_direct(&buffer) { KernelFamily::Direct } else { KernelFamily::Tiled })
}

/// Returns whether the kernels of [`KernelFamily::Direct`] run on the device of `buffer`: on a
/// browser's fallback adapter. Native software GPUs occur in tests only, where they stand for a
/// GPU.
pub(super) fn is_direct(buffer: &Buffer) -> bool {
    let is_fallback =
        cfg!(target_family = "wasm") && buffer.client.properties().identity.physical.is_none();
    kernel_family::forced().map_or(is_fallback, |family| family == KernelFamily::Direct)
}

/// Returns the device's `maxComputeWorkgroupStorageSize`, bytes.
pub(super) fn workgroup_memory(buffer: &Buffer) -> usize {
    buffer.client.properties().hardware.max_shared_memory_size
}

/// Returns a grid of at least `count` workgroups that respects `maxComputeWorkgroupsPerDimension`.
pub(super) fn grid(count: usize) -> [usize; 3] {
    const MAX_PER_DIMENSION: usize = 65_535;
    let across = count.min(MAX_PER_DIMENSION);
    [across, count.div_ceil(across.max(1)), 1]
}

/// Returns an uninitialised tensor of the shape and dtype of `like`, with memory of its own.
pub(super) fn empty_like(like: &Buffer) -> Buffer {
    empty(like, &like.meta.shape().to_vec(), like.dtype)
}

/// Returns an uninitialised tensor on the device of `like`.
pub(super) fn empty(like: &Buffer, shape: &[usize], dtype: DType) -> Buffer {
    const ALIGNMENT: u64 = 16; // Kernels read vec4s.
    let bytes = match allocates() {
        true => shape.iter().fold(dtype.size() as u64, |bytes, side| bytes * *side as u64),
        false => ALIGNMENT,
    };
    // On 32 bits a size that overflows must be refused by the device, not wrap to a small buffer.
    let bytes = usize::try_from(bytes.next_multiple_of(ALIGNMENT)).unwrap_or(usize::MAX - 15);
    let handle = like.client.empty(bytes);
    CubeTensor::new_contiguous(
        like.client.clone(),
        like.device.clone(),
        shape.to_vec().into(),
        handle,
        dtype,
    )
}

/// A kernel with its operands.
pub(super) struct Launch {
    shader: Shader,
    buffers: Vec<Buffer>,
    info: Vec<u32>,
    flop: f64,
    product: Option<MatrixProduct>,
    /// Bytes of bound buffers that the kernel does not read.
    unread: u64,
}

impl Launch {
    /// Returns a launch of the kernel with this name and WGSL body, without operands.
    pub fn new(name: &'static str, body: &'static str) -> Self {
        let (constants, operands, info) = (Vec::new(), Vec::new(), Vec::new());
        let shader =
            Shader { name, body, constants, operands, unrolled: Vec::new(), tile_f16: None, info };
        Launch {
            shader,
            buffers: Vec::new(),
            info: Vec::new(),
            flop: 0.0,
            product: None,
            unread: 0,
        }
    }

    /// Adds a WGSL constant. Each value makes a pipeline of its own.
    pub fn constant(mut self, name: &'static str, value: impl Into<Constant>) -> Self {
        self.shader.constants.push((name, value.into()));
        self
    }

    /// Unrolls the loops with this bound, as it is spelled in the WGSL, into `count` copies.
    pub fn unrolled(mut self, bound: &'static str, count: u32) -> Self {
        self.shader.unrolled.push((bound, count));
        self
    }

    /// Sets the type of tiles in workgroup memory: f16, else f32.
    pub fn tile_f16(mut self, is_f16: bool) -> Self {
        self.shader.tile_f16 = Some(is_f16);
        self
    }

    /// Adds an operand, which may be absent. `aligned`: it is read four numbers at a time, at
    /// multiples of four.
    pub fn input(self, name: &'static str, tensor: Option<&Buffer>, aligned: bool) -> Self {
        let storage = tensor.map_or(Storage::Absent, storage_of);
        self.operand(Operand { name, storage, aligned, written: false }, tensor)
    }

    /// Adds an operand that the kernel reads only where its info says so. If it is absent,
    /// `stand_in` is bound in its place, so that one pipeline serves both cases.
    pub fn optional_input(
        mut self,
        name: &'static str,
        tensor: Option<&Buffer>,
        stand_in: (&Buffer, DType),
        aligned: bool,
    ) -> Self {
        /// Bytes of the largest array element that a kernel declares: a bound buffer must hold one.
        const MAX_ELEMENT: u64 = 16;
        let (buffer, dtype) = stand_in;
        let storage = match tensor {
            Some(tensor) => storage_of(tensor),
            None if handle_bytes(&buffer.handle) < MAX_ELEMENT => storage_of(buffer),
            None => storage_as(buffer, dtype),
        };
        if tensor.is_none() {
            self.unread += handle_bytes(&buffer.handle);
        }
        let operand = Operand { name, storage, aligned, written: false };
        self.operand(operand, Some(tensor.unwrap_or(buffer)))
    }

    /// Adds the output.
    pub fn output(self, name: &'static str, tensor: &Buffer, aligned: bool) -> Self {
        let storage = storage_of(tensor);
        self.operand(Operand { name, storage, aligned, written: true }, Some(tensor))
    }

    /// Adds an operand of raw 32-bit words.
    pub fn words(self, name: &'static str, tensor: &Buffer, written: bool) -> Self {
        let operand = Operand { name, storage: Storage::Words, aligned: true, written };
        self.operand(operand, Some(tensor))
    }

    fn operand(mut self, operand: Operand, tensor: Option<&Buffer>) -> Self {
        self.shader.operands.push(operand);
        self.buffers.extend(tensor.cloned());
        self
    }

    /// Adds a size to the uniform `info`.
    pub fn info(mut self, name: &'static str, value: usize) -> Self {
        self.shader.info.push(name);
        self.info.push(value as u32);
        self
    }

    /// Adds a number to the uniform `info`, as its bits.
    pub fn info_f32(self, name: &'static str, value: f32) -> Self {
        self.info(name, value.to_bits() as usize)
    }

    /// Sets the floating-point operations of the launch: the product of `factors`, which may exceed
    /// a 32-bit `usize`.
    pub fn flop(mut self, factors: &[usize]) -> Self {
        self.flop = factors.iter().map(|factor| *factor as f64).product();
        self
    }

    /// Sets the matrix product that the launch computes.
    pub fn product(mut self, product: MatrixProduct) -> Self {
        self.product = Some(product);
        self
    }

    /// Dispatches `groups` workgroups.
    pub fn run(mut self, groups: [usize; 3]) {
        const VEC4: usize = 4; // A uniform's size is a multiple of 16 bytes.
        self.info.resize(self.info.len().next_multiple_of(VEC4), 0);
        let Some(client) = self.buffers.first().map(|buffer| buffer.client.clone()) else { return };
        let words =
            self.info.chunks_exact(2).map(|pair| u64::from(pair[0]) | u64::from(pair[1]) << 32);
        let bound: u64 = self.buffers.iter().map(|buffer| handle_bytes(&buffer.handle)).sum();
        let bytes = bound - self.unread;
        let name = self.shader.name;
        let timing =
            profile::begin_launch(&self.shader, self.product, self.flop, bytes as f64, &client);
        if !launches() {
            return;
        }
        let mut arguments = KernelArguments::new();
        for buffer in self.buffers {
            arguments = arguments.with_buffer(buffer.handle.binding());
        }
        arguments.info = MetadataBindingInfo::custom(words.collect());
        let [x, y, z] = groups.map(|count| count as u32);
        let kernel = SourceKernel::new(Kernel::from(self.shader), CubeDim::new_single());
        client.launch(Box::new(kernel), CubeCount::Static(x, y, z), arguments);
        profile::end_launch(name, timing, &client);
    }
}

fn storage_of(tensor: &Buffer) -> Storage {
    storage_as(tensor, tensor.dtype)
}

/// Returns how numbers of `dtype` are stored on the device of `tensor`.
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

/// A shader with its identifier, which Burn's runtime asks for several times in a launch.
struct Kernel {
    shader: Arc<Shader>,
    id: KernelId,
}

impl From<Shader> for Kernel {
    fn from(shader: Shader) -> Self {
        let shader = Arc::new(shader);
        let mut id = KernelId::new::<Self>().info(Arc::clone(&shader));
        id.mode = ExecutionMode::Unchecked; // All our loops terminate.
        Kernel { shader, id }
    }
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.shader.source())
    }

    fn id(&self) -> KernelId {
        self.id.clone()
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Returns the size of the part of a buffer that `handle` names, bytes. In a dry run buffers are
/// small, and the part may exceed them.
fn handle_bytes(handle: &Handle) -> u64 {
    let left_out = handle.offset_start.unwrap_or(0) + handle.offset_end.unwrap_or(0);
    handle.size().saturating_sub(left_out)
}
