//! Group normalisation (Wu & He 2018, arXiv:1803.08494).

use burn::tensor::{DType, Tensor};

use super::features::Features;
use super::gpu::{self, Launch};
use super::plain;

/// Normalises `x` `[b, c, h, w]` over `num_groups` groups of channels, then scales by `weight` `[c]`
/// and shifts by `bias` `[c]`; then SiLU, if `with_silu`. Statistics are taken in f32 whatever the dtype
/// of `x`.
pub fn group_norm(
    x: Features,
    weight: Tensor<1>,
    bias: Tensor<1>,
    num_groups: usize,
    eps: f64,
    with_silu: bool,
) -> Tensor<4> {
    match on_gpu(&x, &weight, &bias, num_groups, eps, with_silu) {
        Some(out) => out,
        None => plain::group_norm(x, weight, bias, num_groups, eps, with_silu),
    }
}

fn on_gpu(
    x: &Features,
    weight: &Tensor<1>,
    bias: &Tensor<1>,
    groups: usize,
    eps: f64,
    with_silu: bool,
) -> Option<Tensor<4>> {
    let [batch, channels, h, w] = x.dims();
    let x2 = x.second.clone().and_then(gpu::lower_channels_last);
    let x = gpu::lower_channels_last(x.first.clone())?;
    let weight = gpu::lower_contiguous(weight.clone())?;
    let bias = gpu::lower_contiguous(bias.clone())?;
    let c1 = x.meta.shape()[3];
    let c2 = channels - c1;
    let aligned = c1.is_multiple_of(4) && c2.is_multiple_of(4);
    // A program that behaves like a GPU pays dearly for barriers: there every invocation goes alone.
    let is_software = gpu::is_software(&x);
    let workgroup = if is_software { 16 } else { WORKGROUP };
    let size = Size { batch, pixels: h * w, c1, c2, groups };
    let chunks = Chunks::of(&size, is_software);
    let pass = |name, body| {
        let launch = Launch::new(name, body)
            .constant("WORKGROUP", workgroup as u32)
            .constant("SERIAL", is_software)
            .info("chunks", chunks.count)
            .input("x", Some(&x), aligned)
            .input("x2", x2.as_ref(), aligned);
        size.tell(launch)
    };

    // 1. Count, mean and squared deviations of each group in each chunk of the picture.
    let statistics = gpu::empty(&x, &[batch, groups, chunks.count, 4], DType::F32);
    pass("group_norm_statistics", include_str!("group_norm_statistics.wgsl"))
        .output("statistics", &statistics, true)
        .info("slab_groups", chunks.slab_groups)
        .info("chunk", chunks.pixels)
        .run(match is_software {
            true => [(chunks.count * groups).div_ceil(workgroup), 1, batch],
            false => [chunks.count, groups.div_ceil(chunks.slab_groups), batch],
        });

    // 2. What they say of each channel.
    let spans = Spans::of(&size, is_software);
    let out = gpu::empty(&x, &[batch, h, w, channels], x.dtype);
    pass("group_norm", include_str!("group_norm.wgsl"))
        .constant("SILU", with_silu)
        .input("statistics", Some(&statistics), true)
        .input("weight", Some(&weight), aligned)
        .input("bias", Some(&bias), aligned)
        .output("out", &out, aligned)
        .info("slab", spans.slab)
        .info("span", spans.pixels)
        .info_f32("epsilon", eps as f32)
        .run(match is_software {
            true => [(spans.count * size.quads()).div_ceil(workgroup), 1, batch],
            false => [spans.count, size.quads().div_ceil(spans.slab), batch],
        });
    Some(gpu::raise_channels_last(out))
}

/// Invocations of a workgroup.
const WORKGROUP: usize = 256;

/// Workgroups of a pass that keep a large GPU busy twice over.
const BUSY: usize = 264;

struct Size {
    batch: usize,
    pixels: usize,
    c1: usize,
    c2: usize,
    groups: usize,
}

impl Size {
    fn tell(&self, launch: Launch) -> Launch {
        launch
            .info("pixels", self.pixels)
            .info("c1", self.c1)
            .info("c2", self.c2)
            .info("groups", self.groups)
    }

    /// What is loaded at once: up to four channels of one of the inputs.
    fn quads(&self) -> usize {
        self.c1.div_ceil(4) + self.c2.div_ceil(4)
    }
}

/// How the first pass is shared out: groups and pixels of a workgroup.
struct Chunks {
    slab_groups: usize,
    pixels: usize,
    count: usize,
}

impl Chunks {
    fn of(size: &Size, is_software: bool) -> Self {
        let Size { batch, pixels, c1, c2, groups } = *size;
        let width = (c1 + c2) / groups;
        let most = (128 / width).max(1);
        let slab_groups = largest_divisor(groups, most);
        let chunks = if is_software {
            (pixels / 32).clamp(1, 8)
        } else {
            let rows = (WORKGROUP / (slab_groups * width).div_ceil(4).max(1)).max(1);
            let wanted = BUSY / (batch * groups / slab_groups);
            wanted.min(pixels.div_ceil(4 * rows)).clamp(1, 256)
        };
        let chunk = pixels.div_ceil(chunks);
        Chunks { slab_groups, pixels: chunk, count: pixels.div_ceil(chunk) }
    }
}

/// How the second pass is shared out: quads of channels and pixels of a workgroup.
struct Spans {
    slab: usize,
    pixels: usize,
    count: usize,
}

impl Spans {
    fn of(size: &Size, is_software: bool) -> Self {
        const MOST: usize = 32;
        let (pixels, quads) = (size.pixels, size.quads());
        let whole = largest_divisor(quads, MOST);
        let slab = if whole * 2 <= MOST { quads.min(MOST) } else { whole };
        let span = if is_software {
            (pixels * quads * size.batch).div_ceil(256).max(16)
        } else {
            let share = (2 * BUSY / (size.batch * quads.div_ceil(slab))).max(1);
            pixels.div_ceil(share).max(4 * (WORKGROUP / slab))
        }
        .min(pixels);
        Spans { slab, pixels: span, count: pixels.div_ceil(span) }
    }
}

fn largest_divisor(of: usize, most: usize) -> usize {
    (1..=most.min(of)).rev().find(|divisor| of.is_multiple_of(*divisor)).unwrap_or(1)
}
