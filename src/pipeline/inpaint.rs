//! The part of a picture that stays while the rest is painted anew, for UNets that know nothing of it
//! (diffusers `pipeline_stable_diffusion_inpaint.py`, at the end of each step).

use burn::tensor::Tensor;

use crate::scheduler::Scheduler;

/// What is given of the latents.
pub struct Known {
    /// Of the picture, `[1, c, h, w]`.
    pub latents: Tensor<4>,
    /// The noise that is added to them, the same in every step. `[1, c, h, w]`
    pub noise: Tensor<4>,
    /// One where it is painted anew, `[1, 1, h, w]`.
    pub mask: Tensor<4>,
}

impl Known {
    /// `latents` `[1, c, h, w]` with the known part put back, as noisy as step `next` expects it; after
    /// the last step without noise.
    pub fn put_back(
        &self,
        latents: Tensor<4>,
        scheduler: &dyn Scheduler,
        next: Option<usize>,
    ) -> Tensor<4> {
        let known = match next {
            Some(next) => scheduler.add_noise(self.latents.clone(), self.noise.clone(), next),
            None => self.latents.clone(),
        };
        let kept = self.mask.clone().neg().add_scalar(1.0);
        kept.mul(known).add(self.mask.clone().mul(latents))
    }
}
