//! What the engine says in English, which terminal and page share, in the page's language. What is not
//! in the lists is shown as it was said.

mod card;
mod checkpoint;
mod device;
mod file;
mod picture;
mod place;
mod recipe;
mod request;

use super::Language;

/// English and Chinese. What is in braces differs from time to time, and the names say what it is. Of
/// two that fit the first counts, so those that fit most stand last.
const LISTS: [&[(&str, &str)]; 8] = [
    request::PHRASES,
    picture::PHRASES,
    place::PHRASES,
    device::PHRASES,
    card::PHRASES,
    recipe::PHRASES,
    file::PHRASES,
    checkpoint::PHRASES,
];

/// Holes that may be filled with phrases.
const DEEP: [&str; 6] = ["reason", "remedy", "found", "rest", "what", "names"];

/// A hole for a name in JSON, which is one word.
const FIELD: &str = "field";

/// A hole for a number.
const NUMBER: &str = "number";

/// A phrase in the page's language.
pub fn phrase(english: &str) -> String {
    match Language::of_page() {
        Language::English => english.to_string(),
        Language::Chinese => chinese(english),
    }
}

fn chinese(english: &str) -> String {
    let found = LISTS.iter().copied().flatten().find_map(|(pattern, template)| {
        let holes = holes(pattern, english)?;
        Some(holes.iter().fold(template.to_string(), |text, (name, value)| {
            let value = if DEEP.contains(name) { chinese(value) } else { value.to_string() };
            text.replace(&format!("{{{name}}}"), &value)
        }))
    });
    found.unwrap_or_else(|| english.to_string())
}

/// What stands in `text` for the names in braces of `pattern`, if it fits.
fn holes<'a>(pattern: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut parts = pattern.split('{');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    for part in parts {
        let (name, literal) = part.split_once('}')?;
        let end = match literal {
            "" => rest.len(),
            literal => rest.find(literal)?,
        };
        let value = &rest[..end];
        let fits = match name {
            FIELD => !value.contains(char::is_whitespace),
            NUMBER => value.parse::<f64>().is_ok(),
            _ => true,
        };
        if !fits {
            return None;
        }
        found.push((name, value));
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests;
