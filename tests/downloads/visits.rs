//! Later visits: what is kept is not asked for again.

use hearth::weights::Source;

use crate::server::Fault;
use crate::{CHUNK, Scene, UNET, url, weights};

#[test]
fn second_visit_asks_for_no_weights() {
    let scene = Scene::new(5);
    scene.run(scene.visit()).1.unwrap();
    scene.server.take_asked();
    let (tab, loaded) = scene.run(scene.visit());
    assert!(loaded.unwrap() == scene.weights);
    assert_eq!(tab.received(), (0, scene.weights.len() as u64));
    let asked = scene.server.take_asked();
    assert!(asked.iter().all(|asked| asked.path != UNET), "{asked:?}");
}

#[test]
fn visit_without_a_network_works() {
    let scene = Scene::new(5);
    scene.server.put("hearth.json", br#"{ "name": "A" }"#, "\"s\"");
    scene.run(scene.visit()).1.unwrap();
    scene.server.spoil(|_| vec![Fault::Unreachable]);
    let (tab, loaded) = scene.run(scene.visit());
    assert!(loaded.unwrap() == scene.weights);
    let card = scene.run(tab.source.read_small("hearth.json")).unwrap();
    assert_eq!(card.as_deref(), Some(&br#"{ "name": "A" }"#[..]));
}

#[test]
fn damaged_and_lost_chunks_are_downloaded_again_alone() {
    let scene = Scene::new(5);
    scene.run(scene.visit()).1.unwrap();
    scene.server.take_asked();
    scene.store.damage(&scene.key(), 1);
    scene.store.lose(&scene.key(), 3);
    let (tab, loaded) = scene.run(scene.visit());
    assert!(loaded.unwrap() == scene.weights);
    assert_eq!(tab.received(), (2 * CHUNK, scene.weights.len() as u64 - 2 * CHUNK));
    let from: Vec<u64> = scene.server.take_downloads().iter().map(|asked| asked.from()).collect();
    assert_eq!(from, [CHUNK, 3 * CHUNK]);
    scene.assert_kept();
}

#[test]
fn damaged_chunk_of_a_file_that_the_server_replaced_is_error_and_the_file_is_deleted() {
    let mut scene = Scene::new(5);
    scene.run(scene.visit()).1.unwrap();
    scene.store.damage(&scene.key(), 1);
    let new = weights(scene.weights.len(), 2);
    scene.server.put(UNET, &new, "\"v2\"");
    let (tab, loaded) = scene.run(scene.visit());
    let error = loaded.unwrap_err();
    assert!(error.to_string().contains("the server has another file now"), "{error}");
    assert!(!scene.store.is_complete(&url(UNET)));
    // In the same visit, another attempt gets the new file.
    scene.weights = new;
    assert!(scene.run(tab.load()).unwrap() == scene.weights);
    scene.assert_kept();
}

#[test]
fn damaged_chunk_that_arrives_damaged_is_error_and_the_file_stays() {
    let scene = Scene::new(5);
    scene.run(scene.visit()).1.unwrap();
    scene.store.damage(&scene.key(), 1);
    scene.server.spoil(|_| vec![Fault::Flip(CHUNK)]);
    let error = scene.run(scene.visit()).1.unwrap_err();
    assert!(error.to_string().contains("so was what the server sent for it"), "{error}");
    scene.server.heal();
    assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
    scene.assert_kept();
}

#[test]
fn version_with_another_digest_replaces_the_kept_one() {
    let mut scene = Scene::new(5);
    let card =
        |weights: &[u8]| format!(r#"{{ "sha256": {{ "{UNET}": "{}" }} }}"#, crate::sha256(weights));
    scene.server.put("hearth.json", card(&scene.weights).as_bytes(), "\"s1\"");
    scene.run(scene.visit()).1.unwrap();
    scene.weights = weights(3 * CHUNK as usize, 2);
    scene.server.put(UNET, &scene.weights, "\"v2\"");
    scene.server.put("hearth.json", card(&scene.weights).as_bytes(), "\"s2\"");
    assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
    let sha256 = crate::sha256(&scene.weights);
    scene.assert_kept_under(&hearth::weights::cache::FileKey { url: url(UNET), sha256 });
}

#[test]
fn identity_is_the_digest_or_the_servers_validator() {
    let scene = Scene::new(2);
    let identity = |scene: &Scene| {
        scene.run(async { scene.open().await.source.identity(UNET).await.unwrap() })
    };
    assert_eq!(identity(&scene).as_deref(), Some("\"v1\""));
    scene.run(scene.visit()).1.unwrap();
    scene.server.remove(UNET);
    assert_eq!(identity(&scene).as_deref(), Some("\"v1\""), "as it was kept");
    let card = format!(r#"{{ "sha256": {{ "{UNET}": "ABCD" }} }}"#);
    scene.server.put("hearth.json", card.as_bytes(), "\"s\"");
    assert_eq!(identity(&scene).as_deref(), Some("abcd"));
}
