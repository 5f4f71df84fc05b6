//! What is said of pictures that cannot be made, read or compared.

/// English and Chinese.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // What was to be done with it.
    ("made", "生成"),
    ("written", "写入"),
    ("read", "读取"),
    ("fitted", "调整"),
    // Its pixels.
    (
        "some of its values are no numbers; try other steps, another scheduler or less guidance",
        "部分像素的值不是数字；请换用其他步数或采样器，或减小引导系数",
    ),
    (
        "the autoencoder gave {channels} channels instead of 3",
        "自编码器给出了 {channels} 个通道，应为 3 个",
    ),
    (
        "{number} values do not fill {width} × {height} pixels",
        "{number} 个值与 {width} × {height} 像素不符",
    ),
    (
        "{number} bytes do not fill {width} × {height} pixels",
        "{number} 字节与 {width} × {height} 像素不符",
    ),
    ("{width} × {height} pixels are no size", "{width} × {height} 像素不是有效的尺寸"),
    ("{width} × {height} pixels are too many", "{width} × {height} 像素过多"),
    ("it is not {width} × {height}", "它的尺寸不是 {width} × {height}"),
    (
        "it has {width} × {height} pixels, its mask {across} × {down}",
        "它有 {width} × {height} 像素，而蒙版有 {across} × {down}",
    ),
    ("it is not of the size of its place", "它与所放位置的尺寸不符"),
    ("the part lies outside of it", "所选区域超出了图片"),
    ("the part lies outside of the mask", "所选区域超出了蒙版"),
    // Its file.
    ("{name} is none", "{name} 不是图片"),
    ("it is too large", "它过大"),
    ("it is too large for PNG", "它超出了 PNG 的尺寸上限"),
    ("its palette is missing", "缺少调色板"),
    (
        "the file is too short for {width} × {height} pixels",
        "文件太短，不足 {width} × {height} 像素",
    ),
    ("the text for {keyword} contains U+0000", "{keyword} 的文本含有 U+0000"),
    // Beside the true one.
    ("its pixels do not fill its size", "其像素与尺寸不符"),
    ("a picture of fewer than 7 pixels cannot be compared", "边长不足 7 像素的图片无法比较"),
    ("the true picture has {size}", "原图为 {size}"),
    ("nothing was painted anew", "没有重画任何部分"),
];
