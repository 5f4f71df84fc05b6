//! What an adapter's file says about itself.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::weights::textual_inversion::HASH_DIGITS;

/// Texts of a file's metadata that users see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdapterMetadata {
    /// Title or name that its trainer gave.
    pub title: Option<String>,
    /// Words that call it up, most frequent first.
    pub trigger_words: Vec<String>,
    /// Licence.
    pub license: Option<String>,
    /// Advice.
    pub usage_hint: Option<String>,
    /// First 12 hex digits of the SHA-256 of its tensors, which its trainer wrote.
    pub hash: Option<String>,
}

/// Trigger words that are shown.
const MOST_WORDS: usize = 12;

impl AdapterMetadata {
    /// Reads the metadata of kohya's trainers and of `modelspec`.
    pub fn of(metadata: &BTreeMap<String, String>) -> Self {
        let text = |key: &str| {
            let text = metadata.get(key).map(|text| text.trim().to_string());
            text.filter(|text| !text.is_empty() && text != "None")
        };
        let phrase = text("modelspec.trigger_phrase");
        let phrase = phrase.map(|words| words.split(',').map(|w| w.trim().to_string()).collect());
        AdapterMetadata {
            title: text("modelspec.title").or_else(|| text("ss_output_name")),
            trigger_words: phrase.unwrap_or_else(|| frequent(metadata)),
            license: text("modelspec.license"),
            usage_hint: text("modelspec.usage_hint"),
            hash: text("sshs_model_hash")
                .and_then(|sum| sum.get(..HASH_DIGITS).map(str::to_string)),
        }
    }
}

/// Returns the most frequent tags of `ss_tag_frequency`: JSON, folder → tag → count.
fn frequent(metadata: &BTreeMap<String, String>) -> Vec<String> {
    let json = metadata.get("ss_tag_frequency").and_then(|text| serde_json::from_str(text).ok());
    let Some(Value::Object(folders)) = json else { return Vec::new() };
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (tag, count) in folders.values().filter_map(Value::as_object).flatten() {
        *counts.entry(tag.trim()).or_default() += count.as_u64().unwrap_or(0);
    }
    let mut counts: Vec<_> = counts.into_iter().filter(|(tag, _)| !tag.is_empty()).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().take(MOST_WORDS).map(|(tag, _)| tag.to_string()).collect()
}

/// Alphas of PEFT's configs, which files of that form have instead of tensors.
#[derive(Debug, Clone, Default)]
pub struct PeftAlphas {
    configs: Vec<(String, Value)>,
}

impl PeftAlphas {
    /// Reads diffusers' `lora_adapter_metadata`, whose keys begin with the component.
    pub fn of_metadata(metadata: &BTreeMap<String, String>) -> Self {
        let json = metadata.get("lora_adapter_metadata").and_then(|t| serde_json::from_str(t).ok());
        let Some(Value::Object(all)) = json else { return PeftAlphas::default() };
        let mut configs: BTreeMap<String, serde_json::Map<String, Value>> = BTreeMap::new();
        for (key, value) in all {
            if let Some((component, name)) = key.split_once('.') {
                configs.entry(component.to_string()).or_default().insert(name.to_string(), value);
            }
        }
        let configs = configs.into_iter().map(|(name, config)| (name, Value::Object(config)));
        PeftAlphas { configs: configs.collect() }
    }

    /// Reads `adapter_config.json`, which is for all layers.
    pub fn of_config(json: &[u8]) -> Self {
        let config = serde_json::from_slice(json).ok();
        PeftAlphas { configs: config.map(|config| (String::new(), config)).into_iter().collect() }
    }

    /// Returns the alpha of a layer by its path in `component`, such that the scale is alpha / `rank`.
    pub fn get(&self, component: &str, path: &str, rank: usize) -> Option<f64> {
        let named = |(name, _): &&(String, Value)| name.is_empty() || name == component;
        let (_, config) = self.configs.iter().find(named)?;
        let of_layer = config.get("alpha_pattern").and_then(Value::as_object).and_then(|rows| {
            rows.iter().find(|(end, _)| path == *end || path.ends_with(&format!(".{end}")))
        });
        let alpha =
            of_layer.map(|(_, alpha)| alpha).or_else(|| config.get("lora_alpha"))?.as_f64()?;
        let is_rank_stable = config.get("use_rslora").and_then(Value::as_bool) == Some(true);
        Some(if is_rank_stable { alpha * (rank as f64).sqrt() } else { alpha })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{AdapterMetadata, PeftAlphas};

    fn metadata(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
        rows.iter().map(|(key, value)| ((*key).to_string(), (*value).to_string())).collect()
    }

    #[test]
    fn tags_are_trigger_words_by_frequency() {
        let tags = r#"{"10_a": {"cat": 3, "hat": 9}, "5_b": {"cat": 8, " ": 99}}"#;
        let rows = metadata(&[("ss_tag_frequency", tags), ("ss_output_name", "cats")]);
        let read = AdapterMetadata::of(&rows);
        assert_eq!(read.trigger_words, ["cat", "hat"]);
        assert_eq!(read.title.as_deref(), Some("cats"));
        let rows = metadata(&[("ss_tag_frequency", tags), ("modelspec.trigger_phrase", "a, b")]);
        assert_eq!(AdapterMetadata::of(&rows).trigger_words, ["a", "b"]);
    }

    #[test]
    fn alphas_come_from_the_component_and_the_layer() {
        let json = r#"{"unet.lora_alpha": 8, "unet.alpha_pattern": {"attn1.to_q": 2}, "text_encoder.lora_alpha": 3, "text_encoder.use_rslora": true}"#;
        let alphas = PeftAlphas::of_metadata(&metadata(&[("lora_adapter_metadata", json)]));
        assert_eq!(alphas.get("unet", "down.0.attn1.to_q", 4), Some(2.0));
        assert_eq!(alphas.get("unet", "down.0.attn1.to_k", 4), Some(8.0));
        assert_eq!(alphas.get("text_encoder", "a", 4), Some(6.0));
        assert_eq!(alphas.get("text_encoder_2", "a", 4), None);
        assert_eq!(PeftAlphas::of_config(br#"{"lora_alpha": 16}"#).get("unet", "x", 4), Some(16.0));
    }
}
