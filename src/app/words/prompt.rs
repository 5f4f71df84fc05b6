//! The line under a prompt.

use super::table;
use crate::app::protocol::{PromptPart, PromptSummary};

/// Largest number of weighted texts that are listed.
const MOST_WEIGHTS: usize = 6;

/// Returns what the model reads in a prompt: `75 + 5 tokens · new chunk at “fox” · red × 1.4`. Empty
/// for an empty prompt. `is_open`: whether a LoRA of this name is open.
pub fn prompt_summary(summary: &PromptSummary, is_open: impl Fn(&str) -> bool) -> String {
    let is_empty = summary.parts.iter().all(|part| part.tokens.iter().all(|tokens| *tokens == 0));
    if is_empty && summary.networks.is_empty() {
        return String::new();
    }
    let mut pieces = Vec::new();
    for part in &summary.parts {
        let text = part_summary(part);
        pieces.push(match summary.parts.len() {
            1 => text,
            _ => table::prompt_part(rounded(part.weight), text),
        });
    }
    pieces.extend(summary.networks.iter().map(|network| network_text(network, &is_open)));
    pieces.extend(summary.embeddings.iter().map(table::prompt_embedding));
    pieces.extend(summary.cut_off.as_ref().map(table::prompt_cut_off));
    pieces.extend(summary.unused_weight.map(table::prompt_unused_weight));
    pieces.join(" · ")
}

/// Returns what becomes of a network that a prompt names: `lora:name`.
fn network_text(network: &str, is_open: impl Fn(&str) -> bool) -> String {
    match network.split_once(':') {
        Some(("lora" | "lyco", name)) if is_open(name) => table::prompt_lora(name),
        Some(("lora" | "lyco", name)) => table::prompt_lora_not_open(name),
        _ => table::prompt_network(network),
    }
}

fn part_summary(part: &PromptPart) -> String {
    let counts: Vec<String> = part.tokens.iter().map(u32::to_string).collect();
    let mut pieces = vec![match part.tokens.as_slice() {
        [1] => table::prompt_token(),
        _ => table::prompt_tokens(counts.join(" + ")),
    }];
    let borders = part.first_words.iter().skip(1).filter(|word| !word.is_empty());
    pieces.extend(borders.map(table::prompt_chunk));
    if part.texts > 1 {
        pieces.push(table::prompt_texts(part.texts));
    }
    let weights = part.weights.iter().take(MOST_WEIGHTS);
    pieces.extend(weights.map(|(text, weight)| table::prompt_weight(text, rounded(*weight))));
    if part.weights.len() > MOST_WEIGHTS {
        pieces.push("…".to_string());
    }
    pieces.join(" · ")
}

/// Returns a weight with at most two digits behind the point.
fn rounded(weight: f64) -> String {
    ((weight * 100.0).round() / 100.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::prompt_summary;
    use crate::app::protocol::{PromptPart, PromptSummary};

    fn part(weight: f64, tokens: &[u32]) -> PromptPart {
        PromptPart {
            weight,
            texts: 1,
            tokens: tokens.to_vec(),
            first_words: tokens.iter().map(|_| "fox".to_string()).collect(),
            weights: Vec::new(),
        }
    }

    fn summary(parts: Vec<PromptPart>) -> PromptSummary {
        PromptSummary {
            parts,
            networks: Vec::new(),
            embeddings: Vec::new(),
            cut_off: None,
            unused_weight: None,
        }
    }

    fn read(summary: &PromptSummary) -> String {
        prompt_summary(summary, |name| name == "ink")
    }

    #[test]
    fn networks_are_applied_or_it_is_said_what_to_do() {
        let networks = ["lora:ink", "lora:oil", "hypernet:x"].map(str::to_string).to_vec();
        let named = PromptSummary { networks, ..summary(vec![part(1.0, &[1])]) };
        assert_eq!(
            read(&named),
            "1 token · LoRA ink · LoRA oil, not open: add it under LoRA and embeddings · hypernet:x, not applied"
        );
    }

    #[test]
    fn tokens_borders_weights_and_parts_are_listed() {
        assert_eq!(read(&summary(vec![part(1.0, &[0])])), "");
        assert_eq!(read(&summary(vec![part(1.0, &[7])])), "7 tokens");
        let weights = vec![("red".to_string(), 1.21), ("blue".to_string(), 1.0 / 1.1)];
        let long = PromptPart { weights, ..part(1.0, &[75, 5]) };
        assert_eq!(
            read(&summary(vec![long])),
            "75 + 5 tokens · new chunk at “fox” · red × 1.21 · blue × 0.91"
        );
        let two = summary(vec![part(1.0, &[2]), PromptPart { texts: 2, ..part(0.6, &[1]) }]);
        assert_eq!(read(&two), "1 × (2 tokens) · 0.6 × (1 token · 2 texts over the steps)");
        let cut = PromptSummary {
            cut_off: Some("the end".to_string()),
            ..summary(vec![part(1.0, &[75])])
        };
        assert_eq!(read(&cut), "75 tokens · cut off: the end");
    }
}
