//! Pages that are closed in the middle of a download.

use proptest::prelude::*;

use crate::{CHUNK, Scene, UNET, cases, url, weights};

#[test]
fn next_visit_downloads_only_what_the_closed_page_lacks() {
    let scene = Scene::new(5);
    scene.close_in_the_middle();
    assert!(!scene.store.is_complete(&url(UNET)));

    let (tab, loaded) = scene.run(scene.visit());
    assert!(loaded.unwrap() == scene.weights);
    scene.assert_kept();
    let downloads = scene.server.take_downloads();
    let from: Vec<u64> = downloads.iter().map(|asked| asked.from()).collect();
    assert_eq!(from, [3 * CHUNK]);
    assert_eq!(tab.received(), (CHUNK, scene.weights.len() as u64 - CHUNK));
}

#[test]
fn index_of_a_partial_file_is_read_from_the_store() {
    let scene = Scene::new(5);
    scene.close_in_the_middle();
    let read = scene.run(async {
        use hearth::weights::Source;
        let tab = scene.open().await;
        let index = tab.source.read(UNET, 8..100).await.unwrap();
        (index, tab.source.read(UNET, 0..8).await.unwrap())
    });
    assert_eq!(read, (scene.weights[8..100].to_vec(), scene.weights[..8].to_vec()));
    assert_eq!(scene.server.take_downloads().len(), 0);
}

#[test]
fn partial_file_is_continued_in_its_own_chunk_size() {
    let mut scene = Scene::new(5);
    scene.close_in_the_middle();
    scene.policy.chunk_size = 4 * CHUNK;
    assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
    scene.policy.chunk_size = CHUNK;
    scene.assert_kept();
    assert_eq!(scene.server.take_downloads().len(), 1);
}

#[test]
fn damaged_chunk_of_a_partial_file_is_downloaded_again() {
    let scene = Scene::new(5);
    scene.close_in_the_middle();
    scene.store.damage(&scene.key(), 1);
    assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
    scene.assert_kept();
    let mut from: Vec<u64> =
        scene.server.take_downloads().iter().map(|asked| asked.from()).collect();
    from.sort_unstable();
    assert_eq!(from, [CHUNK, 3 * CHUNK]);
}

#[test]
fn chunks_of_another_version_are_not_joined() {
    let mut scene = Scene::new(5);
    scene.close_in_the_middle();
    scene.weights = weights(scene.weights.len(), 2);
    scene.server.put(UNET, &scene.weights, "\"v2\"");
    assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
    scene.assert_kept();
    assert_eq!(scene.server.take_downloads().len(), 5);
}

#[test]
fn chunks_that_a_server_without_ranges_sends_again_are_not_stored_again() {
    let scene = Scene::new(5);
    scene.close_in_the_middle();
    scene.server.set_ranges(false);
    scene.store.count_chunk_writes();
    assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
    scene.assert_kept();
    assert_eq!(scene.store.count_chunk_writes(), 1);
}

proptest! {
    #![proptest_config(cases(300))]

    /// Pages are closed at any moment, again and again.
    #[test]
    fn pages_closed_at_any_moment_lose_no_stored_chunk(
        len in 150_usize..4000,
        chunk in 40_u64..900,
        moments in prop::collection::vec(0_usize..700, 1..5),
    ) {
        let mut scene = Scene::with_len(len);
        scene.policy.chunk_size = chunk;
        for steps in moments {
            let stored = scene.store.chunks(&url(UNET));
            scene.server.take_asked();
            if let Some((_, loaded)) = scene.time.run_steps(steps, scene.visit()) {
                prop_assert!(loaded.unwrap() == scene.weights);
            }
            for asked in scene.server.take_downloads() {
                // The length field and the index are read from the server as long as the first
                // chunk is not stored.
                let is_stored = stored.contains(&(asked.from() / chunk));
                prop_assert!(!is_stored, "{asked:?} with {stored:?}");
            }
        }
        let (_, loaded) = scene.run(scene.visit());
        prop_assert!(loaded.unwrap() == scene.weights);
        scene.assert_kept();
    }
}
