//! The VAE in row tiles, compared with the VAE on the whole image.

use std::cell::{Cell, RefCell};
use std::path::Path;

use crate::support::{self, Layers, model, values};
use burn::tensor::{DType, Device, Tensor, TensorData};
use hearth::families::Checkpoint;
use hearth::model::{
    ActivationLimits, Component, Interrupted, Network, Uninterrupted, Vae, YieldPoint,
};
use hearth::params::GenerationParams;
use hearth::pipeline::{Callbacks, PipelineEvent, Request};
use hearth::weights::{Folder, OpenOptions, Precision, Source};

/// Byte values per unit of pixels in −1..1.
const BYTES: f32 = 127.5;

/// Maximum tensor sizes, bytes, that lead to few tiles, many, and one for each row of latents.
const LARGEST: [u64; 3] = [1 << 19, 1 << 16, 1];

#[test]
fn bundled_model_in_tiles_equals_the_whole_on_cpu() {
    let vae = shipped(&Device::flex(), Precision::Full);
    compare("bundled model", &vae, DType::F32, [256, 200], 0.01);
}

#[test]
fn bundled_model_in_tiles_equals_the_whole_on_gpu() {
    let Some(gpu) = support::gpu() else { return };
    // Minutes on a software GPU: in f32 only in the long test, or where there is no f16.
    if support::is_long() || !gpu.computes_in_f16() {
        let vae = shipped(&gpu.device, Precision::Full);
        compare("bundled model, GPU", &vae, DType::F32, [128, 88], 0.01);
    }
    if gpu.computes_in_f16() {
        let vae = shipped(&gpu.device, Precision::Half);
        // In f16 a shortcut is rounded before the addition.
        compare("bundled model, GPU in f16", &vae, DType::F16, [128, 88], 1.0);
    }
    gpu.check().unwrap();
}

#[test]
fn random_weights_in_tiles_equal_the_whole() {
    for name in ["sd1", "sdxl", "taesd"] {
        let source = Layers::of(name);
        let checkpoint = pollster::block_on(source.checkpoint());
        let f = checkpoint.scale_factor();
        let vae = load(&source, &checkpoint, &Device::flex());
        compare(name, &vae, DType::F32, [24 * f, 17 * f], 0.01);
    }
}

/// Compares VAE passes in tiles with the whole. `limit` is the largest difference, in byte values.
fn compare(name: &str, vae: &Vae, dtype: DType, size: [usize; 2], limit: f32) {
    let picture = shapes(size, &vae.device());
    let limits = |largest| ActivationLimits { dtype, largest };
    let latents = encode(vae, &picture, limits(None));
    let decoded = decode(vae, &latents, limits(None));
    // One tile for each row of latents means many launches: minutes on a software GPU.
    let shortened = vae.device() != Device::flex() && !support::is_long();
    let tiles = if shortened { &LARGEST[..2] } else { &LARGEST[..] };
    for &largest in tiles {
        let limits = limits(Some(largest));
        let scale = values(latents.clone().abs()).into_iter().fold(0.0, f32::max);
        let encoding = difference(encode(vae, &picture, limits), latents.clone()) / scale;
        let decoding = difference(decode(vae, &latents, limits), decoded.clone()) * BYTES;
        println!("{name}, tensors of {largest}: {decoding:.5}/255 decoded, {encoding:.1e} encoded");
        assert!(decoding <= limit, "{name}: {decoding}/255 from the whole");
        assert!(encoding * BYTES <= limit, "{name}: latents {encoding} from those of the whole");
    }
}

#[test]
fn decode_can_be_interrupted_between_tiles() {
    struct Countdown(Cell<usize>);
    impl YieldPoint for Countdown {
        async fn yield_now(&self) -> Result<(), Interrupted> {
            self.0.set(self.0.get().checked_sub(1).ok_or(Interrupted)?);
            Ok(())
        }
    }
    let vae = shipped(&Device::flex(), Precision::Full);
    let latents = encode(&vae, &shapes([64, 64], &Device::flex()), DType::F32.into());
    let checkpoints = |largest| {
        let yield_point = Countdown(Cell::new(1000));
        let limits = ActivationLimits { dtype: DType::F32, largest };
        pollster::block_on(vae.decode(latents.clone(), limits, &yield_point)).unwrap();
        1000 - yield_point.0.get()
    };
    let (whole, tiles) = (checkpoints(None), checkpoints(Some(1)));
    assert!(tiles > 4 * whole, "{tiles} against {whole}");
    let yield_point = Countdown(Cell::new(tiles / 2));
    let limits = ActivationLimits { dtype: DType::F32, largest: Some(1) };
    let ended = pollster::block_on(vae.decode(latents, limits, &yield_point));
    assert_eq!(ended.err(), Some(Interrupted));
}

#[test]
fn run_in_tiles_gives_the_same_image_and_reports_progress() {
    struct Recorder(RefCell<Vec<PipelineEvent>>);
    impl Callbacks for Recorder {
        async fn yield_now(&self) -> hearth::Result<()> {
            Ok(())
        }
        fn report(&self, event: PipelineEvent) {
            self.0.borrow_mut().push(event);
        }
        fn wants_preview(&self) -> bool {
            false
        }
    }
    // The second model also encodes.
    for name in ["sd1", "inpaint"] {
        let mut model = model(name, &Device::flex());
        let request = Request::from(GenerationParams {
            prompt: "a red apple".to_string(),
            num_inference_steps: 1,
            guidance_scale: 1.0,
            seed: 1,
            scheduler: None,
            width: 16 * model.family.vae().scale_factor(),
            height: 16 * model.family.vae().scale_factor(),
            ..GenerationParams::default()
        });
        let recorder = Recorder(RefCell::default());
        let whole = pollster::block_on(model.generate(&request, &recorder)).unwrap();
        model.activations.vae.largest = Some(1);
        let tiles = pollster::block_on(model.generate(&request, &recorder)).unwrap();
        let pixels = whole.image.pixels.iter().zip(&tiles.image.pixels);
        assert!(pixels.clone().all(|(a, b)| a.abs_diff(*b) <= 1), "{name}");
        let events = recorder.0.into_inner();
        let decoding = events.iter().filter_map(|event| match event {
            PipelineEvent::Decoding { done, total } => Some((*done, *total)),
            _ => None,
        });
        let progress: Vec<_> = decoding.collect();
        assert_eq!(progress[0], (0, 0));
        let (done, total) = progress[progress.len() - 1];
        assert!(done == total && total > 1, "{progress:?}");
    }
}

fn shipped(device: &Device, precision: Precision) -> Vae {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/emoji");
    let folder = Folder::open(folder).unwrap();
    let options = OpenOptions { precision, ..OpenOptions::default() };
    let checkpoint = pollster::block_on(Checkpoint::open(&folder, &options)).unwrap();
    load(&folder, &checkpoint, device)
}

fn load(source: &impl Source, checkpoint: &Checkpoint, device: &Device) -> Vae {
    let mut loaded = async |_| Ok(());
    let loading = checkpoint.load(Component::VAE, source, device, &mut loaded);
    match pollster::block_on(loading).unwrap() {
        Network::Vae(vae) => vae,
        _ => panic!("the checkpoint has no autoencoder"),
    }
}

fn decode(vae: &Vae, latents: &Tensor<4>, limits: ActivationLimits) -> Tensor<4> {
    pollster::block_on(vae.decode(latents.clone(), limits, &Uninterrupted)).unwrap()
}

/// Encodes without noise.
fn encode(vae: &Vae, picture: &Tensor<4>, limits: ActivationLimits) -> Tensor<4> {
    let device = vae.device();
    // One number broadcasts to latents of every size.
    let mut none = || Tensor::zeros([1, 1, 1, 1], (&device, DType::F32));
    let encoding = vae.encode(picture.clone(), limits, &mut none, &Uninterrupted);
    pollster::block_on(encoding).unwrap()
}

/// Returns discs of two colours on a colour gradient, −1..1, `[1, 3, h, w]`.
fn shapes([height, width]: [usize; 2], device: &Device) -> Tensor<4> {
    let discs = [(0.25, 0.3, 0.17, [0.9, -0.6, -0.7]), (0.65, 0.6, 0.28, [-0.5, 0.7, -0.4])];
    let pixel = |colour: usize, y: usize, x: usize| {
        let (y, x) = (y as f64 / height as f64, x as f64 / width as f64);
        let ground = [0.2 + 0.6 * x, 0.8 - 0.5 * y, 0.1 + 0.3 * (x + y)][colour];
        let inside = |&(cx, cy, r, _): &(f64, f64, f64, [f64; 3])| (x - cx).hypot(y - cy) < r;
        discs.iter().rev().find(|disc| inside(disc)).map_or(ground, |disc| disc.3[colour]) as f32
    };
    let mut numbers = Vec::new();
    for colour in 0..3 {
        for y in 0..height {
            numbers.extend((0..width).map(|x| pixel(colour, y, x)));
        }
    }
    let data = TensorData::new(numbers, [1, 3, height, width]);
    Tensor::from_data(data, (device, DType::F32))
}

fn difference(ours: Tensor<4>, plain: Tensor<4>) -> f32 {
    assert_eq!(ours.dims(), plain.dims());
    values(ours.sub(plain).abs()).into_iter().fold(0.0, f32::max)
}
