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

    // Earlier pictures, recipes and batches.
    earlier_title(): "Earlier pictures", "以前的图片";
    earlier_hint(): "Choose one to bring back the picture and its settings. Delete removes the one with the focus.", "选择一张，可恢复图片及其设置。按 Delete 键删除当前焦点所在的图片。";
    earlier_total(count, amount): "{count} pictures, {amount}, kept in this browser. Beyond 200 pictures or 200 MB the oldest go.", "此浏览器中保存了 {count} 张图片，共 {amount}。超过 200 张或 200 MB 时，最早的会被删除。";
    earlier_total_one(amount): "1 picture, {amount}, kept in this browser. Beyond 200 pictures or 200 MB the oldest go.", "此浏览器中保存了 1 张图片，共 {amount}。超过 200 张或 200 MB 时，最早的会被删除。";
    picture_name(prompt, seed): "{prompt} (seed {seed})", "{prompt}（种子 {seed}）";
    picture_removed(): "The picture was removed.", "图片已删除。";
    pictures_removed(count): "{count} pictures were removed.", "已删除 {count} 张图片。";
    undo(): "Undo", "撤销";
    remove_all_pictures(): "Remove all", "全部删除";
    remove_all_question(): "Remove all earlier pictures from this browser? This cannot be undone.", "要从此浏览器中删除所有以前的图片吗？此操作无法撤销。";
    keep_them(): "Keep them", "保留";
    picture_gone(): "This picture is no longer there; it was removed in another tab.", "这张图片已不存在，它已在另一个标签页中被删除。";
    not_kept_full(): "The browser has no room for more pictures. They stay until this page is closed: save those you want, or free some disk space.", "浏览器没有空间保存更多图片。它们会保留到此页面关闭为止：请另存需要的图片，或释放一些磁盘空间。";
    not_kept_newer(): "A newer version of this page has kept pictures here. New ones stay until this page is closed; reload it to use that version.", "此页面的较新版本已在此保存图片。新图片会保留到此页面关闭为止；重新加载即可使用该版本。";
    not_kept(reason): "The browser does not keep pictures ({reason}). They stay until this page is closed: save those you want.", "浏览器不保存图片（{reason}）。它们会保留到此页面关闭为止：请另存需要的图片。";
    variations(): "Variations", "变体";
    variations_title(): "The same settings with new seeds", "相同的设置，新的种子";
    use_as_input(): "Use as input", "用作输入";
    remove_picture(): "Remove", "删除";
    open_picture_hint(): "The settings are in the file of every picture made here. Drop one on the page to have them back, or", "在此生成的每张图片的文件中都包含其设置。将图片拖放到页面上即可恢复，或者";
    open_picture(): "open a picture…", "打开图片……";
    recipe_restored(): "The settings of this picture are in the form; Generate makes it again.", "这张图片的设置已填入表单；点击“生成”即可重新生成。";
    recipe_partly_restored(): "What this picture’s file tells of its settings is in the form.", "这张图片的文件中记录的设置已填入表单。";
    recipe_lost(what): "Not taken over: {what}.", "未采用：{what}。";
    recipe_from_picture(): "It was made from another picture, which is not in the file.", "它是由另一张图片生成的，文件中不包含那张图片。";
    made_with(model, loaded): "It was made with {model}. In use is {loaded}, which gives another picture.", "它是用 {model} 生成的。当前使用的是 {loaded}，会得到不同的图片。";
    made_with_nowhere(model, loaded): "It was made with {model}. In use is {loaded}, which gives another picture; if you have that model, choose it under Model.", "它是用 {model} 生成的。当前使用的是 {loaded}，会得到不同的图片；如果您有那个模型，请在“模型”中选择。";
    look_at_model(): "Show that model", "查看该模型";
    no_recipe(): "This picture’s file does not tell how it was made.", "这张图片的文件中没有记录它是如何生成的。";
    pictures_count(): "Pictures", "图片数";
    pictures_hint(): "One after another, each with the next seed.", "依次生成，每张使用下一个种子。";
    picture_of(place, count, status): "Picture {place} of {count} · {status}", "第 {place} 张，共 {count} 张 · {status}";
    batch_done(count, time): "{count} pictures done in {time}.", "{count} 张图片已完成，用时 {time}。";
    batch_stopped(done, count): "Stopped; {done} of {count} pictures are done.", "已停止；{count} 张图片中已完成 {done} 张。";
    drop_here(): "Drop a model or a picture here", "将模型或图片拖放到此处";
}
