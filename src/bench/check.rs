//! The kernels of a device compared with Burn's plain operations on the CPU: before anything is timed, and
//! wherever pictures look wrong.

use burn::tensor::{DType, Device, Tensor};
use serde::Serialize;

use super::operations::{Made, Operation, operations};
use crate::device::Compute;
use crate::error::{Error, Result};

/// One operation, computed twice.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// What and how large.
    pub name: String,
    /// `f32`, or `f16` where the device computes with it.
    pub dtype: String,
    /// max |ours − plain| / max |plain|
    pub error: f64,
    /// What it may be: f32 is summed in another order, f16 rounds what flows between.
    pub limit: f64,
}

impl Compared {
    /// Whether both are the same, as far as numbers can be. What is no number is not.
    pub fn is_equal(&self) -> bool {
        self.error <= self.limit
    }
}

/// Runs every kernel on `compute` and its plain operation on the CPU, with shapes that fit no tile.
///
/// # Errors
/// If the device fails. Wrong numbers are no error here: they are what is reported.
pub async fn check(compute: &Compute) -> Result<Vec<Compared>> {
    let mut all = Vec::new();
    for dtype in [DType::F32, DType::F16] {
        if !compute.device.supports_dtype(dtype) {
            continue;
        }
        for operation in operations() {
            all.push(compare(&operation, dtype, compute).await?);
        }
    }
    compute.check()?;
    Ok(all)
}

async fn compare(operation: &Operation, dtype: DType, compute: &Compute) -> Result<Compared> {
    let on_device = (operation.run)(&Made::on(&compute.device, dtype));
    let plain = (operation.run)(&Made::on(&Device::flex(), dtype));
    let error = match on_device.dims() == plain.dims() {
        true => difference(&values(on_device).await?, &values(plain).await?),
        false => f64::INFINITY,
    };
    let limit = if dtype == DType::F16 { 4e-3 } else { 2e-5 };
    let (name, dtype) = (operation.name.clone(), format!("{dtype:?}").to_lowercase());
    Ok(Compared { name, dtype, error, limit })
}

async fn values(tensor: Tensor<4>) -> Result<Vec<f32>> {
    let failed = |reason: String| Error::Gpu { reason };
    let data = tensor.cast(DType::F32).into_data_async().await;
    let data = data.map_err(|e| failed(e.to_string()))?;
    data.try_into_vec::<f32>().map_err(|e| failed(format!("{e:?}")))
}

/// max |ours − theirs| / max |theirs|; infinite if they are not of one length, or not all numbers.
pub(super) fn difference(ours: &[f32], theirs: &[f32]) -> f64 {
    if ours.len() != theirs.len() || ours.iter().any(|value| !value.is_finite()) {
        return f64::INFINITY;
    }
    let scale = theirs.iter().fold(0f32, |most, value| most.max(value.abs()));
    let differences = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    f64::from(differences.fold(0f32, f32::max) / scale)
}
