//! What the program says: the strings in its sources.

use std::path::Path;

/// A string in the program.
pub struct Said {
    /// Its file, below `src`.
    pub file: String,
    /// Its text, with the braces of `format!`.
    pub text: String,
    /// It is the reason of an `Error::Internal`, which is for those who mend the program.
    pub is_internal: bool,
}

/// Every string in the files below `src`, but for tests and the page's own words.
pub fn strings() -> Vec<Said> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut said = Vec::new();
    collect(&src, &src, &mut said);
    said
}

fn collect(src: &Path, folder: &Path, said: &mut Vec<Said>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let below = path.strip_prefix(src).unwrap_or(&path).display().to_string();
        let file = below.replace('\\', "/");
        if path.is_dir() {
            if file != "app/words" && !file.ends_with("/tests") {
                collect(src, &path, said);
            }
        } else if file.ends_with(".rs") && !file.ends_with("/tests.rs") {
            let code = std::fs::read_to_string(&path).unwrap_or_default();
            let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            said.extend(in_code(code).into_iter().map(|(before, text)| Said {
                file: file.clone(),
                text,
                is_internal: is_internal(before),
            }));
        }
    }
}

/// Whether what stands before a string makes it the reason of an `Error::Internal`.
fn is_internal(before: &str) -> bool {
    let before = before.trim_end();
    let before = before.strip_suffix("format!(").unwrap_or(before).trim_end();
    let before = before.strip_suffix("reason:").unwrap_or_default().trim_end();
    before.ends_with("Error::Internal {")
}

/// Each string with the code before it. Raw strings are programs for others and left out.
pub fn in_code(code: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = code[at..].chars().next() {
        let rest = &code[at..];
        at += if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = raw(&code[..at], rest) {
            length
        } else if let Some(length) = character(rest) {
            length
        } else if let Some(inside) = rest.strip_prefix('"') {
            let length = quoted(inside);
            found.push((&code[..at], unescaped(&inside[..length])));
            length + 2
        } else {
            first.len_utf8()
        };
    }
    found
}

/// Bytes of the raw string that `rest` begins with.
fn raw(before: &str, rest: &str) -> Option<usize> {
    if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let quotes = rest.strip_prefix("br").or(rest.strip_prefix('r'))?;
    let hashes = quotes.len() - quotes.trim_start_matches('#').len();
    let inside = quotes[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end)? + end.len();
    Some(rest.len() - inside.len() + length)
}

/// Bytes of the character in quotes that `rest` begins with; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let length = match inside.strip_prefix('\\') {
        Some(escaped) => 2 + escaped.chars().next()?.len_utf8() + escaped[1..].find('\'')?,
        None => 1 + inside.chars().next()?.len_utf8(),
    };
    rest[length..].starts_with('\'').then_some(length + 1)
}

/// Bytes up to the quote that ends a string.
fn quoted(inside: &str) -> usize {
    let mut escaped = false;
    let end = inside.char_indices().find(|(_, c)| match c {
        _ if escaped => {
            escaped = false;
            false
        }
        '\\' => {
            escaped = true;
            false
        }
        c => *c == '"',
    });
    end.map_or(inside.len(), |(at, _)| at)
}

/// A string as it is meant: lines joined, signs without their bars.
fn unescaped(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_string();
    let joined = lines.fold(first, |text, line| text + line.trim_start());
    joined.replace("\\\"", "\"").replace("\\n", "\n")
}
