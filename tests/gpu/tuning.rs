//! Matrix products with every tile, and measurement, storage and use of tiles.

use std::time::Instant;

use crate::support::{self, values};
use burn::tensor::{DType, Device, Tensor, TensorData, f16};
use hearth::device::Compute;
use hearth::kernels::{
    Epilogue, Geometry, MatrixProduct, Padding, Profile, TileChoices, TileConfig, conv2d, geglu,
    tile_candidates, tune, tuning_shaders, with_tile,
};

/// A convolution and a GEGLU layer whose shapes do not fit the tiles, and a linear layer whose
/// inner axis is shorter than a step.
const PRODUCTS: [MatrixProduct; 3] =
    [product(35, 44, 20, 3, false), product(70, 24, 36, 1, true), product(9, 12, 8, 1, false)];

const fn product(m: usize, n: usize, c: usize, kernel: usize, gated: bool) -> MatrixProduct {
    MatrixProduct { m, n, c, kernel, gated, is_f16: false, stores_f16: false }
}

/// One test, because a process can open the GPU only once.
#[test]
fn tiles_are_correct_and_measured_ones_are_used() {
    let Some(gpu) = support::gpu() else { return };
    products_equal_the_cpu_in_every_tile(&gpu);
    measured_tiles_are_stored_and_used(&gpu);
    gpu.check().unwrap();
}

fn products_equal_the_cpu_in_every_tile(gpu: &Compute) {
    for is_f16 in [false, true] {
        if is_f16 && !gpu.computes_in_f16() {
            println!("f16 is left out: {} does not compute in it", gpu.name);
            continue;
        }
        for product in PRODUCTS {
            let product = MatrixProduct { is_f16, stores_f16: is_f16, ..product };
            let tiles = tile_candidates(&product, &gpu.device);
            // A gated product needs tiles whose columns can be halved.
            let least = if product.gated { 3 } else { 7 };
            assert!(tiles.len() >= least, "{product:?}: only {} tiles", tiles.len());
            let reference = values(run(&product, &Device::flex()));
            let scale = reference.iter().fold(0f32, |most, value| most.max(value.abs()));
            for tile in tiles {
                let result = values(with_tile(tile, || run(&product, &gpu.device)));
                assert_eq!(result.len(), reference.len());
                let error =
                    result.iter().zip(&reference).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max);
                let limit = if is_f16 { 4e-3 } else { 2e-6 };
                assert!(error <= limit * scale, "{product:?} in {tile}: {error}");
            }
        }
    }
}

fn measured_tiles_are_stored_and_used(gpu: &Compute) {
    let products: Vec<(MatrixProduct, f64)> =
        PRODUCTS.map(|product| (product, product.m as f64)).to_vec();
    let shaders = tuning_shaders(&products, &gpu.device, 3);
    assert!(shaders.len() >= 3, "only {} shaders for three tiles", shaders.len());
    let started = Instant::now();
    let clock = || started.elapsed().as_secs_f64();
    let measured = pollster::block_on(tune(&products, &gpu.device, 3, 60.0, &clock));
    assert_eq!(measured.len(), PRODUCTS.len());
    assert_eq!(
        measured[0].product, PRODUCTS[1],
        "the product with the most operations comes first"
    );
    for one in &measured {
        assert_eq!(one.tried.len(), 3);
        assert_eq!(one.tried[0].0, tile_candidates(&one.product, &gpu.device)[0]);
        assert!(one.tried.iter().all(|(_, seconds)| *seconds > 0.0), "{one:?}");
        assert!(one.tried.iter().any(|(tile, _)| Some(*tile) == one.best()));
    }
    let choices = TileChoices::default().updated_with(&measured);
    let json = serde_json::to_string(&choices).unwrap();
    assert_eq!(serde_json::from_str::<TileChoices>(&json).unwrap(), choices);

    // Without a budget nothing is measured.
    assert!(pollster::block_on(tune(&products, &gpu.device, 3, -1.0, &clock)).is_empty());

    // A launch uses the installed tile of its product; other products do not.
    let last = |product: &MatrixProduct| *tile_candidates(product, &gpu.device).last().unwrap();
    let default = source(&PRODUCTS[0], &gpu.device);
    [(PRODUCTS[0], last(&PRODUCTS[0]))].into_iter().collect::<TileChoices>().install();
    let installed = source(&PRODUCTS[0], &gpu.device);
    let forced = with_tile(last(&PRODUCTS[0]), || source(&PRODUCTS[0], &gpu.device));
    let other = source(&PRODUCTS[2], &gpu.device);
    TileChoices::default().install();
    assert_ne!(installed, default);
    assert_eq!(installed, forced);
    assert_eq!(other, source(&PRODUCTS[2], &gpu.device));
    assert_eq!(default, source(&PRODUCTS[0], &gpu.device));

    // Unknown tiles in a file are ignored.
    let unknown = r#"{"threads":[64,64],"rows":64,"columns":64,"depth":64,"split":1}"#;
    let unknown: TileConfig = serde_json::from_str(unknown).unwrap();
    [(PRODUCTS[0], unknown)].into_iter().collect::<TileChoices>().install();
    let with_unknown = source(&PRODUCTS[0], &gpu.device);
    TileChoices::default().install();
    assert_eq!(with_unknown, default);
}

/// Returns the WGSL of a product's launch.
fn source(product: &MatrixProduct, device: &Device) -> Vec<String> {
    Profile::start(false);
    run(product, device);
    Profile::finish().sources()
}

fn run(product: &MatrixProduct, device: &Device) -> Tensor<4> {
    let MatrixProduct { m, n, c, kernel, gated, is_f16, .. } = *product;
    let numbers = |shape: [usize; 4], step: f64| {
        let count = shape.iter().product::<usize>();
        // Both devices multiply the same numbers: those that f16 can represent.
        let number = |value| if is_f16 { f16::from_f32(value).to_f32() } else { value };
        // A quadratic phase, so that neighbours differ and sums do not cancel to less than their
        // rounding error.
        let wave = |i: usize| ((i * i) as f64 * step).sin() as f32;
        let data: Vec<f32> = (0..count).map(|i| number(wave(i))).collect();
        let tensor = Tensor::<4>::from_data(TensorData::new(data, shape), (device, DType::F32));
        if is_f16 && *device != Device::flex() { tensor.cast(DType::F16) } else { tensor }
    };
    let x = numbers([1, c, m, 1], 0.37);
    if gated {
        let weight = numbers([2 * n, c, 1, 1], 0.71).reshape([2 * n, c]);
        let out = geglu(x.reshape([1, c, m]).swap_dims(1, 2), weight, None);
        return out.cast(DType::F32).unsqueeze();
    }
    let weight = numbers([n, c, kernel, kernel], 0.71);
    let geometry = Geometry { stride: 1, padding: Padding::symmetric(kernel / 2), resized: None };
    conv2d(x.into(), weight, None, geometry, Epilogue::default()).cast(DType::F32)
}
