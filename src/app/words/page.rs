//! Translation of the texts in index.html.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTemplateElement, NodeList};

use super::by_name;
use super::language::Language;
use crate::app::dom::{document, set};
use crate::error::Result;

/// Attributes that name a line of the table, and the attribute that takes its text; empty for the
/// element's text content.
pub(super) const MARKS: [(&str, &str); 7] = [
    ("data-word", ""),
    ("data-word-title", "title"),
    ("data-word-placeholder", "placeholder"),
    ("data-word-aria-label", "aria-label"),
    ("data-word-label", "label"),
    ("data-word-content", "content"),
    ("data-word-alt", "alt"),
];

/// Translates all marked elements, including those in templates, and updates the language switch.
pub fn retranslate() -> Result<()> {
    let document = document()?;
    for (mark, attribute) in MARKS {
        let selector = format!("[{mark}]");
        for_each(document.query_selector_all(&selector).ok(), |element| {
            translate(&element, mark, attribute);
        });
        for_each(document.query_selector_all("template").ok(), |template| {
            let Ok(template) = template.dyn_into::<HtmlTemplateElement>() else { return };
            for_each(template.content().query_selector_all(&selector).ok(), |element| {
                translate(&element, mark, attribute);
            });
        });
    }
    let current = Language::of_page();
    let own = format!("data-{}", current.code());
    for_each(document.query_selector_all("[data-en]").ok(), |element| {
        element.set_text_content(element.get_attribute(&own).as_deref());
    });
    for_each(document.query_selector_all("#languages [lang]").ok(), |button| {
        let language = button.get_attribute("lang").and_then(|code| Language::from_code(&code));
        set(&button, "aria-pressed", if language == Some(current) { "true" } else { "false" });
    });
    Ok(())
}

fn for_each(list: Option<NodeList>, act: impl Fn(Element)) {
    let Some(list) = list else { return };
    for index in 0..list.length() {
        if let Some(element) = list.item(index).and_then(|node| node.dyn_into().ok()) {
            act(element);
        }
    }
}

fn translate(element: &Element, mark: &str, attribute: &str) {
    // A test checks that every mark names a line.
    let Some(text) = element.get_attribute(mark).and_then(|name| by_name(&name)) else { return };
    match attribute {
        "" if element.text_content().as_deref() != Some(&text) => {
            element.set_text_content(Some(&text));
        }
        "" => {}
        attribute => set(element, attribute, &text),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::MARKS;
    use crate::app::words::lines;

    const PAGE: &str = include_str!("../../../index.html");

    /// Elements without text to translate.
    const UNTRANSLATED_TAGS: [&str; 7] =
        ["noscript", "code", "kbd", "style", "script", "svg", "option"];
    /// Texts that are the same in every language.
    const UNTRANSLATED_TEXTS: [&str; 4] = ["Hearth", "EN", "中文", "×"];
    /// Attributes that users see or hear.
    const TRANSLATED_ATTRIBUTES: [&str; 4] = ["title", "placeholder", "aria-label", "label"];

    /// A tag of the page with its attributes, the text after it, and its ancestors.
    struct Piece {
        tag: String,
        text: String,
        within: Vec<String>,
    }

    impl Piece {
        fn attribute(&self, name: &str) -> Option<&str> {
            let (_, rest) = self.tag.split_once(&format!(" {name}=\""))?;
            rest.split('"').next()
        }
    }

    /// Returns the page's tags in order. Parses only what index.html uses.
    fn pieces() -> Vec<Piece> {
        const VOID: [&str; 8] =
            ["meta", "link", "input", "!doctype", "rect", "path", "circle", "img"];
        let mut page = String::new();
        for (index, part) in PAGE.split("<!--").enumerate() {
            page +=
                if index == 0 { part } else { part.split_once("-->").map_or("", |(_, rest)| rest) };
        }
        let mut within: Vec<String> = Vec::new();
        let mut pieces = Vec::new();
        for part in page.split('<').skip(1) {
            let (tag, text) = part.split_once('>').unwrap_or((part, ""));
            let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
            let name = name.to_lowercase();
            if tag.starts_with('/') {
                assert_eq!(within.pop(), Some(name), "tags are closed in order");
            } else if !VOID.contains(&name.as_str()) {
                within.push(name);
            }
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            pieces.push(Piece { tag: tag.to_string(), text, within: within.clone() });
        }
        assert!(pieces.len() > 300 && within.is_empty());
        pieces
    }

    fn english(name: &str) -> Option<&'static str> {
        lines().find(|(line, ..)| *line == name).map(|(_, english, _)| *english)
    }

    #[test]
    fn every_mark_names_line_with_same_english() {
        let mut checked = 0;
        for piece in pieces() {
            for (mark, attribute) in MARKS {
                let Some(name) = piece.attribute(mark) else { continue };
                let written = match attribute {
                    "" => Some(piece.text.as_str()),
                    attribute => piece.attribute(attribute),
                };
                assert_eq!(written, english(name), "{name} in <{}>", piece.tag);
                checked += 1;
            }
        }
        assert!(checked > 90, "only {checked} marks were found");
    }

    #[test]
    fn every_text_of_page_is_marked() {
        let mut exceptions = BTreeSet::new();
        for piece in pieces() {
            // Examples have their texts with them, from the model's file.
            let marks = ["data-word", "data-en"];
            let has_mark = marks.iter().any(|mark| piece.attribute(mark).is_some());
            let is_marked = !piece.tag.starts_with('/') && has_mark;
            let is_wordless =
                piece.within.iter().any(|name| UNTRANSLATED_TAGS.contains(&name.as_str()));
            let is_marked = is_marked || piece.text.is_empty();
            if !is_marked && !is_wordless {
                assert!(
                    UNTRANSLATED_TEXTS.contains(&piece.text.as_str()),
                    "“{}” has no data-word",
                    piece.text
                );
                exceptions.insert(piece.text.clone());
            }
            for name in TRANSLATED_ATTRIBUTES {
                let Some(value) = piece.attribute(name) else { continue };
                let is_marked = piece.attribute(&format!("data-word-{name}")).is_some();
                // Names of languages.
                let is_own = piece.attribute("lang").is_some();
                assert!(is_marked || is_own, "{name}=“{value}” has no data-word-{name}");
            }
        }
        println!("the same in every language: {exceptions:?}");
    }
}
