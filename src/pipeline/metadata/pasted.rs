//! Settings in a text that the user pasted.

use super::generation_metadata::GenerationMetadata;
use super::parameters::{MIN_SETTINGS, STEPS, split};
use super::setting_pairs::pairs;
use super::texts::bounded;
use super::{other_programs, parameters};
use crate::prompt::NEGATIVE;

/// Reads a text that the user pasted, as sites show it below pictures: `parameters` of another program or JSON
/// of a known one; `None` if it may just be a prompt. It may have lost its line breaks, or be a part; a prompt
/// that it lacks is left unset.
pub fn read_pasted(text: &str) -> Option<GenerationMetadata> {
    let text = bounded(text).ok()?;
    if other_programs::is_json(text) {
        let metadata = other_programs::read_parameters(text);
        return metadata.params.prompt.is_some().then_some(metadata);
    }
    let text = &with_line_breaks(text.trim());
    let (prompts, settings, _) = split(text);
    let has_negative = prompts.lines().any(|line| line.trim_start().starts_with(NEGATIVE));
    if settings.is_empty() && !has_negative {
        return None;
    }
    let mut metadata = parameters::read(text);
    let params = &mut metadata.params;
    params.prompt = params.prompt.take().filter(|prompt| !prompt.is_empty());
    if prompts.is_empty() {
        params.negative_prompt = None;
    }
    Some(metadata)
}

/// Puts the settings, and the negative prompt before them, on lines of their own.
fn with_line_breaks(text: &str) -> String {
    let is_settings = |at: &usize| {
        let line = text[*at..].lines().next().unwrap_or_default();
        let begins = text[..*at].chars().next_back().is_none_or(char::is_whitespace);
        begins && pairs(line).count() >= MIN_SETTINGS
    };
    let Some(at) = text.match_indices(STEPS).map(|(at, _)| at).find(is_settings) else {
        return text.to_string();
    };
    let (prompts, settings) = text.split_at(at);
    let prompts = match prompts.split_once(&format!(" {NEGATIVE}")) {
        Some((prompt, negative)) => format!("{prompt}\n{NEGATIVE}{negative}"),
        None => prompts.to_string(),
    };
    format!("{}\n{settings}", prompts.trim_end()).trim().to_string()
}
