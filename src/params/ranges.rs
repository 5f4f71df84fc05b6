//! Ranges of numbers, as AUTOMATIC1111's X/Y/Z plot takes them.

/// Returns the numbers of a range as texts: `1-5`, with a step `1-10 (+2)`, or with a count `1-3 [5]`.
/// `None` if the text is no range. Both ends count (`process_axis` in `scripts/xyz_grid.py`).
///
/// Whole numbers of a count are cut, and those that repeat are left out. A long range ends with its number
/// `most`.
pub fn numbers(text: &str, is_whole: bool, most: u32) -> Option<Vec<String>> {
    let (bounds, spacing) = Spacing::split(text.trim())?;
    let (first, last) = split_bounds(bounds)?;
    match is_whole {
        true => whole_numbers(first.parse().ok()?, last.parse().ok()?, &spacing, most),
        false => decimals(number(first)?, number(last)?, &spacing, most),
    }
}

/// How the numbers of a range follow each other.
enum Spacing<'a> {
    /// By 1.
    Default,
    /// By this number, with its sign.
    Step(&'a str),
    /// So that there are as many.
    Count(u32),
}

impl<'a> Spacing<'a> {
    /// Splits it from the bounds before it.
    fn split(text: &'a str) -> Option<(&'a str, Self)> {
        if let Some((bounds, step)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            let step = step.trim();
            return step.starts_with(['+', '-']).then_some((bounds, Spacing::Step(step)));
        }
        if let Some((bounds, count)) = text.strip_suffix(']').and_then(|text| text.split_once('['))
        {
            let count = count.trim().parse().ok().filter(|count| *count > 0)?;
            return Some((bounds, Spacing::Count(count)));
        }
        Some((text, Spacing::Default))
    }
}

/// Splits at the dash between two numbers; a dash before a number is its sign.
fn split_bounds(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let is_between = |(at, _): &(usize, &str)| {
        let before = text[..*at].trim_end();
        before.ends_with(|letter: char| letter.is_ascii_digit() || letter == '.')
    };
    let (at, _) = text.match_indices('-').find(is_between)?;
    Some((text[..at].trim(), text[at + 1..].trim()))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn whole_numbers(first: u64, last: u64, spacing: &Spacing<'_>, most: u32) -> Option<Vec<String>> {
    let distance = first.abs_diff(last);
    let at = |offset: u64| if last < first { first - offset } else { first + offset };
    let step = match spacing {
        Spacing::Count(count) => {
            let gaps = u64::from(*count - 1).max(1);
            let offset = |index| {
                let part = distance.checked_mul(index)?;
                Some(at(if last < first { part.div_ceil(gaps) } else { part / gaps }))
            };
            let mut numbers: Vec<u64> =
                (0..u64::from((*count).min(most))).map(offset).collect::<Option<_>>()?;
            numbers.dedup();
            return Some(numbers.iter().map(u64::to_string).collect());
        }
        // A step away from the end gives no numbers.
        Spacing::Step(step) if first != last && step.starts_with('-') != (last < first) => {
            return None;
        }
        Spacing::Step(step) => step[1..].parse().ok()?,
        Spacing::Default => 1,
    };
    let steps = distance.checked_div(step)?.min(u64::from(most) - 1);
    Some((0..=steps).map(|index| at(index * step).to_string()).collect())
}

fn decimals(first: f64, last: f64, spacing: &Spacing<'_>, most: u32) -> Option<Vec<String>> {
    let (step, steps) = match spacing {
        Spacing::Count(count) => {
            let gaps = f64::from(*count) - 1.0;
            ((last - first) / gaps.max(1.0), gaps)
        }
        Spacing::Step(step) => {
            let step = number(step)?;
            (step, (last - first) / step)
        }
        Spacing::Default => {
            let step = if first > last { -1.0 } else { 1.0 };
            (step, (last - first) / step)
        }
    };
    // Sums of steps such as 0.2 miss the end by a little.
    const TINY: f64 = 1e-9;
    if !steps.is_finite() || steps < -TINY {
        return None;
    }
    let count = (steps + TINY).floor().min(f64::from(most) - 1.0) as u32;
    let number = |index| ((first + f64::from(index) * step) * 1e9).round() / 1e9;
    Some((0..=count).map(|index| number(index).to_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::numbers;

    fn read(text: &str, is_whole: bool) -> Option<String> {
        numbers(text, is_whole, 401).map(|numbers| numbers.join(" "))
    }

    /// The first seven as `process_axis` of AUTOMATIC1111 gives them.
    #[test]
    fn ranges_of_whole_numbers_include_both_ends() {
        for (text, expected) in [
            ("1-5", "1 2 3 4 5"),
            (" 1 - 5 ", "1 2 3 4 5"),
            ("1-5 (+2)", "1 3 5"),
            ("1-10 (+2)", "1 3 5 7 9"),
            ("7-7", "7"),
            ("1-10 [5]", "1 3 5 7 10"),
            ("20-50[4]", "20 30 40 50"),
            ("1-3 [5]", "1 2 3"),
            ("10-1 (-3)", "10 7 4 1"),
            ("10-1 [3]", "10 5 1"),
            ("5-3", "5 4 3"),
            ("5-9 [1]", "5"),
            (
                "18446744073709551614-18446744073709551615",
                "18446744073709551614 18446744073709551615",
            ),
        ] {
            assert_eq!(read(text, true).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn ranges_of_decimals_have_no_digits_of_rounding() {
        for (text, expected) in [
            ("0.2-1.0 (+0.2)", "0.2 0.4 0.6 0.8 1"),
            ("1-3 [5]", "1 1.5 2 2.5 3"),
            ("0-1 [3]", "0 0.5 1"),
            ("7-9", "7 8 9"),
            ("1-0 (-0.25)", "1 0.75 0.5 0.25 0"),
            ("-1--0.5 (+0.25)", "-1 -0.75 -0.5"),
        ] {
            assert_eq!(read(text, false).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_ranges() {
        for text in [
            "", "5", "-5", "1e-3", "1-", "-", "a-b", "1-5 (2)", "1-5 (+0)", "1-5 [0]", "1-5 [x]",
            "5-1 (+1)", "1-2-3",
        ] {
            assert_eq!(read(text, true), None, "{text}");
            assert_eq!(read(text, false), None, "{text}");
        }
        assert_eq!(read("0.5-2", true), None);
        assert_eq!(read("-2-1", true), None, "no parameter has whole numbers below 0");
    }

    #[test]
    fn long_range_is_cut() {
        let whole = numbers("1-18446744073709551615", true, 401);
        assert_eq!(whole.map(|numbers| numbers.len()), Some(401));
        let decimals = numbers("0-1 (+0.0001)", false, 401);
        assert_eq!(decimals.map(|numbers| numbers.len()), Some(401));
    }
}
