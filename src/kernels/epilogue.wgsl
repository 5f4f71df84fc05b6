// Epilogue of a matrix product: bias, shift, activation or gate, residual. Prepended to conv2d.wgsl and conv2d_direct.wgsl.
//
// Its switches are uniforms, not constants: one pipeline serves all cases, and the epilogue runs once for each result.
// Info: act (0 none, 1 SiLU, 2 GELU, 3 quick GELU); has_bias, has_shift, has_residual (an operand that is absent is
//   bound to another buffer and not read).

fn erf(x: vec4<f32>) -> vec4<f32> { // Abramowitz and Stegun 7.1.26, |error| < 1.5e-7
    let t = 1.0 / (1.0 + 0.3275911 * abs(x));
    let p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return sign(x) * (1.0 - p * exp(-x * x));
}

fn gelu(v: vec4<f32>) -> vec4<f32> {
    return 0.5 * v * (1.0 + erf(v * 0.70710678));
}

fn activation(v: vec4<f32>) -> vec4<f32> {
    switch (info.act) {
        case 1u: { return v / (1.0 + exp(-v)); }
        case 2u: { return gelu(v); }
        case 3u: { return v / (1.0 + exp(-1.702 * v)); }
        default: { return v; }
    }
}

// Stores columns n..n+4 of row m. `gate` is used with GEGLU only.
fn finish(m: u32, n: u32, product: vec4<f32>, gate: vec4<f32>) {
    let pixels = info.h_out * info.w_out;
    if (m >= info.batch * pixels || n >= info.n) { return; }
    let left = info.n - n;
    var v = product;
    if (info.has_bias != 0u) { v += load_bias(n, left); }
    if (GEGLU) {
        var g = gate;
        if (info.has_bias != 0u) { g += load_bias(info.n + n, left); }
        v *= gelu(g);
    } else {
        if (info.has_shift != 0u) { v += load_shift(info.shift_offset + m / pixels * info.shift_stride + n, left); }
        v = activation(v);
    }
    if (info.has_residual != 0u) { v += load_residual(m * info.n + n, left); }
    store_out(m * info.n + n, left, v);
}
