//! Operations of the kernel check.
//!
//! Their shapes do not fit the tiles, and some values are extreme.

use std::cell::Cell;

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use half::f16;

use crate::kernels::{
    self, Activation, AttentionMask, ConcatInput, Epilogue, Geometry, Padding, Shift,
    StorageFormat, attention, conv2d, geglu, group_norm, group_norm_moments,
    group_norm_with_moments, layer_norm, linear,
};

/// An operation of the check.
pub struct Operation {
    /// The operation and its shape.
    pub name: String,
    /// One of the few that are run where compiling a kernel takes seconds.
    pub is_representative: bool,
    /// Computes it on the device of the inputs.
    pub run: Box<dyn Fn(&RandomInputs) -> Tensor<4>>,
}

/// Random inputs, the same on every device: for f16 they are rounded on the CPU too.
pub struct RandomInputs {
    device: Device,
    dtype: DType,
    state: Cell<u32>,
}

impl RandomInputs {
    /// Returns inputs for one operation on `device`, whose activations are `dtype`.
    pub fn new(device: &Device, dtype: DType) -> Self {
        RandomInputs { device: device.clone(), dtype, state: Cell::new(7) }
    }

    /// Returns numbers in −1..1.
    fn tensor<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        self.around(0.0, shape)
    }

    /// Returns numbers in `centre` ± 1.
    fn around<const D: usize>(&self, centre: f32, shape: [usize; D]) -> Tensor<D> {
        let data = TensorData::new(self.numbers(centre, shape.iter().product()), shape);
        let tensor = Tensor::<D>::from_data(data, (&self.device, DType::F32));
        if self.is_gpu() { tensor.cast(self.dtype) } else { tensor }
    }

    fn numbers(&self, centre: f32, count: usize) -> Vec<f32> {
        let number = |_| {
            let next = self.state.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            self.state.set(next);
            let number = (next >> 8) as f32 / (1 << 23) as f32 - 1.0 + centre;
            match self.dtype {
                DType::F16 => f16::from_f32(number).to_f32(),
                _ => number,
            }
        };
        (0..count).map(number).collect()
    }

    /// Returns weights stored in f16, whatever the dtype of the activations.
    fn stored_in_f16(&self, shape: [usize; 4]) -> Tensor<4> {
        let halves: Vec<f16> =
            self.numbers(0.0, shape.iter().product()).into_iter().map(f16::from_f32).collect();
        if !self.is_gpu() {
            let values = halves.into_iter().map(f16::to_f32).collect::<Vec<_>>();
            return Tensor::from_data(TensorData::new(values, shape), (&self.device, DType::F32));
        }
        let pair = |pair: &[f16]| {
            let high = pair.get(1).map_or(0, |half| half.to_bits());
            (u32::from(pair[0].to_bits()) | u32::from(high) << 16).cast_signed()
        };
        let words: Vec<i32> = halves.chunks(2).map(pair).collect();
        let count = words.len();
        let data = TensorData::new(words, [count]);
        let words = Tensor::<1, Int>::from_data(data, (&self.device, DType::I32));
        match kernels::weight_from_words(words, &shape, StorageFormat::F16) {
            Some(flat) => kernels::weight_with_shape(flat, shape),
            None => self.tensor(shape), // Not on a GPU: handled above.
        }
    }

    fn is_gpu(&self) -> bool {
        self.device != Device::flex()
    }
}

/// Returns all operations of the check.
pub fn operations() -> Vec<Operation> {
    let mut all = convolutions();
    all.extend(epilogues());
    all.extend(attentions());
    all.extend(norms());
    all
}

fn operation(name: String, run: impl Fn(&RandomInputs) -> Tensor<4> + 'static) -> Operation {
    Operation { name, is_representative: false, run: Box::new(run) }
}

/// Marks `operation` as representative if `condition`.
fn representative_if(condition: bool, operation: Operation) -> Operation {
    Operation { is_representative: condition, ..operation }
}

const SAME: Geometry = Geometry { stride: 1, padding: Padding::symmetric(1), resized: None };
const POINT: Geometry = Geometry { padding: Padding::symmetric(0), ..SAME };

fn convolutions() -> Vec<Operation> {
    // [b, c₁, c₂, c_out, h, w, kernel]
    const SHAPES: [[usize; 7]; 10] = [
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
    let geometries = [
        ("same", SAME),
        ("stride 2", Geometry { stride: 2, ..SAME }),
        (
            "below and right",
            Geometry { stride: 2, padding: Padding { before: 0, after: 1 }, ..SAME },
        ),
        ("enlarged", Geometry { resized: Some([13, 11]), ..SAME }),
    ];
    let mut all = Vec::new();
    for [b, c1, c2, c_out, h, w, kernel] in SHAPES {
        for (how, geometry) in geometries {
            if h < 2 && geometry.stride == 2 {
                continue; // The output would be empty.
            }
            let geometry = match kernel {
                1 => Geometry { padding: POINT.padding, ..geometry },
                _ => geometry,
            };
            let name = format!("conv2d {how} {b}×{c1}+{c2}→{c_out} {h}×{w} k{kernel}");
            // Channels read singly and as vec4s; one input and two.
            let is_representative = matches!((c1, how), (9, "same") | (8, "enlarged"));
            let run = operation(name, move |inputs| {
                let first = inputs.tensor([b, c1, h, w]);
                let second = (c2 > 0).then(|| inputs.tensor([b, c2, h, w]));
                let weight = inputs.tensor([c_out, c1 + c2, kernel, kernel]);
                let bias = Some(inputs.tensor([c_out]));
                let x = ConcatInput { first, second };
                conv2d(x, weight, bias, geometry, Epilogue::default())
            });
            all.push(representative_if(is_representative, run));
        }
    }
    for shape in [[8, 12, 3, 3], [5, 7, 3, 3], [6, 9, 1, 1]] {
        let geometry = if shape[2] == 1 { POINT } else { SAME };
        all.push(operation(format!("conv2d, weights stored in f16 {shape:?}"), move |inputs| {
            let x: Tensor<4> = inputs.tensor([2, shape[1], 6, 5]);
            conv2d(x.into(), inputs.stored_in_f16(shape), None, geometry, Epilogue::default())
        }));
    }
    all
}

fn epilogues() -> Vec<Operation> {
    let activations =
        [None, Some(Activation::Silu), Some(Activation::QuickGelu), Some(Activation::Gelu)];
    let mut all = Vec::new();
    for (c, c_out) in [(8, 12), (5, 7)] {
        for activation in activations {
            let name = format!("conv2d {c}→{c_out}, {activation:?}, shift and residual");
            all.push(operation(name, move |inputs| {
                let x: Tensor<4> = inputs.tensor([3, c, 4, 5]);
                let table = inputs.tensor([7, c_out]);
                let epilogue = Epilogue {
                    shift: Some(Shift { table, row: 2, shared: false }),
                    activation,
                    residual: Some(inputs.tensor([3, c_out, 4, 5])),
                };
                conv2d(x.into(), inputs.tensor([c_out, c, 3, 3]), None, SAME, epilogue)
            }));
        }
        let is_vec4 = c == 8;
        let run = operation(format!("linear {c}→{c_out}"), move |inputs| {
            let epilogue = Epilogue::with_residual(inputs.tensor([2, 9, c_out]));
            let (weight, bias) = (inputs.tensor([c_out, c]), inputs.tensor([c_out]));
            linear(inputs.tensor([2, 9, c]), weight, Some(bias), epilogue).unsqueeze()
        });
        all.push(representative_if(is_vec4, run));
        let run = operation(format!("geglu {c}→{c_out}"), move |inputs| {
            let (weight, bias) = (inputs.tensor([2 * c_out, c]), inputs.tensor([2 * c_out]));
            geglu(inputs.tensor([3, 5, c]), weight, Some(bias)).unsqueeze()
        });
        all.push(representative_if(is_vec4, run));
    }
    all
}

fn attentions() -> Vec<Operation> {
    // [b, heads, d, n, m]
    const SHAPES: [[usize; 5]; 12] = [
        [1, 1, 4, 1, 1],
        [2, 8, 40, 70, 77],
        [3, 2, 8, 5, 130],
        [1, 5, 64, 33, 33],
        [2, 5, 64, 130, 140],
        [2, 3, 80, 16, 77],
        [1, 2, 80, 70, 150],
        [1, 2, 160, 65, 9],
        [1, 1, 512, 20, 20],
        [2, 2, 6, 9, 9],
        // Head sizes without a preset.
        [2, 3, 44, 40, 50],
        [1, 2, 96, 33, 70],
    ];
    let mut all = Vec::new();
    for [b, heads, d, n, m] in SHAPES {
        for mask in [AttentionMask::None, AttentionMask::Causal] {
            if mask == AttentionMask::Causal && n != m {
                continue;
            }
            let name = format!("attention {b}×{heads}×{d} {n}/{m} {mask:?}");
            let is_representative =
                matches!((d, mask), (40, _) | (44, _) | (64, AttentionMask::Causal));
            let run = operation(name, move |inputs| {
                let q = inputs.tensor([b, n, heads * d]);
                let [k, v] = [(); 2].map(|()| inputs.tensor([b, m, heads * d]));
                attention(q, k, v, heads, mask).unsqueeze()
            });
            all.push(representative_if(is_representative, run));
        }
    }
    // Scores far beyond the range of f16 must not become infinite; each query then attends to one
    // key.
    all.push(operation("attention with scores of 10⁵".to_string(), |inputs| {
        let [k, v] = [(); 2].map(|()| inputs.tensor::<3>([1, 33, 80]));
        let q = k.clone().mul_scalar(256.0);
        attention(q, k.mul_scalar(256.0), v, 2, AttentionMask::None).unsqueeze()
    }));
    all
}

fn norms() -> Vec<Operation> {
    // [b, c₁, c₂, groups, h, w]
    const GROUPS: [[usize; 6]; 6] = [
        [1, 4, 0, 1, 1, 1],
        [3, 6, 0, 6, 5, 3],
        [2, 20, 12, 4, 9, 7],
        [1, 7, 5, 3, 4, 4],
        [2, 320, 320, 32, 8, 8],
        [1, 32, 0, 32, 33, 31],
    ];
    let mut all = Vec::new();
    for [b, c1, c2, groups, h, w] in GROUPS {
        for with_silu in [false, true] {
            let then = if with_silu { ", SiLU" } else { "" };
            let name = format!("group norm {b}×({c1}+{c2}) in {groups}, {h}×{w}{then}");
            let run = operation(name, move |inputs| {
                // The mean is far from zero, where sums of squares would cancel.
                let first = inputs.around(16.0, [b, c1, h, w]);
                let second = (c2 > 0).then(|| inputs.tensor([b, c2, h, w]));
                let (weight, bias) = (inputs.tensor([c1 + c2]), inputs.tensor([c1 + c2]));
                group_norm(ConcatInput { first, second }, weight, bias, groups, 1e-5, with_silu)
            });
            all.push(representative_if(with_silu && (c1 == 20 || c1 == 7), run));
        }
    }
    // The middle one of three strips whose means are far apart. [b, c, groups, w], h of each strip
    for ([b, c, groups, w], heights) in
        [([1, 8, 4, 5], [3, 6, 1]), ([2, 6, 3, 7], [4, 4, 4]), ([1, 64, 32, 9], [16, 8, 2])]
    {
        for with_silu in [false, true] {
            let then = if with_silu { ", SiLU" } else { "" };
            let name = format!("group norm of a strip {b}×{c} in {groups}, {heights:?}×{w}{then}");
            all.push(operation(name, move |inputs| {
                let mut centre = 0.0;
                let strips = heights.map(|h| {
                    centre += 4.0;
                    inputs.around(centre, [b, c, h, w])
                });
                let moments = group_norm_moments(&strips, groups);
                let (weight, bias) = (inputs.tensor([c]), inputs.tensor([c]));
                let [_, strip, _] = strips;
                group_norm_with_moments(strip, &moments, weight, bias, 1e-5, with_silu)
            }));
        }
    }
    for [rows, c] in [[1, 4], [3, 7], [77, 768], [5, 1280], [2, 2048]] {
        let run = operation(format!("layer norm {rows}×{c}"), move |inputs| {
            let x = inputs.around(4.0, [1, rows, c]);
            layer_norm(x, inputs.tensor([c]), inputs.tensor([c]), 1e-5).unsqueeze()
        });
        all.push(representative_if(c == 7 || c == 768, run));
    }
    all
}
