//! Any faults in any order.

use proptest::prelude::*;

use crate::server::Fault;
use crate::{Scene, UNET, cases, sha256, url};

/// Faults that another attempt may not meet.
fn transient() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Unreachable),
        Just(Fault::Silent),
        prop_oneof![Just(408_u16), Just(429), Just(500), Just(503)]
            .prop_flat_map(|status| (Just(status), prop_oneof![Just(""), Just("2"), Just("x")]))
            .prop_map(|(status, retry_after)| Fault::Status(status, retry_after.to_string())),
        (0_u64..1200).prop_map(Fault::Cut),
        (0_u64..1200).prop_map(Fault::End),
        (0_u64..1200).prop_map(Fault::Stall),
        Just(Fault::Unranged),
        (-300_i64..300).prop_map(Fault::Length),
        Just(Fault::HiddenRange),
    ]
}

/// Faults that the server means, or that change what arrives.
fn lasting() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Status(403, String::new())),
        Just(Fault::Status(404, String::new())),
        Just(Fault::Status(503, "4000".to_string())),
        Just(Fault::Page),
        (-300_i64..300).prop_map(Fault::Total),
        (0_u8..3).prop_map(|version| Fault::ETag(format!("\"w{version}\""))),
        (0_u64..4000).prop_map(Fault::Flip),
    ]
}

fn responses(fault: impl Strategy<Value = Fault>) -> impl Strategy<Value = Vec<Vec<Fault>>> {
    let response = prop_oneof![2 => Just(Vec::new()), 3 => fault.prop_map(|fault| vec![fault])];
    prop::collection::vec(response, 0..25)
}

proptest! {
    #![proptest_config(cases(500))]

    /// Up to four transient failures in a row cannot end a download: there are five attempts more.
    #[test]
    fn transient_faults_cost_time_and_nothing_else(
        len in 150_usize..4000,
        chunk in 40_u64..900,
        ranges in prop::bool::weighted(0.8),
        responses in prop::collection::vec(transient(), 0..4),
    ) {
        let mut scene = Scene::with_len(len);
        scene.policy.chunk_size = chunk;
        scene.server.set_ranges(ranges);
        let responses = responses.into_iter().map(|fault| vec![fault]).collect();
        scene.server.spoil_downloads(UNET, responses);
        let (tab, loaded) = scene.run(scene.visit());
        prop_assert!(loaded.unwrap() == scene.weights);
        prop_assert_eq!(tab.received(), (len as u64, 0));
        scene.assert_kept();
    }

    /// Under a known digest, whatever happens, the weights are right or there is an error; and
    /// afterwards a visit to the healed server gets them.
    #[test]
    fn faults_never_lead_to_wrong_weights(
        len in 150_usize..4000,
        chunk in 40_u64..900,
        responses in responses(prop_oneof![2 => transient(), 1 => lasting()]),
        steps in prop_oneof![Just(usize::MAX), 0_usize..2000],
        writes in prop_oneof![3 => Just(usize::MAX), 1 => 0_usize..20],
    ) {
        let mut scene = Scene::with_len(len);
        scene.policy.chunk_size = chunk;
        let sha256 = sha256(&scene.weights);
        let card = format!(r#"{{ "sha256": {{ "{UNET}": "{sha256}" }} }}"#);
        scene.server.put("hearth.json", card.as_bytes(), "\"s\"");
        scene.server.spoil_downloads(UNET, responses);
        scene.store.fail_after_writes(writes);
        match scene.time.run_steps(steps, scene.visit()) {
            Some((_, Ok(loaded))) => prop_assert!(loaded == scene.weights),
            Some((_, Err(error))) => {
                prop_assert!(["network", "missing-file", "corrupt-weights"].contains(&error.code()));
            }
            None => {}
        }
        scene.server.heal();
        scene.store.fail_after_writes(usize::MAX);
        let mut loaded = scene.run(scene.visit()).1;
        if loaded.as_ref().is_err_and(|error| error.code() == "corrupt-weights") {
            // A wrong byte of the visit before was found only now, with the last chunk.
            prop_assert!(scene.store.chunks(&url(UNET)).is_empty());
            loaded = scene.run(scene.visit()).1;
        }
        prop_assert!(loaded.unwrap() == scene.weights);
        scene.assert_kept_under(&hearth::weights::cache::FileKey { url: url(UNET), sha256 });
    }
}
