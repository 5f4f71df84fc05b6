// Layer norm over the last axis.
//
//   x [rows, c], weight [c], bias [c] -> out [rows, c]
//
// Operands: x, weight, bias, out; "aligned" where c is a multiple of 4.
// Info: rows, c, epsilon (the bits of an f32), line
//   line  workgroups dispatched in x
// Constants: WORKGROUP; TEAM: invocations of a row, a power of two that divides WORKGROUP (1: no workgroup memory);
// HELD: quads (of four channels) that an invocation keeps in registers, at least 1; those of a longer row are read again.
// Groups to dispatch: with n = ceil(rows * TEAM / WORKGROUP): line = min(n, 65535); (line, ceil(n / line), 1)

// Count, mean and sum of squared deviations from it, of two sets together.
fn merge(a: vec3<f32>, b: vec3<f32>) -> vec3<f32> {
    let count = a.x + b.x;
    let part = b.x / max(count, 1.0);
    let delta = b.y - a.y;
    return vec3(count, a.y + delta * part, a.z + b.z + delta * delta * a.x * part);
}

var<workgroup> sets: array<vec3<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = (workgroup.y * info.line + workgroup.x) * (WORKGROUP / TEAM) + thread / TEAM;
    // Invocations past the last row keep the barriers company.
    let begin = min(row, info.rows - 1u) * info.c;
    let member = thread % TEAM;
    let quads = (info.c + 3u) / 4u;

    // Sums of differences from the invocation's first element don't cancel where the mean is far larger than the deviation.
    var held: array<vec4<f32>, HELD>;
    for (var i = 0u; i < HELD; i++) {
        let quad = member + i * TEAM;
        if (quad < quads) { held[i] = load_x(begin + quad * 4u, info.c - quad * 4u); }
    }
    let shift = held[0].x;
    var count = 0u;
    var sum = vec4<f32>();
    var squares = vec4<f32>();
    for (var i = 0u; i < HELD; i++) {
        let quad = member + i * TEAM;
        if (quad < quads) {
            let valid = info.c - quad * 4u;
            let delta = select(vec4<f32>(), held[i] - shift, vec4(valid) > vec4(0u, 1u, 2u, 3u));
            count += min(valid, 4u);
            sum += delta;
            squares += delta * delta;
        }
    }
    for (var quad = member + HELD * TEAM; quad < quads; quad += TEAM) {
        let valid = info.c - quad * 4u;
        let v = load_x(begin + quad * 4u, valid);
        let delta = select(vec4<f32>(), v - shift, vec4(valid) > vec4(0u, 1u, 2u, 3u));
        count += min(valid, 4u);
        sum += delta;
        squares += delta * delta;
    }
    let total = dot(sum, vec4(1.0));
    let mean = total / max(f32(count), 1.0);
    var all = vec3(f32(count), shift + mean, max(dot(squares, vec4(1.0)) - total * mean, 0.0));
    if (TEAM > 1u) {
        sets[thread] = all;
        for (var half = TEAM / 2u; half > 0u; half /= 2u) {
            workgroupBarrier();
            if (member < half) { sets[thread] = merge(sets[thread], sets[thread + half]); }
        }
        workgroupBarrier();
        all = sets[thread - member];
    }

    if (row >= info.rows) { return; }
    let scale = inverseSqrt(all.z / f32(info.c) + bitcast<f32>(info.epsilon));
    for (var i = 0u; i < HELD; i++) {
        let quad = member + i * TEAM;
        if (quad < quads) {
            let channel = quad * 4u;
            let valid = info.c - channel;
            let y = (held[i] - all.y) * scale;
            store_out(begin + channel, valid, y * load_weight(channel, valid) + load_bias(channel, valid));
        }
    }
    for (var quad = member + HELD * TEAM; quad < quads; quad += TEAM) {
        let channel = quad * 4u;
        let valid = info.c - channel;
        let y = (load_x(begin + channel, valid) - all.y) * scale;
        store_out(begin + channel, valid, y * load_weight(channel, valid) + load_bias(channel, valid));
    }
}
