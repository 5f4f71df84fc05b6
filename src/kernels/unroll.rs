//! Loop unrolling in WGSL.
//!
//! Register tiles are arrays indexed in loops. A compiler keeps them in registers only if it
//! unrolls these loops; with f16 tiles NVIDIA's does not, which doubles the time (measured on an
//! H100).

/// Returns `text` with every `for (var i = 0u; i < BOUND; i++) { … }` unrolled whose BOUND, as it
/// is spelled, is in `bounds`.
pub(super) fn unroll(text: &str, bounds: &[(&str, u32)]) -> String {
    let Some((before, name, count, body, after)) = first_loop(text, bounds) else {
        return text.to_string();
    };
    let body = unroll(body, bounds);
    let mut out = before.to_string();
    for value in 0..count {
        out.push('{');
        substitute(&body, name, &format!("{value}u"), &mut out);
        out.push('}');
    }
    out + &unroll(after, bounds)
}

/// Finds the first loop to unroll. Returns the text before it, its variable, its count, its body
/// and the text after it.
fn first_loop<'a>(
    text: &'a str,
    bounds: &[(&str, u32)],
) -> Option<(&'a str, &'a str, u32, &'a str, &'a str)> {
    const BEGIN: &str = "for (var ";
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(BEGIN)?;
        let head = &text[at + BEGIN.len()..];
        from = at + BEGIN.len();
        let Some((name, rest)) = head.split_once(" = 0u; ") else { continue };
        let Some((condition, rest)) = rest.split_once("; ") else { continue };
        let bound = condition.strip_prefix(name).and_then(|c| c.strip_prefix(" < "));
        let body = rest.strip_prefix(name).and_then(|rest| rest.strip_prefix("++) {"));
        let known = bounds.iter().find(|(spelled, _)| Some(*spelled) == bound);
        if let (Some((_, count)), Some(body)) = (known, body) {
            let end = closing_brace(body)?;
            return Some((&text[..at], name, *count, &body[..end], &body[end + 1..]));
        }
    }
}

/// Returns the position of the `}` that closes the block open at the start of `text`.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 1;
    text.char_indices().find_map(|(at, c)| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        (depth == 0).then_some(at)
    })
}

/// Writes `text` to `out`, replacing each identifier `name` by `value`.
fn substitute(text: &str, name: &str, value: &str, out: &mut String) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_word(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        // After a dot it is a member that happens to have the same name.
        let is_variable = word == name && !before.ends_with('.');
        out.push_str(before);
        out.push_str(if is_variable { value } else { word });
        rest = after;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::unroll;

    #[test]
    fn unroll_with_nested_loops_expands_known_bounds_only() {
        let text = "for (var i = 0u; i < N; i++) { x[i] = v.i + i2; for (var j = 0u; j < M; j++) { y(i, j); } }";
        let written = "{ x[0u] = v.i + i2; {  y(0u, 0u); }{  y(0u, 1u); } }";
        let once = unroll(text, &[("N", 1), ("M", 2)]);
        assert_eq!(once.replace("{ y", "{  y"), written);
        let other =
            "for (var i = 0u; i < n; i++) { f(i); } for (var k = 0u; k < N; k++) { g(k); } end";
        let expected = "for (var i = 0u; i < n; i++) { f(i); } { g(0u); }{ g(1u); } end";
        assert_eq!(unroll(other, &[("N", 2)]), expected);
    }
}
