//! What the page says.

pub mod language;
mod table;

pub use table::*;

use super::protocol::Origin;

/// `Downloading 3.1 of 17.9 MB · 2.4 MB/s · 6 s left`. `rate`: bytes a second, if known.
pub fn downloading(received: u64, total: u64, origin: Origin, rate: Option<f64>) -> String {
    let (unit, size, digits) =
        if total.max(received) >= 1_000_000_000 { ("GB", 1e9, 2) } else { ("MB", 1e6, 1) };
    let received_text = format!("{:.digits$}", received as f64 / size);
    let amount = match total {
        0 => format!("{received_text} {unit}"),
        total => format!("{received_text} of {:.digits$} {unit}", total as f64 / size),
    };
    match origin {
        Origin::Browser => format!("Loading {amount} kept by this browser"),
        Origin::Tab => format!("Another tab is downloading this model: {amount}"),
        Origin::Disk => format!("Loading {amount} from your disk"),
        Origin::Network => match rate.filter(|rate| *rate > 0.0 && received < total) {
            Some(rate) => {
                let left = about((total - received) as f64 / rate);
                format!("Downloading {amount} · {:.1} MB/s · {left} left", rate / 1e6)
            }
            None => format!("Downloading {amount}"),
        },
    }
}

/// `1.72 GB`, `24.9 MB` or `12 kB`.
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

/// `today`, `3 days ago`: how long before `now` it was `then`, both in milliseconds. Empty if it is
/// not known.
pub fn ago(then: f64, now: f64) -> String {
    const DAY: f64 = 86_400_000.0;
    let days = ((now - then) / DAY).round();
    match days {
        _ if then <= 0.0 => String::new(),
        ..0.5 => "today".to_string(),
        ..1.5 => "yesterday".to_string(),
        ..59.5 => format!("{days} days ago"),
        _ => format!("{:.0} months ago", days / 30.4),
    }
}

/// `Decoding…`, or `Decoding… 3 of 5`.
pub fn decoding_part(done: u32, total: u32) -> String {
    match total {
        0 => table::decoding(),
        _ => format!("Decoding… {} of {total}", (done + 1).min(total)),
    }
}

/// `Step 7 of 20 · 12 s left`.
pub fn step(done: u32, total: u32, seconds_left: Option<f64>) -> String {
    match seconds_left {
        Some(seconds) if done < total => step_left(done, total, seconds),
        _ => step_of(done, total),
    }
}

/// The same where time is left after the last step.
pub fn step_left(done: u32, total: u32, seconds: f64) -> String {
    format!("Step {done} of {total} · {} left", about(seconds))
}

/// `8.2 s` or `3 min 5 s`: how long something took.
pub fn took(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    format!("{} min {} s", whole / 60, whole % 60)
}

/// A first letter fit for the start of a sentence.
pub fn capitalised(text: &str) -> String {
    // A file's name keeps its own letters.
    if text.split_whitespace().next().is_some_and(|word| word.contains(['.', '/'])) {
        return text.to_string();
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What is wrong with a model, beside the field where it was named: the field need not be.
pub fn about_model(message: &str) -> String {
    let reason = message.strip_prefix("model is ").and_then(|rest| rest.split_once(": "));
    capitalised(reason.map_or(message, |(_, reason)| reason))
}

/// No finer than an estimate deserves.
fn about(seconds: f64) -> String {
    if seconds < 89.5 {
        format!("{:.0} s", seconds.ceil().max(1.0))
    } else if seconds < 5_370.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{about_model, ago, amount, capitalised, downloading, step, took};
    use crate::app::protocol::Origin;

    #[test]
    fn amounts_share_the_unit_of_the_whole() {
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
    fn a_download_says_its_pace_and_its_end() {
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
    fn amounts_have_three_digits_or_so() {
        assert_eq!(amount(2_130_000_000), "2.13 GB");
        assert_eq!(amount(999_990_000), "1.00 GB");
        assert_eq!(amount(24_900_000), "24.9 MB");
        assert_eq!(amount(1_000), "1 kB");
    }

    #[test]
    fn days_are_told_as_people_tell_them() {
        const DAY: f64 = 86_400_000.0;
        let now = 20_000.0 * DAY;
        assert_eq!(ago(now - 60_000.0, now), "today");
        assert_eq!(ago(now - DAY, now), "yesterday");
        assert_eq!(ago(now - 3.0 * DAY, now), "3 days ago");
        assert_eq!(ago(now - 90.0 * DAY, now), "3 months ago");
        assert_eq!(ago(0.0, now), "");
    }

    #[test]
    fn time_left_is_rounded_and_ends_with_the_steps() {
        assert_eq!(step(1, 20, None), "Step 1 of 20");
        assert_eq!(step(7, 20, Some(11.2)), "Step 7 of 20 · 12 s left");
        assert_eq!(step(7, 20, Some(0.0)), "Step 7 of 20 · 1 s left");
        assert_eq!(step(7, 20, Some(184.0)), "Step 7 of 20 · 3 min left");
        assert_eq!(step(7, 20, Some(9_000.0)), "Step 7 of 20 · 2.5 h left");
        assert_eq!(step(20, 20, Some(0.0)), "Step 20 of 20");
    }

    #[test]
    fn durations_carry_into_minutes() {
        assert_eq!(took(8.24), "8.2 s");
        assert_eq!(took(59.96), "1 min 0 s");
        assert_eq!(took(185.0), "3 min 5 s");
    }

    #[test]
    fn beside_its_field_a_model_need_not_be_named() {
        assert_eq!(
            about_model("model is http://: the address names no server."),
            "The address names no server."
        );
        assert_eq!(about_model("unet/config.json is missing."), "unet/config.json is missing.");
    }

    #[test]
    fn every_line_is_said_in_every_language() {
        for (name, english, chinese) in super::table::LINES {
            assert!(!english.is_empty() && !chinese.is_empty(), "{name} is empty");
        }
    }

    #[test]
    fn capitals_may_be_longer_than_their_letters() {
        assert_eq!(capitalised("width"), "Width");
        assert_eq!(capitalised("ßx"), "SSx");
        assert_eq!(capitalised(""), "");
        assert_eq!(capitalised("model_index.json is missing"), "model_index.json is missing");
    }
}
