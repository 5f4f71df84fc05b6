// Layer norm over the last axis.
//
//   x [rows, c], weight [c], bias [c] -> out [rows, c]
//
// Operands: x, weight, bias, out; "aligned" where c is a multiple of 4.
// Info: rows, c, epsilon (the bits of an f32), line
//   line  workgroups dispatched in x
// Constants: WORKGROUP; TEAM: invocations of a row, a power of two that divides WORKGROUP (1: no workgroup
// memory). An invocation keeps four quads (of four channels) in registers; those past 16 * TEAM channels are read twice.
// Groups to dispatch: with n = ceil(rows * TEAM / WORKGROUP): line = min(n, 65535); (line, ceil(n / line), 1)

// The sum and the sum of squares of a quad's differences from `shift`.
fn sums_of(v: vec4<f32>, quad: u32, shift: f32) -> vec2<f32> {
    let inside = quad * 4u + vec4(0u, 1u, 2u, 3u) < vec4(info.c);
    let delta = select(vec4<f32>(), v - shift, inside);
    return vec2(dot(delta, vec4(1.0)), dot(delta, delta));
}

fn load_quad(begin: u32, quad: u32) -> vec4<f32> {
    if (quad * 4u >= info.c) { return vec4<f32>(); }
    return load_x(begin + quad * 4u, info.c - quad * 4u);
}

fn store_quad(begin: u32, quad: u32, v: vec4<f32>, mean: f32, scale: f32) {
    let channel = quad * 4u;
    if (channel >= info.c) { return; }
    let valid = info.c - channel;
    store_out(begin + channel, valid, (v - mean) * scale * load_weight(channel, valid) + load_bias(channel, valid));
}

var<workgroup> sums: array<vec2<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = (workgroup.y * info.line + workgroup.x) * (WORKGROUP / TEAM) + thread / TEAM;
    // Invocations past the last row must reach the barriers too.
    let begin = min(row, info.rows - 1u) * info.c;
    let member = thread % TEAM;
    let quads = (info.c + 3u) / 4u;

    // Sums of differences from the row's first element do not cancel where the mean is far larger than the deviation.
    let shift = load_x(begin, info.c).x;
    let a = load_quad(begin, member);
    let b = load_quad(begin, member + TEAM);
    let c = load_quad(begin, member + 2u * TEAM);
    let d = load_quad(begin, member + 3u * TEAM);
    var sum = sums_of(a, member, shift) + sums_of(b, member + TEAM, shift)
        + sums_of(c, member + 2u * TEAM, shift) + sums_of(d, member + 3u * TEAM, shift);
    for (var quad = member + 4u * TEAM; quad < quads; quad += TEAM) {
        sum += sums_of(load_quad(begin, quad), quad, shift);
    }
    if (TEAM > 1u) {
        sums[thread] = sum;
        for (var half = TEAM / 2u; half > 0u; half /= 2u) {
            workgroupBarrier();
            if (member < half) { sums[thread] += sums[thread + half]; }
        }
        workgroupBarrier();
        sum = sums[thread - member];
    }

    if (row >= info.rows) { return; }
    let offset = sum.x / f32(info.c);
    let mean = shift + offset;
    let variance = max(sum.y - sum.x * offset, 0.0) / f32(info.c);
    let scale = inverseSqrt(variance + bitcast<f32>(info.epsilon));
    store_quad(begin, member, a, mean, scale);
    store_quad(begin, member + TEAM, b, mean, scale);
    store_quad(begin, member + 2u * TEAM, c, mean, scale);
    store_quad(begin, member + 3u * TEAM, d, mean, scale);
    for (var quad = member + 4u * TEAM; quad < quads; quad += TEAM) {
        store_quad(begin, quad, load_quad(begin, quad), mean, scale);
    }
}
