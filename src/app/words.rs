//! What the status line says.

/// `Downloading 3.1 of 17.9 MB`.
pub fn downloading(received: u64, total: u64, cached: bool) -> String {
    let (unit, size, digits) =
        if total.max(received) >= 1_000_000_000 { ("GB", 1e9, 2) } else { ("MB", 1e6, 1) };
    let received_text = format!("{:.digits$}", received as f64 / size);
    let amount = match total {
        0 => format!("{received_text} {unit}"),
        total => format!("{received_text} of {:.digits$} {unit}", total as f64 / size),
    };
    if cached {
        format!("Loading {amount} kept by this browser")
    } else {
        format!("Downloading {amount}")
    }
}

/// `Step 7 of 20 · 12 s left`.
pub fn step(done: u32, total: u32, seconds_left: Option<f64>) -> String {
    match seconds_left {
        Some(seconds) if done < total => {
            format!("Step {done} of {total} · {} left", about(seconds))
        }
        _ => format!("Step {done} of {total}"),
    }
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
    use super::{capitalised, downloading, step, took};

    #[test]
    fn amounts_share_the_unit_of_the_whole() {
        assert_eq!(downloading(3_140_000, 17_900_000, false), "Downloading 3.1 of 17.9 MB");
        assert_eq!(
            downloading(314_000_000, 1_720_000_000, true),
            "Loading 0.31 of 1.72 GB kept by this browser"
        );
        assert_eq!(downloading(3_140_000, 0, false), "Downloading 3.1 MB");
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
    fn capitals_may_be_longer_than_their_letters() {
        assert_eq!(capitalised("width"), "Width");
        assert_eq!(capitalised("ßx"), "SSx");
        assert_eq!(capitalised(""), "");
        assert_eq!(capitalised("model_index.json is missing"), "model_index.json is missing");
    }
}
