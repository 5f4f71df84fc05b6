//! Syntax in prompts of other programs that is not implemented here.

use crate::error::{Message, messages};
use crate::params::NamedHash;
use crate::prompt::{Grammar, embedding_names};

/// Longest part of a prompt that is quoted, in characters.
const LONGEST: usize = 40;

/// Returns what other programs would read in these prompts beside words: networks that are loaded
/// (`<lora:name:0.8>`), but LoRAs where the grammar has them, and weights in brackets (`(word:1.3)`,
/// `((word))`, `[word]`), of which one is quoted, where no grammar reads them.
pub(super) fn unsupported(prompts: &[&str], grammar: Grammar) -> Vec<Message> {
    const NETWORKS: [&str; 4] = ["<hypernet:", "<lohas:", "<lora:", "<lyco:"];
    let mut found = Vec::new();
    for prompt in prompts {
        let lower = prompt.to_ascii_lowercase();
        let read_here = if grammar == Grammar::A1111 { 2 } else { NETWORKS.len() };
        for network in &NETWORKS[..read_here] {
            for (at, _) in lower.match_indices(network) {
                let part = prompt[at..].split_inclusive('>').next().unwrap_or_default();
                found.push(Message::verbatim(quoted(part)));
            }
        }
    }
    if grammar != Grammar::Plain {
        return found;
    }
    let weighted = prompts.iter().find_map(|prompt| bracketed(prompt));
    found.extend(weighted.map(|part| messages::weights_in_brackets(quoted(part))));
    found
}

/// Returns a prompt with SwarmUI's `<embed:name>` as ComfyUI writes it.
pub(super) fn in_comfy_grammar(prompt: &str) -> String {
    let mut parts = prompt.split("<embed:");
    let mut written = parts.next().unwrap_or_default().to_string();
    for part in parts {
        written += &match part.split_once('>') {
            Some((name, rest)) => format!("embedding:{name}{rest}"),
            None => format!("<embed:{part}"),
        };
    }
    written
}

/// Returns the textual inversions that prompts name in ComfyUI's grammar.
pub(super) fn comfy_embeddings(prompts: &[&str]) -> Vec<NamedHash> {
    let mut names: Vec<String> = prompts.iter().flat_map(|text| embedding_names(text)).collect();
    names.sort();
    names.dedup();
    names.into_iter().map(|name| NamedHash { name, hash: None }).collect()
}

/// Returns the first part in brackets. A backslash makes brackets a part of the text.
fn bracketed(prompt: &str) -> Option<&str> {
    let mut start = None;
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, letter) in prompt.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '(' | '[' => {
                start = start.or(Some(at));
                depth += 1;
            }
            ')' | ']' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return prompt.get(start?..=at);
                }
            }
            _ => {}
        }
    }
    None
}

fn quoted(part: &str) -> String {
    let mut shown: String = part.chars().take(LONGEST).collect();
    if shown.len() < part.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::unsupported;
    use crate::error::Message;
    use crate::prompt::Grammar;

    #[test]
    fn networks_and_weights_are_found() {
        let found = |prompt: &str| -> Vec<String> {
            unsupported(&[prompt, ""], Grammar::Plain)
                .iter()
                .map(|message| message.to_string())
                .collect()
        };
        assert_eq!(
            found("a castle <lora:detail:0.8>, (big:1.3)"),
            ["<lora:detail:0.8>", "weights in brackets, as (big:1.3)"]
        );
        assert_eq!(found("((eyeshadow)), [blurry]"), ["weights in brackets, as ((eyeshadow))"]);
        assert!(found(r"a cat \(siamese\), a ) smile :(").is_empty());
        assert!(found("a cat < dog").is_empty());
        let a1111 = unsupported(&["(big:1.3) <lora:a:1> <hypernet:b:1>"], Grammar::A1111);
        assert_eq!(a1111, [Message::verbatim("<hypernet:b:1>")]);
    }
}
