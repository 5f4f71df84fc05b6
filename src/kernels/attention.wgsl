// Flash attention: out = softmax(scale * q k^T) v for every head, without storing the scores.
//
// q, out: [batch, n, heads * D]; k, v: [batch, m, heads * D]; head h is the columns h*D .. (h+1)*D.
//
// Operands: q, k, v, out.
// Info: n, m, heads, width (heads * D), scale (f32 bits, > 0).
// Groups: (ceil(n / BQ), heads, batch).
//
// Consts: D        the head size, a multiple of 4
//         CAUSAL   query i sees the keys 0..=i only
//         BQ, BK   queries of a group; keys of a step (a multiple of 4)
//         DC       columns of k in workgroup memory at once; divides D
//         QC       columns of q in workgroup memory at once: D (loaded once) or DC (loaded again with every chunk of k)
//         VC       rows of v in workgroup memory at once, a multiple of 4; divides BK
//         SM, OM   rows of the score block (SM x 4) and of the output block (OM x 4*OD) of an invocation: 4 or 8; they divide BQ
//         OD       1 or 2
//         THREADS  >= BQ/SM * BK/4 and >= BQ/OM * ceil(D/4/OD)
// Unrolled: the loops up to Q_EACH, K_EACH and V_EACH, the vec4s of a part of q, k or v that an invocation copies, at most 8;
//         a loop that is not unrolled would keep the array out of registers.
// alias tile4: the workgroup memory's type, vec4<f32> or vec4<f16>; alias q4: the type q, k and v are stored in; and
// fn raw_q, raw_k, raw_v(e, valid) -> q4: no conversion, which would have to wait for the fetched value.
//
// Both products are register-tiled: an invocation forms an SM x 4 block of the scores from 4-wide slices of rows of q and k, and
// an OM x 4*OD block of the output from rows of p and v. Rows of a block are BQ/SM (BQ/OM) apart and rows in memory an odd number
// of vec4s, so that neighbouring invocations read different banks.

const D4: u32 = D / 4u;
const C4: u32 = DC / 4u;
const Q_STRIDE: u32 = (QC / 4u) | 1u;
const K_STRIDE: u32 = C4 | 1u;
const P_STRIDE: u32 = (BK / 4u) | 1u;
const SX: u32 = BK / 4u; // invocations across the scores
const SY: u32 = BQ / SM; // and down
const OX: u32 = (D4 + OD - 1u) / OD; // across the output
const OY: u32 = BQ / OM;
const LOG2E: f32 = 1.4426950408889634;
const MASKED: f32 = -1e30; // finite: MASKED - MASKED must not be NaN

alias Fetched = array<q4, 8>;

// The outer index of a read is a constant: a browser then has one bounds check for all rows of a block.
var<workgroup> q_tile: array<array<tile4, SY * Q_STRIDE>, SM>;
var<workgroup> kv_tile: array<tile4, max(BK * K_STRIDE, VC * D4)>;
var<workgroup> p_tile: array<array<tile4, OY * P_STRIDE>, OM>;
var<workgroup> partial: array<vec4<f32>, BQ / 4u * SX>; // statistics of a row block, one for each invocation across
var<workgroup> row_factor: array<f32, BQ>;

// Four rows are kept as the four columns of a matrix.
fn q_rows_a(at: u32) -> mat4x4<f32> {
    return mat4x4<f32>(vec4<f32>(q_tile[0][at]), vec4<f32>(q_tile[1][at]), vec4<f32>(q_tile[2][at]), vec4<f32>(q_tile[3][at]));
}

fn q_rows_b(at: u32) -> mat4x4<f32> { // only with SM 8
    return mat4x4<f32>(vec4<f32>(q_tile[SM - 4u][at]), vec4<f32>(q_tile[SM - 3u][at]), vec4<f32>(q_tile[SM - 2u][at]),
        vec4<f32>(q_tile[SM - 1u][at]));
}

fn p_rows_a(at: u32) -> mat4x4<f32> {
    return mat4x4<f32>(vec4<f32>(p_tile[0][at]), vec4<f32>(p_tile[1][at]), vec4<f32>(p_tile[2][at]), vec4<f32>(p_tile[3][at]));
}

fn p_rows_b(at: u32) -> mat4x4<f32> { // only with OM 8
    return mat4x4<f32>(vec4<f32>(p_tile[OM - 4u][at]), vec4<f32>(p_tile[OM - 3u][at]), vec4<f32>(p_tile[OM - 2u][at]),
        vec4<f32>(p_tile[OM - 1u][at]));
}

fn kv_rows(at: u32, stride: u32) -> mat4x4<f32> {
    return mat4x4<f32>(vec4<f32>(kv_tile[at]), vec4<f32>(kv_tile[at + stride]),
        vec4<f32>(kv_tile[at + 2u * stride]), vec4<f32>(kv_tile[at + 3u * stride]));
}

// acc + a b, where a and b hold rows. Written with fma because acc + b * a would spend a fifth of its instructions on additions.
fn row_product(acc: vec4<f32>, a: vec4<f32>, b: mat4x4<f32>) -> vec4<f32> {
    return fma(vec4<f32>(a.w), b[3], fma(vec4<f32>(a.z), b[2], fma(vec4<f32>(a.y), b[1], fma(vec4<f32>(a.x), b[0], acc))));
}

fn product(acc: mat4x4<f32>, a: mat4x4<f32>, b: mat4x4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(row_product(acc[0], a[0], b), row_product(acc[1], a[1], b),
        row_product(acc[2], a[2], b), row_product(acc[3], a[3], b));
}

fn scale_rows(a: mat4x4<f32>, by: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(a[0] * by.x, a[1] * by.y, a[2] * by.z, a[3] * by.w);
}

fn row_max(s: mat4x4<f32>) -> vec4<f32> {
    let t = transpose(s);
    return max(max(t[0], t[1]), max(t[2], t[3]));
}

fn row_sum(s: mat4x4<f32>) -> vec4<f32> {
    let t = transpose(s);
    return t[0] + t[1] + (t[2] + t[3]);
}

fn row_factors(at: u32) -> vec4<f32> {
    return vec4<f32>(row_factor[at], row_factor[at + OY], row_factor[at + 2u * OY], row_factor[at + 3u * OY]);
}

// The scores of the keys from `key` on, with those that query `row` does not attend to masked.
fn mask_row(s: vec4<f32>, row: u32, key: u32) -> vec4<f32> {
    var visible = info.m;
    if (CAUSAL) {
        visible = min(visible, row + 1u);
    }
    return select(vec4<f32>(MASKED), s, vec4<u32>(key, key + 1u, key + 2u, key + 3u) < vec4<u32>(visible));
}

fn mask(s: mat4x4<f32>, row: u32, key: u32) -> mat4x4<f32> {
    return mat4x4<f32>(mask_row(s[0], row, key), mask_row(s[1], row + SY, key),
        mask_row(s[2], row + 2u * SY, key), mask_row(s[3], row + 3u * SY, key));
}

fn exp_rows(s: mat4x4<f32>, top: vec4<f32>, scale: f32) -> mat4x4<f32> {
    return mat4x4<f32>(exp2((s[0] - top.x) * scale), exp2((s[1] - top.y) * scale),
        exp2((s[2] - top.z) * scale), exp2((s[3] - top.w) * scale));
}

fn put_p_row(row: u32, x: u32, p: vec4<f32>) {
    p_tile[row / OY][row % OY * P_STRIDE + x] = tile4(p);
}

fn put_p(row: u32, x: u32, p: mat4x4<f32>) {
    put_p_row(row, x, p[0]);
    put_p_row(row + SY, x, p[1]);
    put_p_row(row + 2u * SY, x, p[2]);
    put_p_row(row + 3u * SY, x, p[3]);
}

fn put_factors(at: u32, by: vec4<f32>) {
    row_factor[at] = by.x;
    row_factor[at + SY] = by.y;
    row_factor[at + 2u * SY] = by.z;
    row_factor[at + 3u * SY] = by.w;
}

// Vec4 i of columns first .. first + QC of the group's queries. Rows beyond the last repeat it: they are not stored.
fn q_element(i: u32, start: u32, row0: u32, first: u32) -> q4 {
    let row = min(row0 + i / (QC / 4u), info.n - 1u);
    return raw_q(start + row * info.width + first + i % (QC / 4u) * 4u, 4u);
}

fn put_q(i: u32, value: q4) {
    if (i < BQ * (QC / 4u)) {
        let row = i / (QC / 4u);
        q_tile[row / SY][row % SY * Q_STRIDE + i % (QC / 4u)] = tile4(value);
    }
}

// Vec4 i of columns first .. first + DC of the keys from key0 on. Keys beyond the last repeat it: their scores are masked.
fn k_element(i: u32, start: u32, key0: u32, first: u32) -> q4 {
    let key = min(key0 + i / C4, info.m - 1u);
    return raw_k(start + key * info.width + first + i % C4 * 4u, 4u);
}

// Key 4x + j is stored in row j*SX + x: invocation x of a score row then reads rows SX apart, its neighbours adjacent rows.
fn put_k(i: u32, value: q4) {
    let key = i / C4;
    if (i < BK * C4) {
        kv_tile[(key % 4u * SX + key / 4u) * K_STRIDE + i % C4] = tile4(value);
    }
}

fn v_element(i: u32, start: u32, key0: u32) -> q4 {
    let key = min(key0 + i / D4, info.m - 1u);
    return raw_v(start + key * info.width + i % D4 * 4u, 4u);
}

fn put_v(i: u32, value: q4) {
    if (i < VC * D4) {
        kv_tile[i] = tile4(value);
    }
}

fn fetch_q(thread: u32, start: u32, row0: u32, first: u32) -> Fetched {
    var f: Fetched;
    for (var i = 0u; i < Q_EACH; i++) {
        f[i] = q_element(thread + i * THREADS, start, row0, first);
    }
    return f;
}

fn put_fetched_q(thread: u32, f: Fetched) {
    for (var i = 0u; i < Q_EACH; i++) {
        put_q(thread + i * THREADS, f[i]);
    }
}

fn fetch_k(thread: u32, start: u32, key0: u32, first: u32) -> Fetched {
    var f: Fetched;
    for (var i = 0u; i < K_EACH; i++) {
        f[i] = k_element(thread + i * THREADS, start, key0, first);
    }
    return f;
}

fn put_fetched_k(thread: u32, f: Fetched) {
    for (var i = 0u; i < K_EACH; i++) {
        put_k(thread + i * THREADS, f[i]);
    }
}

fn fetch_v(thread: u32, start: u32, key0: u32) -> Fetched {
    var f: Fetched;
    for (var i = 0u; i < V_EACH; i++) {
        f[i] = v_element(thread + i * THREADS, start, key0);
    }
    return f;
}

fn put_fetched_v(thread: u32, f: Fetched) {
    for (var i = 0u; i < V_EACH; i++) {
        put_v(thread + i * THREADS, f[i]);
    }
}

fn put_out(start: u32, row: u32, column: u32, o: vec4<f32>) {
    if (row < info.n && column < D4) {
        store_out(start + row * info.width + column * 4u, 4u, o);
    }
}

fn put_block(start: u32, row: u32, column: u32, o: mat4x4<f32>) {
    put_out(start, row, column, o[0]);
    put_out(start, row + OY, column, o[1]);
    put_out(start, row + 2u * OY, column, o[2]);
    put_out(start, row + 3u * OY, column, o[3]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row0 = group.x * BQ;
    let q_start = group.z * info.n * info.width + group.y * D; // also of out
    let k_start = group.z * info.m * info.width + group.y * D; // also of v
    let scale = bitcast<f32>(info.scale) * LOG2E;

    let sx = thread % SX;
    let sy = thread / SX;
    let scores = thread < SX * SY;
    let ox = thread % OX;
    let oy = thread / OX;
    let outputs = thread < OX * OY;

    // The suffix _a stands for the block's first four rows, _b for the other four; o2 is the second column of blocks.
    var top_a = vec4<f32>(MASKED);
    var top_b = vec4<f32>(MASKED);
    var total_a = vec4<f32>();
    var total_b = vec4<f32>();
    var o_a = mat4x4<f32>();
    var o_b = mat4x4<f32>();
    var o2_a = mat4x4<f32>();
    var o2_b = mat4x4<f32>();

    // The next part of q, k or v is fetched into registers while the current one is computed.
    var next = fetch_k(thread, k_start, 0u, 0u);
    var next_q: Fetched;
    if (QC == D) {
        for (var i = thread; i < BQ * D4; i += THREADS) {
            put_q(i, q_element(i, q_start, row0, 0u));
        }
    } else {
        next_q = fetch_q(thread, q_start, row0, 0u);
    }
    var keys = info.m;
    if (CAUSAL) {
        keys = min(keys, row0 + BQ);
    }
    for (var key0 = 0u; key0 < keys; key0 += BK) {
        var s_a = mat4x4<f32>();
        var s_b = mat4x4<f32>();
        for (var first = 0u; first < D; first += DC) {
            put_fetched_k(thread, next);
            if (QC != D) {
                put_fetched_q(thread, next_q);
            }
            workgroupBarrier();
            if (first + DC < D) {
                next = fetch_k(thread, k_start, key0, first + DC);
            } else {
                next = fetch_v(thread, k_start, key0);
            }
            if (QC != D) {
                next_q = fetch_q(thread, q_start, row0, (first + DC) % D);
            }
            if (scores) {
                var q_at = sy * Q_STRIDE;
                if (QC == D) {
                    q_at += first / 4u;
                }
                for (var c = 0u; c < C4; c++) {
                    let k = transpose(kv_rows(sx * K_STRIDE + c, SX * K_STRIDE));
                    s_a = product(s_a, q_rows_a(q_at + c), k);
                    if (SM == 8u) {
                        s_b = product(s_b, q_rows_b(q_at + c), k);
                    }
                }
            }
            workgroupBarrier();
        }

        if (scores) {
            if (CAUSAL || key0 + BK > info.m) {
                s_a = mask(s_a, row0 + sy, key0 + sx * 4u);
                s_b = mask(s_b, row0 + sy + 4u * SY, key0 + sx * 4u);
            }
            partial[thread] = row_max(s_a);
            if (SM == 8u) {
                partial[thread + SX * SY] = row_max(s_b);
            }
        }
        workgroupBarrier();
        if (scores) {
            let last_a = top_a;
            let last_b = top_b;
            for (var x = 0u; x < SX; x++) {
                top_a = max(top_a, partial[sy * SX + x]);
                if (SM == 8u) {
                    top_b = max(top_b, partial[(sy + SY) * SX + x]);
                }
            }
            let factor_a = exp2((last_a - top_a) * scale);
            s_a = exp_rows(s_a, top_a, scale);
            total_a = total_a * factor_a + row_sum(s_a);
            put_p(sy, sx, s_a);
            if (sx == 0u) {
                put_factors(sy, factor_a);
            }
            if (SM == 8u) {
                let factor_b = exp2((last_b - top_b) * scale);
                s_b = exp_rows(s_b, top_b, scale);
                total_b = total_b * factor_b + row_sum(s_b);
                put_p(sy + 4u * SY, sx, s_b);
                if (sx == 0u) {
                    put_factors(sy + 4u * SY, factor_b);
                }
            }
        }

        for (var first = 0u; first < BK; first += VC) {
            put_fetched_v(thread, next);
            workgroupBarrier();
            if (first + VC < BK) {
                next = fetch_v(thread, k_start, key0 + first + VC);
            } else {
                next = fetch_k(thread, k_start, key0 + BK, 0u);
            }
            if (outputs) {
                if (first == 0u) {
                    let by_a = row_factors(oy);
                    o_a = scale_rows(o_a, by_a);
                    if (OD == 2u) {
                        o2_a = scale_rows(o2_a, by_a);
                    }
                    if (OM == 8u) {
                        let by_b = row_factors(oy + 4u * OY);
                        o_b = scale_rows(o_b, by_b);
                        if (OD == 2u) {
                            o2_b = scale_rows(o2_b, by_b);
                        }
                    }
                }
                for (var c = 0u; c < VC / 4u; c++) {
                    let p_at = oy * P_STRIDE + first / 4u + c;
                    let v = kv_rows(c * 4u * D4 + ox, D4);
                    let p_a = p_rows_a(p_at);
                    o_a = product(o_a, p_a, v);
                    if (OM == 8u) {
                        let p_b = p_rows_b(p_at);
                        o_b = product(o_b, p_b, v);
                        if (OD == 2u) {
                            let v2 = kv_rows(c * 4u * D4 + ox + OX, D4);
                            o2_a = product(o2_a, p_a, v2);
                            o2_b = product(o2_b, p_b, v2);
                        }
                    } else if (OD == 2u) {
                        o2_a = product(o2_a, p_a, kv_rows(c * 4u * D4 + ox + OX, D4));
                    }
                }
            }
            workgroupBarrier();
        }
    }

    if (scores) {
        partial[thread] = total_a;
        if (SM == 8u) {
            partial[thread + SX * SY] = total_b;
        }
    }
    workgroupBarrier();
    if (scores && sx == 0u) {
        var sum_a = vec4<f32>();
        var sum_b = vec4<f32>();
        for (var x = 0u; x < SX; x++) {
            sum_a += partial[sy * SX + x];
            if (SM == 8u) {
                sum_b += partial[(sy + SY) * SX + x];
            }
        }
        put_factors(sy, 1.0 / sum_a);
        if (SM == 8u) {
            put_factors(sy + 4u * SY, 1.0 / sum_b);
        }
    }
    workgroupBarrier();
    if (outputs) {
        let by_a = row_factors(oy);
        put_block(q_start, row0 + oy, ox, scale_rows(o_a, by_a));
        if (OD == 2u) {
            put_block(q_start, row0 + oy, ox + OX, scale_rows(o2_a, by_a));
        }
        if (OM == 8u) {
            let by_b = row_factors(oy + 4u * OY);
            put_block(q_start, row0 + oy + 4u * OY, ox, scale_rows(o_b, by_b));
            if (OD == 2u) {
                put_block(q_start, row0 + oy + 4u * OY, ox + OX, scale_rows(o2_b, by_b));
            }
        }
    }
}
