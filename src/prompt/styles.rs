//! Styles: prompts that are saved by name, in AUTOMATIC1111's `styles.csv`.

use crate::error::{Message, messages};

/// A prompt and a negative prompt that are put around or behind others (`StyleDatabase` in
/// `modules/styles.py`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Style {
    /// Its name.
    pub name: String,
    /// Prompt.
    pub prompt: String,
    /// Negative prompt.
    pub negative_prompt: String,
}

/// Stands in a style for the prompt that it is applied to.
const PLACEHOLDER: &str = "{prompt}";

/// Columns of the file.
const COLUMNS: [&str; 3] = ["name", "prompt", "negative_prompt"];

/// Name of the column of prompts in files of old versions.
const OLD_PROMPT: &str = "text";

impl Style {
    /// Returns a prompt and a negative prompt with this style.
    pub fn apply(&self, prompt: &str, negative_prompt: &str) -> [String; 2] {
        [merge(&self.prompt, prompt), merge(&self.negative_prompt, negative_prompt)]
    }

    /// Returns a prompt and a negative prompt with those texts of this style that they lack; `None` if
    /// they lack none.
    pub fn complete(&self, prompt: &str, negative_prompt: &str) -> Option<[String; 2]> {
        let texts = [(&self.prompt, prompt), (&self.negative_prompt, negative_prompt)];
        let lacking =
            texts.map(|(style, prompt)| (!has(style, prompt)).then(|| merge(style, prompt)));
        match lacking {
            [None, None] => None,
            [first, second] => {
                let kept = |text: Option<String>, prompt: &str| text.unwrap_or(prompt.to_string());
                Some([kept(first, prompt), kept(second, negative_prompt)])
            }
        }
    }
}

/// Returns whether a prompt has the text of a style: between commas or the prompt's ends, as AUTOMATIC1111
/// finds it at the end (`extract_style_text_from_prompt` in `modules/styles.py`).
fn has(style: &str, prompt: &str) -> bool {
    let style = style.trim();
    let (Some(first), Some(last)) = (style.find(PLACEHOLDER), style.rfind(PLACEHOLDER)) else {
        return style.is_empty()
            || prompt
                .match_indices(style)
                .any(|(at, _)| begins_item(prompt, at) && ends_item(prompt, at + style.len()));
    };
    let (before, after) = (&style[..first], &style[last + PLACEHOLDER.len()..]);
    let end_of_first = match before.is_empty() {
        true => Some(0),
        false => prompt
            .match_indices(before)
            .find(|(at, _)| begins_item(prompt, *at))
            .map(|(at, _)| at + before.len()),
    };
    end_of_first.is_some_and(|from| {
        let ends = |(at, _)| ends_item(prompt, from + at + after.len());
        after.is_empty() || prompt[from..].match_indices(after).any(ends)
    })
}

fn begins_item(prompt: &str, at: usize) -> bool {
    let before = prompt[..at].trim_end();
    before.is_empty() || before.ends_with(',')
}

fn ends_item(prompt: &str, at: usize) -> bool {
    let after = prompt[at..].trim_start();
    after.is_empty() || after.starts_with(',')
}

/// Returns the style with the prompt in the place of `{prompt}`, or else behind the prompt and a comma.
fn merge(style: &str, prompt: &str) -> String {
    if style.contains(PLACEHOLDER) {
        return style.replace(PLACEHOLDER, prompt);
    }
    let parts = [prompt.trim(), style.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Reads the styles of a file. Of those with one name the last counts, in the place of the first; names
/// that begin with `#` are comments.
///
/// # Errors
/// If the first line does not name the columns.
pub fn read_styles(text: &str) -> Result<Vec<Style>, Message> {
    let mut rows = rows(text.trim_start_matches('\u{feff}')).into_iter();
    let head = rows.next().unwrap_or_default();
    let column = |name: &str| head.iter().position(|title| title.trim() == name);
    let [name, prompt, negative_prompt] = COLUMNS.map(column);
    let (Some(name), Some(prompt)) = (name, prompt.or_else(|| column(OLD_PROMPT))) else {
        return Err(messages::no_styles());
    };
    let mut styles: Vec<Style> = Vec::new();
    for row in rows {
        let value = |column: Option<usize>| {
            column.and_then(|column| row.get(column)).cloned().unwrap_or_default()
        };
        let (name, prompt) = (value(Some(name)), value(Some(prompt)));
        if name.trim().is_empty() || name.starts_with('#') {
            continue;
        }
        put(&mut styles, Style { name, prompt, negative_prompt: value(negative_prompt) });
    }
    Ok(styles)
}

/// Adds a style, or replaces that of its name.
pub fn put(styles: &mut Vec<Style>, style: Style) {
    match styles.iter_mut().find(|other| other.name == style.name) {
        Some(other) => *other = style,
        None => styles.push(style),
    }
}

/// Writes styles as a file, as Python's `csv.DictWriter` does.
pub fn write_styles(styles: &[Style]) -> String {
    let mut text = format!("{}\r\n", COLUMNS.join(","));
    for Style { name, prompt, negative_prompt } in styles {
        let cells = [name, prompt, negative_prompt].map(|cell| quoted(cell));
        text += &cells.join(",");
        text += "\r\n";
    }
    text
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_string(),
    }
}

/// Splits a text with comma-separated values (RFC 4180) into rows of cells. Spaces before a cell do not
/// count, as with Python's `skipinitialspace`; empty lines are no rows.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut is_quoted, mut is_begun) = (false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            letter if is_quoted => cell.push(letter),
            '"' if !is_begun => (is_quoted, is_begun) = (true, true),
            ' ' if !is_begun => {}
            ',' => {
                row.push(std::mem::take(&mut cell));
                is_begun = false;
            }
            '\r' | '\n' => {
                if is_begun || !row.is_empty() {
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                is_begun = false;
            }
            letter => {
                cell.push(letter);
                is_begun = true;
            }
        }
    }
    if is_begun || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Style, read_styles, write_styles};

    fn style(name: &str, prompt: &str, negative_prompt: &str) -> Style {
        let [name, prompt, negative_prompt] = [name, prompt, negative_prompt].map(str::to_string);
        Style { name, prompt, negative_prompt }
    }

    #[test]
    fn style_is_put_around_or_behind_a_prompt() {
        let film = style("film", "photo of {prompt}, grain", " blurry ");
        assert_eq!(film.apply("a cat", "text"), ["photo of a cat, grain", "text, blurry"]);
        assert_eq!(film.apply("", ""), ["photo of , grain", "blurry"]);
        let ink = style("ink", "ink, hatching", "");
        assert_eq!(ink.apply(" a cat ", " text "), ["a cat, ink, hatching", "text"]);
        assert_eq!(ink.apply(" ", ""), ["ink, hatching", ""]);
    }

    #[test]
    fn text_of_style_that_a_prompt_has_is_not_added_again() {
        let film = style("film", "photo of {prompt}, grain", "blurry");
        let ink = style("ink", "ink, hatching", "");
        let some = |prompt: &str, negative: &str| Some([prompt.to_string(), negative.to_string()]);
        let both = "photo of a cat, ink, hatching, grain";
        assert_eq!(film.complete("a cat, ink, hatching", ""), some(both, "blurry"));
        assert_eq!(film.complete(both, "text, blurry"), None);
        assert_eq!(ink.complete(both, "text"), None);
        assert_eq!(film.complete(both, "text"), some(both, "text, blurry"));
        // A part of a word or of another item is not the style.
        assert_eq!(ink.complete("pink, hatching", ""), some("pink, hatching, ink, hatching", ""));
        let red = style("red", "{prompt}, red", "");
        assert_eq!(red.complete("a hat, red apples", ""), some("a hat, red apples, red", ""));
        assert_eq!(red.complete("a hat, red, a dog", ""), None);
        assert_eq!(style("empty", " ", "{prompt}").complete("a cat", ""), None);
    }

    /// What Python's `csv.DictWriter` wrote.
    const WRITTEN: &str = "name,prompt,negative_prompt\r\nink,\"ink, hatching\",\r\n\"a \"\"b\"\"\",\"two\nlines\",bad hands\r\n";

    #[test]
    fn files_of_python_are_read_and_written() {
        let styles =
            [style("ink", "ink, hatching", ""), style("a \"b\"", "two\nlines", "bad hands")];
        assert_eq!(read_styles(WRITTEN).unwrap(), styles);
        assert_eq!(write_styles(&styles), WRITTEN);
    }

    #[test]
    fn old_columns_comments_spaces_and_repetitions_are_read() {
        let text = "\u{feff}name, text\n\n#note,x\nink, \"a, b\"\n,nameless\nink,again\nshort";
        assert_eq!(read_styles(text).unwrap(), [style("ink", "again", ""), style("short", "", "")]);
        let other = "prompt,more,name\np,1,n";
        assert_eq!(read_styles(other).unwrap(), [style("n", "p", "")]);
    }

    #[test]
    fn file_without_columns_is_refused() {
        for text in ["", "a cat\na dog", "name,style\nx,y"] {
            assert!(read_styles(text).unwrap_err().to_string().contains("name,prompt"), "{text}");
        }
    }
}
