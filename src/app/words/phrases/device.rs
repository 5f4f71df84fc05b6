//! What is said of a device and of what a model needs there.

/// English and Chinese.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // The device.
    (
        "WebGPU needs a page from https:// or from localhost",
        "WebGPU 要求页面来自 https:// 或 localhost",
    ),
    ("this browser offers no WebGPU", "此浏览器不支持 WebGPU"),
    ("this browser's WebGPU is incomplete", "此浏览器的 WebGPU 不完整"),
    ("WebGPU found no graphics card that it trusts", "WebGPU 没有找到可信任的显卡"),
    ("its WebGPU lacks the feature {feature}", "其 WebGPU 缺少 {feature} 功能"),
    ("its {limit} is {has}, the engine needs {needs}", "其 {limit} 为 {has}，引擎需要 {needs}"),
    (
        "one tensor of the weights has {needs}, a buffer here at most {has}; use another device",
        "权重中有一个张量为 {needs}，而此处的缓冲区最多 {has}；请换用其他设备",
    ),
    (
        "at this size one buffer would have {needs}, here it has at most {has}; {remedy}",
        "此尺寸需要 {needs} 的缓冲区，而此处最多 {has}；{remedy}",
    ),
    (
        "it needs {needs} of memory, there are {has}; {remedy}",
        "需要 {needs} 内存，而只有 {has}；{remedy}",
    ),
    ("{width} × {height} pixels fit", "可用 {width} × {height} 像素"),
    ("use another device", "请换用其他设备"),
    ("use another device or a smaller model", "请换用其他设备或更小的模型"),
    ("This model", "此模型"),
    ("more than this browser's CPU can give", "超出此浏览器 CPU 所能提供的资源"),
    ("On the CPU, {remedy}", "在 CPU 上，{remedy}"),
];
