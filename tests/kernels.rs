//! Every kernel of ours against Burn's plain operations: the same function on a GPU and on the CPU, with
//! shapes that fit no tile, in f32 and in f16.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::OnceLock;

use burn::tensor::{DType, Device, Tensor, TensorData};
use hearth::device::Compute;
use hearth::kernels::{
    Activation, Epilogue, Features, Geometry, Mask, Padding, Shift, attention, conv2d, from_words,
    geglu, group_norm, layer_norm, linear, shaped,
};
use support::{Limits, Tolerance, values};

/// The same numbers wherever they are wanted: those of a device in f16 are rounded on both.
#[derive(Clone)]
struct Made {
    device: Device,
    dtype: DType,
    /// Where the numbers come from.
    state: std::cell::Cell<u32>,
}

impl Made {
    fn on(device: &Device, dtype: DType) -> Self {
        Made { device: device.clone(), dtype, state: std::cell::Cell::new(7) }
    }

    /// Numbers in −1..1, of a simple generator.
    fn tensor<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        self.around(0.0, shape)
    }

    /// Numbers up to 1 away from `centre`.
    fn around<const D: usize>(&self, centre: f32, shape: [usize; D]) -> Tensor<D> {
        let numbers = (0..shape.iter().product::<usize>()).map(|_| {
            let next = self.state.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            self.state.set(next);
            let number = (next >> 8) as f32 / (1 << 23) as f32 - 1.0 + centre;
            match self.dtype {
                DType::F16 => half::f16::from_f32(number).to_f32(),
                _ => number,
            }
        });
        let data = TensorData::new(numbers.collect::<Vec<f32>>(), shape);
        let tensor = Tensor::<D>::from_data(data, (&self.device, DType::F32));
        let is_gpu = self.device != Device::flex();
        if is_gpu { tensor.cast(self.dtype) } else { tensor }
    }
}

/// The one of this program; `None`, with a printed reason, where there is none.
fn the_gpu() -> Option<&'static Compute> {
    static GPU: OnceLock<Option<Compute>> = OnceLock::new();
    GPU.get_or_init(support::gpu).as_ref()
}

/// Runs `operation` on the GPU and on the CPU with the same numbers.
fn compare<const D: usize>(
    name: &str,
    tolerance: &mut Tolerance,
    dtype: DType,
    operation: impl Fn(&Made) -> Tensor<D>,
) {
    let Some(gpu) = the_gpu() else { return };
    let ours = operation(&Made::on(&gpu.device, dtype));
    let plain = operation(&Made::on(&Device::flex(), dtype));
    assert_eq!(ours.dims(), plain.dims(), "{name}");
    tolerance.check(&format!("{name} {dtype:?}"), &values(ours.cast(DType::F32)), &values(plain));
}

/// f32 sums in another order; f16 rounds what flows between.
fn limits(dtype: DType) -> Limits {
    match dtype {
        DType::F16 => Limits::new(4e-3, 0.9999),
        _ => Limits::new(2e-5, 0.999_999),
    }
}

/// In both number formats, as far as the GPU computes with them.
fn in_both(what: &str, cases: impl Fn(&mut Tolerance, DType)) {
    let Some(gpu) = the_gpu() else { return };
    for dtype in [DType::F32, DType::F16] {
        if !gpu.device.supports_dtype(dtype) {
            println!("{what}: {} does not compute in {dtype:?}: left out", gpu.name);
            continue;
        }
        let mut tolerance = Tolerance::new(limits(dtype));
        cases(&mut tolerance, dtype);
        tolerance.finish(&format!("{what}, {dtype:?}"));
    }
}

#[test]
fn convolutions() {
    // [b, c₁, c₂, c_out, h, w, kernel]
    let shapes = [
        [1, 4, 0, 4, 1, 1, 3],
        [1, 3, 0, 8, 5, 4, 3],
        [2, 9, 0, 12, 7, 3, 3],
        [3, 8, 4, 6, 6, 5, 3],
        [1, 5, 6, 7, 4, 4, 3],
        [2, 16, 0, 3, 9, 9, 3],
        [1, 64, 32, 64, 8, 8, 3],
        [2, 24, 0, 40, 12, 10, 1],
        [3, 7, 2, 5, 3, 3, 1],
        [1, 320, 0, 320, 16, 16, 3],
    ];
    let plain = Geometry { stride: 1, padding: Padding::symmetric(1), resized: None };
    let geometries = [
        ("same", plain),
        ("stride 2", Geometry { stride: 2, ..plain }),
        (
            "below and right",
            Geometry { stride: 2, padding: Padding { before: 0, after: 1 }, ..plain },
        ),
        ("enlarged", Geometry { resized: Some([13, 11]), ..plain }),
    ];
    in_both("conv2d", |tolerance, dtype| {
        for [b, c1, c2, c_out, h, w, kernel] in shapes {
            for (name, geometry) in geometries {
                let geometry = match kernel {
                    1 => Geometry { padding: Padding::symmetric(0), ..geometry },
                    _ => geometry,
                };
                if h < 2 && geometry.stride == 2 {
                    continue; // Nothing would be left.
                }
                let name = format!("{name} {b}×{c1}+{c2}→{c_out} {h}×{w} k{kernel}");
                compare(&name, tolerance, dtype, |made| {
                    let first = made.tensor([b, c1, h, w]);
                    let second = (c2 > 0).then(|| made.tensor([b, c2, h, w]));
                    let weight = made.tensor([c_out, c1 + c2, kernel, kernel]);
                    let bias = made.tensor([c_out]);
                    let out = Epilogue::default();
                    conv2d(Features { first, second }, weight, Some(bias), geometry, out)
                });
            }
        }
    });
}

#[test]
fn what_follows_a_product() {
    let same = Geometry { stride: 1, padding: Padding::symmetric(1), resized: None };
    in_both("epilogues", |tolerance, dtype| {
        for (c, c_out) in [(8, 12), (5, 7)] {
            for activation in
                [None, Some(Activation::Silu), Some(Activation::QuickGelu), Some(Activation::Gelu)]
            {
                let name = format!("conv2d {c}→{c_out}, {activation:?}, shift and residual");
                compare(&name, tolerance, dtype, |made| {
                    let x: Tensor<4> = made.tensor([3, c, 4, 5]);
                    let table = made.tensor([7, c_out]);
                    let epilogue = Epilogue {
                        shift: Some(Shift { table, row: 2, shared: false }),
                        activation,
                        residual: Some(made.tensor([3, c_out, 4, 5])),
                    };
                    conv2d(x.into(), made.tensor([c_out, c, 3, 3]), None, same, epilogue)
                });
            }
            compare(&format!("linear {c}→{c_out}"), tolerance, dtype, |made| {
                let epilogue = Epilogue::adding(made.tensor([2, 9, c_out]));
                let (weight, bias) = (made.tensor([c_out, c]), made.tensor([c_out]));
                linear(made.tensor([2, 9, c]), weight, Some(bias), epilogue)
            });
            compare(&format!("geglu {c}→{c_out}"), tolerance, dtype, |made| {
                let (weight, bias) = (made.tensor([2 * c_out, c]), made.tensor([2 * c_out]));
                geglu(made.tensor([3, 5, c]), weight, Some(bias))
            });
        }
    });
}

#[test]
fn attention_over_queries_and_keys() {
    // [b, heads, d, n, m]
    let shapes = [
        [1, 1, 4, 1, 1],
        [2, 8, 40, 70, 77],
        [3, 2, 8, 5, 130],
        [1, 5, 64, 33, 33],
        [2, 3, 80, 16, 77],
        [1, 2, 160, 65, 9],
        [1, 1, 512, 20, 20],
        [2, 2, 6, 9, 9],
    ];
    in_both("attention", |tolerance, dtype| {
        for [b, heads, d, n, m] in shapes {
            let masks = if n == m { vec![Mask::None, Mask::Causal] } else { vec![Mask::None] };
            for mask in masks {
                compare(&format!("{b}×{heads}×{d} {n}/{m} {mask:?}"), tolerance, dtype, |made| {
                    let q = made.tensor([b, n, heads * d]);
                    let k = made.tensor([b, m, heads * d]);
                    attention(q, k, made.tensor([b, m, heads * d]), heads, mask)
                });
            }
        }
    });
}

/// Scores far beyond what f16 can hold do not become infinite; each query then sees one key.
#[test]
fn attention_with_large_scores() {
    in_both("large scores", |tolerance, dtype| {
        compare("of 10⁵", tolerance, dtype, |made| {
            let (k, v) = (made.tensor::<3>([1, 33, 80]), made.tensor([1, 33, 80]));
            let q = k.clone().mul_scalar(256.0);
            attention(q, k.mul_scalar(256.0), v, 2, Mask::None)
        });
    });
}

#[test]
fn norms() {
    // [b, c₁, c₂, groups, h, w]
    let shapes = [
        [1, 4, 0, 1, 1, 1],
        [3, 6, 0, 6, 5, 3],
        [2, 20, 12, 4, 9, 7],
        [1, 7, 5, 3, 4, 4],
        [2, 320, 320, 32, 8, 8],
        [1, 32, 0, 32, 33, 31],
    ];
    in_both("group norm", |tolerance, dtype| {
        for [b, c1, c2, groups, h, w] in shapes {
            for with_silu in [false, true] {
                let name = format!("{b}×({c1}+{c2}) in {groups}, {h}×{w}, silu {with_silu}");
                compare(&name, tolerance, dtype, |made| {
                    // The mean is far from zero: sums of squares would cancel.
                    let first = made.around(16.0, [b, c1, h, w]);
                    let second = (c2 > 0).then(|| made.tensor([b, c2, h, w]));
                    let (weight, bias) = (made.tensor([c1 + c2]), made.tensor([c1 + c2]));
                    group_norm(Features { first, second }, weight, bias, groups, 1e-5, with_silu)
                });
            }
        }
    });
    in_both("layer norm", |tolerance, dtype| {
        for [rows, c] in [[1, 4], [3, 7], [77, 768], [5, 1280], [2, 2048]] {
            compare(&format!("{rows}×{c}"), tolerance, dtype, |made| {
                let x = made.around(4.0, [1, rows, c]);
                layer_norm(x, made.tensor([c]), made.tensor([c]), 1e-5)
            });
        }
    });
}

/// Weights in f16 on a device that shall not, or cannot, compute with it.
#[test]
fn weights_in_f16_between_numbers_in_f32() {
    let Some(gpu) = the_gpu() else { return };
    let same = Geometry { stride: 1, padding: Padding::symmetric(1), resized: None };
    let mut tolerance = Tolerance::new(limits(DType::F32));
    for shape in [[8, 12, 3, 3], [5, 7, 3, 3], [6, 9, 1, 1]] {
        let [_, c, kernel, _] = shape;
        let geometry = match kernel {
            1 => Geometry { padding: Padding::symmetric(0), ..same },
            _ => same,
        };
        let on_cpu = Made::on(&Device::flex(), DType::F16);
        let (x, weight) = (on_cpu.tensor::<4>([2, c, 6, 5]), on_cpu.tensor(shape));
        let x_on_gpu = Tensor::from_data(x.to_data(), (&gpu.device, DType::F32));
        let halves = values(weight.clone()).into_iter().map(half::f16::from_f32);
        let mut bytes: Vec<u8> = halves.flat_map(half::f16::to_le_bytes).collect();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let words: Vec<i32> =
            bytes.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b)).collect();
        let count = words.len();
        let data = TensorData::new(words, [count]);
        let words = Tensor::from_data(data, (&gpu.device, DType::I32));
        let weight_on_gpu = shaped(from_words(words, &shape, DType::F16).unwrap(), shape);
        let run =
            |x: Tensor<4>, weight| conv2d(x.into(), weight, None, geometry, Epilogue::default());
        let (ours, plain) = (run(x_on_gpu, weight_on_gpu), run(x, weight));
        tolerance.check(&format!("{shape:?}"), &values(ours), &values(plain));
    }
    tolerance.finish("f16 weights, f32 between");
}
