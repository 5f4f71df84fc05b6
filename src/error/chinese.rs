//! The messages in Chinese. The compiler checks that none is missing and that each text names exactly the
//! parameters of its message (`english.rs`).

use super::checks::fits;
use super::message::{Catalogue, Id};

/// Chinese, as the page shows it.
pub const CHINESE: Catalogue =
    Catalogue { text: chinese, between_sentences: "", sets_latin_apart: true };

/// Gives each message its text.
macro_rules! texts {
    ($($id:ident: $text:literal;)*) => {
        fn chinese(id: Id) -> &'static str {
            match id {
                $(Id::$id => $text),*
            }
        }

        $(const _: () = assert!(
            fits($text, Id::$id.parameters()),
            concat!("the Chinese text of ", stringify!($id), " names other parameters")
        );)*
    };
}

texts! {
    // What happened: one for each kind of error, two for some.
    error_invalid_request: "{field}不能是“{value}”：{reason}。";
    error_missing_file: "{place} 中缺少 {path}。";
    error_page_instead: "{place} 返回的是网页，而不是 {path}。";
    error_invalid_config: "无法读取 {path}：{reason}。";
    error_unsupported: "{path} 要求{what}，暂不支持。";
    error_beyond_cpu: "该模型对此浏览器的 CPU 来说太大：{reason}。";
    error_not_a_checkpoint: "{path} 是{found}。";
    error_corrupt_weights: "{path} 已损坏：{reason}。";
    error_tensor_mismatch: "{path} 与其配置不符：{differences}。";
    error_file_mismatch: "{path} 缺少同类模型应有的张量，或含有其他张量：{differences}。";
    error_tokenizer: "无法构建分词器：{reason}。";
    error_io: "{path}：{reason}。";
    error_network: "无法获取 {url}：{reason}。";
    error_storage: "浏览器无法保存权重：{reason}。";
    error_no_gpu: "此设备无法在 GPU 上运行该模型：{reason}。";
    error_gpu: "GPU 出错：{reason}。";
    error_gpu_lost: "与 GPU 的连接中断。";
    error_gpu_lost_because: "与 GPU 的连接中断：{reason}。";
    error_out_of_memory: "显存不足。";
    error_image: "图片无法{action}：{reason}。";
    error_cancelled: "已停止。";
    error_internal: "发生了意外错误：{reason}。";

    // Why a prompt cannot be used.
    prompt_too_long: "最多只能有 {most} 字节";
    prompt_too_nested: "同时打开的括号超过 {most} 层；仅作符号的括号前请加 \\";
    lora_bad_weight: "LoRA 的权重是带小数点的数字，如 <lora:name:0.8>";
    prompt_bad_weight: "{number} 不是数字；权重写作 (word:1.2)";
    too_long: "太长";
    prompt_many_chunks: "共有 {chunks} 段，最多只能有 {most} 段；请缩短";
    matrix_size: "矩阵最多 {axes} 个轴、{pictures} 张图片";
    matrix_twice: "它有两个轴；请把它的值写在同一个轴上";
    matrix_needs_image: "这些值仅在有起始图片时有意义";
    matrix_needs_mask: "这些值仅在有蒙版时有意义";
    matrix_needs_eta: "当前采样器不使用此参数；支持的采样器：{samplers}";
    matrix_needs_guidance: "仅在引导系数大于 1 时有作用";
    matrix_needs_a1111: "仅在 AUTOMATIC1111 语法中有作用";
    matrix_of_one_size: "起始图片只有一种尺寸；请不用起始图片，或让所有图片尺寸相同";
    matrix_lacks_text: "提示词中没有这段文字；第一个值是要被其余各值替换的文字";
    matrix_texts_apart: "提示词中没有这段文字；各段文字用 | 分隔，而不是逗号";
    matrix_schedule_twice: "它已带有调度；调度另有一个轴";
    matrix_schedules_of: "{sampler} 可用：{schedules}，或 Automatic";
    matrix_sampler_without_schedules: "{sampler} 有自己的噪声水平，只能用 Automatic";
    matrix_of_one_prompt: "矩阵只用一条提示词；请关闭“每行一条提示词”，或把各条提示词设为一个轴";
    no_styles: "它不是样式文件；第一行应为列名，如 name,prompt,negative_prompt";
    no_style: "没有名为 {name} 的样式；现有：{names}";
    choices_too_nested: "选项和通配符嵌套超过 {most} 层；通配符不能引用自己";
    no_wildcard: "通配符中没有每行一个选项的 {name}.txt；请添加该文件，或改正名称";
    many_pictures: "它们共 {pictures} 张图片，一次最多 {most} 张";
    and_needs_guidance: "AND 需要无分类器引导，而此模型没有；请只写一个提示词";

    vectors_of_width: "向量宽度为 {widths} 的嵌入";
    embeddings_that_fit: "请使用为 {model} 制作、向量宽度为 {widths} 的嵌入";
    no_embedding: "不是文本反转嵌入：没有 emb_params、clip_l、clip_g 或以词命名的张量";
    embedding_of_one_vector: "嵌入，1 个向量";
    embedding_of_vectors: "嵌入，{vectors} 个向量";
    several_embeddings: "一个文件中有多个文本反转嵌入";
    embedding_shape: "向量必须是最多 75 行的表";
    give_as_embedding: "请用 --embedding 提供";
    get_embedding: "请获取只含一个词的 .safetensors 嵌入文件";

    // What to do.
    next_missing_file: "请检查模型是否完整，且为 diffusers 格式。";
    next_missing_at_address: "请检查网址；所指内容可能已被移走或删除。模型是含 model_index.json 的 diffusers 文件夹，或一个 .safetensors 文件；LoRA、嵌入和 VAE 是一个 .safetensors 文件。";
    next_page_instead: "请粘贴 diffusers 格式文件夹的网址、.safetensors 文件本身的网址，或 Hugging Face 模型的 owner/name。";
    next_invalid_config: "请重新获取模型的这个文件。";
    next_remedy: "{remedy}。";
    next_corrupt_weights: "请重试以重新下载；若是你自己放置的文件，请更换。";
    next_tensor_not_finite: "这与设置无关：请从发布处重新获取此文件，或选择其他模型。";
    next_tensor_mismatch: "权重与 config.json 须来自同一个模型。";
    next_file_mismatch: "请获取作者发布的原始文件，或 diffusers 格式的模型。";
    next_tokenizer: "请重新获取模型的 tokenizer 文件夹。";
    next_io: "请检查它是否存在、能否访问。";
    next_free_space: "请腾出一些空间，或写到其他磁盘。";
    next_permission: "请检查它的权限，或选择其他位置。";
    next_folder: "请写出其中的文件名。";
    next_system: "这是磁盘或系统的故障；请重试，或使用其他位置。";
    next_network: "请检查网络后重试。";
    next_no_public_model: "请检查拼写。私有模型需要 Hub 令牌（在“选项”中），也可以下载后从磁盘打开。";
    next_gated_model: "请在 huggingface.co 上该模型的页面接受许可，然后保存 Hub 令牌（在“选项”中），或下载后从磁盘打开。";
    next_access_refused: "请在那里登录并下载模型，再从磁盘打开；Hub 上的私有模型请保存 Hub 令牌（在“选项”中）。";
    next_sign_in: "本页面无法在那里登录：请用浏览器登录并下载模型，再从磁盘打开。";
    next_not_permitted: "请检查网址：其中的签名可能已过期。本页面无法在那里登录；若你有权使用该模型，请用浏览器下载后从磁盘打开。";
    next_server_fault: "这不是你的问题：请稍后再试，或从其他地方获取模型。";
    next_answered: "请检查网址后重试。";
    next_wait_so_long: "请等待这段时间后重试。";
    next_other_model: "请选择其他模型。";
    next_revision: "请检查 @ 之后的部分。";
    next_wait: "从这里发出的请求过多；请等几分钟再试。";
    next_storage: "在此之前，每次访问都要重新下载模型。";
    next_no_gpu: "请改用 CPU。";
    next_gpu: "请重新加载页面再试，选择更小的尺寸，或改用 CPU。";
    next_gpu_lost: "请重试；若再次中断，请选择更小的尺寸或改用 CPU。";
    next_out_of_memory: "请选择更小的尺寸，关闭其他使用 GPU 的程序和标签页，或改用 CPU。";
    next_smaller: "请选择更小的尺寸，例如 {width} × {height}，关闭其他使用 GPU 的程序和标签页，或改用 CPU。";
    next_internal: "请向我们反馈。";

    // The fields of a request, as they are named there.
    field_prompt: "提示词";
    field_negative_prompt: "负面提示词";
    field_num_inference_steps: "步数";
    field_guidance_scale: "引导系数";
    field_guidance_rescale: "引导再缩放（φ）";
    field_seed: "随机种子";
    field_scheduler: "采样器";
    field_width: "宽度";
    field_height: "高度";
    field_size: "尺寸";
    field_model: "模型";
    field_vae: "VAE";
    field_device: "设备";
    field_image: "图片";
    field_mask: "蒙版";
    field_strength: "重绘强度";
    field_padding_mask_crop: "蒙版周围的像素";
    field_mask_blur: "蒙版羽化";
    field_clip_skip: "CLIP 跳过层数";
    field_clip_skip_negative: "负面提示词的 CLIP 跳过层数";
    field_grammar: "提示词语法";
    field_emphasis: "权重方式";
    field_eta: "新噪声";
    field_noise: "噪声来源";
    field_start: "起始图片";

    // Values, and which ones can be used.
    empty: "空白";
    byte_count: "{number} 字节";
    pixel_size: "{width} × {height} 像素";
    whole_number_between: "须为 {least} 到 {most} 之间的整数";
    skipped_layers: "略去 {number} 层";
    layers_to_skip: "文本编码器最多可略去 {most} 层";
    number_between: "须为 {least} 到 {most} 之间的数";
    multiple_of: "须为 {step} 的倍数，例如 {example}";
    side_at_most: "最大为 {most}";
    unwise_value: "{field} 为 {value}：{why}";
    guidance_burns: "超过 30 时，图片会过曝成大片刺眼的颜色；常用 5 到 9";
    guidance_negative: "小于 0 时不起作用；常用 5 到 9，1 表示关闭引导";
    strength_changes_nothing: "这么小几乎不会改变什么；常用 0.5 到 0.8";
    seed_choices: "须为 0 到 {most} 的整数，或 random";
    number_above: "须为大于 {least} 且不超过 {most} 的数";
    any_number: "须为一个数";
    any_text: "须为文字";
    any_picture: "须为图片";
    one_of: "请从中选择：{names}";
    from_zero_to_one: "请选择 0 到 1";
    from_one_to: "请选择 1 到 {most}";
    seeds_beyond: "随机种子将超过 {most}";
    device_choices: "须为 cpu 或 wgpu";
    mask_choices: "须为 centre、half 或 strokes";

    // Steps that a scheduler cannot do.
    lcm_steps: "使用 LCM 时请选择 1 到 {most}";
    pndm_steps: "此模型的 PNDM 至少需要 4 步";
    fewer_steps: "请选择小于 {usable} 的步数";
    first_timestep_beyond: "第一个时间步将为 {first}，而训练只有 {train} 个；请减少步数";
    lcm_strength: "LCM 为 {steps} 步时，请至少选择 {least}";
    no_step_left: "只有 1 步，一步也不剩；请提高强度或增加步数";
    no_steps_left: "{steps} 步中一步也不剩；请提高强度或增加步数";

    // Pictures to start from, and their masks.
    nothing_masked: "请涂抹要改变的部分，或选择改变整张图片";
    mask_is_black: "没有要重画的部分；请把要重画的部分涂白";
    mask_is_black_once_cut: "裁切到 {width} × {height} 后没有白色；请把要重画的部分涂白";
    padding_needs_mask: "有蒙版时才能使用";
    pixels_need_bytes: "{width} × {height} 像素应有 {needs} 字节";
    wants_requested_size: "须与所要的尺寸一致：{width} × {height}";
    wants_picture_size: "须与图片的尺寸一致：{width} × {height}";

    // Pictures that cannot be made, read or compared.
    action_made: "生成";
    action_written: "写入";
    action_read: "读取";
    action_fitted: "调整";
    picture_not_finite: "部分像素的值不是数字，而权重都是数字；请换用其他步数或采样器，或减小引导系数";
    picture_not_finite_in_f16: "部分像素的值不是数字，而权重都是数字：数值超出了 16 位的范围；请选择全精度、其他步数或采样器，或减小引导系数";
    picture_channels: "自编码器给出了 {channels} 个通道，应为 3 个";
    values_do_not_fill: "{number} 个值与 {width} × {height} 像素不符";
    bytes_do_not_fill: "{number} 字节与 {width} × {height} 像素不符";
    no_size: "{width} × {height} 像素不是有效的尺寸";
    too_many_pixels: "{width} × {height} 像素过多";
    is_not_size: "它的尺寸不是 {width} × {height}";
    mask_differs: "它有 {width} × {height} 像素，而蒙版有 {across} × {down}";
    tensor_not_finite: "其中张量 {key} 的值不全是数字";
    does_not_fit_its_place: "它与所放位置的尺寸不符";
    part_outside: "所选区域超出了图片";
    part_outside_mask: "所选区域超出了蒙版";
    picture_too_large: "它过大";
    picture_too_large_for_png: "它超出了 PNG 的尺寸上限";
    no_picture: "它不是图片";
    no_known_picture: "它不是 PNG、JPEG 或 WebP；请先转换为其中一种格式";
    picture_cut_off: "文件末尾缺失；请重新获取";
    still_being_read: "仍在读取";
    no_palette: "缺少调色板";
    file_too_short: "文件太短，不足 {width} × {height} 像素";
    text_has_nul: "{keyword} 的文本含有 U+0000";
    pixels_do_not_fill_size: "其像素与尺寸不符";
    too_small_to_compare: "边长不足 7 像素的图片无法比较";
    true_picture_has: "原图为 {width} × {height}";
    mask_covers_nothing: "没有覆盖任何像素";

    // Addresses of models.
    model_name_or_address: "请写 Hub 上的模型名 owner/name，或给出网址";
    only_http: "只支持以 https:// 或 http:// 开头的网址";
    no_address: "这不是网址";
    no_folder_address: "这不是文件夹的网址";
    hub_name: "Hub 上的模型写作 owner/name，其他模型需要网址";
    no_hub_name: "这既不是 Hub 上的 owner/name，也不是网址";
    only_safetensors_of_repository: "owner/name 之后只能写 .safetensors 文件；若是文件夹，请粘贴它的网址";
    no_server: "网址中没有服务器名";
    no_hub_model: "这不是 Hub 上的模型；模型网址以 owner/name 结尾";
    only_safetensors: "单个文件只支持 .safetensors；请给出它，或 diffusers 格式的文件夹";
    password_in_address: "无法获取含用户名和密码的网址；请去掉 @ 之前的部分";
    civitai_address: "Civitai 不允许其他网页读取它的文件；请在那里下载模型，再从磁盘打开文件";
    disk_path: "这是磁盘上的路径，网页不能自行打开；请在那里选择文件或文件夹，或拖放到此处";
    bare_file_name: "这只是文件名；请从磁盘选择它，Hub 上的文件请写 owner/name/文件";
    gguf_address: ".gguf 文件的权重是量化的，暂不支持；请获取 .safetensors 格式的版本";
    pickle_address: "只打开 .safetensors 文件：.ckpt、.pt 和 .bin 文件在读取时可以运行任何程序；请获取 .safetensors 格式的版本，或在 huggingface.co/spaces/safetensors/convert 转换";
    no_model_index: "没有 model_index.json 的仓库，因此不是 diffusers 格式的模型";
    choose_repository_file: "请选择其中一个文件";
    no_repository_file: "其中没有 Hearth 能打开的完整模型；请选择其他仓库";
    file_checkpoint: "完整模型";
    file_lora: "LoRA，模型的附加件";
    file_gguf: "GGUF，已量化：不支持";
    file_other_weights: "不是 .safetensors：不打开";
    file_part: "模型的一部分";
    no_safetensors_chosen: "其中没有 .safetensors 文件；请选择一个，或选择 diffusers 格式的文件夹";
    choice_of_files: "所选文件";
    address_without_file: "{address}";
    address_of_page: "{address}";
    choose_one_file: "其中有多个模型：{names}；请选择一个";
    chosen_files: "所选文件";

    // Downloads.
    try_again_in: "{reason}，并要求 {minutes} 分钟后再试";
    server_unreachable: "无法连接其服务器，或服务器不允许其他网页读取（CORS）";
    hub_unreachable: "无法连接 huggingface.co；若它被屏蔽，可试其镜像：{address}";
    no_public_model: "没有这个名称的公开模型";
    no_such_revision: "没有这个分支、标签或提交";
    gated_model: "须先接受它的许可";
    model_disabled: "它在 Hub 上已被停用";
    access_refused: "服务器拒绝访问（{status}）";
    sign_in_needed: "服务器要求登录（{status}）";
    not_permitted: "服务器不允许访问（{status}）";
    server_fault: "服务器出现故障（{status}）";
    legally_withheld: "因法律原因，服务器不能提供它";
    too_many_requests: "服务器返回 {status}";
    server_answered: "服务器返回 {status}";
    server_silent: "服务器没有响应";
    length_unknown: "服务器没有给出文件长度";
    another_part_sent: "服务器发来的是另一部分";
    part_not_sent: "服务器无法发送这一部分";
    version_keeps_changing: "服务器上的版本反复变化";
    connection_silent: "连接中断，没有数据";
    connection_ended: "连接提前结束";
    changed_meanwhile: "下载期间文件发生了变化";
    longer_than_any_config: "它比任何配置或词表都长";
    ends_at_byte: "文件在第 {end} 字节处结束，不到第 {byte} 字节";
    no_reason_given: "浏览器没有说明原因";

    // The browser's databases.
    store_closed: "{reason}；请退出无痕浏览，或腾出一些磁盘空间";
    store_full: "空间不足；请腾出一些磁盘空间";
    store_newer: "本页的更新版本已在此保存过模型；请重新加载页面";
    database_in_use: "另一个标签页正在使用其数据库";
    database_silent: "其数据库没有响应";
    no_database: "此处没有 IndexedDB";
    write_given_up: "它放弃了一次数据库写入";
    chunk_not_storable: "有一段数据无法写入";

    // Devices, and what a model needs there.
    no_secure_context: "WebGPU 要求页面来自 https:// 或 localhost";
    no_webgpu: "此浏览器不支持 WebGPU";
    webgpu_incomplete: "此浏览器的 WebGPU 不完整";
    no_adapter: "没有找到可用的显卡";
    lacks_feature: "其 WebGPU 缺少 {feature} 功能";
    limit_too_low: "其 {limit} 为 {has}，引擎需要 {needs}";
    tensor_too_large: "权重中有一个张量为 {needs}，而此处的缓冲区最多 {has}；请换用其他设备";
    buffer_too_large: "此尺寸需要 {needs} 的缓冲区，而此处最多 {has}；{remedy}";
    memory_too_small: "需要 {needs} 内存，而只有 {has}；{remedy}";
    size_fits: "可用 {width} × {height} 像素";
    other_device: "请换用其他设备";
    other_device_or_model: "请换用其他设备或更小的模型";

    // A model's card.
    text_encoder: "文本编码器";
    second_text_encoder: "第二文本编码器";
    unet: "UNet";
    autoencoder: "自编码器";
    autoencoder_vae: "自编码器（VAE）";
    term_where: "位置";
    term_kind: "类型";
    term_layout: "格式";
    term_text_encoder: "文本编码器";
    term_second_text_encoder: "第二文本编码器";
    term_unet: "UNet";
    term_vae: "VAE";
    term_together: "合计";
    term_scheduler: "采样器";
    term_own_size: "默认尺寸";
    term_on_gpu: "在 GPU 上";
    single_file: "单个文件";
    diffusers_folder: "diffusers 格式的文件夹";
    for_inpainting: "{kind}，局部重绘";
    distilled_from_guidance: "{family}，引导蒸馏";
    network_figures: "{millions} M 参数，{dtypes}，{amount}；{about}";
    model_figures: "{millions} M 参数，{amount}";
    clip_layers: "CLIP，{layers} 层，宽度 {size}";
    from_other_place: "{name}：{what}";
    vae_channels: "{class}，{channels} 通道，缩小到 1/{factor}";
    unet_channels: "{channels} 通道";
    scheduler_and_prediction: "{scheduler}；UNet 预测{prediction}";
    noise: "噪声";
    velocity: "速度";
    gpu_memory: "权重 {weights}，此尺寸另需约 {beside}；缓冲区 {buffers}";
    takes_its_place: "将由 {name} 代替";

    // Settings in a picture's file that were not taken over.
    lost_setting: "{name}（{reason}）";
    setting: "{name}：{value}";
    settings_of_program: "{program} 的设置（不支持读取）";
    noise_of_steps: "每一步的噪声（{program} 有自己的取法）";
    second_pass: "在另一次结果上继续的 {node}";
    weights_in_brackets: "括号中的权重，如 {example}";
    no_json_object: "它不是 JSON 对象";
    another_version: "它来自其他版本";
    too_many_bytes: "它有 {number} 字节";
    setting_steps: "步数";
    setting_cfg_scale: "引导系数";
    setting_seed: "随机种子";
    setting_size: "尺寸";
    setting_sampler: "采样器";
    setting_schedule_type: "调度类型";
    setting_denoising_strength: "重绘强度";
    setting_masked_area_padding: "蒙版周围的像素";
    setting_mask_blur: "蒙版羽化";
    setting_clip_skip: "CLIP 跳过层数";
    setting_eta: "新噪声";
    setting_eta_ddim: "新噪声";
    setting_hires_upscale: "高分辨率修复的放大倍数";
    setting_hires_resize: "高分辨率修复的尺寸";
    setting_variation_seed: "变异种子";
    setting_refiner: "Refiner 模型";
    setting_face_restoration: "面部修复";
    setting_tiling: "平铺";
    setting_hypernet: "超网络";
    setting_lora_hashes: "LoRA";
    setting_image_cfg_scale: "图片引导系数";

    // Files that are no checkpoint.
    pickle: "pickle 文件，读取时可能运行任意程序，因此不会打开";
    get_converted: "请获取 .safetensors 格式的版本；Hub 可在 huggingface.co/spaces/safetensors/convert 转换仓库";
    get_safetensors: "请获取 .safetensors 格式的版本";
    gguf: "GGUF 文件，其权重经过量化";
    onnx: "ONNX 网络，而不是权重";
    hdf5: "Keras 或 TensorFlow 的网络";
    not_found_weights: "不是 safetensors 文件，而是服务器返回的“未找到文件”";
    not_found_answer: "服务器返回的“未找到文件”，不是该文件";
    lfs_pointer: "git 代替文件保存的指针";
    fetch_file_itself: "请用 `git lfs pull` 或在仓库页面获取文件本身";
    web_page: "网页，而不是权重文件";
    give_file_address: "请给出文件本身的网址；Hub 的文件网址以 huggingface.co/OWNER/NAME/resolve/ 开头";
    json: "JSON，而不是权重文件";
    give_its_folder: "请给出它所在的文件夹，或 .safetensors 文件";
    picture: "图片，而不是权重文件";
    archive: "压缩包";
    unpack_it: "请解压，并给出其中的 .safetensors 文件";
    empty_file: "空文件";
    fetch_again: "请重新获取";
    unknown_file: "无法识别的文件，不是 safetensors 文件";
    no_tensors: "不含任何张量的 safetensors 文件";
    unusable_checkpoint: "无法使用的模型";
    what_is_wrong_above: "问题见上文";

    // Safetensors files that are something else.
    lora: "LoRA，用于修改模型，本身不是完整模型";
    controlnet: "ControlNet，用于控制模型，本身不是完整模型";
    adapter: "适配器，用于控制模型，本身不是完整模型";
    adapter_for_base: "适用于 {base} 的附加模型（LoRA），与当前模型不匹配";
    adapter_without_layers: "附加模型（LoRA），但当前模型中没有它要修改的层";
    adapter_kind: "{kind} 类型的附加模型";
    no_lora: "不是 LoRA";
    adapter_part_does_not_fit: "{key} 与所在的层不匹配，或缺少配套的张量";
    take_adapter_for_model: "请选择为同一基础模型训练的 LoRA";
    adapter_of_rank: "{kind}，秩 {rank}";
    adapter_of_ranks: "{kind}，秩 {least} 至 {most}";
    adapter_summary: "{name}（{kind}）：UNet 权重 {unet}，文本编码器权重 {text}";
    adapter_not_given: "提示词提到的 LoRA {name} 未通过 --lora 提供，生成时不使用";
    network_not_applied: "未应用：{what}";
    adapter_keys_left_out: "{name}：有 {count} 个张量不属于当前模型的任何层，未使用：{first}";
    several_adapters: "包含 {count} 个文件的仓库，无法确定要用哪一个";
    add_one_of: "请指定其中一个：{files}";
    take_lora: "请选择包含 LoRA、LoHa、LoKr 或 DoRA 的 .safetensors 文件";
    several_vaes: "包含 {count} 个文件的仓库，无法确定哪一个是 VAE";
    no_vae: "不是自编码器（VAE）";
    take_vae: "请选择 Stable Diffusion 1.x、2.x 或 XL 的 VAE：一个 .safetensors 文件、diffusers 格式的文件夹，或完整模型（取其中的 VAE）";
    vae_latent_channels: "自编码器（VAE），其潜变量有 {found} 个通道，而此模型有 {wanted} 个";
    vae_of_architecture: "{architecture} 模型，其中的自编码器（VAE）不适合此模型";
    take_vae_for: "请选择为 {model} 制作的 VAE";
    textual_inversion: "文本反转嵌入（textual inversion），本身不是完整模型";
    video_model: "视频模型";
    quantised_checkpoint: "权重经过量化的模型";
    upscaler: "图片放大模型";
    t5_text_encoder: "T5 文本编码器";
    language_model: "语言模型";
    unet_alone: "单独的 UNet，没有自编码器和文本编码器";
    tiny_autoencoder_alone: "单独的小型自编码器";
    image_encoder: "图像编码器";
    text_encoder_alone: "单独的文本编码器，没有 UNet 和自编码器";
    vae_alone: "单独的自编码器（VAE），没有 UNet 和文本编码器";
    diffusion_transformer: "扩散 Transformer 模型，例如 Stable Diffusion 3 或 Flux";
    sdxl_refiner: "Stable Diffusion XL 的 refiner，用于完成 base 模型的画面";
    no_stable_diffusion: "其他模型，而不是 Stable Diffusion（其中含有 {name}）";
    families_that_work: "支持 Stable Diffusion 1.x、2.x 和 XL 模型";
    files_that_work: "Hearth 能打开完整的 Stable Diffusion 1.x、2.x 和 XL 模型：一个 .safetensors 文件，或 diffusers 格式的文件夹";
    playground_2_5: "Playground 2.5，其潜变量和噪声的缩放方式不同";
    continuous_noise: "使用连续噪声级别的模型，例如 CosXL";
    stable_diffusion_3: "Stable Diffusion 3";
    stable_cascade: "Stable Cascade";
    chroma: "Chroma";
    flux_2: "Flux 2 或 3";
    flux: "Flux";
    hidream: "HiDream";
    auraflow: "AuraFlow";
    lumina: "Lumina 或 Z-Image";
    pixart: "PixArt 或 Sana";
    cosmos: "Cosmos";
    sd_upscaler: "Stable Diffusion 的放大模型，用于放大图片";
    unclip: "Stable unCLIP，以图片代替提示词";
    other_prompt_width: "另一种潜在扩散模型：其提示词的特征数为 {context}";
    reads_no_prompt: "另一种潜在扩散模型：不读取提示词";
    reads_depth: "除提示词外还读取深度图的 {architecture} 模型";
    instruct_pix2pix: "InstructPix2Pix 的 {architecture} 模型，用于编辑图片";
    unet_input_channels: "{architecture} 模型，但其 UNet 有 {channels} 个通道，应为 4 或 9 个";
    no_first_convolution: "{architecture} 模型，但缺少第一个卷积层";
    without_networks: "{architecture} 模型，但缺少{networks}";
    and_its: "{first}和{second}";

    // Damaged files.
    wrong_digest: "其 SHA-256 为 {found}，应为 {wanted}";
    wrong_length: "它有 {has} 字节，应为 {needs} 字节";
    only_bytes: "它只有 {number} 字节";
    header_too_long: "文件头声称占 {header} 字节，而文件共 {number} 字节";
    header_no_index: "文件头不是索引：{detail}";
    ends_before: "它在第 {byte} 字节之前就结束了";
    copy_and_server_damaged: "浏览器保存的副本已损坏，服务器重新发来的也是坏的";
    copy_damaged_server_changed: "浏览器保存的副本已损坏，而服务器上的文件已经更换";
    length_field_incomplete: "其长度字段不完整";
    is_there_twice: "{name} 出现了两次";
    has_shape: "{name} 的形状为 {shape}";
    tensors_missing: "缺少 {number} 个（{names}）";
    tensors_unexpected: "多出 {number} 个（{names}）";
    tensors_wrong_shape: "形状不符 {number} 个（{names}）";
    shape_differs: "{name}：应为 {expected}，实为 {found}";
    listed: "{first}；{rest}";
    joined: "{first}，{rest}";

    // What a checkpoint asks for and is not done.
    aesthetic_score: "美学评分（requires_aesthetics_score）";
    take_base_model: "请改用 base 模型，而不是它的 refiner";
    autoencoder_kind: "{kind} 类型的自编码器";
    autoencoders_that_work: "支持 AutoencoderKL 和 AutoencoderTiny";
    unets_that_work: "支持 {latent} 通道的 UNet，局部重绘模型则为 {inpainting} 通道";
    number_type: "{name} 的数值类型 {kind}";
    save_in_floats: "请将模型另存为 f32、f16 或 bf16";
    pipeline_kind: "{kind} 管线";
    other_scheduler_or_checkpoint: "请选择其他采样器或模型";
    field_may_be: "请选择其他采样器或模型；{field} 可以是 {choices}";
    solver_order_may_be: "请选择其他采样器；solver_order 可以是 1 或 2";
    other_checkpoint: "请选择其他模型";
    needs_flow_model: "它仅适用于以流匹配训练的模型；请选择其他采样器";
    needs_flow_sampler: "请选择 flow-match-euler 或 flow-match-heun：此模型以流匹配训练";
    choose_scheduler: "请选择采样器：{names}";
    epsilon_without_signal: "prediction_type 为 epsilon 且启用 rescale_betas_zero_snr";

    // Configs that make no sense.
    field_missing: "缺少 {field}";
    out_of_range: "{field} 超出范围";
    either_out_of_range: "{first} 或 {second} 超出范围";
    any_out_of_range: "{first}、{second} 或 {third} 超出范围";
    field_is: "{field} 不能是 {number}";
    entry_count: "{field} 不能有 {number} 项";
    entry_counts_differ: "{field} 有 {number} 项，{other} 有 {count} 项";
    block_counts_differ: "block_out_channels 有 {blocks} 项，down_block_types 有 {down} 项，up_block_types 有 {up} 项";
    not_all_the_same: "{field} 的各项不一致";
    number_or_list: "{field} 须为一个数，或有 {blocks} 项的列表";
    kernels_must_be_odd: "conv_in_kernel 和 conv_out_kernel 须为奇数";
    added_conditions: "addition_time_embed_dim 为 {each}，projection_class_embeddings_input_dim 为 {all}，超出范围";
    hidden_size_split: "hidden_size {size} 无法均分给 {heads} 个注意力头";
    channels_split_into_heads: "{channels} 个通道无法均分给 {heads} 个注意力头";
    channels_split_into_groups: "{channels} 个通道无法均分为 {groups} 组";
    beta_out_of_range: "有一个 beta 为 {beta}；所有 beta 都须在 0 到 1 之间";
    trained_betas_count: "trained_betas 有 {has} 个值，应为 {number} 个";
    no_timestep_left: "按 lambda_min_clipped 截断后没有剩余的时间步";
    one_sigma_curve: "use_karras_sigmas、use_exponential_sigmas 和 use_beta_sigmas 只能有一个为 true";

    // Configs that do not fit each other.
    pictures_too_large: "图片的边长将为 {side} 像素，最多可为 {most} 像素";
    cross_attention_differs: "cross_attention_dim 应为 {context}，即 hidden_size（{place}）";
    both_text_encoders: "两个文本编码器之和";
    out_channels_differ: "out_channels 为 {has}，而 {path} 中的 latent_channels 为 {latent}";
    positions_differ: "max_position_embeddings 为 {positions}，而分词器的长度为 {tokens}";
    vocabularies_differ: "vocab_size 为 {ours}，而分词器的词表大小为 {tokens}";
    text_time_without_sdxl: "addition_embed_type 为 text_time，但这不是 SDXL 的管线";
    sdxl_without_text_time: "addition_embed_type 不是 text_time，而 SDXL 须为 text_time";
    no_projection: "它不是 CLIPTextModelWithProjection，而 SDXL 须为此类型";
    projection_differs: "projection_class_embeddings_input_dim 为 {wanted}，而文本与尺寸共有 {given}";

    // Lists of files, and the tokenizer.
    no_file_name: "{name} 不是文件名";
    no_safetensors_beside: "{name} 不是同一文件夹中的 safetensors 文件";
    names_no_files: "其中没有列出文件";
    more_than_any_config: "它有 {number} 字节，比任何配置或词表都长";
    no_bpe: "tokenizer.json 中的模型不是 BPE";
    no_token: "其中没有标记 {token}";
    token_id_too_large: "{token} 的编号 {id} 过大";
    merge_gives_no_token: "{left} 与 {right} 合并后不是词表中的标记";
    no_merge: "{line} 不是两个片段的合并";
    special_tokens: "特殊标记：{detail}";

    // Files of the terminal's.
    no_space_left: "磁盘空间不足";
    access_denied: "系统不允许";
    is_a_folder: "它是文件夹，不是文件";
    system_fault: "{detail}";
    only_png: "只写 PNG 文件，它也保存设置；请命名为 {name}";
    one_picture_to_stdout: "标准输出只能写一张图片";
    stdout_is_terminal: "标准输出是终端；请转到文件或其他程序，例如 `--output - > picture.png`";
    on_the_hub: "没有这个文件或文件夹。终端打开磁盘上的模型；请先下载：{command}";
    on_the_web: "它是网址。终端打开磁盘上的模型；请先下载：{command}";
    on_civitai: "它是网址。终端打开磁盘上的模型；请先用浏览器从 Civitai 下载";
    no_prompt_in_it: "其中没有提示词；请每行写一条";
    no_utf8: "它不是 UTF-8 文本";
    no_such_place: "没有这个文件或文件夹";
    no_such_folder: "没有可写入的文件夹";
    no_png_in_it: "其中没有 PNG、JPEG 或 WebP";
    in_file: "{path}：{reason}";
}
