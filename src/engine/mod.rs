//! What page and terminal do first: a checkpoint is weighed against a device, and becomes a model on
//! it.

mod load;
mod plan;

pub use load::load;
pub use plan::{Limits, Obstacle, Plan, plan};
