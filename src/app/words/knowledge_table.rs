//! Texts about what the bundled model knows, in every language.

use std::fmt::Display;

use super::declare::{line, table};
use crate::error::checks::{fits, hash};

table! {
    prompt_dice(): "Write a random prompt", "随机写一个提示词";
    prompt_dice_used(): "A random prompt has replaced yours.", "随机提示词已替换你的描述。";
    knowledge_open(): "See what it knows", "看看它会画什么";
    knowledge_title(): "What this model knows", "这个模型会画什么";
    knowledge_search(): "Search", "搜索";
    knowledge_placeholder(): "a name in English or Chinese", "中文或英文名称";
    knowledge_prompt(prompt): "Prompt: {prompt}", "提示词：{prompt}";
    knowledge_no_prompt(): "Press a word to put it into the prompt.", "点按词语即可加入提示词。";
    knowledge_reading(): "Reading the list…", "正在读取列表……";
    knowledge_missing(): "What the model knows could not be read. Check the connection and try again.", "无法读取模型认识的内容。请检查网络连接后重试。";
    knowledge_found(count): "{count} found", "找到 {count} 个";
    knowledge_none(): "It knows nothing of this name.", "它不认识这个名称。";
    knowledge_near(name): "It knows nothing of this name. The nearest is “{name}”.", "它不认识这个名称。最接近的是“{name}”。";
    knowledge_colours(): "Colours", "颜色";
    knowledge_places(): "Places", "场景";
    knowledge_styles(): "Styles", "风格";
    replace_word(word, by): "Write “{by}” instead of “{word}”", "把“{word}”换成“{by}”";
    word_replaced(word, by): "“{word}” is now “{by}”.", "“{word}”已换成“{by}”。";
}
