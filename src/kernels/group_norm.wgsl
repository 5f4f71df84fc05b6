// Group norm, second of two passes: normalises, scales, shifts and (SILU) applies SiLU.
//
//   x [b, pixels, c1], x2 [b, pixels, c2] (optional), statistics [b, groups, chunks, 4] f32 (see group_norm_statistics.wgsl),
//   weight [C], bias [C] -> out [b, pixels, C], C = c1 + c2
//
// Operands: x, x2 (optional), statistics, weight, bias, out. All but statistics (always aligned) are "aligned" only where
// both c1 and c2 are multiples of 4.
// Info: chunks, pixels, c1, c2, groups, slab, span, epsilon (the bits of an f32)
//   slab    quads (of four channels) of a workgroup, at most WORKGROUP / 4
//   span    pixels of a workgroup
//   chunks  as in the first pass
// Constants: SILU; WORKGROUP; SERIAL: one invocation for a quad of a span, without workgroup memory (for software adapters).
// Groups to dispatch: (ceil(pixels / span), ceil((ceil(c1 / 4) + ceil(c2 / 4)) / slab), b);
// SERIAL: (ceil(ceil(pixels / span) * quads / WORKGROUP), 1, b), quads = ceil(c1 / 4) + ceil(c2 / 4)

// Four pixels of a quad at a time, so that their loads are in flight together.
struct Batch {
    a: vec4<f32>,
    b: vec4<f32>,
    c: vec4<f32>,
    d: vec4<f32>,
}

// The pixels pixel, pixel + step, ... ; those at or past `end` are replaced by another.
fn load_batch(pixel: u32, step: u32, end: u32, quad: u32) -> Batch {
    let last = end - 1u;
    return Batch(load_quad(min(pixel, last), quad), load_quad(min(pixel + step, last), quad),
        load_quad(min(pixel + 2u * step, last), quad), load_quad(min(pixel + 3u * step, last), quad));
}

fn finish(v: vec4<f32>, scale: vec4<f32>, shift: vec4<f32>) -> vec4<f32> {
    let y = v * scale + shift;
    if (SILU) { return y / (1.0 + exp(-y)); }
    return y;
}

// The contribution of the chunks first, first + step, ... to a group's sums of deviations from `shift` and of their squares.
fn chunk_sums(at: u32, first: u32, step: u32, shift: f32) -> vec2<f32> {
    var sums = vec2<f32>();
    for (var chunk = first; chunk < info.chunks; chunk += step) {
        let record = load_statistics((at + chunk) * 4u, 4u);
        let delta = record.y - shift;
        sums += vec2(record.x * delta, record.z + record.x * delta * delta);
    }
    return sums;
}

// Mean and 1 / standard deviation.
fn moments(sums: vec2<f32>, shift: f32) -> vec2<f32> {
    let count = f32(info.pixels) * f32((info.c1 + info.c2) / info.groups);
    let variance = max(sums.y - sums.x * sums.x / count, 0.0) / count;
    return vec2(shift + sums.x / count, inverseSqrt(variance + bitcast<f32>(info.epsilon)));
}

fn combined(group: u32) -> vec2<f32> {
    let record = load_statistics(group * info.chunks * 4u, 4u);
    return moments(vec2(0.0, record.z) + chunk_sums(group * info.chunks, 1u, 1u, record.y), record.y);
}

// Normalises one quad of channels over the pixels of a span.
fn serial(index: u32, batch: u32) {
    let quads = (info.c1 + 3u) / 4u + (info.c2 + 3u) / 4u;
    let quad = index % quads;
    let begin = index / quads * info.span;
    if (begin >= info.pixels) { return; }
    let channels = info.c1 + info.c2;
    let group_channels = channels / info.groups;
    let channel = channel_of(quad);
    let valid = select(info.c1, channels, quad >= (info.c1 + 3u) / 4u) - channel;
    let group = channel / group_channels;
    let group_end = min(channel + 3u, channels - 1u) / group_channels;
    var of_group = combined(batch * info.groups + group);
    var mean = vec4(of_group.x);
    var scale = vec4(of_group.y);
    if (group_end != group) {
        for (var i = 1u; i < 4u; i++) {
            of_group = combined(batch * info.groups + min((channel + i) / group_channels, group_end));
            mean[i] = of_group.x;
            scale[i] = of_group.y;
        }
    }
    scale *= load_weight(channel, valid);
    let shift = load_bias(channel, valid) - mean * scale;
    let end = batch * info.pixels + min(begin + info.span, info.pixels);
    for (var pixel = batch * info.pixels + begin; pixel < end; pixel++) {
        store_out(pixel * channels + channel, valid, finish(load_quad(pixel, quad), scale, shift));
    }
}

var<workgroup> team_sums: array<vec2<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    if (SERIAL) {
        serial(workgroup.x * WORKGROUP + thread, workgroup.z);
        return;
    }

    let channels = info.c1 + info.c2;
    let group_channels = channels / info.groups;
    let quads = (info.c1 + 3u) / 4u + (info.c2 + 3u) / 4u;
    let quad_begin = workgroup.y * info.slab;
    let lanes = min(info.slab, quads - quad_begin);
    let rows = WORKGROUP / lanes;
    let lane = thread % lanes;
    let row = thread / lanes;
    let quad = quad_begin + lane;
    let channel = channel_of(quad);
    let base = workgroup.z * info.pixels;
    let end = base + min((workgroup.x + 1u) * info.span, info.pixels);
    var pixel = base + workgroup.x * info.span + row;
    let valid = select(info.c1, channels, quad >= (info.c1 + 3u) / 4u) - channel;

    // Loads that do not depend on the statistics are issued before these are needed.
    var batch = load_batch(pixel, rows, end, quad);
    let weight = load_weight(channel, valid);
    let bias = load_bias(channel, valid);

    // The groups of the quad's first and last channel. Values past the last channel are not used.
    let group = channel / group_channels;
    let group_end = min(channel + 3u, channels - 1u) / group_channels;
    // One team of invocations for each group that the slab overlaps.
    let first = channel_of(quad_begin) / group_channels;
    let last = min(channel_of(quad_begin + lanes - 1u) + 3u, channels - 1u) / group_channels;
    let team = 1u << firstLeadingBit(WORKGROUP / (last - first + 1u));
    let member = thread % team;
    let at = (workgroup.z * info.groups + min(first + thread / team, last)) * info.chunks;
    let shift = load_statistics(at * 4u, 4u).y;
    team_sums[thread] = chunk_sums(at, member, team, shift);
    for (var half = team / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (member < half) { team_sums[thread] += team_sums[thread + half]; }
    }
    if (member == 0u) { team_sums[thread] = moments(team_sums[thread], shift); }
    workgroupBarrier();
    var of_group = team_sums[(group - first) * team];
    var mean = vec4(of_group.x);
    var scale = vec4(of_group.y);
    if (group_end != group) {
        for (var i = 1u; i < 4u; i++) {
            of_group = team_sums[(min((channel + i) / group_channels, group_end) - first) * team];
            mean[i] = of_group.x;
            scale[i] = of_group.y;
        }
    }
    if (row >= rows) { return; }

    scale *= weight;
    let offset = bias - mean * scale;
    let step = rows * channels;
    while (pixel < end) {
        let now = batch;
        let at = pixel * channels + channel;
        let more = vec3(pixel + rows < end, pixel + 2u * rows < end, pixel + 3u * rows < end);
        pixel += 4u * rows;
        if (pixel < end) { batch = load_batch(pixel, rows, end, quad); }
        store_out(at, valid, finish(now.a, scale, offset));
        if (more.x) { store_out(at + step, valid, finish(now.b, scale, offset)); }
        if (more.y) { store_out(at + 2u * step, valid, finish(now.c, scale, offset)); }
        if (more.z) { store_out(at + 3u * step, valid, finish(now.d, scale, offset)); }
    }
}
