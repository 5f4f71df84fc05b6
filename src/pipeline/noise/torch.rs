//! Gaussian noise, equal to that of PyTorch's CPU generator.
//!
//! A seed then gives the same image as in diffusers. PyTorch draws from MT19937, and has two
//! methods for normal values: fewer than 16 are drawn one by one in f64, 16 and more in blocks of
//! 16 in f32. The second method computes logarithm, sine and cosine with the short polynomials of
//! Cephes, whose last bits differ from an exact `ln` or `sin`; they are repeated here operation by
//! operation, fused where PyTorch's AVX2 build fuses.

use std::f32::consts::TAU;

/// A stream of normal values, equal to that of `torch.Generator("cpu").manual_seed(seed)`.
#[derive(Debug, Clone)]
pub struct Generator {
    engine: Mt19937,
    /// The second value of the last pair; only short calls leave and take it.
    next_normal: Option<f64>,
}

impl Generator {
    /// Begins the stream of `seed`. As in PyTorch only its low 32 bits count.
    pub fn new(seed: u64) -> Self {
        Generator { engine: Mt19937::new(seed as u32), next_normal: None }
    }

    /// Returns the next `len` values: `torch.randn(len, generator=generator)`.
    pub fn randn(&mut self, len: usize) -> Vec<f32> {
        if len < BLOCK {
            return (0..len).map(|_| self.normal() as f32).collect();
        }
        let mut values: Vec<f32> = (0..len).map(|_| self.engine.unit_f32()).collect();
        let (blocks, rest) = values.as_chunks_mut::<BLOCK>();
        blocks.iter_mut().for_each(box_muller);
        if !rest.is_empty() {
            // The last 16 are drawn again, although some of them were done already.
            let mut last = std::array::from_fn(|_| self.engine.unit_f32());
            box_muller(&mut last);
            values[len - BLOCK..].copy_from_slice(&last);
        }
        values
    }

    /// Returns a uniform value in [0, 1): `torch.rand(1, generator=generator)`.
    pub fn rand(&mut self) -> f32 {
        self.engine.unit_f32()
    }

    /// Returns one value of a short call.
    fn normal(&mut self) -> f64 {
        if let Some(value) = self.next_normal.take() {
            return value;
        }
        let (u1, u2) = (self.engine.unit_f64(), self.engine.unit_f64());
        let radius = (-2.0 * (-u2).ln_1p()).sqrt();
        let theta = std::f64::consts::TAU * u1;
        self.next_normal = Some(radius * theta.sin());
        radius * theta.cos()
    }
}

/// Values that long calls make at once.
const BLOCK: usize = 16;

/// Turns uniform values into normal ones: the first half gives the radii, the second the angles.
fn box_muller(block: &mut [f32; BLOCK]) {
    let (first, second) = block.split_at_mut(BLOCK / 2);
    for (a, b) in first.iter_mut().zip(second) {
        // From [0, 1) to (0, 1], for the logarithm.
        let radius = (-2.0 * ln(1.0 - *a)).sqrt();
        let (sin, cos) = sin_cos(TAU * *b);
        (*a, *b) = (radius * cos, radius * sin);
    }
}

/// Computes the natural logarithm of Cephes (`logf`) for normal positive numbers.
fn ln(x: f32) -> f32 {
    const P: [f32; 9] = [
        0.070_376_836,
        -0.115_146_1,
        0.116_769_984,
        -0.124_201_41,
        0.142_493_23,
        -0.166_680_57,
        0.200_007_14,
        -0.249_999_94,
        0.333_333_3,
    ];
    // ln 2 in two parts; the larger one has few bits, so that its multiples are exact.
    const LN_2_LOW: f32 = -0.000_212_194_44;
    const LN_2_HIGH: f32 = 0.693_359_4;

    // x = m · 2^e with m in [√½, √2)
    let bits = x.to_bits();
    let mut e = (bits >> 23) as f32 - 126.0;
    let mut m = f32::from_bits(bits & 0x007f_ffff | 0x3f00_0000);
    if m < std::f32::consts::FRAC_1_SQRT_2 {
        e -= 1.0;
        m = (m - 1.0) + m;
    } else {
        m -= 1.0;
    }
    let square = m * m;
    let mut y = polynomial(&P, m) * m;
    y = y.mul_add(square, e * LN_2_LOW) - square * 0.5;
    e.mul_add(LN_2_HIGH, m + y)
}

/// Computes sine and cosine of Cephes (`sinf`, `cosf`) for a nonnegative angle.
fn sin_cos(angle: f32) -> (f32, f32) {
    const SIN: [f32; 3] = [-0.000_195_152_96, 0.008_332_161, -0.166_666_55];
    const COS: [f32; 3] = [2.443_315_7e-5, -0.001_388_731_6, 0.041_666_646];
    // −π/4 in three parts; multiples of the larger ones are exact.
    const MINUS_QUARTER_PI: [f32; 3] = [-0.785_156_25, -0.000_241_875_65, -3.774_895e-8];
    const FOUR_OVER_PI: f32 = 1.273_239_5;

    // The angle is x + octant · π/4 with an even octant, so |x| ≤ π/4.
    let octant = ((angle * FOUR_OVER_PI) as u32 + 1) & !1;
    let x = MINUS_QUARTER_PI.iter().fold(angle, |x, part| (octant as f32).mul_add(*part, x));
    let square = x * x;
    let cos = (polynomial(&COS, square) * square).mul_add(square, -(square * 0.5)) + 1.0;
    let sin = (polynomial(&SIN, square) * square).mul_add(x, x);

    let (sin, cos) = if octant & 2 == 0 { (sin, cos) } else { (cos, sin) };
    let negative = |yes: bool, value: f32| if yes { -value } else { value };
    (negative(octant & 4 != 0, sin), negative((octant + 2) & 4 != 0, cos))
}

/// Evaluates a polynomial by Horner's scheme, the highest power first.
fn polynomial(coefficients: &[f32], x: f32) -> f32 {
    coefficients.iter().copied().reduce(|y, coefficient| y.mul_add(x, coefficient)).unwrap_or(0.0)
}

/// The Mersenne Twister, seeded as `std::mt19937`.
#[derive(Debug, Clone)]
struct Mt19937 {
    state: [u32; Self::N],
    next: usize,
}

impl Mt19937 {
    const N: usize = 624;
    const M: usize = 397;

    fn new(seed: u32) -> Self {
        let mut state = [seed; Self::N];
        for i in 1..Self::N {
            let before = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(before ^ before >> 30).wrapping_add(i as u32);
        }
        Mt19937 { state, next: Self::N }
    }

    fn next_u32(&mut self) -> u32 {
        if self.next == Self::N {
            self.twist();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }

    /// Makes the next 624 numbers.
    fn twist(&mut self) {
        for i in 0..Self::N {
            let joined = self.state[i] & 0x8000_0000 | self.state[(i + 1) % Self::N] & 0x7fff_ffff;
            let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + Self::M) % Self::N] ^ joined >> 1 ^ odd;
        }
        self.next = 0;
    }

    /// Returns a uniform value in [0, 1), a multiple of 2⁻²⁴.
    fn unit_f32(&mut self) -> f32 {
        (self.next_u32() & 0x00ff_ffff) as f32 / (1 << 24) as f32
    }

    /// Returns a uniform value in [0, 1), a multiple of 2⁻⁵³; the high half is drawn first.
    fn unit_f64(&mut self) -> f64 {
        let (high, low) = (u64::from(self.next_u32()), u64::from(self.next_u32()));
        ((high << 32 | low) & ((1 << 53) - 1)) as f64 / (1u64 << 53) as f64
    }
}
