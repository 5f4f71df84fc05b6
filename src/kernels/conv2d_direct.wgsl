// conv2d.wgsl without workgroup memory, for CPU adapters (SwiftShader, lavapipe): same operands, same Info, same result.
// There a barrier costs more than it saves, and every load from any memory is four scalar loads, so each
// invocation keeps TM x 4 * TN4 outputs in registers and reads both operands from their buffers.
// A local array must not be indexed by a variable (that would be a scattered load as well): loops over rows and columns
// are unrolled (see unroll.rs). The epilogue is compiled once, in a loop that selects its result.
// `|` in place of `||`, which branches, saves SwiftShader minutes of compile time.
//
// Operands: x, x2?, weight, bias, shift, residual; out. Info: see conv2d.wgsl.
// Constants: GEGLU, ALIGNED (see conv2d.wgsl); TM output pixels and TN4 vec4s of columns for each invocation (GEGLU: TN4
//   even, half of them gates); WG invocations in a group.
// Groups: g = ceil(ceil(m / TM) * ceil(n / OUT_N) / WG) in total, as (min(g, 65535), ceil(g / 65535), 1).

const OUT_N = select(TN4 * 4u, TN4 * 2u, GEGLU);
const RESULTS = TM * OUT_N / 4u;
const HALF = max(TN4 / 2u, 1u);
const NONE = 0xffffffffu;

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
    let y = p / info.w_out * info.stride + tap / info.kernel - info.pad_before; // a negative coordinate wraps to a huge one
    let x = p % info.w_out * info.stride + tap % info.kernel - info.pad_before;
    let outside = (m >= info.batch * pixels) | (y >= info.h_up) | (x >= info.w_up);
    let at = (m / pixels * info.h_in + y * info.h_in / info.h_up) * info.w_in + x * info.w_in / info.w_up;
    return select(at, NONE, outside);
}

fn weight_row(row: u32, tap: u32, c: u32) -> vec4<f32> {
    let channels = info.c1 + info.c2;
    return vec4<f32>(raw_weight((row * info.kernel * info.kernel + tap) * channels + c, channels - c));
}

// The weights of columns n..n+4 for four channels. A row past the end is never stored.
fn weight_columns(n: u32, gate: bool, tap: u32, c: u32) -> mat4x4<f32> {
    let rows = min(vec4(n, n + 1u, n + 2u, n + 3u), vec4(info.n - 1u)) + select(0u, info.n, gate);
    return mat4x4<f32>(weight_row(rows.x, tap, c), weight_row(rows.y, tap, c), weight_row(rows.z, tap, c),
        weight_row(rows.w, tap, c));
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let channels = info.c1 + info.c2;
    let taps = info.kernel * info.kernel;
    let columns = (info.n + OUT_N - 1u) / OUT_N;
    let index = id.y * groups.x * WG + id.x;
    let m = index / columns * TM;
    let n = index % columns * OUT_N;
    if (m >= info.batch * info.h_out * info.w_out) { return; }

    var acc: array<vec4<f32>, TM * TN4>;
    for (var tap = 0u; tap < taps; tap++) {
        var p: array<u32, TM>;
        var any = false;
        for (var i = 0u; i < TM; i++) {
            p[i] = source(m + i, tap);
            any = any | (p[i] != NONE);
        }
        // Skip a tap that is outside for all pixels (most are in an image of 1x1).
        for (var c = select(channels, 0u, any); c < channels; c += 4u) {
            var a: array<vec4<f32>, TM>;
            for (var i = 0u; i < TM; i++) { a[i] = read_input(p[i], c); }
            for (var j = 0u; j < TN4; j++) {
                let b = weight_columns(n + select(j, j % HALF, GEGLU) * 4u, GEGLU && j >= HALF, tap, c);
                for (var i = 0u; i < TM; i++) { acc[j * TM + i] += a[i] * b; }
            }
        }
    }

    for (var r = 0u; r < RESULTS; r++) {
        var product = vec4<f32>();
        var gate = vec4<f32>(); // the result TM * TN4 / 2 later
        for (var s = 0u; s < TM * TN4; s++) {
            product = select(product, acc[s], r == s);
            if (GEGLU) { gate = select(gate, acc[s], r + RESULTS == s); }
        }
        finish(m + r % TM, n + r / TM * 4u, product, gate);
    }
}
