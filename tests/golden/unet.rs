//! Cache and hooks of a UNet.

use std::cell::RefCell;

use crate::support::{self, Goldens, Layers, Tolerance, values};
use burn::tensor::activation::softmax;
use burn::tensor::{DType, Device, Tensor};
use hearth::model::{
    AttentionTap, BlockPlace, Component, Network, NetworkConfig, TappedAttention,
    UNet2DConditionModel, UNetHooks, Unfinished, Uninterrupted,
};

fn unet(name: &str) -> UNet2DConditionModel {
    let (source, device) = (Layers::of(name), Device::flex());
    let network = pollster::block_on(async {
        let checkpoint = source.checkpoint().await;
        checkpoint.load(Component::UNET, &source, &device, &mut async |_| Ok(())).await.unwrap()
    });
    match network {
        Network::UNet2DCondition(unet) => unet,
        _ => panic!("{name} has no UNet"),
    }
}

/// Returns the width of a UNet's prompt states.
fn context(name: &str) -> usize {
    let checkpoint = pollster::block_on(Layers::of(name).checkpoint());
    match &checkpoint.components[&Component::UNET].config {
        NetworkConfig::UNet2DCondition(config) => config.cross_attention_dim.get(0),
        _ => panic!("{name} has no UNet"),
    }
}

fn zeros<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::zeros(shape, (&Device::flex(), DType::F32))
}

#[test]
fn uncached_timestep_or_batch_is_error() {
    let unet = unet("sd1");
    let width = context("sd1");
    let cache = unet.cache(&[500.0, 250.0], &zeros([2, 77, width]).into(), DType::F32);
    let hooks = UNetHooks::default();
    for (batch, timestep, is_there) in [(2, 250.0, true), (2, 251.0, false), (1, 500.0, false)] {
        let sample = zeros([batch, 4, 8, 8]);
        let pass = unet.forward(sample, timestep, &cache, &hooks, &Uninterrupted);
        let error = pollster::block_on(pass).err();
        let expected = (!is_there).then_some(Unfinished::NotCached);
        assert_eq!(error, expected, "{batch} samples, timestep {timestep}");
    }
}

#[test]
fn cache_of_another_network_is_error() {
    let (plain, other) = (unet("sd1"), unet("sdxl"));
    let width = context("sd1");
    let cache = plain.cache(&[500.0], &zeros([2, 77, width]).into(), DType::F32);
    let hooks = UNetHooks::default();
    let pass = other.forward(zeros([2, 4, 8, 8]), 500.0, &cache, &hooks, &Uninterrupted);
    assert_eq!(pollster::block_on(pass).err(), Some(Unfinished::NotCached));
}

/// Timesteps are found by value: in any order, repeated, or cached later than the others.
#[test]
fn timestep_has_one_result_however_it_was_cached() {
    let goldens = Goldens::open("hooks");
    let device = Device::flex();
    for case in &goldens.cases {
        let unet = unet(case["model"].as_str().unwrap());
        let sample: Tensor<4> = goldens.tensor(case, "inputs", "sample", &device);
        let states: Tensor<3> = goldens.tensor(case, "inputs", "encoder_hidden_states", &device);
        let timestep = case["timestep"].as_f64().unwrap();
        let predict = |at: f64, cached: &[f64], later: &[f64]| {
            let mut cache = unet.cache(cached, &states.clone().into(), DType::F32);
            unet.cache_timesteps(&mut cache, later);
            let hooks = UNetHooks::default();
            let pass = unet.forward(sample.clone(), at, &cache, &hooks, &Uninterrupted);
            values(pollster::block_on(pass).unwrap())
        };
        let alone = predict(timestep, &[timestep], &[]);
        let largest = alone.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let difference = |other: Vec<f32>| {
            let each = alone.iter().zip(&other).map(|(a, b)| (a - b).abs());
            each.fold(0.0, f32::max) / largest
        };
        let among = [999.0, timestep, timestep, 1.5];
        assert!(difference(predict(timestep, &among, &[])) < 1e-5);
        assert!(difference(predict(timestep, &[999.0, 1.5], &[1.5, timestep, 7.0])) < 1e-5);
        assert!(difference(predict(1.5, &among, &[])) > 1e-3, "all timesteps are the same");
    }
}

#[test]
fn residuals_are_added_as_by_diffusers() {
    let (goldens, device) = (Goldens::open("hooks"), Device::flex());
    let mut tolerance = Tolerance::new(support::CPU);
    for case in &goldens.cases {
        let unet = unet(case["model"].as_str().unwrap());
        let input = |what: &str| goldens.tensor::<4>(case, "inputs", what, &device);
        let states: Tensor<3> = goldens.tensor(case, "inputs", "encoder_hidden_states", &device);
        let timestep = case["timestep"].as_f64().unwrap();
        let cache = unet.cache(&[timestep], &states.into(), DType::F32);
        let residuals = case["residuals"].as_u64().unwrap();
        let down: Vec<Tensor<4>> = (0..residuals).map(|i| input(&format!("down.{i}"))).collect();
        let mid = input("mid");
        let hooks = UNetHooks {
            down_block_additional_residuals: &down,
            mid_block_additional_residual: Some(&mid),
            ..UNetHooks::default()
        };
        let pass = unet.forward(input("sample"), timestep, &cache, &hooks, &Uninterrupted);
        let sample = values(pollster::block_on(pass).unwrap());
        let (_, golden) = goldens.values(case, "outputs", "sample");
        tolerance.check(case["name"].as_str().unwrap(), &sample, &golden);

        let hooks = UNetHooks { down_block_additional_residuals: &down[1..], ..hooks };
        let pass = unet.forward(input("sample"), timestep, &cache, &hooks, &Uninterrupted);
        let error = Unfinished::Residuals { expected: down.len(), given: down.len() - 1 };
        assert_eq!(pollster::block_on(pass).err(), Some(error));
    }
    tolerance.finish("residuals, CPU");
}

#[test]
fn tap_observes_every_cross_attention() {
    let (goldens, device) = (Goldens::open("hooks"), Device::flex());
    let mut tolerance = Tolerance::new(support::CPU);
    for case in &goldens.cases {
        let unet = unet(case["model"].as_str().unwrap());
        let sample: Tensor<4> = goldens.tensor(case, "inputs", "sample", &device);
        let states: Tensor<3> = goldens.tensor(case, "inputs", "encoder_hidden_states", &device);
        let timestep = case["timestep"].as_f64().unwrap();
        let cache = unet.cache(&[timestep], &states.into(), DType::F32);
        let tap = AttentionMaps::default();
        let hooks = UNetHooks { attention_tap: Some(&tap), ..UNetHooks::default() };
        let pass = unet.forward(sample, timestep, &cache, &hooks, &Uninterrupted);
        pollster::block_on(pass).unwrap();
        let maps = tap.0.into_inner();
        let expected = case["attentions"].as_array().unwrap();
        assert_eq!(maps.len(), expected.len());
        for path in expected.iter().map(|path| path.as_str().unwrap()) {
            let (_, map) = maps.iter().find(|(seen, _)| seen == path).expect(path);
            let (_, golden) = goldens.values(case, "outputs", path);
            tolerance.check(path, map, &golden);
        }
    }
    tolerance.finish("attention maps, CPU");
}

/// Records the probabilities of each attention by its path in the checkpoint, the mean of all
/// heads.
#[derive(Default)]
struct AttentionMaps(RefCell<Vec<(String, Vec<f32>)>>);

impl AttentionTap for AttentionMaps {
    fn cross_attention(&self, attention: TappedAttention<'_>) {
        let TappedAttention { place, q, k, heads } = attention;
        let block = match place.block {
            BlockPlace::Down(index) => format!("down_blocks.{index}"),
            BlockPlace::Mid => "mid_block".to_string(),
            BlockPlace::Up(index) => format!("up_blocks.{index}"),
        };
        let (transformer, inner) = (place.attention, place.transformer_block);
        let path = format!("{block}.attentions.{transformer}.transformer_blocks.{inner}.attn2");
        let [_, n, d] = q.dims();
        assert_eq!(n, place.size[0] * place.size[1], "{path}");
        // [b, n, heads · d] → [b, heads, n, d]
        let per_head = |x: &Tensor<3>| {
            let [b, n, d] = x.dims();
            x.clone().reshape([b, n, heads, d / heads]).swap_dims(1, 2)
        };
        let scale = ((d / heads) as f64).sqrt();
        let scores = per_head(q).matmul(per_head(k).swap_dims(2, 3)).div_scalar(scale);
        let mean = softmax(scores, 3).mean_dim(1);
        self.0.borrow_mut().push((path, values(mean)));
    }
}
