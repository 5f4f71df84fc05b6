//! Loader: from a file onto the device, tensor by tensor.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use half::{bf16, f16};
use safetensors::tensor::Dtype;

use super::patch::{Matrix, Patch, Patches};
use super::precision::Precision;
use super::source::Source;
use super::tensors::{Located, Tensors};
use crate::error::{Error, Message, Result, messages};
use crate::kernels::{self, StorageFormat};

/// Loads the weights of `module`, changed by `patches`. At most one tensor is in host memory at a
/// time, and up to `READ_STEP` bytes of its file; and what changes it.
///
/// `loaded` is called with the number of bytes after each tensor. It may wait, so that the event loop
/// can run, or end the loading with an error.
///
/// # Errors
/// [`Error::TensorMismatch`] names every tensor that is missing, not expected or of another shape,
/// before anything is uploaded; [`Error::Unsupported`] for number formats other than f32, f16,
/// bf16.
pub async fn load<M: Module>(
    module: M,
    tensors: &Tensors,
    source: &impl Source,
    device: &Device,
    precision: Precision,
    patches: &impl Patches,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<M> {
    let mut places = Collect::default();
    module.visit(&mut places);
    check(tensors, &places.shapes)?;
    let format = precision.weights(tensors, device);
    let mut on_device = HashMap::new();
    for (path, located) in tensors.in_file_order() {
        let place = places.devices.get(path).unwrap_or(device);
        let tensor = if place == device {
            upload_patched(source, path, located, device, format, patches).await?
        } else {
            read_unconverted(source, located, place).await?
        };
        on_device.insert(path.clone(), tensor);
        loaded(located.range.end - located.range.start).await?;
    }
    Ok(module.map(&mut Assign { path: Path::default(), tensors: on_device }))
}

/// Loads weights of a loaded module again, those of `tensors`, with other `patches`. The result is that
/// of [`load`], bit by bit. `format`: that of all tensors of the module.
///
/// # Errors
/// As [`load`]; the module keeps what was loaded until then.
pub async fn reload<M: Module>(
    module: &mut M,
    tensors: &Tensors,
    source: &impl Source,
    device: &Device,
    format: StorageFormat,
    patches: &impl Patches,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<()> {
    /// Bytes of new weights that exist beside the old ones.
    const STEP: u64 = 64 << 20;
    let (mut on_device, mut bytes) = (HashMap::new(), 0);
    let all = tensors.in_file_order();
    for (index, (path, located)) in all.iter().enumerate() {
        let tensor = upload_patched(source, path, located, device, format, patches).await?;
        on_device.insert((*path).clone(), tensor);
        let read = located.range.end - located.range.start;
        bytes += read;
        if bytes >= STEP || index + 1 == all.len() {
            let tensors = std::mem::take(&mut on_device);
            *module = module.clone().map(&mut Assign { path: Path::default(), tensors });
            bytes = 0;
        }
        loaded(read).await?;
    }
    Ok(())
}

/// Checks that these are the tensors of `expected`, by path and shape.
///
/// # Errors
/// [`Error::TensorMismatch`], [`Error::Unsupported`] as [`load`].
pub fn check(tensors: &Tensors, expected: &BTreeMap<String, Vec<usize>>) -> Result<()> {
    // First, because quantised files also have scales that no model expects.
    if let Some((_, located)) =
        tensors.iter().find(|(_, located)| !READABLE.contains(&located.dtype))
    {
        return Err(unreadable(&located.file, &located.key, located.dtype));
    }
    let missing: Vec<String> =
        expected.keys().filter(|path| tensors.get(path).is_none()).cloned().collect();
    let unexpected: Vec<String> = tensors
        .iter()
        .filter(|(path, _)| !expected.contains_key(*path))
        .map(|(_, located)| located.key.clone())
        .collect();
    let wrong_shape: Vec<Message> = expected
        .iter()
        .filter_map(|(path, shape)| {
            let located = tensors.get(path)?;
            let found = located.module_shape();
            let [expected, has] = [shape, &found].map(|shape| format!("{shape:?}"));
            (found != *shape).then(|| messages::shape_differs(&located.key, expected, has))
        })
        .collect();
    if !(missing.is_empty() && unexpected.is_empty() && wrong_shape.is_empty()) {
        let path = tensors.files().into_iter().collect::<Vec<_>>().join(", ");
        return Err(Error::TensorMismatch { path, missing, unexpected, wrong_shape });
    }
    Ok(())
}

/// Number formats that the loader reads.
const READABLE: [Dtype; 3] = [Dtype::F32, Dtype::F16, Dtype::BF16];

/// Returns the error for a tensor whose numbers are not read.
pub fn unreadable(file: &str, key: &str, dtype: Dtype) -> Error {
    Error::Unsupported {
        path: file.to_string(),
        what: messages::number_type(format!("{dtype:?}"), key),
        remedy: messages::save_in_floats(),
    }
}

/// Returns whether the loader reads numbers of this format.
pub fn is_readable(dtype: Dtype) -> bool {
    READABLE.contains(&dtype)
}

/// Returns numbers of a readable format as f32.
pub fn widened(dtype: Dtype, bytes: &[u8]) -> Vec<f32> {
    let mut values = Vec::new();
    widen(dtype, bytes, &mut values);
    values
}

/// Bytes of a file that are read at once. A multiple of every number's size.
pub(crate) const READ_STEP: u64 = 8 << 20;

/// Reads a tensor onto the device and applies its patches.
async fn upload_patched(
    source: &impl Source,
    path: &str,
    located: &Located,
    device: &Device,
    format: StorageFormat,
    patches: &impl Patches,
) -> Result<Tensor<1>> {
    if !patches.contains(path) {
        return upload(source, located, device, format, Vec::new()).await;
    }
    let patches = patches.patches(path, &located.module_shape()).await?;
    upload(source, located, device, format, patches).await
}

/// Reads a tensor onto the device. Weights stay until the model is dropped: they get memory pages
/// of their own.
async fn upload(
    source: &impl Source,
    located: &Located,
    device: &Device,
    format: StorageFormat,
    patches: Vec<Patch>,
) -> Result<Tensor<1>> {
    if *device == Device::flex() {
        let values = read_patched(source, located, patches).await?;
        let data = TensorData::new(values, [located.count()]);
        return Ok(Tensor::from_data(data, (device, DType::F32)));
    }
    let shape = located.module_shape();
    let format = format.of_shape(&shape);
    let stays = !kernels::needs_reordering(&shape);
    // Matrices are changed on the GPU, unless the change depends on them.
    let words = if shape.len() > 1 && patches.iter().all(Patch::is_additive) {
        let mut words = upload_words(source, located, device, format, stays).await?;
        let matrix = [shape[0], shape[1..].iter().product()];
        for change in patches.into_iter().filter_map(|patch| patch.to_change(device)) {
            words = kernels::add_to_weight(words, matrix, format, change)
                .ok_or_else(|| on_no_gpu(located))?;
        }
        words
    } else {
        let values = read_patched(source, located, patches).await?;
        to_words(narrow(&values, format), device, stays)
    };
    device
        .memory_persistent_allocations(words, |words| {
            kernels::weight_from_words(words, &shape, format)
        })
        .ok_or_else(|| on_no_gpu(located))
}

fn on_no_gpu(located: &Located) -> Error {
    Error::Internal { reason: Message::verbatim(format!("{} is on no GPU", located.key)) }
}

/// Reads a tensor's values as f32 and applies patches to them on the CPU.
async fn read_patched(
    source: &impl Source,
    located: &Located,
    patches: Vec<Patch>,
) -> Result<Vec<f32>> {
    let values = read_tensor(source, located).await?;
    if patches.is_empty() {
        return Ok(values);
    }
    let rows = located.module_shape().first().copied().unwrap_or(1);
    let weight = Matrix::with_rows(rows, values).on(&Device::flex());
    let weight = patches.into_iter().fold(weight, |weight, patch| patch.apply(weight));
    let failed =
        |e: String| Error::Internal { reason: Message::verbatim(format!("{}: {e}", located.key)) };
    let data = weight.into_data_async().await.map_err(|e| failed(e.to_string()))?;
    data.try_into_vec().map_err(|e| failed(format!("{e:?}")))
}

/// Uploads bytes as 32-bit words `[n]`. `stays` says that the model keeps them.
fn to_words(bytes: Vec<u8>, device: &Device, stays: bool) -> Tensor<1, Int> {
    let upload = |bytes: Vec<u8>| {
        let count = bytes.len() / 4;
        let data = TensorData::from_bytes_vec(bytes, [count], DType::I32);
        Tensor::<1, Int>::from_data(data, (device, DType::I32))
    };
    match stays {
        true => device.memory_persistent_allocations(bytes, upload),
        false => upload(bytes),
    }
}

/// Reads a tensor in `format`, packed into 32-bit words `[n]`.
///
/// A large tensor is uploaded in several steps and joined on the device: as a whole it would be by
/// far the largest allocation in the host's memory. `stays` says that the model keeps these words.
async fn upload_words(
    source: &impl Source,
    located: &Located,
    device: &Device,
    format: StorageFormat,
    stays: bool,
) -> Result<Tensor<1, Int>> {
    let Range { start, end } = located.range;
    if located.transposed {
        let values = read_tensor(source, located).await?;
        return Ok(to_words(narrow(&values, format), device, stays));
    }
    if end - start <= READ_STEP {
        let bytes = source.read(&located.file, start..end).await?;
        return Ok(to_words(converted(bytes, located.dtype, format), device, stays));
    }
    let mut parts = Vec::new();
    for start in (start..end).step_by(READ_STEP as usize) {
        let bytes = source.read(&located.file, start..end.min(start + READ_STEP)).await?;
        parts.push(to_words(converted(bytes, located.dtype, format), device, false));
    }
    let join = |parts: Vec<Tensor<1, Int>>| Tensor::cat(parts, 0);
    Ok(match stays {
        true => device.memory_persistent_allocations(parts, join),
        false => join(parts),
    })
}

/// Converts numbers of a file to `format`, padded to whole words.
pub(super) fn converted(mut bytes: Vec<u8>, from: Dtype, format: StorageFormat) -> Vec<u8> {
    if !matches!(
        (from, format),
        (Dtype::F32, StorageFormat::F32) | (Dtype::F16, StorageFormat::F16)
    ) {
        let mut values = Vec::with_capacity(bytes.len() / from.bitsize() * 8);
        widen(from, &bytes, &mut values);
        bytes = narrow(&values, format);
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Converts numbers to bytes in `format`, padded to whole words.
fn narrow(values: &[f32], format: StorageFormat) -> Vec<u8> {
    let mut bytes: Vec<u8> = match format {
        StorageFormat::F16 => values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect(),
        StorageFormat::F32 => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
    };
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Reads a tensor that stays on the host, in the number format of the file.
async fn read_unconverted(
    source: &impl Source,
    located: &Located,
    place: &Device,
) -> Result<Tensor<1>> {
    let Located { file, range, .. } = located;
    let mut bytes = Vec::with_capacity((range.end - range.start) as usize);
    for start in range.clone().step_by(READ_STEP as usize) {
        bytes.extend(source.read(file, start..range.end.min(start + READ_STEP)).await?);
    }
    let dtype = match located.dtype {
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        _ => DType::F32,
    };
    let data = TensorData::from_bytes_vec(bytes, [located.count()], dtype);
    Ok(Tensor::from_data(data, (place, dtype)))
}

/// Reads a tensor's values as f32.
pub(super) async fn read_tensor(source: &impl Source, located: &Located) -> Result<Vec<f32>> {
    let Located { file, range, .. } = located;
    let mut values = Vec::with_capacity(located.count());
    let mut start = range.start;
    while start < range.end {
        let end = range.end.min(start + READ_STEP);
        let bytes = source.read(file, start..end).await?;
        widen(located.dtype, &bytes, &mut values);
        start = end;
    }
    Ok(match (located.transposed, located.shape.as_slice()) {
        (true, &[rows, columns]) => (0..columns)
            .flat_map(|c| (0..rows).map(move |r| (r, c)))
            .map(|(r, c)| values[r * columns + c])
            .collect(),
        _ => values,
    })
}

/// Appends numbers of one of the [`READABLE`] formats to `values`.
pub(super) fn widen(dtype: Dtype, bytes: &[u8], values: &mut Vec<f32>) {
    match dtype {
        Dtype::F16 => values.extend(le_chunks(bytes).map(|b| f16::from_le_bytes(b).to_f32())),
        Dtype::BF16 => values.extend(le_chunks(bytes).map(|b| bf16::from_le_bytes(b).to_f32())),
        _ => values.extend(le_chunks(bytes).map(f32::from_le_bytes)),
    }
}

fn le_chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// Returns the shape of every parameter of a module by its path.
pub fn parameters(module: &impl Module) -> BTreeMap<String, Vec<usize>> {
    let mut collect = Collect::default();
    module.visit(&mut collect);
    collect.shapes
}

/// Position of a visitor in the tree of modules.
#[derive(Default)]
struct Path {
    names: Vec<String>,
}

impl Path {
    /// Whether a container is a level of the checkpoint's keys: the variant of an enum is none.
    fn is_level(container: &str) -> bool {
        !container.starts_with("Enum:")
    }

    fn enter(&mut self, name: &str, container: &str) {
        if Self::is_level(container) {
            self.names.push(name.to_string());
        }
    }

    fn exit(&mut self, container: &str) {
        if Self::is_level(container) {
            self.names.pop();
        }
    }

    fn joined(&self) -> String {
        self.names.join(".")
    }
}

#[derive(Default)]
struct Collect {
    path: Path,
    shapes: BTreeMap<String, Vec<usize>>,
    devices: HashMap<String, Device>,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.joined();
        self.shapes.insert(path.clone(), param.lazy_shape().to_vec());
        self.devices.insert(path, param.lazy_device());
    }
}

struct Assign {
    path: Path,
    tensors: HashMap<String, Tensor<1>>,
}

impl ModuleMapper for Assign {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.tensors.remove(&self.path.joined()) {
            Some(tensor) => {
                let shape = param.lazy_shape().dims();
                Param::initialized(param.id, kernels::weight_with_shape::<D>(tensor, shape))
            }
            None => param, // `check` has made sure that this does not happen.
        }
    }
}
