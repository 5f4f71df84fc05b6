//! Adapter files that are damaged, of another kind, or for another model.

use std::fs;
use std::path::Path;
use std::rc::Rc;

use crate::support::checkpoint::{Tensors, rewrite};
use crate::support::{Layers, golden};
use burn::tensor::Device;
use hearth::Error;
use hearth::adapters::{Adapter, AdapterSet, LayerNames, WeightedAdapter};
use hearth::families::Checkpoint;
use hearth::model::Component;
use hearth::weights::patch::Patches;
use hearth::weights::{Folder, OpenOptions};
use safetensors::tensor::Dtype;
use tempfile::TempDir;

const FILE: &str = "a.safetensors";

/// Returns a changed copy of an adapter file.
fn changed(name: &str, change: impl FnOnce(&mut Tensors)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(golden(&format!("adapters/{name}.safetensors")), folder.path().join(FILE)).unwrap();
    rewrite(&folder, FILE, change);
    folder
}

fn names() -> LayerNames {
    let options = OpenOptions::default();
    let source = Layers::of("sd1");
    LayerNames::of(&pollster::block_on(Checkpoint::open(&source, &options)).unwrap())
}

/// Opens an adapter and reads every change.
fn read(path: &Path, names: &LayerNames) -> hearth::Result<Adapter<Folder>> {
    let adapter = Rc::new(pollster::block_on(Adapter::open(Rc::new(Folder::open(path)?), names))?);
    let row = WeightedAdapter { adapter: Rc::clone(&adapter), unet: 1.0, text_encoder: 1.0 };
    let set = AdapterSet::new(vec![row]);
    for component in [Component::UNET, Component::TEXT_ENCODER] {
        let patches = set.patches(component);
        for path in adapter.paths(component) {
            let (layer, parameter) = path.rsplit_once('.').unwrap();
            let layer = hearth::adapters::Layer { component, path: layer.to_string() };
            let Some(shape) = names.shape(&layer, parameter) else { continue };
            for patch in pollster::block_on(patches.patches(&path, shape))? {
                let rows = shape[0];
                let zeros = vec![0.0; shape.iter().product()];
                let weight = hearth::weights::patch::Matrix::with_rows(rows, zeros);
                patch.apply(weight.on(&Device::flex()));
            }
        }
    }
    drop(set);
    Ok(Rc::into_inner(adapter).unwrap())
}

fn error_of(folder: &TempDir, names: &LayerNames) -> Error {
    read(&folder.path().join(FILE), names).unwrap_err()
}

#[test]
fn each_missing_or_reshaped_tensor_is_a_typed_error_or_left_out() {
    let names = names();
    let (mut refused, mut used) = (0, 0);
    for file in [
        "kohya",
        "loha-tucker",
        "lokr",
        "lokr-factored",
        "lokr-tucker",
        "tucker",
        "dora-rows",
        "full",
        "norms",
    ] {
        let mut keys = Vec::new();
        changed(file, |tensors| keys = tensors.keys().cloned().collect());
        keys.sort();
        // The parts of the first layers are all kinds of parts that the file has.
        for key in keys.iter().take(8) {
            type Damage = fn(&mut Tensors, &str);
            let damages: [Damage; 4] = [
                |tensors, key| drop(tensors.remove(key)),
                |tensors, key| {
                    let tensor = tensors.get_mut(key).unwrap();
                    if let Some(side) = tensor.1.first_mut() {
                        *side = side.saturating_sub(1);
                    }
                },
                |tensors, key| tensors.get_mut(key).unwrap().1 = vec![0],
                |tensors, key| tensors.get_mut(key).unwrap().1 = Vec::new(),
            ];
            for damage in damages {
                let folder = changed(file, |tensors| damage(tensors, key));
                match read(&folder.path().join(FILE), &names) {
                    Ok(_) => used += 1,
                    Err(
                        Error::CorruptWeights { path, .. } | Error::NotACheckpoint { path, .. },
                    ) => {
                        assert_eq!(path, FILE, "{file}: {key}");
                        refused += 1;
                    }
                    Err(other) => panic!("{file}: {key}: {other:?}"),
                }
            }
        }
    }
    println!("{refused} refused, {used} used");
    assert!(refused > 100, "only {refused} were refused");
}

#[test]
fn alpha_that_is_no_number_is_error() {
    let folder = changed("kohya", |tensors| {
        for (name, (_, _, bytes)) in tensors.iter_mut() {
            if name.ends_with(".alpha") {
                *bytes = f32::NAN.to_le_bytes().to_vec();
            }
        }
    });
    assert!(matches!(error_of(&folder, &names()), Error::CorruptWeights { .. }));
}

#[test]
fn value_that_is_no_number_is_an_error_with_its_tensor() {
    let names = names();
    for value in [f32::NAN, f32::INFINITY] {
        let mut changed_key = String::new();
        let folder = changed("kohya", |tensors| {
            let down = tensors.iter_mut().find(|(name, _)| name.ends_with("lora_down.weight"));
            let (name, (_, _, bytes)) = down.unwrap();
            bytes[..4].copy_from_slice(&value.to_le_bytes());
            changed_key = name.clone();
        });
        let said = error_of(&folder, &names).to_string();
        assert!(said.contains(&changed_key) && said.contains("not all numbers"), "{said}");
    }
}

#[test]
fn keys_of_no_layer_are_named() {
    let folder = changed("kohya", |tensors| {
        tensors
            .insert("lora_unet_other.lora_up.weight".into(), (Dtype::F32, vec![1, 1], vec![0; 4]));
        tensors.insert("bundle_emb.word".into(), (Dtype::F32, vec![1], vec![0; 4]));
    });
    let summary = read(&folder.path().join(FILE), &names()).unwrap().summary;
    let mut unmatched = summary.unmatched.clone();
    unmatched.sort();
    assert_eq!(unmatched, ["bundle_emb.word", "lora_unet_other.lora_up.weight"]);
    assert!(summary.left_out().unwrap().to_string().contains("bundle_emb.word"));
}

#[test]
fn kinds_and_bases_that_do_not_work_are_named() {
    let names = names();
    for (key, wanted) in [
        ("oft_unet_mid_block_attentions_0_proj_in.oft_blocks", "OFT"),
        ("lora_unet_x.on_input", "IA³"),
        ("lora_unet_double_blocks_0_img_attn_proj.lora_down.weight", "Flux"),
        ("transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight", "Flux"),
    ] {
        let folder = changed("kohya", |tensors| {
            *tensors = [(key.to_string(), (Dtype::F32, vec![1, 1], vec![0; 4]))].into();
        });
        let error = error_of(&folder, &names).to_string();
        assert!(error.contains(wanted), "{key}: {error}");
    }
}

#[test]
fn numbers_that_are_not_read_and_other_files_are_errors() {
    let names = names();
    let folder = changed("kohya", |tensors| {
        tensors.values_mut().for_each(|tensor| tensor.0 = Dtype::I32);
    });
    assert!(matches!(error_of(&folder, &names), Error::Unsupported { .. }));
    for (name, bytes) in
        [("a.pt", &b"PK\x03\x04 pickle"[..]), ("b.safetensors", b""), ("c.gguf", b"GGUF....")]
    {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let error = read(&path, &names).unwrap_err();
        assert!(matches!(error, Error::NotACheckpoint { .. }), "{name}: {error:?}");
    }
}
