//! Autoencoders from other files and folders: recognised, refused.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use burn::tensor::Device;
use hearth::families::{Checkpoint, architectures};
use hearth::model::{Component, NetworkConfig, VaeConfig};
use hearth::pipeline::Request;
use hearth::runtime::{self, Limits, Residency, Sources};
use hearth::weights::safetensors::Entry;
use hearth::weights::single_file::find_vae;
use hearth::weights::{Folder, OpenOptions, Source, VaeFiles, read_vae};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Map, Value, json};

use crate::names::keys::Golden;
use crate::support::checkpoint::copy;
use crate::support::runs::params;
use crate::support::{Quiet, golden};

const FILE: &str = "vaes/other.safetensors";

fn files(source: &impl Source) -> hearth::Result<VaeFiles> {
    pollster::block_on(read_vae(source, &architectures(), &OpenOptions::default()))
}

/// Opens a golden model with the autoencoder at a path.
fn open(model: &Path, vae: &Path) -> hearth::Result<Checkpoint> {
    let vae = files(&Folder::open_model(vae)?)?;
    let options = OpenOptions { vae: Some(Rc::new(vae)), ..OpenOptions::with_vocabulary() };
    pollster::block_on(Checkpoint::open(&Folder::open_model(model)?, &options))
}

fn refused(model: &str, vae: &Path) -> String {
    open(&golden(model), vae).map(drop).unwrap_err().to_string()
}

/// Writes a safetensors file.
fn write(path: &Path, tensors: &[(&str, &[usize])]) -> PathBuf {
    let zeros = vec![0u8; 1 << 16];
    let view = |shape: &[usize]| {
        let bytes = &zeros[..shape.iter().product::<usize>() * 2];
        TensorView::new(Dtype::F16, shape.to_vec(), bytes).unwrap()
    };
    let views = tensors.iter().map(|(key, shape)| (key.to_string(), view(shape)));
    fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
    path.to_path_buf()
}

/// Writes the file with other keys, and further tensors.
fn rewritten(
    folder: &Path,
    key_of: impl Fn(&str) -> Option<String>,
    further: &[(&str, &[usize])],
) -> PathBuf {
    let bytes = fs::read(golden(FILE)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let zeros = vec![0u8; 1 << 16];
    let own = file.iter().filter_map(|(key, view)| Some((key_of(key)?, view)));
    let further = further.iter().map(|(key, shape)| {
        let bytes = &zeros[..shape.iter().product::<usize>() * 2];
        (key.to_string(), TensorView::new(Dtype::F16, shape.to_vec(), bytes).unwrap())
    });
    let path = folder.join("changed.safetensors");
    fs::write(&path, safetensors::serialize(own.chain(further), None).unwrap()).unwrap();
    path
}

#[test]
fn published_autoencoders_are_found_alone_and_in_checkpoints() {
    let golden = Golden::open();
    for (model, scaling_factor) in [("sd1", 0.18215), ("sd2", 0.18215), ("sdxl", 0.13025)] {
        let checkpoint = golden.checkpoint(model);
        let part = &checkpoint.parts[&Component::VAE];
        let whole = checkpoint.single_file();
        let alone: Vec<Entry> = whole
            .iter()
            .filter(|entry| entry.name.starts_with(&part.prefix))
            .map(|entry| Entry {
                name: entry.name[part.prefix.len()..].to_string(),
                ..entry.clone()
            })
            .collect();
        for prefix in ["", "first_stage_model.", "vae.", "_orig_mod."] {
            let named =
                |entry: &Entry| Entry { name: format!("{prefix}{}", entry.name), ..entry.clone() };
            let entries: Vec<Entry> = alone.iter().map(named).collect();
            let found = find_vae("a", &entries, &Default::default(), &architectures());
            let (tensors, architecture) = found.unwrap();
            assert_eq!(tensors.len(), part.rows.len(), "{model} {prefix}");
            assert!(architecture.is_none());
            for row in &part.rows {
                let shape = tensors.get(&row.path).map(|located| located.module_shape());
                assert_eq!(shape.as_ref(), Some(&row.shape), "{model} {}", row.path);
            }
        }
        let found = find_vae("a", &whole, &Default::default(), &architectures()).unwrap();
        assert_eq!(found.0.len(), part.rows.len());
        assert_eq!(
            found.1.map(|it| it.context),
            Some(match model {
                "sd1" => 768,
                "sd2" => 1024,
                _ => 2048,
            })
        );

        // The tensors show the structure that the published config has.
        let vae = files(&Header::of(&alone)).unwrap();
        let usual = json!({"norm_num_groups": 32, "scaling_factor": scaling_factor});
        let config = vae.config(usual.to_string().as_bytes()).unwrap();
        let VaeConfig::Kl(config) = config else { panic!("{model}") };
        assert_eq!(json!(config.block_out_channels), part.config["block_out_channels"]);
        assert_eq!(json!(config.layers_per_block), part.config["layers_per_block"]);
        assert_eq!((config.latent_channels, config.in_channels, config.out_channels), (4, 3, 3));
        assert!(config.use_quant_conv && config.use_post_quant_conv);
        assert!(config.mid_block_add_attention && config.force_upcast);
        assert_eq!(config.scaling_factor, scaling_factor);
    }
}

/// A safetensors file whose tensors are not there.
struct Header {
    bytes: Vec<u8>,
    len: u64,
}

impl Header {
    fn of(entries: &[Entry]) -> Self {
        let (mut header, mut end) = (Map::new(), 0);
        for entry in entries {
            let bytes = entry.shape.iter().product::<usize>() * 4;
            let tensor =
                json!({"dtype": "F32", "shape": entry.shape, "data_offsets": [end, end + bytes]});
            header.insert(entry.name.clone(), tensor);
            end += bytes;
        }
        let header = serde_json::to_vec(&Value::Object(header)).unwrap();
        let bytes = [&(header.len() as u64).to_le_bytes()[..], &header].concat();
        Header { len: (bytes.len() + end) as u64, bytes }
    }
}

impl Source for Header {
    fn place(&self) -> String {
        "vae.safetensors".to_string()
    }

    fn single_file(&self) -> Option<&str> {
        Some("vae.safetensors")
    }

    async fn len(&self, _: &str) -> hearth::Result<Option<u64>> {
        Ok(Some(self.len))
    }

    async fn read(&self, _: &str, range: Range<u64>) -> hearth::Result<Vec<u8>> {
        let end = self.bytes.len().min(range.end as usize);
        Ok(self.bytes[range.start as usize..end].to_vec())
    }
}

#[test]
fn same_weights_are_read_from_every_layout() {
    let folder = tempfile::tempdir().unwrap();
    let expected = open(&golden("sd1"), &golden(FILE)).unwrap();
    let expected = &expected.components[&Component::VAE].tensors;
    let shapes = |checkpoint: &Checkpoint| {
        let tensors = &checkpoint.components[&Component::VAE].tensors;
        let shape = |(path, located): (&String, &hearth::weights::tensors::Located)| {
            (path.clone(), located.module_shape())
        };
        tensors.iter().map(shape).collect::<Vec<_>>()
    };
    for prefix in ["first_stage_model.", "vae.", "model.first_stage_model."] {
        let file = rewritten(folder.path(), |key| Some(format!("{prefix}{key}")), &[]);
        let checkpoint = open(&golden("sd1"), &file).unwrap();
        assert_eq!(checkpoint.components[&Component::VAE].tensors.len(), expected.len());
    }
    // diffusers' file by itself: its config is beside it, and counts.
    let own = golden("vaes/other");
    let in_folder = open(&golden("sdxl"), &own).unwrap();
    let by_file =
        open(&golden("sdxl"), &own.join("diffusion_pytorch_model.fp16.safetensors")).unwrap();
    for checkpoint in [&in_folder, &by_file] {
        assert_eq!(checkpoint.family.vae().scaling_factor(), 0.25);
    }
    // A pipeline's folder.
    let pipeline = open(&golden("sdxl"), &golden("sd1")).unwrap();
    assert_eq!(pipeline.family.vae().scaling_factor(), 0.18215);
    let sd1 = pollster::block_on(Checkpoint::open(
        &Folder::open(golden("sd1")).unwrap(),
        &OpenOptions::default(),
    ));
    assert_eq!(shapes(&pipeline), shapes(&sd1.unwrap()));
}

#[test]
fn range_of_f16_is_assumed_of_no_file_that_does_not_state_it() {
    // The model's own autoencoder stays within it; of the file nothing is known.
    let folder = copy("sdxl");
    let config = folder.path().join("vae/config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\"force_upcast\": true", "\"force_upcast\": false")).unwrap();
    let own = Folder::open(folder.path()).unwrap();
    let own = pollster::block_on(Checkpoint::open(&own, &OpenOptions::default())).unwrap();
    assert!(!own.family.vae_overflows_f16());
    assert!(open(folder.path(), &golden(FILE)).unwrap().family.vae_overflows_f16());
    // This one states that it stays within it, the model's own does not.
    assert!(!open(&golden("sdxl"), &golden("vaes/other")).unwrap().family.vae_overflows_f16());
    // The autoencoders of other families do.
    assert!(!open(&golden("sd1"), &golden(FILE)).unwrap().family.vae_overflows_f16());
}

#[test]
fn what_is_not_stated_is_as_in_the_model_or_in_its_family() {
    let scaling = |model: &Path| {
        let checkpoint = open(model, &golden(FILE)).unwrap();
        match &checkpoint.components[&Component::VAE].config {
            NetworkConfig::Vae(VaeConfig::Kl(config)) => {
                assert_eq!(config.block_out_channels, [8, 8, 16]);
                assert_eq!(config.layers_per_block, 2);
                (config.scaling_factor, config.norm_num_groups)
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(scaling(&golden("sd1")), (0.18215, 4));
    assert_eq!(scaling(&golden("sdxl")), (0.13025, 2));
    // Without an autoencoder of its own, the family's counts: 32 groups do not divide these channels.
    for (model, family) in [("sd1", "Stable Diffusion 1"), ("sdxl", "Stable Diffusion XL")] {
        let folder = copy(model);
        fs::remove_dir_all(folder.path().join("vae")).unwrap();
        let error = open(folder.path(), &golden(FILE)).map(drop).unwrap_err();
        assert_eq!(error.code(), "invalid-config", "{family}: {error}");
        assert!(error.to_string().starts_with("other.safetensors "), "{error}");
        assert!(error.to_string().contains("32"), "{error}");
        // With a config of its own it opens.
        let checkpoint = open(folder.path(), &golden("vaes/other")).unwrap();
        assert_eq!(checkpoint.identifying_files().unwrap().len(), checkpoint.files().len());
    }
}

#[test]
fn what_is_no_autoencoder_of_the_model_is_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let sixteen = rewritten(
        folder.path(),
        |key| (!key.starts_with("decoder.conv_in.w")).then(|| key.to_string()),
        &[("decoder.conv_in.weight", &[16, 16, 3, 3])],
    );
    let text = refused("sd1", &sixteen);
    assert!(text.starts_with("changed.safetensors is an autoencoder (VAE) with 16 latent channels, while this model has 4."), "{text}");
    assert!(text.contains("made for Stable Diffusion 1"), "{text}");

    let take = "Choose a VAE of Stable Diffusion";
    let video = write(&at("video.safetensors"), &[("decoder.conv_in.weight", &[4, 4, 3, 3, 3])]);
    let text = refused("sd1", &video);
    assert!(text.contains("is no autoencoder (VAE).") && text.contains(take), "{text}");
    let lora = golden("adapters/kohya.safetensors");
    assert!(lora.exists());
    let text = refused("sd1", &lora);
    assert!(text.contains("is a LoRA") && text.contains(take), "{text}");
    let text = refused("sd1", &golden("sd1/text_encoder/model.safetensors"));
    assert!(text.contains("is a text encoder alone") && text.contains(take), "{text}");
    let tiny = write(&at("taesd_decoder.safetensors"), &[("decoder.layers.1.weight", &[4, 4])]);
    assert!(refused("sd1", &tiny).contains("is a tiny autoencoder alone"));
    let text = refused("sd1", &golden("clip"));
    assert!(text.contains("is no autoencoder (VAE).") && text.contains(take), "{text}");

    fs::write(at("vae.pt"), b"PK\x03\x04\0\0archive/data.pkl").unwrap();
    let text = refused("sd1", &at("vae.pt"));
    assert!(text.starts_with("vae.pt is a pickle"), "{text}");
    let pickled = tempfile::tempdir().unwrap();
    fs::copy(golden("vaes/other/config.json"), pickled.path().join("config.json")).unwrap();
    fs::write(pickled.path().join("diffusion_pytorch_model.bin"), b"PK").unwrap();
    let text = refused("sd1", pickled.path());
    assert!(text.starts_with("diffusion_pytorch_model.bin is a pickle"), "{text}");
    fs::write(pickled.path().join("config.json"), r#"{"_class_name": "AutoencoderKLWan"}"#)
        .unwrap();
    let text = refused("sd1", pickled.path());
    assert!(!text.contains("vae/config.json"), "{text}");

    // A tensor less, and one more.
    let lacking = rewritten(
        folder.path(),
        |key| (key != "encoder.conv_out.bias").then(|| key.to_string()),
        &[("decoder.extra.weight", &[2])],
    );
    let text = refused("sd1", &lacking);
    assert!(text.starts_with("changed.safetensors "), "{text}");
    assert!(
        text.contains("encoder.conv_out.bias") && text.contains("decoder.extra.weight"),
        "{text}"
    );
}

#[test]
fn autoencoder_of_a_checkpoint_of_another_family_is_refused() {
    let golden_keys = Golden::open();
    let whole = golden_keys.checkpoint("sdxl").single_file();
    let vae = Rc::new(files(&Header::of(&whole)).unwrap());
    let options = OpenOptions { vae: Some(vae), ..OpenOptions::default() };
    let open = |model: &str| {
        let source = Folder::open(golden(model)).unwrap();
        pollster::block_on(Checkpoint::open(&source, &options)).map(drop).unwrap_err().to_string()
    };
    let text = open("sd1");
    assert!(text.contains("a checkpoint of Stable Diffusion XL"), "{text}");
    assert!(text.contains("made for Stable Diffusion 1"), "{text}");
    // Groups of the tiny model divide its channels: it fits.
    let source = Folder::open(golden("sdxl")).unwrap();
    pollster::block_on(Checkpoint::open(&source, &options)).unwrap();
}

#[test]
fn fingerprint_of_a_model_does_not_depend_on_its_autoencoder() {
    let plain = Folder::open(golden("sd1")).unwrap();
    let own = pollster::block_on(Checkpoint::open(&plain, &OpenOptions::default())).unwrap();
    let other = open(&golden("sd1"), &golden(FILE)).unwrap();
    assert_eq!(own.identifying_files(), other.identifying_files());
    assert_eq!(own.files().len(), other.files().len() + 1);
    assert!(own.vae.is_none() && other.vae.is_some());
    let file = fs::metadata(golden(FILE)).unwrap().len();
    let text_encoder_and_unet: u64 = [Component::UNET, Component::TEXT_ENCODER]
        .iter()
        .map(|component| own.components[component].tensors.bytes())
        .sum();
    assert_eq!(other.download_bytes(), text_encoder_and_unet + file);
}

/// The model's own file of the autoencoder is damaged: it is not read.
#[test]
fn own_autoencoder_is_not_read_if_another_is_in_its_place() {
    let folder = copy("sd1");
    let own = folder.path().join("vae/diffusion_pytorch_model.safetensors");
    fs::write(own, b"damaged").unwrap();
    let made = |model: &Path| {
        let vae = Folder::open_model(golden(FILE)).unwrap();
        let checkpoint = open(model, &golden(FILE)).unwrap();
        let model = Rc::new(Folder::open(model).unwrap());
        let sources = Sources { model, vae: Some(Rc::new(vae)) };
        let mut loaded = async |_| Ok(());
        let device = Device::flex();
        let residency = Residency::OneAtATime;
        let loading =
            runtime::load(checkpoint, sources, &device, Limits::default(), residency, &mut loaded);
        let model = pollster::block_on(loading).unwrap();
        let request = Request::from(params());
        pollster::block_on(model.generate(&request, &Quiet)).unwrap().image
    };
    assert_eq!(made(folder.path()), made(&golden("sd1")));
}
