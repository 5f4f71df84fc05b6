// conv2d.wgsl without workgroup memory, for CPU adapters (SwiftShader, lavapipe): same operands, same Info, same result.
// There a barrier costs more than it saves and every load, from whatever memory, is four scalar loads, so each
// invocation keeps TM x 4 * TN4 outputs in registers and reads both operands from their buffers.
// Nothing may index a local array by a variable (that, too, would be a scattered load), hence the unrolled rows.
//
// Operands: x, x2?, weight, bias?, shift?, residual?; out. Info: see conv2d.wgsl.
// Constants: KERNEL, UPSAMPLE, ACT, GEGLU, ALIGNED (see conv2d.wgsl); TM 1, 2, 4 or 8 output pixels and TN4 1, 2 or 4
//   vec4s of columns an invocation (GEGLU: TN4 >= 2, half of them gates); WG invocations a group.
// Groups: g = ceil(ceil(m / TM) * ceil(n / OUT_N) / WG) in all, as (min(g, 65535), ceil(g / 65535), 1).

const OUT_N = select(TN4 * 4u, TN4 * 2u, GEGLU);
const TAPS = KERNEL * KERNEL;
const NONE = 0xffffffffu;
alias Rows = array<vec4<f32>, 8>;

// Channels c..c+4 of source pixel `pixel` of cat(x, x2).
fn read_input(pixel: u32, c: u32) -> vec4<f32> {
    if (pixel == NONE) { return vec4<f32>(); }
    if (HAS_X2 && c >= info.c1) {
        return vec4<f32>(raw_x2(pixel * info.c2 + c - info.c1, info.c1 + info.c2 - c));
    }
    let head = vec4<f32>(raw_x(pixel * info.c1 + c, info.c1 - c));
    if (HAS_X2 && !ALIGNED && c + 4u > info.c1) {
        let tail = vec4<f32>(raw_x2(pixel * info.c2, info.c2));
        switch (info.c1 - c) {
            case 1u: { return vec4(head.x, tail.xyz); }
            case 2u: { return vec4(head.xy, tail.xy); }
            default: { return vec4(head.xyz, tail.x); }
        }
    }
    return head;
}

// The source pixel that a tap of output pixel m reads.
fn source(m: u32, tap: u32) -> u32 {
    let pixels = info.h_out * info.w_out;
    let p = m % pixels;
    var y = p / info.w_out * info.stride + tap / KERNEL - info.pad_before; // a negative coordinate wraps to a huge one
    var x = p % info.w_out * info.stride + tap % KERNEL - info.pad_before;
    if (m >= info.batch * pixels || y >= info.h_up || x >= info.w_up) { return NONE; }
    if (UPSAMPLE) {
        y = y * info.h_in / info.h_up;
        x = x * info.w_in / info.w_up;
    }
    return (m / pixels * info.h_in + y) * info.w_in + x;
}

fn weight_row(row: u32, tap: u32, c: u32) -> vec4<f32> {
    let channels = info.c1 + info.c2;
    return vec4<f32>(raw_weight((row * TAPS + tap) * channels + c, channels - c));
}

// Adds the products of four channels of TM pixels and the weights of columns n..n+4 (a row past the end is never stored).
fn accumulate(acc: ptr<function, Rows>, a: ptr<function, Rows>, n: u32, gate: bool, tap: u32, c: u32) {
    let last = info.n - 1u;
    let rows = min(vec4(n, n + 1u, n + 2u, n + 3u), vec4(last)) + select(0u, info.n, gate);
    let b = mat4x4<f32>(weight_row(rows.x, tap, c), weight_row(rows.y, tap, c), weight_row(rows.z, tap, c),
        weight_row(rows.w, tap, c));
    (*acc)[0] += (*a)[0] * b;
    if (TM > 1u) { (*acc)[1] += (*a)[1] * b; }
    if (TM > 2u) {
        (*acc)[2] += (*a)[2] * b;
        (*acc)[3] += (*a)[3] * b;
    }
    if (TM > 4u) {
        (*acc)[4] += (*a)[4] * b;
        (*acc)[5] += (*a)[5] * b;
        (*acc)[6] += (*a)[6] * b;
        (*acc)[7] += (*a)[7] * b;
    }
}

fn finish(m: u32, n: u32, sum: vec4<f32>, gate: vec4<f32>) {
    let pixels = info.h_out * info.w_out;
    if (m >= info.batch * pixels || n >= info.n) { return; }
    let left = info.n - n;
    var v = sum + load_bias(n, left);
    if (GEGLU) {
        v *= gelu(gate + load_bias(info.n + n, left));
    } else {
        v = activation(v + load_shift(info.shift_offset + m / pixels * info.shift_stride + n, left));
    }
    store_out(m * info.n + n, left, v + load_residual(m * info.n + n, left));
}

// `gates` is not read without GEGLU.
fn finish_rows(m: u32, n: u32, acc: ptr<function, Rows>, gates: ptr<function, Rows>) {
    finish(m, n, (*acc)[0], (*gates)[0]);
    if (TM > 1u) { finish(m + 1u, n, (*acc)[1], (*gates)[1]); }
    if (TM > 2u) {
        finish(m + 2u, n, (*acc)[2], (*gates)[2]);
        finish(m + 3u, n, (*acc)[3], (*gates)[3]);
    }
    if (TM > 4u) {
        finish(m + 4u, n, (*acc)[4], (*gates)[4]);
        finish(m + 5u, n, (*acc)[5], (*gates)[5]);
        finish(m + 6u, n, (*acc)[6], (*gates)[6]);
        finish(m + 7u, n, (*acc)[7], (*gates)[7]);
    }
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let channels = info.c1 + info.c2;
    let columns = (info.n + OUT_N - 1u) / OUT_N;
    let index = id.y * groups.x * WG + id.x;
    let m = index / columns * TM;
    let n = index % columns * OUT_N;
    if (m >= info.batch * info.h_out * info.w_out) { return; }

    var acc0: Rows;
    var acc1: Rows;
    var acc2: Rows;
    var acc3: Rows;
    for (var tap = 0u; tap < TAPS; tap++) {
        var p = array(source(m, tap), NONE, NONE, NONE, NONE, NONE, NONE, NONE);
        if (TM > 1u) { p[1] = source(m + 1u, tap); }
        if (TM > 2u) {
            p[2] = source(m + 2u, tap);
            p[3] = source(m + 3u, tap);
        }
        if (TM > 4u) {
            p[4] = source(m + 4u, tap);
            p[5] = source(m + 5u, tap);
            p[6] = source(m + 6u, tap);
            p[7] = source(m + 7u, tap);
        }
        // A tap that falls outside for all pixels (most do in a picture of 1x1) costs nothing.
        let any = min(min(min(p[0], p[1]), min(p[2], p[3])), min(min(p[4], p[5]), min(p[6], p[7])));
        for (var c = select(0u, channels, any == NONE); c < channels; c += 4u) {
            var a: Rows;
            a[0] = read_input(p[0], c);
            if (TM > 1u) { a[1] = read_input(p[1], c); }
            if (TM > 2u) {
                a[2] = read_input(p[2], c);
                a[3] = read_input(p[3], c);
            }
            if (TM > 4u) {
                a[4] = read_input(p[4], c);
                a[5] = read_input(p[5], c);
                a[6] = read_input(p[6], c);
                a[7] = read_input(p[7], c);
            }
            accumulate(&acc0, &a, n, false, tap, c);
            if (TN4 == 2u) {
                accumulate(&acc1, &a, select(n + 4u, n, GEGLU), GEGLU, tap, c);
            }
            if (TN4 == 4u) {
                accumulate(&acc1, &a, n + 4u, false, tap, c);
                accumulate(&acc2, &a, select(n + 8u, n, GEGLU), GEGLU, tap, c);
                accumulate(&acc3, &a, select(n + 12u, n + 4u, GEGLU), GEGLU, tap, c);
            }
        }
    }
    if (TN4 == 4u) {
        finish_rows(m, n, &acc0, &acc2);
        finish_rows(m, n + 4u, &acc1, &acc3);
        if (!GEGLU) {
            finish_rows(m, n + 8u, &acc2, &acc2);
            finish_rows(m, n + 12u, &acc3, &acc3);
        }
    } else {
        finish_rows(m, n, &acc0, &acc1);
        if (TN4 == 2u && !GEGLU) { finish_rows(m, n + 4u, &acc1, &acc1); }
    }
}
