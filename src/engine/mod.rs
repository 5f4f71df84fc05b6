//! What page and terminal do first: a checkpoint is looked at, weighed against a device, and becomes
//! a model on it.

mod demand;
mod formats;
mod inspect;
mod limits;
mod load;
mod networks;
mod plan;
mod tiles;
mod usual;
mod warm_up;

pub use inspect::{Inspection, inspect, name};
pub use limits::Limits;
pub use load::{Model, load, load_preview};
pub use networks::{Loader, Residence};
pub use plan::{Obstacle, Plan, Scales, amount, plan};
pub use tiles::{TileHost, prepare_kernels};
pub use usual::{Usual, usual};
pub use warm_up::{Expected, phantom, warm_up};
