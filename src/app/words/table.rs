//! The page's words, each in every language: the one table of them.
//!
//! A line without parameters may also stand in index.html, as `data-word="name"` on the element whose
//! text it is, or `data-word-title`, `data-word-placeholder`, `data-word-aria-label` for an attribute.
//! Both texts of a line are checked by the compiler: they must use its parameters, and no others.

use super::language::Language;

/// Makes a function of each line: `step_of(7, 20)`.
macro_rules! table {
    ($($name:ident($($parameter:ident),*): $en:literal, $zh:literal;)*) => {
        $(
            /// In the page's language.
            pub fn $name($($parameter: impl std::fmt::Display),*) -> String {
                match Language::of_page() {
                    Language::English => format!($en),
                    Language::Chinese => format!($zh),
                }
            }
        )*

        /// The line called `name`, if it has no parameters.
        pub fn by_name(name: &str) -> Option<String> {
            $(table!(@plain name, $name, $($parameter)*);)*
            None
        }

        #[cfg(test)]
        pub(super) const LINES: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $zh)),*];
    };
    (@plain $wanted:ident, $name:ident,) => {
        if $wanted == stringify!($name) {
            return Some($name());
        }
    };
    (@plain $wanted:ident, $name:ident, $($parameter:ident)+) => {};
}

table! {
    // The status line.
    step_of(done, total): "Step {done} of {total}", "第 {done} 步，共 {total} 步";
    decoding(): "Decoding…", "正在解码……";
    stopped(): "Stopped.", "已停止。";

    // A new release.
    update_ready(): "A new version of this page is ready.", "本页面有新版本。";
    update_now(): "Reload", "重新加载";
}
