//! Parts of a key.

/// Splits `"12.rest"` into 12 and `"rest"`. Signs and leading zeros are no numbers, as in Python.
pub(super) fn indexed(key: &str) -> Option<(usize, &str)> {
    let (number, rest) = key.split_once('.')?;
    let index: usize = number.parse().ok()?;
    (index.to_string() == number).then_some((index, rest))
}

/// Replaces the beginning of a key by the first matching row; `None` if none matches.
pub(super) fn renamed(rows: &[(&str, &str)], key: &str) -> Option<String> {
    rows.iter().find_map(|(from, to)| key.strip_prefix(from).map(|rest| format!("{to}{rest}")))
}
