//! State machine of generation jobs.

use super::batch::Batch;
use super::job::Job;
use super::rates::StepRate;

/// Milliseconds after which a second Cancel terminates the worker.
const TERMINATE_AFTER: f64 = 2_000.0;

/// Origin of a waiting job.
#[derive(Debug, Clone, PartialEq)]
pub enum JobSource {
    /// The form, read when the job starts.
    Form {
        /// Number of images; `None`: the form's.
        count: Option<u32>,
    },
    /// The form and the matrix, read when the job starts.
    Matrix,
    /// An interrupted job.
    Job(Box<Job>),
}

/// The image that the worker is generating.
#[derive(Debug)]
pub struct Run {
    /// The request's number.
    pub id: u32,
    /// Its job.
    pub job: Job,
    rate: StepRate,
    /// Time of cancellation, milliseconds.
    cancelled_at: Option<f64>,
    /// Completed and total steps of all images of the job.
    pub done: Option<(u32, u32)>,
}

/// The current job.
#[derive(Debug, Default)]
pub enum Jobs {
    /// No job.
    #[default]
    None,
    /// The job starts when the model is loaded and the init image is read.
    Waiting(JobSource),
    /// The worker is generating.
    Running(Box<Run>),
    /// A failure stopped the job; the user can resume it.
    Interrupted {
        /// The unfinished part.
        job: Box<Job>,
        /// The proposed smaller size, if memory was short.
        smaller: Option<(u32, u32)>,
    },
}

/// Result of Cancel.
#[derive(Debug, PartialEq)]
pub enum Cancelling {
    /// No job to cancel.
    Nothing,
    /// The waiting job is dropped.
    Dropped,
    /// The worker is to cancel this request.
    End(u32),
    /// The worker was asked to cancel less than [`TERMINATE_AFTER`] ago.
    Ending,
    /// The worker does not react and is to be terminated.
    Terminate,
}

/// Progress after a step.
#[derive(Debug, PartialEq)]
pub struct StepProgress {
    /// Estimated seconds until the job ends, if known.
    pub seconds_left: Option<f64>,
    /// Whether this was the last step of the last image.
    pub is_last: bool,
    /// Completed and total steps of all images.
    pub done: (u32, u32),
}

/// A finished image.
#[derive(Debug, PartialEq)]
pub struct Finished {
    /// The job of this image.
    pub job: Job,
    /// The job for the next image; `None` after the last one, or when the job was cancelled.
    pub next: Option<Job>,
}

impl Jobs {
    /// Returns whether an image is being generated.
    pub fn is_running(&self) -> bool {
        matches!(self, Jobs::Running(_))
    }

    /// Returns whether a job waits for its model or init image.
    pub fn is_waiting(&self) -> bool {
        matches!(self, Jobs::Waiting(_))
    }

    /// Returns whether a job waits for its model, its init image or the user.
    pub fn is_unfinished(&self) -> bool {
        matches!(self, Jobs::Waiting(_) | Jobs::Interrupted { .. })
    }

    /// Returns the run in progress.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Jobs::Running(run) => Some(run),
            _ => None,
        }
    }

    /// Queues a job until its model and init image are loaded.
    pub fn wait(&mut self, source: JobSource) {
        *self = Jobs::Waiting(source);
    }

    /// Removes and returns the waiting job.
    pub fn take_waiting(&mut self) -> Option<JobSource> {
        match std::mem::take(self) {
            Jobs::Waiting(source) => Some(source),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Removes and returns the interrupted job.
    pub fn take_interrupted(&mut self) -> Option<Job> {
        match std::mem::take(self) {
            Jobs::Interrupted { job, .. } => Some(*job),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Returns the interrupted job, and the smaller size that was proposed for it.
    pub fn interrupted(&mut self) -> Option<(&mut Job, Option<(u32, u32)>)> {
        match self {
            Jobs::Interrupted { job, smaller } => Some((job, *smaller)),
            _ => None,
        }
    }

    /// Queues the interrupted job until its model is loaded.
    pub fn requeue_interrupted(&mut self) {
        if let Some(job) = self.take_interrupted() {
            self.wait(JobSource::Job(Box::new(job)));
        }
    }

    /// Drops the job.
    pub fn clear(&mut self) {
        *self = Jobs::None;
    }

    /// Records that request `id` generates the job's image.
    pub fn begin(&mut self, id: u32, job: Job) {
        let rate = StepRate::default();
        *self = Jobs::Running(Box::new(Run { id, job, rate, cancelled_at: None, done: None }));
    }

    /// Returns whether there is a job to cancel. `is_loading`: a model is loading or loaded.
    pub fn is_cancellable(&self, is_loading: bool) -> bool {
        self.is_running() || (is_loading && self.is_waiting())
    }

    /// Cancels the job at `now`, in milliseconds.
    pub fn cancel(&mut self, now: f64, is_loading: bool) -> Cancelling {
        match self {
            Jobs::Running(run) => match run.cancelled_at {
                None => {
                    run.cancelled_at = Some(now);
                    Cancelling::End(run.id)
                }
                Some(at) if now - at > TERMINATE_AFTER => {
                    self.clear();
                    Cancelling::Terminate
                }
                Some(_) => Cancelling::Ending,
            },
            Jobs::Waiting(_) if is_loading => {
                self.clear();
                Cancelling::Dropped
            }
            _ => Cancelling::Nothing,
        }
    }

    /// Returns whether the worker was asked to cancel the run.
    pub fn is_ending(&self) -> bool {
        self.run().is_some_and(|run| run.cancelled_at.is_some())
    }

    /// Records a step completed at `now`, in milliseconds: `done` of `total` of this image.
    pub fn step(&mut self, now: f64, done: u32, total: u32) -> Option<StepProgress> {
        let Jobs::Running(run) = self else { return None };
        run.rate.step_done(now);
        let batch = run.job.batch;
        let all = batch.steps(done, total);
        run.done = Some(all);
        Some(StepProgress {
            seconds_left: batch.seconds_left(&run.rate, done, total),
            is_last: done == total && batch.done() + 1 == batch.count(),
            done: all,
        })
    }

    /// Records that the image was generated in `seconds`.
    pub fn finish(&mut self, seconds: f64) -> Option<Finished> {
        let Run { job, cancelled_at, .. } = self.take_run()?;
        let next = job.next(seconds).filter(|_| cancelled_at.is_none());
        Some(Finished { job, next })
    }

    /// Records that the run was cancelled. Returns its job.
    pub fn end(&mut self) -> Option<Job> {
        self.take_run().map(|run| run.job)
    }

    /// Records that the run failed. If it `can_resume`, perhaps at a `smaller` size, keeps the job.
    /// Returns its position in the batch.
    pub fn fail(&mut self, can_resume: bool, smaller: Option<(u32, u32)>) -> Option<Batch> {
        let job = self.take_run()?.job;
        let batch = job.batch;
        if can_resume {
            *self = Jobs::Interrupted { job: Box::new(job), smaller };
        }
        Some(batch)
    }

    /// Records that the worker has exited. A run that was not cancelled is interrupted; a waiting
    /// job keeps waiting.
    pub fn worker_exited(&mut self) {
        *self = match std::mem::take(self) {
            Jobs::Running(run) if run.cancelled_at.is_none() => {
                Jobs::Interrupted { job: Box::new(run.job), smaller: None }
            }
            Jobs::Waiting(source) => Jobs::Waiting(source),
            _ => Jobs::None,
        };
    }

    fn take_run(&mut self) -> Option<Run> {
        match std::mem::take(self) {
            Jobs::Running(run) => Some(*run),
            other => {
                *self = other;
                None
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::job::Job;
    use super::{Cancelling, JobSource, Jobs};
    use crate::app::protocol::GenerateRequest;
    use crate::params::GenerationParams;

    fn job(seed: u64, count: u32) -> Job {
        let params = GenerationParams { seed, ..GenerationParams::default() };
        Job::new(GenerateRequest { params, init_image: None, adapters: Vec::new() }, count)
    }

    fn running(id: u32, job: Job) -> Jobs {
        let mut jobs = Jobs::default();
        jobs.begin(id, job);
        jobs
    }

    #[test]
    fn batch_seeds_increase_and_wrap() {
        let mut jobs = running(1, job(u64::MAX, 2));
        let first = jobs.finish(3.0).unwrap();
        assert!(!jobs.is_running());
        let next = first.next.unwrap();
        assert_eq!((next.request.params.seed, next.batch.done()), (0, 1));
        jobs.begin(2, next);
        let second = jobs.finish(3.0).unwrap();
        assert_eq!((second.job.request.params.seed, second.next), (0, None));
    }

    #[test]
    fn repeated_cancel_terminates_unresponsive_worker() {
        let mut jobs = running(7, job(1, 3));
        assert_eq!(jobs.cancel(1_000.0, false), Cancelling::End(7));
        assert!(jobs.is_ending());
        assert_eq!(jobs.cancel(2_900.0, false), Cancelling::Ending);
        assert_eq!(jobs.cancel(3_100.0, false), Cancelling::Terminate);
        assert_eq!(jobs.cancel(3_200.0, false), Cancelling::Nothing);
    }

    #[test]
    fn image_after_cancel_ends_batch() {
        let mut jobs = running(7, job(1, 3));
        jobs.cancel(0.0, false);
        assert_eq!(jobs.finish(1.0).unwrap().next, None);
    }

    #[test]
    fn waiting_job_is_cancellable_only_while_loading() {
        let mut jobs = Jobs::default();
        jobs.wait(JobSource::Form { count: Some(4) });
        assert!(!jobs.is_cancellable(false));
        assert_eq!(jobs.cancel(0.0, false), Cancelling::Nothing);
        assert!(jobs.is_cancellable(true));
        assert_eq!(jobs.cancel(0.0, true), Cancelling::Dropped);
        assert_eq!(jobs.take_waiting(), None);
    }

    #[test]
    fn crash_during_run_keeps_batch_position() {
        let mut jobs = running(1, job(5, 3));
        let next = jobs.finish(1.0).unwrap().next.unwrap();
        jobs.begin(2, next);
        jobs.worker_exited();
        assert!(jobs.is_unfinished());
        jobs.requeue_interrupted();
        let Some(JobSource::Job(resumed)) = jobs.take_waiting() else { unreachable!() };
        assert_eq!((resumed.request.params.seed, resumed.batch.done()), (6, 1));
    }

    #[test]
    fn crash_after_cancel_drops_job() {
        let mut jobs = running(1, job(5, 3));
        jobs.cancel(0.0, false);
        jobs.worker_exited();
        assert!(!jobs.is_unfinished());
    }

    #[test]
    fn crash_while_opening_keeps_waiting_job() {
        let mut jobs = Jobs::default();
        jobs.wait(JobSource::Form { count: None });
        jobs.worker_exited();
        assert_eq!(jobs.take_waiting(), Some(JobSource::Form { count: None }));
    }

    #[test]
    fn failed_job_is_kept_only_if_resumable() {
        let mut jobs = running(1, job(5, 1));
        jobs.fail(false, None);
        assert!(!jobs.is_unfinished());
        jobs.begin(2, job(6, 1));
        jobs.fail(true, Some((256, 128)));
        let (kept, smaller) = jobs.interrupted().unwrap();
        assert_eq!((kept.request.params.seed, smaller), (6, Some((256, 128))));
    }

    #[test]
    fn progress_counts_steps_of_all_images() {
        let mut jobs = running(1, job(5, 2));
        jobs.step(0.0, 1, 10);
        let progress = jobs.step(1_000.0, 2, 10).unwrap();
        assert_eq!((progress.done, progress.is_last), ((2, 20), false));
        assert_eq!(progress.seconds_left, Some(18.0));
        let next = jobs.finish(11.0).unwrap().next.unwrap();
        jobs.begin(2, next);
        let progress = jobs.step(0.0, 10, 10).unwrap();
        assert_eq!((progress.done, progress.is_last), ((20, 20), true));
        assert_eq!(Jobs::default().step(0.0, 1, 10), None);
    }
}
