//! The kernels of a device compared with Burn's plain operations on the CPU: before anything is timed, and
//! wherever pictures look wrong. Those for GPUs and those for programs that behave like one: both, on any
//! device.

use burn::tensor::{DType, Device, Tensor};
use serde::Serialize;

use super::operations::{Made, Operation, operations};
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::{Family, family_of, with_family};

/// One operation, computed twice.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// What and how large.
    pub name: String,
    /// `f32`, or `f16` where the device computes with it.
    pub dtype: String,
    /// `tiled` or `direct`: for which kind of device the kernel is written.
    pub family: String,
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

/// One comparison that can be made.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// What and how large.
    pub name: &'a str,
    /// Number format.
    pub dtype: DType,
    /// For which kind of device the kernel is written.
    pub family: Family,
    /// Of the kernels that are written for the other kind of device only some are usual, in f16 or if
    /// they are tiled: their programs can take a compiler minutes that is not made for them.
    pub is_usual: bool,
}

/// Runs kernels on `compute` and their plain operations on the CPU, with shapes that fit no tile: the
/// comparisons for which `wants` returns true, which is called before each.
///
/// # Errors
/// If the device fails. Wrong numbers are no error here: they are what is reported.
pub async fn check(
    compute: &Compute,
    wants: impl Fn(Comparison<'_>) -> bool,
) -> Result<Vec<Compared>> {
    let own = family_of(&compute.device);
    let mut all = Vec::new();
    for dtype in [DType::F32, DType::F16] {
        if !compute.device.supports_dtype(dtype) {
            continue;
        }
        for operation in operations() {
            for family in Family::ALL {
                let is_own = own == Some(family);
                let is_bearable = family == Family::Direct && dtype == DType::F32;
                let is_usual = is_own || is_bearable || operation.is_exemplary;
                if wants(Comparison { name: &operation.name, dtype, family, is_usual }) {
                    all.push(compare(&operation, dtype, family, compute).await?);
                }
            }
        }
    }
    compute.check()?;
    Ok(all)
}

async fn compare(
    operation: &Operation,
    dtype: DType,
    family: Family,
    compute: &Compute,
) -> Result<Compared> {
    let on_device = with_family(family, || (operation.run)(&Made::on(&compute.device, dtype)));
    let plain = (operation.run)(&Made::on(&Device::flex(), dtype));
    let error = match on_device.dims() == plain.dims() {
        true => difference(&values(on_device).await?, &values(plain).await?),
        false => f64::INFINITY,
    };
    let limit = if dtype == DType::F16 { 4e-3 } else { 2e-5 };
    let (name, dtype) = (operation.name.clone(), dtype_name(dtype));
    Ok(Compared { name, dtype, family: family.to_string(), error, limit })
}

/// Returns `f32` or `f16`.
pub fn dtype_name(dtype: DType) -> String {
    format!("{dtype:?}").to_lowercase()
}

async fn values(tensor: Tensor<4>) -> Result<Vec<f32>> {
    let failed = |reason: String| Error::Gpu { reason: Message::verbatim(reason) };
    let data = tensor.cast(DType::F32).into_data_async().await;
    let data = data.map_err(|e| failed(e.to_string()))?;
    data.try_into_vec::<f32>().map_err(|e| failed(format!("{e:?}")))
}

/// max |ours − theirs| / max |theirs|; infinite if they are not of one length, or not all numbers.
pub(super) fn difference(ours: &[f32], theirs: &[f32]) -> f64 {
    let all = || ours.iter().chain(theirs);
    if ours.len() != theirs.len() || all().any(|value| !value.is_finite()) {
        return f64::INFINITY;
    }
    let scale = theirs.iter().fold(0f32, |most, value| most.max(value.abs()));
    let differences = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    f64::from(differences.fold(0f32, f32::max) / scale)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn what_is_no_number_equals_nothing() {
        assert_eq!(difference(&[1.0, 3.0], &[1.0, 4.0]), 0.25);
        for (ours, theirs) in [([1.0, f32::NAN], [1.0, 1.0]), ([1.0, 1.0], [1.0, f32::NAN])] {
            assert!(difference(&ours, &theirs).is_infinite());
        }
        assert!(difference(&[1.0, 1.0], &[1.0, f32::INFINITY]).is_infinite());
        assert!(difference(&[1.0], &[1.0, 1.0]).is_infinite());
    }
}
