//! Stores that are full, broken or absent.

use hearth::Error;
use hearth::error::Message;
use hearth::weights::Source;
use proptest::prelude::*;

use crate::buffer::Buffer;
use crate::{CHUNK, Scene, UNET, cases, url};

/// The weights arrive without the store; they are downloaded once, and the user is told once.
fn assert_works_from_memory(scene: &Scene, tab: &crate::Tab, loaded: hearth::Result<Vec<u8>>) {
    assert!(loaded.unwrap() == scene.weights);
    let again = scene.run(tab.source.read(UNET, 0..scene.weights.len() as u64));
    assert!(again.unwrap() == scene.weights);
    let sent: u64 = scene.server.take_downloads().iter().map(|asked| asked.sent).sum();
    assert_eq!(sent, scene.weights.len() as u64);
    assert_eq!(tab.received(), (sent, 0));
    assert_eq!(tab.not_kept().len(), 1, "{:?}", tab.not_kept());
}

#[test]
fn without_a_store_the_model_works_from_memory() {
    let scene = Scene::new(5);
    let refusal = Error::Storage { reason: Message::verbatim("private browsing") };
    let (tab, loaded) = scene.run(async {
        let tab = scene.open_with(Err(refusal)).await;
        let loaded = tab.load().await;
        (tab, loaded)
    });
    assert!(tab.not_kept()[0].contains("private browsing"));
    assert_works_from_memory(&scene, &tab, loaded);
    assert!(scene.store.chunks(&url(UNET)).is_empty());
}

#[test]
fn full_store_keeps_what_it_has_room_for_and_the_rest_is_in_memory() {
    let scene = Scene::new(5);
    scene.store.set_room(2 * CHUNK as usize + 100);
    let (tab, loaded) = scene.run(scene.visit());
    assert!(tab.not_kept()[0].contains("the disk is full"));
    assert_works_from_memory(&scene, &tab, loaded);
    assert_eq!(scene.store.chunks(&url(UNET)).len(), 2);
    assert!(!scene.store.is_complete(&url(UNET)));

    // Once there is room, the next visit downloads the rest.
    scene.store.set_room(usize::MAX);
    assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
    scene.assert_kept();
    let sent: u64 = scene.server.take_downloads().iter().map(|asked| asked.sent).sum();
    assert_eq!(sent, scene.weights.len() as u64 - 2 * CHUNK);
}

#[test]
fn no_more_than_a_chunk_is_copied_into_the_programs_memory() {
    let mut scene = Scene::with_len(200_000);
    scene.policy.chunk_size = 10_000;
    scene.server.put(UNET, &scene.weights, &format!("\"{}\"", crate::sha256(&scene.weights)));
    Buffer::take_longest_copy();
    scene.run(async {
        let tab = scene.open().await;
        tab.source.len(UNET).await.unwrap();
        tab.source.fetch(&[UNET.to_string()]).await.unwrap();
    });
    scene.assert_kept();
    assert_eq!(Buffer::take_longest_copy(), 10_000);
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn store_may_break_at_any_write(len in 150_usize..4000, writes in 0_usize..16) {
        let scene = Scene::with_len(len);
        scene.store.fail_after_writes(writes);
        let (tab, loaded) = scene.run(scene.visit());
        if scene.store.is_complete(&url(UNET)) {
            // It broke after the last write, if at all.
            prop_assert!(loaded.unwrap() == scene.weights);
        } else {
            assert_works_from_memory(&scene, &tab, loaded);
        }
        scene.store.fail_after_writes(usize::MAX);
        prop_assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
        scene.assert_kept();
    }
}
