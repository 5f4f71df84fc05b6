//! `hearth bench`: how fast, and in how much memory.

use std::path::PathBuf;
use std::time::Instant;

use burn::tensor::DType;
use hearth::bench::{Case, Prepared, Report, Workload, count, measure};
use hearth::device::{Compute, DeviceKind};
use hearth::weights::{Folder, Precision};
use hearth::{Error, Result};

use super::generate::Dtype;

#[derive(clap::Args)]
pub struct Bench {
    /// What to measure: sd15, sd21 or sdxl, then text, unet or vae, then pixels, with random weights;
    /// with --cases, names from there. May be said several times [default: a usual choice]
    #[arg(long, value_name = "NAME")]
    case: Vec<String>,
    /// Folder of cases with weights and diffusers' output, which tests/bench/prepare.py makes
    #[arg(long, value_name = "PATH")]
    cases: Option<PathBuf>,
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
    let compute = Compute::open(arguments.device).await?;
    if arguments.check {
        return check(&compute, arguments.json).await;
    }
    let on_gpu = arguments.device == DeviceKind::Wgpu;
    let random = match arguments.dtype {
        Dtype::F32 => DType::F32,
        _ if on_gpu => DType::F16,
        _ => DType::F32,
    };
    let mut report = Report {
        engine: "hearth",
        device: if on_gpu { "wgpu" } else { "cpu" }.to_string(),
        adapter: compute.name.clone(),
        dtype: format!("{random:?}").to_lowercase(),
        cases: Vec::new(),
    };
    let names = match (&arguments.case, &arguments.cases) {
        (names, None) if names.is_empty() => Case::USUAL.map(str::to_string).to_vec(),
        (names, _) => names.clone(),
    };
    let source = arguments.cases.as_deref().map(Folder::open).transpose()?;
    let started = Instant::now();
    let clock = || started.elapsed().as_secs_f64();
    for name in &names {
        eprintln!("{name} …");
        let workload = match &source {
            Some(source) => {
                let case = Prepared::find(source, name).await?;
                let precision: Precision = arguments.dtype.into();
                Workload::prepared(&case, source, precision, &compute).await?
            }
            None => Workload::random(name.parse()?, random, &compute)?,
        };
        if arguments.dry_run {
            let counted = count(&workload, &compute).await?;
            println!("{}", if arguments.json { to_json(&counted)? } else { counted.to_string() });
            continue;
        }
        let figures = measure(&workload, &compute, arguments.runs, &clock, &mut |_| {}).await?;
        if !arguments.json {
            println!("{figures}");
        }
        report.cases.push(figures);
    }
    if arguments.json && !arguments.dry_run {
        println!("{}", to_json(&report)?);
    }
    Ok(())
}

/// Says which kernels are wrong on this device, if any.
async fn check(compute: &Compute, json: bool) -> Result<()> {
    let all = hearth::bench::check(compute).await?;
    if json {
        println!("{}", to_json(&all)?);
    }
    let wrong: Vec<String> = all
        .iter()
        .filter(|compared| !compared.is_equal())
        .map(|wrong| format!("{} in {}, error {:.1e}", wrong.name, wrong.dtype, wrong.error))
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
