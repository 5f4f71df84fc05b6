//! From a file onto the device, tensor by tensor.

use std::collections::{BTreeMap, HashMap};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};
use half::{bf16, f16};
use safetensors::tensor::Dtype;

use super::component::Component;
use super::names::module_path;
use super::safetensors::{Entry, read_index};
use super::source::Source;
use crate::error::{Error, Result};

/// Gives `module` the weights in `path`. At most one tensor is in host memory at a time.
///
/// `loaded` is told the number of bytes after each tensor; whoever drives the loading may also
/// wait there, to let the event loop run.
///
/// # Errors
/// [`Error::TensorMismatch`] names every tensor that is missing, not expected or of another shape,
/// before anything is uploaded; [`Error::Unsupported`] for number formats other than f32, f16, bf16.
pub async fn load<M: Module>(
    module: M,
    component: Component,
    source: &impl Source,
    path: &str,
    device: &Device,
    loaded: &mut impl AsyncFnMut(u64),
) -> Result<M> {
    let mut entries = BTreeMap::new();
    let mut order = Vec::new();
    for entry in read_index(source, path).await? {
        if let Some(parameter) = module_path(component, &entry.name) {
            order.push(parameter.clone());
            entries.insert(parameter, entry);
        }
    }
    check(path, &parameters(&module), &entries)?;

    let mut tensors = HashMap::new();
    for parameter in order {
        let Some(entry) = entries.remove(&parameter) else { continue };
        let values = read_tensor(source, path, &entry).await?;
        let count = values.len();
        // Weights stay until the model is dropped: they get pages of their own.
        let tensor = device.memory_persistent_allocations(values, |values| {
            Tensor::<1>::from_data(TensorData::new(values, [count]), (device, DType::F32))
        });
        tensors.insert(parameter, tensor);
        loaded(entry.range.end - entry.range.start).await;
    }
    Ok(module.map(&mut Assign { path: Path::default(), tensors }))
}

/// The tensor's values as f32.
async fn read_tensor(source: &impl Source, path: &str, entry: &Entry) -> Result<Vec<f32>> {
    let bytes = source.read(path, entry.range.clone()).await?;
    Ok(match entry.dtype {
        Dtype::F32 => le_chunks(&bytes).map(f32::from_le_bytes).collect(),
        Dtype::F16 => le_chunks(&bytes).map(|b| f16::from_le_bytes(b).to_f32()).collect(),
        Dtype::BF16 => le_chunks(&bytes).map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
        other => {
            return Err(Error::Unsupported {
                path: path.to_string(),
                what: format!("numbers of type {other:?} in {}", entry.name),
                remedy: "Save the checkpoint in f32, f16 or bf16".to_string(),
            });
        }
    })
}

fn le_chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

fn check(
    path: &str,
    expected: &BTreeMap<String, Vec<usize>>,
    found: &BTreeMap<String, Entry>,
) -> Result<()> {
    let missing: Vec<String> =
        expected.keys().filter(|name| !found.contains_key(*name)).cloned().collect();
    let unexpected: Vec<String> =
        found.keys().filter(|name| !expected.contains_key(*name)).cloned().collect();
    let wrong_shape: Vec<String> = expected
        .iter()
        .filter_map(|(name, shape)| {
            let found = &found.get(name)?.shape;
            (found != shape).then(|| format!("{name}: expected {shape:?}, found {found:?}"))
        })
        .collect();
    if missing.is_empty() && unexpected.is_empty() && wrong_shape.is_empty() {
        return Ok(());
    }
    Err(Error::TensorMismatch { path: path.to_string(), missing, unexpected, wrong_shape })
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
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.shapes.insert(self.path.joined(), param.lazy_shape().to_vec());
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
            Some(tensor) => Param::initialized(param.id, tensor.reshape(param.lazy_shape())),
            None => param, // `check` has made sure that this does not happen.
        }
    }
}
