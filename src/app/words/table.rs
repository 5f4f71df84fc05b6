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

    // A picture to start from.
    start_from_a_picture(): "Start from a picture", "从一张图片开始";
    start_in_use(): "in use", "使用中";
    start_choose(): "Choose a picture…", "选择图片……";
    start_remove(): "Remove", "移除";
    start_hint(): "It can also be dropped anywhere on the page, or pasted. It stays on this device.", "也可以把图片拖放到页面任意位置，或直接粘贴。图片只留在本设备上。";
    drop_here(): "Drop it here: a picture to start from, or a model", "拖放到这里：图片（从它开始）或模型";
    start_unreadable(name): "{name} is no picture that this browser can read. Choose a PNG, JPEG or WebP file.", "{name} 不是此浏览器能读取的图片。请选择 PNG、JPEG 或 WebP 文件。";
    start_taken(): "The picture is there.", "图片已就绪。";
    start_removed(): "The picture was removed.", "图片已移除。";
    start_fit(): "Where the shapes differ", "形状不同时";
    start_crop(): "Crop to fill", "裁切填满";
    start_pad(): "Pad with its edges", "用边缘补满";
    start_scope(): "What shall change?", "要改变什么？";
    start_all(): "All of it", "整张图片";
    start_part(): "What I paint over", "我涂抹的部分";
    start_strength(): "Strength", "强度";
    start_strength_slider(): "Strength, as a slider", "强度（滑块）";
    start_strength_hint(): "0 keeps the picture, 1 gives it up.", "0 保留原图，1 完全放弃原图。";

    // Painting the mask.
    mask_label(): "Mask: paint over what shall change", "蒙版：涂抹要改变的部分";
    mask_keys(): "Keys: arrows move the brush, with Shift further; Space paints; E is the eraser; [ and ] set the size.", "按键：方向键移动画笔，加 Shift 移动更远；空格键涂抹；E 切换橡皮；[ 和 ] 改变大小。";
    mask_tools(): "Tools for the mask", "蒙版工具";
    mask_brush(): "Brush", "画笔";
    mask_eraser(): "Eraser", "橡皮";
    mask_undo(): "Undo", "撤销";
    mask_redo(): "Redo", "重做";
    mask_invert(): "Invert", "反转";
    mask_fill(): "Fill", "全选";
    mask_clear(): "Clear", "清除";
    mask_brush_size(): "Brush size", "画笔大小";
    mask_only(): "Work on the mask’s surroundings only", "只处理蒙版周围";
    mask_padding(): "Pixels around the mask", "蒙版周围的像素数";
    mask_padding_hint(): "With so many pixels around it, the masked part is painted at full size and put back: finer where it is small.", "连同周围这些像素，以完整尺寸绘制蒙版部分后放回：小区域会更精细。";
    mask_covers(percent): "{percent} % of the picture is masked.", "蒙版覆盖图片的 {percent}%。";
    brush_taken(): "Brush", "画笔";
    eraser_taken(): "Eraser", "橡皮";
    brush_at(across, down): "{across} % across, {down} % down", "横向 {across}%，纵向 {down}%";
    pixels(count): "{count} pixels", "{count} 像素";

    // A completed picture beside the true one.
    comparison_title(): "Compared with the original", "与原图比较";
    comparison_before(): "Before", "之前";
    comparison_after(): "After", "之后";
    comparison_truth(): "Truth", "原图";
    comparison_views(): "Which picture to see", "查看哪张图片";
    comparison_measure(): "Measure", "指标";
    comparison_inside(): "In the mask", "蒙版内";
    comparison_overall(): "Overall", "整体";
    pixel_accuracy(): "Pixel accuracy", "像素准确率";
    pixel_accuracy_hint(): "How many pixels are equal, or nearly", "相同或几乎相同的像素比例";
    psnr(): "PSNR", "PSNR";
    psnr_hint(): "Signal against error; more is nearer, ∞ is equal", "信号与误差之比；越大越接近，∞ 为相同";
    ssim(): "SSIM", "SSIM";
    ssim_hint(): "Likeness of structure; 1 is equal", "结构相似度；1 为相同";
}
