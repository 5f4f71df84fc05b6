//! What a driver's compiler has to do before the first picture: how many pipelines, how much WGSL, how many instructions.

use crate::support;
use burn::tensor::DType;
use hearth::bench::{Subject, Workload};
use hearth::device::Compute;
use hearth::kernels::{Family, Rehearsal, Tally, rehearse, with_family};
use wgpu::naga;

/// The networks of an SD 1.5 picture of 512 × 512.
const CASES: [&str; 3] = ["sd15-text-512", "sd15-unet-512", "sd15-vae-512"];

/// What is asked for of one kind of device in one number format.
struct Bound {
    family: Family,
    dtype: DType,
    pipelines: usize,
    wgsl_bytes: usize,
    instructions: usize,
}

/// A tenth more than what was counted on 2026-11-27. Before, when loops of products were written out whole and each
/// epilogue was a variant, it was 58, 2,521,999 and 315,123; 44, 2,271,881 and 272,546; 26, 233,864 and 30,235.
const BOUNDS: [Bound; 3] = [
    Bound {
        family: Family::Tiled,
        dtype: DType::F32,
        pipelines: 30,
        wgsl_bytes: 385_000,
        instructions: 65_000,
    },
    Bound {
        family: Family::Tiled,
        dtype: DType::F16,
        pipelines: 28,
        wgsl_bytes: 321_000,
        instructions: 54_000,
    },
    Bound {
        family: Family::Direct,
        dtype: DType::F32,
        pipelines: 15,
        wgsl_bytes: 116_000,
        instructions: 22_200,
    },
];

#[test]
fn shaders_of_a_picture_stay_small() {
    let Some(gpu) = support::gpu() else { return };
    for bound in BOUNDS {
        if !gpu.device.supports_dtype(bound.dtype) {
            println!("{:?} is left out: {} does not compute in it", bound.dtype, gpu.name);
            continue;
        }
        let sources = with_family(bound.family, || sources(&gpu, bound.dtype));
        let wgsl_bytes: usize = sources.iter().map(String::len).sum();
        let instructions: usize = sources.iter().map(|source| instructions(source)).sum();
        let what = format!("{}, {:?}", bound.family, bound.dtype);
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

/// The WGSL of all pipelines of a picture, each once.
fn sources(gpu: &Compute, dtype: DType) -> Vec<String> {
    Tally::begin(false);
    for case in CASES {
        let mut network = Workload::phantom(case.parse().unwrap(), dtype, gpu).unwrap();
        let pass = async {
            network.prepare(gpu);
            network.forward(gpu).await.unwrap()
        };
        rehearse(Rehearsal::Shaders, pass).expect("a pass waited");
    }
    Tally::end().sources()
}

/// Of the SPIR-V that naga makes of a kernel, as the runtime asks for it: without checks of indices.
fn instructions(source: &str) -> usize {
    use naga::back::spv;
    let module = naga::front::wgsl::parse_str(source)
        .unwrap_or_else(|e| panic!("{}\n{source}", e.emit_to_string(source)));
    let capabilities = naga::valid::Capabilities::all();
    let info = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), capabilities)
        .validate(&module)
        .unwrap_or_else(|e| panic!("{e:?}\n{source}"));
    let words = spv::write_vec(&module, &info, &spv::Options::default(), None).unwrap();
    // The first five words are a header; the upper half of an instruction's first word is its length.
    let mut rest = &words[5..];
    let mut count = 0;
    while let Some(first) = rest.first() {
        rest = &rest[(first >> 16) as usize..];
        count += 1;
    }
    count
}
