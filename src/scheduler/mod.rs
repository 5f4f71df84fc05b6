//! Samplers and sigma schedules, which can be combined freely.
//!
//! A sampler is a function of a `Denoiser` and its `Evaluations`, in a file of its own with a row
//! in the table of `samplers/`. `create` prepares one for a run, `AnySampler::sample` runs it.
//! Without the feature `engine` there are only the names.

#[cfg(feature = "engine")]
mod alpha_step;
#[cfg(feature = "engine")]
mod ancestral;
#[cfg(feature = "engine")]
mod config;
#[cfg(feature = "engine")]
mod create;
#[cfg(feature = "engine")]
mod evaluations;
#[cfg(feature = "engine")]
mod flow_path;
#[cfg(feature = "engine")]
mod multistep_path;
mod name;
#[cfg(feature = "engine")]
mod noise_schedule;
mod noise_source;
#[cfg(feature = "engine")]
mod prediction;
#[cfg(feature = "engine")]
mod run;
#[cfg(feature = "engine")]
mod sampler;
mod sampler_row;
mod samplers;
#[cfg(feature = "engine")]
mod sigma_curve;
#[cfg(feature = "engine")]
mod sigma_list;
#[cfg(feature = "engine")]
mod sigma_path;
mod sigma_schedule;
#[cfg(feature = "engine")]
mod sigmas;
#[cfg(feature = "engine")]
mod timesteps;

#[cfg(feature = "engine")]
pub use config::SchedulerConfig;
#[cfg(feature = "engine")]
pub use create::create;
#[cfg(feature = "engine")]
pub use evaluations::{Evaluation, Evaluations};
pub use name::SchedulerName;
#[cfg(feature = "engine")]
pub use noise_schedule::NoiseSchedule;
pub use noise_source::NoiseSource;
#[cfg(feature = "engine")]
pub use prediction::NoiseLevel;
#[cfg(feature = "engine")]
pub use run::{Denoiser, Evaluated, Noise, OnEvaluated, Run};
#[cfg(feature = "engine")]
pub use sampler::SamplerOptions;
pub use sampler_row::{SamplerRow, StepNoise};
#[cfg(feature = "engine")]
pub use samplers::AnySampler;
pub use samplers::SamplerName;
pub use sigma_schedule::{SigmaSchedule, SigmaScheduleRow};
