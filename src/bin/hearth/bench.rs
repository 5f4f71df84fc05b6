//! Subcommand `hearth bench`.
//!
//! It measures speed and memory of networks and runs, and checks the kernels.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use hearth::bench::{
    BenchHost, BenchReport, Benchmark, Case, CaseReport, KernelComparison, MatrixProduct,
    PipelineBenchmark, ReferenceCase, StorageFormat, Workload, dry_run, dtype_name, estimate,
    measure, measure_tiles, to_json,
};
use hearth::device::{Compute, DeviceKind};
use hearth::error::Message;
use hearth::families::Checkpoint;
use hearth::runtime::{self, Limits, Residency, TuningHost};
use hearth::weights::{Folder, OpenOptions};
use hearth::{Error, Result};

use super::model_args::Dtype;
use super::model_path::open_path;
use super::tiles::TileFile;

#[derive(clap::Args)]
pub struct Bench {
    /// What to measure: sd15, sd21 or sdxl, then text, unet or vae, then pixels, with random weights;
    /// with --cases, names from there. May be given several times [default: nine common cases]
    #[arg(long, value_name = "NAME")]
    case: Vec<String>,
    /// Folder of cases with weights and diffusers' output, made by tests/bench/prepare.py
    #[arg(long, value_name = "PATH", requires = "case")]
    cases: Option<PathBuf>,
    /// Measure whole runs of this model, a folder or file as for generate, with its default settings
    #[arg(long, value_name = "PATH", conflicts_with_all = ["dry_run", "check"])]
    model: Option<PathBuf>,
    /// cpu or wgpu
    #[arg(long, value_name = "DEVICE", default_value = "wgpu")]
    device: DeviceKind,
    /// Number format of the weights; auto: f16 on a GPU
    #[arg(long, value_name = "DTYPE", default_value = "auto")]
    dtype: Dtype,
    /// Measured runs, after the first
    #[arg(long, value_name = "N", default_value_t = 5, allow_negative_numbers = true)]
    runs: usize,
    /// Only compare every kernel with Burn's operations on the CPU
    #[arg(long)]
    check: bool,
    /// Compute nothing, only count what a case needs: launches, pipelines and memory; on the CPU memory alone
    #[arg(long)]
    dry_run: bool,
    /// Measure which tiles are fastest for the matrix products of the cases on this GPU, print them, and store them for
    /// generate
    #[arg(long, conflicts_with_all = ["dry_run", "check", "cases", "model"])]
    tune: bool,
    /// Print JSON, not a table
    #[arg(long)]
    json: bool,
}

/// Measures each case and prints its report.
pub async fn bench(arguments: &Bench) -> Result<()> {
    arguments.dtype.check(arguments.device)?;
    if arguments.check && !arguments.on_gpu() {
        return Err(Error::Unsupported {
            path: "--check".to_string(),
            what: Message::verbatim("a check of the CPU, which is what kernels are compared with"),
            remedy: Message::verbatim("Leave --device out"),
        });
    }
    let compute = Compute::open(arguments.device).await?;
    if arguments.check {
        return check(&compute, arguments.json).await;
    }
    if arguments.tune {
        return arguments.tune(&compute).await;
    }
    if arguments.dry_run && !arguments.on_gpu() {
        return arguments.count_memory(&compute);
    }
    let mut report = BenchReport {
        engine: "hearth",
        device: if arguments.on_gpu() { "wgpu" } else { "cpu" }.to_string(),
        adapter: compute.name.clone(),
        dtype: dtype_name(arguments.random_format().dtype()),
        cases: Vec::new(),
    };
    if let Some(path) = &arguments.model {
        let mut picture = arguments.picture(path, &compute).await?;
        report.cases.push(arguments.measure(&mut picture, &compute).await?);
    }
    for name in arguments.names() {
        eprintln!("{name} …");
        let mut workload = arguments.workload(&name, &compute).await?;
        if arguments.dry_run {
            let report = dry_run(&mut workload, &compute).await?;
            println!("{}", if arguments.json { to_json(&report)? } else { report.to_string() });
        } else {
            report.cases.push(arguments.measure(&mut workload, &compute).await?);
        }
        // Its memory must be free before the next one is measured.
        drop(workload);
        compute.sync().await?;
        compute.device.memory_cleanup();
    }
    if arguments.json && !arguments.dry_run {
        println!("{}", to_json(&report)?);
    }
    Ok(())
}

impl Bench {
    fn on_gpu(&self) -> bool {
        self.device == DeviceKind::Wgpu
    }

    /// Returns the format of random weights.
    fn random_format(&self) -> StorageFormat {
        match self.dtype {
            Dtype::F32 => StorageFormat::F32,
            _ if self.on_gpu() => StorageFormat::F16,
            _ => StorageFormat::F32,
        }
    }

    /// Returns the requested cases, or the default ones.
    fn names(&self) -> Vec<String> {
        let is_default = self.case.is_empty() && self.cases.is_none() && self.model.is_none();
        match is_default {
            true => Case::DEFAULTS.map(str::to_string).to_vec(),
            false => self.case.clone(),
        }
    }

    /// Prints how much memory the weights and activations of the cases take on the CPU.
    fn count_memory(&self, compute: &Compute) -> Result<()> {
        for name in self.names() {
            let (case, format) = (name.parse()?, self.random_format());
            let weights = Workload::weight_bytes_of(case, format)?;
            let scratch = estimate(case, format, compute)?.scratch;
            let megabytes = |bytes: u64| bytes as f64 / 1e6;
            match self.json {
                true => println!(
                    "{{\"name\":\"{name}\",\"weight_bytes\":{weights},\"scratch_bytes\":{scratch}}}"
                ),
                false => println!(
                    "{name}  weights {:.0} MB, activations {:.0} MB",
                    megabytes(weights),
                    megabytes(scratch)
                ),
            }
        }
        Ok(())
    }

    /// Measures tiles, prints and stores them.
    async fn tune(&self, compute: &Compute) -> Result<()> {
        const TILES: usize = 10;
        const BUDGET: f64 = 120.0;
        let file = TileFile::new(compute);
        let workload =
            |name: &String| Workload::without_weights(name.parse()?, self.random_format(), compute);
        let mut workloads = self.names().iter().map(workload).collect::<Result<Vec<_>>>()?;
        let clock = || file.seconds();
        let measured = measure_tiles(&mut workloads, compute, TILES, BUDGET, &clock).await?;
        if self.json {
            println!("{}", to_json(&measured)?);
        }
        for one in measured.iter().filter(|_| !self.json) {
            let MatrixProduct { m, n, c, kernel, gated, .. } = one.product;
            let what = match (gated, kernel) {
                (true, _) => "gated linear",
                (false, 1) => "linear",
                _ => "conv 3×3",
            };
            println!("{what} {m} × {c} → {n}");
            for (preset, seconds) in &one.tried {
                let chosen = if one.best() == Some(*preset) { "  ← chosen" } else { "" };
                println!("  {:>9.3} ms  {preset}{chosen}", seconds * 1e3);
            }
        }
        let is_stored = runtime::store_tiles(&file, &measured).await;
        match file.path().filter(|_| is_stored) {
            Some(path) => eprintln!("{} products, stored in {}", measured.len(), path.display()),
            None => eprintln!("They could not be stored: no cache folder can be written to"),
        }
        Ok(())
    }

    async fn workload(&self, name: &str, compute: &Compute) -> Result<Workload> {
        match &self.cases {
            Some(cases) => {
                let source = Folder::open(cases)?;
                let case = ReferenceCase::find(&source, name).await?;
                Workload::with_reference(&case, &source, self.dtype.into(), compute).await
            }
            None if self.dry_run => {
                Workload::without_weights(name.parse()?, self.random_format(), compute)
            }
            None => Workload::random(name.parse()?, self.random_format(), compute),
        }
    }

    async fn picture(&self, path: &Path, compute: &Compute) -> Result<PipelineBenchmark<Folder>> {
        let source = open_path(path)?;
        let options =
            OpenOptions { precision: self.dtype.into(), ..OpenOptions::with_vocabulary() };
        let checkpoint = Checkpoint::open(&source, &options).await?;
        let name = runtime::name(&checkpoint, &source);
        let request = PipelineBenchmark::<Folder>::request(&checkpoint, &name);
        let limits = Limits::of_device(compute);
        let (source, mut loaded) = (Rc::new(source), async |_| Ok(()));
        let device = &compute.device;
        let model =
            runtime::load(checkpoint, source, device, limits, Residency::All, &mut loaded).await?;
        Ok(PipelineBenchmark::new(&name, model, request))
    }

    async fn measure(
        &self,
        benchmark: &mut impl Benchmark,
        compute: &Compute,
    ) -> Result<CaseReport> {
        let mut host = TerminalHost { started: Instant::now() };
        let report = measure(benchmark, compute, self.runs, &mut host).await?;
        if !self.json {
            println!("{report}");
        }
        Ok(report)
    }
}

/// The terminal as the program in which benchmarks run.
struct TerminalHost {
    started: Instant,
}

impl BenchHost for TerminalHost {
    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn run_started(&mut self, _: usize) {}

    async fn build_pipelines(&mut self, _: Vec<String>) {} // Burn's runtime builds them.
}

/// Compares the kernels with the CPU and reports those that are wrong on this device.
async fn check(compute: &Compute, json: bool) -> Result<()> {
    let all = hearth::bench::check(compute, |comparison| comparison.by_default).await?;
    if json {
        println!("{}", to_json(&all)?);
    }
    let wrong: Vec<String> = all
        .iter()
        .filter(|compared| !compared.is_within_limit())
        .map(|wrong| {
            let KernelComparison { name, dtype, family, error, .. } = wrong;
            format!("{name} in {dtype}, {family}, error {error:.1e}")
        })
        .collect();
    if wrong.is_empty() {
        eprintln!("All {} comparisons are within the limit on {}", all.len(), compute.name);
        return Ok(());
    }
    let reason = format!("{} is wrong: {}", compute.name, wrong.join("; "));
    Err(Error::Gpu { reason: Message::verbatim(reason) })
}
