//! Several tabs that want the same model.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::{join, join3};
use hearth::weights::Source;
use hearth::weights::cache::Transfer;
use proptest::prelude::*;

use crate::{Scene, Tab, UNET, cases, url};

/// Opens the checkpoint and loads it, some time after the start.
async fn visit_after(scene: &Scene, wait: Duration) -> (Tab, Vec<u8>) {
    scene.time.sleep(wait).await;
    let (tab, loaded) = scene.visit().await;
    (tab, loaded.unwrap())
}

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Nothing was downloaded twice.
fn assert_downloaded_once(scene: &Scene) {
    let downloads = scene.server.take_downloads();
    let ranges: BTreeSet<u64> = downloads.iter().map(|asked| asked.from()).collect();
    assert_eq!(ranges.len(), downloads.len(), "{downloads:?}");
}

#[test]
fn second_and_third_tab_follow_the_first() {
    let mut scene = Scene::new(60);
    scene.policy.other_tab_interval = milliseconds(20);
    let tabs = scene.run(join3(
        visit_after(&scene, milliseconds(0)),
        visit_after(&scene, milliseconds(100)),
        visit_after(&scene, milliseconds(150)),
    ));
    assert_downloaded_once(&scene);
    scene.assert_kept();
    let len = scene.weights.len() as u64;
    for (tab, loaded, (network, store)) in [
        (&tabs.0.0, &tabs.0.1, (len, 0)),
        (&tabs.1.0, &tabs.1.1, (0, len)),
        (&tabs.2.0, &tabs.2.1, (0, len)),
    ] {
        assert!(*loaded == scene.weights);
        assert_eq!(tab.received(), (network, store));
        let others =
            tab.events.borrow().iter().filter(|event| **event == Transfer::OtherTab).count();
        assert_eq!(others, usize::from(network == 0));
    }
}

#[test]
fn waiting_tab_reports_what_the_other_has_stored() {
    let mut scene = Scene::new(60);
    scene.policy.other_tab_interval = milliseconds(20);
    let len = scene.weights.len() as u64;
    let seen = scene.run(async {
        let (first, second) = (scene.open().await, scene.open().await);
        let first = async {
            first.source.fetch(&[UNET.to_string()]).await.unwrap();
            second.received()
        };
        let second = async {
            scene.time.sleep(milliseconds(50)).await;
            second.load().await.unwrap();
        };
        join(first, second).await.0
    });
    assert_eq!(seen.0, 0);
    assert!(seen.1 > len / 2, "{} of {len} bytes", seen.1);
}

#[test]
fn tabs_whose_store_is_broken_do_not_wait_for_each_other() {
    let scene = Scene::new(5);
    scene.store.fail_after_writes(0);
    let (first, second) = scene
        .run(join(visit_after(&scene, milliseconds(0)), visit_after(&scene, milliseconds(50))));
    for (tab, loaded) in [first, second] {
        assert!(loaded == scene.weights);
        assert!(!tab.events.borrow().contains(&Transfer::OtherTab));
    }
}

proptest! {
    #![proptest_config(cases(150))]

    /// The first tab is closed at any moment.
    #[test]
    fn second_tab_continues_what_the_first_did_not_finish(
        len in 150_usize..4000,
        first_ends in 0_u64..400,
        second_begins in 0_u64..200,
    ) {
        let scene = Scene::with_len(len);
        let first = async {
            use hearth::weights::http::Clock;
            scene.server.timeout(milliseconds(first_ends), scene.visit()).await
        };
        let (_, (tab, loaded)) =
            scene.run(join(first, visit_after(&scene, milliseconds(second_begins))));
        prop_assert!(loaded == scene.weights);
        scene.assert_kept();
        let (network, store) = tab.received();
        prop_assert_eq!(network + store, len as u64);
        prop_assert!(scene.store.is_complete(&url(UNET)));
    }
}
