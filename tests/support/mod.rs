//! Shared test support: fixtures, errors, devices.
#![allow(dead_code)] // Each test binary uses a part of it.

pub mod checkpoint;
pub mod runs;
pub mod terminal;

use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use burn::tensor::{DType, Device, Tensor, TensorData};
use hearth::device::{Compute, DeviceKind};
use hearth::families::Checkpoint;
use hearth::image::{Mask, RgbImage};
use hearth::pipeline::{Callbacks, PipelineEvent};
use hearth::runtime::{self, Model, Residency};
use hearth::weights::{Folder, OpenOptions, Source};
use safetensors::SafeTensors;
use serde_json::Value;

/// `tests/golden/data/{name}`
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data").join(name)
}

pub fn read(name: &str) -> Vec<u8> {
    let path = golden(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A golden checkpoint: the folders that `models.json` layers, the upper first.
#[derive(Debug)]
pub struct Layers {
    folders: Vec<Folder>,
}

impl Layers {
    pub fn of(model: &str) -> Self {
        let models: Value = serde_json::from_slice(&read("models.json")).unwrap();
        let names = models[model].as_array().unwrap_or_else(|| panic!("no model {model}"));
        let open = |name: &Value| Folder::open(golden(name.as_str().unwrap())).unwrap();
        Layers { folders: names.iter().map(open).collect() }
    }

    /// A single file of `tests/golden/data`.
    pub fn file(path: &str) -> Self {
        Layers { folders: vec![Folder::open(golden(path)).unwrap()] }
    }

    pub async fn checkpoint(&self) -> Checkpoint {
        Checkpoint::open(self, &OpenOptions::default()).await.unwrap()
    }
}

impl Source for Layers {
    fn place(&self) -> String {
        self.folders[0].place()
    }

    fn single_file(&self) -> Option<&str> {
        self.folders[0].single_file()
    }

    async fn len(&self, path: &str) -> hearth::Result<Option<u64>> {
        for folder in &self.folders {
            if let Some(len) = folder.len(path).await? {
                return Ok(Some(len));
            }
        }
        Ok(None)
    }

    async fn read(&self, path: &str, range: Range<u64>) -> hearth::Result<Vec<u8>> {
        for folder in &self.folders {
            if folder.len(path).await?.is_some() {
                return folder.read(path, range).await;
            }
        }
        panic!("{path} was read, which is not there");
    }
}

/// Loads a golden checkpoint.
pub fn model(name: &str, device: &Device) -> Model<Layers> {
    let source = Layers::of(name);
    let checkpoint = pollster::block_on(source.checkpoint());
    load(source, checkpoint, device)
}

/// Loads a checkpoint with all its networks on `device`.
pub fn load<S: Source>(source: S, checkpoint: Checkpoint, device: &Device) -> Model<S> {
    let (source, mut loaded) = (Rc::new(source), async |_| Ok(()));
    let loading = runtime::load(
        checkpoint,
        source,
        device,
        runtime::Limits::default(),
        Residency::All,
        &mut loaded,
    );
    pollster::block_on(loading).unwrap()
}

/// Cases of `{name}.json`, with the tensors of `{name}.safetensors`.
pub struct Goldens {
    pub cases: Vec<Value>,
    bytes: Vec<u8>,
}

impl Goldens {
    pub fn open(name: &str) -> Self {
        let index: Value = serde_json::from_slice(&read(&format!("{name}.json"))).unwrap();
        let cases = index["cases"].as_array().unwrap().clone();
        assert!(!cases.is_empty(), "{name}.json has no cases");
        Goldens { cases, bytes: read(&format!("{name}.safetensors")) }
    }

    /// Returns shape and values of the tensor that `case[side][what]` names.
    pub fn values(&self, case: &Value, side: &str, what: &str) -> (Vec<usize>, Vec<f32>) {
        let key = case[side][what].as_str().unwrap_or_else(|| panic!("{case}: no {side}.{what}"));
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = file.tensor(key).unwrap();
        assert_eq!(view.dtype(), safetensors::Dtype::F32, "{key}");
        (view.shape().to_vec(), bytes_to_f32(view.data()))
    }

    /// Returns the same of bytes.
    pub fn bytes(&self, case: &Value, side: &str, what: &str) -> (Vec<usize>, Vec<u8>) {
        let key = case[side][what].as_str().unwrap_or_else(|| panic!("{case}: no {side}.{what}"));
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = file.tensor(key).unwrap();
        assert_eq!(view.dtype(), safetensors::Dtype::U8, "{key}");
        (view.shape().to_vec(), view.data().to_vec())
    }

    /// Returns an image, `[h, w, 3]`.
    pub fn picture(&self, case: &Value, side: &str, what: &str) -> RgbImage {
        let (shape, pixels) = self.bytes(case, side, what);
        assert_eq!((shape.len(), shape[2]), (3, 3), "{case}");
        RgbImage { width: shape[1], height: shape[0], pixels }
    }

    /// Returns a mask, `[h, w]`.
    pub fn mask(&self, case: &Value, side: &str, what: &str) -> Mask {
        let (shape, bytes) = self.bytes(case, side, what);
        Mask::new(shape[1], shape[0], &bytes).unwrap()
    }

    /// Returns `input_ids` as rows.
    pub fn ids(&self, case: &Value) -> Vec<Vec<u32>> {
        let key = case["inputs"]["input_ids"].as_str().unwrap();
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = file.tensor(key).unwrap();
        assert_eq!(view.dtype(), safetensors::Dtype::I32, "{key}");
        let flat: Vec<u32> =
            view.data().as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b) as u32).collect();
        flat.chunks(view.shape()[1]).map(<[u32]>::to_vec).collect()
    }

    pub fn tensor<const D: usize>(
        &self,
        case: &Value,
        side: &str,
        what: &str,
        device: &Device,
    ) -> Tensor<D> {
        let (shape, values) = self.values(case, side, what);
        Tensor::from_data(TensorData::new(values, shape), (device, DType::F32))
    }
}

/// Returns whether this is `make test-long`. `make test` shortens slow tests.
pub fn is_long() -> bool {
    std::env::var_os("HEARTH_LONG").is_some()
}

pub fn bytes_to_f32(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

/// Maximum difference from the reference.
#[derive(Clone, Copy)]
pub struct Limits {
    /// max |ours − golden| / max |golden|
    error: f64,
    /// Cosine of the angle between both.
    cosine: f64,
}

impl Limits {
    pub fn new(error: f64, cosine: f64) -> Self {
        Limits { error, cosine }
    }
}

// Tolerances of every comparison of networks and runs.
pub const CPU: Limits = Limits { error: 1e-4, cosine: 0.99999 };
pub const GPU: Limits = Limits { error: 1e-3, cosine: 0.9999 };

/// Collects errors relative to the reference's scale, and cosines. Fails at the end with all that
/// are beyond the limits.
pub struct Tolerance {
    limits: Limits,
    worst: (f64, String),
    least: (f64, String),
    failed: Vec<String>,
    checked: usize,
}

impl Tolerance {
    pub fn new(limits: Limits) -> Self {
        let (worst, least) = ((0.0, String::new()), (1.0, String::new()));
        Tolerance { limits, worst, least, failed: Vec::new(), checked: 0 }
    }

    /// Records a comparison; returns error and cosine.
    pub fn check(&mut self, name: &str, ours: &[f32], golden: &[f32]) -> (f64, f64) {
        assert_eq!(ours.len(), golden.len(), "{name}: another number of values");
        let scale = golden.iter().fold(0f64, |m, g| m.max(f64::from(g.abs())));
        assert!(scale > 0.0, "{name}: the golden values are all zero");
        let (mut error, mut dot, mut squares) = (0f64, 0f64, [0f64; 2]);
        for (o, g) in ours.iter().zip(golden) {
            assert!(o.is_finite(), "{name}: a value is {o}");
            let (o, g) = (f64::from(*o), f64::from(*g));
            error = error.max((o - g).abs() / scale);
            (dot, squares) = (dot + o * g, [squares[0] + o * o, squares[1] + g * g]);
        }
        let cosine = dot / (squares[0] * squares[1]).sqrt();
        self.checked += 1;
        if error > self.worst.0 {
            self.worst = (error, name.to_string());
        }
        if cosine < self.least.0 {
            self.least = (cosine, name.to_string());
        }
        if error > self.limits.error || cosine < self.limits.cosine {
            self.failed.push(format!("{name}: error {error:.2e}, cosine {cosine:.7}"));
        }
        (error, cosine)
    }

    pub fn finish(self, what: &str) {
        let Tolerance { limits: Limits { error, cosine }, worst, least, failed, checked } = self;
        println!(
            "{what}: {checked} compared, worst error {:.2e} ({}), limit {error:.0e}; \
             least cosine {:.9} ({}), limit {cosine}",
            worst.0, worst.1, least.0, least.1
        );
        assert!(checked > 0, "{what}: nothing was compared");
        assert!(failed.is_empty(), "{what}: beyond the limits: {failed:#?}");
    }
}

pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Callbacks that ignore all events.
pub struct Quiet;

impl Callbacks for Quiet {
    async fn yield_now(&self) -> hearth::Result<()> {
        Ok(())
    }

    fn report(&self, _: PipelineEvent) {}

    fn wants_preview(&self) -> bool {
        false
    }
}

/// The GPU while a test uses it.
pub struct Gpu {
    compute: Compute,
    _turn: MutexGuard<'static, ()>,
}

impl Deref for Gpu {
    type Target = Compute;

    fn deref(&self) -> &Compute {
        &self.compute
    }
}

/// Returns a native GPU, lavapipe included; `None`, with a printed reason, if there is none. A
/// process can open it once: the tests of a program share it, one at a time, so that measurements
/// do not mix.
pub fn gpu() -> Option<Gpu> {
    static GPU: OnceLock<Result<Compute, String>> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());

    // A failed test does not affect the device.
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let opened = GPU.get_or_init(|| {
        pollster::block_on(Compute::open(DeviceKind::Wgpu)).map_err(|error| error.to_string())
    });
    match opened {
        Ok(compute) => {
            println!("GPU: {}", compute.name);
            // Resources that a previous test left on the device do not count for this test.
            let _ = pollster::block_on(compute.sync());
            compute.device.memory_cleanup();
            Some(Gpu { compute: compute.clone(), _turn: turn })
        }
        Err(error) => {
            // scripts/lib/gpu.sh can require a GPU.
            let promised = std::env::var("HEARTH_GPU").is_ok_and(|gpu| gpu != "none");
            assert!(!promised, "HEARTH_GPU promises a GPU, but: {error}");
            println!("skipped: no GPU that wgpu can use ({error})");
            None
        }
    }
}
