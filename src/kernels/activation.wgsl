// What is applied to a product before it is written: stands before both texts of conv2d.
// Constant: ACT (0 none, 1 silu, 2 gelu, 3 quick gelu).

fn erf(x: f32) -> f32 { // Abramowitz and Stegun 7.1.26, |error| < 1.5e-7
    let t = 1.0 / (1.0 + 0.3275911 * abs(x));
    let p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return sign(x) * (1.0 - p * exp(-x * x));
}

fn gelu(v: vec4<f32>) -> vec4<f32> {
    let s = v * 0.70710678;
    return 0.5 * v * (1.0 + vec4(erf(s.x), erf(s.y), erf(s.z), erf(s.w)));
}

fn activation(v: vec4<f32>) -> vec4<f32> {
    if (ACT == 1u) { return v / (1.0 + exp(-v)); }
    if (ACT == 2u) { return gelu(v); }
    if (ACT == 3u) { return v / (1.0 + exp(-1.702 * v)); }
    return v;
}

