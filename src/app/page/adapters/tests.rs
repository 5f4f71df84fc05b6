#![allow(clippy::unwrap_used)]

use super::{AdapterPlace, OtherEmbeddings, Shelf, Status, Usage, with_word};
use crate::app::protocol::{AdapterCard, ErrorReport, Origin};
use crate::error::{Error, Message, messages};
use crate::params::AdapterUse;

type TestShelf = Shelf<&'static str>;

fn card(name: &str) -> AdapterCard {
    AdapterCard {
        name: name.to_string(),
        place: format!("https://a.example/{name}.safetensors"),
        title: None,
        is_embedding: false,
        description: Message::verbatim("LoRA, rank 4"),
        left_out: None,
        trigger_words: Vec::new(),
        has_text_encoder: true,
        bytes: 10,
        suggestion: None,
    }
}

fn other_base() -> ErrorReport {
    (&Error::NotACheckpoint {
        path: "xl.safetensors".to_string(),
        found: messages::adapter_for_base(Message::verbatim("SDXL")),
        remedy: messages::take_adapter_for_model(),
    })
        .into()
}

fn address(text: &str) -> AdapterPlace<&'static str> {
    AdapterPlace::Address(text.to_string())
}

/// A shelf with open adapters of these names.
fn shelf(names: &[&str]) -> TestShelf {
    let mut shelf = TestShelf::default();
    shelf.model_loaded("https://a.example/", None);
    for name in names {
        let id = shelf.add(address(name));
        shelf.opening(id, id);
        shelf.opened(id, card(name));
    }
    shelf
}

fn usage(is_on: bool, unet: f64, text_encoder: Option<f64>) -> Usage {
    Usage { is_on, unet, text_encoder }
}

fn one(name: &str, unet: f64, text_encoder: f64) -> AdapterUse {
    AdapterUse { name: name.to_string(), unet, text_encoder }
}

#[test]
fn new_adapter_is_used_at_weight_1_once_its_name_is_known() {
    let mut shelf = TestShelf::default();
    let id = shelf.add(address("owner/name"));
    assert!(!shelf.awaits(), "without a model there is nothing to wait for");
    shelf.opening(id, 7);
    assert!(shelf.awaits() && shelf.uses().is_empty());
    shelf.downloaded(id, 5, 10, Origin::Network);
    let progress = Some((5, 10, Origin::Network));
    assert_eq!(shelf.get(id).unwrap().status, Status::Opening { request: 7, progress });
    shelf.opened(id, card("cats"));
    assert!(!shelf.awaits());
    assert_eq!(shelf.uses(), [one("cats", 1.0, 1.0)]);
}

#[test]
fn adapter_that_is_off_or_does_not_fit_is_not_sent() {
    let mut shelf = shelf(&["a", "b", "c"]);
    shelf.set_usage(1, usage(false, 1.0, None));
    shelf.failed(2, other_base());
    assert_eq!(shelf.uses(), [one("c", 1.0, 1.0)]);
    assert_eq!(shelf.rows().len(), 3, "it stays on the shelf");
    // Another model: all of them are opened again.
    shelf.close();
    assert!(shelf.uses().is_empty());
    shelf.opening(2, 9);
    assert!(!shelf.awaits(), "its name is known");
    assert_eq!(shelf.uses(), [one("b", 1.0, 1.0)], "the worker opens it before the picture");
}

#[test]
fn weights_are_numbers_and_apart_only_where_there_are_text_encoders() {
    let mut shelf = shelf(&["a"]);
    shelf.set_usage(1, usage(true, 3.5, Some(-0.5)));
    assert_eq!(shelf.uses(), [one("a", 3.5, -0.5)]);
    shelf.set_usage(1, usage(true, f64::NAN, None));
    shelf.set_usage(1, usage(true, 1.0, Some(f64::INFINITY)));
    assert_eq!(shelf.uses(), [one("a", 3.5, -0.5)]);
    shelf.opened(1, AdapterCard { has_text_encoder: false, ..card("a") });
    assert_eq!(shelf.uses(), [one("a", 3.5, 3.5)]);
}

#[test]
fn same_address_or_name_is_on_the_shelf_once() {
    let mut shelf = shelf(&["a"]);
    let place = card("a").place;
    shelf.set_usage(1, usage(false, 0.5, None));
    assert_eq!(shelf.add(address(&place)), 1);
    assert_eq!(shelf.uses(), [one("a", 0.5, 0.5)], "it is switched on instead");
    // A file of the same name takes its place, as in the worker.
    let id = shelf.add(AdapterPlace::File("a.safetensors"));
    shelf.opening(id, 5);
    shelf.opened(id, card("a"));
    assert_eq!(shelf.rows().len(), 1);
    assert_eq!(shelf.rows()[0].place, AdapterPlace::File("a.safetensors"));
    assert_eq!(shelf.uses(), [one("a", 0.5, 0.5)], "its weight stays");
    assert_eq!(shelf.remove(id).unwrap().id, id);
    assert_eq!(shelf.remove(id), None);
}

#[test]
fn settings_of_picture_switch_named_ones_on_and_others_off() {
    let mut shelf = shelf(&["a", "b", "c"]);
    shelf.set_usage(3, usage(true, 0.25, None));
    let missing =
        shelf.take_over(&[one("B", 0.8, 0.5), one("gone", 1.0, 1.0)], OtherEmbeddings::Off);
    assert_eq!(missing, ["gone"]);
    assert_eq!(shelf.uses(), [one("b", 0.8, 0.5)]);
    shelf.undo();
    let before = [one("a", 1.0, 1.0), one("b", 1.0, 1.0), one("c", 0.25, 0.25)];
    assert_eq!(shelf.uses(), before);
    shelf.undo();
    assert_eq!(shelf.uses(), before, "once only");
}

#[test]
fn undo_goes_back_before_several_pictures_and_keeps_later_changes() {
    let mut shelf = shelf(&["a", "b"]);
    shelf.take_over(&[one("a", 0.5, 0.5)], OtherEmbeddings::Off);
    shelf.take_over(&[one("b", 0.5, 0.5)], OtherEmbeddings::Off);
    shelf.set_usage(1, usage(true, 2.0, None));
    shelf.undo();
    assert_eq!(shelf.uses(), [one("a", 2.0, 2.0), one("b", 1.0, 1.0)]);
    shelf.take_over(&[], OtherEmbeddings::Off);
    assert!(shelf.uses().is_empty());
    shelf.forget_replacement();
    shelf.undo();
    assert!(shelf.uses().is_empty());
}

#[test]
fn title_names_an_adapter_too() {
    let mut shelf = shelf(&[]);
    let id = shelf.add(address("x"));
    shelf.opening(id, 1);
    shelf.opened(id, AdapterCard { title: Some("Ink".to_string()), ..card("ink-v2") });
    assert!(shelf.take_over(&[one("ink", 0.5, 0.5)], OtherEmbeddings::Off).is_empty());
    assert_eq!(shelf.uses(), [one("ink-v2", 0.5, 0.5)]);
}

#[test]
fn embeddings_stay_on_where_settings_do_not_name_them_all() {
    let mut shelf = shelf(&["a", "word", "other"]);
    for id in [2, 3] {
        let name = shelf.get(id).unwrap().name.clone();
        shelf.opened(id, AdapterCard { is_embedding: true, ..card(&name) });
    }
    shelf.set_usage(3, usage(false, 1.0, None));
    shelf.take_over(&[one("Other", 1.0, 1.0)], OtherEmbeddings::Stay);
    assert_eq!(shelf.uses(), [one("word", 1.0, 1.0), one("other", 1.0, 1.0)]);
    shelf.take_over(&[one("other", 1.0, 1.0)], OtherEmbeddings::Off);
    assert_eq!(shelf.uses(), [one("other", 1.0, 1.0)]);
}

#[test]
fn shelf_is_kept_without_files_and_failed_additions() {
    let mut shelf = shelf(&["a", "b"]);
    shelf.set_usage(1, usage(false, 0.8, Some(0.25)));
    let id = shelf.add(AdapterPlace::File("disk.safetensors"));
    shelf.opening(id, 9);
    shelf.opened(id, card("disk"));
    let id = shelf.add(address("nonsense"));
    shelf.failed(id, other_base());
    let text = shelf.to_text();
    let kept = TestShelf::from_text(&text);
    let rows: Vec<_> = kept.rows().iter().map(|row| (&*row.name, row.usage)).collect();
    assert_eq!(rows, [("a", usage(false, 0.8, Some(0.25))), ("b", usage(true, 1.0, None))]);
    assert_eq!(kept.rows()[0].place, address(&card("a").place));
    assert_eq!(kept.rows()[0].status, Status::Waiting);
    assert_eq!(kept.to_text(), text);
    assert!(TestShelf::from_text("on\tNaN\t\ta\tx\nnothing\n").rows().is_empty());
}

#[test]
fn stopped_download_of_kept_adapter_stays_on_the_shelf() {
    let mut shelf = shelf(&["a"]);
    shelf.close();
    shelf.opening(1, 4);
    shelf.stopped(1);
    assert_eq!(shelf.rows()[0].status, Status::Stopped);
    assert!(shelf.uses().is_empty());
}

#[test]
fn trigger_word_is_put_into_the_prompt_once() {
    assert_eq!(with_word("a cat", "ink style").as_deref(), Some("a cat, ink style"));
    assert_eq!(with_word("a cat, ", "ink").as_deref(), Some("a cat, ink"));
    assert_eq!(with_word(" ", "ink").as_deref(), Some("ink"));
    assert_eq!(with_word("Ink, a cat", "ink"), None);
    assert_eq!(with_word("inkwell", "ink").as_deref(), Some("inkwell, ink"));
}

#[test]
fn own_adapter_of_a_model_is_on_until_switched_off_and_there_with_its_model_alone() {
    let mut shelf = shelf(&["cats"]);
    shelf.model_loaded("https://a.example/one/", Some(card("few-steps")));
    assert_eq!(shelf.uses(), [one("few-steps", 1.0, 1.0), one("cats", 1.0, 1.0)]);
    let id = shelf.rows()[0].id;
    shelf.set_usage(id, usage(false, 1.0, None));
    // Another model without one, and one with its own.
    shelf.model_loaded("https://a.example/two/", None);
    assert_eq!(shelf.rows().len(), 1);
    shelf.model_loaded("https://a.example/three/", Some(card("few-steps")));
    assert_eq!(shelf.uses(), [one("few-steps", 1.0, 1.0), one("cats", 1.0, 1.0)]);
    // The next visit.
    let mut shelf = TestShelf::from_text(&shelf.to_text());
    let names: Vec<_> = shelf.rows().iter().map(|row| &*row.name).collect();
    assert_eq!(names, ["cats"]);
    shelf.model_loaded("https://a.example/one/", Some(card("few-steps")));
    let first = &shelf.rows()[0];
    assert_eq!((first.is_own(), first.usage.is_on, &first.status), (true, false, &Status::Open));
    shelf.model_loaded("https://a.example/three/", Some(card("few-steps")));
    assert!(shelf.rows()[0].usage.is_on);
    assert_eq!(shelf.rows().len(), 2);
}

#[test]
fn settings_taken_over_before_a_model_is_loaded_decide_about_its_own_adapter() {
    let place = "https://a.example/one/";
    let mut shelf = TestShelf::default();
    assert!(shelf.take_over(&[], OtherEmbeddings::Off).is_empty());
    assert!(shelf.model_loaded(place, Some(card("few-steps"))).is_empty());
    assert!(shelf.uses().is_empty(), "the picture was made without it");

    let mut shelf = TestShelf::default();
    let uses = [one("few-steps", 0.5, 0.5), one("cats", 1.0, 1.0)];
    assert!(shelf.take_over(&uses, OtherEmbeddings::Off).is_empty(), "they may come");
    assert_eq!(shelf.model_loaded(place, Some(card("few-steps"))), ["cats"]);
    assert_eq!(shelf.uses(), [one("few-steps", 0.5, 0.5)]);
    // With a model it is known at once.
    assert_eq!(shelf.take_over(&uses, OtherEmbeddings::Off), ["cats"]);
    assert!(shelf.model_loaded("https://a.example/two/", Some(card("few-steps"))).is_empty());
    assert_eq!(shelf.uses(), [one("few-steps", 1.0, 1.0)]);
}
