//! Example prompts of the page, which are those of the bundled model's `knowledge.json`.
//!
//! After a change of that file: `HEARTH_UPDATE_GENERATED=1 cargo test --release --features page --test documents`.

use std::fs;

use serde_json::Value;

use crate::generated;

const FILE: &str = "www/models/emoji/knowledge.json";
const BEGIN: &str = "<!-- examples, from www/models/emoji/knowledge.json -->\n";
const END: &str = "          <!-- end of examples -->\n";

#[test]
fn examples_of_the_page_follow_the_model() {
    let file = fs::read_to_string(generated::absolute(FILE)).unwrap();
    let file: Value = serde_json::from_str(&file).unwrap();
    let examples = file["examples"].as_array().unwrap();
    assert!(examples.len() > 3, "only {examples:?}");
    let buttons: String = examples.iter().map(button).collect();

    let page = fs::read_to_string(generated::absolute("index.html")).unwrap();
    let from = page.find(BEGIN).unwrap() + BEGIN.len();
    let to = page.find(END).unwrap();
    let page = [&page[..from], &buttons, &page[to..]].concat();
    let is_stale = generated::is_stale("index.html", &page);
    assert!(!is_stale, "index.html is stale, see the head of tests/documents/examples.rs");
}

fn button(example: &Value) -> String {
    let text = |part: &str, language: &str| {
        let text = example[part][language].as_str()?;
        Some(text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;"))
    };
    let prompt = text("prompts", "en").unwrap();
    let chinese = text("prompts", "zh-Hans");
    let chinese = chinese.map(|prompt| format!(" data-prompt-zh-hans=\"{prompt}\""));
    let [label, own] = ["en", "zh-Hans"].map(|language| text("labels", language).unwrap());
    format!(
        "          <button type=\"button\" data-prompt=\"{prompt}\"{} data-en=\"{label}\" data-zh-hans=\"{own}\">{label}</button>\n",
        chinese.unwrap_or_default()
    )
}
