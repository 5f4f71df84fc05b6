//! Which language the page speaks.

use crate::app::dom::document;

/// A language that the page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English
    English,
    /// 简体中文
    Chinese,
}

impl Language {
    /// All of them, with their code and the name they have for themselves.
    pub const ALL: [(Language, &'static str, &'static str); 2] =
        [(Language::English, "en", "English"), (Language::Chinese, "zh-Hans", "简体中文")];

    /// The page's: what `<html lang>` says, so that page, style sheet and reader agree.
    pub fn of_page() -> Self {
        let root = document().ok().and_then(|document| document.document_element());
        root.and_then(|root| root.get_attribute("lang"))
            .map_or(Language::English, |code| Self::of(&code))
    }

    /// The language of a code such as `zh-CN` or `en`; English for those that the page does not speak.
    pub fn of(code: &str) -> Self {
        let is_chinese =
            code.split(['-', '_']).next().is_some_and(|main| main.eq_ignore_ascii_case("zh"));
        if is_chinese { Language::Chinese } else { Language::English }
    }
}
