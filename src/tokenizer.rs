//! CLIP's tokenizer, equal to transformers' `CLIPTokenizer`.
//!
//! Only vocabulary, merges and special tokens are read from a checkpoint's files; as in
//! transformers, normalisation and pre-tokenisation are always CLIP's.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Display;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokenizers::models::bpe::{BPE, Merges, Vocab};
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{Lowercase, NFC, Replace, Sequence as Normalizers};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence as PreTokenizers;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, NormalizerWrapper, PreTokenizerWrapper, SplitDelimiterBehavior};

use crate::error::{self, Error, Message, Result, messages};

/// Converts prompts to `input_ids` of the text encoder.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    bos_token_id: u32,
    eos_token_id: u32,
    pad_token_id: u32,
    model_max_length: usize,
}

/// The tokens of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// Start, tokens, end and padding, `[model_max_length]`.
    pub input_ids: Vec<u32>,
    /// The end of the prompt that was truncated, if any.
    pub truncated: Option<String>,
    /// Number of tokens of the whole prompt, without start, end and padding.
    pub token_count: usize,
}

impl Tokenizer {
    /// Builds a tokenizer from `vocab.json` and `merges.txt`, and from `tokenizer_config.json` and
    /// `special_tokens_map.json` if the checkpoint has them.
    pub fn from_vocab_and_merges(
        vocab_json: &[u8],
        merges_txt: &[u8],
        config: Option<&[u8]>,
        special_tokens_map: Option<&[u8]>,
    ) -> Result<Self> {
        let vocab = parse("vocab.json", vocab_json)?;
        let merges = parse_merges(merges_txt)?;
        Self::build(vocab, merges, Settings::read(config, special_tokens_map, Vec::new())?)
    }

    /// Adds the words of `added_tokens.json`, where transformers before 4.34 saved words that
    /// training added; newer configs list them themselves, and then it is ignored.
    pub fn with_added_tokens(
        vocab_json: &[u8],
        merges_txt: &[u8],
        config: Option<&[u8]>,
        special_tokens_map: Option<&[u8]>,
        added_tokens: &[u8],
    ) -> Result<Self> {
        let vocab = parse("vocab.json", vocab_json)?;
        let merges = parse_merges(merges_txt)?;
        let words: BTreeMap<String, u32> = parse("added_tokens.json", added_tokens)?;
        let mut words: Vec<(u32, String)> =
            words.into_iter().map(|(word, id)| (id, word)).collect();
        words.sort();
        let words = words
            .into_iter()
            .map(|(id, word)| Token { token: AddedToken::from(word, false), id: Some(id) });
        Self::build(vocab, merges, Settings::read(config, special_tokens_map, words.collect())?)
    }

    /// Builds a tokenizer from `merges.txt` alone, for CLIP's own vocabulary, whose ids follow from
    /// the merges (OpenAI's `simple_tokenizer.py`).
    pub fn from_merges(merges_txt: &[u8], config: Option<&[u8]>) -> Result<Self> {
        let merges = parse_merges(merges_txt)?;
        let bytes = byte_symbols();
        let ends = bytes.iter().map(|symbol| format!("{symbol}{WORD_END}"));
        let tokens = bytes.iter().map(char::to_string).chain(ends);
        let tokens = tokens.chain(merges.iter().map(|(left, right)| format!("{left}{right}")));
        let tokens = tokens.chain([START.to_owned(), END.to_owned()]);
        let vocab = tokens.zip(0..).collect();
        Self::build(vocab, merges, Settings::read(config, None, Vec::new())?)
    }

    /// Builds a tokenizer from `tokenizer.json`, which contains vocabulary and merges, and the two
    /// config files.
    pub fn from_tokenizer_json(
        tokenizer_json: &[u8],
        config: Option<&[u8]>,
        special_tokens_map: Option<&[u8]>,
    ) -> Result<Self> {
        let TokenizerJson { model, added_tokens } = parse("tokenizer.json", tokenizer_json)?;
        if model.kind.as_deref().is_some_and(|kind| kind != "BPE") {
            return Err(broken(messages::no_bpe()));
        }
        let merges = model.merges.into_iter().map(Merge::split).collect::<Result<_>>()?;
        Self::build(model.vocab, merges, Settings::read(config, special_tokens_map, added_tokens)?)
    }

    /// Tokenizes a prompt, truncated or padded to `model_max_length`.
    pub fn encode(&self, prompt: &str) -> Result<Encoding> {
        let whole = self.inner.encode(prompt, false).map_err(outside)?;
        let (ids, room) = (whole.get_ids(), self.model_max_length - 2);
        let truncated = whole.get_offsets().get(room).map(|&(start, _)| {
            // A token can begin inside a character: the whole character is then truncated.
            prompt[prompt.floor_char_boundary(start)..].to_owned()
        });
        let mut input_ids = Vec::with_capacity(self.model_max_length);
        input_ids.push(self.bos_token_id);
        input_ids.extend_from_slice(&ids[..ids.len().min(room)]);
        input_ids.push(self.eos_token_id);
        input_ids.resize(self.model_max_length, self.pad_token_id);
        Ok(Encoding { input_ids, truncated, token_count: ids.len() })
    }

    /// Tokenizes a text of any length, without start, end and padding.
    pub fn token_ids(&self, text: &str) -> Result<Vec<u32>> {
        Ok(self.inner.encode(text, false).map_err(outside)?.get_ids().to_vec())
    }

    /// Returns the text of a token that is a whole word of ASCII letters and signs.
    pub fn word(&self, id: u32) -> Option<String> {
        let word = self.inner.id_to_token(id)?.strip_suffix(WORD_END)?.to_string();
        word.is_ascii().then_some(word)
    }

    /// Returns the number of ids that [`encode`](Self::encode) returns.
    pub fn model_max_length(&self) -> usize {
        self.model_max_length
    }

    /// Returns the largest id plus one: the number of rows that an embedding table needs.
    pub fn vocab_size(&self) -> usize {
        self.inner.get_vocab(true).into_values().max().map_or(0, |id| id as usize + 1)
    }

    /// Returns every token with its id.
    pub fn ids(&self) -> HashMap<String, u32> {
        self.inner.get_vocab(true).into_iter().collect()
    }

    /// Returns the id of the start token.
    pub fn bos_token_id(&self) -> u32 {
        self.bos_token_id
    }

    /// Returns the id of the end token.
    pub fn eos_token_id(&self) -> u32 {
        self.eos_token_id
    }

    /// Returns the padding id: the end token in SD 1, `!` in SD 2.
    pub fn pad_token_id(&self) -> u32 {
        self.pad_token_id
    }

    fn build(mut vocab: HashMap<String, u32>, merges: Merges, settings: Settings) -> Result<Self> {
        settings.add_ids(&mut vocab);
        check(&vocab, &merges)?;
        let model = BPE::builder()
            .vocab_and_merges(vocab.into_iter().collect::<Vocab>(), merges)
            .end_of_word_suffix(WORD_END.to_owned())
            .unk_token(settings.unk.clone())
            .build()
            .map_err(outside)?;
        let mut inner = tokenizers::Tokenizer::new(model);
        inner.with_normalizer(Some(normalizer()?)).map_err(outside)?;
        inner.with_pre_tokenizer(Some(pre_tokenizer()?));
        inner.add_tokens(settings.added).map_err(outside)?;

        let id =
            |token: &str| inner.token_to_id(token).ok_or_else(|| broken(messages::no_token(token)));
        let (bos_token_id, eos_token_id) = (id(&settings.bos)?, id(&settings.eos)?);
        let pad_token_id = id(&settings.pad)?;
        Ok(Tokenizer {
            inner,
            bos_token_id,
            eos_token_id,
            pad_token_id,
            model_max_length: settings.max_length,
        })
    }
}

/// The default special tokens.
const START: &str = "<|startoftext|>";
const END: &str = "<|endoftext|>";
/// Marks the last piece of a word.
const WORD_END: &str = "</w>";
/// The length of every CLIP text encoder, for configs that name none.
const DEFAULT_MAX_LENGTH: usize = 77;
/// Configs without a length may contain a huge one (transformers' `VERY_LARGE_INTEGER`); larger
/// values are ignored.
const LARGEST_MAX_LENGTH: f64 = 65_536.0;

/// Returns a printable character for each byte: first the printable ones, then the others from
/// U+0100 on.
fn byte_symbols() -> Vec<char> {
    let printable = |byte: &u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let others = (0..256).filter(|byte| !printable(byte)).count() as u32;
    (0..256).filter(printable).chain(256..256 + others).filter_map(char::from_u32).collect()
}

/// Returns CLIP's normalizer: NFC, single spaces, lower case.
fn normalizer() -> Result<NormalizerWrapper> {
    let spaces = Replace::new(ReplacePattern::Regex(r"\s+".to_owned()), " ").map_err(outside)?;
    Ok(Normalizers::new(vec![NFC.into(), spaces.into(), Lowercase.into()]).into())
}

/// Splits into words, contractions, single digits and runs of other characters; then maps bytes to
/// characters.
fn pre_tokenizer() -> Result<PreTokenizerWrapper> {
    let words = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";
    let pattern = SplitPattern::Regex(words.to_owned());
    let split = Split::new(pattern, SplitDelimiterBehavior::Removed, true).map_err(outside)?;
    let bytes = ByteLevel::default().add_prefix_space(false);
    Ok(PreTokenizers::new(vec![split.into(), bytes.into()]).into())
}

/// Checks what the tokenizers crate assumes.
fn check(vocab: &HashMap<String, u32>, merges: &Merges) -> Result<()> {
    const LARGEST_ID: u32 = 1 << 24;
    if let Some((token, id)) = vocab.iter().find(|(_, id)| **id > LARGEST_ID) {
        return Err(broken(messages::token_id_too_large(*id, format!("{token:?}"))));
    }
    let mut merged = String::new();
    for (left, right) in merges {
        merged.clear();
        merged.extend([left.as_str(), right]);
        if left.is_empty() || right.is_empty() || !vocab.contains_key(&merged) {
            return Err(broken(messages::merge_gives_no_token(
                format!("{left:?}"),
                format!("{right:?}"),
            )));
        }
    }
    Ok(())
}

/// The special tokens, merged from up to three files as in transformers.
struct Settings {
    bos: String,
    eos: String,
    unk: String,
    pad: String,
    /// Tokens that are matched in the text before it is split into words. Of two entries for one
    /// token the later wins, so the order is that of transformers.
    added: Vec<AddedToken>,
    /// Ids that the files state for added tokens.
    ids: Vec<(String, u32)>,
    max_length: usize,
}

impl Settings {
    /// Adds the added tokens to the vocabulary. The tokenizers crate would number them on, but the
    /// stated ids are the rows of the text encoder, also if there is a gap before them.
    fn add_ids(&self, vocab: &mut HashMap<String, u32>) {
        let mut used: HashSet<u32> = vocab.values().copied().collect();
        for (content, id) in &self.ids {
            if !vocab.contains_key(content) && used.insert(*id) {
                vocab.insert(content.clone(), *id);
            }
        }
    }

    fn read(
        config: Option<&[u8]>,
        map: Option<&[u8]>,
        from_other_file: Vec<Token>,
    ) -> Result<Self> {
        let read = |file, bytes: Option<&[u8]>| {
            bytes.map_or(Ok(Map::new()), |bytes| parse::<Map<_, _>>(file, bytes))
        };
        let mut values = read("tokenizer_config.json", config)?;
        let declared: Vec<Token> = match values.remove("added_tokens_decoder") {
            // A config that lists its tokens is complete; in older ones the map overrides the
            // config.
            Some(tokens) if !tokens.is_null() => {
                let tokens = value::<BTreeMap<u32, Token>>(tokens)?.into_iter();
                tokens.map(|(id, token)| Token { id: Some(id), ..token }).collect()
            }
            _ => {
                values.extend(read("special_tokens_map.json", map)?);
                from_other_file
            }
        };
        let mut special = Vec::new();
        let mut named = |key: &str, default: Option<&str>| -> Result<String> {
            let stated = values.remove(key).map_or(Ok(None), value::<Option<Token>>)?;
            let token = stated.or_else(|| {
                default.map(|content| Token::from(TokenJson::Text(content.to_owned())))
            });
            let content =
                token.as_ref().map(|token| token.token.content.clone()).unwrap_or_default();
            special.extend(token);
            Ok(content)
        };
        let (bos, eos) = (named("bos_token", Some(START))?, named("eos_token", Some(END))?);
        let (unk, _) = (named("unk_token", Some(END))?, named("sep_token", None)?);
        let (pad, _) = (named("pad_token", Some(END))?, named("cls_token", None)?);
        named("mask_token", None)?;
        for key in ["additional_special_tokens", "extra_special_tokens"] {
            if let Some(tokens @ Value::Array(_)) = values.remove(key) {
                special.extend(value::<Vec<Token>>(tokens)?);
            }
        }

        let ids = declared
            .iter()
            .filter_map(|Token { token, id }| id.map(|id| (token.content.clone(), id)));
        let ids = ids.collect();
        let is_special = |token: &AddedToken| {
            special.iter().any(|special: &Token| special.token.content == token.content)
        };
        let mut added: Vec<AddedToken> = Vec::new();
        for Token { token, .. } in declared {
            // In `added_tokens.json` nothing tells a special token from a word.
            let normalized = token.normalized && (token.special || !is_special(&token));
            added.push(AddedToken { normalized, ..token });
        }
        special.retain(|special| added.iter().all(|known| known.content != special.token.content));
        added.extend(special.into_iter().map(|special| special.token.special(true)));
        let max_length = match values.get("model_max_length").and_then(Value::as_f64) {
            Some(length) if length < 3.0 => {
                return Err(broken(messages::field_is("model_max_length", length)));
            }
            Some(length) if length <= LARGEST_MAX_LENGTH => length as usize,
            _ => DEFAULT_MAX_LENGTH,
        };
        Ok(Settings { bos, eos, unk, pad, added, ids, max_length })
    }
}

#[derive(Deserialize)]
struct TokenizerJson {
    model: ModelJson,
    #[serde(default)]
    added_tokens: Vec<Token>,
}

#[derive(Deserialize)]
struct ModelJson {
    #[serde(rename = "type")]
    kind: Option<String>,
    vocab: HashMap<String, u32>,
    merges: Vec<Merge>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Line(String),
    Pair(String, String),
}

impl Merge {
    fn split(self) -> Result<(String, String)> {
        match self {
            Merge::Pair(left, right) => Ok((left, right)),
            Merge::Line(line) => match line.split_once(' ') {
                Some((left, right)) if !right.contains(' ') => {
                    Ok((left.to_owned(), right.to_owned()))
                }
                _ => Err(broken(messages::no_merge(format!("{line:?}")))),
            },
        }
    }
}

#[derive(Deserialize)]
#[serde(from = "TokenJson")]
struct Token {
    token: AddedToken,
    /// Its id, if the file states it.
    id: Option<u32>,
}

/// A token in JSON: its text, or its text and how it is matched.
#[derive(Deserialize)]
#[serde(untagged)]
enum TokenJson {
    Text(String),
    Full {
        content: String,
        #[serde(default)]
        lstrip: bool,
        #[serde(default)]
        rstrip: bool,
        #[serde(default)]
        single_word: bool,
        normalized: Option<bool>,
        #[serde(default)]
        special: bool,
        id: Option<u32>,
    },
}

impl From<TokenJson> for Token {
    fn from(json: TokenJson) -> Self {
        match json {
            TokenJson::Text(content) => Token { token: AddedToken::from(content, true), id: None },
            TokenJson::Full { content, lstrip, rstrip, single_word, normalized, special, id } => {
                let normalized = normalized.unwrap_or(!special);
                let token =
                    AddedToken { content, single_word, lstrip, rstrip, normalized, special };
                Token { token, id }
            }
        }
    }
}

fn parse_merges(merges_txt: &[u8]) -> Result<Merges> {
    let text =
        std::str::from_utf8(merges_txt).map_err(|error| outside(format!("merges.txt: {error}")))?;
    let lines = text.lines().filter(|line| !line.starts_with("#version") && !line.is_empty());
    lines.map(|line| Merge::Line(line.to_owned()).split()).collect()
}

fn parse<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T> {
    error::json::object(bytes).map_err(|reason| broken(messages::in_file(file, reason)))
}

fn value<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|error| broken(messages::special_tokens(error.to_string())))
}

fn broken(reason: Message) -> Error {
    Error::Tokenizer { reason }
}

/// Wraps an error of a library.
fn outside(reason: impl Display) -> Error {
    broken(Message::verbatim(reason))
}
