//! What is said of a checkpoint's own files: configs, vocabulary, lists.

/// English and Chinese.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // What a checkpoint asks for and is not done.
    ("an aesthetic score (requires_aesthetics_score)", "美学评分（requires_aesthetics_score）"),
    ("Take the base model instead of its refiner", "请改用 base 模型，而不是它的 refiner"),
    ("an autoencoder of the kind {kind}", "{kind} 类型的自编码器"),
    ("AutoencoderKL and AutoencoderTiny work", "支持 AutoencoderKL 和 AutoencoderTiny"),
    (
        "UNets with {latent} channels work, and with {inpainting} for inpainting",
        "支持 {latent} 通道的 UNet，局部重绘模型则为 {inpainting} 通道",
    ),
    ("numbers of type {kind} in {name}", "{name} 的数值类型 {kind}"),
    ("Save the checkpoint in f32, f16 or bf16", "请将模型另存为 f32、f16 或 bf16"),
    ("the pipeline {kind}", "{kind} 管线"),
    // The scheduler's config.
    ("Choose another scheduler or checkpoint", "请选择其他采样器或模型"),
    (
        "Choose another scheduler or checkpoint; {field} may be {choices}",
        "请选择其他采样器或模型；{field} 可以是 {choices}",
    ),
    (
        "Choose another scheduler; solver_order may be 1 or 2",
        "请选择其他采样器；solver_order 可以是 1 或 2",
    ),
    ("Choose another checkpoint", "请选择其他模型"),
    ("Choose a scheduler: {names}", "请选择采样器：{names}"),
    (
        "prediction_type epsilon with rescale_betas_zero_snr",
        "prediction_type 为 epsilon 且启用 rescale_betas_zero_snr",
    ),
    ("lambda_min_clipped leaves no timestep", "按 lambda_min_clipped 截断后没有剩余的时间步"),
    (
        "only one of use_karras_sigmas, use_exponential_sigmas and use_beta_sigmas may be true",
        "use_karras_sigmas、use_exponential_sigmas 和 use_beta_sigmas 只能有一个为 true",
    ),
    (
        "a beta is {beta}; all must be between 0 and 1",
        "有一个 beta 为 {beta}；所有 beta 都须在 0 到 1 之间",
    ),
    (
        "trained_betas has {has} values, not {number}",
        "trained_betas 有 {has} 个值，应为 {number} 个",
    ),
    // The networks' configs.
    (
        "in_channels, out_channels or latent_channels is out of range",
        "in_channels、out_channels 或 latent_channels 超出范围",
    ),
    ("in_channels or out_channels is out of range", "in_channels 或 out_channels 超出范围"),
    (
        "layers_per_block or transformer_layers_per_block is out of range",
        "layers_per_block 或 transformer_layers_per_block 超出范围",
    ),
    (
        "conv_in_kernel and conv_out_kernel must be odd",
        "conv_in_kernel 和 conv_out_kernel 须为奇数",
    ),
    (
        "addition_time_embed_dim is {each}, projection_class_embeddings_input_dim {all}",
        "addition_time_embed_dim 为 {each}，projection_class_embeddings_input_dim 为 {all}，超出范围",
    ),
    (
        "block_out_channels has {blocks} entries, down_block_types {down}, up_block_types {up}",
        "block_out_channels 有 {blocks} 项，down_block_types 有 {down} 项，up_block_types 有 {up} 项",
    ),
    (
        "{field} has {number} entries, {other} {count}",
        "{field} 有 {number} 项，{other} 有 {count} 项",
    ),
    ("{field} are not all the same", "{field} 的各项不一致"),
    (
        "{field} must be a number or a list of {blocks}",
        "{field} 须为一个数，或有 {blocks} 项的列表",
    ),
    (
        "hidden_size {size} cannot be split into {heads} heads",
        "hidden_size {size} 无法均分给 {heads} 个注意力头",
    ),
    (
        "{channels} channels cannot be split into {heads} heads",
        "{channels} 个通道无法均分给 {heads} 个注意力头",
    ),
    (
        "{channels} channels cannot be split into {groups} groups",
        "{channels} 个通道无法均分为 {groups} 组",
    ),
    // Configs that do not fit each other.
    (
        "its pictures would have {side} pixels a side, {most} are possible",
        "图片的边长将为 {side} 像素，最多可为 {most} 像素",
    ),
    (
        "cross_attention_dim is not {context}, the hidden_size in {found}",
        "cross_attention_dim 应为 {context}，即 hidden_size（{found}）",
    ),
    ("both text encoders together", "两个文本编码器之和"),
    (
        "out_channels is {has}, the latent_channels in {path} are {latent}",
        "out_channels 为 {has}，而 {path} 中的 latent_channels 为 {latent}",
    ),
    (
        "max_position_embeddings is {positions}, the tokenizer's {tokens}",
        "max_position_embeddings 为 {positions}，而分词器的长度为 {tokens}",
    ),
    (
        "vocab_size is {ours}, the tokenizer's {its}",
        "vocab_size 为 {ours}，而分词器的词表大小为 {its}",
    ),
    (
        "addition_embed_type is text_time, but the pipeline is not SDXL's",
        "addition_embed_type 为 text_time，但这不是 SDXL 的管线",
    ),
    (
        "addition_embed_type is not text_time, as SDXL's must be",
        "addition_embed_type 不是 text_time，而 SDXL 须为 text_time",
    ),
    (
        "it is no CLIPTextModelWithProjection, as SDXL's must be",
        "它不是 CLIPTextModelWithProjection，而 SDXL 须为此类型",
    ),
    (
        "projection_class_embeddings_input_dim is {wanted}, text and sizes have {given}",
        "projection_class_embeddings_input_dim 为 {wanted}，而文本与尺寸共有 {given}",
    ),
    // Lists of files.
    ("{name} is no file name", "{name} 不是文件名"),
    ("{name} is no safetensors file beside it", "{name} 不是同一文件夹中的 safetensors 文件"),
    ("it names no files", "其中没有列出文件"),
    (
        "it has {number} bytes, more than any config or vocabulary",
        "它有 {number} 字节，比任何配置或词表都长",
    ),
    // The tokenizer.
    ("tokenizer.json holds another kind of model than BPE", "tokenizer.json 中的模型不是 BPE"),
    ("it has no token {token}", "其中没有标记 {token}"),
    ("the id {id} of {token} is too large", "{token} 的编号 {id} 过大"),
    (
        "the merge of {left} and {right} gives no token of the vocabulary",
        "{left} 与 {right} 合并后不是词表中的标记",
    ),
    ("{line} is not a merge of two pieces", "{line} 不是两个片段的合并"),
    ("special tokens: {detail}", "特殊标记：{detail}"),
    ("CLIP's vocabulary was not given", "没有给出 CLIP 的词表"),
    // Any field. Last: they fit most.
    ("{field} is missing", "缺少 {field}"),
    ("{field} is out of range", "{field} 超出范围"),
    ("{field} has {number} entries", "{field} 不能有 {number} 项"),
    ("{field} is {number}", "{field} 不能是 {number}"),
];
