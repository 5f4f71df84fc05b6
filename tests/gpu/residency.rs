//! Networks that are loaded one at a time.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::{Rc, Weak};

use crate::support::{self, Layers, Quiet, model, runs, values};
use burn::tensor::Device;
use hearth::error::Id;
use hearth::families::AnyFamily;
use hearth::image::RgbImage;
use hearth::model::{Component, Network};
use hearth::params::GenerationParams;
use hearth::pipeline::{Callbacks, InitImage, NetworkProvider, Pipeline, PipelineEvent, Request};
use hearth::runtime::{self, Limits, NetworkLoader, Residency};
use hearth::weights::Source;
use hearth::{Error, Result};

#[test]
fn one_at_a_time_gives_the_same_image() {
    for name in ["sd1", "sdxl", "inpaint"] {
        let resident = model(name, &Device::flex());
        let (in_turn, _) = one_at_a_time(name);
        for seed in [1, 2] {
            let request = request(seed);
            let resident = pollster::block_on(resident.generate(&request, &Quiet)).unwrap();
            let in_turn = pollster::block_on(in_turn.generate(&request, &Quiet)).unwrap();
            assert_eq!(values(resident.latents), values(in_turn.latents), "{name}");
            assert_eq!(resident.image, in_turn.image, "{name}");
        }
    }
}

#[test]
fn one_at_a_time_never_holds_two_networks() {
    let with_picture = |request: Request| {
        let [width, height] = request.params.size();
        let image = RgbImage { width, height, pixels: vec![77; width * height * 3] };
        Request { init_image: Some(InitImage { image, mask: None }), ..request }
    };
    // With an init image or a mask to encode, the autoencoder is loaded twice.
    let cases = [
        ("sd1", 3, request(1)),
        ("sd1", 4, with_picture(request(1))),
        ("sdxl", 4, request(1)),
        ("sdxl", 5, with_picture(request(1))),
        ("inpaint", 4, request(1)),
        ("sdxl_inpaint", 5, request(1)),
    ];
    for (name, loads, request) in cases {
        let (model, alive) = one_at_a_time(name);
        pollster::block_on(model.generate(&request, &Quiet)).unwrap();
        // On every read of weights the source checks whether a network is alive.
        assert_eq!(alive.at_once.get(), 0, "{name}: a network was there while another was loaded");
        assert_eq!(alive.received.borrow().len(), loads, "{name}");
        pollster::block_on(model.generate(&request, &Quiet)).unwrap();
        assert_eq!(alive.at_once.get(), 0, "{name}: in the second run");
    }
}

#[test]
fn loading_is_reported_and_can_be_cancelled() {
    let (model, alive) = one_at_a_time("sdxl");
    let recorder = LoadingRecorder::default();
    pollster::block_on(model.generate(&request(1), &recorder)).unwrap();
    let finished: Vec<Id> =
        recorder.loading.borrow().iter().filter(|l| l.1 == l.2).map(|l| l.0).collect();
    assert_eq!(finished, [Id::text_encoder, Id::second_text_encoder, Id::unet, Id::autoencoder]);

    let recorder = LoadingRecorder { cancel_in: Some(Id::unet), ..LoadingRecorder::default() };
    let ended = pollster::block_on(model.generate(&request(1), &recorder));
    assert_eq!(ended.err(), Some(Error::Cancelled));
    let unet: Vec<_> =
        recorder.loading.borrow().iter().filter(|l| l.0 == Id::unet).cloned().collect();
    assert_eq!(unet.len(), 1, "loading continued after it was cancelled");
    assert!(unet[0].1 < unet[0].2);
    assert_eq!(alive.now(), 0, "a partially loaded network stayed alive");
    // The model is still usable.
    pollster::block_on(model.generate(&request(1), &Quiet)).unwrap();
}

/// On a GPU, networks loaded one at a time use less memory than all weights.
#[test]
fn one_at_a_time_uses_less_gpu_memory() {
    let Some(gpu) = support::gpu() else { return };
    let used = |device: &Device| device.memory_pool_usage().map_or(0, |usage| usage.bytes_in_use);
    let weights = pollster::block_on(async {
        let checkpoint = Layers::of("sdxl").checkpoint().await;
        checkpoint.weight_bytes()
    });
    let before = used(&gpu.device);
    let source = Rc::new(Layers::of("sdxl"));
    let model = pollster::block_on(async {
        let checkpoint = source.checkpoint().await;
        let mut loaded = async |_| Ok(());
        let residency = Residency::OneAtATime;
        runtime::load(checkpoint, source, &gpu.device, Limits::default(), residency, &mut loaded)
            .await
            .unwrap()
    });
    let callbacks = Meter { device: gpu.device.clone(), most: Cell::new(0) };
    let mut request = request(1);
    (request.params.num_inference_steps, request.params.guidance_scale) = (1, 1.0);
    pollster::block_on(model.generate(&request, &callbacks)).unwrap();
    let most = callbacks.most.get().saturating_sub(before);
    println!("weights {weights} bytes; at the end of a loading at most {most} in use");
    assert!(most > 0, "nothing was measured");
    assert!(most < weights, "all of them were there at once");
    gpu.check().unwrap();
}

/// Records the largest used memory, read whenever a network has been loaded.
struct Meter {
    device: Device,
    most: Cell<u64>,
}

impl Callbacks for Meter {
    async fn yield_now(&self) -> Result<()> {
        Ok(())
    }

    fn report(&self, event: PipelineEvent) {
        if let PipelineEvent::Loading { done, total, .. } = event
            && done == total
        {
            let now = self.device.memory_pool_usage().map_or(0, |usage| usage.bytes_in_use);
            self.most.set(self.most.get().max(now));
        }
    }

    fn wants_preview(&self) -> bool {
        false
    }
}

fn request(seed: u64) -> Request {
    Request::from(GenerationParams {
        negative_prompt: "blurry".to_string(),
        num_inference_steps: 3,
        guidance_scale: 5.0,
        seed,
        strength: 1.0,
        ..runs::params()
    })
}

/// Returns a model that loads one network at a time, and the watcher of its networks.
fn one_at_a_time(name: &str) -> (Pipeline<AnyFamily, Watched>, Rc<Alive>) {
    let alive = Rc::new(Alive::default());
    let source = Rc::new(WatchedSource { layers: Layers::of(name), alive: Rc::clone(&alive) });
    let model = pollster::block_on(async {
        let checkpoint = source.layers.checkpoint().await;
        let mut loaded = async |_| panic!("a network was loaded early");
        let (device, residency) = (Device::flex(), Residency::OneAtATime);
        runtime::load(checkpoint, source, &device, Limits::default(), residency, &mut loaded)
            .await
            .unwrap()
    });
    let Pipeline { family, scheduler, preview, networks, device, activations } = model;
    let networks = Watched { networks, alive: Rc::clone(&alive) };
    let model = Pipeline { family, scheduler, preview, networks, device, activations };
    (model, alive)
}

/// Tracks the networks that the pipeline received.
#[derive(Default)]
struct Alive {
    received: RefCell<Vec<Box<dyn Fn() -> bool>>>,
    /// Number of reads of weights while a network was alive.
    at_once: Cell<usize>,
}

impl Alive {
    fn watch<T: 'static>(&self, network: &Rc<T>) {
        let weak: Weak<T> = Rc::downgrade(network);
        self.received.borrow_mut().push(Box::new(move || weak.strong_count() > 0));
    }

    fn now(&self) -> usize {
        self.received.borrow().iter().filter(|is_alive| is_alive()).count()
    }
}

struct Watched {
    networks: NetworkLoader<WatchedSource>,
    alive: Rc<Alive>,
}

impl NetworkProvider for Watched {
    async fn network(
        &self,
        component: Component,
        callbacks: &impl Callbacks,
    ) -> Result<Rc<Network>> {
        let network = self.networks.network(component, callbacks).await?;
        self.alive.watch(&network);
        Ok(network)
    }
}

struct WatchedSource {
    layers: Layers,
    alive: Rc<Alive>,
}

impl Source for WatchedSource {
    fn place(&self) -> String {
        self.layers.place()
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        self.layers.len(path).await
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if self.alive.now() > 0 {
            self.alive.at_once.set(self.alive.at_once.get() + 1);
        }
        self.layers.read(path, range).await
    }
}

/// Records loading events, and cancels the run while one network is loaded.
#[derive(Default)]
struct LoadingRecorder {
    loading: RefCell<Vec<(Id, u64, u64)>>,
    cancel_in: Option<Id>,
}

impl Callbacks for LoadingRecorder {
    async fn yield_now(&self) -> Result<()> {
        match (self.loading.borrow().last(), self.cancel_in) {
            (Some((what, ..)), Some(cancel_in)) if *what == cancel_in => Err(Error::Cancelled),
            _ => Ok(()),
        }
    }

    fn report(&self, event: PipelineEvent) {
        if let PipelineEvent::Loading { what, done, total } = event {
            self.loading.borrow_mut().push((what, done, total));
        }
    }

    fn wants_preview(&self) -> bool {
        false
    }
}
