//! Configs and vocabularies, which are read as a whole.

use hearth::Result;
use hearth::weights::Source;
use hearth::weights::http::Http;

use crate::Scene;
use crate::server::{Fault, PLACE};

const CONFIG: &str = "unet/config.json";

fn read(scene: &Scene) -> Result<Option<Vec<u8>>> {
    scene.run(async { scene.open().await.source.read_small(CONFIG).await })
}

#[test]
fn kept_small_file_is_replaced_by_the_servers() {
    let scene = Scene::new(1);
    scene.server.put(CONFIG, b"old", "\"1\"");
    assert_eq!(read(&scene).unwrap().as_deref(), Some(&b"old"[..]));
    scene.server.put(CONFIG, b"new", "\"2\"");
    assert_eq!(read(&scene).unwrap().as_deref(), Some(&b"new"[..]));
    scene.server.spoil(|_| vec![Fault::Unreachable]);
    assert_eq!(read(&scene).unwrap().as_deref(), Some(&b"new"[..]));
}

#[test]
fn silent_server_is_waited_for_once_in_a_visit_if_the_file_is_kept() {
    let scene = Scene::new(1);
    scene.server.put(CONFIG, b"kept", "\"1\"");
    read(&scene).unwrap();
    scene.server.spoil(|_| vec![Fault::Silent]);
    let before = scene.time.now();
    scene.run(async {
        let tab = scene.open().await; // Reads the model card.
        for _ in 0..3 {
            let config = tab.source.read_small(CONFIG).await.unwrap();
            assert_eq!(config.as_deref(), Some(&b"kept"[..]));
        }
    });
    let waited = scene.time.now() - before;
    let limit = scene.policy.revalidation;
    assert!(limit <= waited && waited < limit * 2, "{waited:?}");
}

#[test]
fn small_file_that_vanishes_is_missing_and_stays_for_visits_without_a_network() {
    let scene = Scene::new(1);
    scene.server.put(CONFIG, b"kept", "\"1\"");
    read(&scene).unwrap();
    scene.server.remove(CONFIG);
    assert_eq!(read(&scene).unwrap(), None);
    scene.server.spoil(|_| vec![Fault::Unreachable]);
    assert_eq!(read(&scene).unwrap().as_deref(), Some(&b"kept"[..]));
}

#[test]
fn small_file_is_asked_for_four_times() {
    let scene = Scene::new(1);
    scene.server.put(CONFIG, b"it", "\"1\"");
    for (failures, works) in [(3, true), (4, false)] {
        let mut left = failures;
        scene.server.spoil(move |asked| {
            if asked.path != CONFIG || left == 0 {
                return Vec::new();
            }
            left -= 1;
            vec![Fault::Status(500, String::new())]
        });
        let http = Http::new(PLACE, scene.server.clone(), scene.policy.clone());
        assert_eq!(scene.run(http.read_small(CONFIG)).is_ok(), works);
    }
}

#[test]
fn small_file_that_is_too_large_is_error() {
    let mut scene = Scene::new(1);
    scene.policy.max_small_file = 1000;
    scene.server.put(CONFIG, &[b' '; 1001], "\"1\"");
    let error = read(&scene).unwrap_err();
    assert!(error.to_string().contains("longer than any config"), "{error}");
    scene.server.put(CONFIG, &[b' '; 1000], "\"1\"");
    assert_eq!(read(&scene).unwrap().map(|bytes| bytes.len()), Some(1000));
}

#[test]
fn variant_that_did_not_exist_is_not_asked_for_again() {
    const FP16: &str = "unet/diffusion_pytorch_model.fp16.safetensors";
    let scene = Scene::new(2);
    let load = async || {
        let tab = scene.open().await;
        assert_eq!(tab.source.len(FP16).await.unwrap(), None);
        tab.load().await.unwrap();
    };
    scene.run(load());
    scene.server.take_asked();
    scene.run(load());
    assert!(scene.server.take_asked().iter().all(|asked| asked.path != FP16));
}
