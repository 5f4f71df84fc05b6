//! Grammars of prompts, compared with the parsers of AUTOMATIC1111 and ComfyUI.

use hearth::prompt::{
    Chunk, EmbeddingName, Emphasis, Fragment, Grammar, Token, Words, chunks, fragments, schedule,
    split_parts, take_networks,
};
use hearth::tokenizer::Tokenizer;
use serde_json::Value;

use crate::support::read;

/// The name and the number of vectors of each embedding of the reference.
const EMBEDDINGS: [(&str, usize); 2] = [("EasyNegative", 8), ("badhand", 2)];

#[test]
fn prompts_have_the_parts_tokens_and_weights_of_automatic1111() {
    let clip = Clip::new();
    let golden = json("grammars-a1111.json");
    let steps = golden["steps"].as_u64().unwrap() as usize;
    let mut texts = 0;
    for case in golden["prompts"].as_array().unwrap() {
        let prompt = text(&case["prompt"]);
        let (rest, networks) = take_networks(prompt);
        let named: Vec<String> =
            networks.iter().map(|network| format!("{}:{}", network.kind, network.name)).collect();
        let expected = case["networks"].as_array().unwrap().iter();
        let expected: Vec<String> =
            expected.map(|pair| format!("{}:{}", text(&pair[0]), text(&pair[1][0]))).collect();
        assert_eq!(named, expected, "{prompt}");

        let parts = split_parts(&rest, true);
        let expected = case["parts"].as_array().unwrap();
        assert_eq!(parts.len(), expected.len(), "{prompt}");
        for (part, expected) in parts.iter().zip(expected) {
            assert_eq!(part.weight, expected["weight"].as_f64().unwrap(), "{prompt}");
            let entries = schedule(&part.text, steps).unwrap();
            let expected = expected["schedule"].as_array().unwrap();
            assert_eq!(entries.len(), expected.len(), "{prompt}");
            for (entry, expected) in entries.iter().zip(expected) {
                assert_eq!(entry.until as u64, expected["until"].as_u64().unwrap(), "{prompt}");
                assert_eq!(entry.text, text(&expected["text"]), "{prompt}");
                clip.check_a1111(&entry.text, expected);
                texts += 1;
            }
        }
    }
    assert!(texts > 75, "{texts} texts");
}

#[test]
fn number_that_is_none_is_error_with_its_place() {
    let fault = fragments("a (red:1.2.3) apple", Grammar::A1111, Emphasis::Original).unwrap_err();
    assert_eq!(fault.place, "(red:1.2.3)");
    let said = fault.error("prompt").to_string();
    assert!(said.contains("1.2.3 is not a number"), "{said}");
}

#[test]
fn random_prompts_parse_as_in_automatic1111() {
    let golden = json("grammars.json");
    let steps = golden["steps"].as_u64().unwrap() as usize;
    let (mut scheduled, mut weighted, mut refused, mut ambiguous) = (0, 0, 0, 0);
    for case in golden["prompts"].as_array().unwrap() {
        let prompt = text(&case["prompt"]);
        let ours = schedule(prompt, steps).unwrap();
        let ours: Vec<(u64, &str)> =
            ours.iter().map(|entry| (entry.until as u64, entry.text.as_str())).collect();
        let expected = case["schedule"].as_array().unwrap().iter();
        let expected: Vec<(u64, &str)> =
            expected.map(|pair| (pair[0].as_u64().unwrap(), text(&pair[1]))).collect();
        if ours != expected {
            // Its grammar is ambiguous there.
            assert!(has_stray_brackets(prompt), "{prompt:?}: {ours:?} instead of {expected:?}");
            ambiguous += 1;
        }
        scheduled += usize::from(ours.len() > 1);

        match (fragments(prompt, Grammar::A1111, Emphasis::Original), case["weights"].as_array()) {
            (Ok(fragments), Some(expected)) => {
                assert_same(&pairs(&fragments), &pairs_of(expected), prompt);
                weighted += usize::from(fragments.len() > 1);
            }
            (Err(_), None) => refused += 1,
            (ours, expected) => panic!("{prompt:?}: {ours:?} instead of {expected:?}"),
        }
    }
    assert!(
        scheduled > 40 && weighted > 100 && refused > 0 && ambiguous < 10,
        "{ambiguous} {scheduled} {weighted} {refused}"
    );
}

#[test]
fn prompts_have_the_words_tokens_and_weights_of_comfyui() {
    let clip = Clip::new();
    let (mut weighted, mut tokenized) = (0, 0);
    for case in json("grammars.json")["prompts"].as_array().unwrap() {
        let prompt = text(&case["prompt"]);
        let fragments = fragments(prompt, Grammar::Comfy, Emphasis::Original).unwrap();
        assert_same(&pairs(&fragments), &pairs_of(case["comfy"].as_array().unwrap()), prompt);
        weighted += usize::from(fragments.len() > 1);
        let Some(expected) = case["comfy_chunks"].as_array() else { continue };
        let chunks = clip.chunks(&fragments, Grammar::Comfy, &[]);
        let ours: Vec<Vec<(u64, f64)>> = chunks.iter().map(tokens).collect();
        let token = |pair: &Value| (pair[0].as_u64().unwrap(), pair[1].as_f64().unwrap());
        let expected: Vec<Vec<(u64, f64)>> = expected
            .iter()
            .map(|chunk| chunk.as_array().unwrap().iter().map(token).collect())
            .collect();
        assert_eq!(ours, expected, "{prompt:?}");
        tokenized += 1;
    }
    assert!(weighted > 80 && tokenized == 45, "{weighted} {tokenized}");
}

#[test]
fn prompt_without_signs_has_the_tokens_of_plain_text() {
    let clip = Clip::new();
    let golden = json("tokens.json");
    let signs = ['(', ')', '[', ']', '\\', '<'];
    let mut checked = 0;
    let prompts = golden["sets"][0]["cases"].as_array().unwrap().iter();
    for prompt in prompts.map(|case| text(&case["prompt"])) {
        let whole = clip.tokenizer.token_ids(prompt).unwrap();
        if prompt.contains(signs) || whole.len() > 75 {
            continue;
        }
        let fragments = fragments(prompt, Grammar::A1111, Emphasis::Original).unwrap();
        let chunks = clip.chunks(&fragments, Grammar::A1111, &[]);
        assert_eq!((chunks.len(), chunks[0].is_weighted()), (1, false), "{prompt:?}");
        let expected: Vec<Token> = whole.into_iter().map(Token::Id).collect();
        assert_eq!(chunks[0].tokens, expected, "{prompt:?}");
        checked += 1;
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn embedding_of_comfyui_is_named_by_its_prefix() {
    let clip = Clip::new();
    let count = |prompt: &str| {
        let fragments = fragments(prompt, Grammar::Comfy, Emphasis::Original).unwrap();
        let chunks = clip.chunks(&fragments, Grammar::Comfy, &clip.embeddings());
        let is_vector = |token: &&Token| matches!(token, Token::Vector { .. });
        (chunks[0].tokens.len(), chunks[0].tokens.iter().filter(is_vector).count())
    };
    assert_eq!(count("photo, embedding:EasyNegative, x"), (11, 8));
    assert_eq!(count("embedding:badhand.safetensors"), (2, 2));
    assert_eq!(count("EasyNegative").1, 0);
}

struct Clip {
    tokenizer: Tokenizer,
}

impl Clip {
    fn new() -> Self {
        let merges = concat!(env!("CARGO_MANIFEST_DIR"), "/www/clip/merges.txt");
        let merges = std::fs::read(merges).unwrap();
        Clip { tokenizer: Tokenizer::from_merges(&merges, None).unwrap() }
    }

    fn embeddings(&self) -> Vec<EmbeddingName> {
        let embeddings = EMBEDDINGS.iter().map(|(name, vectors)| EmbeddingName {
            name: name.to_string(),
            ids: self.tokenizer.token_ids(name).unwrap(),
            vectors: *vectors,
        });
        embeddings.collect()
    }

    fn chunks(
        &self,
        fragments: &[Fragment],
        grammar: Grammar,
        embeddings: &[EmbeddingName],
    ) -> Vec<Chunk> {
        let ids = |text: &str| self.tokenizer.token_ids(text);
        chunks(fragments, grammar, &Words { ids: &ids, room: 75, embeddings }).unwrap()
    }

    fn check_a1111(&self, prompt: &str, expected: &Value) {
        let fragments = fragments(prompt, Grammar::A1111, Emphasis::Original);
        if expected["error"].is_string() {
            fragments.unwrap_err();
            return;
        }
        let chunks = self.chunks(&fragments.unwrap(), Grammar::A1111, &self.embeddings());
        let expected = expected["chunks"].as_array().unwrap();
        assert_eq!(chunks.len(), expected.len(), "{prompt}");
        for (chunk, expected) in chunks.iter().zip(expected) {
            let numbers = |what: &str| -> Vec<f64> {
                expected[what].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect()
            };
            let ids: Vec<f64> = tokens(chunk).iter().map(|(id, _)| *id as f64).collect();
            assert_eq!(ids, numbers("ids"), "{prompt}");
            let weights = numbers("weights");
            assert_eq!(chunk.weights.len(), weights.len(), "{prompt}");
            let pairs = chunk.weights.iter().zip(&weights);
            assert!(pairs.clone().all(|(a, b)| is_same(*a, *b)), "{prompt}: {pairs:?}");
            let expected = expected["embeddings"].as_array().unwrap().iter();
            let expected: Vec<(usize, String)> = expected
                .map(|one| {
                    (one["offset"].as_u64().unwrap() as usize, text(&one["name"]).to_string())
                })
                .collect();
            let found = chunk.tokens.iter().enumerate();
            let found: Vec<(usize, String)> = found
                .filter_map(|(at, token)| match token {
                    Token::Vector { embedding, row: 0 } => {
                        Some((at, EMBEDDINGS[*embedding].0.to_string()))
                    }
                    _ => None,
                })
                .collect();
            assert_eq!(found, expected, "{prompt}");
        }
    }
}

/// Whether two or more signs that open or close nothing stand directly behind a bracket.
/// AUTOMATIC1111's Earley parser then takes some schedules for text.
fn has_stray_brackets(prompt: &str) -> bool {
    let is_sign = |letter: char| "[]():".contains(letter);
    let behind = prompt.match_indices(']').map(|(at, _)| &prompt[at + 1..]);
    behind
        .into_iter()
        .any(|behind| behind.chars().take(2).filter(|sign| is_sign(*sign)).count() == 2)
}

/// Whether two weights differ by no more than the last digit of a number in JSON, which serde_json
/// rounds.
fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-15 * b.abs().max(1.0)
}

fn assert_same(ours: &[(String, f64)], expected: &[(String, f64)], prompt: &str) {
    let same = |(ours, expected): (&(String, f64), &(String, f64))| {
        ours.0 == expected.0 && is_same(ours.1, expected.1)
    };
    let equal = ours.len() == expected.len() && ours.iter().zip(expected).all(same);
    assert!(equal, "{prompt:?}: {ours:?} instead of {expected:?}");
}

/// Returns ids and weights; a vector is 0, as in the reference.
fn tokens(chunk: &Chunk) -> Vec<(u64, f64)> {
    let ids = chunk.tokens.iter().map(|token| match token {
        Token::Id(id) => u64::from(*id),
        Token::Vector { .. } => 0,
    });
    ids.zip(chunk.weights.iter().copied()).collect()
}

fn pairs(fragments: &[Fragment]) -> Vec<(String, f64)> {
    let pair = |fragment: &Fragment| match fragment {
        Fragment::Text { text, weight } => (text.clone(), *weight),
        Fragment::Break => ("BREAK".to_string(), -1.0),
    };
    fragments.iter().map(pair).collect()
}

fn pairs_of(list: &[Value]) -> Vec<(String, f64)> {
    list.iter().map(|pair| (text(&pair[0]).to_string(), pair[1].as_f64().unwrap())).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&read(name)).unwrap()
}
