//! From a file onto the device, tensor by tensor.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use half::{bf16, f16};
use safetensors::tensor::Dtype;

use super::precision::Precision;
use super::source::Source;
use super::tensors::{Located, Tensors};
use crate::error::{Error, Message, Result, messages};
use crate::kernels;

/// Gives `module` its weights. At most one tensor is in host memory at a time, and beside it a piece of
/// its bytes.
///
/// `loaded` is told the number of bytes after each tensor; whoever drives the loading may also
/// wait there, to let the event loop run, or end it with an error.
///
/// # Errors
/// [`Error::TensorMismatch`] names every tensor that is missing, not expected or of another shape,
/// before anything is uploaded; [`Error::Unsupported`] for number formats other than f32, f16, bf16.
pub async fn load<M: Module>(
    module: M,
    tensors: &Tensors,
    source: &impl Source,
    device: &Device,
    precision: Precision,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<M> {
    let mut places = Collect::default();
    module.visit(&mut places);
    check(tensors, &places.shapes)?;
    let dtype = precision.weights(tensors, device);
    let mut on_device = HashMap::new();
    for (path, located) in tensors.in_file_order() {
        let place = places.devices.get(path).unwrap_or(device);
        let tensor = if place == device {
            upload(source, located, device, dtype).await?
        } else {
            read_as_it_is(source, located, place).await?
        };
        on_device.insert(path.clone(), tensor);
        loaded(located.range.end - located.range.start).await?;
    }
    Ok(module.map(&mut Assign { path: Path::default(), tensors: on_device }))
}

/// Whether these are the tensors that `expected` asks for, by path and shape.
///
/// # Errors
/// [`Error::TensorMismatch`], [`Error::Unsupported`] as [`load`].
pub fn check(tensors: &Tensors, expected: &BTreeMap<String, Vec<usize>>) -> Result<()> {
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
    match tensors.iter().find(|(_, located)| !READABLE.contains(&located.dtype)) {
        None => Ok(()),
        Some((_, located)) => Err(Error::Unsupported {
            path: located.file.clone(),
            what: messages::number_type(format!("{:?}", located.dtype), &located.key),
            remedy: messages::save_in_floats(),
        }),
    }
}

/// The number formats that are read.
const READABLE: [Dtype; 3] = [Dtype::F32, Dtype::F16, Dtype::BF16];

/// Bytes of a file that are read at once. A multiple of every number's size.
const PIECE: u64 = 8 << 20;

/// A tensor on the device. Weights stay until the model is dropped: they get pages of their own.
async fn upload(
    source: &impl Source,
    located: &Located,
    device: &Device,
    dtype: DType,
) -> Result<Tensor<1>> {
    if *device == Device::flex() {
        let values = read_tensor(source, located).await?;
        let data = TensorData::new(values, [located.count()]);
        return Ok(Tensor::from_data(data, (device, DType::F32)));
    }
    let shape = located.module_shape();
    // Biases and the norms' scales are few numbers: they stay f32.
    let dtype = if shape.len() < 2 { DType::F32 } else { dtype };
    let is_reordered = kernels::is_reordered(&shape);
    let words = upload_words(source, located, device, dtype, !is_reordered).await?;
    device
        .memory_persistent_allocations(words, |words| kernels::from_words(words, &shape, dtype))
        .ok_or_else(|| {
            let reason = Message::verbatim(format!("{} is on no GPU", located.key));
            Error::Internal { reason }
        })
}

/// A tensor's numbers as `dtype`, f32 or f16, in words of 32 bits.
///
/// A large one goes in pieces that are joined on the device: as a whole it would be the largest thing in
/// the host's memory, by far. With `stays` the words are what the model keeps.
async fn upload_words(
    source: &impl Source,
    located: &Located,
    device: &Device,
    dtype: DType,
    stays: bool,
) -> Result<Tensor<1, Int>> {
    let to_device = |bytes: Vec<u8>| {
        let words: Vec<i32> = le_chunks(&bytes).map(i32::from_le_bytes).collect();
        let count = words.len();
        Tensor::<1, Int>::from_data(TensorData::new(words, [count]), (device, DType::I32))
    };
    let whole = |bytes: Vec<u8>| match stays {
        true => device.memory_persistent_allocations(bytes, to_device),
        false => to_device(bytes),
    };
    let Range { start, end } = located.range;
    if located.transposed {
        let values = read_tensor(source, located).await?;
        return Ok(whole(narrow(&values, dtype)));
    }
    if end - start <= PIECE {
        let bytes = source.read(&located.file, start..end).await?;
        return Ok(whole(converted(bytes, located.dtype, dtype)));
    }
    let mut pieces = Vec::new();
    for start in (start..end).step_by(PIECE as usize) {
        let bytes = source.read(&located.file, start..end.min(start + PIECE)).await?;
        pieces.push(to_device(converted(bytes, located.dtype, dtype)));
    }
    let join = |pieces: Vec<Tensor<1, Int>>| Tensor::cat(pieces, 0);
    Ok(match stays {
        true => device.memory_persistent_allocations(pieces, join),
        false => join(pieces),
    })
}

/// Bytes of a file as bytes of numbers of `dtype`, in whole words.
fn converted(mut bytes: Vec<u8>, from: Dtype, dtype: DType) -> Vec<u8> {
    if !matches!((from, dtype), (Dtype::F32, DType::F32) | (Dtype::F16, DType::F16)) {
        let mut values = Vec::with_capacity(bytes.len() / from.bitsize() * 8);
        widen(from, &bytes, &mut values);
        bytes = narrow(&values, dtype);
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Numbers as bytes of `dtype`, in whole words.
fn narrow(values: &[f32], dtype: DType) -> Vec<u8> {
    let mut bytes: Vec<u8> = match dtype {
        DType::F16 => values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect(),
        _ => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
    };
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// A tensor that stays on the host, in the number format of the file.
async fn read_as_it_is(
    source: &impl Source,
    located: &Located,
    place: &Device,
) -> Result<Tensor<1>> {
    let Located { file, range, .. } = located;
    let mut bytes = Vec::with_capacity((range.end - range.start) as usize);
    for start in range.clone().step_by(PIECE as usize) {
        bytes.extend(source.read(file, start..range.end.min(start + PIECE)).await?);
    }
    let dtype = match located.dtype {
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        _ => DType::F32,
    };
    let data = TensorData::from_bytes_vec(bytes, [located.count()], dtype);
    Ok(Tensor::from_data(data, (place, dtype)))
}

/// The tensor's values as f32.
pub(super) async fn read_tensor(source: &impl Source, located: &Located) -> Result<Vec<f32>> {
    let Located { file, range, .. } = located;
    let mut values = Vec::with_capacity(located.count());
    let mut start = range.start;
    while start < range.end {
        let end = range.end.min(start + PIECE);
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

/// Puts numbers of one of the formats that are read behind `values`.
fn widen(dtype: Dtype, bytes: &[u8], values: &mut Vec<f32>) {
    match dtype {
        Dtype::F16 => values.extend(le_chunks(bytes).map(|b| f16::from_le_bytes(b).to_f32())),
        Dtype::BF16 => values.extend(le_chunks(bytes).map(|b| bf16::from_le_bytes(b).to_f32())),
        _ => values.extend(le_chunks(bytes).map(f32::from_le_bytes)),
    }
}

fn le_chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// Every parameter of a module by its path, with its shape.
pub fn parameters(module: &impl Module) -> BTreeMap<String, Vec<usize>> {
    let mut collect = Collect::default();
    module.visit(&mut collect);
    collect.shapes
}

/// Where a visit is in the tree of modules.
#[derive(Default)]
struct Path {
    names: Vec<String>,
}

impl Path {
    /// An enum's variant is no level of the checkpoint's names.
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
                Param::initialized(param.id, kernels::shaped::<D>(tensor, shape))
            }
            None => param, // `check` has made sure that this does not happen.
        }
    }
}
