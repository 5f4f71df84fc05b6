//! What page and terminal do first: a checkpoint is looked at, weighed against a device, and becomes
//! a model on it.

mod inspect;
mod load;
mod networks;
mod plan;
mod usual;

pub use inspect::{Inspection, inspect, name};
pub use load::{Model, load, load_preview};
pub use networks::{Loader, Residence};
pub use plan::{Limits, Obstacle, Plan, Scales, amount, plan};
pub use usual::{Usual, usual};
