//! The tokenizer, compared with transformers, and with invalid files.

use hearth::error::Error;
use hearth::tokenizer::Tokenizer;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[test]
fn encode_equals_transformers() {
    let golden: Value =
        serde_json::from_slice(&std::fs::read(data("tokens.json")).unwrap()).unwrap();
    let length = golden["model_max_length"].as_u64().unwrap() as usize;
    let mut count = 0;
    for set in golden["sets"].as_array().unwrap() {
        let (name, pad) = (set["name"].as_str().unwrap(), set["pad"].as_u64().unwrap() as u32);
        let tokenizer = load(set["vocab"].as_str().unwrap(), set["config"].as_str());
        assert_eq!(
            (tokenizer.model_max_length(), tokenizer.pad_token_id()),
            (length, pad),
            "{name}"
        );
        for case in set["cases"].as_array().unwrap() {
            let prompt = case["prompt"].as_str().unwrap();
            let found = tokenizer.encode(prompt).unwrap();
            let ids =
                case["input_ids"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32);
            let ids: Vec<u32> = ids.chain(std::iter::repeat(pad)).take(length).collect();
            assert_eq!(found.input_ids, ids, "{name}: {prompt:?}");
            assert_eq!(
                found.token_count as u64,
                case["token_count"].as_u64().unwrap(),
                "{name}: {prompt:?}"
            );
            assert_eq!(
                found.truncated.as_deref(),
                case["truncated"].as_str(),
                "{name}: {prompt:?}"
            );
            count += 1;
        }
    }
    println!("{count} prompts");
    assert!(count >= 5 * 150);
}

#[test]
fn model_max_length_comes_from_the_config() {
    let with = |length: Value| {
        let config = json!({ "model_max_length": length }).to_string();
        Tokenizer::from_vocab_and_merges(
            &read("sd1/tokenizer/vocab.json"),
            b"",
            Some(config.as_bytes()),
            None,
        )
    };
    assert_eq!(
        with(json!(12)).unwrap().encode("a b c d e f g h i j k l m").unwrap().input_ids.len(),
        12
    );
    for unstated in [json!(null), json!(1e30), json!(1_000_000_000_000_i64)] {
        assert_eq!(with(unstated).unwrap().model_max_length(), 77);
    }
    for useless in [json!(0), json!(2), json!(-5)] {
        assert!(matches!(with(useless), Err(Error::Tokenizer { .. })));
    }
}

/// transformers gives 689 for the word, and these ids for the others.
#[test]
fn words_of_added_tokens_json_are_encoded() {
    let vocab = read("sd1/tokenizer/vocab.json");
    let with = |config: Option<&[u8]>, words: &[u8]| {
        let merges = read("sd1/tokenizer/merges.txt");
        Tokenizer::with_added_tokens(&vocab, &merges, config, None, words).unwrap()
    };
    let plain =
        Tokenizer::from_vocab_and_merges(&vocab, &read("sd1/tokenizer/merges.txt"), None, None)
            .unwrap();
    let before = plain.encode("a photo of").unwrap();
    let count = before.token_count;
    let tokenizer = with(None, b"{\"<cat-toy>\": 689, \"<|endoftext|>\": 688}");
    for prompt in ["a photo of <cat-toy>", "a photo of <CAT-TOY>"] {
        let ids = tokenizer.encode(prompt).unwrap().input_ids;
        assert_eq!(ids[..=count], before.input_ids[..=count], "{prompt}");
        assert_eq!(ids[count + 1..count + 3], [689, 688], "{prompt}");
    }
    assert_eq!(tokenizer.vocab_size(), 690);
    // The stated id counts, also with a gap before it.
    let gap = with(None, b"{\"<b>\": 701, \"<a>\": 700}");
    assert_eq!(gap.encode("<b><a>").unwrap().input_ids[..4], [687, 701, 700, 688]);
}

#[test]
fn added_tokens_are_encoded() {
    let config = json!({
        "pad_token": "[PAD]",
        "added_tokens_decoder": { "689": { "content": "<my-cat>", "normalized": false, "special": false } },
    });
    let vocab = read("sd1/tokenizer/vocab.json");
    let config = config.to_string();
    let tokenizer =
        Tokenizer::from_vocab_and_merges(&vocab, b"", Some(config.as_bytes()), None).unwrap();
    assert_eq!(tokenizer.encode("<my-cat>").unwrap().input_ids[..4], [687, 689, 688, 690]);
    assert_eq!(tokenizer.vocab_size(), 691);
}

#[test]
fn invalid_files_are_errors() {
    let vocab = read("sd1/tokenizer/vocab.json");
    let merges = read("sd1/tokenizer/merges.txt");
    // Vocabulary, merges, config.
    type Files<'a> = (&'a [u8], &'a [u8], Option<&'a [u8]>);
    let broken: [Files; 12] = [
        (b"", &merges, None),
        (b"[1, 2]", &merges, None),
        (b"{\"a\": -1}", b"", None),
        (b"{\"a\": 4294967295}", b"", None),
        (b"{\"a\": 1.5}", b"", None),
        (&vocab[..vocab.len() / 2], &merges, None),
        (&vocab, b"a b c\n", None),
        (&vocab, b"qq zz\n", None),
        (&vocab, b"\xff\xfe\n", None),
        // A merge whose result is not in the vocabulary.
        (b"{\"aa\": 0, \"bb\": 1}", b"aa bb\n", None),
        (&vocab, &merges, Some(b"{\"bos_token\": 5}")),
        (&vocab, &merges, Some(b"not json")),
    ];
    for (index, (vocab, merges, config)) in broken.into_iter().enumerate() {
        let result = Tokenizer::from_vocab_and_merges(vocab, merges, config, None);
        assert!(matches!(result, Err(Error::Tokenizer { .. })), "case {index}");
    }
    for text in
        ["{}", "{\"model\": {\"type\": \"Unigram\", \"vocab\": {}, \"merges\": []}}", "[]", "\u{0}"]
    {
        let result = Tokenizer::from_tokenizer_json(text.as_bytes(), None, None);
        assert!(matches!(result, Err(Error::Tokenizer { .. })), "{text}");
    }
}

#[test]
fn tiny_vocabulary_does_not_panic() {
    let vocab = br#"{"a": 0, "<|startoftext|>": 1, "<|endoftext|>": 2}"#;
    let tokenizer = Tokenizer::from_vocab_and_merges(vocab, b"", None, None).unwrap();
    assert_eq!(tokenizer.encode("b").unwrap().input_ids[..3], [1, 2, 2]);
    // Without an end token in the vocabulary an unknown piece is an error.
    let tokenizer = Tokenizer::from_vocab_and_merges(b"{\"a</w>\": 0}", b"", None, None).unwrap();
    assert_eq!(tokenizer.encode("a").unwrap().input_ids[..4], [1, 0, 2, 2]);
    assert!(matches!(tokenizer.encode("b"), Err(Error::Tokenizer { .. })));
}

#[test]
fn from_merges_gives_clips_ids() {
    let (whole, derived) =
        (load("clip", None), Tokenizer::from_merges(&clip_merges(), None).unwrap());
    assert_eq!(derived.vocab_size(), whole.vocab_size());
    // Every token, and with it every id, by its own text.
    let vocab: Value = serde_json::from_slice(&read("clip/vocab.json")).unwrap();
    assert_eq!(derived.ids(), {
        let ids = vocab.as_object().unwrap().iter();
        ids.map(|(token, id)| (token.clone(), id.as_u64().unwrap() as u32)).collect()
    });
}

#[test]
fn very_long_prompt_is_truncated() {
    let tokenizer = load("clip", None);
    let prompt = "wörd 猫\u{301}! ".repeat(20_000);
    let encoding = tokenizer.encode(&prompt).unwrap();
    assert_eq!(encoding.input_ids.len(), 77);
    assert!(prompt.ends_with(&encoding.truncated.unwrap()));
}

/// Loads a tokenizer as a checkpoint does: from `tokenizer.json` if it exists, else from vocabulary
/// and merges.
fn load(vocab: &str, config: Option<&str>) -> Tokenizer {
    let [config, map] = ["tokenizer_config.json", "special_tokens_map.json"]
        .map(|name| config.map(|folder| read(&format!("{folder}/{name}"))));
    match std::fs::read(data(&format!("{vocab}/tokenizer.json"))) {
        Ok(json) => {
            Tokenizer::from_tokenizer_json(&json, config.as_deref(), map.as_deref()).unwrap()
        }
        Err(_) => {
            let merges = match vocab {
                "clip" => clip_merges(),
                folder => read(&format!("{folder}/merges.txt")),
            };
            let vocab = read(&format!("{vocab}/vocab.json"));
            Tokenizer::from_vocab_and_merges(&vocab, &merges, config.as_deref(), map.as_deref())
                .unwrap()
        }
    }
}

fn clip_merges() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("www/clip/merges.txt")).unwrap()
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(data(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data").join(path)
}
