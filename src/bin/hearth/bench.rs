//! `hearth bench`: how fast, and in how much memory.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use burn::tensor::DType;
use hearth::bench::{
    Case, Compared, Figures, Host, Prepared, Product, Report, Subject, WholePicture, Workload,
    count, keep_tiles, measure, measure_tiles,
};
use hearth::device::{Compute, DeviceKind};
use hearth::engine::{self, Limits, Residence, TileHost};
use hearth::error::Message;
use hearth::weights::{Checkpoint, Folder, OpenOptions};
use hearth::{Error, Result};

use super::model::Dtype;
use super::tiles::TileFile;

#[derive(clap::Args)]
pub struct Bench {
    /// What to measure: sd15, sd21 or sdxl, then text, unet or vae, then pixels, with random weights;
    /// with --cases, names from there. May be said several times [default: a usual choice]
    #[arg(long, value_name = "NAME")]
    case: Vec<String>,
    /// Folder of cases with weights and diffusers' output, which tests/bench/prepare.py makes
    #[arg(long, value_name = "PATH", requires = "case")]
    cases: Option<PathBuf>,
    /// Measure whole pictures of this model, a folder or file as for generate, with its usual settings
    #[arg(long, value_name = "PATH", conflicts_with_all = ["dry_run", "check"])]
    model: Option<PathBuf>,
    /// cpu or wgpu
    #[arg(long, value_name = "DEVICE", default_value = "wgpu")]
    device: DeviceKind,
    /// Number format of the weights; auto: f16 on a GPU
    #[arg(long, value_name = "DTYPE", default_value = "auto")]
    dtype: Dtype,
    /// Runs that count
    #[arg(long, value_name = "N", default_value_t = 5)]
    runs: usize,
    /// Only compare every kernel with plain operations on the CPU
    #[arg(long)]
    check: bool,
    /// Compute nothing, only count launches and memory: at once, at any size
    #[arg(long)]
    dry_run: bool,
    /// Measure which tiles are fastest for the products of the cases on this GPU, print them, and keep them for generate
    #[arg(long, conflicts_with_all = ["dry_run", "check", "cases", "model"])]
    tune: bool,
    /// Print JSON, not a table
    #[arg(long)]
    json: bool,
}

/// Measures one case after the other and prints what was found.
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
    let mut report = Report {
        engine: "hearth",
        device: if arguments.on_gpu() { "wgpu" } else { "cpu" }.to_string(),
        adapter: compute.name.clone(),
        dtype: format!("{:?}", arguments.random()).to_lowercase(),
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
            let counted = count(&mut workload, &compute).await?;
            println!("{}", if arguments.json { to_json(&counted)? } else { counted.to_string() });
        } else {
            report.cases.push(arguments.measure(&mut workload, &compute).await?);
        }
        // What it took must not be there when the next one is weighed.
        drop(workload);
        compute.settle().await?;
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

    /// What random weights are kept as.
    fn random(&self) -> DType {
        match self.dtype {
            Dtype::F32 => DType::F32,
            _ if self.on_gpu() => DType::F16,
            _ => DType::F32,
        }
    }

    /// The cases that were asked for, or usual ones.
    fn names(&self) -> Vec<String> {
        let said_nothing = self.case.is_empty() && self.cases.is_none() && self.model.is_none();
        match said_nothing {
            true => Case::USUAL.map(str::to_string).to_vec(),
            false => self.case.clone(),
        }
    }

    /// Measures tiles, prints what was found and keeps it.
    async fn tune(&self, compute: &Compute) -> Result<()> {
        const TRIED: usize = 10;
        const BUDGET: f64 = 120.0;
        let file = TileFile::of(compute);
        let phantom = |name: &String| Workload::phantom(name.parse()?, self.random(), compute);
        let mut workloads = self.names().iter().map(phantom).collect::<Result<Vec<_>>>()?;
        let clock = || file.seconds();
        let measured = measure_tiles(&mut workloads, compute, TRIED, BUDGET, &clock).await?;
        if self.json {
            println!("{}", to_json(&measured)?);
        }
        for one in measured.iter().filter(|_| !self.json) {
            let Product { m, n, c, kernel, gated, .. } = one.product;
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
        let kept = file.read().await.unwrap_or_default();
        let written = file.write(&keep_tiles(&kept, &measured)?);
        match file.path().filter(|_| written) {
            Some(path) => eprintln!("{} products, kept in {}", measured.len(), path.display()),
            None => eprintln!("They could not be kept: no cache folder can be written to"),
        }
        Ok(())
    }

    async fn workload(&self, name: &str, compute: &Compute) -> Result<Workload> {
        match &self.cases {
            Some(cases) => {
                let source = Folder::open(cases)?;
                let case = Prepared::find(&source, name).await?;
                Workload::prepared(&case, &source, self.dtype.into(), compute).await
            }
            None => Workload::random(name.parse()?, self.random(), compute),
        }
    }

    async fn picture(&self, path: &Path, compute: &Compute) -> Result<WholePicture<Folder>> {
        let source = Folder::open(path)?;
        let options =
            OpenOptions { precision: self.dtype.into(), ..OpenOptions::with_vocabulary() };
        let checkpoint = Checkpoint::open(&source, &options).await?;
        let name = engine::name(&checkpoint, &source);
        let request = WholePicture::<Folder>::request(&checkpoint, &name);
        let limits = Limits {
            binding: compute.largest_binding,
            memory: None,
            gpu: compute.is_gpu(),
            f16: compute.computes_in_f16(),
        };
        let (source, mut loaded) = (Rc::new(source), async |_| Ok(()));
        let device = &compute.device;
        let model =
            engine::load(checkpoint, source, device, limits, Residence::All, &mut loaded).await?;
        Ok(WholePicture::new(&name, model, request))
    }

    async fn measure(&self, subject: &mut impl Subject, compute: &Compute) -> Result<Figures> {
        let mut host = Terminal { started: Instant::now() };
        let figures = measure(subject, compute, self.runs, &mut host).await?;
        if !self.json {
            println!("{figures}");
        }
        Ok(figures)
    }
}

/// The program that measures.
struct Terminal {
    started: Instant,
}

impl Host for Terminal {
    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn begins(&mut self, _: usize) {}

    async fn build(&mut self, _: Vec<String>) {} // The runtime does.
}

/// Says which kernels are wrong on this device, if any.
async fn check(compute: &Compute, json: bool) -> Result<()> {
    let all = hearth::bench::check(compute, |comparison| comparison.is_usual).await?;
    if json {
        println!("{}", to_json(&all)?);
    }
    let wrong: Vec<String> = all
        .iter()
        .filter(|compared| !compared.is_equal())
        .map(|wrong| {
            let Compared { name, dtype, family, error, .. } = wrong;
            format!("{name} in {dtype}, {family}, error {error:.1e}")
        })
        .collect();
    if wrong.is_empty() {
        eprintln!("All {} are equal on {}", all.len(), compute.name);
        return Ok(());
    }
    let reason = format!("{} is wrong: {}", compute.name, wrong.join("; "));
    Err(Error::Gpu { reason: Message::verbatim(reason) })
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal { reason: Message::verbatim(e) })
}
