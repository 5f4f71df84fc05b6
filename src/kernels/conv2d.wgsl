// Convolution 3x3 / 1x1 and linear layer as one implicit GEMM over channels-last tensors:
//   out[m, n] = ACT(sum_k A[m, k] * weight[n, k] + bias[n] + shift[batch(m), n]) + residual[m, n]
//   GEGLU:      (A.W_v + b_v) * gelu(A.W_g + b_g), the rows n and N + n of weight and bias
// m = (b, y, x) runs over output pixels, k = tap * C + c with tap = ky * kernel + kx and C = c1 + c2.
// A[m, k] is read in place: zero padding, stride, the concatenation cat(x, x2) and a nearest-neighbour resize from
// h_in x w_in to h_up x w_up are all index arithmetic.
// A linear layer is kernel 1 over h_out = 1, w_out = tokens (h_in = h_up = 1, w_in = w_up = tokens).
//
// Operands: x [b, h_in, w_in, c1], x2? [b, h_in, w_in, c2], weight [N or 2N, kernel, kernel, C], bias [N or 2N],
//   shift (rows of N from shift_offset, shift_stride apart, one for each batch item), residual [m, N]; out [m, N].
//   x, x2 and weight are read by raw_NAME, which does not widen f16: x and x2 give `x4`, weight gives `weight4`
//   (vec4<f16> for f16 storage, else vec4<f32>), since a conversion right after a load would wait for it.
// Info: batch, h_in, w_in, h_up, w_up, h_out, w_out, c1, c2, n, kernel, stride, pad_before, shift_offset, shift_stride,
//   and those of epilogue.wgsl.
// Constants: GEGLU, ALIGNED (c1, c2 multiples of 4), TILE_F16 (`tile` is f16: products are summed in f16 over one step
//   of 4 * BK4 and promoted to f32), and the tile: TX x TY threads (4 x 8, or multiples of 8), TM rows and TN4 vec4s of
//   columns each (GEGLU: TN4 even), BK4 vec4s of k in a step, KS groups of threads that divide the step (KS divides BK4,
//   BK4 divides TX * KS and TY * KS); all but TM and TN4 are powers of two.
// Groups: g = ceil(m / BM) * ceil(n / OUT_N) in total, as (min(g, 65535), ceil(g / 65535), 1).
//
// The WGSL is kept short for the sake of compile time. Loops over register arrays are unrolled (see unroll.rs), since
// compilers keep an array in registers only where each index is a constant; all other loops stay loops. The epilogue is in a
// loop over `results`, a copy that may be indexed: it is compiled once, not TM * TN4 times.

const BM = TY * TM;
const BN = TX * TN4 * 4u;
const OUT_N = select(BN, BN / 2u, GEGLU);
const THREADS = TX * TY * KS;
const LANES = TX * TY;
const LOAD_ROWS = THREADS / BK4;
const LOADS_A = (BM + LOAD_ROWS - 1u) / LOAD_ROWS;
const LOADS_B = (BN + LOAD_ROWS - 1u) / LOAD_ROWS;
const WARP_X = min(TX, 8u);
const WARP_Y = 32u / WARP_X;
const ALL = TM * TN4;
const RESULTS = TM * (OUT_N / TX / 4u);
const NONE = 0xffffffffu;

// Rows of BK4 vec4s along k, swizzled so that eight neighbouring rows fall into different banks. The outer index of a
// read is a constant, so that a browser checks only the inner one, which is the same for all reads of a step.
const PART_A = TY * BK4;
const PART_B = TX * BK4;
var<workgroup> tile_a: array<array<tile4, PART_A>, TM>;
var<workgroup> tile_b: array<array<tile4, PART_B>, 4u * TN4>;
var<workgroup> sums: array<vec4<f32>, (KS - 1u) * LANES + 1u>;

fn swizzle(row: u32) -> u32 { return (row * BK4 / 8u) & (min(BK4, 8u) - 1u); }

// Channels c..c+4 of source pixel `pixel` of cat(x, x2).
fn read_input(pixel: u32, c: u32) -> x4 {
    if (pixel == NONE || c >= info.c1 + info.c2) { return x4(); }
    if (HAS_X2 && c >= info.c1) {
        return raw_x2(pixel * info.c2 + c - info.c1, info.c1 + info.c2 - c);
    }
    let head = raw_x(pixel * info.c1 + c, info.c1 - c);
    if (HAS_X2 && !ALIGNED && c + 4u > info.c1) {
        let tail = raw_x2(pixel * info.c2, info.c2);
        switch (info.c1 - c) {
            case 1u: { return x4(head.x, tail.xyz); }
            case 2u: { return x4(head.xy, tail.xy); }
            default: { return x4(head.xyz, tail.x); }
        }
    }
    return head;
}

// The source pixel that a tap of output pixel (b, y, x) reads; `at` is (b, y * stride - pad, x * stride - pad).
fn source(at: vec3<i32>, tap: u32) -> u32 {
    let y = u32(at.y + i32(tap / info.kernel));
    let x = u32(at.z + i32(tap % info.kernel));
    if (at.x < 0 || y >= info.h_up || x >= info.w_up) { return NONE; } // a negative coordinate wraps to a huge one
    return (u32(at.x) * info.h_in + y * info.h_in / info.h_up) * info.w_in + x * info.w_in / info.w_up;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
    let pixels = info.h_out * info.w_out;
    let m_count = info.batch * pixels;
    let channels = info.c1 + info.c2;
    let taps = info.kernel * info.kernel;
    let columns = (info.n + OUT_N - 1u) / OUT_N;
    let index = group.y * groups.x + group.x;
    let m0 = index / columns * BM;
    let n0 = index % columns * OUT_N;
    if (m0 >= m_count) { return; }

    // A warp of 32 covers WARP_X columns x WARP_Y rows of threads: few distinct rows of each tile in a read.
    let split = thread / LANES;
    let warp = thread % LANES / 32u;
    let tx = thread % WARP_X + warp % (TX / WARP_X) * WARP_X;
    let ty = thread % 32u / WARP_X + warp / (TX / WARP_X) * WARP_Y;

    // This thread copies vec4 load_k of rows load_row + i * LOAD_ROWS of both tiles.
    let load_k = thread % BK4;
    let load_row = thread / BK4;
    var at: array<vec3<i32>, LOADS_A>;
    var pixel: array<u32, LOADS_A>;
    for (var i = 0u; i < LOADS_A; i++) {
        let m = m0 + load_row + i * LOAD_ROWS;
        let p = m % pixels;
        at[i] = vec3(select(-1, i32(m / pixels), m < m_count),
            i32(p / info.w_out * info.stride) - i32(info.pad_before),
            i32(p % info.w_out * info.stride) - i32(info.pad_before));
        pixel[i] = source(at[i], 0u);
    }
    // The tile stores column 4 * q + j of the output at row j * BN / 4 + q, so that threads read neighbouring rows.
    var weight_row: array<u32, LOADS_B>;
    for (var i = 0u; i < LOADS_B; i++) {
        let r = load_row + i * LOAD_ROWS;
        let column = r % (BN / 4u) * 4u + r / (BN / 4u);
        let n = n0 + column % OUT_N;
        weight_row[i] = select(NONE, n + column / OUT_N * info.n, r < BN && n < info.n);
    }

    var next_a: array<x4, LOADS_A>;
    var next_b: array<weight4, LOADS_B>;
    var part: array<tile4, TM * TN4>;
    var acc: array<vec4<f32>, TM * TN4>; // used with TILE_F16: the f32 sums
    var tap = 0u;
    var c0 = 0u;
    let steps = taps * ((channels + BK4 * 4u - 1u) / (BK4 * 4u));
    for (var step = 0u; step <= steps; step++) {
        // Fetch the next tile into registers while the current one is computed.
        if (step < steps) {
            let c = c0 + load_k * 4u;
            for (var i = 0u; i < LOADS_A; i++) { next_a[i] = read_input(pixel[i], c); }
            for (var i = 0u; i < LOADS_B; i++) {
                next_b[i] = weight4();
                if (weight_row[i] != NONE && c < channels) {
                    next_b[i] = raw_weight((weight_row[i] * taps + tap) * channels + c, channels - c);
                }
            }
            c0 += BK4 * 4u;
            if (c0 >= channels) {
                c0 = 0u;
                tap++;
                for (var i = 0u; i < LOADS_A; i++) { pixel[i] = source(at[i], tap); }
            }
        }
        if (step > 0u) {
            for (var k = 0u; k < BK4 / KS; k++) {
                let k4 = split * (BK4 / KS) + k;
                var a: array<tile4, TM>;
                let at_a = ty * BK4 + (k4 ^ swizzle(ty));
                for (var i = 0u; i < TM; i++) { a[i] = tile_a[i][at_a]; }
                for (var j = 0u; j < TN4; j++) {
                    // Where TX is a multiple of 8, tx alone determines the swizzle; these four rows are BN / 4 apart.
                    let at_b = tx * BK4 + (k4 ^ swizzle(select(j * TX + tx, tx, TX % 8u == 0u)));
                    let b0 = tile_b[j][at_b];
                    let b1 = tile_b[TN4 + j][at_b];
                    let b2 = tile_b[2u * TN4 + j][at_b];
                    let b3 = tile_b[3u * TN4 + j][at_b];
                    for (var i = 0u; i < TM; i++) {
                        var s = part[i * TN4 + j];
                        s = fma(tile4(a[i].x), tile4(b0.x, b1.x, b2.x, b3.x), s);
                        s = fma(tile4(a[i].y), tile4(b0.y, b1.y, b2.y, b3.y), s);
                        s = fma(tile4(a[i].z), tile4(b0.z, b1.z, b2.z, b3.z), s);
                        part[i * TN4 + j] = fma(tile4(a[i].w), tile4(b0.w, b1.w, b2.w, b3.w), s);
                    }
                }
            }
            if (TILE_F16) {
                for (var i = 0u; i < TM * TN4; i++) {
                    acc[i] += vec4<f32>(part[i]);
                    part[i] = tile4();
                }
            }
            workgroupBarrier();
        }
        if (step < steps) {
            for (var i = 0u; i < LOADS_A; i++) {
                let r = load_row + i * LOAD_ROWS;
                let at = r * BK4 + (load_k ^ swizzle(r));
                if (r < BM) { tile_a[at / PART_A][at % PART_A] = tile4(next_a[i]); }
            }
            for (var i = 0u; i < LOADS_B; i++) {
                let r = load_row + i * LOAD_ROWS;
                let at = r * BK4 + (load_k ^ swizzle(r));
                if (r < BN) { tile_b[at / PART_B][at % PART_B] = tile4(next_b[i]); }
            }
            workgroupBarrier();
        }
    }
    var results: array<vec4<f32>, TM * TN4>; // column by column, gates last
    for (var j = 0u; j < TN4; j++) {
        for (var i = 0u; i < TM; i++) {
            if (TILE_F16) {
                results[j * TM + i] = acc[i * TN4 + j];
            } else {
                results[j * TM + i] = vec4<f32>(part[i * TN4 + j]);
            }
        }
    }

    // The first group of threads collects the sums of the others.
    if (KS > 1u) {
        for (var r = 0u; r < ALL; r++) {
            if (split > 0u) { sums[thread - LANES] = results[r]; }
            workgroupBarrier();
            if (split == 0u) {
                for (var s = 0u; s < KS - 1u; s++) { results[r] += sums[s * LANES + thread]; }
            }
            workgroupBarrier();
        }
    }
    if (split > 0u) { return; }

    for (var r = 0u; r < RESULTS; r++) {
        finish(m0 + ty + r % TM * TY, n0 + (r / TM * TX + tx) * 4u, results[r], results[(r + RESULTS) % ALL]);
    }
}
