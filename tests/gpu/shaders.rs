//! Size of a run's shaders.
//!
//! Pipelines, bytes of WGSL and SPIR-V instructions determine the compile time.

use crate::support;
use hearth::bench::{Benchmark, Workload};
use hearth::device::Compute;
use hearth::kernels::{DryRun, KernelFamily, Profile, StorageFormat, dry_run, with_kernel_family};
use wgpu::naga;

/// The networks of an SD 1.5 run of 512 × 512 pixels.
const CASES: [&str; 3] = ["sd15-text-512", "sd15-unet-512", "sd15-vae-512"];

/// Upper bounds for one kernel family and storage format.
struct Bound {
    family: KernelFamily,
    format: StorageFormat,
    pipelines: usize,
    wgsl_bytes: usize,
    instructions: usize,
}

/// 10 % above the counts of 2026-11-27. Before, when the loops of products were unrolled completely
/// and each epilogue was a variant, the counts were 58, 2,521,999 and 315,123; 44, 2,271,881 and
/// 272,546; 26, 233,864 and 30,235.
const BOUNDS: [Bound; 3] = [
    Bound {
        family: KernelFamily::Tiled,
        format: StorageFormat::F32,
        pipelines: 30,
        wgsl_bytes: 385_000,
        instructions: 65_000,
    },
    Bound {
        family: KernelFamily::Tiled,
        format: StorageFormat::F16,
        pipelines: 28,
        wgsl_bytes: 321_000,
        instructions: 54_000,
    },
    Bound {
        family: KernelFamily::Direct,
        format: StorageFormat::F32,
        pipelines: 15,
        wgsl_bytes: 116_000,
        instructions: 22_200,
    },
];

#[test]
fn shaders_of_a_run_stay_small() {
    let Some(gpu) = support::gpu() else { return };
    for bound in BOUNDS {
        if !gpu.device.supports_dtype(bound.format.dtype()) {
            println!("{:?} is left out: {} does not compute in it", bound.format, gpu.name);
            continue;
        }
        let sources = with_kernel_family(bound.family, || sources(&gpu, bound.format));
        let wgsl_bytes: usize = sources.iter().map(String::len).sum();
        let instructions: usize = sources.iter().map(|source| instructions(source)).sum();
        let what = format!("{}, {:?}", bound.family, bound.format);
        println!(
            "{what}: {} pipelines, {wgsl_bytes} bytes of WGSL, {instructions} instructions of SPIR-V",
            sources.len()
        );
        assert!(sources.len() > 10, "{what}: only {} pipelines", sources.len());
        assert!(sources.len() <= bound.pipelines, "{what}: {} pipelines", sources.len());
        assert!(wgsl_bytes <= bound.wgsl_bytes, "{what}: {wgsl_bytes} bytes of WGSL");
        assert!(instructions <= bound.instructions, "{what}: {instructions} instructions");
    }
}

/// Returns the WGSL of all pipelines of a run, each once.
fn sources(gpu: &Compute, format: StorageFormat) -> Vec<String> {
    Profile::start(false);
    for case in CASES {
        let mut network = Workload::without_weights(case.parse().unwrap(), format, gpu).unwrap();
        let pass = async {
            network.prepare(gpu);
            network.forward(gpu).await.unwrap()
        };
        dry_run(DryRun::Shaders, pass).expect("a dry run awaited a result");
    }
    Profile::finish().sources()
}

/// Counts the SPIR-V instructions that naga generates for a kernel, without bounds checks, as the
/// runtime requests it.
fn instructions(source: &str) -> usize {
    use naga::back::spv;
    let module = naga::front::wgsl::parse_str(source)
        .unwrap_or_else(|e| panic!("{}\n{source}", e.emit_to_string(source)));
    let capabilities = naga::valid::Capabilities::all();
    let info = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), capabilities)
        .validate(&module)
        .unwrap_or_else(|e| panic!("{e:?}\n{source}"));
    let words = spv::write_vec(&module, &info, &spv::Options::default(), None).unwrap();
    // The first five words are a header; the upper half of an instruction's first word is its
    // length.
    let mut rest = &words[5..];
    let mut count = 0;
    while let Some(first) = rest.first() {
        rest = &rest[(first >> 16) as usize..];
        count += 1;
    }
    count
}
