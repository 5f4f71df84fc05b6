//! Seeds of a tree's nodes, equal to `numpy.random.SeedSequence` with a pool of 24 words.
//!
//! O'Neill's `seed_seq_fe` (<https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html>).

const POOL: usize = 24;

/// Mixes `entropy` and the key of a node into a pool, from which seeds are drawn.
#[derive(Debug)]
pub struct SeedSequence([u32; POOL]);

impl SeedSequence {
    /// Returns the sequence of a node; `key` is empty for the root.
    pub fn new(entropy: u64, key: &[u64]) -> Self {
        let mut words = words(entropy);
        if !key.is_empty() {
            words.resize(POOL, 0);
        }
        words.extend(key.iter().flat_map(|part| self::words(*part)));

        let mut constant = 0x43b0_d7e5_u32;
        let mut hash = |value: u32| {
            let value = value ^ constant;
            constant = constant.wrapping_mul(0x931e_8875);
            let value = value.wrapping_mul(constant);
            value ^ value >> 16
        };
        let mix = |x: u32, y: u32| {
            let mixed = x.wrapping_mul(0xca01_f9dd).wrapping_sub(y.wrapping_mul(0x4973_f715));
            mixed ^ mixed >> 16
        };
        let mut pool = [0; POOL];
        for (index, word) in pool.iter_mut().enumerate() {
            *word = hash(words.get(index).copied().unwrap_or(0));
        }
        for from in 0..POOL {
            for to in (0..POOL).filter(|to| *to != from) {
                pool[to] = mix(pool[to], hash(pool[from]));
            }
        }
        for word in words.into_iter().skip(POOL) {
            for to in &mut pool {
                *to = mix(*to, hash(word));
            }
        }
        Self(pool)
    }

    /// Returns the first of `generate_state`.
    pub fn first(&self) -> u32 {
        let value = self.0[0] ^ 0x8b51_f9dd;
        let value = value.wrapping_mul(0x8b51_f9dd_u32.wrapping_mul(0x58f3_8ded));
        value ^ value >> 16
    }
}

/// Returns the words of a number, the lowest first; at least one.
fn words(number: u64) -> Vec<u32> {
    match (number as u32, (number >> 32) as u32) {
        (low, 0) => vec![low],
        (low, high) => vec![low, high],
    }
}

#[cfg(test)]
mod tests {
    use super::SeedSequence;

    #[test]
    fn states_equal_those_of_numpy() {
        // numpy.random.SeedSequence(entropy, spawn_key=key, pool_size=24).generate_state(1)
        let cases: [(u64, &[u64], u32); 3] =
            [(42, &[], 387_750_627), (42, &[0, 0], 2_102_017_995), (42, &[1, 1], 1_058_881_542)];
        for (entropy, key, state) in cases {
            assert_eq!(SeedSequence::new(entropy, key).first(), state, "{entropy} {key:?}");
        }
    }
}
