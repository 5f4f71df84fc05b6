//! Layer normalisation (Ba et al. 2016, arXiv:1607.06450).

use burn::tensor::Tensor;

use super::gpu::{self, Launch};
use super::plain::counted_like;
use super::reference;

/// Normalises `x` `[.., d]` over its last axis, then scales by `weight` `[d]` and shifts by `bias`
/// `[d]`. Statistics are computed in f32 whatever the dtype of `x`.
pub fn layer_norm<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    eps: f64,
) -> Tensor<D> {
    if let Some(out) = counted_like(&x, x.dtype()) {
        return out;
    }
    match on_gpu(&x, &weight, &bias, eps) {
        Some(out) => out,
        None => reference::layer_norm(x, weight, bias, eps),
    }
}

fn on_gpu<const D: usize>(
    x: &Tensor<D>,
    weight: &Tensor<1>,
    bias: &Tensor<1>,
    eps: f64,
) -> Option<Tensor<D>> {
    let shape = x.dims();
    let c = shape[D - 1];
    let rows = shape.iter().product::<usize>() / c;
    let x = gpu::to_contiguous_buffer(x.clone())?;
    let weight = gpu::to_contiguous_buffer(weight.clone())?;
    let bias = gpu::to_contiguous_buffer(bias.clone())?;
    let out = gpu::empty(&x, &shape, x.dtype);
    let Team { workgroup, team } = Team::new(c, gpu::is_direct(&x));
    let aligned = c.is_multiple_of(4);
    let [across, down, _] = gpu::grid((rows * team).div_ceil(workgroup));
    Launch::new("layer_norm", include_str!("layer_norm.wgsl"))
        .constant("WORKGROUP", workgroup as u32)
        .constant("TEAM", team as u32)
        .input("x", Some(&x), aligned)
        .input("weight", Some(&weight), aligned)
        .input("bias", Some(&bias), aligned)
        .output("out", &out, aligned)
        .info("rows", rows)
        .info("c", c)
        .info_f32("epsilon", eps as f32)
        .info("line", across)
        .run([across, down, 1]);
    Some(gpu::from_buffer(out))
}

/// Invocations per workgroup and per row.
struct Team {
    workgroup: usize,
    /// Invocations that share a row.
    team: usize,
}

impl Team {
    fn new(c: usize, is_direct: bool) -> Self {
        const WORKGROUP: usize = 256;
        if is_direct {
            return Team { workgroup: 16, team: 1 };
        }
        let wanted = c.div_ceil(16).next_power_of_two();
        Team { workgroup: WORKGROUP, team: wanted.clamp(8, WORKGROUP) }
    }
}
