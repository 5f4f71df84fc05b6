//! Noise, compared with PyTorch.

use hearth::pipeline::noise::Generator;
use safetensors::SafeTensors;
use serde_json::Value;
use std::path::Path;

#[test]
fn randn_equals_torch() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data");
    let list: Value =
        serde_json::from_slice(&std::fs::read(data.join("noise.json")).unwrap()).unwrap();
    let bytes = std::fs::read(data.join("noise.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();

    let (mut worst, mut count) = (0, 0);
    for case in list["cases"].as_array().unwrap() {
        let seed = case["seed"].as_u64().unwrap();
        let mut generator = Generator::new(seed);
        for call in case["calls"].as_array().unwrap() {
            let key = call["key"].as_str().unwrap();
            let expected: Vec<f32> = tensors
                .tensor(key)
                .unwrap()
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
                .collect();
            let shape = &call["shape"];
            let len = shape
                .as_array()
                .unwrap()
                .iter()
                .map(|size| size.as_u64().unwrap() as usize)
                .product();
            let found = generator.randn(len);
            assert_eq!(found.len(), expected.len(), "seed {seed}, shape {shape}");
            for (index, (a, b)) in found.iter().zip(&expected).enumerate() {
                let distance = ulps(*a, *b);
                assert!(
                    distance <= 1,
                    "seed {seed}, call {key}, shape {shape}, value {index}: {a:e}, torch has {b:e}"
                );
                worst = worst.max(distance);
                count += 1;
            }
        }
    }
    println!("{count} values, worst distance {worst} ulp");
    assert!(count > 10_000);
}

#[test]
fn new_uses_only_low_half_of_seed() {
    assert_eq!(Generator::new(5).randn(20), Generator::new((1 << 32) + 5).randn(20));
    assert_ne!(Generator::new(5).randn(20), Generator::new(6).randn(20));
}

#[test]
fn rand_equals_torch() {
    let mut generator = Generator::new(7);
    // torch.rand(3, generator=torch.Generator("cpu").manual_seed(7))
    let expected = [0.534_922_54, 0.198_803_19, 0.659_211_7];
    assert_eq!([(); 3].map(|()| generator.rand()), expected);
}

#[test]
fn randn_has_mean_zero_and_variance_one() {
    let values = Generator::new(3).randn(100_003);
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64;
    let variance =
        values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / values.len() as f64;
    assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "mean {mean}, variance {variance}");
}

/// Returns the number of floats between two.
fn ulps(a: f32, b: f32) -> u32 {
    let ordered = |x: f32| {
        let magnitude = i64::from(x.to_bits() & 0x7fff_ffff);
        if x.is_sign_negative() { -magnitude } else { magnitude }
    };
    (ordered(a) - ordered(b)).unsigned_abs() as u32
}
