//! Every kernel on a device with WebGPU's default limits, at the sizes of an image of 1024 × 1024
//! pixels.
//!
//! 16,384 latents, 1,048,576 pixels, tensors of 128 MiB.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use burn::tensor::wgpu::{WgpuSetup, wgpu};
use burn::tensor::{DType, Device, Tensor, TensorData};
use hearth::device::Compute;
use hearth::kernels::{
    Activation, AttentionMask, ConcatInput, Epilogue, Geometry, Padding, StorageFormat, attention,
    conv2d, geglu, group_norm, group_norm_moments, group_norm_with_moments, layer_norm, linear,
    weight_from_words, weight_with_shape,
};
use support::{Limits, Tolerance, values};

/// One of each kind of operation, of those with the largest tensors: what `make test` compares in f16, where
/// all is half as large.
const LARGEST: [&str; 5] = [
    "conv2d, the VAE's last",
    "geglu",
    "attention, to the prompt",
    "group norm, the VAE's",
    "layer norm of many rows",
];

/// Side of the latents.
const LATENTS: usize = 128;
/// Side of the image, pixels.
const PIXELS: usize = 1024;

#[test]
fn kernels_with_default_limits_equal_the_cpu_in_f32() {
    if let Some(gpu) = open(wgpu::Features::empty()) {
        every_kernel(&gpu, DType::F32, Limits::new(5e-5, 0.999_999));
        weights_larger_than_a_line_of_workgroups(&gpu);
    }
}

#[test]
fn kernels_with_default_limits_equal_the_cpu_in_f16() {
    if let Some(gpu) = open(wgpu::Features::SHADER_F16) {
        every_kernel(&gpu, DType::F16, Limits::new(4e-3, 0.9999));
    }
}

/// Opens a GPU with the default limits; prints a reason and returns `None` if no adapter has
/// `features`.
fn open(features: wgpu::Features) -> Option<Compute> {
    let setup = pollster::block_on(async {
        let instance = wgpu::Instance::default();
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.ok()?;
        if !adapter.features().contains(features) {
            return None;
        }
        // Burn's own kernels assume these features if the adapter has them.
        let taken = wgpu::Features::TIMESTAMP_QUERY | wgpu::Features::SHADER_INT64;
        let descriptor = wgpu::DeviceDescriptor {
            required_features: features | (adapter.features() & taken),
            required_limits: wgpu::Limits::default(),
            ..Default::default()
        };
        let (device, queue) = adapter.request_device(&descriptor).await.ok()?;
        let limits = device.limits();
        assert_eq!(limits.max_storage_buffer_binding_size, 128 << 20);
        assert_eq!(limits.max_compute_workgroup_storage_size, 16 << 10);
        assert_eq!(limits.max_compute_invocations_per_workgroup, 256);
        let backend = adapter.get_info().backend;
        Some(WgpuSetup { instance, adapter, device, queue, backend })
    });
    if setup.is_none() {
        println!("skipped: no GPU with {features:?}");
    }
    let gpu = Compute::from_setup(setup?).unwrap();
    println!("GPU: {}", gpu.name);
    Some(gpu)
}

fn every_kernel(gpu: &Compute, dtype: DType, limits: Limits) {
    let mut cases = Cases { gpu, dtype, tolerance: Tolerance::new(limits) };
    let padded = Padding::symmetric(1);
    let same = Geometry { stride: 1, padding: padded, resized: None };
    let tokens = LATENTS * LATENTS;

    for (name, [b, c, c_out], side, geometry) in [
        ("the UNet's", [2, 96, 64], LATENTS, same),
        // 128 MiB in f32, read and written.
        ("the VAE's last", [1, 32, 4], PIXELS, same),
        ("the VAE's first", [1, 4, 32], PIXELS, same),
        ("enlarged", [1, 16, 8], PIXELS / 2, Geometry { resized: Some([PIXELS; 2]), ..same }),
        ("halved", [1, 8, 16], PIXELS, Geometry { stride: 2, ..same }),
    ] {
        cases.compare(&format!("conv2d, {name}"), |inputs| {
            let x: Tensor<4> = inputs.tensor([b, c, side, side]);
            let weight = inputs.tensor([c_out, c, 3, 3]);
            let bias = inputs.tensor([c_out]);
            conv2d(x.into(), weight, Some(bias), geometry, Epilogue::default())
        });
    }
    cases.compare("conv2d of two inputs, with a residual", |inputs| {
        let (x, skip) =
            (inputs.tensor([2, 32, LATENTS, LATENTS]), inputs.tensor([2, 64, LATENTS, LATENTS]));
        let epilogue = Epilogue {
            activation: Some(Activation::Silu),
            ..Epilogue::with_residual(inputs.tensor([2, 16, LATENTS, LATENTS]))
        };
        conv2d(ConcatInput::new(x, skip), inputs.tensor([16, 96, 3, 3]), None, same, epilogue)
    });

    cases.compare("linear", |inputs| {
        let epilogue = Epilogue::with_residual(inputs.tensor([2, tokens, 64]));
        linear(inputs.tensor([2, tokens, 320]), inputs.tensor([64, 320]), None, epilogue)
    });
    // 84 MB in f32.
    cases.compare("geglu", |inputs| {
        let (weight, bias) = (inputs.tensor([2560, 16]), inputs.tensor([2560]));
        geglu(inputs.tensor([1, tokens, 16]), weight, Some(bias))
    });

    cases.attention("to the prompt", [2, 2, 40], [tokens, 77]);
    cases.attention("to itself", [1, 1, 40], [tokens, tokens]);
    cases.attention("the VAE's", [1, 1, 512], [tokens, 128]);

    for (name, [b, c1, c2], side) in
        [("the UNet's", [2, 320, 320], LATENTS), ("the VAE's", [1, 32, 0], PIXELS)]
    {
        cases.compare(&format!("group norm, {name}"), |inputs| {
            let first = inputs.tensor([b, c1, side, side]);
            let second = (c2 > 0).then(|| inputs.tensor([b, c2, side, side]));
            let (weight, bias) = (inputs.tensor([c1 + c2]), inputs.tensor([c1 + c2]));
            group_norm(ConcatInput { first, second }, weight, bias, 32, 1e-5, true)
        });
    }
    cases.compare("group norm of a strip", |inputs| {
        let [above, below] = [0, 1].map(|_| inputs.tensor([1, 32, PIXELS / 4, PIXELS]));
        let moments = group_norm_moments(&[above, below.clone()], 32);
        group_norm_with_moments(
            below,
            &moments,
            inputs.tensor([32]),
            inputs.tensor([32]),
            1e-6,
            true,
        )
    });
    cases.compare("layer norm", |inputs| {
        layer_norm(
            inputs.tensor([2, tokens, 320]),
            inputs.tensor([320]),
            inputs.tensor([320]),
            1e-5,
        )
    });
    cases.compare("layer norm of many rows", |inputs| {
        layer_norm(inputs.tensor([PIXELS, PIXELS, 4]), inputs.tensor([4]), inputs.tensor([4]), 1e-5)
    });
    cases.tolerance.finish(&format!("default limits, {dtype:?}"));
}

/// Reorders the weights of SD 1.5's largest convolution: 118 MB in f32, more than 65,535
/// workgroups.
fn weights_larger_than_a_line_of_workgroups(gpu: &Compute) {
    let shape = [1280, 2560, 3, 3];
    let on_cpu: Tensor<4> = Inputs { device: &Device::flex(), dtype: DType::F32 }.tensor(shape);
    let numbers = values(on_cpu);
    let words: Vec<i32> = numbers.iter().map(|number| number.to_bits() as i32).collect();
    let data = TensorData::new(words, [numbers.len()]);
    let words = Tensor::from_data(data, (&gpu.device, DType::I32));
    let flat = weight_from_words(words, &shape, StorageFormat::F32).unwrap();
    assert!(values(weight_with_shape(flat, shape)) == numbers);
    gpu.check().unwrap();
}

struct Cases<'a> {
    gpu: &'a Compute,
    dtype: DType,
    tolerance: Tolerance,
}

impl Cases<'_> {
    /// Runs `operation` on the GPU and on the CPU with the same inputs, and compares the results.
    fn compare<const D: usize>(&mut self, name: &str, operation: impl Fn(&Inputs) -> Tensor<D>) {
        let dtype = self.dtype;
        if dtype == DType::F16 && !support::is_long() && !LARGEST.contains(&name) {
            return;
        }
        let ours = operation(&Inputs { device: &self.gpu.device, dtype });
        let ours = values(ours.cast(DType::F32));
        pollster::block_on(self.gpu.sync()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let plain = values(operation(&Inputs { device: &Device::flex(), dtype }));
        let (error, _) = self.tolerance.check(name, &ours, &plain);
        println!("{name}: {error:.1e}");
        self.gpu.device.memory_cleanup();
    }

    /// Compares the first and last rows of attention, since the CPU stores all scores.
    fn attention(&mut self, name: &str, [b, heads, d]: [usize; 3], [n, m]: [usize; 2]) {
        const ROWS: usize = 40;
        self.compare(&format!("attention, {name}"), |inputs| {
            let q: Tensor<3> = inputs.tensor([b, n, heads * d]);
            let k = inputs.tensor([b, m, heads * d]);
            let v = inputs.tensor([b, m, heads * d]);
            let ends = |x: &Tensor<3>| {
                let rows = |at| x.clone().narrow(1, at, ROWS);
                Tensor::cat(vec![rows(0), rows(n - ROWS)], 1)
            };
            match *inputs.device == Device::flex() {
                true => attention(ends(&q), k, v, heads, AttentionMask::None),
                false => ends(&attention(q, k, v, heads, AttentionMask::None)),
            }
        });
    }
}

/// Random inputs, the same on both devices: for f16 they are rounded on the CPU too.
struct Inputs<'a> {
    device: &'a Device,
    dtype: DType,
}

impl Inputs<'_> {
    /// Returns numbers in −1..1.
    fn tensor<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        let mut state =
            shape.iter().fold(7, |state: u32, side| state.wrapping_mul(31) + *side as u32);
        let count = shape.iter().product::<usize>();
        let numbers: Vec<f32> = (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let number = (state >> 8) as f32 / (1 << 23) as f32 - 1.0;
                match self.dtype {
                    DType::F16 => half::f16::from_f32(number).to_f32(),
                    _ => number,
                }
            })
            .collect();
        let tensor = Tensor::from_data(TensorData::new(numbers, shape), (self.device, DType::F32));
        match *self.device == Device::flex() {
            true => tensor,
            false => tensor.cast(self.dtype),
        }
    }
}
