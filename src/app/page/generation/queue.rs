//! Queue of generation jobs behind the current one.

use super::job::Job;

/// Jobs that wait for the current one to end, in order.
#[derive(Debug, Default)]
pub struct JobQueue {
    waiting: Vec<QueuedJob>,
    last_number: u32,
}

/// A waiting job.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedJob {
    /// Its number, unique in this page.
    pub number: u32,
    /// The job.
    pub job: Job,
}

impl JobQueue {
    /// Adds a job at the end.
    pub fn add(&mut self, job: Job) {
        self.last_number += 1;
        self.waiting.push(QueuedJob { number: self.last_number, job });
    }

    /// Removes and returns the first job.
    pub fn take_next(&mut self) -> Option<Job> {
        (!self.waiting.is_empty()).then(|| self.waiting.remove(0).job)
    }

    /// Removes a job. Returns false if it has begun or was removed already.
    pub fn remove(&mut self, number: u32) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|queued| queued.number != number);
        self.waiting.len() < before
    }

    /// Returns the jobs in order.
    pub fn jobs(&self) -> impl Iterator<Item = &QueuedJob> {
        self.waiting.iter()
    }

    /// Returns whether no job waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::job::Job;
    use super::JobQueue;
    use crate::app::protocol::GenerateRequest;
    use crate::params::GenerationParams;

    fn job(seed: u64) -> Job {
        let params = GenerationParams { seed, ..GenerationParams::default() };
        Job::new(GenerateRequest { params, init_image: None, adapters: Vec::new() }, 1)
    }

    fn queue(seeds: &[u64]) -> JobQueue {
        let mut queue = JobQueue::default();
        seeds.iter().for_each(|seed| queue.add(job(*seed)));
        queue
    }

    fn next(queue: &mut JobQueue) -> Option<u64> {
        queue.take_next().map(|job| job.request.params.seed)
    }

    #[test]
    fn jobs_begin_in_the_order_of_their_requests() {
        let mut queue = queue(&[7, 3, 5]);
        assert_eq!([next(&mut queue), next(&mut queue), next(&mut queue)], [7, 3, 5].map(Some));
        assert_eq!(next(&mut queue), None);
        assert!(queue.is_empty());
    }

    #[test]
    fn each_waiting_job_can_be_removed_once() {
        let mut queue = queue(&[7, 3, 5]);
        let numbers: Vec<u32> = queue.jobs().map(|queued| queued.number).collect();
        assert!(queue.remove(numbers[1]) && !queue.remove(numbers[1]));
        assert_eq!([next(&mut queue), next(&mut queue)], [7, 5].map(Some));
        assert!(!queue.remove(numbers[0]));
    }

    #[test]
    fn number_of_a_finished_job_is_not_used_again() {
        let mut queue = queue(&[7]);
        let first = queue.jobs().next().map(|queued| queued.number);
        next(&mut queue);
        queue.add(job(8));
        assert_ne!(queue.jobs().next().map(|queued| queued.number), first);
    }
}
