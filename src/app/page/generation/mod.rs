//! Generation jobs, their progress and the output image.

mod actions;
mod batch;
mod batch_grid;
mod comparison;
mod failures;
mod generated_image;
mod job;
mod jobs;
mod output_view;
mod queue;
mod queue_view;
mod rates;

pub use generated_image::{GeneratedImage, file_name};
pub use job::Job;
pub use jobs::{JobSource, Jobs};
pub use output_view::OutputView;
pub use queue::JobQueue;
pub use queue_view::QueueView;
pub use rates::DownloadRate;
