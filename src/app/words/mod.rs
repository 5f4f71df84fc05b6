//! Texts of the page.

mod adapter_table;
mod declare;
mod errors;
mod knowledge_table;
pub mod language;
mod localized;
mod page;
mod prompt;
mod prompt_table;
mod table;
mod vae_table;

pub use adapter_table::*;
pub use errors::{
    as_sentence, axis_error, clause, error_reason, error_text, field_error, message_text,
    model_error_text,
};
pub use knowledge_table::*;
pub use language::Language;
pub use localized::{LocalizedElement, LocalizedText};
pub use page::retranslate;
pub use prompt::prompt_summary;
pub use prompt_table::*;
pub use table::*;
pub use vae_table::*;

use super::protocol::{Note, Origin, Stage};
use crate::params::{AUTOMATIC, Field, Kind, Value};
use crate::scheduler::{SchedulerName, SigmaSchedule};

/// Returns the line `name` of any table, if it has no parameters.
pub fn by_name(name: &str) -> Option<String> {
    let tables = [
        adapter_table::by_name,
        prompt_table::by_name,
        vae_table::by_name,
        knowledge_table::by_name,
    ];
    table::by_name(name).or_else(|| tables.iter().find_map(|by_name| by_name(name)))
}

/// All lines: name, English, Chinese.
#[cfg(test)]
fn lines() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let tables = [
        table::LINES,
        adapter_table::LINES,
        prompt_table::LINES,
        vae_table::LINES,
        knowledge_table::LINES,
    ];
    tables.into_iter().flatten()
}

/// Returns a parameter's name for error messages.
pub fn field_name(field: &Field) -> String {
    field_text(field, "field")
}

/// Returns a parameter's name in the table under an image.
pub fn recipe_term(field: &Field) -> String {
    field_text(field, "recipe")
}

/// Returns a parameter's name as an axis of the matrix.
pub fn axis_name(field: &Field) -> String {
    by_name(&format!("matrix_{}", field.label)).unwrap_or_else(|| recipe_term(field))
}

/// Returns a value as its menu has it.
pub fn shown_value(field: &Field, value: &Value) -> String {
    let text = value.to_string();
    let of_menu = match (field.name, field.kind) {
        ("scheduler", _) => text.parse::<SchedulerName>().ok().map(SchedulerName::label),
        ("schedule", _) if text == AUTOMATIC => Some(schedule_automatic()),
        ("schedule", _) => {
            let found = SigmaSchedule::from_name(&text);
            found.map(|sigmas| sigmas.row().label.to_string())
        }
        (_, Kind::Choice(_)) => by_name(&format!("{}_{}", field.label, text.replace('-', "_"))),
        _ => None,
    };
    of_menu.unwrap_or_else(|| field.shown(value))
}

fn field_text(field: &Field, place: &str) -> String {
    let label = field.label;
    let own = by_name(&format!("{place}_{label}"));
    let own = own.or_else(|| by_name(&format!("{label}_label")));
    own.unwrap_or_else(|| field.name.to_string())
}

/// Returns the text of a stage.
pub fn stage(stage: &Stage) -> String {
    match stage {
        Stage::Device => table::preparing_device(),
        Stage::Settings => table::preparing_settings(),
        Stage::Gpu => table::preparing_gpu(),
        Stage::Model { percent: 0 } => table::preparing_model(),
        Stage::Model { percent } => table::preparing_model_part(percent),
        Stage::Adapters { percent } => table::preparing_adapters(percent),
        Stage::Previews => table::preparing_previews(),
        Stage::Network { part } => table::preparing_part(with_space(message_text(part))),
    }
}

/// Returns the text of a warning.
pub fn note(note: &Note) -> String {
    match note {
        Note::PromptTruncated { field, lost } if field == "negative_prompt" => {
            table::negative_prompt_too_long(lost)
        }
        Note::PromptTruncated { lost, .. } => table::prompt_too_long(lost),
        Note::AdapterNotOpen { adapter } => table::adapter_not_open(adapter),
        Note::NetworkNotApplied { what } => table::network_not_applied(what),
        Note::NoTinyAutoencoder { error: why } => table::no_tiny_autoencoder(error_text(why)),
        Note::NotKept { error: why } => error_text(why),
    }
}

/// Returns `Downloading 3.1 of 17.9 MB · 2.4 MB/s · 6 s left`. `rate`: bytes per second, if known.
pub fn downloading(received: u64, total: u64, origin: Origin, rate: Option<f64>) -> String {
    let (unit, size, digits) =
        if total.max(received) >= 1_000_000_000 { ("GB", 1e9, 2) } else { ("MB", 1e6, 1) };
    let received_text = format!("{:.digits$}", received as f64 / size);
    let amount = match total {
        0 => format!("{received_text} {unit}"),
        total => table::part_of(received_text, format!("{:.digits$} {unit}", total as f64 / size)),
    };
    match origin {
        Origin::Browser => table::loading_kept(amount),
        Origin::Tab => table::loading_elsewhere(amount),
        Origin::Disk => table::loading_disk(amount),
        Origin::Network => match rate.filter(|rate| *rate > 0.0 && received < total) {
            Some(rate) => {
                let left = approximate_duration((total - received) as f64 / rate);
                table::downloading_at(amount, format!("{:.1}", rate / 1e6), left)
            }
            None => table::downloading(amount),
        },
    }
}

/// Returns `1.72 GB`, `24.9 MB` or `12 kB`.
pub fn amount(bytes: u64) -> String {
    let bytes = bytes as f64;
    if bytes >= 999_950_000.0 {
        format!("{:.2} GB", bytes / 1e9)
    } else if bytes >= 99_950.0 {
        format!("{:.1} MB", bytes / 1e6)
    } else {
        format!("{:.0} kB", (bytes / 1e3).ceil())
    }
}

/// Returns the time from `then` to `now`, both in milliseconds: `today`, `3 days ago`. Empty if
/// `then` is 0.
pub fn relative_time(then: f64, now: f64) -> String {
    const DAY: f64 = 86_400_000.0;
    let days = ((now - then) / DAY).round();
    match days {
        _ if then <= 0.0 => String::new(),
        ..0.5 => table::today(),
        ..1.5 => table::yesterday(),
        ..59.5 => table::days_ago(days),
        _ => table::months_ago(format!("{:.0}", days / 30.4)),
    }
}

/// Returns `Starting the engine… 37 %`, with the time left if that is worth saying. `part`: the
/// downloaded part of the program.
pub fn starting_engine_part(part: f64, seconds_left: Option<f64>) -> String {
    /// Seconds below which a wait needs no estimate.
    const SHORT: f64 = 3.0;
    let percent = format!("{:.0}", (part.clamp(0.0, 1.0) * 100.0).floor());
    match seconds_left.filter(|seconds| *seconds >= SHORT) {
        Some(seconds) => table::starting_engine_left(percent, approximate_duration(seconds)),
        None => table::starting_engine_at(percent),
    }
}

/// Returns `Decoding…`, or `Decoding… 3 of 5`.
pub fn decoding_part(done: u32, total: u32) -> String {
    match total {
        0 => table::decoding(),
        _ => table::decoding_of((done + 1).min(total), total),
    }
}

/// Returns `Step 7 of 20 · 12 s left`.
pub fn step(done: u32, total: u32, seconds_left: Option<f64>) -> String {
    match seconds_left {
        Some(seconds) if done < total => {
            table::step_left(step_of(done, total), approximate_duration(seconds))
        }
        _ => step_of(done, total),
    }
}

/// Returns the text of the last step of an image that is not the last of its batch.
pub fn last_step(total: u32, seconds_left: f64) -> String {
    table::step_left(step_of(total, total), approximate_duration(seconds_left))
}

/// Returns a duration: `8.2 s` or `3 min 5 s`.
pub fn duration(seconds: f64) -> String {
    if seconds < 59.95 {
        return table::seconds(format!("{seconds:.1}"));
    }
    let whole = seconds.round() as u64;
    table::minutes_seconds(whole / 60, whole % 60)
}

/// Returns the text with an upper-case first letter.
pub fn capitalised(text: &str) -> String {
    // File names keep their case.
    if text.split_whitespace().next().is_some_and(|word| word.contains(['.', '/'])) {
        return text.to_string();
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns a text to be appended: Chinese puts a space before Latin letters.
fn with_space(text: String) -> String {
    match Language::of_page() {
        Language::Chinese if text.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
            format!(" {text}")
        }
        _ => text,
    }
}

/// Returns a rounded duration for estimates.
pub fn approximate_duration(seconds: f64) -> String {
    if seconds < 89.5 {
        table::seconds(format!("{:.0}", seconds.ceil().max(1.0)))
    } else if seconds < 5_370.0 {
        table::minutes(format!("{:.0}", seconds / 60.0))
    } else {
        table::hours(format!("{:.1}", seconds / 3600.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        amount, by_name, capitalised, downloading, duration, field_name, model_error_text,
        relative_time, starting_engine_part, step,
    };
    use crate::app::protocol::Origin;
    use crate::error::{Error, Message, messages};
    use crate::params::{FIELDS, IMAGES, NUM_IMAGES};

    #[test]
    fn download_amounts_share_unit_of_total() {
        assert_eq!(
            downloading(3_140_000, 17_900_000, Origin::Network, None),
            "Downloading 3.1 of 17.9 MB"
        );
        assert_eq!(
            downloading(314_000_000, 1_720_000_000, Origin::Browser, Some(1e6)),
            "Loading 0.31 of 1.72 GB kept by this browser"
        );
        assert_eq!(downloading(3_140_000, 0, Origin::Network, None), "Downloading 3.1 MB");
    }

    #[test]
    fn download_with_rate_shows_time_left() {
        assert_eq!(
            downloading(500_000_000, 2_000_000_000, Origin::Network, Some(12.5e6)),
            "Downloading 0.50 of 2.00 GB · 12.5 MB/s · 2 min left"
        );
        assert_eq!(
            downloading(17_900_000, 17_900_000, Origin::Network, Some(1e6)),
            "Downloading 17.9 of 17.9 MB"
        );
    }

    #[test]
    fn amount_has_about_three_digits() {
        assert_eq!(amount(2_130_000_000), "2.13 GB");
        assert_eq!(amount(999_990_000), "1.00 GB");
        assert_eq!(amount(24_900_000), "24.9 MB");
        assert_eq!(amount(1_000), "1 kB");
    }

    #[test]
    fn relative_time_uses_everyday_units() {
        const DAY: f64 = 86_400_000.0;
        let now = 20_000.0 * DAY;
        assert_eq!(relative_time(now - 60_000.0, now), "today");
        assert_eq!(relative_time(now - DAY, now), "yesterday");
        assert_eq!(relative_time(now - 3.0 * DAY, now), "3 days ago");
        assert_eq!(relative_time(now - 90.0 * DAY, now), "3 months ago");
        assert_eq!(relative_time(0.0, now), "");
    }

    #[test]
    fn engine_download_shows_time_left_where_it_takes_long() {
        assert_eq!(starting_engine_part(0.0, None), "Starting the engine… 0 %");
        assert_eq!(
            starting_engine_part(0.379, Some(11.2)),
            "Starting the engine… 37 % · 12 s left"
        );
        assert_eq!(starting_engine_part(0.99, Some(1.2)), "Starting the engine… 99 %");
        assert_eq!(starting_engine_part(1.3, Some(0.0)), "Starting the engine… 100 %");
    }

    #[test]
    fn step_shows_rounded_time_left_until_last() {
        assert_eq!(step(1, 20, None), "Step 1 of 20");
        assert_eq!(step(7, 20, Some(11.2)), "Step 7 of 20 · 12 s left");
        assert_eq!(step(7, 20, Some(0.0)), "Step 7 of 20 · 1 s left");
        assert_eq!(step(7, 20, Some(184.0)), "Step 7 of 20 · 3 min left");
        assert_eq!(step(7, 20, Some(9_000.0)), "Step 7 of 20 · 2.5 h left");
        assert_eq!(step(20, 20, Some(0.0)), "Step 20 of 20");
    }

    #[test]
    fn duration_above_a_minute_has_minutes() {
        assert_eq!(duration(8.24), "8.2 s");
        assert_eq!(duration(59.96), "1 min 0 s");
        assert_eq!(duration(185.0), "3 min 5 s");
    }

    #[test]
    fn model_fault_beside_field_omits_model() {
        let reason = messages::no_server();
        let value = Message::verbatim("http://");
        let wrong = Error::InvalidRequest { field: "model", value, reason };
        assert_eq!(model_error_text(&(&wrong).into()), "The address names no server.");
        let (path, place) = ("unet/config.json".to_string(), Message::verbatim("m"));
        let missing = &Error::MissingFile { path, place };
        assert_eq!(model_error_text(&missing.into()), missing.to_string());
    }

    #[test]
    fn capitalised_handles_multi_letter_capitals() {
        assert_eq!(capitalised("width"), "Width");
        assert_eq!(capitalised("ßx"), "SSx");
        assert_eq!(capitalised(""), "");
        assert_eq!(capitalised("model_index.json is missing"), "model_index.json is missing");
    }

    #[test]
    fn every_parameter_has_texts() {
        for field in FIELDS.iter().chain(&IMAGES).chain([&NUM_IMAGES]) {
            assert_ne!(field_name(field), field.name);
        }
        // Fields that are not in index.html have a hint.
        const PAGE: &str = include_str!("../../../index.html");
        for field in FIELDS.iter().filter(|field| !PAGE.contains(&format!("id=\"{}\"", field.id))) {
            for place in ["label", "hint"] {
                let line = format!("{}_{place}", field.label);
                assert!(by_name(&line).is_some(), "{line}");
            }
        }
    }
}
