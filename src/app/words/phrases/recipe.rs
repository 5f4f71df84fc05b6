//! What of a recipe in a picture's file was not taken over.

/// English and Chinese.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // Hearth's own text.
    ("{field} ({reason})", "{field}（{reason}）"),
    ("it is no JSON object", "它不是 JSON 对象"),
    ("it is of another version", "它来自其他版本"),
    ("it has {number} bytes", "它有 {number} 字节"),
    ("start", "起始图片"),
    // The settings of other programs, as they call them.
    ("Steps: {value}", "步数：{value}"),
    ("CFG scale: {value}", "引导系数：{value}"),
    ("Seed: {value}", "随机种子：{value}"),
    ("Size: {value}", "尺寸：{value}"),
    ("Sampler: {value}", "采样器：{value}"),
    ("Schedule type: {value}", "调度类型：{value}"),
    ("Denoising strength: {value}", "重绘强度：{value}"),
    ("Masked area padding: {value}", "蒙版周围的像素：{value}"),
    ("Clip skip: {value}", "CLIP 跳过层数：{value}"),
    ("Eta DDIM: {value}", "新噪声：{value}"),
    ("Eta: {value}", "新噪声：{value}"),
    ("Hires upscale: {value}", "高分辨率修复的放大倍数：{value}"),
    ("Hires resize: {value}", "高分辨率修复的尺寸：{value}"),
    ("Variation seed: {value}", "变异种子：{value}"),
    ("Refiner: {value}", "Refiner 模型：{value}"),
    ("Face restoration: {value}", "面部修复：{value}"),
    ("Tiling: {value}", "平铺：{value}"),
    ("Hypernet: {value}", "超网络：{value}"),
    ("Lora hashes: {value}", "LoRA：{value}"),
    ("Image CFG scale: {value}", "图片引导系数：{value}"),
];
