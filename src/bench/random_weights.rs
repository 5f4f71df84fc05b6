//! Random weights for benchmarks.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use half::f16;

use crate::kernels::{self, StorageFormat};

/// Gives every parameter of `module` random numbers of about the scale of trained weights, so that
/// activations stay in range through all layers, also in f16. On a GPU weights are stored in
/// `format`.
pub fn randomise<M: Module>(module: M, format: StorageFormat) -> M {
    module.map(&mut Random { format, state: 1 })
}

struct Random {
    format: StorageFormat,
    state: u64,
}

impl Random {
    /// Returns a uniform number in −1..1 (linear congruential generator).
    fn next(&mut self) -> f32 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

impl ModuleMapper for Random {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape: [usize; D] = param.lazy_shape().dims();
        let device = param.lazy_device();
        let count: usize = shape.iter().product();
        // Standard deviation 1/√(inputs of a neuron).
        let inputs: usize = shape.iter().skip(1).product();
        let (mean, deviation) = match D {
            1 => (0.5, 0.1),
            _ => (0.0, (3.0 / inputs as f32).sqrt()),
        };
        let format = self.format;
        let mut number = || mean + deviation * self.next();
        let is_gpu = device != Device::flex();
        if !is_gpu || D == 1 {
            let data = TensorData::new((0..count).map(|_| number()).collect::<Vec<f32>>(), shape);
            let to_device = |data| Tensor::from_data(data, (&device, DType::F32));
            let tensor = device.memory_persistent_allocations(data, to_device);
            return Param::initialized(param.id, tensor);
        }
        let words: Vec<i32> = match format {
            StorageFormat::F16 => (0..count.div_ceil(2))
                .map(|_| {
                    let pair = [number(), number()].map(|n| u32::from(f16::from_f32(n).to_bits()));
                    (pair[0] | pair[1] << 16).cast_signed()
                })
                .collect(),
            StorageFormat::F32 => (0..count).map(|_| number().to_bits().cast_signed()).collect(),
        };
        let count = words.len();
        let data = TensorData::new(words, [count]);
        let to_device = |data| Tensor::<1, Int>::from_data(data, (&device, DType::I32));
        let words = match kernels::needs_reordering(&shape) {
            true => to_device(data),
            false => device.memory_persistent_allocations(data, to_device),
        };
        let placed = device.memory_persistent_allocations(words, |words| {
            kernels::weight_from_words(words, &shape, format)
        });
        match placed {
            Some(flat) => Param::initialized(param.id, kernels::weight_with_shape(flat, shape)),
            None => param, // Not on a GPU: handled above.
        }
    }
}
