//! Networks, measured: the same cases and figures in a terminal and in a page.

mod case;
mod check;
mod count;
mod measure;
mod operations;
mod random;
mod workload;

pub use case::{Case, Network, Prepared};
pub use check::{Compared, check};
pub use count::{Counted, count};
pub use measure::{Figures, Report, measure};
pub use workload::Workload;
