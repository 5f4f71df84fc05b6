//! Languages of the page.

use web_sys::UrlSearchParams;

use crate::app::dom::{document, local_storage, set, window};
use crate::error::chinese::CHINESE;
use crate::error::{Catalogue, ENGLISH};

/// `localStorage` key of the user's choice.
const STORAGE_KEY: &str = "hearth-language";

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English
    English,
    /// 简体中文
    Chinese,
}

impl Language {
    /// Returns the page's language, which `<html lang>` holds, so that page, style sheet and screen
    /// readers agree.
    pub fn of_page() -> Self {
        if cfg!(not(target_family = "wasm")) {
            return Language::English; // Native tests have no document.
        }
        let root = document().ok().and_then(|document| document.document_element());
        root.and_then(|root| root.get_attribute("lang"))
            .map_or(Language::English, |code| Self::from_code(&code).unwrap_or(Language::English))
    }

    /// Returns the initial language: `?lang=`, else the saved choice, else the first supported
    /// language of the browser.
    pub fn initial() -> Self {
        from_query().or_else(from_storage).or_else(from_browser).unwrap_or(Language::English)
    }

    /// Returns the language of a code such as `zh-CN` or `en`, if the page supports it.
    pub fn from_code(code: &str) -> Option<Self> {
        let main = code.trim().split(['-', '_']).next().unwrap_or_default();
        let is = |language: &str| main.eq_ignore_ascii_case(language);
        match () {
            () if is("en") => Some(Language::English),
            () if is("zh") => Some(Language::Chinese),
            () => None,
        }
    }

    /// Returns the code for `<html lang>`.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-Hans",
        }
    }

    /// Returns the messages in this language.
    pub fn catalogue(self) -> &'static Catalogue {
        match self {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }

    /// Sets the page's language.
    pub fn apply(self) {
        let root = document().ok().and_then(|document| document.document_element());
        if let Some(root) = root {
            set(&root, "lang", self.code());
        }
    }

    /// Saves the user's choice for the next visit.
    pub fn save(self) {
        if let Some(storage) = local_storage() {
            // Without storage, the next visit starts with the browser's language.
            let _ = storage.set_item(STORAGE_KEY, self.code());
        }
    }
}

fn from_query() -> Option<Language> {
    let search = window().ok()?.location().search().ok()?;
    Language::from_code(&UrlSearchParams::new_with_str(&search).ok()?.get("lang")?)
}

fn from_storage() -> Option<Language> {
    Language::from_code(&local_storage()?.get_item(STORAGE_KEY).ok()??)
}

fn from_browser() -> Option<Language> {
    let languages = window().ok()?.navigator().languages();
    languages.iter().find_map(|code| Language::from_code(&code.as_string()?))
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn from_code_accepts_regions() {
        assert_eq!(Language::from_code("zh-CN"), Some(Language::Chinese));
        assert_eq!(Language::from_code("zh"), Some(Language::Chinese));
        assert_eq!(Language::from_code("ZH_hant_TW"), Some(Language::Chinese));
        assert_eq!(Language::from_code("en-GB"), Some(Language::English));
        assert_eq!(Language::from_code("de"), None);
        assert_eq!(Language::from_code(""), None);
        for language in [Language::English, Language::Chinese] {
            assert_eq!(Language::from_code(language.code()), Some(language));
        }
    }
}
