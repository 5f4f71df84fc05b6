//! Generation: jobs, their progress, and the image in the frame.

mod actions;
mod artwork;
mod batch;
mod comparison;
mod failures;
mod jobs;
mod pace;
mod picture;

pub use artwork::Artwork;
pub use jobs::Jobs;
pub use pace::Flow;
pub use picture::Picture;
