//! What page and terminal do first: a checkpoint is weighed against a device, and becomes a model on
//! it.

mod inspect;
mod load;
mod plan;

pub use inspect::{Inspection, inspect, name};
pub use load::load;
pub use plan::{Limits, Obstacle, Plan, amount, plan};
