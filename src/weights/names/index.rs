//! The pieces of a key.

/// `"12.rest"` is 12 and `"rest"`. Only as Python writes a number: no sign, no zeros before it.
pub(super) fn indexed(key: &str) -> Option<(usize, &str)> {
    let (number, rest) = key.split_once('.')?;
    let index: usize = number.parse().ok()?;
    (index.to_string() == number).then_some((index, rest))
}

/// The key with its beginning replaced as the first fitting row says; `None` if none fits.
pub(super) fn renamed(rows: &[(&str, &str)], key: &str) -> Option<String> {
    rows.iter().find_map(|(from, to)| key.strip_prefix(from).map(|rest| format!("{to}{rest}")))
}
