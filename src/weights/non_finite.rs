//! Search for weights that are no numbers.

use super::loader::{READ_STEP, converted, widen};
use super::precision::Precision;
use super::source::Source;
use super::tensors::{Located, Tensors};
use crate::error::{Error, Result, messages};
use crate::kernels::StorageFormat;
use burn::tensor::Device;
use safetensors::tensor::Dtype;

/// Checks that all weights are finite in the number format that they have on `device`, reading them
/// once more. It is for runs that gave no numbers: the loader itself does not look at the values,
/// which would cost each load the time.
///
/// `checked` is called with the number of bytes after each tensor, as by [`super::loader::load`].
///
/// # Errors
/// [`Error::CorruptWeights`] names the first tensor that has other values, and its file; the errors
/// of `source` and `checked`.
pub async fn check_finite(
    tensors: &Tensors,
    source: &impl Source,
    device: &Device,
    precision: Precision,
    checked: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<()> {
    let format = precision.weights(tensors, device);
    for (_, located) in tensors.in_file_order() {
        let format = format.of_shape(&located.module_shape());
        if !is_finite(source, located, format).await? {
            let reason = messages::tensor_not_finite(&located.key);
            return Err(Error::CorruptWeights { path: located.file.clone(), reason });
        }
        checked(located.range.end - located.range.start).await?;
    }
    Ok(())
}

async fn is_finite(source: &impl Source, located: &Located, format: StorageFormat) -> Result<bool> {
    let Located { file, range, dtype, .. } = located;
    let stored = match format {
        StorageFormat::F16 => Dtype::F16,
        StorageFormat::F32 => Dtype::F32,
    };
    let mut values = Vec::new();
    for start in range.clone().step_by(READ_STEP as usize) {
        let bytes = source.read(file, start..range.end.min(start + READ_STEP)).await?;
        // A finite bf16 or f32 may be infinite as f16.
        let bytes = converted(bytes, *dtype, format);
        values.clear();
        widen(stored, &bytes, &mut values);
        if values.iter().any(|value| !value.is_finite()) {
            return Ok(false);
        }
    }
    Ok(true)
}
