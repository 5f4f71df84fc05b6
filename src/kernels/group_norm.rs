//! Group normalisation (Wu & He 2018, arXiv:1803.08494).

use burn::tensor::{DType, Tensor};

use super::concat_input::ConcatInput;
use super::gpu::{self, Launch};
use super::memory_count::{self, Workspace, bytes};
use super::moments::Moments;
use super::reference;

/// Normalises `x` `[b, c, h, w]` over `num_groups` groups of channels, then scales by `weight`
/// `[c]` and shifts by `bias` `[c]`; then applies SiLU, if `with_silu`. Statistics are computed in
/// f32 whatever the dtype of `x`.
pub fn group_norm(
    x: ConcatInput,
    weight: Tensor<1>,
    bias: Tensor<1>,
    num_groups: usize,
    eps: f64,
    with_silu: bool,
) -> Tensor<4> {
    if let Some(out) = counted(x.dims(), x.first.dtype()) {
        return out;
    }
    match on_gpu(&x, &weight, &bias, num_groups, eps, with_silu) {
        Some(out) => out,
        None => reference::group_norm(x, weight, bias, num_groups, eps, with_silu),
    }
}

/// Returns the mean and variance of the groups of an image `[b, c, Σh, w]`, given as `parts` `[b,
/// c, h, w]` from top to bottom, for [`group_norm_with_moments`].
pub fn group_norm_moments(parts: &[Tensor<4>], num_groups: usize) -> Moments {
    let records = |part: &Tensor<4>| {
        let record = [part.dims()[0], num_groups, 1, 4];
        if let Some(record) = memory_count::uncounted(record, DType::F32) {
            return record;
        }
        let on_gpu = Norm::on_gpu(&part.clone().into(), num_groups);
        on_gpu.map_or_else(
            || reference::group_norm_record(part.clone(), num_groups),
            |norm| gpu::from_buffer(norm.statistics()),
        )
    };
    Moments::from_records(Tensor::cat(parts.iter().map(records).collect(), 2))
}

/// Computes [`group_norm`] of a part `[b, c, h, w]` of an image, with the `moments` of the whole.
pub fn group_norm_with_moments(
    x: Tensor<4>,
    moments: &Moments,
    weight: Tensor<1>,
    bias: Tensor<1>,
    eps: f64,
    with_silu: bool,
) -> Tensor<4> {
    let [_, num_groups, _] = moments.mean.dims();
    let [_, c, h, w] = x.dims();
    if let Some(out) = counted(x.dims(), x.dtype()) {
        return out;
    }
    let on_gpu = || {
        let norm = Norm::on_gpu(&x.clone().into(), num_groups)?;
        let record = gpu::to_contiguous_buffer(moments.record(h * w * c / num_groups))?;
        norm.normalise(&record, &weight, &bias, eps, with_silu)
    };
    match on_gpu() {
        Some(out) => out,
        None => reference::group_norm_with_moments(x, moments, weight, bias, eps, with_silu),
    }
}

/// Returns the output while memory is counted. The reference stores deviations and their squares,
/// in f32.
fn counted(shape: [usize; 4], dtype: DType) -> Option<Tensor<4>> {
    memory_count::output(shape, dtype, || Workspace::cpu(2 * bytes(&shape, DType::F32)))
}

fn on_gpu(
    x: &ConcatInput,
    weight: &Tensor<1>,
    bias: &Tensor<1>,
    groups: usize,
    eps: f64,
    with_silu: bool,
) -> Option<Tensor<4>> {
    let norm = Norm::on_gpu(x, groups)?;
    norm.normalise(&norm.statistics(), weight, bias, eps, with_silu)
}

/// The operands of both passes over a feature map.
struct Norm {
    /// `[b, h, w, c₁]`
    x: gpu::Buffer,
    /// `[b, h, w, c₂]`
    x2: Option<gpu::Buffer>,
    /// `[b, h, w, c₁ + c₂]`
    shape: [usize; 4],
    size: Size,
    /// c₁ and c₂ are multiples of four.
    aligned: bool,
    /// Each invocation works alone, without barriers.
    is_direct: bool,
}

impl Norm {
    fn on_gpu(x: &ConcatInput, groups: usize) -> Option<Self> {
        let [batch, channels, h, w] = x.dims();
        let x2 = gpu::optional_buffer(x.second.clone(), gpu::to_channels_last_buffer)?;
        let x = gpu::to_channels_last_buffer(x.first.clone())?;
        let c1 = x.meta.shape()[3];
        let c2 = channels - c1;
        Some(Norm {
            is_direct: gpu::is_direct(&x),
            aligned: c1.is_multiple_of(4) && c2.is_multiple_of(4),
            size: Size { batch, pixels: h * w, c1, c2, groups },
            shape: [batch, h, w, channels],
            x,
            x2,
        })
    }

    fn pass(&self, name: &'static str, body: &'static str, chunks: usize) -> Launch {
        let launch = Launch::new(name, body)
            .constant("WORKGROUP", self.workgroup() as u32)
            .constant("SERIAL", self.is_direct)
            .info("chunks", chunks)
            .input("x", Some(&self.x), self.aligned)
            .input("x2", self.x2.as_ref(), self.aligned);
        self.size.add_to(launch)
    }

    fn workgroup(&self) -> usize {
        if self.is_direct { 16 } else { WORKGROUP }
    }

    /// Runs the first pass. Returns count, mean and squared deviations of each group in each chunk
    /// of the image, `[b, groups, chunks, 4]`.
    fn statistics(&self) -> gpu::Buffer {
        let Norm { x, size, is_direct, .. } = self;
        let chunks = Chunks::new(size, *is_direct);
        let statistics = gpu::empty(x, &[size.batch, size.groups, chunks.count, 4], DType::F32);
        let body = concat!(include_str!("quads.wgsl"), include_str!("group_norm_statistics.wgsl"));
        self.pass("group_norm_statistics", body, chunks.count)
            .output("statistics", &statistics, true)
            .info("slab_groups", chunks.slab_groups)
            .info("chunk", chunks.pixels)
            .run(match is_direct {
                true => {
                    let all = chunks.count * size.groups;
                    [all.div_ceil(self.workgroup()), 1, size.batch]
                }
                false => [chunks.count, size.groups.div_ceil(chunks.slab_groups), size.batch],
            });
        statistics
    }

    /// Runs the second pass, with `statistics` `[b, groups, chunks, 4]`.
    fn normalise(
        &self,
        statistics: &gpu::Buffer,
        weight: &Tensor<1>,
        bias: &Tensor<1>,
        eps: f64,
        with_silu: bool,
    ) -> Option<Tensor<4>> {
        let Norm { x, size, aligned, is_direct, .. } = self;
        let weight = gpu::to_contiguous_buffer(weight.clone())?;
        let bias = gpu::to_contiguous_buffer(bias.clone())?;
        let spans = Spans::new(size, *is_direct);
        let out = gpu::empty(x, &self.shape, x.dtype);
        let chunks = statistics.meta.shape()[2];
        let body = concat!(include_str!("quads.wgsl"), include_str!("group_norm.wgsl"));
        self.pass("group_norm", body, chunks)
            .constant("SILU", with_silu)
            .input("statistics", Some(statistics), true)
            .input("weight", Some(&weight), *aligned)
            .input("bias", Some(&bias), *aligned)
            .output("out", &out, *aligned)
            .info("slab", spans.slab)
            .info("span", spans.pixels)
            .info_f32("epsilon", eps as f32)
            .run(match is_direct {
                true => {
                    let all = spans.count * size.quads();
                    [all.div_ceil(self.workgroup()), 1, size.batch]
                }
                false => [spans.count, size.quads().div_ceil(spans.slab), size.batch],
            });
        Some(gpu::from_channels_last_buffer(out))
    }
}

/// Invocations of a workgroup.
const WORKGROUP: usize = 256;

/// Workgroups of a pass: two for each processor of an H100. A smaller GPU runs them in more rounds,
/// which costs it little.
const WORKGROUPS: usize = 264;

struct Size {
    batch: usize,
    pixels: usize,
    c1: usize,
    c2: usize,
    groups: usize,
}

impl Size {
    /// Adds the sizes to the info of `launch`.
    fn add_to(&self, launch: Launch) -> Launch {
        launch
            .info("pixels", self.pixels)
            .info("c1", self.c1)
            .info("c2", self.c2)
            .info("groups", self.groups)
    }

    /// Returns the number of quads: up to four channels of one of the inputs, loaded at once.
    fn quads(&self) -> usize {
        self.c1.div_ceil(4) + self.c2.div_ceil(4)
    }
}

/// The division of the first pass: groups and pixels of a workgroup.
struct Chunks {
    slab_groups: usize,
    pixels: usize,
    count: usize,
}

impl Chunks {
    fn new(size: &Size, is_direct: bool) -> Self {
        let Size { batch, pixels, c1, c2, groups } = *size;
        let width = (c1 + c2) / groups;
        let most = (128 / width).max(1);
        let slab_groups = largest_divisor(groups, most);
        let chunks = if is_direct {
            (pixels / 32).clamp(1, 8)
        } else {
            let rows = (WORKGROUP / (slab_groups * width).div_ceil(4).max(1)).max(1);
            let wanted = WORKGROUPS / (batch * groups / slab_groups);
            wanted.min(pixels.div_ceil(4 * rows)).clamp(1, 256)
        };
        let chunk = pixels.div_ceil(chunks);
        Chunks { slab_groups, pixels: chunk, count: pixels.div_ceil(chunk) }
    }
}

/// The division of the second pass: quads of channels and pixels of a workgroup.
struct Spans {
    slab: usize,
    pixels: usize,
    count: usize,
}

impl Spans {
    fn new(size: &Size, is_direct: bool) -> Self {
        const MOST: usize = 32;
        let (pixels, quads) = (size.pixels, size.quads());
        let whole = largest_divisor(quads, MOST);
        let slab = if whole * 2 <= MOST { quads.min(MOST) } else { whole };
        let span = if is_direct {
            (pixels * quads * size.batch).div_ceil(256).max(16)
        } else {
            let share = (2 * WORKGROUPS / (size.batch * quads.div_ceil(slab))).max(1);
            pixels.div_ceil(share).max(4 * (WORKGROUP / slab))
        }
        .min(pixels);
        Spans { slab, pixels: span, count: pixels.div_ceil(span) }
    }
}

/// Returns the largest divisor of `n` that is at most `most`.
fn largest_divisor(n: usize, most: usize) -> usize {
    (1..=most.min(n)).rev().find(|divisor| n.is_multiple_of(*divisor)).unwrap_or(1)
}
