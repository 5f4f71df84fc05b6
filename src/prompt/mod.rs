//! Prompt grammars: networks, parts, schedules, weights, chunks.
//!
//! Pure functions over text, without the engine, so that the page has them, too. In the order of
//! AUTOMATIC1111: [`take_networks`], [`split_parts`], [`schedule()`], [`fragments`], [`chunks()`].

mod chunks;
mod comfy;
mod dynamic;
mod fault;
mod fragment;
mod grammar;
mod lines;
mod miswritten;
mod networks;
mod parts;
mod plan;
mod schedule;
mod styles;
mod textual_inversion;
mod weights;

pub use chunks::{Chunk, CommaRule, EmbeddingName, Token, Words, chunks, embedding_names};
pub use dynamic::{Choices, has_choices, wildcard_name};
pub use fault::{Fault, MAX_BYTES, MAX_DEPTH};
pub use fragment::Fragment;
pub use grammar::{Emphasis, Grammar};
pub use lines::{NEGATIVE, prompt_lines, wildcard_lines};
pub use miswritten::{MiswrittenWeight, miswritten_weight};
pub use networks::{NetworkRef, named_loras, take_networks};
pub use parts::{PartText, split_parts, trailing_weight};
pub use plan::{Part, Prompt};
pub use schedule::{Entry, schedule};
pub use styles::{Style, put as put_style, read_styles, write_styles};
pub use textual_inversion::TextualInversion;
pub use weights::fragments;
