// Flash attention: out = softmax(scale * q k^T) v for every head, scores never stored.
//
// q, out: [batch, n, heads * D]; k, v: [batch, m, heads * D]; head h is the columns h*D .. (h+1)*D. Every operand has its own
// offset and its own row and batch strides (in elements), so q, k and v may be column slices of one [batch, n, 3*heads*D].
//
// Operands: q, k, v, out.
// Info: n, m, heads, scale (f32 bits, > 0), then offset, row, batch of q, of k, of v, of out (16 members).
// Groups: (ceil(n / BQ), heads, batch).
//
// Consts: D        the head size, a multiple of 4
//         CAUSAL   query i sees the keys 0..=i only
//         BQ, BK   queries of a group; keys of a step (a multiple of 4)
//         DC       columns of k held at once; divides D
//         QC       columns of q held at once: D (loaded once) or DC (again with every chunk of k)
//         VC       rows of v held at once, a multiple of 4; divides BK
//         SM, OM   rows of the score block (SM x 4) and of the output block (OM x 4*OD) of an invocation: 4 or 8; they divide BQ
//         OD       1 or 2
//         THREADS  >= BQ/SM * BK/4 and >= BQ/OM * ceil(D/4/OD)
// alias tile4: the workgroup memory's type, vec4<f32> or vec4<f16>.
//
// Both products are register-tiled: an invocation forms an SM x 4 block of the scores from 4-wide slices of rows of q and k, and
// an OM x 4*OD block of the output from rows of p and v. Rows of a block are BQ/SM (BQ/OM) apart and rows in memory an odd number
// of vec4s, so that neighbours read different banks.

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

var<workgroup> q_tile: array<tile4, BQ * Q_STRIDE>;
var<workgroup> kv_tile: array<tile4, max(BK * K_STRIDE, VC * D4)>;
var<workgroup> p_tile: array<tile4, BQ * P_STRIDE>;
var<workgroup> partial: array<vec4<f32>, BQ / 4u * SX>; // a row block's statistics, one of each invocation across
var<workgroup> row_factor: array<f32, BQ>;

// Four rows are kept as the four columns of a matrix.
fn q_rows(at: u32) -> mat4x4<f32> {
    return mat4x4<f32>(vec4<f32>(q_tile[at]), vec4<f32>(q_tile[at + SY * Q_STRIDE]),
        vec4<f32>(q_tile[at + 2u * SY * Q_STRIDE]), vec4<f32>(q_tile[at + 3u * SY * Q_STRIDE]));
}

fn p_rows(at: u32) -> mat4x4<f32> {
    return mat4x4<f32>(vec4<f32>(p_tile[at]), vec4<f32>(p_tile[at + OY * P_STRIDE]),
        vec4<f32>(p_tile[at + 2u * OY * P_STRIDE]), vec4<f32>(p_tile[at + 3u * OY * P_STRIDE]));
}

fn kv_rows(at: u32, stride: u32) -> mat4x4<f32> {
    return mat4x4<f32>(vec4<f32>(kv_tile[at]), vec4<f32>(kv_tile[at + stride]),
        vec4<f32>(kv_tile[at + 2u * stride]), vec4<f32>(kv_tile[at + 3u * stride]));
}

// acc + a b, where a and b hold rows. Spelled out because acc + b * a would spend a fifth of its instructions on the additions.
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

// The scores of the keys from `key` on, with those that query `row` does not see masked.
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

fn put_p(at: u32, p: mat4x4<f32>) {
    p_tile[at] = tile4(p[0]);
    p_tile[at + SY * P_STRIDE] = tile4(p[1]);
    p_tile[at + 2u * SY * P_STRIDE] = tile4(p[2]);
    p_tile[at + 3u * SY * P_STRIDE] = tile4(p[3]);
}

fn put_factors(at: u32, by: vec4<f32>) {
    row_factor[at] = by.x;
    row_factor[at + SY] = by.y;
    row_factor[at + 2u * SY] = by.z;
    row_factor[at + 3u * SY] = by.w;
}

// Columns first .. first + QC of the group's queries; the rows beyond the last are 0.
fn fill_q(thread: u32, start: u32, row0: u32, first: u32) {
    for (var i = thread; i < BQ * (QC / 4u); i += THREADS) {
        let row = i / (QC / 4u);
        let column = i % (QC / 4u);
        var value = vec4<f32>();
        if (row0 + row < info.n) {
            value = load_q(start + (row0 + row) * info.q_row + first + column * 4u, 4u);
        }
        q_tile[row * Q_STRIDE + column] = tile4(value);
    }
}

// Columns first .. first + DC of the keys key0 .. key0 + BK. Key 4x + j is put in row j*SX + x: its invocation x of a score row
// then reads rows SX apart, and its neighbours adjacent ones.
fn fill_k(thread: u32, start: u32, key0: u32, first: u32) {
    for (var i = thread; i < BK * C4; i += THREADS) {
        let key = i / C4;
        let column = i % C4;
        var value = vec4<f32>();
        if (key0 + key < info.m) {
            value = load_k(start + (key0 + key) * info.k_row + first + column * 4u, 4u);
        }
        kv_tile[((key % 4u) * SX + key / 4u) * K_STRIDE + column] = tile4(value);
    }
}

fn fill_v(thread: u32, start: u32, key0: u32) {
    for (var i = thread; i < VC * D4; i += THREADS) {
        let key = i / D4;
        var value = vec4<f32>();
        if (key0 + key < info.m) {
            value = load_v(start + (key0 + key) * info.v_row + i % D4 * 4u, 4u);
        }
        kv_tile[i] = tile4(value);
    }
}

fn put_out(start: u32, row: u32, column: u32, o: vec4<f32>) {
    if (row < info.n && column < D4) {
        store_out(start + row * info.out_row + column * 4u, 4u, o);
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
    let q_start = info.q_offset + group.z * info.q_batch + group.y * D;
    let k_start = info.k_offset + group.z * info.k_batch + group.y * D;
    let v_start = info.v_offset + group.z * info.v_batch + group.y * D;
    let scale = bitcast<f32>(info.scale) * LOG2E;

    let sx = thread % SX;
    let sy = thread / SX;
    let scores = thread < SX * SY;
    let ox = thread % OX;
    let oy = thread / OX;
    let outputs = thread < OX * OY;

    // Names ending in _a are of the block's first four rows, in _b of the other four; o2 is the second column of blocks.
    var top_a = vec4<f32>(MASKED);
    var top_b = vec4<f32>(MASKED);
    var total_a = vec4<f32>();
    var total_b = vec4<f32>();
    var o_a = mat4x4<f32>();
    var o_b = mat4x4<f32>();
    var o2_a = mat4x4<f32>();
    var o2_b = mat4x4<f32>();

    if (QC == D) {
        fill_q(thread, q_start, row0, 0u);
    }
    var keys = info.m;
    if (CAUSAL) {
        keys = min(keys, row0 + BQ);
    }
    for (var key0 = 0u; key0 < keys; key0 += BK) {
        var s_a = mat4x4<f32>();
        var s_b = mat4x4<f32>();
        for (var first = 0u; first < D; first += DC) {
            if (QC != D) {
                fill_q(thread, q_start, row0, first);
            }
            fill_k(thread, k_start, key0, first);
            workgroupBarrier();
            if (scores) {
                var q_at = sy * Q_STRIDE;
                if (QC == D) {
                    q_at += first / 4u;
                }
                for (var c = 0u; c < C4; c++) {
                    let k = transpose(kv_rows(sx * K_STRIDE + c, SX * K_STRIDE));
                    s_a = product(s_a, q_rows(q_at + c), k);
                    if (SM == 8u) {
                        s_b = product(s_b, q_rows(q_at + c + 4u * SY * Q_STRIDE), k);
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
            put_p(sy * P_STRIDE + sx, s_a);
            if (sx == 0u) {
                put_factors(sy, factor_a);
            }
            if (SM == 8u) {
                let factor_b = exp2((last_b - top_b) * scale);
                s_b = exp_rows(s_b, top_b, scale);
                total_b = total_b * factor_b + row_sum(s_b);
                put_p((sy + 4u * SY) * P_STRIDE + sx, s_b);
                if (sx == 0u) {
                    put_factors(sy + 4u * SY, factor_b);
                }
            }
        }

        for (var first = 0u; first < BK; first += VC) {
            fill_v(thread, v_start, key0 + first);
            workgroupBarrier();
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
                    let p_a = p_rows(p_at);
                    o_a = product(o_a, p_a, v);
                    if (OM == 8u) {
                        let p_b = p_rows(p_at + 4u * OY * P_STRIDE);
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
        let start = info.out_offset + group.z * info.out_batch + group.y * D;
        let by_a = row_factors(oy);
        put_block(start, row0 + oy, ox, scale_rows(o_a, by_a));
        if (OD == 2u) {
            put_block(start, row0 + oy, ox + OX, scale_rows(o2_a, by_a));
        }
        if (OM == 8u) {
            let by_b = row_factors(oy + 4u * OY);
            put_block(start, row0 + oy + 4u * OY, ox, scale_rows(o_b, by_b));
            if (OD == 2u) {
                put_block(start, row0 + oy + 4u * OY, ox + OX, scale_rows(o2_b, by_b));
            }
        }
    }
}
