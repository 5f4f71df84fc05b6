//! Which language the page speaks.

use web_sys::{Storage, UrlSearchParams};

use crate::app::dom::{document, set, window};
use crate::error::chinese::CHINESE;
use crate::error::{Catalogue, ENGLISH};

/// Where the browser remembers what the user chose.
const CHOSEN: &str = "hearth-language";

/// A language that the page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English
    English,
    /// 简体中文
    Chinese,
}

impl Language {
    /// The page's: what `<html lang>` says, so that page, style sheet and reader agree.
    pub fn of_page() -> Self {
        if cfg!(not(target_family = "wasm")) {
            return Language::English; // A test: there is no page.
        }
        let root = document().ok().and_then(|document| document.document_element());
        root.and_then(|root| root.get_attribute("lang"))
            .map_or(Language::English, |code| Self::of(&code).unwrap_or(Language::English))
    }

    /// The one to begin with: `?lang=`, else what the user chose before, else the first of the
    /// browser's languages that the page speaks.
    pub fn at_first() -> Self {
        asked_for().or_else(chosen).or_else(of_browser).unwrap_or(Language::English)
    }

    /// The language of a code such as `zh-CN` or `en`, if the page speaks it.
    pub fn of(code: &str) -> Option<Self> {
        let main = code.trim().split(['-', '_']).next().unwrap_or_default();
        let is = |language: &str| main.eq_ignore_ascii_case(language);
        match () {
            () if is("en") => Some(Language::English),
            () if is("zh") => Some(Language::Chinese),
            () => None,
        }
    }

    /// Its code, as `<html lang>` has it.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-Hans",
        }
    }

    /// The messages in it.
    pub fn catalogue(self) -> &'static Catalogue {
        match self {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }

    /// From now on the page speaks it.
    pub fn take(self) {
        let root = document().ok().and_then(|document| document.document_element());
        if let Some(root) = root {
            set(&root, "lang", self.code());
        }
    }

    /// The user chose it: the next visit begins with it.
    pub fn remember(self) {
        if let Some(storage) = storage() {
            // A browser that stores nothing asks again.
            let _ = storage.set_item(CHOSEN, self.code());
        }
    }
}

fn asked_for() -> Option<Language> {
    let search = window().ok()?.location().search().ok()?;
    Language::of(&UrlSearchParams::new_with_str(&search).ok()?.get("lang")?)
}

fn chosen() -> Option<Language> {
    Language::of(&storage()?.get_item(CHOSEN).ok()??)
}

fn of_browser() -> Option<Language> {
    let spoken = window().ok()?.navigator().languages();
    spoken.iter().find_map(|code| Language::of(&code.as_string()?))
}

/// It may be forbidden.
fn storage() -> Option<Storage> {
    window().ok()?.local_storage().ok()?
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn codes_of_all_regions_are_understood() {
        assert_eq!(Language::of("zh-CN"), Some(Language::Chinese));
        assert_eq!(Language::of("zh"), Some(Language::Chinese));
        assert_eq!(Language::of("ZH_hant_TW"), Some(Language::Chinese));
        assert_eq!(Language::of("en-GB"), Some(Language::English));
        assert_eq!(Language::of("de"), None);
        assert_eq!(Language::of(""), None);
        for language in [Language::English, Language::Chinese] {
            assert_eq!(Language::of(language.code()), Some(language));
        }
    }
}
