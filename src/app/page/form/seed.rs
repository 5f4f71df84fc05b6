//! The seed of the next run.

use super::{Form, SEED};

impl Form {
    /// Sets a random seed.
    pub fn randomize_seed(&mut self) {
        self.write(SEED, &random_seed().to_string());
        self.touch(SEED);
    }

    /// Returns whether the next run gets another seed than the form shows.
    pub fn needs_new_seed(&self) -> bool {
        self.state.needs_new_seed(&self.text(SEED), self.keep_seed.checked())
    }

    /// Prepares a run: replaces an empty seed, or a used one unless it is to be kept.
    pub fn prepare_seed(&mut self) {
        if self.needs_new_seed() {
            self.randomize_seed();
        }
    }

    /// Records that a run has used this seed. The field still shows it.
    pub fn mark_seed_used(&mut self, seed: u64) {
        self.state.mark_seed_used(seed);
    }
}

/// Returns a random 32-bit seed, short enough to read out; the field accepts 64 bits.
pub fn random_seed() -> u64 {
    u64::from((js_sys::Math::random() * f64::from(u32::MAX)) as u32)
}
