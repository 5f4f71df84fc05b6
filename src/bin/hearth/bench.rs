//! `hearth bench`: how fast, and in how much memory.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use burn::tensor::DType;
use hearth::bench::{
    Case, Compared, Figures, Prepared, Report, Subject, WholePicture, Workload, count, measure,
};
use hearth::device::{Compute, DeviceKind};
use hearth::engine::{self, Limits, Residence};
use hearth::weights::{Checkpoint, Folder, OpenOptions};
use hearth::{Error, Result};

use super::model::Dtype;

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
            what: "a check of the CPU, which is what kernels are compared with".to_string(),
            remedy: "Leave --device out".to_string(),
        });
    }
    let compute = Compute::open(arguments.device).await?;
    if arguments.check {
        return check(&compute, arguments.json).await;
    }
    let started = Instant::now();
    let clock = || started.elapsed().as_secs_f64();
    let mut report = Report {
        engine: "hearth",
        device: if arguments.on_gpu() { "wgpu" } else { "cpu" }.to_string(),
        adapter: compute.name.clone(),
        dtype: format!("{:?}", arguments.random()).to_lowercase(),
        cases: Vec::new(),
    };
    if let Some(path) = &arguments.model {
        let mut picture = arguments.picture(path, &compute).await?;
        report.cases.push(arguments.measure(&mut picture, &compute, &clock).await?);
    }
    for name in arguments.names() {
        eprintln!("{name} …");
        let mut workload = arguments.workload(&name, &compute).await?;
        if arguments.dry_run {
            let counted = count(&mut workload, &compute).await?;
            println!("{}", if arguments.json { to_json(&counted)? } else { counted.to_string() });
        } else {
            report.cases.push(arguments.measure(&mut workload, &compute, &clock).await?);
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

    async fn measure(
        &self,
        subject: &mut impl Subject,
        compute: &Compute,
        clock: &dyn Fn() -> f64,
    ) -> Result<Figures> {
        let figures = measure(subject, compute, self.runs, clock, &mut |_| {}).await?;
        if !self.json {
            println!("{figures}");
        }
        Ok(figures)
    }
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
    Err(Error::Gpu { reason: format!("{} is wrong: {}", compute.name, wrong.join("; ")) })
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal { reason: e.to_string() })
}
