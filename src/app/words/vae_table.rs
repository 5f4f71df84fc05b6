//! Texts about autoencoders (VAE) in every language.

use std::fmt::Display;

use super::declare::{line, table};
use crate::error::checks::{fits, hash};

table! {
    vae_label(): "VAE", "VAE";
    vae_placeholder(): "from the model", "模型自带";
    vae_hint(): "Makes pixels of the result. Repository, address or file of another than the model’s own; empty: the model’s own.", "把结果变成像素。可填写仓库、网址或选择文件来代替模型自带的 VAE；留空则使用模型自带的。";
    vae_choose_file(): "Choose a VAE file…", "选择 VAE 文件……";
    vae_use(): "Use with the loaded model", "用于已载入的模型";
    vae_use_as(): "Use as VAE", "用作 VAE";
    vae_choose_kept(): "Choose", "选用";
    vae_choose_kept_name(name): "Choose {name} as VAE", "选用 {name} 作为 VAE";
    panel_in_use_vae(name, vae): "In use: {name}, with the VAE {vae}", "使用中：{name}，VAE：{vae}";
    vae_of_name(name): "the VAE {name}", "VAE {name}";
    vae_of_model(): "the model’s own VAE", "模型自带的 VAE";
    vae_taken(vae): "Pictures are decoded with {vae} now.", "现在用 {vae} 解码图片。";
    made_with_vae(vae, loaded): "It was made with {vae}. In use is {loaded}, which gives other colours and details; choose it under Model, Options.", "它是用 {vae} 生成的。当前使用的是 {loaded}，颜色和细节会有所不同；请在“模型”的“选项”中选择。";
    made_with_its_vae(vae): "Its VAE was {vae}.", "它的 VAE 是 {vae}。";
}
