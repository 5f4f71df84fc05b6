//! What is said of files that are no checkpoint, or damaged.

/// English and Chinese.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // What is no checkpoint.
    (
        "a pickle, which can run any program when it is read, so it is not opened",
        "pickle 文件，读取时可能运行任意程序，因此不会打开",
    ),
    (
        "Get the model as .safetensors; the Hub converts a repository at huggingface.co/spaces/safetensors/convert",
        "请获取 .safetensors 格式的模型；Hub 可在 huggingface.co/spaces/safetensors/convert 转换仓库",
    ),
    ("Get the model as .safetensors", "请获取 .safetensors 格式的模型"),
    ("a GGUF file, whose weights are quantised", "GGUF 文件，其权重经过量化"),
    ("a network for ONNX, not the weights of one", "ONNX 网络，而不是权重"),
    ("a network of Keras or TensorFlow", "Keras 或 TensorFlow 的网络"),
    ("only a pointer that git keeps in place of the file", "git 代替文件保存的指针"),
    (
        "Fetch the file itself, with `git lfs pull` or from the repository's page",
        "请用 `git lfs pull` 或在仓库页面获取文件本身",
    ),
    ("a web page, not a file of weights", "网页，而不是权重文件"),
    (
        "Give the address of the file itself; the Hub's begin with huggingface.co/OWNER/NAME/resolve/",
        "请给出文件本身的网址；Hub 的文件网址以 huggingface.co/OWNER/NAME/resolve/ 开头",
    ),
    ("JSON, not a file of weights", "JSON，而不是权重文件"),
    (
        "Give the folder that it is in, or the .safetensors file",
        "请给出它所在的文件夹，或 .safetensors 文件",
    ),
    ("a picture, not a file of weights", "图片，而不是权重文件"),
    ("an archive", "压缩包"),
    ("Unpack it, and give the .safetensors file in it", "请解压，并给出其中的 .safetensors 文件"),
    ("an empty file", "空文件"),
    ("Fetch it again", "请重新获取"),
    ("no safetensors file", "无法识别的文件，不是 safetensors 文件"),
    ("a safetensors file without any tensor", "不含任何张量的 safetensors 文件"),
    (
        "a LoRA, which changes a checkpoint and is none itself",
        "LoRA，用于修改模型，本身不是完整模型",
    ),
    (
        "a ControlNet, which steers a checkpoint and is none itself",
        "ControlNet，用于控制模型，本身不是完整模型",
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
    ("a T5 text encoder", "T5 文本编码器"),
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
        "Stable Diffusion XL 的 refiner，用于完成 base 模型的画面",
    ),
    (
        "no checkpoint of Stable Diffusion (it holds {name})",
        "其他模型，而不是 Stable Diffusion（其中含有 {name}）",
    ),
    (
        "Stable Diffusion 1.x, 2.x and XL checkpoints work",
        "支持 Stable Diffusion 1.x、2.x 和 XL 模型",
    ),
    (
        "Hearth opens whole checkpoints of Stable Diffusion 1.x, 2.x and XL: one .safetensors file, or a folder in diffusers layout",
        "Hearth 能打开完整的 Stable Diffusion 1.x、2.x 和 XL 模型：一个 .safetensors 文件，或 diffusers 格式的文件夹",
    ),
    (
        "Playground 2.5, whose latents and noise are scaled in their own way",
        "Playground 2.5，其潜变量和噪声的缩放方式不同",
    ),
    (
        "a checkpoint with continuous noise levels, such as CosXL",
        "使用连续噪声级别的模型，例如 CosXL",
    ),
    ("Flux 2 or 3", "Flux 2 或 3"),
    ("Lumina or Z-Image", "Lumina 或 Z-Image"),
    ("PixArt or Sana", "PixArt 或 Sana"),
    // Networks that have a checkpoint's names and another shape.
    (
        "an upscaler of Stable Diffusion, which enlarges pictures",
        "Stable Diffusion 的放大模型，用于放大图片",
    ),
    ("a Stable unCLIP, which takes a picture for a prompt", "Stable unCLIP，以图片代替提示词"),
    (
        "a latent diffusion model of another kind: its prompts have {context} features",
        "另一种潜在扩散模型：其提示词的特征数为 {context}",
    ),
    (
        "a latent diffusion model of another kind: it reads no prompt",
        "另一种潜在扩散模型：不读取提示词",
    ),
    (
        "a {architecture} that reads a depth map beside the prompt",
        "除提示词外还读取深度图的 {architecture} 模型",
    ),
    (
        "a {architecture} for InstructPix2Pix, which edits a picture",
        "InstructPix2Pix 的 {architecture} 模型，用于编辑图片",
    ),
    (
        "a {architecture} whose UNet has {channels} channels instead of 4 or 9",
        "{architecture} 模型，但其 UNet 有 {channels} 个通道，应为 4 或 9 个",
    ),
    ("a {architecture} without its first convolution", "{architecture} 模型，但缺少第一个卷积层"),
    ("{architecture} without its {rest}", "{architecture} 模型，但缺少{rest}"),
    ("{rest} and its {found}", "{rest}和{found}"),
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
    ("its length field is incomplete", "其长度字段不完整"),
    ("{name} is there twice", "{name} 出现了两次"),
    ("{name} has the shape {shape}", "{name} 的形状为 {shape}"),
    // Tensors that a config does not describe. Of each kind the first few are named.
    ("{number} missing ({names}), {rest}", "缺少 {number} 个（{names}），{rest}"),
    ("{number} missing ({names})", "缺少 {number} 个（{names}）"),
    ("{number} unexpected ({names}), {rest}", "多出 {number} 个（{names}），{rest}"),
    ("{number} unexpected ({names})", "多出 {number} 个（{names}）"),
    ("{number} wrong shape ({rest})", "形状不符 {number} 个（{rest}）"),
    ("{name}: expected {shape}, found {has}; {rest}", "{name}：应为 {shape}，实为 {has}；{rest}"),
    ("{name}: expected {shape}, found {has}", "{name}：应为 {shape}，实为 {has}"),
];
