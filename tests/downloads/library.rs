//! List, verification and deletion of kept models.

use hearth::weights::Source;
use hearth::weights::cache::{Library, Verdict};

use crate::server::{Fault, PLACE, START};
use crate::{CHUNK, Scene, UNET, url};

fn kept() -> Scene {
    let scene = Scene::new(5);
    scene.server.put("hearth.json", br#"{ "name": "Emoji" }"#, "\"s\"");
    scene.run(scene.visit()).1.unwrap();
    scene
}

#[test]
fn list_has_each_model_with_its_bytes() {
    let scene = kept();
    let library = Library::new(scene.store.clone());
    let [model] = scene.run(library.list()).unwrap().try_into().unwrap();
    assert_eq!((model.place.as_str(), model.name.as_str()), (PLACE, "Emoji"));
    assert_eq!((model.bytes, model.complete), (scene.weights.len() as u64, true));
    assert_eq!(model.files, [UNET]);
    assert!((START..START + 60_000.0).contains(&model.last_used), "{}", model.last_used);
}

#[test]
fn partial_model_is_listed_as_incomplete() {
    let scene = Scene::new(5);
    scene.close_in_the_middle();
    let library = Library::new(scene.store.clone());
    let [model] = scene.run(library.list()).unwrap().try_into().unwrap();
    assert_eq!((model.complete, model.bytes), (false, 4 * CHUNK), "in whole chunks");
}

#[test]
fn verify_counts_damaged_and_lost_chunks() {
    let scene = kept();
    let library = Library::new(scene.store.clone());
    let len = scene.weights.len() as u64;
    let mut progress = Vec::new();
    let sound = scene.run(library.verify(PLACE, |done, total| progress.push((done, total))));
    assert_eq!(sound.unwrap(), Verdict { sound: len, damaged: 0, damaged_files: Vec::new() });
    assert_eq!(progress.len(), 5);
    assert_eq!(progress.last(), Some(&(len, len)));

    scene.store.damage(&scene.key(), 0);
    scene.store.lose(&scene.key(), 2);
    let found = scene.run(library.verify(PLACE, |_, _| {})).unwrap();
    let damaged = 2 * CHUNK;
    assert_eq!(found, Verdict { sound: len - damaged, damaged, damaged_files: vec![url(UNET)] });
}

#[test]
fn removed_model_is_gone_and_a_tab_that_uses_it_goes_on() {
    let scene = kept();
    let tab = scene.run(scene.open());
    let library = Library::new(scene.store.clone());
    scene.run(tab.source.read(UNET, 0..10)).unwrap();
    scene.run(library.remove("https://other.example/")).unwrap();
    assert!(scene.store.is_complete(&url(UNET)));
    scene.run(library.remove(PLACE)).unwrap();
    assert_eq!(scene.run(library.list()).unwrap(), []);
    assert!(scene.store.chunks(&url(UNET)).is_empty());

    let end = scene.weights.len() as u64;
    assert!(scene.run(tab.source.read(UNET, 0..end)).unwrap() == scene.weights);
    scene.server.spoil(|_| vec![Fault::Unreachable]);
    assert!(
        scene.run(async { scene.open().await.source.read_small("hearth.json").await }).is_err()
    );
}

#[test]
fn remove_all_leaves_nothing() {
    let scene = kept();
    let library = Library::new(scene.store.clone());
    scene.run(library.remove_all()).unwrap();
    assert_eq!(scene.run(library.list()).unwrap(), []);
    assert!(scene.store.chunks(&url(UNET)).is_empty());
    assert!(!scene.store.is_complete(&url(UNET)));
}

#[test]
fn autoencoder_is_told_from_models_unless_its_model_is_kept() {
    let scene = Scene::new(5);
    let fetch_vae = || {
        let mut tab = scene.run(scene.open());
        tab.source.set_vae();
        scene.run(tab.source.fetch(&[UNET.to_string()])).unwrap();
    };
    let library = Library::new(scene.store.clone());
    let listed = || {
        let [entry] = scene.run(library.list()).unwrap().try_into().unwrap();
        (entry.is_vae, entry.complete, entry.last_used)
    };
    fetch_vae();
    let (is_vae, complete, first) = listed();
    assert_eq!((is_vae, complete), (true, true));
    scene.run(scene.visit()).1.unwrap();
    let (is_vae, complete, second) = listed();
    assert_eq!((is_vae, complete), (false, true), "it was opened as a model");
    assert!(second >= first);
    fetch_vae();
    let (is_vae, complete, third) = listed();
    assert_eq!((is_vae, complete), (false, true), "the model stays listed");
    assert!(third >= second);
}
