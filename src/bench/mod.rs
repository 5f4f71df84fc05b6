//! Networks and whole pictures, measured, and kernels, checked: the same cases and figures in a terminal and
//! in a page.

mod case;
mod check;
mod count;
mod figures;
mod measure;
mod operations;
mod random;
mod whole;
mod workload;

pub use case::{Case, Network, Prepared};
pub use check::{Compared, Comparison, check, dtype_name};
pub use count::{Counted, count};
pub use figures::{Figures, Kernel, Report};
pub use measure::{Subject, measure};
pub use whole::WholePicture;
pub use workload::Workload;
