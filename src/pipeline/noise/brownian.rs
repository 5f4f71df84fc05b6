//! Brownian noise, equal to that of torchsde's `BrownianTree`.
//!
//! A Brownian path over an interval is halved until the wanted point is a middle: the value there
//! is that of the bridge between both ends, with noise of the node's own seed. So it depends
//! neither on the order nor on the number of queries (torchsde `_brownian/brownian_interval.py`
//! with `halfway_tree`, tolerance 1e-6 and a pool of 24 words).

use super::seed_sequence::SeedSequence;
use super::source::SeededNormals;

/// A Brownian path over an interval of σ.
#[derive(Debug)]
pub struct BrownianTree {
    normals: SeededNormals,
    seed: u64,
    /// Number of values.
    len: usize,
    ends: [f64; 2],
    /// Difference between both ends.
    total: Vec<f32>,
    /// The last point and its value: the next step begins there.
    last: Option<(f64, Vec<f32>)>,
}

impl BrownianTree {
    /// Plants the tree of `seed` over `ends`, of `len` values. `normals` returns values of a seed.
    pub fn new(seed: u64, ends: [f64; 2], len: usize, normals: SeededNormals) -> Self {
        let ends = ends.map(round);
        let scale = (ends[1] - ends[0]).sqrt() as f32;
        let mut total = normals(SeedSequence::new(seed, &[]).first(), len);
        total.iter_mut().for_each(|value| *value *= scale);
        Self { normals, seed, len, ends, total, last: None }
    }

    /// Returns standard normal values for a step from `sigma` down to `sigma_next`: the increment of
    /// the path by the root of its length, with k-diffusion's sign (`BrownianTreeNoiseSampler`);
    /// `None` for a step of length 0 within the tree's interval.
    pub fn between(&mut self, sigma: f64, sigma_next: f64) -> Option<Vec<f32>> {
        let [sigma, sigma_next] = [sigma, sigma_next].map(|s| s.clamp(self.ends[0], self.ends[1]));
        if round(sigma) == round(sigma_next) {
            return None;
        }
        let (from, to) = (self.at(sigma), self.at(sigma_next));
        let length = (sigma - sigma_next).abs().sqrt() as f32;
        let sign = if sigma > sigma_next { 1.0 } else { -1.0 };
        Some(from.iter().zip(&to).map(|(from, to)| (to - from) * sign / length).collect())
    }

    /// Returns the path's value at a point, relative to its lower end.
    fn at(&mut self, point: f64) -> Vec<f32> {
        let point = round(point).clamp(self.ends[0], self.ends[1]);
        if let Some((_, value)) = self.last.as_ref().filter(|(last, _)| *last == point) {
            return value.clone();
        }
        let value = self.descend(point);
        self.last = Some((point, value.clone()));
        value
    }

    fn descend(&self, point: f64) -> Vec<f32> {
        let [mut low, mut high] = self.ends;
        let mut sum = vec![0.0; self.len];
        if point == low {
            return sum;
        }
        let mut rest = self.total.clone();
        let (mut key, mut depth) = (0_u64, 0_u64);
        while point < high {
            let middle = round(0.5 * (low + high));
            if middle <= low || middle >= high {
                break;
            }
            let share = ((middle - low) / (high - low)) as f32;
            let deviation = ((middle - low) * (high - middle) / (high - low)).sqrt() as f32;
            let seed = SeedSequence::new(self.seed, &[key, depth]).first();
            let left: Vec<f32> = (self.normals)(seed, self.len)
                .into_iter()
                .zip(&rest)
                .map(|(normal, rest)| share * rest + deviation * normal)
                .collect();
            if point <= middle {
                (high, rest, key) = (middle, left, 2 * key);
            } else {
                for ((sum, rest), left) in sum.iter_mut().zip(&mut rest).zip(&left) {
                    *sum += left;
                    *rest -= left;
                }
                (low, key) = (middle, 2 * key + 1);
            }
            depth += 1;
        }
        sum.iter_mut().zip(&rest).for_each(|(sum, rest)| *sum += rest);
        sum
    }
}

/// Rounds a point to six decimals as torchsde does, by Python's `round`: the middle of two points
/// often lies near the middle of two decimals, and its exact binary value decides.
fn round(point: f64) -> f64 {
    format!("{point:.6}").parse().unwrap_or(point)
}
