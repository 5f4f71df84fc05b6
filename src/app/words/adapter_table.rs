//! Texts about adapters (LoRA and its kin) in every language.

use std::fmt::Display;

use super::declare::{line, table};
use crate::error::checks::{fits, hash};

table! {
    adapters_title(): "LoRA and embeddings", "LoRA 与嵌入";
    adapters_on(count): "{count} on", "已启用 {count} 个";
    adapters_hint(): "Add-ons that change what a model draws, and new words for prompts. Each is made for one kind of model; several can be on at once.", "改变模型画风或内容的附加文件，以及可用于提示词的新词。每个文件只适用于一类模型，可以同时启用多个。";
    adapter_address_label(): "Hugging Face file or address", "Hugging Face 文件或网址";
    adapter_address_placeholder(): "owner/name/file or https://…", "owner/name/file 或 https://…";
    adapter_add(): "Add", "添加";
    adapter_drop_hint(): "A file may also be dropped here. It is read on this device and goes nowhere; it stays on this list until the page is closed.", "也可以把文件拖放到这里。文件只在本设备上读取，不会上传；页面关闭前它会留在此列表中。";
    adapter_own(): "Comes with this model", "模型自带";
    adapter_waiting(): "It is opened once a model is loaded.", "载入模型后即会打开。";
    adapter_opening(): "Opening…", "正在打开……";
    adapter_stopped(): "Stopped; what has arrived is kept.", "已停止；已下载的部分会保留。";
    adapter_retry(): "Try again", "重试";
    adapter_retry_name(name): "Try again: {name}", "重试：{name}";
    adapter_stop_name(name): "Stop the download of {name}", "停止下载 {name}";
    adapter_remove_name(name): "Remove {name}", "移除 {name}";
    adapter_weight_name(name): "Weight of {name}", "{name} 的权重";
    adapter_weight_slider(name): "Weight of {name}, as a slider", "{name} 的权重滑块";
    adapter_apart(): "Separately for the text encoders", "文本编码器单独设置";
    adapter_text_name(name): "Weight of {name} for the text encoders", "{name} 对文本编码器的权重";
    adapter_text_slider(name): "Weight of {name} for the text encoders, as a slider", "{name} 对文本编码器的权重滑块";
    adapter_words_name(name): "Trigger words of {name}", "{name} 的触发词";
    adapter_word_title(word): "Put “{word}” into the prompt", "把“{word}”加入提示词";
    adapter_fast(steps): "Fast: {steps} steps", "快速：{steps} 步";
    adapter_fast_one(): "Fast: 1 step", "快速：1 步";
    adapter_fast_title(method): "Takes the steps, sampler and guidance that {method} needs", "采用 {method} 所需的步数、采样器和引导系数";
    adapter_fast_taken(method): "The settings for {method} are in the form.", "{method} 所需的设置已填入表单。";
    adapters_missing(names): "Not on your list of LoRAs and embeddings, so left out: {names}. Add them under “LoRA and embeddings”.", "不在你的 LoRA 与嵌入列表中，因此未使用：{names}。请在“LoRA 与嵌入”中添加。";
    picture_waits_for_adapter(): "Your picture begins as soon as the file under “LoRA and embeddings” is open.", "“LoRA 与嵌入”中的文件打开后立即开始作画。";
    adapter_still_opening(): "A file under “LoRA and embeddings” is still being opened. Add the picture to the queue once it is open.", "“LoRA 与嵌入”中的文件仍在打开中。请在打开后再把图片加入队列。";
    add_as_adapter(): "Add to this model", "添加到当前模型";
    embedding_prompt(): "Put into the prompt", "加入提示词";
    embedding_negative(): "Into the negative prompt", "加入负面提示词";
    embedding_prompt_name(name): "Put into the prompt: {name}", "加入提示词：{name}";
    embedding_negative_name(name): "Into the negative prompt: {name}", "加入负面提示词：{name}";
    recipe_adapters(): "LoRA, embeddings", "LoRA、嵌入";
    recipe_adapter(name, weight): "{name} at {weight}", "{name}（权重 {weight}）";
    recipe_adapter_apart(name, weight, text): "{name} at {weight}, text {text}", "{name}（权重 {weight}，文本 {text}）";
    kept_adapter(): "Add-on", "附加文件";
    kept_add_name(name): "Add {name} as LoRA", "把 {name} 添加为 LoRA";
}
