//! What the engine says in English, which terminal and page share, in the page's language. What is not
//! in the list is shown as it was said.

use super::Language;

/// English and Chinese. What is in braces differs from time to time; the names say which is which, and
/// what stands for `reason`, `remedy`, `first` or `rest` may be a phrase itself.
const PHRASES: &[(&str, &str)] = &[
    // The request's fields.
    ("prompt", "提示词"),
    ("negative_prompt", "负面提示词"),
    ("num_inference_steps", "步数"),
    ("guidance_scale", "引导系数"),
    ("seed", "随机种子"),
    ("scheduler", "采样器"),
    ("width", "宽度"),
    ("height", "高度"),
    ("size", "尺寸"),
    ("model", "模型"),
    ("device", "设备"),
    ("empty", "（空）"),
    // The networks.
    ("text encoder", "文本编码器"),
    ("second text encoder", "第二文本编码器"),
    ("UNet", " UNet"),
    ("autoencoder", "自编码器"),
];

/// Holes that may be filled with phrases.
const DEEP: [&str; 4] = ["reason", "remedy", "first", "rest"];

/// A phrase in the page's language.
pub fn phrase(english: &str) -> String {
    match Language::of_page() {
        Language::English => english.to_string(),
        Language::Chinese => chinese(english),
    }
}

fn chinese(english: &str) -> String {
    let found = PHRASES.iter().find_map(|(pattern, template)| {
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
        found.push((name, &rest[..end]));
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::{PHRASES, chinese, holes};

    #[test]
    fn holes_take_what_differs() {
        let found = holes(
            "it needs {needs} of memory, there are {has}",
            "it needs 3 GB of memory, there are 2 GB",
        );
        assert_eq!(found, Some(vec![("needs", "3 GB"), ("has", "2 GB")]));
        assert_eq!(holes("it ends before byte {byte}", "it begins after byte 7"), None);
        assert_eq!(holes("width", "width and height"), None);
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        assert_eq!(chinese("the kettle is empty"), "the kettle is empty");
        assert_eq!(chinese("seed"), "随机种子");
    }

    #[test]
    fn both_languages_have_the_same_holes() {
        let names = |text: &'static str| {
            let mut names: Vec<&str> =
                text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
            names.sort_unstable();
            names
        };
        for (english, chinese) in PHRASES {
            assert_eq!(names(english), names(chinese), "{english}");
        }
    }
}
