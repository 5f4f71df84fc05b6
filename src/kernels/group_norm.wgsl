// Group norm, second of two passes: normalises, scales, shifts and (SILU) applies SiLU.
//
//   x [b, pixels, c1], x2 [b, pixels, c2] (optional), statistics [b, groups, chunks, 4] f32 (see group_norm_statistics.wgsl),
//   weight [C], bias [C] -> out [b, pixels, C], C = c1 + c2
//
// Operands: x, x2 (optional), statistics, weight, bias, out. All but statistics (always aligned) are "aligned" only where
// both c1 and c2 are multiples of 4.
// Info: pixels, c1, c2, groups, slab, span, chunks, epsilon (the bits of an f32)
//   slab    quads (of four channels) of a workgroup, at most min(32, WORKGROUP / 2)
//   span    pixels of a workgroup
//   chunks  as in the first pass
// Constants: SILU; WORKGROUP; SERIAL: every invocation combines the chunks' statistics itself, without workgroup memory.
// Groups to dispatch: (ceil(pixels / span), ceil((ceil(c1 / 4) + ceil(c2 / 4)) / slab), b)

fn load_quad(pixel: u32, quad: u32) -> vec4<f32> {
    let border = (info.c1 + 3u) / 4u;
    if (HAS_X2 && quad >= border) {
        let channel = (quad - border) * 4u;
        return load_x2(pixel * info.c2 + channel, info.c2 - channel);
    }
    return load_x(pixel * info.c1 + quad * 4u, info.c1 - quad * 4u);
}

// The first channel of a quad.
fn channel_of(quad: u32) -> u32 {
    let border = (info.c1 + 3u) / 4u;
    return select(quad * 4u, info.c1 + (quad - border) * 4u, quad >= border);
}

fn finish(v: vec4<f32>, scale: vec4<f32>, shift: vec4<f32>) -> vec4<f32> {
    let y = v * scale + shift;
    if (SILU) { return y / (1.0 + exp(-y)); }
    return y;
}

// What the chunks first, first + step, ... add to a group's sums of deviations, and of their squares, from `shift`.
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

var<workgroup> team_sums: array<vec2<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
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
    // The quad's group of every channel. Those past the last channel don't matter.
    let groups = min((channel + vec4(0u, 1u, 2u, 3u)) / group_channels, vec4(info.groups - 1u));

    var mean = vec4<f32>();
    var scale = vec4<f32>();
    if (SERIAL) {
        var of_group = vec2<f32>();
        for (var i = 0u; i < 4u; i++) {
            if (i == 0u || groups[i] != groups[max(i, 1u) - 1u]) {
                let at = (workgroup.z * info.groups + groups[i]) * info.chunks;
                let shift = load_statistics(at * 4u, 4u).y;
                of_group = moments(chunk_sums(at, 0u, 1u, shift), shift);
            }
            mean[i] = of_group.x;
            scale[i] = of_group.y;
        }
    } else {
        // A team of invocations for every group that the slab touches.
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
        for (var i = 0u; i < 4u; i++) {
            let of_group = team_sums[(groups[i] - first) * team];
            mean[i] = of_group.x;
            scale[i] = of_group.y;
        }
    }
    if (row >= rows) { return; }

    let valid = select(info.c1, channels, quad >= (info.c1 + 3u) / 4u) - channel;
    scale *= load_weight(channel, valid);
    let shift = load_bias(channel, valid) - mean * scale;
    let base = workgroup.z * info.pixels;
    let end = base + min((workgroup.x + 1u) * info.span, info.pixels);
    var pixel = base + workgroup.x * info.span + row;
    // Four loads in flight.
    for (; pixel + 3u * rows < end; pixel += 4u * rows) {
        let a = load_quad(pixel, quad);
        let b = load_quad(pixel + rows, quad);
        let c = load_quad(pixel + 2u * rows, quad);
        let d = load_quad(pixel + 3u * rows, quad);
        let at = pixel * channels + channel;
        store_out(at, valid, finish(a, scale, shift));
        store_out(at + rows * channels, valid, finish(b, scale, shift));
        store_out(at + 2u * rows * channels, valid, finish(c, scale, shift));
        store_out(at + 3u * rows * channels, valid, finish(d, scale, shift));
    }
    for (; pixel < end; pixel += rows) {
        store_out(pixel * channels + channel, valid, finish(load_quad(pixel, quad), scale, shift));
    }
}
