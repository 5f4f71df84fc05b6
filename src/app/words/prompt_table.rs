//! Texts about many prompts, wildcards, styles and the matrix in every language.

use std::fmt::Display;

use super::declare::{line, table};
use crate::error::checks::{fits, hash};

table! {
    prompts_title(): "Many prompts, wildcards, styles", "多条提示词、通配符、样式";
    prompts_each_line(): "Each line is a prompt of its own", "每行是一条单独的提示词";
    prompts_draw_before(): "Draw one of", "每张图片随机选取";
    prompts_draw_between(): "and a line of", "中的一项，以及";
    prompts_draw_after(): "for each picture", "文件中的一行";
    prompts_draw_hint(): "The seed decides, so the same seed draws the same. The picture’s settings have the prompt that was drawn.", "由随机种子决定，相同的种子选取相同。图片的设置中记录选取后的提示词。";
    prompts_count(prompts, pictures): "{prompts} prompts, {pictures} pictures", "{prompts} 条提示词，{pictures} 张图片";
    pictures_at_once(count): "{count} pictures", "{count} 张图片";
    prompts_first(prompt): "The first: {prompt}", "第一条：{prompt}";
    matrix_title(): "Compare values (X/Y/Z matrix)", "对比数值（X/Y/Z 矩阵）";
    matrix_columns(): "Columns", "列";
    matrix_rows(): "Rows", "行";
    matrix_groups(): "Groups", "组";
    matrix_columns_values(): "Values of the columns", "各列的值";
    matrix_rows_values(): "Values of the rows", "各行的值";
    matrix_groups_values(): "Values of the groups", "各组的值";
    matrix_nothing(): "–", "–";
    matrix_hint(): "Separate values with commas, texts with |. Ranges of numbers:", "各值用逗号分隔，文字用 | 分隔。数值范围：";
    matrix_one_seed(): "All pictures have one seed.", "所有图片使用同一个种子。";
    matrix_negative_prompt(): "Negative prompt", "负面提示词";
    matrix_schedule(): "Noise schedule", "噪声调度";
    matrix_replacement(): "Text in the prompts (S/R)", "替换提示词中的文字（S/R）";
    matrix_texts(): "a cat | a dog", "a cat | a dog";
    matrix_make(): "Make the pictures", "生成这些图片";
    matrix_make_count(count): "Make {count} pictures", "生成 {count} 张图片";
    matrix_show(): "Show the matrix", "查看矩阵";
    matrix_save(): "Save the matrix as PNG", "将矩阵另存为 PNG";
    matrix_picture(): "Matrix of the pictures with their values", "带数值标签的图片矩阵";
    styles_title(): "Styles", "样式";
    styles_name_label(): "Name for the present prompts", "为当前的提示词命名";
    styles_name_placeholder(): "Style name", "样式名称";
    styles_save(): "Save as style", "存为样式";
    styles_hint_before(): "Saves the prompt and the negative prompt. A style that is applied follows the prompt, or stands around it where it says", "保存提示词和负面提示词。应用时样式接在提示词之后；若样式中写有占位符，则提示词放入该处：";
    styles_hint_after(): ". They are kept in this browser.", "。样式保存在此浏览器中。";
    style_apply(): "Apply", "应用";
    style_apply_name(name): "Apply the style {name}", "应用样式 {name}";
    style_rename_name(name): "Name of the style {name}", "样式 {name} 的名称";
    style_remove_name(name): "Remove the style {name}", "移除样式 {name}";
    style_applied(name): "The style {name} is in the prompts.", "样式 {name} 已加入提示词。";
    style_has_been_applied(name): "The style {name} is in the prompts already.", "提示词中已有样式 {name}。";
    style_saved(name): "{name} was saved.", "已保存 {name}。";
    style_replaced(name): "{name} was saved anew.", "已重新保存 {name}。";
    style_renamed(name): "It is called {name} now.", "已改名为 {name}。";
    style_removed(name): "{name} was removed.", "已移除 {name}。";
    style_needs_name(): "Give the style a name.", "请为样式命名。";
    style_taken(name): "There is a style {name} already.", "已有名为 {name} 的样式。";
    styles_back(): "The styles are as before.", "样式已恢复原状。";
    styles_import(): "Import styles.csv…", "导入 styles.csv……";
    styles_export(): "Export", "导出";
    styles_imported(count): "{count} styles were imported.", "已导入 {count} 个样式。";
    styles_not_kept(): "The browser has no room to keep the styles; they stay until this page is closed. Export them.", "浏览器没有空间保存样式；它们会保留到此页面关闭为止。请导出样式。";
    wildcards_label(): "Wildcards", "通配符";
    wildcards_add(): "Add wildcard files…", "添加通配符文件……";
    wildcards_hint(): "Text files with a choice on each line, named name.txt. They may be dropped here, a folder too, and are kept in this browser.", "每行一个选项的文本文件，如 name.txt。也可以把文件或文件夹拖放到这里；它们保存在此浏览器中。";
    wildcard_lines(count): "{count} lines", "{count} 行";
    wildcard_insert(name): "Put __{name}__ into the prompt", "把 __{name}__ 加入提示词";
    wildcard_remove(name): "Remove the wildcard {name}", "移除通配符 {name}";
    wildcard_empty(name): "{name} has no choices: write one on each line.", "{name} 中没有选项：请每行写一个。";
    text_not_utf8(name): "{name} is no text in UTF-8. Save it as UTF-8 and add it again.", "{name} 不是 UTF-8 文本。请另存为 UTF-8 后重新添加。";
    text_not_kept(name): "The browser has no room to keep {name}; it stays until this page is closed.", "浏览器没有空间保存 {name}；它会保留到此页面关闭为止。";
}
