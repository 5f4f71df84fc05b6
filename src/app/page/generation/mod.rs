//! Generation jobs, their progress and the output image.

mod actions;
mod batch;
mod comparison;
mod failures;
mod generated_image;
mod jobs;
mod output_view;
mod rates;

pub use generated_image::GeneratedImage;
pub use jobs::{Job, JobSource, Jobs};
pub use output_view::OutputView;
pub use rates::DownloadRate;
