//! Job: the images of one press of Generate.

use std::rc::Rc;

use super::batch::Batch;
use crate::app::protocol::GenerateRequest;
use crate::params::{Matrix, PartialParams};

/// The images of one press of Generate.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The request for the next image.
    pub request: GenerateRequest,
    /// Its position in the batch.
    pub batch: Batch,
    /// What each image has of its own; all of them have the same parameters.
    images: Rc<[PartialParams]>,
    /// The matrix of which the images are.
    pub matrix: Option<Rc<Matrix>>,
}

impl Job {
    /// Creates a job of `count` images with consecutive seeds, from that of `request` on.
    pub fn new(request: GenerateRequest, count: u32) -> Self {
        let seed = |number| Some(request.params.seed.wrapping_add(u64::from(number)));
        let image = |number| PartialParams { seed: seed(number), ..PartialParams::default() };
        let images = (0..count.max(1)).map(image).collect();
        Job::of(request, images)
    }

    /// Creates a job of an image for each of `images`, which says what it has of its own.
    pub fn of(request: GenerateRequest, images: Vec<PartialParams>) -> Self {
        let batch = Batch::new(images.len() as u32);
        Job { request, batch, images: images.into(), matrix: None }.at(batch)
    }

    /// Returns the job with the matrix of which its images are.
    pub fn of_matrix(self, matrix: Option<Rc<Matrix>>) -> Self {
        Job { matrix, ..self }
    }

    /// Returns the job for the next image, after one that took `seconds`.
    pub fn next(&self, seconds: f64) -> Option<Self> {
        self.batch.next(seconds).map(|batch| self.at(batch))
    }

    /// Returns the seed of the first image.
    pub fn first_seed(&self) -> u64 {
        self.images.first().and_then(|image| image.seed).unwrap_or(self.request.params.seed)
    }

    fn at(&self, batch: Batch) -> Self {
        let mut request = self.request.clone();
        if let Some(image) = self.images.get(batch.done() as usize) {
            request.params = request.params.with(image);
        }
        Job { request, batch, images: Rc::clone(&self.images), matrix: self.matrix.clone() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Job;
    use crate::app::protocol::GenerateRequest;
    use crate::params::{GenerationParams, PartialParams};

    fn request(seed: u64) -> GenerateRequest {
        let params = GenerationParams { seed, ..GenerationParams::default() };
        GenerateRequest { params, init_image: None, adapters: Vec::new() }
    }

    #[test]
    fn images_have_their_own_parameters_and_share_the_others() {
        let image = |prompt: &str, seed| PartialParams {
            prompt: Some(prompt.to_string()),
            seed: Some(seed),
            ..PartialParams::default()
        };
        let mut job = Job::of(request(1), vec![image("a", 5), image("b", 5), image("c", 9)]);
        // As when a run is repeated at a smaller size.
        job.request.params.width = 64;
        let mut seen = Vec::new();
        let mut next = Some(job);
        while let Some(job) = next {
            let params = &job.request.params;
            seen.push((params.prompt.clone(), params.seed, params.width, job.first_seed()));
            next = job.next(1.0);
        }
        let one = |prompt: &str, seed| (prompt.to_string(), seed, 64, 5);
        assert_eq!(seen, [one("a", 5), one("b", 5), one("c", 9)]);
    }

    #[test]
    fn seeds_are_consecutive_and_wrap() {
        let job = Job::new(request(u64::MAX), 2);
        assert_eq!(job.first_seed(), u64::MAX);
        assert_eq!(job.next(1.0).unwrap().request.params.seed, 0);
    }
}
