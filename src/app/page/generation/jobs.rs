//! The job of making images: waiting, running, interrupted.

use super::batch::Batch;
use crate::app::page::generation::pace::Pace;
use crate::app::protocol::GenerateRequest;

/// After this many milliseconds a second Cancel no longer waits for the worker.
const PATIENCE: f64 = 2_000.0;

/// The images of one press of the button, of which one is made at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The request for the image that comes next.
    pub request: GenerateRequest,
    /// Its place among the others.
    pub batch: Batch,
}

/// Where a job that waits for its model comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// From the form, as it will be when the model is there.
    Form {
        /// Number of images, if it is not the form's.
        count: Option<u32>,
    },
    /// An interrupted job goes on.
    Job(Box<Job>),
}

/// The image that the worker is making.
#[derive(Debug)]
pub struct Run {
    /// The request's number.
    pub id: u32,
    /// The job that it belongs to.
    pub job: Job,
    pace: Pace,
    /// When the user cancelled it, milliseconds.
    cancelled_at: Option<f64>,
    /// Steps that are done, of how many, over all images of the job.
    pub done: Option<(u32, u32)>,
}

/// At most one job.
#[derive(Debug, Default)]
pub enum Jobs {
    /// There is none.
    #[default]
    None,
    /// It begins as soon as a model is loaded and the init image is read.
    Waiting(Source),
    /// It is being done.
    Running(Box<Run>),
    /// A failure stopped it; it goes on if the user says so.
    Interrupted {
        /// What was not finished.
        job: Box<Job>,
        /// The size that was proposed because memory was short.
        smaller: Option<(u32, u32)>,
    },
}

/// What follows from Cancel.
#[derive(Debug, PartialEq)]
pub enum Cancelling {
    /// There is nothing to cancel.
    Nothing,
    /// The waiting job was dropped.
    Dropped,
    /// The worker shall end this request.
    End(u32),
    /// It was told so a moment ago.
    Ending,
    /// It does not react: it has to be terminated.
    Terminate,
}

/// What is known after a step.
#[derive(Debug, PartialEq)]
pub struct StepProgress {
    /// Seconds until the job is done, if that is known.
    pub seconds_left: Option<f64>,
    /// Whether this was the last step of the last image.
    pub is_last: bool,
    /// Steps that are done, of how many, over all images.
    pub done: (u32, u32),
}

/// An image that was made.
#[derive(Debug, PartialEq)]
pub struct Finished {
    /// The job as it was for this image.
    pub job: Job,
    /// The job for the next image; `None` after the last one, or when the job was cancelled.
    pub next: Option<Job>,
}

impl Job {
    /// A job of `count` images that begins with `request`.
    pub fn new(request: GenerateRequest, count: u32) -> Self {
        Job { request, batch: Batch::of(count) }
    }

    /// Returns the job for the next image, with the next seed, after one that took so many seconds.
    fn next(&self, seconds: f64) -> Option<Self> {
        let batch = self.batch.next(seconds)?;
        let mut request = self.request.clone();
        request.params.seed = request.params.seed.wrapping_add(1); // After the last comes the first.
        Some(Job { request, batch })
    }
}

impl Jobs {
    /// Whether an image is being made.
    pub fn is_running(&self) -> bool {
        matches!(self, Jobs::Running(_))
    }

    /// Whether a job waits for its model.
    pub fn is_waiting(&self) -> bool {
        matches!(self, Jobs::Waiting(_))
    }

    /// Whether a job waits for its model or for the user.
    pub fn is_unfinished(&self) -> bool {
        matches!(self, Jobs::Waiting(_) | Jobs::Interrupted { .. })
    }

    /// The image that is being made.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Jobs::Running(run) => Some(run),
            _ => None,
        }
    }

    /// Lets a job wait for its model.
    pub fn wait(&mut self, source: Source) {
        *self = Jobs::Waiting(source);
    }

    /// Takes the job that waits.
    pub fn take_waiting(&mut self) -> Option<Source> {
        match std::mem::take(self) {
            Jobs::Waiting(source) => Some(source),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Takes the job that was interrupted.
    pub fn take_interrupted(&mut self) -> Option<Job> {
        match std::mem::take(self) {
            Jobs::Interrupted { job, .. } => Some(*job),
            other => {
                *self = other;
                None
            }
        }
    }

    /// The job that was interrupted, and the smaller size that was proposed for it.
    pub fn interrupted(&mut self) -> Option<(&mut Job, Option<(u32, u32)>)> {
        match self {
            Jobs::Interrupted { job, smaller } => Some((job, *smaller)),
            _ => None,
        }
    }

    /// Lets the job that was interrupted wait for its model.
    pub fn resume(&mut self) {
        if let Some(job) = self.take_interrupted() {
            self.wait(Source::Job(Box::new(job)));
        }
    }

    /// Drops what is unfinished.
    pub fn clear(&mut self) {
        *self = Jobs::None;
    }

    /// The worker makes the job's image by the request `id`.
    pub fn begin(&mut self, id: u32, job: Job) {
        let pace = Pace::default();
        *self = Jobs::Running(Box::new(Run { id, job, pace, cancelled_at: None, done: None }));
    }

    /// Whether Cancel has something to do; `is_coming`: what a job may wait for is under way.
    pub fn is_cancellable(&self, is_coming: bool) -> bool {
        self.is_running() || (is_coming && self.is_waiting())
    }

    /// Cancels the job at `now`, in milliseconds.
    pub fn cancel(&mut self, now: f64, is_coming: bool) -> Cancelling {
        match self {
            Jobs::Running(run) => match run.cancelled_at {
                None => {
                    run.cancelled_at = Some(now);
                    Cancelling::End(run.id)
                }
                Some(at) if now - at > PATIENCE => {
                    self.clear();
                    Cancelling::Terminate
                }
                Some(_) => Cancelling::Ending,
            },
            Jobs::Waiting(_) if is_coming => {
                self.clear();
                Cancelling::Dropped
            }
            _ => Cancelling::Nothing,
        }
    }

    /// Whether the worker was told to end the run.
    pub fn is_ending(&self) -> bool {
        self.run().is_some_and(|run| run.cancelled_at.is_some())
    }

    /// A step was done at `now`, in milliseconds: `done` of `total` of this image.
    pub fn step(&mut self, now: f64, done: u32, total: u32) -> Option<StepProgress> {
        let Jobs::Running(run) = self else { return None };
        run.pace.step_done(now);
        let batch = run.job.batch;
        let all = batch.steps(done, total);
        run.done = Some(all);
        Some(StepProgress {
            seconds_left: batch.seconds_left(&run.pace, done, total),
            is_last: done == total && batch.done() + 1 == batch.count(),
            done: all,
        })
    }

    /// The image was made in so many seconds.
    pub fn finish(&mut self, seconds: f64) -> Option<Finished> {
        let Run { job, cancelled_at, .. } = self.take_run()?;
        let next = job.next(seconds).filter(|_| cancelled_at.is_none());
        Some(Finished { job, next })
    }

    /// The run ended without an image, as the user wished. Returns its job.
    pub fn end(&mut self) -> Option<Job> {
        self.take_run().map(|run| run.job)
    }

    /// The run failed. If it can go on, with the proposed `smaller` size perhaps, its job is kept. Returns its
    /// place among the others.
    pub fn fail(&mut self, can_go_on: bool, smaller: Option<(u32, u32)>) -> Option<Batch> {
        let job = self.take_run()?.job;
        let batch = job.batch;
        if can_go_on {
            *self = Jobs::Interrupted { job: Box::new(job), smaller };
        }
        Some(batch)
    }

    /// The worker is gone. A run that was not cancelled is interrupted, a job that waits goes on waiting.
    pub fn worker_gone(&mut self) {
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
    use super::{Cancelling, Job, Jobs, Source};
    use crate::app::protocol::GenerateRequest;
    use crate::params::GenerationParams;

    fn job(seed: u64, count: u32) -> Job {
        let params = GenerationParams { seed, ..GenerationParams::default() };
        Job::new(GenerateRequest { params, start: None }, count)
    }

    fn running(id: u32, job: Job) -> Jobs {
        let mut jobs = Jobs::default();
        jobs.begin(id, job);
        jobs
    }

    #[test]
    fn batch_takes_the_next_seeds_and_starts_again_after_the_last() {
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
    fn cancel_asks_once_and_terminates_a_worker_that_does_not_react() {
        let mut jobs = running(7, job(1, 3));
        assert_eq!(jobs.cancel(1_000.0, false), Cancelling::End(7));
        assert!(jobs.is_ending());
        assert_eq!(jobs.cancel(2_900.0, false), Cancelling::Ending);
        assert_eq!(jobs.cancel(3_100.0, false), Cancelling::Terminate);
        assert_eq!(jobs.cancel(3_200.0, false), Cancelling::Nothing);
    }

    #[test]
    fn image_that_arrives_after_cancel_is_the_last_of_its_batch() {
        let mut jobs = running(7, job(1, 3));
        jobs.cancel(0.0, false);
        assert_eq!(jobs.finish(1.0).unwrap().next, None);
    }

    #[test]
    fn waiting_job_is_cancellable_only_while_its_model_is_coming() {
        let mut jobs = Jobs::default();
        jobs.wait(Source::Form { count: Some(4) });
        assert!(!jobs.is_cancellable(false));
        assert_eq!(jobs.cancel(0.0, false), Cancelling::Nothing);
        assert!(jobs.is_cancellable(true));
        assert_eq!(jobs.cancel(0.0, true), Cancelling::Dropped);
        assert_eq!(jobs.take_waiting(), None);
    }

    #[test]
    fn crash_interrupts_a_run_at_its_place_in_the_batch() {
        let mut jobs = running(1, job(5, 3));
        let next = jobs.finish(1.0).unwrap().next.unwrap();
        jobs.begin(2, next);
        jobs.worker_gone();
        assert!(jobs.is_unfinished());
        jobs.resume();
        let Some(Source::Job(resumed)) = jobs.take_waiting() else { unreachable!() };
        assert_eq!((resumed.request.params.seed, resumed.batch.done()), (6, 1));
    }

    #[test]
    fn crash_after_cancel_leaves_nothing_to_resume() {
        let mut jobs = running(1, job(5, 3));
        jobs.cancel(0.0, false);
        jobs.worker_gone();
        assert!(!jobs.is_unfinished());
    }

    #[test]
    fn crash_while_opening_leaves_the_waiting_job() {
        let mut jobs = Jobs::default();
        jobs.wait(Source::Form { count: None });
        jobs.worker_gone();
        assert_eq!(jobs.take_waiting(), Some(Source::Form { count: None }));
    }

    #[test]
    fn failure_keeps_its_job_only_if_it_can_go_on() {
        let mut jobs = running(1, job(5, 1));
        jobs.fail(false, None);
        assert!(!jobs.is_unfinished());
        jobs.begin(2, job(6, 1));
        jobs.fail(true, Some((256, 128)));
        let (kept, smaller) = jobs.interrupted().unwrap();
        assert_eq!((kept.request.params.seed, smaller), (6, Some((256, 128))));
    }

    #[test]
    fn progress_counts_the_steps_of_all_images() {
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
