//! Networks and whole pictures, measured, and kernels, checked: the same cases and figures in a terminal and
//! in a page.

mod busy;
mod case;
mod check;
mod count;
mod figures;
mod measure;
mod operations;
mod random;
mod tiles;
mod whole;
mod workload;

pub use crate::kernels::{Measured, Product};
pub use case::{Case, Network, Prepared};
pub use check::{Compared, Comparison, check, dtype_name};
pub use count::{Counted, count};
pub use figures::{Figures, Kernel, Report};
pub use measure::{Host, Subject, measure};
pub use tiles::{keep_tiles, measure_tiles};
pub use whole::WholePicture;
pub use workload::Workload;
