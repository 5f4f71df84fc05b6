//! Changes of a weight before it is used.

use burn::tensor::{Int, Tensor};

use super::gpu::{self, Launch};
use super::storage_format::StorageFormat;

/// What is added to a weight `[rows, n]`.
#[derive(Debug, Clone)]
pub enum WeightChange {
    /// The product of `[rows, rank]` and `[rank, n]`.
    Product(Box<[Tensor<2>; 2]>),
    /// The elementwise product of two such products.
    Hadamard(Box<[[Tensor<2>; 2]; 2]>),
    /// These values, `[rows, n]`.
    Whole(Box<Tensor<2>>),
}

impl WeightChange {
    /// Returns the change as one matrix `[rows, n]`.
    pub fn into_matrix(self) -> Tensor<2> {
        match self {
            WeightChange::Product(factors) => {
                let [first, second] = *factors;
                first.matmul(second)
            }
            WeightChange::Hadamard(factors) => {
                let [[a, b], [c, d]] = *factors;
                a.matmul(b).mul(c.matmul(d))
            }
            WeightChange::Whole(values) => *values,
        }
    }
}

/// Adds `change`, in f32, to the weight `[rows, n]` that `words` holds in `format` in row-major order, and
/// rounds once. Returns `None` if they are not on a GPU.
pub fn add_to_weight(
    words: Tensor<1, Int>,
    [rows, n]: [usize; 2],
    format: StorageFormat,
    change: WeightChange,
) -> Option<Tensor<1, Int>> {
    const WORKGROUP: usize = 64;
    let words = gpu::words_to_buffer(words)?;
    let rank = |factor: &Tensor<2>| factor.dims()[1];
    let (kind, ranks) = match &change {
        WeightChange::Product(factors) => (0, [rank(&factors[0]), 0]),
        WeightChange::Hadamard(factors) => (1, factors.each_ref().map(|[first, _]| rank(first))),
        WeightChange::Whole(_) => (2, [0, 0]),
    };
    let factors = match change {
        WeightChange::Product(factors) => factors.into_iter().collect(),
        WeightChange::Hadamard(factors) => factors.into_iter().flatten().collect(),
        WeightChange::Whole(values) => vec![*values],
    };
    let factors = factors.into_iter().map(gpu::to_contiguous_buffer);
    let factors: Vec<gpu::Buffer> = factors.collect::<Option<_>>()?;
    let total = rows * n;
    let is_half = format == StorageFormat::F16;
    let all = if is_half { total.div_ceil(2) } else { total };
    let [across, down, _] = gpu::grid(all.div_ceil(WORKGROUP));
    let launch = Launch::new("add_to_weight", include_str!("add_to_weight.wgsl"))
        .constant("WORKGROUP", WORKGROUP as u32)
        .constant("HALF", is_half)
        .constant("KIND", kind)
        .words("words", &words, true)
        .input("first", factors.first(), false)
        .input("second", factors.get(1), false)
        .input("third", factors.get(2), false)
        .input("fourth", factors.get(3), false)
        .info("n", n)
        .info("rank", ranks[0])
        .info("rank_2", ranks[1])
        .info("total", total)
        .info("line", across)
        .flop(&[2, rows, n, ranks[0] + ranks[1]]);
    launch.run([across, down, 1]);
    Some(gpu::from_words(words))
}
