//! Runs with another autoencoder, compared with diffusers.

use std::rc::Rc;

use burn::tensor::Device;
use hearth::adapters::{Adapter, AdapterSet, LayerNames, WeightedAdapter};
use hearth::families::{Checkpoint, architectures};
use hearth::model::Component;
use hearth::runtime::{self, Limits, Model, Residency, Sources};
use hearth::weights::{OpenOptions, read_vae};

use crate::pipeline::Pictures;
use crate::support::runs::request_of;
use crate::support::{self, Goldens, Layers, Quiet, Tolerance, values};

/// Opens a model, with an autoencoder of `vaes/` if one is named.
fn open(name: &str, vae: Option<&str>) -> (Checkpoint, Sources<Layers>) {
    let mut options = OpenOptions::default();
    let vae = vae.map(|vae| Layers::file(&format!("vaes/{vae}")));
    if let Some(vae) = &vae {
        let files = pollster::block_on(read_vae(vae, &architectures(), &options)).unwrap();
        options.vae = Some(Rc::new(files));
    }
    let source = Layers::of(name);
    let checkpoint = pollster::block_on(Checkpoint::open(&source, &options)).unwrap();
    (checkpoint, Sources { model: Rc::new(source), vae: vae.map(Rc::new) })
}

fn model(name: &str, vae: Option<&str>) -> Model<Layers> {
    let (checkpoint, sources) = open(name, vae);
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
        let model = model(of("model"), Some(of("vae")));
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

/// The other networks stay as they are, with their adapters; with its own autoencoder again, a model is as before.
#[test]
fn replaced_autoencoder_is_loaded_alone() {
    let goldens = Goldens::open("vaes");
    let case = |name: &str| goldens.cases.iter().find(|case| case["name"] == name).unwrap();
    let case = case("sd1.file.image");
    let request = request_of(&goldens, case);
    let made = |model: &Model<Layers>| {
        let made = pollster::block_on(model.generate(&request, &Quiet)).unwrap();
        (values(made.latents), made.image)
    };
    let with_lora = |model: &Model<Layers>| {
        let source = Rc::new(Layers::file("adapters/kohya.safetensors"));
        let names = LayerNames::of(model.networks.checkpoint());
        let adapter = Rc::new(pollster::block_on(Adapter::open(source, &names)).unwrap());
        let row = WeightedAdapter { adapter, unet: 0.7, text_encoder: 0.7 };
        let mut loaded = async |_| Ok(());
        let set = model.networks.set_adapters(AdapterSet::new(vec![row]), &mut loaded);
        pollster::block_on(set).unwrap();
    };
    let replaced = |model: Model<Layers>, vae: Option<&str>| {
        let (checkpoint, sources) = open("sd1", vae);
        let expected = checkpoint.components[&Component::VAE].tensors.bytes();
        let mut read = 0;
        let mut loaded = async |bytes| {
            read += bytes;
            Ok(())
        };
        let limits = Limits::default();
        let replacing = runtime::replace_vae(model, checkpoint, sources, limits, &mut loaded);
        let model = pollster::block_on(replacing).unwrap();
        assert_eq!(read, expected, "{vae:?}");
        model
    };
    let other = Some("other.safetensors");
    let mut own = model("sd1", None);
    let plain = made(&own);
    own = replaced(own, other);
    let changed = made(&own);
    assert_ne!(changed.1, plain.1);
    assert!(changed == made(&model("sd1", other)));
    with_lora(&own);
    let with_both = made(&own);
    assert_ne!(with_both.0, changed.0);
    let beside = model("sd1", None);
    with_lora(&beside);
    let lora_alone = made(&beside);
    own = replaced(own, None);
    assert!(made(&own) == lora_alone, "the adapter stays in effect");
    own = replaced(own, Some("other"));
    own = replaced(own, other);
    assert!(made(&own) == with_both);
    let mut loaded = async |_| Ok(());
    let off = own.networks.set_adapters(AdapterSet::default(), &mut loaded);
    pollster::block_on(off).unwrap();
    assert!(made(&replaced(own, None)) == plain);
}
