//! What page and terminal do first: a checkpoint is looked at, weighed against a device, and becomes
//! a model on it.

mod defaults;
mod demand;
mod formats;
mod inspect;
mod limits;
mod load;
mod networks;
mod plan;
mod tiles;
mod warm_up;

pub use defaults::defaults;
pub use inspect::{Inspection, inspect, name};
pub use limits::Limits;
pub use load::{Model, load, load_preview};
pub use networks::{Loader, Residence};
pub use plan::{Obstacle, Plan, Scales, amount, plan};
pub use tiles::{TileHost, prepare_kernels};
pub use warm_up::{phantom, warm_up};
