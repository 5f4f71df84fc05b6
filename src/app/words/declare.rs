//! Declaration of the page's texts.

use super::language::Language;
use crate::error::fill;

/// Declares a function for each line: `step_of(7, 20)`.
macro_rules! table {
    ($($name:ident($($parameter:ident),*): $en:literal, $zh:literal;)*) => {
        $(
            /// Returns the text in the page's language.
            #[allow(dead_code)] // Some lines are named in index.html alone.
            pub fn $name($($parameter: impl Display),*) -> String {
                const PARAMETERS: &[&str] = &[$(stringify!($parameter)),*];
                const _: () = assert!(
                    fits($en, PARAMETERS) && fits($zh, PARAMETERS),
                    concat!("a text of ", stringify!($name), " names other parameters")
                );
                line([$en, $zh], &[$((stringify!($parameter), $parameter.to_string())),*])
            }
        )*

        /// Returns the line `name`, if it has no parameters.
        pub fn by_name(name: &str) -> Option<String> {
            // The page has no table of names, only their hashes; 0 for lines with parameters.
            const ROWS: &[(u32, [&str; 2])] = &[$((
                if (&[$(stringify!($parameter)),*] as &[&str]).is_empty() { hash(stringify!($name)) } else { 0 },
                [$en, $zh],
            )),*];
            let wanted = hash(name);
            let row = ROWS.iter().find(|(hash, _)| *hash == wanted && wanted != 0);
            row.map(|(_, texts)| line(*texts, &[]))
        }

        /// All lines: name, English, Chinese.
        #[cfg(test)]
        pub(super) const LINES: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $zh)),*];
    };
}

pub(super) use table;

/// Returns a line with its arguments, in the page's language.
pub(super) fn line([english, chinese]: [&str; 2], arguments: &[(&str, String)]) -> String {
    let text = match Language::of_page() {
        Language::English => english,
        Language::Chinese => chinese,
    };
    let argument = |wanted: &str| arguments.iter().find(|(name, _)| *name == wanted);
    fill(text, false, |name| argument(name).map(|(_, value)| value.clone()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::app::words::lines;
    use crate::error::checks::hash;

    #[test]
    fn every_line_has_unique_name_and_all_languages() {
        let mut names = HashSet::new();
        for (name, english, chinese) in lines() {
            assert!(names.insert(hash(name)), "{name} is there twice, or as the same hash");
            assert!(!english.is_empty() && !chinese.is_empty(), "{name} is empty");
        }
        assert!(names.len() > 200);
    }

    #[test]
    fn chinese_texts_use_chinese_punctuation() {
        for (name, _, chinese) in lines() {
            let mut before = ' ';
            for letter in chinese.chars() {
                let after_han = ('\u{4e00}'..='\u{9fff}').contains(&before);
                assert!(!(after_han && ",;:.!?(".contains(letter)), "{name}: {chinese}");
                before = letter;
            }
            assert!(!chinese.contains("..."), "{name}: {chinese}");
        }
    }
}
