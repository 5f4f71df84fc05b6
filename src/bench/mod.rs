//! Benchmarks of networks and runs, and the check of the kernels.

mod busy_time;
mod cases;
mod check;
mod dry_run;
mod measure;
mod operations;
mod pipeline;
mod random_weights;
mod report;
mod tiles;
mod workload;

pub use crate::kernels::{MatrixProduct, StorageFormat, TileMeasurement};
pub use cases::{Case, Network, ReferenceCase};
pub use check::{ComparisonCase, KernelComparison, check, dtype_name};
pub use dry_run::{DryRunReport, dry_run, estimate};
pub use measure::{BenchHost, Benchmark, measure};
pub use pipeline::PipelineBenchmark;
pub use report::{BenchReport, CaseReport, KernelReport, to_json};
pub use tiles::measure_tiles;
pub use workload::Workload;
