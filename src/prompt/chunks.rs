//! Chunks: the tokens of a text, as many as the text encoder takes at once.
//!
//! AUTOMATIC1111 `modules/sd_hijack_clip.py` (`tokenize_line`); ComfyUI `comfy/sd1_clip.py`
//! (`tokenize_with_weights`).

use super::fragment::Fragment;
use super::grammar::Grammar;
use crate::error::Result;

/// Where AUTOMATIC1111 ends a full chunk earlier: at a comma at most this many tokens back.
const BACKTRACK: usize = 20;
/// ComfyUI moves fragments of fewer tokens to the next chunk as a whole.
const LARGE_FRAGMENT: usize = 8;
/// What stands before the name of an embedding in ComfyUI's prompts.
const COMFY_EMBEDDING: &str = "embedding:";

/// A position of the text encoder's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A row of its table.
    Id(u32),
    /// A vector of a textual inversion.
    Vector {
        /// Index in [`Words::embeddings`].
        embedding: usize,
        /// Index of the vector.
        row: usize,
    },
}

/// Tokens that are encoded together, without start, end and padding.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chunk {
    /// Tokens.
    pub tokens: Vec<Token>,
    /// Weight of each token.
    pub weights: Vec<f64>,
}

/// A textual inversion as prompts name it.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingName {
    /// Name.
    pub name: String,
    /// Token ids of the name.
    pub ids: Vec<u32>,
    /// Number of vectors.
    pub vectors: usize,
}

/// Whether a full chunk ends at a comma before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommaRule {
    /// It does.
    Backtrack,
    /// It does not.
    Off,
}

/// Vocabulary of a text encoder.
pub struct Words<'a> {
    /// Tokenizes a text, without start and end.
    pub ids: &'a dyn Fn(&str) -> Result<Vec<u32>>,
    /// Largest number of tokens of a chunk.
    pub room: usize,
    /// Textual inversions.
    pub embeddings: &'a [EmbeddingName],
}

/// Tokenizes fragments and splits the tokens into chunks, of which there is at least one.
///
/// # Errors
/// Those of the tokenizer.
pub fn chunks(fragments: &[Fragment], grammar: Grammar, words: &Words<'_>) -> Result<Vec<Chunk>> {
    match grammar {
        Grammar::Comfy => comfy(fragments, words),
        Grammar::A1111 => a1111(fragments, words, CommaRule::Backtrack),
        Grammar::Plain => {
            let mut chunks = a1111(fragments, words, CommaRule::Off)?;
            chunks.truncate(1);
            Ok(chunks)
        }
    }
}

impl Chunk {
    fn push(&mut self, token: Token, weight: f64) {
        self.tokens.push(token);
        self.weights.push(weight);
    }

    /// Drops the tokens behind the first `room`.
    pub fn truncate(&mut self, room: usize) {
        self.tokens.truncate(room);
        self.weights.truncate(room);
    }

    /// Moves the tokens from `at` on to a new chunk.
    fn split_off(&mut self, at: usize) -> Chunk {
        Chunk { tokens: self.tokens.split_off(at), weights: self.weights.split_off(at) }
    }

    /// Returns whether a weight differs from 1.
    pub fn is_weighted(&self) -> bool {
        self.weights.iter().any(|weight| *weight != 1.0)
    }
}

fn a1111(fragments: &[Fragment], words: &Words<'_>, rule: CommaRule) -> Result<Vec<Chunk>> {
    let comma = match rule {
        CommaRule::Backtrack => (words.ids)(",")?.first().copied(),
        CommaRule::Off => None,
    };
    let (mut chunks, mut chunk) = (Vec::new(), Chunk::default());
    let mut last_comma = None;
    for fragment in fragments {
        let (text, weight) = match fragment {
            Fragment::Text { text, weight } => (text, *weight),
            Fragment::Break => {
                chunks.push(std::mem::take(&mut chunk));
                last_comma = None;
                continue;
            }
        };
        let ids = (words.ids)(text)?;
        let mut at = 0;
        while let Some(id) = ids.get(at).copied() {
            let is_full = chunk.tokens.len() == words.room;
            if comma == Some(id) {
                last_comma = Some(chunk.tokens.len());
            } else if let Some(place) = last_comma
                && is_full
                && chunk.tokens.len() - place <= BACKTRACK
            {
                let moved = chunk.split_off(place + 1);
                chunks.push(std::mem::replace(&mut chunk, moved));
                last_comma = None;
            }
            if chunk.tokens.len() == words.room {
                chunks.push(std::mem::take(&mut chunk));
                last_comma = None;
            }
            let Some((embedding, found)) = words.embedding_at(&ids[at..]) else {
                chunk.push(Token::Id(id), weight);
                at += 1;
                continue;
            };
            if chunk.tokens.len() + found.vectors > words.room && !chunk.tokens.is_empty() {
                chunks.push(std::mem::take(&mut chunk));
                last_comma = None;
            }
            (0..found.vectors).for_each(|row| chunk.push(Token::Vector { embedding, row }, weight));
            at += found.ids.len();
        }
    }
    if !chunk.tokens.is_empty() || chunks.is_empty() {
        chunks.push(chunk);
    }
    Ok(chunks)
}

impl Words<'_> {
    /// Returns the embedding whose name stands at the start of `ids`, the longest first.
    fn embedding_at(&self, ids: &[u32]) -> Option<(usize, &EmbeddingName)> {
        let named = self.embeddings.iter().enumerate();
        let fitting = named.filter(|(_, name)| {
            !name.ids.is_empty()
                && (1..=self.room).contains(&name.vectors)
                && ids.starts_with(&name.ids)
        });
        fitting.max_by_key(|(_, name)| name.ids.len())
    }
}

fn comfy(fragments: &[Fragment], words: &Words<'_>) -> Result<Vec<Chunk>> {
    let (mut chunks, mut chunk) = (Vec::new(), Chunk::default());
    for fragment in fragments {
        let Fragment::Text { text, weight } = fragment else { continue };
        for group in comfy_groups(text, words)? {
            let is_large = group.len() >= LARGE_FRAGMENT;
            let mut left = group.as_slice();
            while left.len() > words.room - chunk.tokens.len() {
                let fitting = if is_large { words.room - chunk.tokens.len() } else { 0 };
                // A vocabulary may have less room than a small fragment needs.
                let fitting = if chunk.tokens.is_empty() { words.room } else { fitting };
                let (now, later) = left.split_at(fitting);
                now.iter().for_each(|token| chunk.push(*token, *weight));
                chunks.push(std::mem::take(&mut chunk));
                left = later;
            }
            left.iter().for_each(|token| chunk.push(*token, *weight));
        }
    }
    chunks.push(chunk);
    Ok(chunks)
}

/// Returns the names of textual inversions in a text of ComfyUI's grammar: `embedding:name`.
pub fn embedding_names(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
    let named = words.filter_map(|word| word.strip_prefix(COMFY_EMBEDDING));
    // A weight stands behind a colon: (embedding:name:1.2).
    let name = |named: &str| named.split(':').next().map(comfy_name).map(str::to_string);
    named.filter_map(name).filter(|name| !name.is_empty()).collect()
}

/// Returns a name without its folder, its file's ending and the comma behind it.
fn comfy_name(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.trim_matches(',').trim_end_matches(".safetensors")
}

/// Splits a fragment into tokens that stay together: the vectors of an embedding, and the text
/// between two.
fn comfy_groups(text: &str, words: &Words<'_>) -> Result<Vec<Vec<Token>>> {
    let mut groups = Vec::new();
    let text = text.replace('\n', " ");
    let mut pieces = vec![text.as_str()];
    let mark = format!(" {COMFY_EMBEDDING}");
    while let Some(last) = pieces.last().copied()
        && let Some(at) = last.find(&mark)
    {
        pieces.pop();
        pieces.extend([&last[..at], &last[at + 1..]]);
    }
    for piece in pieces {
        let mut piece = piece;
        if let Some(named) = piece.strip_prefix(COMFY_EMBEDDING) {
            let (name, rest) = named.split_once(' ').unwrap_or((named, ""));
            let trimmed = comfy_name(name);
            let found = words.embeddings.iter().enumerate().find(|(_, embedding)| {
                embedding.name.eq_ignore_ascii_case(trimmed)
                    && (1..=words.room).contains(&embedding.vectors)
            });
            if let Some((embedding, found)) = found {
                groups
                    .push((0..found.vectors).map(|row| Token::Vector { embedding, row }).collect());
                piece = rest;
            }
        }
        if !piece.is_empty() {
            let ids = (words.ids)(piece)?;
            groups.push(ids.into_iter().map(Token::Id).collect());
        }
    }
    Ok(groups)
}
