// Flash attention for software GPUs, without workgroup memory: out = softmax(scale * q k^T) v for every head.
//
// q, out: [batch, n, heads * d]; k, v: [batch, m, heads * d]; head h is the columns h*d .. (h+1)*d.
//
// Operands: q, k, v, out.
// Info: n, m, heads, width (heads * d), scale (f32 bits, > 0).
// Groups: (ceil(n / 16), heads, batch); with across_heads (ceil(n / 4), ceil(heads / 4), batch).
//
// Consts: MOST  the largest head size that the registers hold
//         BK    keys of a step; the scores of a step are stored, 16 bytes a key
// Info, further: d, the head size, a multiple of 4; causal: query i sees the keys 0..=i only; across_heads: the lanes take
//   different heads rather than different queries, for n <= 4, where all lanes would compute the same. All are uniforms: one
//   pipeline serves all heads of a model, since compiling it takes a software GPU a second.
//
// A software GPU runs a group's four invocations as the lanes of a vector, and loads dominate the cost. The lanes take different
// queries, four each, so that they read k and v at one address. Sixteen columns of q stay in registers while all keys of a step
// are read, then eight columns of the output while all rows of v are read.

const LOG2E: f32 = 1.4426950408889634;
const MASKED: f32 = -1e30; // finite: MASKED - MASKED must not be NaN

// Columns column .. column + 4 of four queries, as vectors over the queries. Queries beyond the last repeat it; columns beyond
// the head are 0.
fn q_columns(start: u32, row: u32, column: u32) -> mat4x4<f32> {
    let at = start + min(column, info.d - 4u);
    let last = info.n - 1u;
    let rows = mat4x4<f32>(load_q(at + min(row, last) * info.width, 4u), load_q(at + min(row + 1u, last) * info.width, 4u),
        load_q(at + min(row + 2u, last) * info.width, 4u), load_q(at + min(row + 3u, last) * info.width, 4u));
    return transpose(rows) * select(0.0, 1.0, column < info.d);
}

// Adds four columns' contribution to the scores of a key, with the key's elements from `at` on.
fn add_scores(s: vec4<f32>, q: mat4x4<f32>, at: u32) -> vec4<f32> {
    let k = load_k(at, 4u);
    return s + k.x * q[0] + k.y * q[1] + k.z * q[2] + k.w * q[3];
}

@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    var row0 = group.x * 16u + lane * 4u;
    var head = group.y;
    if (info.across_heads != 0u) {
        row0 = group.x * 4u;
        head = min(group.y * 4u + lane, info.heads - 1u); // lanes beyond the last head compute it again
    }
    let q_start = group.z * info.n * info.width + head * info.d; // also of out
    let k_start = group.z * info.m * info.width + head * info.d; // also of v
    let d4 = info.d / 4u;
    let scale = bitcast<f32>(info.scale) * LOG2E;

    // All vectors are over the invocation's four queries, except those of the output: vec4 c of query r is o[c * 4 + r].
    var o: array<vec4<f32>, (MOST / 4u + 1u) / 2u * 8u>;
    var s: array<vec4<f32>, BK>;
    var top = vec4<f32>(MASKED);
    var total = vec4<f32>();
    var keys = info.m;
    if (info.causal != 0u) {
        keys = min(keys, group.x * 16u + 16u);
    }
    for (var key0 = 0u; key0 < keys; key0 += BK) {
        let count = min(BK, keys - key0);
        for (var c = 0u; c < info.d; c += 16u) {
            let q0 = q_columns(q_start, row0, c);
            let q1 = q_columns(q_start, row0, c + 4u);
            let q2 = q_columns(q_start, row0, c + 8u);
            let q3 = q_columns(q_start, row0, c + 12u);
            let at1 = min(c + 4u, info.d - 4u);
            let at2 = min(c + 8u, info.d - 4u);
            let at3 = min(c + 12u, info.d - 4u);
            for (var j = 0u; j < count; j++) {
                let at = k_start + (key0 + j) * info.width;
                var sum = s[j];
                if (c == 0u) {
                    sum = vec4<f32>();
                }
                sum = add_scores(sum, q0, at + c);
                sum = add_scores(sum, q1, at + at1);
                sum = add_scores(sum, q2, at + at2);
                s[j] = add_scores(sum, q3, at + at3);
            }
        }

        let last = top;
        for (var j = 0u; j < count; j++) {
            if (info.causal != 0u) {
                s[j] = select(vec4<f32>(MASKED), s[j], vec4<u32>(row0, row0 + 1u, row0 + 2u, row0 + 3u) >= vec4<u32>(key0 + j));
            }
            top = max(top, s[j]);
        }
        let factor = exp2((last - top) * scale);
        total *= factor;
        for (var j = 0u; j < count; j++) {
            s[j] = exp2((s[j] - top) * scale);
            total += s[j];
        }

        for (var c = 0u; c < d4; c += 2u) {
            let at = k_start + c * 4u;
            let at2 = k_start + min(c + 1u, d4 - 1u) * 4u;
            let i = c * 4u;
            var a0 = o[i] * factor.x;
            var a1 = o[i + 1u] * factor.y;
            var a2 = o[i + 2u] * factor.z;
            var a3 = o[i + 3u] * factor.w;
            var b0 = o[i + 4u] * factor.x;
            var b1 = o[i + 5u] * factor.y;
            var b2 = o[i + 6u] * factor.z;
            var b3 = o[i + 7u] * factor.w;
            for (var j = 0u; j < count; j++) {
                let p = s[j];
                let a = load_v(at + (key0 + j) * info.width, 4u);
                let b = load_v(at2 + (key0 + j) * info.width, 4u);
                a0 += p.x * a;
                a1 += p.y * a;
                a2 += p.z * a;
                a3 += p.w * a;
                b0 += p.x * b;
                b1 += p.y * b;
                b2 += p.z * b;
                b3 += p.w * b;
            }
            o[i] = a0;
            o[i + 1u] = a1;
            o[i + 2u] = a2;
            o[i + 3u] = a3;
            o[i + 4u] = b0;
            o[i + 5u] = b1;
            o[i + 6u] = b2;
            o[i + 7u] = b3;
        }
    }

    let by = 1.0 / total;
    for (var c = 0u; c < d4; c++) {
        for (var r = 0u; r < 4u; r++) {
            if (row0 + r < info.n) {
                store_out(q_start + (row0 + r) * info.width + c * 4u, 4u, o[c * 4u + r] * by[r]);
            }
        }
    }
}
