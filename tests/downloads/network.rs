//! Faults of network and server.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use hearth::Error;
use hearth::weights::http::ByteRange;

use crate::server::{Asked, Fault};
use crate::{CHUNK, Scene, UNET, sha256, url, weights};

/// The weights arrive whole in spite of `faults`, which the downloads meet one after the other.
fn assert_survives(faults: Vec<Vec<Fault>>) -> Scene {
    let scene = Scene::new(5);
    scene.server.spoil_downloads(UNET, faults);
    let (tab, loaded) = scene.run(scene.visit());
    assert!(loaded.unwrap() == scene.weights);
    assert_eq!(tab.received(), (scene.weights.len() as u64, 0), "every byte is reported once");
    scene.assert_kept();
    scene
}

fn ranges(asked: &[Asked]) -> Vec<(u64, Option<u64>)> {
    let ranges = asked.iter().filter_map(|asked| asked.range);
    let mut ranges: Vec<_> = ranges.map(|ByteRange { from, to }| (from, to)).collect();
    ranges.sort_unstable();
    ranges
}

#[test]
fn chunks_are_requested_once_and_four_at_once() {
    let scene = assert_survives(Vec::new());
    let len = scene.weights.len() as u64;
    let chunks: Vec<_> =
        (0..5).map(|index| (index * CHUNK, Some(len.min((index + 1) * CHUNK)))).collect();
    assert_eq!(ranges(&scene.server.take_downloads()), chunks);
    assert_eq!(scene.server.most_open(), 4);
}

#[test]
fn number_of_connections_equals_the_policy() {
    let mut scene = Scene::new(9);
    scene.policy.connections = 2;
    scene.run(scene.visit()).1.unwrap();
    assert_eq!(scene.server.most_open(), 2);
}

#[test]
fn broken_connection_is_resumed_where_it_broke() {
    let scene = assert_survives(vec![vec![Fault::Cut(300)]]);
    let downloads = ranges(&scene.server.take_downloads());
    assert!(downloads.contains(&(300, Some(CHUNK))), "{downloads:?}");
    assert_eq!(downloads.len(), 6);
}

#[test]
fn body_that_ends_early_is_resumed() {
    let scene = assert_survives(vec![vec![Fault::End(1)], vec![Fault::End(0)]]);
    assert!(ranges(&scene.server.take_downloads()).contains(&(1, Some(CHUNK))));
}

#[test]
fn every_request_may_break_as_long_as_bytes_arrive() {
    let broken: Vec<_> = (1..200).map(|at| vec![Fault::Cut(at % 90 + 1)]).collect();
    assert_survives(broken);
}

#[test]
fn failing_server_is_asked_again() {
    for fault in [
        Fault::Unreachable,
        Fault::Status(500, String::new()),
        Fault::Status(503, "soon".to_string()),
        Fault::Status(429, String::new()),
        Fault::Status(408, String::new()),
    ] {
        assert_survives(vec![vec![fault]; 5]);
    }
}

#[test]
fn silent_server_and_silent_connection_are_given_up_and_asked_again() {
    for fault in [Fault::Silent, Fault::Stall(123), Fault::Stall(0)] {
        let scene = assert_survives(vec![vec![fault.clone()]]);
        let (before, after) = (scene.policy.silence, scene.policy.silence * 2);
        let now = scene.time.now();
        assert!(before <= now && now < after, "{fault:?} was noticed after {now:?}");
    }
}

#[test]
fn wrong_lengths_and_totals_cost_time_and_nothing_else() {
    for fault in [
        Fault::Length(5000),
        Fault::Length(-200),
        Fault::Total(5000),
        Fault::Total(-200),
        Fault::HiddenRange,
    ] {
        assert_survives(vec![Vec::new(), vec![fault]]);
    }
}

#[test]
fn ignored_ranges_cost_time_and_nothing_else() {
    for times in 1..=3 {
        assert_survives(vec![vec![Fault::Unranged]; times]);
        assert_survives([vec![Vec::new()], vec![vec![Fault::Unranged]; times]].concat());
    }
}

#[test]
fn server_without_ranges_sends_the_file_once() {
    let scene = Scene::new(5);
    scene.server.set_ranges(false);
    let (_, loaded) = scene.run(scene.visit());
    assert!(loaded.unwrap() == scene.weights);
    scene.assert_kept();
    let sent: u64 = scene.server.take_downloads().iter().map(|asked| asked.sent).sum();
    assert_eq!(sent, scene.weights.len() as u64);
}

#[test]
fn server_without_ranges_that_breaks_is_resumed() {
    let scene = Scene::new(5);
    scene.server.set_ranges(false);
    scene.server.spoil_downloads(UNET, vec![vec![Fault::Cut(1234)], vec![Fault::Cut(1700)]]);
    let (tab, loaded) = scene.run(scene.visit());
    assert!(loaded.unwrap() == scene.weights);
    assert_eq!(tab.received(), (scene.weights.len() as u64, 0));
    scene.assert_kept();
}

#[test]
fn length_is_found_where_the_range_header_is_hidden() {
    let scene = Scene::new(3);
    scene.server.spoil(|_| vec![Fault::HiddenRange]);
    let (_, loaded) = scene.run(scene.visit());
    assert!(loaded.unwrap() == scene.weights);
    scene.assert_kept();
}

/// How long the second request for a chunk comes after the first, which was refused.
fn wait_after(retry_after: &str) -> Duration {
    let scene = assert_survives(vec![vec![Fault::Status(503, retry_after.to_string())]]);
    let downloads = scene.server.take_downloads();
    let refused = downloads.iter().find(|asked| asked.status == 503).unwrap();
    let again = downloads.iter().rfind(|asked| asked.from() == refused.from()).unwrap();
    again.at - refused.at
}

#[test]
fn retry_after_is_obeyed() {
    let seconds = |wait: Duration| wait.as_secs();
    assert_eq!(seconds(wait_after("3")), 3);
    assert_eq!(seconds(wait_after("60")), 60);
    // The scene begins at midnight; what happened before takes milliseconds.
    assert_eq!(seconds(wait_after("Thu, 01 Jan 2026 00:00:42 GMT")), 41);
    // Without a usable wish, the back-off decides.
    assert_eq!(seconds(wait_after("0")), 0);
    assert_eq!(seconds(wait_after("Thu, 01 Jan 2015 00:00:42 GMT")), 0);
}

#[test]
fn retry_after_of_an_hour_is_error_at_once() {
    let scene = Scene::new(5);
    let refused = vec![Fault::Status(429, "3600".to_string())];
    scene.server.spoil_downloads(UNET, vec![refused; 50]);
    let error = scene.run(scene.visit()).1.unwrap_err();
    assert_eq!(error.code(), "network");
    assert!(error.to_string().contains("429 and asks to try again in 60 minutes"), "{error}");
    assert!(scene.time.now() < Duration::from_secs(1));
}

#[test]
fn failure_that_lasts_is_error_after_the_back_off() {
    for (fault, word) in [
        (Fault::Unreachable, "the network is down"),
        (Fault::Status(502, String::new()), "the server has a fault (502)"),
        (Fault::Cut(0), "the connection was reset"),
    ] {
        let scene = Scene::new(1);
        scene.server.spoil_downloads(UNET, vec![vec![fault]; 50]);
        let error = scene.run(scene.visit()).1.unwrap_err();
        let Error::Network { url: failed, reason } = error else { panic!("{error}") };
        assert_eq!(failed, url(UNET));
        assert!(reason.to_string().contains(word), "{reason}");
        let attempts = scene.policy.back_off.len() + 1;
        assert_eq!(scene.server.take_downloads().len(), attempts);
        let waited: Duration = scene.policy.back_off.iter().sum();
        let now = scene.time.now();
        assert!(waited <= now && now < waited + Duration::from_secs(1), "{now:?}");
        assert!(!scene.store.is_complete(&url(UNET)));
    }
}

#[test]
fn refused_and_missing_files_are_errors_at_once() {
    for (fault, code, words) in [
        (Fault::Status(401, String::new()), "network", "asks for a sign-in (401)"),
        (Fault::Status(403, String::new()), "network", "does not permit it (403)"),
        (Fault::Status(404, String::new()), "missing-file", "is missing in https"),
        (Fault::Status(410, String::new()), "missing-file", "is missing in https"),
        (Fault::Page, "missing-file", "gives a web page instead of unet/"),
    ] {
        let scene = Scene::new(3);
        scene.server.spoil(move |_| vec![fault.clone()]);
        let error = scene.run(scene.visit()).1.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(words), "{error}");
        assert!(scene.time.now() < Duration::from_secs(1));
    }
}

#[test]
fn file_that_vanishes_during_the_download_is_error() {
    let scene = Scene::new(5);
    let vanished = vec![Fault::Status(404, String::new())];
    scene.server.spoil_downloads(UNET, [vec![Vec::new(); 3], vec![vanished; 50]].concat());
    assert_eq!(scene.run(scene.visit()).1.unwrap_err().code(), "missing-file");
    assert!(!scene.store.is_complete(&url(UNET)));
}

#[test]
fn file_that_changes_during_the_download_is_downloaded_again() {
    // The model card, the length, and five chunks.
    for answers_before in 1..8 {
        let mut scene = Scene::new(5);
        let new = weights(3 * CHUNK as usize + 11, 2);
        let (server, replacement) = (scene.server.clone(), new.clone());
        let answers = Cell::new(0);
        scene.server.spoil(move |_| {
            answers.set(answers.get() + 1);
            if answers.get() == answers_before {
                server.put(UNET, &replacement, "\"v2\"");
            }
            Vec::new()
        });
        let (_, loaded) = scene.run(scene.visit());
        // The page has read the length of the old file if that was asked for before the change.
        let loaded = loaded.map_or_else(|error| error.code().to_string(), |_| String::new());
        assert!(["", "corrupt-weights"].contains(&loaded.as_str()), "{loaded}");
        scene.weights = new;
        scene.run(scene.visit()).1.unwrap();
        scene.assert_kept();
    }
}

#[test]
fn server_that_changes_its_mind_for_ever_is_error() {
    let scene = Scene::new(5);
    let answers = Cell::new(0);
    scene.server.spoil(move |_| {
        answers.set(answers.get() + 1);
        vec![Fault::ETag(format!("\"v{}\"", answers.get()))]
    });
    let error = scene.run(scene.visit()).1.unwrap_err();
    assert!(error.to_string().contains("another version of it again and again"), "{error}");
    assert!(!scene.store.is_complete(&url(UNET)));
}

#[test]
fn wrong_byte_under_a_known_digest_is_error_and_nothing_is_kept() {
    let wrong = 2 * CHUNK + 77;
    for from_card in [false, true] {
        let scene = Scene::new(5);
        let digest = sha256(&scene.weights);
        if from_card {
            let card = format!(r#"{{ "sha256": {{ "{UNET}": "{}" }} }}"#, digest.to_uppercase());
            scene.server.put("hearth.json", card.as_bytes(), "\"s\"");
        } else {
            scene.server.put(UNET, &scene.weights, &format!("\"{digest}\""));
        }
        let flipped = Rc::new(Cell::new(true));
        let flip = Rc::clone(&flipped);
        scene.server.spoil(move |_| match flip.get() {
            true => vec![Fault::Flip(wrong)],
            false => Vec::new(),
        });
        let error = scene.run(scene.visit()).1.unwrap_err();
        let Error::CorruptWeights { path, reason } = error else { panic!("{error}") };
        assert_eq!(path, UNET);
        assert!(reason.to_string().contains(&digest), "{reason}");
        assert!(scene.store.chunks(&url(UNET)).is_empty());
        assert!(!scene.store.is_complete(&url(UNET)));

        flipped.set(false);
        assert!(scene.run(scene.visit()).1.unwrap() == scene.weights);
        let sha256 = if from_card { digest } else { String::new() };
        scene.assert_kept_under(&hearth::weights::cache::FileKey { url: url(UNET), sha256 });
    }
}

#[test]
fn file_that_is_no_safetensors_file_is_error_and_nothing_is_kept() {
    let scene = Scene::new(3);
    scene.server.put(UNET, &[7; 1200], "\"v1\"");
    let error = scene.run(scene.visit()).1.unwrap_err();
    assert_eq!(error.code(), "corrupt-weights");
    assert!(scene.store.chunks(&url(UNET)).is_empty());
    assert!(!scene.store.is_complete(&url(UNET)));
}
