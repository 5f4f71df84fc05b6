//! Runs with another autoencoder, compared with diffusers.

use std::rc::Rc;

use burn::tensor::Device;
use hearth::families::{Checkpoint, architectures};
use hearth::runtime::{self, Limits, Model, Residency, Sources};
use hearth::weights::{OpenOptions, VaeFiles};

use crate::pipeline::Pictures;
use crate::support::runs::request_of;
use crate::support::{self, Goldens, Layers, Quiet, Tolerance, values};

fn model(name: &str, vae: &str) -> Model<Layers> {
    let vae = Layers::file(&format!("vaes/{vae}"));
    let mut options = OpenOptions::default();
    let files = pollster::block_on(VaeFiles::open(&vae, &architectures(), &options)).unwrap();
    options.vae = Some(Rc::new(files));
    let source = Layers::of(name);
    let checkpoint = pollster::block_on(Checkpoint::open(&source, &options)).unwrap();
    let sources = Sources { model: Rc::new(source), vae: Some(Rc::new(vae)) };
    let (limits, residency) = (Limits::default(), Residency::All);
    let mut loaded = async |_| Ok(());
    let device = Device::flex();
    let loading = runtime::load(checkpoint, sources, &device, limits, residency, &mut loaded);
    pollster::block_on(loading).unwrap()
}

#[test]
fn runs_with_another_autoencoder_equal_diffusers() {
    let goldens = Goldens::open("vaes");
    let (mut latents, mut pictures) = (Tolerance::new(support::CPU), Pictures::default());
    for case in &goldens.cases {
        let name = case["name"].as_str().unwrap();
        let of = |field: &str| case[field].as_str().unwrap();
        let model = model(of("model"), of("vae"));
        let request = request_of(&goldens, case);
        let made = pollster::block_on(model.generate(&request, &Quiet)).unwrap();
        let (_, golden) = goldens.values(case, "outputs", "latents");
        latents.check(name, &values(made.latents), &golden);
        let (_, golden) = goldens.values(case, "outputs", "pictures");
        pictures.check(name, &made.image.pixels, &golden);
    }
    assert_eq!(goldens.cases.len(), 8);
    latents.finish("latents with another autoencoder");
    pictures.finish();
}
