//! Products are right in every tile, and tiles are measured, kept and used.

use std::time::Instant;

use crate::support::{self, values};
use burn::tensor::{DType, Device, Tensor, TensorData, f16};
use hearth::device::Compute;
use hearth::kernels::{
    Choices, Epilogue, Geometry, Padding, Preset, Product, Tally, candidates, conv2d, geglu, tune,
    tuning_shaders, with_tile,
};

/// A convolution and a gated layer that fit no tile, and one whose inner axis is shorter than a step.
const PRODUCTS: [Product; 3] =
    [product(35, 44, 20, 3, false), product(70, 24, 36, 1, true), product(9, 12, 8, 1, false)];

const fn product(m: usize, n: usize, c: usize, kernel: usize, gated: bool) -> Product {
    Product { m, n, c, kernel, gated, is_f16: false, stores_f16: false }
}

/// One test, because a process has one GPU.
#[test]
fn tiles_are_right_and_kept_and_used() {
    let Some(gpu) = support::gpu() else { return };
    products_are_right_in_every_tile(&gpu);
    what_was_measured_is_kept_and_used(&gpu);
    gpu.check().unwrap();
}

fn products_are_right_in_every_tile(gpu: &Compute) {
    for is_f16 in [false, true] {
        if is_f16 && !gpu.computes_in_f16() {
            println!("f16 is left out: {} does not compute in it", gpu.name);
            continue;
        }
        for product in PRODUCTS {
            let product = Product { is_f16, stores_f16: is_f16, ..product };
            let tiles = candidates(&product, &gpu.device);
            // A gated product takes only tiles whose columns can be halved.
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

fn what_was_measured_is_kept_and_used(gpu: &Compute) {
    let products: Vec<(Product, f64)> =
        PRODUCTS.map(|product| (product, product.m as f64)).to_vec();
    let shaders = tuning_shaders(&products, &gpu.device, 3);
    assert!(shaders.len() >= 3, "only {} shaders for three tiles", shaders.len());
    let started = Instant::now();
    let clock = || started.elapsed().as_secs_f64();
    let measured = pollster::block_on(tune(&products, &gpu.device, 3, 60.0, &clock));
    assert_eq!(measured.len(), PRODUCTS.len());
    assert_eq!(measured[0].product, PRODUCTS[1], "the one with the most work comes first");
    for one in &measured {
        assert_eq!(one.tried.len(), 3);
        assert_eq!(one.tried[0].0, candidates(&one.product, &gpu.device)[0]);
        assert!(one.tried.iter().all(|(_, seconds)| *seconds > 0.0), "{one:?}");
        assert!(one.tried.iter().any(|(tile, _)| Some(*tile) == one.best()));
    }
    let choices = Choices::default().with(&measured);
    let json = serde_json::to_string(&choices).unwrap();
    assert_eq!(serde_json::from_str::<Choices>(&json).unwrap(), choices);

    // Nothing is left for a budget of nothing, and nobody is kept waiting.
    assert!(pollster::block_on(tune(&products, &gpu.device, 3, -1.0, &clock)).is_empty());

    // A launch takes the tile that is kept for its product, and only that.
    let last = |product: &Product| *candidates(product, &gpu.device).last().unwrap();
    let usual = source(&PRODUCTS[0], &gpu.device);
    [(PRODUCTS[0], last(&PRODUCTS[0]))].into_iter().collect::<Choices>().install();
    let chosen = source(&PRODUCTS[0], &gpu.device);
    let said = with_tile(last(&PRODUCTS[0]), || source(&PRODUCTS[0], &gpu.device));
    let other = source(&PRODUCTS[2], &gpu.device);
    Choices::default().install();
    assert_ne!(chosen, usual);
    assert_eq!(chosen, said);
    assert_eq!(other, source(&PRODUCTS[2], &gpu.device));
    assert_eq!(usual, source(&PRODUCTS[0], &gpu.device));

    // What a file says of tiles that there are not is passed over.
    let foreign = r#"{"threads":[64,64],"rows":64,"columns":64,"depth":64,"split":1}"#;
    let foreign: Preset = serde_json::from_str(foreign).unwrap();
    [(PRODUCTS[0], foreign)].into_iter().collect::<Choices>().install();
    let passed_over = source(&PRODUCTS[0], &gpu.device);
    Choices::default().install();
    assert_eq!(passed_over, usual);
}

/// The WGSL that a product is computed by.
fn source(product: &Product, device: &Device) -> Vec<String> {
    Tally::begin(false);
    run(product, device);
    Tally::end().sources()
}

fn run(product: &Product, device: &Device) -> Tensor<4> {
    let Product { m, n, c, kernel, gated, is_f16, .. } = *product;
    let numbers = |shape: [usize; 4], step: f64| {
        let count = shape.iter().product::<usize>();
        // The reference multiplies what the device is given: numbers that f16 has.
        let number = |value| if is_f16 { f16::from_f32(value).to_f32() } else { value };
        // Of a quadratic phase, so that neighbours are not alike and sums do not cancel out to less than their rounding.
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
