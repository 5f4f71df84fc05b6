//! Pairs of key and value in AUTOMATIC1111's line of settings.

/// Quotes a value with a comma, a colon or a line break as JSON.
pub(super) fn quoted(value: &str) -> String {
    match value.contains([',', '\n', ':']) {
        true => serde_json::Value::from(value).to_string(),
        false => value.to_string(),
    }
}

/// Splits a line into pairs, as `\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)` does.
pub(super) fn pairs(line: &str) -> impl Iterator<Item = (String, String)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let colon = rest.find([':', ','])?;
            let (before, after) = (&rest[..colon], &rest[colon + 1..]);
            if rest.as_bytes()[colon] == b',' {
                rest = after;
                continue;
            }
            let (value, next) = value(after.trim_start());
            rest = next;
            if let Some(key) = key(before) {
                return Some((key.to_string(), value));
            }
        }
        None
    })
}

/// Returns the key at the end of `text`.
fn key(text: &str) -> Option<&str> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-' | '/');
    let start = text
        .rfind(|c| !fits(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let key = text[start..].trim_start_matches([' ', '-', '/']);
    (key.chars().count() > 1).then_some(key)
}

/// Returns the value at the start of `text`, and the text behind its comma.
fn value(text: &str) -> (String, &str) {
    if let Some(length) = quoted_length(text)
        && let Ok(value) = serde_json::from_str::<String>(&text[..length])
    {
        let rest = text[length..].trim_start();
        if rest.is_empty() || rest.starts_with(',') {
            return (value, rest.get(1..).unwrap_or_default());
        }
    }
    let (value, rest) = text.split_once(',').unwrap_or((text, ""));
    (value.trim().to_string(), rest)
}

/// Returns the length in bytes of the quoted string at the start of `text`, with its quotes.
fn quoted_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.strip_prefix('"')?.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    None
}
