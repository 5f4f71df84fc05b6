//! What the engine says in English, which terminal and page share, in the page's language. What is not
//! in the list is shown as it was said.

use super::Language;
use super::table::LINES;

/// English and Chinese. What is in braces differs from time to time; the names say which is which, and
/// what stands for `reason`, `remedy`, `found` or `rest` may be a phrase itself.
const PHRASES: &[(&str, &str)] = &[
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
    ("a choice of files", "所选文件"),
    ("the chosen files", "所选文件"),
    ("it must be a whole number from {least} to {most}", "须为 {least} 到 {most} 之间的整数"),
    ("it must be a number from {least} to {most}", "须为 {least} 到 {most} 之间的数"),
    (
        "it must be a multiple of {step}, for instance {example}",
        "须为 {step} 的倍数，例如 {example}",
    ),
    ("it must be a number, usually between 1 and 15", "须为一个数，通常在 1 到 15 之间"),
    ("choose one of {names}", "请从中选择：{names}"),
    ("choose from 1 to {most}", "请选择 1 到 {most}"),
    // Pictures made from pictures.
    ("image", "图片"),
    ("mask", "蒙版"),
    ("strength", "重绘强度"),
    ("padding", "蒙版周围的像素"),
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
    ("an aesthetic score (requires_aesthetics_score)", "美学评分（requires_aesthetics_score）"),
    ("Take the base model instead of its refiner", "请改用 base 模型，而不是它的 refiner"),
    ("made", "生成"),
    ("written", "写入"),
    ("read", "读取"),
    ("fitted", "调整"),
    // Addresses.
    (
        "name a model of the Hub as owner/name, or give an address",
        "请写 Hub 上的模型名 owner/name，或给出网址",
    ),
    (
        "only addresses that begin with https:// or http:// can be fetched",
        "只支持以 https:// 或 http:// 开头的网址",
    ),
    ("that is not an address", "这不是网址"),
    ("that is not an address of a folder", "这不是文件夹的网址"),
    (
        "a model of the Hub is named owner/name; any other needs an address",
        "Hub 上的模型写作 owner/name，其他模型需要网址",
    ),
    (
        "that is neither owner/name on the Hub nor an address",
        "这既不是 Hub 上的 owner/name，也不是网址",
    ),
    (
        "of a repository only a .safetensors file can be named; for a folder, paste its address",
        "仓库中只能指定 .safetensors 文件；若是文件夹，请粘贴它的网址",
    ),
    ("the address names no server", "网址中没有服务器名"),
    (
        "that is no model on the Hub; a model's address ends in owner/name",
        "这不是 Hub 上的模型；模型网址以 owner/name 结尾",
    ),
    (
        "of single files only .safetensors can be read; give that, or the folder in diffusers layout",
        "单个文件只支持 .safetensors；请给出它，或 diffusers 格式的文件夹",
    ),
    (
        "there is no .safetensors file among them; choose one, or a folder in diffusers layout",
        "其中没有 .safetensors 文件；请选择一个，或选择 diffusers 格式的文件夹",
    ),
    // Downloads.
    (
        "{reason} and asks to try again in {minutes} minutes",
        "{reason}，并要求 {minutes} 分钟后再试",
    ),
    (
        "its server was not reached, or does not let other pages read it (CORS)",
        "无法连接其服务器，或服务器不允许其他网页读取（CORS）",
    ),
    ("the server answered {status}", "服务器返回 {status}"),
    ("the server does not answer", "服务器没有响应"),
    ("the server does not say how long the file is", "服务器没有给出文件长度"),
    ("the server sent another part of it", "服务器发来的是另一部分"),
    ("the server cannot send this part of it", "服务器无法发送这一部分"),
    ("the server speaks of another version of it again and again", "服务器上的版本反复变化"),
    ("the connection fell silent", "连接中断，没有数据"),
    ("the connection ended early", "连接提前结束"),
    ("it changed while it was fetched", "下载期间文件发生了变化"),
    ("it is longer than any config or vocabulary", "它比任何配置或词表都长"),
    ("the browser does not say why", "浏览器没有说明原因"),
    // Damaged files.
    ("its SHA-256 is {found} instead of {wanted}", "其 SHA-256 为 {found}，应为 {wanted}"),
    ("it has {has} bytes instead of {needs}", "它有 {has} 字节，应为 {needs} 字节"),
    ("it has only {len} bytes", "它只有 {len} 字节"),
    (
        "its header claims {header} bytes of {len}",
        "文件头声称占 {header} 字节，而文件共 {len} 字节",
    ),
    ("its header is no index: {detail}", "文件头不是索引：{detail}"),
    ("it ends before byte {byte}", "它在第 {byte} 字节之前就结束了"),
    (
        "the browser's copy was damaged, and so was what the server sent for it",
        "浏览器保存的副本已损坏，服务器重新发来的也是坏的",
    ),
    (
        "the browser's copy was damaged, and the server has another file now",
        "浏览器保存的副本已损坏，而服务器上的文件已经更换",
    ),
    // The browser's store.
    (
        "{reason}; leave private browsing or free some disk space",
        "{reason}；请退出无痕浏览，或腾出一些磁盘空间",
    ),
    ("there is no room for them; free some disk space", "空间不足；请腾出一些磁盘空间"),
    (
        "a newer version of this page has kept models here; reload the page",
        "本页的更新版本已在此保存过模型；请重新加载页面",
    ),
    ("another tab uses its database", "另一个标签页正在使用其数据库"),
    ("its database does not answer", "其数据库没有响应"),
    ("it has no IndexedDB here", "此处没有 IndexedDB"),
    ("it gave up a write to its database", "它放弃了一次数据库写入"),
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
    // What is no checkpoint.
    (
        "a pickle, which can run any program when it is read, so it is not opened",
        " pickle 文件，读取时可能运行任意程序，因此不会打开",
    ),
    (
        "Get the model as .safetensors; the Hub converts a repository at huggingface.co/spaces/safetensors/convert",
        "请获取 .safetensors 格式的模型；Hub 可在 huggingface.co/spaces/safetensors/convert 转换仓库",
    ),
    ("Get the model as .safetensors", "请获取 .safetensors 格式的模型"),
    ("a GGUF file, whose weights are quantised", " GGUF 文件，其权重经过量化"),
    ("a network for ONNX, not the weights of one", " ONNX 网络，而不是权重"),
    ("a network of Keras or TensorFlow", " Keras 或 TensorFlow 的网络"),
    ("only a pointer that git keeps in place of the file", " git 代替文件保存的指针"),
    (
        "Fetch the file itself, with `git lfs pull` or from the repository's page",
        "请用 `git lfs pull` 或在仓库页面获取文件本身",
    ),
    ("a web page, not a file of weights", "网页，而不是权重文件"),
    (
        "Give the address of the file itself; the Hub's begin with huggingface.co/OWNER/NAME/resolve/",
        "请给出文件本身的网址；Hub 的文件网址以 huggingface.co/OWNER/NAME/resolve/ 开头",
    ),
    ("JSON, not a file of weights", " JSON，而不是权重文件"),
    (
        "Give the folder that it is in, or the .safetensors file",
        "请给出它所在的文件夹，或 .safetensors 文件",
    ),
    ("a picture, not a file of weights", "图片，而不是权重文件"),
    ("an archive", "压缩包"),
    ("Unpack it, and give the .safetensors file in it", "请解压，并给出其中的 .safetensors 文件"),
    ("Fetch it again", "请重新获取"),
    ("no safetensors file", "无法识别的文件，不是 safetensors 文件"),
    ("a safetensors file without any tensor", "不含任何张量的 safetensors 文件"),
    (
        "a LoRA, which changes a checkpoint and is none itself",
        " LoRA，用于修改模型，本身不是完整模型",
    ),
    (
        "a ControlNet, which steers a checkpoint and is none itself",
        " ControlNet，用于控制模型，本身不是完整模型",
    ),
    (
        "an adapter, which steers a checkpoint and is none itself",
        "适配器，用于控制模型，本身不是完整模型",
    ),
    (
        "a textual inversion, which is a word for a checkpoint and is none itself",
        "文本反转嵌入（textual inversion），本身不是完整模型",
    ),
    ("a video model", "视频模型"),
    ("a checkpoint whose weights are quantised", "权重经过量化的模型"),
    ("an upscaler of pictures", "图片放大模型"),
    ("a T5 text encoder", " T5 文本编码器"),
    ("a language model", "语言模型"),
    ("a UNet alone, without autoencoder and text encoder", "单独的 UNet，没有自编码器和文本编码器"),
    ("a tiny autoencoder alone", "单独的小型自编码器"),
    ("an image encoder", "图像编码器"),
    (
        "a text encoder alone, without UNet and autoencoder",
        "单独的文本编码器，没有 UNet 和自编码器",
    ),
    (
        "an autoencoder (VAE) alone, without UNet and text encoder",
        "单独的自编码器（VAE），没有 UNet 和文本编码器",
    ),
    (
        "a diffusion transformer, such as Stable Diffusion 3 or Flux",
        "扩散 Transformer 模型，例如 Stable Diffusion 3 或 Flux",
    ),
    (
        "the refiner of Stable Diffusion XL, which finishes what the base began",
        " Stable Diffusion XL 的 refiner，用于完成 base 模型的画面",
    ),
    (
        "no checkpoint of Stable Diffusion (it holds {name})",
        "其他模型，而不是 Stable Diffusion（其中含有 {name}）",
    ),
    (
        "Stable Diffusion 1.x, 2.x and XL checkpoints work",
        "支持 Stable Diffusion 1.x、2.x 和 XL 模型",
    ),
    ("Choose another scheduler or checkpoint", "请选择其他采样器或模型"),
    // The networks.
    ("text encoder", "文本编码器"),
    ("second text encoder", "第二文本编码器"),
    ("autoencoder", "自编码器"),
    // A model's card.
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
    ("{name}; the UNet predicts {rest}", "{name}；UNet 预测{rest}"),
    ("noise", "噪声"),
    ("velocity", "速度"),
    ("{width} × {height} pixels", "{width} × {height} 像素"),
    (
        "Its own scheduler, {what}, is not there; {name} takes its place.",
        "没有它自带的采样器 {what}，由 {name} 代替。",
    ),
];

/// Holes that may be filled with phrases.
const DEEP: [&str; 4] = ["reason", "remedy", "found", "rest"];

/// A phrase in the page's language.
pub fn phrase(english: &str) -> String {
    match Language::of_page() {
        Language::English => english.to_string(),
        Language::Chinese => chinese(english),
    }
}

fn chinese(english: &str) -> String {
    // A whole error may be one of a model's problems. The sentence about a value fits too much.
    let errors = LINES
        .iter()
        .filter(|(name, ..)| name.starts_with("error_") && *name != "error_invalid_request")
        .map(|(_, english, chinese)| (*english, *chinese));
    let found = PHRASES.iter().copied().chain(errors).find_map(|(pattern, template)| {
        let holes = holes(pattern, english)?;
        Some(holes.iter().fold(template.to_string(), |text, (name, value)| {
            let value = if DEEP.contains(name) { chinese(value) } else { value.to_string() };
            text.replace(&format!("{{{name}}}"), &value)
        }))
    });
    found.unwrap_or_else(|| english.to_string())
}

/// What stands in `text` for the names in braces of `pattern`, if it fits.
fn holes<'a>(pattern: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut parts = pattern.split('{');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    for part in parts {
        let (name, literal) = part.split_once('}')?;
        let end = match literal {
            "" => rest.len(),
            literal => rest.find(literal)?,
        };
        found.push((name, &rest[..end]));
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{PHRASES, chinese, holes};
    use crate::error::Error;

    #[test]
    fn holes_take_what_differs() {
        let found = holes(
            "it needs {needs} of memory, there are {has}",
            "it needs 3 GB of memory, there are 2 GB",
        );
        assert_eq!(found, Some(vec![("needs", "3 GB"), ("has", "2 GB")]));
        assert_eq!(holes("it ends before byte {byte}", "it begins after byte 7"), None);
        assert_eq!(holes("width", "width and height"), None);
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        assert_eq!(chinese("the kettle is empty"), "the kettle is empty");
        assert_eq!(chinese("seed"), "随机种子");
    }

    fn names(text: &str) -> impl Iterator<Item = &str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next())
    }

    #[test]
    fn chinese_fills_its_holes_from_the_english() {
        for (english, chinese) in PHRASES {
            for name in names(chinese) {
                assert!(names(english).any(|other| other == name), "{english}: {name}");
            }
        }
    }

    #[test]
    fn a_phrase_inside_another_is_chinese_too() {
        let obstacle = "it needs 9.00 GB of memory, there are 3.76 GB; 512 × 512 pixels fit";
        assert_eq!(chinese(obstacle), "需要 9.00 GB 内存，而只有 3.76 GB；可用 512 × 512 像素");
        let part = "0.5 M parameters, 1.0 MB in F16; CLIP, 4 layers of 256";
        assert_eq!(chinese(part), "0.5 M 参数，F16，1.0 MB；CLIP，4 层，宽度 256");
        let error = Error::CorruptWeights {
            path: "unet/a.safetensors".to_string(),
            reason: "it ends before byte 7".to_string(),
        };
        let problem = "unet/a.safetensors 已损坏：它在第 7 字节之前就结束了。请重试以重新下载；若是你自己放置的文件，请更换。";
        assert_eq!(chinese(&error.to_string()), problem);
    }

    /// Who changes a sentence of the engine hears that its translation no longer fits.
    #[test]
    fn every_phrase_is_still_said() {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut said = String::new();
        collect(&src, &mut said);
        for (english, _) in PHRASES {
            let longest = english.split(['{', '}']).step_by(2).max_by_key(|part| part.len());
            let longest = longest.unwrap_or_default();
            // Some are put together of a kind and its bounds.
            let is_said = said.contains(longest)
                || said
                    .contains(longest.trim_start_matches("it must be ").trim_end_matches(" from "));
            assert!(is_said, "nobody says “{english}” any more");
        }
    }

    /// The program's text with its broken strings joined, but for the page's words.
    fn collect(folder: &Path, said: &mut String) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true if path.ends_with("app/words") => {}
                true => collect(&path, said),
                false => {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    let mut parts = text.split("\\\n");
                    said.push_str(parts.next().unwrap_or_default());
                    parts.for_each(|part| said.push_str(part.trim_start()));
                }
            }
        }
    }
}
