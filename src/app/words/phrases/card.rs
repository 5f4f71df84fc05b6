//! A model's card.

/// English and Chinese.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // The networks.
    ("text encoder", "文本编码器"),
    ("second text encoder", "第二文本编码器"),
    ("autoencoder", "自编码器"),
    ("autoencoder (VAE)", "自编码器（VAE）"),
    // Terms and values.
    ("Kind", "类型"),
    ("Layout", "格式"),
    ("Text encoder", "文本编码器"),
    ("Second text encoder", "第二文本编码器"),
    ("Together", "合计"),
    ("Scheduler", "采样器"),
    ("Own size", "默认尺寸"),
    ("a single file", "单个文件"),
    ("a folder in diffusers layout", "diffusers 格式的文件夹"),
    ("{rest}, for inpainting", "{rest}，局部重绘"),
    ("{family}, distilled from guidance", "{family}，引导蒸馏"),
    (
        "{millions} M parameters, {amount} in {dtypes}; {rest}",
        "{millions} M 参数，{dtypes}，{amount}；{rest}",
    ),
    ("{millions} M parameters, {amount}", "{millions} M 参数，{amount}"),
    ("CLIP, {layers} layers of {size}", "CLIP，{layers} 层，宽度 {size}"),
    ("{class}, {channels} channels at 1/{factor}", "{class}，{channels} 通道，缩小到 1/{factor}"),
    ("{channels} channels", "{channels} 通道"),
    ("{found}; the UNet predicts {rest}", "{found}；UNet 预测{rest}"),
    ("noise", "噪声"),
    ("velocity", "速度"),
    ("{width} × {height} pixels", "{width} × {height} 像素"),
    // What is odd about it.
    ("{name} takes its place", "将由 {name} 代替"),
];
