//! What is said of a request's values and of the pictures in it.

/// English and Chinese.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // The request's fields and values.
    ("prompt", "提示词"),
    ("negative_prompt", "负面提示词"),
    ("num_inference_steps", "步数"),
    ("guidance_scale", "引导系数"),
    ("seed", "随机种子"),
    ("scheduler", "采样器"),
    ("width", "宽度"),
    ("height", "高度"),
    ("size", "尺寸"),
    ("model", "模型"),
    ("device", "设备"),
    ("empty", "空白"),
    ("it must be a whole number from {least} to {most}", "须为 {least} 到 {most} 之间的整数"),
    ("it must be a number from {least} to {most}", "须为 {least} 到 {most} 之间的数"),
    (
        "it must be a multiple of {step}, for instance {example}",
        "须为 {step} 的倍数，例如 {example}",
    ),
    (
        "it must be a number above {least}, and at most {most}",
        "须为大于 {least} 且不超过 {most} 的数",
    ),
    ("it must be a number", "须为一个数"),
    ("it must be a text", "须为文字"),
    ("it must be a picture", "须为图片"),
    ("choose one of {names}", "请从中选择：{names}"),
    ("choose from 1 to {most}", "请选择 1 到 {most}"),
    ("{number} bytes", "{number} 字节"),
    // Steps that a scheduler cannot do.
    ("with LCM choose from 1 to {original}", "使用 LCM 时请选择 1 到 {original}"),
    ("this checkpoint's PNDM needs at least 4", "此模型的 PNDM 至少需要 4 步"),
    ("choose less than {usable}", "请选择小于 {usable} 的步数"),
    (
        "the first timestep would be {first} of {train}, choose fewer",
        "第一个时间步将为 {first}，而训练只有 {train} 个；请减少步数",
    ),
    // Pictures made from pictures.
    ("image", "图片"),
    ("mask", "蒙版"),
    ("strength", "重绘强度"),
    ("padding_mask_crop", "蒙版周围的像素"),
    ("clip_skip", "CLIP 跳过层数"),
    ("eta", "新噪声"),
    ("choose from 0 to 1", "请选择 0 到 1"),
    (
        "paint over what shall change, or choose to change all of it",
        "请涂抹要改变的部分，或选择改变整张图片",
    ),
    ("{size} pixels have {needs} bytes", "{size} 像素应有 {needs} 字节"),
    ("it must have the size that is asked for, {size}", "须与所要的尺寸一致：{size}"),
    ("it must have the picture's size, {size}", "须与图片的尺寸一致：{size}"),
    (
        "nothing would be painted; make what is to be painted anew white",
        "没有要重画的部分；请把要重画的部分涂白",
    ),
    ("it needs a mask that it surrounds", "有蒙版时才能使用"),
    (
        "of 1 step none would be left; choose more strength or steps",
        "只有 1 步，一步也不剩；请提高强度或增加步数",
    ),
    (
        "of {steps} steps none would be left; choose more strength or steps",
        "{steps} 步中一步也不剩；请提高强度或增加步数",
    ),
    (
        "with LCM and {steps} steps choose at least {least}",
        "LCM 为 {steps} 步时，请至少选择 {least}",
    ),
];
