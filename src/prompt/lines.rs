//! Prompts and choices of wildcards from the lines of a text.

/// What the negative prompt begins with in the texts of AUTOMATIC1111's web UI.
pub const NEGATIVE: &str = "Negative prompt:";

/// Returns a prompt for each line of a text. Blank lines are none.
pub fn prompt_lines(text: &str) -> Vec<String> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_string).collect()
}

/// Returns the choices of a wildcard file: its lines without blank ones and comments, which begin with `#`.
pub fn wildcard_lines(text: &str) -> Vec<String> {
    prompt_lines(text).into_iter().filter(|line| !line.starts_with('#')).collect()
}

#[cfg(test)]
mod tests {
    use super::{prompt_lines, wildcard_lines};

    #[test]
    fn lines_are_trimmed_and_blank_ones_left_out() {
        let text = "\u{feff}a cat\r\n\n  -1girl, red hat \n# a sign\n";
        assert_eq!(prompt_lines(text), ["a cat", "-1girl, red hat", "# a sign"]);
        assert_eq!(wildcard_lines(text), ["a cat", "-1girl, red hat"]);
        assert!(prompt_lines(" \n\r\n").is_empty());
    }
}
