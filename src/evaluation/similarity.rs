//! Structural similarity of two pictures (Wang et al. 2004, DOI 10.1109/TIP.2003.819861) as
//! scikit-image's `structural_similarity` computes it by default: windows of 7 × 7 pixels that all count
//! alike, sample covariances, values up to 255.

/// Pixels a side of a window.
pub(super) const WINDOW: usize = 7;

/// The similarity around each pixel of one channel, `[h, w]`. `x` and `y` are `[h, w]`, values 0..=255.
/// Beyond its edges a picture is reflected.
pub(super) fn similarity(x: &[f64], y: &[f64], width: usize, height: usize) -> Vec<f64> {
    const RANGE: f64 = 255.0;
    const C1: f64 = (0.01 * RANGE) * (0.01 * RANGE);
    const C2: f64 = (0.03 * RANGE) * (0.03 * RANGE);
    const PIXELS: f64 = (WINDOW * WINDOW) as f64;
    const SAMPLE: f64 = PIXELS / (PIXELS - 1.0);

    let mean = |values: Vec<f64>| window_means(&values, width, height);
    let products = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect();
    let (ux, uy) = (mean(x.to_vec()), mean(y.to_vec()));
    let (uxx, uyy, uxy) = (mean(products(x, x)), mean(products(y, y)), mean(products(x, y)));
    (0..width * height)
        .map(|i| {
            let (ux, uy) = (ux[i], uy[i]);
            let vx = SAMPLE * (uxx[i] - ux * ux);
            let vy = SAMPLE * (uyy[i] - uy * uy);
            let vxy = SAMPLE * (uxy[i] - ux * uy);
            (2.0 * ux * uy + C1) * (2.0 * vxy + C2) / ((ux * ux + uy * uy + C1) * (vx + vy + C2))
        })
        .collect()
}

/// The mean of each pixel's window, first along the rows, then along the columns.
fn window_means(values: &[f64], width: usize, height: usize) -> Vec<f64> {
    let along = |values: &[f64], len: usize, stride: usize, start: usize, means: &mut [f64]| {
        for at in 0..len {
            let window = (0..WINDOW).map(|i| reflected(at as isize + i as isize - 3, len));
            let sum: f64 = window.map(|at| values[start + at * stride]).sum();
            means[start + at * stride] = sum / WINDOW as f64;
        }
    };
    let mut rows = vec![0.0; values.len()];
    (0..height).for_each(|y| along(values, width, 1, y * width, &mut rows));
    let mut means = vec![0.0; values.len()];
    (0..width).for_each(|x| along(&rows, height, width, x, &mut means));
    means
}

/// `d c b a | a b c d | d c b a`
fn reflected(at: isize, len: usize) -> usize {
    let len = len as isize;
    let at = if at < 0 { -1 - at } else { at };
    let at = if at >= len { 2 * len - 1 - at } else { at };
    at.clamp(0, len - 1) as usize
}
