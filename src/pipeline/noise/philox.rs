//! Gaussian noise, equal to that of PyTorch's CUDA generator.
//!
//! Philox4x32 with ten rounds (Salmon et al. 2011), and Box–Muller. AUTOMATIC1111's web UI has the
//! same in `modules/rng_philox.py`, as its random number generator "NV". It is right while a tensor
//! has fewer elements than the card runs threads.

/// A stream of normal values, equal to that of `torch.Generator("cuda").manual_seed(seed)`.
#[derive(Debug, Clone)]
pub struct Philox {
    key: [u32; 2],
    /// Number of draws so far.
    draws: u32,
}

impl Philox {
    /// Begins the stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Philox { key: [seed as u32, (seed >> 32) as u32], draws: 0 }
    }

    /// Returns the next draw, of `len` values: `torch.randn(len, generator=generator)`.
    pub fn randn(&mut self, len: usize) -> Vec<f32> {
        let draw = self.draws;
        self.draws = self.draws.wrapping_add(1);
        (0..len as u32).map(|element| box_muller(rounds([draw, 0, element, 0], self.key))).collect()
    }
}

/// Computes the ten rounds on a counter.
fn rounds(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
    const KEY_STEPS: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
    for round in 0..10 {
        if round > 0 {
            key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
        }
        let product = |a: u32, b: u32| {
            let product = u64::from(a) * u64::from(b);
            ((product >> 32) as u32, product as u32)
        };
        let (high_0, low_0) = product(MULTIPLIERS[0], counter[0]);
        let (high_1, low_1) = product(MULTIPLIERS[1], counter[2]);
        counter = [high_1 ^ counter[1] ^ key[0], low_1, high_0 ^ counter[3] ^ key[1], low_0];
    }
    counter
}

/// Returns a normal value from the first two outputs.
fn box_muller([a, b, ..]: [u32; 4]) -> f32 {
    // The constants are single precision there, the rest double.
    const SCALE: f64 = 2.328_306_4e-10_f32 as f64;
    const SCALE_TAU: f64 = (2.328_306_4e-10_f32 * 6.283_185_5_f32) as f64;
    let u = f64::from(a) * SCALE + SCALE / 2.0;
    let v = f64::from(b) * SCALE_TAU + SCALE_TAU / 2.0;
    ((-2.0 * u.ln()).sqrt() * v.sin()) as f32
}

#[cfg(test)]
mod tests {
    use super::Philox;

    #[test]
    fn draws_equal_those_of_cuda() {
        // torch.Generator("cuda").manual_seed(0), as in the web UI's tests of its own version.
        let mut generator = Philox::new(0);
        for expected in [
            [-0.92466259, -0.42534415, -2.6438457, 0.14518388],
            [0.18083426, -0.55225623, f64::NAN, f64::NAN],
        ] {
            let values = generator.randn(4);
            for (value, expected) in values.into_iter().zip(expected).filter(|(_, e)| !e.is_nan()) {
                assert!((f64::from(value) - expected).abs() < 1e-5, "{value}, not {expected}");
            }
        }
    }
}
