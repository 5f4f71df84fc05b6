//! Comparison of the kernels with Burn's operations on the CPU.
//!
//! Both kernel families can be compared on any GPU.

use burn::tensor::{DType, Device, Tensor};
use serde::Serialize;

use super::operations::{Operation, RandomInputs, operations};
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::{KernelFamily, kernel_family, with_kernel_family};

/// The result of one comparison.
#[derive(Debug, Serialize)]
pub struct KernelComparison {
    /// The operation and its shape.
    pub name: String,
    /// `f32`, or `f16` where the device computes in it.
    pub dtype: String,
    /// The kernel family: `tiled` or `direct`.
    pub family: String,
    /// max |ours − reference| / max |reference|
    pub error: f64,
    /// The largest allowed error: in f32 the order of sums differs, in f16 activations are rounded.
    pub limit: f64,
}

impl KernelComparison {
    /// Returns whether the error is within the limit; NaN and infinity are not.
    pub fn is_within_limit(&self) -> bool {
        self.error <= self.limit
    }
}

/// A comparison that can be made.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonCase<'a> {
    /// The operation and its shape.
    pub name: &'a str,
    /// Dtype of the activations.
    pub dtype: DType,
    /// The kernel family.
    pub family: KernelFamily,
    /// It is made by default. Of the device's other kernel family only some are, in f16 or if
    /// tiled: they can take the device's compiler minutes.
    pub by_default: bool,
}

/// Compares kernels on `compute` with Burn's operations on the CPU, with shapes that do not fit the
/// tiles. Makes the comparisons for which `wants`, called before each, returns true.
///
/// # Errors
/// If the device fails. Wrong numbers are not an error; they are in the result.
pub async fn check(
    compute: &Compute,
    wants: impl Fn(ComparisonCase<'_>) -> bool,
) -> Result<Vec<KernelComparison>> {
    let own = kernel_family(&compute.device);
    let mut all = Vec::new();
    for dtype in [DType::F32, DType::F16] {
        if !compute.device.supports_dtype(dtype) {
            continue;
        }
        for operation in operations() {
            for family in KernelFamily::ALL {
                let is_own = own == Some(family);
                let compiles_fast = family == KernelFamily::Direct && dtype == DType::F32;
                let by_default = is_own || compiles_fast || operation.is_representative;
                if wants(ComparisonCase { name: &operation.name, dtype, family, by_default }) {
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
    family: KernelFamily,
    compute: &Compute,
) -> Result<KernelComparison> {
    let on_device =
        with_kernel_family(family, || (operation.run)(&RandomInputs::new(&compute.device, dtype)));
    let reference = (operation.run)(&RandomInputs::new(&Device::flex(), dtype));
    let error = match on_device.dims() == reference.dims() {
        true => difference(&values(on_device).await?, &values(reference).await?),
        false => f64::INFINITY,
    };
    let limit = if dtype == DType::F16 { 4e-3 } else { 2e-5 };
    let (name, dtype) = (operation.name.clone(), dtype_name(dtype));
    Ok(KernelComparison { name, dtype, family: family.to_string(), error, limit })
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

/// Returns max |ours − theirs| / max |theirs|; infinity if the lengths differ or a value is not
/// finite.
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
    fn difference_with_non_finite_values_is_infinite() {
        assert_eq!(difference(&[1.0, 3.0], &[1.0, 4.0]), 0.25);
        for (ours, theirs) in [([1.0, f32::NAN], [1.0, 1.0]), ([1.0, 1.0], [1.0, f32::NAN])] {
            assert!(difference(&ours, &theirs).is_infinite());
        }
        assert!(difference(&[1.0, 1.0], &[1.0, f32::INFINITY]).is_infinite());
        assert!(difference(&[1.0], &[1.0, 1.0]).is_infinite());
    }
}
