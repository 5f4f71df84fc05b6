//! Texts of the page in every language.
//!
//! A line without parameters can be used in index.html: `data-word="name"` on the element whose
//! text it is, or `data-word-title`, `data-word-placeholder`, `data-word-aria-label`, … for an
//! attribute. The compiler checks that the texts of a line use its parameters and no others.

use std::fmt::Display;

use super::declare::{line, table};
use crate::error::checks::{fits, hash};

table! {
    // Head and header.
    page_title(): "Hearth – pictures from words, in this tab", "Hearth：文字变图片，就在这个标签页";
    page_description(): "Stable Diffusion in a browser tab. Describe a picture and your own device paints it: no account, no server, nothing leaves the page.", "浏览器标签页里的 Stable Diffusion。描述画面，由你自己的设备来画：无需账号，没有服务器，内容不会离开本页。";
    title_with(progress, title): "{progress} · {title}", "{progress} · {title}";
    tagline(): "Pictures from words, painted by your own device.", "文字变图片，由你自己的设备来画。";
    model_word(): "Model", "模型";
    language_word(): "Language", "语言";

    // The form.
    prompt_label(): "What should the picture show?", "想画什么？（提示词）";
    prompt_placeholder(): "Describe the picture in a few words", "用英文简短描述画面（模型大多只懂英文）";
    prompt_token(): "1 token", "1 个词元";
    prompt_tokens(count): "{count} tokens", "{count} 个词元";
    prompt_chunk(word): "new chunk at “{word}”", "新的一段自“{word}”起";
    prompt_texts(count): "{count} texts over the steps", "各步共 {count} 种文字";
    prompt_weight(text, weight): "{text} × {weight}", "{text} × {weight}";
    prompt_part(weight, part): "{weight} × ({part})", "{weight} ×（{part}）";
    prompt_network(name): "{name}, not applied", "{name}，未应用";
    prompt_lora(name): "LoRA {name}", "LoRA {name}";
    prompt_lora_not_open(name): "LoRA {name}, not open: add it under LoRA and embeddings", "LoRA {name} 未打开：请在“LoRA 与嵌入”中添加";
    prompt_lora_is_text(name): "<lora:{name}> is text here", "<lora:{name}> 在此只是文字";
    prompt_weight_is_text(text, weight): "{text} is text; a weight is written as {weight}", "{text} 只是文字；权重写作 {weight}";
    prompt_choices_are_text(choices, wildcard): "{choices} and {wildcard} are text: drawing is off", "{choices} 与 {wildcard} 只是文字：未开启选取";
    prompt_embedding(name): "embedding {name}", "嵌入 {name}";
    prompt_cut_off(text): "cut off: {text}", "被截断：{text}";
    prompt_unused_weight(number): "“:{number}” is text", "“:{number}”只是文字";
    examples_label(): "Example prompts", "示例提示词";
    examples_try(): "Try", "试试";
    shape_label(): "Shape", "画幅";
    shape_square(): "Square", "方形";
    shape_portrait(): "Portrait", "竖幅";
    shape_landscape(): "Landscape", "横幅";
    seed_label(): "Seed", "随机种子";
    seed_placeholder(): "random", "随机";
    seed_roll(): "New random seed", "换一个随机种子";
    seed_roll_title(): "A new random seed", "换一个随机种子";
    seed_keep(): "Keep for the next picture", "下一张继续使用";
    more_settings(): "More settings", "更多设置";
    negative_label(): "What should it not show?", "不想画什么？（负面提示词）";
    steps_label(): "Steps", "步数";
    steps_slider(): "Steps, as a slider", "步数滑块";
    steps_hint(): "More steps: finer, slower.", "步数越多越精细，也越慢。";
    guidance_label(): "Guidance", "引导系数（CFG）";
    guidance_slider(): "Guidance, as a slider", "引导系数滑块";
    guidance_hint(): "How closely to follow the words; 1 or less turns it off.", "越大越贴近提示词；1 及以下为关闭。";
    guidance_rescale_label(): "Guidance rescale", "引导再缩放（φ）";
    guidance_rescale_hint(): "How much of the contrast that guidance adds is taken back: 0 nothing, 1 all. Models of the NoobAI kind want 0.7.", "收回引导所增加的对比度的比例：0 为不收回，1 为全部。NoobAI 一类模型适合 0.7。";
    clip_skip_label(): "Clip skip", "CLIP 跳过层（Clip skip）";
    clip_skip_hint(): "Counts as AUTOMATIC1111: 1 uses all layers that read the prompt, 2 leaves out the last, which some models, mostly for drawings, want.", "计数与 AUTOMATIC1111 相同：1 使用读取提示词的全部层，2 略去最后一层，有些模型（多为动漫类）适合 2。";
    clip_skip_negative_label(): "Clip skip for the negative prompt", "负面提示词的 CLIP 跳过层（Clip skip）";
    clip_skip_negative_hint(): "As above, for what the picture should not show. AUTOMATIC1111 takes one number for both.", "同上，用于负面提示词。AUTOMATIC1111 对两者使用同一数值。";
    grammar_label(): "Signs in the prompt", "提示词语法";
    grammar_hint(): "Which program’s rules brackets, weights such as (word:1.2) and BREAK follow.", "括号、(word:1.2) 之类的权重和 BREAK 按哪个程序的规则理解。";
    grammar_a1111(): "AUTOMATIC1111", "AUTOMATIC1111";
    grammar_comfy(): "ComfyUI", "ComfyUI";
    grammar_plain(): "None: plain text", "无：按原文";
    emphasis_label(): "Weights of words", "权重方式";
    emphasis_hint(): "What weights of words do to the rest of the prompt.", "词语权重对提示词其余部分的影响。";
    emphasis_original(): "Mean kept", "保持均值";
    emphasis_no_norm(): "Mean may change", "不保持均值";
    emphasis_ignore(): "Weights ignored", "忽略权重";
    emphasis_none(): "Brackets are text", "括号只是文字";
    eta_label(): "Fresh noise (eta)", "新噪声（η）";
    eta_hint(): "How much new noise each step adds: 0 none, 1 the most. Only the samplers DDIM and TCD use it.", "每一步加入多少新噪声：0 为不加，1 为最多。仅 DDIM 和 TCD 采样器使用。";
    noise_label(): "Source of the noise", "噪声来源";
    noise_hint(): "Other programs draw other noise from the same seed.", "同一随机种子在其他程序中会得到不同的噪声。";
    noise_cpu(): "PyTorch, CPU", "PyTorch，CPU";
    noise_brownian(): "PyTorch, SDE path", "PyTorch，SDE 路径";
    noise_nv(): "NVIDIA cards", "NVIDIA 显卡";
    noise_own(): "The sampler’s own", "采样器自带";
    sampler_label(): "Sampler", "采样器";
    schedule_label(): "Noise schedule", "噪声调度";
    schedule_own(): "As the model says", "按模型设定";
    samplers_usual(): "Usual", "常用";
    samplers_further(): "More", "更多";
    scheduler_own(): "The model’s own", "模型自带";
    scheduler_of_model(name): "{name} (the model’s own)", "{name}（模型自带）";
    size_label(): "Size in pixels", "尺寸（像素）";
    width_label(): "Width in pixels", "宽度（像素）";
    height_label(): "Height in pixels", "高度（像素）";
    generate(): "Generate", "生成";
    cancel(): "Cancel", "取消";
    keys_generate(): "generates,", "生成，";
    keys_cancel(): "cancels", "取消";

    // Field names in error messages.
    field_prompt(): "The prompt", "提示词";
    field_negative_prompt(): "The negative prompt", "负面提示词";
    field_steps(): "Steps", "步数";
    field_guidance(): "Guidance", "引导系数";
    field_seed(): "The seed", "随机种子";
    field_scheduler(): "The sampler", "采样器";
    field_pictures(): "Pictures", "图片数";
    field_width(): "Width", "宽度";
    field_height(): "Height", "高度";
    field_is(field, value, reason): "{field} is {value}: {reason}.", "{field}不能是“{value}”：{reason}。";
    sentence(text): "{text}.", "{text}。";

    // The status line.
    starting(): "Starting…", "正在启动……";
    starting_engine(): "Starting the engine…", "正在启动引擎……";
    starting_engine_at(percent): "Starting the engine… {percent} %", "正在启动引擎……{percent}%";
    starting_engine_left(percent, left): "Starting the engine… {percent} % · {left} left", "正在启动引擎……{percent}% · 还需 {left}";
    preparing(): "Preparing…", "正在准备……";
    preparing_device(): "Looking at the device…", "正在检查设备……";
    preparing_settings(): "Reading the model’s settings…", "正在读取模型配置……";
    preparing_gpu(): "Preparing the GPU…", "正在准备 GPU……";
    preparing_model_part(percent): "Loading the model onto the device… {percent} %", "正在把模型载入设备……{percent}%";
    preparing_model(): "Loading the model onto the device…", "正在把模型载入设备……";
    preparing_adapters(percent): "Applying LoRA… {percent} %", "正在应用 LoRA……{percent}%";
    preparing_previews(): "Loading the autoencoder for previews…", "正在载入预览用的自编码器……";
    preparing_part(part): "Loading the {part}…", "正在载入{part}……";
    downloading(amount): "Downloading {amount}", "正在下载 {amount}";
    downloading_at(amount, rate, left): "Downloading {amount} · {rate} MB/s · {left} left", "正在下载 {amount} · {rate} MB/s · 还需 {left}";
    loading_kept(amount): "Loading {amount} kept by this browser", "正在载入此浏览器保存的 {amount}";
    loading_elsewhere(amount): "Another tab is downloading this model: {amount}", "另一个标签页正在下载此模型：{amount}";
    loading_disk(amount): "Loading {amount} from your disk", "正在从磁盘载入 {amount}";
    waiting_elsewhere(): "Another tab is downloading this model; it is used here once the download is done…", "另一个标签页正在下载此模型；下载完成后这里即可使用……";
    part_of(part, whole): "{part} of {whole}", "{part} / {whole}";
    then_picture(status): "{status} · then your picture begins", "{status} · 随后开始作画";
    picture_waits(): "Your picture begins as soon as the model is ready.", "模型就绪后立即开始作画。";
    picture_waits_for_image(): "Your picture begins as soon as the chosen picture has been read.", "所选图片读取完毕后立即开始作画。";
    still_loading(): "The model is still loading.", "模型仍在载入。";
    ready(): "Ready.", "就绪。";
    model_large(): "This model is a large download. Look at it under Model.", "此模型需要下载大量数据，请在“模型”面板中查看。";
    download_stopped(): "Stopped; what has arrived is kept, continue any time.", "已停止；已下载的部分会保留，可随时继续。";
    not_loaded(): "The model is not loaded.", "模型未载入。";
    engine_not_running(): "The engine is not running.", "引擎未运行。";
    step_of(done, total): "Step {done} of {total}", "第 {done} 步，共 {total} 步";
    step_left(step, left): "{step} · {left} left", "{step} · 还需 {left}";
    decoding(): "Decoding…", "正在解码……";
    decoding_of(done, total): "Decoding… {done} of {total}", "正在解码……{done} / {total}";
    done_in(time): "Done in {time}.", "完成，用时 {time}。";
    stopping(): "Stopping… If it takes long, press Cancel again to stop at once.", "正在停止……若时间太长，再按一次“取消”可立即停止。";
    stopped(): "Stopped.", "已停止。";
    settings_back(): "Settings loaded from this picture.", "已载入这张图片的设置。";
    settings_of_text(): "Settings loaded from this text.", "已载入这段文字中的设置。";
    settings_undone(): "Undone: the settings are as they were before.", "已撤销，设置已恢复原状。";
    no_picture(): "The picture could not be made.", "未能生成图片。";
    correct_field(): "Please correct the marked field.", "请更正标出的项目。";
    stop(): "Stop", "停止";
    stop_download(): "Stop the download", "停止下载";

    // Amounts and times.
    seconds(number): "{number} s", "{number} 秒";
    minutes(number): "{number} min", "{number} 分钟";
    hours(number): "{number} h", "{number} 小时";
    minutes_seconds(minutes, seconds): "{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒";
    today(): "today", "今天";
    yesterday(): "yesterday", "昨天";
    days_ago(number): "{number} days ago", "{number} 天前";
    months_ago(number): "{number} months ago", "{number} 个月前";

    // Messages.
    messages(): "Messages", "消息";
    dismiss(): "Dismiss this message", "关闭此消息";
    show_adapters(): "Show LoRA and embeddings", "查看 LoRA 与嵌入";
    use_cpu(): "Use the CPU", "改用 CPU";
    use_gpu(): "Use the GPU", "改用 GPU";
    try_gpu(): "Try the GPU again", "再试一次 GPU";
    cpu_instead(reason): "The CPU is used, which takes longer: {reason}.", "现使用 CPU，速度较慢：{reason}。";
    no_such_device(device): "“{device}” in the page’s address is not a device, so the GPU is used. Write ?device=cpu or ?device=webgpu.", "网址中的“{device}”不是有效的设备，因此使用 GPU。请写 ?device=cpu 或 ?device=webgpu。";
    own_instead(value, reason): "The model is {value}: {reason}. Hearth’s own model is used instead.", "模型“{value}”不可用：{reason}。现改用 Hearth 自带模型。";
    prompt_too_long(lost): "The prompt is longer than the model reads. This part has no effect: “{lost}”", "提示词超出了模型能读取的长度，以下部分不起作用：“{lost}”";
    negative_prompt_too_long(lost): "The negative prompt is longer than the model reads. This part has no effect: “{lost}”", "负面提示词超出了模型能读取的长度，以下部分不起作用：“{lost}”";
    adapter_not_open(name): "The LoRA {name} is not open for this model: the picture is made without it. Add it under LoRA and embeddings.", "当前模型未打开 LoRA {name}，生成时不使用。请在“LoRA 与嵌入”中添加。";
    network_not_applied(what): "Not applied: {what}.", "未应用：{what}。";
    no_tiny_autoencoder(problem): "Previews are made without the tiny autoencoder: {problem}", "预览未使用小型自编码器：{problem}";
    engine_gone_loading(detail): "The engine stopped while it loaded the model{detail}, probably for lack of memory. Close other tabs and press Generate to try again, or use a smaller model.", "引擎在载入模型时停止了{detail}，可能是内存不足。请关闭其他标签页，再按“生成”重试，或改用更小的模型。";
    engine_gone(detail): "The engine stopped unexpectedly{detail}. Press Generate to start it again; if it stops again, choose a smaller size.", "引擎意外停止{detail}。按“生成”可重新启动；若再次停止，请选择更小的尺寸。";
    engine_no_start(detail): "The engine’s program could not be started{detail}. Check the connection, then press Generate to try again; the browser must be able to run WebAssembly.", "引擎程序无法启动{detail}。请检查网络，再按“生成”重试；浏览器须能运行 WebAssembly。";
    in_brackets(text): " ({text})", "（{text}）";

    // The image and its parameters.
    picture_section(): "Picture", "图片";
    picture_none(): "No picture yet", "还没有图片";
    picture_empty(): "Your picture appears here.", "图片会显示在这里。";
    picture_so_far(): "The picture so far", "目前的画面";
    picture_of(prompt): "Picture: {prompt}", "图片：{prompt}";
    recipe(): "Recipe of this picture", "这张图片的参数";
    recipe_prompt(): "Prompt", "提示词";
    recipe_no_prompt(): "No prompt", "无提示词";
    recipe_negative_prompt(): "Without", "负面提示词";
    recipe_strength(): "Strength", "重绘强度";
    recipe_mask(): "Mask", "蒙版";
    recipe_mask_only(): "only where painted", "仅涂抹处";
    recipe_padding(): "Surroundings", "蒙版周围";
    recipe_mask_blur(): "Soft edge", "羽化";
    recipe_seed(): "Seed", "随机种子";
    recipe_steps(): "Steps", "步数";
    recipe_guidance(): "Guidance", "引导系数";
    recipe_scheduler(): "Sampler", "采样器";
    recipe_size(): "Size", "尺寸";
    recipe_time(): "Time", "用时";
    recipe_model(): "Model", "模型";
    recipe_vae(): "VAE", "VAE";
    recipe_device(): "Device", "设备";
    save(): "Save as PNG", "保存为 PNG";
    earlier(): "Earlier pictures", "以前的图片";
    earlier_hint(): "Select one to look at it.", "点选一张即可查看。";
    earlier_hint_keys(): "Press Delete to remove it.", "按 Delete 键可将其移除。";
    earlier_name(prompt, seed): "{prompt} (seed {seed})", "{prompt}（随机种子 {seed}）";

    // The model panel.
    panel_none_yet(): "No model is loaded yet.", "尚未载入模型。";
    panel_none(): "No model is loaded.", "未载入模型。";
    panel_opening(name): "Loading: {name}", "正在载入：{name}";
    panel_in_use(name): "In use: {name}", "使用中：{name}";
    panel_takes(heap): "It takes {heap} of the program’s own.", "占用程序内存 {heap}。";
    panel_takes_gpu(gpu, heap): "It takes {gpu} of the GPU’s memory and {heap} of the program’s own.", "占用显存 {gpu}，程序内存 {heap}。";
    panel_busy(): "A picture is being made. Wait for it or cancel it, then choose again.", "正在作画。请等它完成或取消后再选择。";
    panel_no_model_in_it(): "There is no model in it. Choose a .safetensors file, or a folder in diffusers layout with model_index.json.", "其中没有模型。请选择 .safetensors 文件，或含有 model_index.json 的 diffusers 格式文件夹。";
    close(): "Close", "关闭";
    address_label(): "Hugging Face repository or address", "Hugging Face 仓库或网址";
    address_placeholder(): "owner/name or https://…", "owner/name 或 https://…";
    look(): "Look up", "查看";
    choose_file(): "Choose a file…", "选择文件……";
    choose_folder(): "Choose a folder…", "选择文件夹……";
    own_model(): "Hearth’s own model", "Hearth 自带模型";
    drop_hint_before(): "A", "也可以把";
    drop_hint_after(): "file or a folder in diffusers layout may also be dropped anywhere on the page. It is read on this device and goes nowhere.", "文件或 diffusers 格式的文件夹拖到页面任意位置。文件只在本设备上读取，不会上传。";
    drop_here(): "Drop a model or a picture here", "把模型或图片拖放到这里";
    options(): "Options", "选项";
    prediction_label(): "What the model predicts", "模型的预测目标";
    prediction_automatic(): "Automatic", "自动";
    prediction_epsilon(): "Noise", "噪声（epsilon）";
    prediction_velocity(): "Velocity", "速度（v-prediction）";
    prediction_hint(): "For single files that do not say it themselves. If pictures come out as noise, try the other.", "用于自身没有注明的单文件模型。若画出来只有噪点，请换另一种。";
    preview_label(): "Tiny autoencoder for previews", "预览用的小型自编码器";
    preview_placeholder(): "none", "无";
    preview_hint_before(): "Repository or address of a TAESD (", "TAESD（";
    preview_hint_after(): ").", "）的仓库或网址。";
    full_precision(): "Full precision where there is a choice", "可选时使用全精度";
    low_memory(): "Load each part only when it is needed: less memory, slower", "各部分用到时才载入：省内存，较慢";
    low_memory_hint(): "This happens automatically when memory is short.", "内存不足时会自动分批载入。";
    hub_token_label(): "Hugging Face (Hub) token", "Hub 令牌";
    hub_token_hint(): "For gated and private models. It stays in this browser and is sent to huggingface.co alone.", "用于需许可的模型和私有模型。它只保存在此浏览器中，只发送给 Hub。";
    hub_token_save(): "Save token", "保存令牌";
    hub_token_remove(): "Remove token", "移除令牌";
    hub_token_saved(): "The token is saved in this browser.", "令牌已保存在此浏览器中。";
    hub_token_removed(): "No token is saved in this browser.", "此浏览器中没有保存令牌。";
    hub_token_not_saved(): "The token was not saved: the field is empty or holds other characters, or this browser keeps nothing.", "令牌未保存：输入为空或含有其他字符，或此浏览器不保存任何内容。";
    progress(): "Progress", "进度";

    // Models to load.
    model_scope(): "Hearth Emoji draws one of 323 emoji on one of 12 colours.", "Hearth Emoji 能画 323 种表情，背景有 12 种颜色（提示词用英文）。";
    other_models(): "For anything else, load a larger model", "想画别的，请载入更大的模型";
    see_other_models(): "See other models", "查看其他模型";
    unknown_words(model, words): "{model} does not know: {words}. The picture may show something else.", "{model} 不认识：{words}。图片可能与描述不符。";
    comma(): ", ", "、";
    suggestions_title(): "Models to load", "可载入的模型";
    suggestions_hint(): "From Hugging Face. Each is kept in this browser and works offline afterwards.", "来自 Hugging Face。下载后保存在此浏览器，之后可离线使用。";
    load(): "Load", "载入";
    load_name(name): "Load {name}", "载入 {name}";
    about(amount): "about {amount}", "约 {amount}";
    about_or(half, full): "{half} or {full}", "{half} 或 {full}";
    fits_cpu(memory): "The CPU can run it: about {memory} of memory.", "CPU 可以运行：约需 {memory} 内存。";
    too_large_for_cpu(memory, has): "Too large for the CPU at this size: about {memory} of memory are needed, there are {has}.", "此尺寸超出 CPU 的能力：约需 {memory} 内存，可用 {has}。";
    needs_gpu_memory(memory): "Needs about {memory} of graphics memory.", "约需 {memory} 显存。";
    perhaps_too_large(memory, has): "Perhaps too large: about {memory} are needed, this device has about {has}.", "可能过大：约需 {memory}，此设备约有 {has}。";
    picture_takes(time): "About {time} a picture on this device.", "在此设备上每张约需 {time}。";

    // The model card.
    card_details(): "Details", "详细信息";
    use_at(width, height): "Use at {width} × {height}", "以 {width} × {height} 使用";
    card_looking(name): "Looking at {name}…", "正在查看 {name}……";
    card_download(): "Download", "下载";
    card_room(): "Room in this browser", "浏览器可用空间";
    card_memory(): "Memory", "内存";
    download_nothing_disk(): "nothing: it is read from your disk", "无需下载：从磁盘读取";
    download_nothing_kept(weights): "nothing: its {weights} are kept in this browser", "无需下载：{weights} 已保存在此浏览器";
    download_rest(rest, weights): "{rest} of {weights}; the rest is here already", "{weights} 中的 {rest}；其余已在本地";
    memory_at(memory, width, height): "about {memory} at {width} × {height}", "约 {memory}（{width} × {height} 时）";
    memory_in_turn(memory, width, height): "about {memory} at {width} × {height}, with each part in its turn", "约 {memory}（{width} × {height} 时，各部分依次载入）";
    verdict_no(): "It cannot be used as it is.", "此模型无法直接使用。";
    verdict_not_here(obstacle): "This device cannot run it: {obstacle}.", "此设备无法运行：{obstacle}。";
    verdict_not_this_size(width, height, obstacle): "Not at {width} × {height} on this device: {obstacle}.", "此设备无法生成 {width} × {height}：{obstacle}。";
    verdict_no_room(): "This device can run it, but the browser has no room to keep it: it would be downloaded again at every visit. Free some disk space first.", "此设备可以运行，但浏览器没有空间保存它：每次访问都要重新下载。请先腾出一些磁盘空间。";
    verdict_yes(): "This device can run it.", "此设备可以运行。";
    use_it(): "Use it", "使用";
    download_and_use(amount): "Download {amount} and use it", "下载 {amount} 并使用";
    download_rest_and_use(amount): "Download the remaining {amount} and use it", "下载剩余的 {amount} 并使用";

    // Stored models.
    kept_title(): "Kept in this browser", "此浏览器保存的模型";
    kept_nothing(): "Nothing yet. A model that was downloaded once is kept here.", "还没有。下载过的模型会保存在这里。";
    kept_refused(reason): "This browser keeps nothing: {reason}. Models are downloaded at every visit; leave private browsing or free some disk space.", "此浏览器不保存任何内容：{reason}。每次访问都要下载模型；请退出无痕浏览，或腾出一些磁盘空间。";
    kept_total(amount): "{amount} in all", "共 {amount}";
    kept_total_room(amount, room): "{amount} in all · room for {room} more", "共 {amount} · 还可保存 {room}";
    kept_part(amount): "{amount} so far, not complete", "已有 {amount}，不完整";
    kept_in_use(): "in use", "使用中";
    kept_use(): "Load", "载入";
    kept_check(): "Verify", "校验";
    kept_remove(): "Remove", "移除";
    kept_continue(): "Continue", "继续";
    kept_use_name(name): "Load {name}", "载入 {name}";
    kept_check_name(name): "Verify {name}", "校验 {name}";
    kept_remove_name(name): "Remove {name}", "移除 {name}";
    kept_continue_name(name): "Continue the download of {name}", "继续下载 {name}";
    kept_remove_all(): "Remove all", "全部移除";
    kept_sure(): "Remove all models from this browser? This cannot be undone; they can be downloaded again.", "要从此浏览器移除所有模型吗？此操作无法撤销，但可以重新下载。";
    kept_keep(): "Keep them", "保留";
    kept_removing(): "Removing everything…", "正在全部移除……";
    kept_checking(name): "Checking {name}…", "正在校验 {name}……";
    kept_checking_percent(name, percent): "Checking {name}… {percent} %", "正在校验 {name}……{percent}%";
    kept_removed(name): "{name} was removed from this browser.", "已从此浏览器移除 {name}。";
    kept_arriving(): "A model is being downloaded; stop that first, or wait for it.", "有模型正在下载；请先停止，或等它完成。";
    kept_sound(name): "{name} is intact.", "{name} 完好无损。";
    kept_damaged(name, amount): "Of {name}, {amount} are damaged or gone. They are downloaded again at its next use.", "{name} 有 {amount} 已损坏或丢失，下次使用时会重新下载。";

    // Names of buttons whose text alone does not say what they act on.
    start_remove_name(): "Remove the picture to start from", "移除起始图片";
    remove_picture_name(): "Remove this picture", "移除这张图片";
    remove_pictures_name(): "Remove all earlier pictures", "全部移除：以前的图片";
    remove_models_name(): "Remove all models kept in this browser", "全部移除：此浏览器保存的模型";

    // Footer.
    help(): "Help", "帮助";
    help_start(): "Describe a picture in English and press Generate. The small model that comes with the page draws emoji; under Model there are others for anything else.", "用英文描述画面，然后按“生成”。本页自带的小模型只画表情；其他内容请在“模型”中选择别的模型。";
    help_device(): "A graphics card with WebGPU is fast; without one the CPU is used, for small models and sizes. Chrome, Edge, Safari 26 and Firefox on most systems have WebGPU.", "支持 WebGPU 的显卡速度快；没有时使用 CPU，适合小模型和小尺寸。Chrome、Edge、Safari 26 以及多数系统上的 Firefox 都支持 WebGPU。";
    help_more(): "LoRAs, embeddings and many prompts have sections of their own; a matrix compares values. Settings copied from another program are taken over when they are pasted as the prompt.", "LoRA、嵌入与多条提示词各有专区；矩阵可对比不同的值。把其他程序复制的设置粘贴为提示词，即可填入表单。";
    help_kept(): "Models and pictures are kept in this browser and can be removed where they are listed. Every saved picture carries its settings: drop its file on the page to have them back.", "模型和图片保存在此浏览器中，可在各自的列表中移除。每张保存的图片都带有设置：把文件拖放到页面上即可恢复。";
    report_problem(): "Report a problem", "报告问题";
    report_hint(): "Send this text with a description of what you did to the people who run this page. It has no prompt and no names of files.", "请把这段文字连同你的操作步骤发给本页的维护者。其中不含提示词和文件名。";
    report_label(): "Report", "报告";
    report_copy(): "Copy the report", "复制报告";
    report_copied(): "The report was copied.", "报告已复制。";
    foot_version(): "Version", "版本";
    foot_model(): "The model", "模型";
    foot_on(): "on", "运行于";
    foot_device(): "this device", "本设备";
    foot_private(): "Nothing you type and no picture leaves this page.", "你输入的文字和生成的图片都不会离开本页。";

    // A new release.
    update_ready(): "A new version of this page is ready.", "本页面有新版本。";
    update_now(): "Reload", "重新加载";

    // After a failure.
    go_on(): "Go on", "继续";
    use_size(width, height): "Use {width} × {height}", "改用 {width} × {height}";

    // Runs with an init image.
    reading_picture(): "Reading the picture…", "正在读取图片……";

    // History, metadata and batches.
    earlier_total(count, amount): "{count} pictures, {amount}, kept in this browser. At most 200 pictures or 200 MB; the oldest are removed first.", "此浏览器中保存了 {count} 张图片，共 {amount}。最多 200 张或 200 MB，最早的先移除。";
    earlier_total_one(amount): "1 picture, {amount}, kept in this browser. At most 200 pictures or 200 MB; the oldest are removed first.", "此浏览器中保存了 1 张图片，共 {amount}。最多 200 张或 200 MB，最早的先移除。";
    picture_removed(): "The picture was removed.", "图片已移除。";
    pictures_removed(count): "{count} pictures were removed.", "已移除 {count} 张图片。";
    undo(): "Undo", "撤销";
    remove_all_question(): "Remove all earlier pictures from this browser? This cannot be undone.", "要从此浏览器中移除所有以前的图片吗？此操作无法撤销。";
    keep_them(): "Keep them", "保留";
    picture_not_read(reason): "This picture cannot be read at the moment ({reason}). Try again, or reload the page.", "暂时无法读取这张图片（{reason}）。请重试，或重新加载页面。";
    picture_gone(): "This picture is no longer there; it was removed in another tab.", "这张图片已不存在，它已在另一个标签页中被移除。";
    not_kept_full(): "The browser has no room for more pictures. They stay until this page is closed: save those you want, or free some disk space.", "浏览器没有空间保存更多图片。它们会保留到此页面关闭为止：请另存需要的图片，或释放一些磁盘空间。";
    not_kept_newer(): "A newer version of this page has kept pictures here. New ones stay until this page is closed; reload it to use that version.", "此页面的较新版本已在此保存图片。新图片会保留到此页面关闭为止；重新加载即可使用该版本。";
    not_kept(reason): "The browser does not keep pictures ({reason}). They stay until this page is closed: save those you want.", "浏览器不保存图片（{reason}）。它们会保留到此页面关闭为止：请另存需要的图片。";
    variations(): "Variations", "变体";
    variations_title(): "The same settings with new seeds", "相同的设置，新的种子";
    use_settings(): "Use these settings", "使用这些设置";
    settings_used(): "The settings of this picture are in the form.", "这张图片的设置已填入表单。";
    example_used(): "The example has replaced your prompt.", "示例已替换你的描述。";
    pasted_settings(): "This text has the settings of a picture.", "这段文字包含一张图片的设置。";
    size_of_result(own_width, own_height, width, height): "The picture is {own_width} × {own_height}, the result will be {width} × {height}.", "图片为 {own_width} × {own_height}，结果为 {width} × {height}。";
    size_is_kept(width, height): "The result will have the picture’s own size, {width} × {height}.", "结果保持图片的尺寸 {width} × {height}。";
    compare_original(): "Compare with the original", "与原图比较";
    to_mask(): "Back to the mask", "回到蒙版";
    to_picture(): "To the picture", "查看图片";
    enqueue(): "Add to queue", "加入队列";
    queue_waiting(count): "{count} waiting", "{count} 个在等待";
    queue_cancel(prompt): "Cancel: {prompt}", "取消：{prompt}";
    queue_label(): "Waiting pictures", "等待中的图片";
    picture_repeated(): "The same picture is already among the earlier ones; it is kept once.", "相同的图片已在先前的图片中，只保留一份。";
    watch_run(): "Show the picture in progress", "查看正在生成的图片";
    show_batch(): "Show all of this batch", "查看这一批的全部图片";
    save_batch(): "Save this batch", "保存这一批";
    save_all(): "Save all", "全部保存";
    batch_label(): "Pictures of this batch", "这一批图片";
    view_large(): "View at full size", "以完整尺寸查看";
    viewer_title(): "Picture at full size", "完整尺寸的图片";
    viewer_fit(): "Fit", "适应窗口";
    viewer_real(): "1:1", "1:1";
    viewer_in(): "Zoom in", "放大";
    viewer_out(): "Zoom out", "缩小";
    viewer_previous(): "Previous picture", "上一张";
    viewer_next(): "Next picture", "下一张";
    viewer_compare(): "Compare with", "对比";
    viewer_nothing(): "nothing", "无";
    viewer_start(): "the picture it started from", "起始图片";
    viewer_split(): "Boundary between the two pictures", "两张图片的分界";
    viewer_keys(): "Keys: + and − zoom, 0 fits, 1 shows every pixel, arrows move the picture, Page Up and Page Down show the next.", "按键：+ 和 − 缩放，0 适应窗口，1 显示原始像素，方向键移动图片，Page Up 和 Page Down 切换图片。";
    use_as_input(): "Use as input", "用作输入";
    remove_picture(): "Remove", "移除";
    open_picture_hint(): "The settings are in the file of every picture made here. Drop one on the page to have them back, or", "在此生成的图片，文件中都带有其设置。把图片拖放到页面上即可恢复设置，或者";
    open_picture(): "open a picture…", "打开图片……";
    recipe_restored(): "The settings of this picture are in the form; Generate makes it again.", "这张图片的设置已填入表单；点击“生成”即可重新生成。";
    recipe_of_other_program(): "The settings of this picture are in the form. Another program made it, whose noise may differ: then Generate makes a similar picture, not the same.", "这张图片的设置已填入表单。它由其他程序生成，所用噪声可能不同：那样点击“生成”会得到相似的图片，而非同一张。";
    recipe_with_nv_noise(): "The settings of this picture are in the form, with the noise of an NVIDIA card as its program drew it: with the same model, Generate makes it again.", "这张图片的设置已填入表单，并采用其程序所用的 NVIDIA 显卡噪声：使用同一模型，点击“生成”即可重新生成。";
    recipe_not_taken(): "None of the settings could be taken over; the form is as it was.", "未能采用任何设置；表单未改动。";
    recipe_partly_restored(): "The settings that were found are in the form.", "找到的设置已填入表单。";
    among_lost(): "; ", "；";
    recipe_lost(what): "Not taken over: {what}.", "未采用：{what}。";
    recipe_keeps_sampler(sampler): "The sampler is still {sampler}.", "采样器仍为 {sampler}。";
    recipe_is_marked(): "Correct the marked values before you generate.", "生成前请更正标出的值。";
    start_from_it(): "Start from this picture", "从这张图片开始";
    recipe_from_picture(): "It was made from another picture, which the settings do not include.", "它是由另一张图片生成的，设置中不包含那张图片。";
    made_with(model, loaded): "It was made with {model}. In use is {loaded}, which gives another picture.", "它是用 {model} 生成的。当前使用的是 {loaded}，会得到不同的图片。";
    made_with_nowhere(model, loaded): "It was made with {model}. In use is {loaded}, which gives another picture; if you have that model, choose it under Model.", "它是用 {model} 生成的。当前使用的是 {loaded}，会得到不同的图片；如果你有那个模型，请在“模型”中选择。";
    look_at_model(): "Show that model", "查看该模型";

    pictures_count(): "Pictures", "图片数";
    pictures_hint(): "One after another, each with the next seed.", "依次生成，每张使用下一个种子。";
    batch_at(place, count, status): "Picture {place} of {count} · {status}", "第 {place} 张，共 {count} 张 · {status}";
    batch_done(count, time): "{count} pictures done in {time}.", "{count} 张图片已完成，用时 {time}。";
    batch_stopped(done, count): "Stopped; {done} of {count} pictures are done.", "已停止；{count} 张图片中已完成 {done} 张。";
    // The init image.
    start_from_a_picture(): "Start from a picture", "从一张图片开始";
    start_in_use(): "in use", "使用中";
    start_choose(): "Choose a picture…", "选择图片……";
    start_remove(): "Remove", "移除";
    start_hint(): "It stays on this device.", "图片只留在本设备上。";
    start_hint_drop(): "It can also be dropped here, or pasted.", "也可以把图片拖放到这里，或直接粘贴。";
    drop_anything(): "Drop it here: a picture to start from, a picture with its settings, or a model", "拖放到这里：起始图片、带设置的图片，或模型";
    start_reading(): "Reading the picture…", "正在读取图片…";
    start_not_read(name): "{name} could not be read, because the engine stopped. Choose it again, or a smaller picture.", "引擎已停止，无法读取 {name}。请重新选择，或换一张较小的图片。";
    start_unreadable(name): "{name} is no picture that this browser can read, or a damaged or far too large one. Choose a PNG, JPEG or WebP file.", "{name} 不是此浏览器能读取的图片，或已损坏，或尺寸过大。请选择 PNG、JPEG 或 WebP 文件。";
    neither_picture_nor_model(name): "{name} is neither a picture nor a model.", "{name} 既不是图片也不是模型。";
    start_taken(): "The picture is there.", "图片已就绪。";
    start_removed(): "The picture was removed.", "图片已移除。";
    start_fit(): "If the picture has another shape", "宽高比不同时";
    start_crop(): "Crop to fill", "裁切以填满";
    start_pad(): "Pad with its edges", "用边缘像素补齐";
    start_scope(): "What should change?", "要改变什么？";
    start_all(): "All of it", "整张图片";
    start_part(): "What I paint over", "我涂抹的部分";
    start_strength(): "Strength", "重绘强度";
    start_strength_slider(): "Strength, as a slider", "重绘强度滑块";
    strength_of_part(value): "Now {value}, which is usual for a painted part. One that you set yourself stays.", "已改为 {value}，这是涂抹部分的常用值。自行设定的值会保留。";
    strength_of_all(value): "Now {value}, which is usual for a whole picture. One that you set yourself stays.", "已改为 {value}，这是整张图片的常用值。自行设定的值会保留。";
    start_strength_hint(): "Low: stays close to your picture. 1: ignores it.", "数值小：接近原图。1：忽略原图。";

    // The mask editor.
    mask_label(): "Mask: paint over the part to change", "蒙版：涂抹要改变的部分";
    mask_keys(): "Keys: arrows move the brush, with Shift further; hold Space and move to draw; E is the eraser; [ and ] set the size; + and -, or Ctrl and the wheel, zoom; 0 fits.", "按键：方向键移动画笔，加 Shift 移动更远；按住空格键并移动即可涂抹；E 切换橡皮擦；[ 和 ] 改变大小；+ 和 -，或按住 Ctrl 滚动滚轮，可以缩放；0 适应窗口。";
    mask_tools(): "Tools for the mask", "蒙版工具";
    mask_brush(): "Brush", "画笔";
    mask_eraser(): "Eraser", "橡皮擦";
    mask_undo(): "Undo", "撤销";
    mask_redo(): "Redo", "重做";
    mask_zoom_in(): "Zoom in", "放大";
    mask_zoom_out(): "Zoom out", "缩小";
    mask_touch(): "Paint with a finger or a pen. The picture is magnified around the place that you touched last.", "用手指或触控笔涂抹。放大时以最后触碰的位置为中心。";
    mask_zoom_label(): "Magnification", "缩放比例";
    mask_zoom_fit_title(): "Show the whole picture", "显示整张图片";
    mask_zoom(percent): "{percent} %", "{percent}%";
    mask_invert(): "Invert", "反转";
    mask_fill(): "Mask all", "全部涂抹";
    mask_clear(): "Clear", "清空";
    mask_open(): "Open a mask…", "打开蒙版……";
    mask_open_title(): "From a picture file: the white part changes", "从图片文件读取：白色部分会改变";
    mask_is_black(name): "{name} has no white where the picture is. In a mask, white is the part that changes; black stays.", "{name} 在图片范围内没有白色。蒙版中白色部分会改变，黑色部分保持不变。";
    mask_brush_size(): "Brush size", "画笔大小";
    mask_blur_label(): "Soft edge", "羽化";
    mask_blur_hint(): "Blurs the mask’s edge by so many pixels, so that the new part blends in. 0 leaves it sharp.", "按此像素数模糊蒙版边缘，使新内容自然融入。0 表示边缘清晰。";
    mask_only(): "Only the masked area, at full resolution", "仅蒙版区域，以完整分辨率绘制";
    mask_padding(): "Pixels around the mask", "蒙版周围的像素数";
    mask_padding_hint(): "Paints the masked area and this many pixels around it at full resolution, then puts it back: sharper for small areas. The picture keeps its own size, and the rest of it stays as it is.", "以完整分辨率绘制蒙版区域及其周围这么多像素，再放回原处：小区域会更清晰。图片保持原有尺寸，其余部分不变。";
    mask_covers(percent): "{percent} % of the picture is masked.", "蒙版覆盖图片的 {percent}%。";
    brush_taken(): "Brush", "画笔";
    eraser_taken(): "Eraser", "橡皮擦";
    brush_at(across, down): "{across} % across, {down} % down", "横向 {across}%，纵向 {down}%";
    pixels_unit(): "px", "像素";
    pixels(count): "{count} pixels", "{count} 像素";

    // The comparison of an inpainted image.
    comparison_title(): "Similarity to the original", "与原图的相似度";
    comparison_before(): "Masked", "遮盖后";
    comparison_after(): "Result", "结果";
    comparison_truth(): "Original", "原图";
    comparison_views(): "Which picture to see", "查看哪张图片";
    comparison_hint(): "A low score means a big change, not a bad picture.", "数值低表示变化大，并不表示图片不好。";
    comparison_measure(): "Measure", "指标";
    comparison_inside(): "In the mask", "蒙版内";
    comparison_overall(): "Overall", "整体";
    pixel_accuracy(): "Pixel accuracy", "像素准确率";
    pixel_accuracy_hint(): "How many pixels are equal, or nearly", "相同或几乎相同的像素比例";
    psnr(): "PSNR", "PSNR";
    psnr_hint(): "Higher is closer; ∞ is identical", "越大越接近；∞ 表示完全相同";
    ssim(): "SSIM", "SSIM";
    ssim_hint(): "Similarity of structure; 1 is equal", "结构相似度；1 表示完全相同";

    // Field names of the init image in error messages.
    field_image(): "The picture to start from", "起始图片";
    field_mask(): "The mask", "蒙版";
    field_strength(): "Strength", "重绘强度";
    field_mask_blur(): "The soft edge", "羽化";
    field_padding(): "The width around the mask", "蒙版周围的像素数";
}
