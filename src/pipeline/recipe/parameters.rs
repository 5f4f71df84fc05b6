//! The text `parameters` of AUTOMATIC1111's web UI: prompt, negative prompt, and a line of settings
//! (`create_infotext` in its `modules/processing.py`, `parse_generation_parameters` in its
//! `modules/infotext_utils.py`).

use super::model::ModelIdentity;
use super::sampler;
use super::settings::{Recipe, StartRecipe};
use crate::error::{Message, messages, setting_name};
use crate::params::{A1111, FIELDS, Field, GenerationParams, Section, Value};
use crate::scheduler::SamplerName;

/// What begins the negative prompt.
const NEGATIVE: &str = "Negative prompt:";

/// A last line with fewer settings belongs to the prompt.
const FEWEST: usize = 3;

/// Settings of other programs that change the picture and are not done here. All else that is unknown
/// is left aside without a word.
const MATTER: [&str; 9] = [
    "Hires upscale",
    "Hires resize",
    "Variation seed",
    "Refiner",
    "Face restoration",
    "Tiling",
    "Hypernet",
    "Lora hashes",
    "Image CFG scale",
];

/// What `create_infotext` writes first; the rest follows in the order of the table.
const FIRST: [&str; 9] = [
    "Steps",
    "Sampler",
    "Schedule type",
    "CFG scale",
    "Seed",
    "Size",
    "Model",
    "Denoising strength",
    "Clip skip",
];

/// Writes what is known.
pub fn write(recipe: &Recipe) -> String {
    let params = &recipe.params;
    let mut text = params.prompt.clone().unwrap_or_default();
    if let Some(negative) = params.negative_prompt.as_ref().filter(|text| !text.is_empty()) {
        text += &format!("\n{NEGATIVE} {negative}");
    }
    let settings: Vec<String> = settings(recipe)
        .into_iter()
        .map(|(key, value)| format!("{key}: {}", quoted(&value)))
        .collect();
    format!("{text}\n{}", settings.join(", ")).trim().to_string()
}

fn settings(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let params = &recipe.params;
    let whole = GenerationParams::default().with(params);
    let mut settings = Vec::new();
    for field in FIELDS.iter().filter(|field| is_told(recipe, field)) {
        let (Some(A1111 { key, offset, omits_default }), Some(value)) =
            (field.a1111, params.get(field))
        else {
            continue;
        };
        if omits_default && whole.is_default(field) {
            continue;
        }
        if field.name == "padding_mask_crop" {
            settings.push(("Inpaint area", "Only masked".to_string()));
        }
        let value = match value {
            Value::Int(value) => Value::Int(value.saturating_add(offset)),
            value => value,
        };
        settings.push((key, value.to_string()));
    }
    if let Some((sampler, schedule)) = params.scheduler.map(sampler::names) {
        settings.push(("Sampler", sampler.to_string()));
        settings.push(("Schedule type", schedule.to_string()));
    }
    if let Some((width, height)) = params.width.zip(params.height) {
        settings.push(("Size", format!("{width}x{height}")));
    }
    if let Some(model) = &recipe.model {
        settings.push(("Model", model.name.clone()));
    }
    let place = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    settings.sort_by_key(|(key, _)| place(key));
    settings.push(("Version", concat!("Hearth ", env!("CARGO_PKG_VERSION")).to_string()));
    settings
}

/// What belongs to a picture that it is made from counts only where there is one.
fn is_told(recipe: &Recipe, field: &Field) -> bool {
    field.section != Section::InitImage || recipe.start.is_some()
}

/// Reads such a text, of whatever program; what it lacks is left open.
pub fn read(text: &str) -> Recipe {
    let text = text.trim();
    let (mut prompts, mut last) = text.rsplit_once('\n').unwrap_or(("", text));
    if pairs(last).count() < FEWEST {
        (prompts, last) = (text, "");
    }
    let [mut positive, mut negative] = [String::new(), String::new()];
    let mut is_negative = false;
    for line in prompts.lines() {
        let mut line = line.trim();
        if let Some(rest) = line.strip_prefix(NEGATIVE) {
            is_negative = true;
            line = rest.trim();
        }
        let prompt = if is_negative { &mut negative } else { &mut positive };
        if !prompt.is_empty() {
            prompt.push('\n');
        }
        prompt.push_str(line);
    }
    let mut recipe = Recipe::default();
    recipe.params.prompt = Some(positive);
    recipe.params.negative_prompt = Some(negative);
    Settings(pairs(last).collect()).take_into(&mut recipe);
    recipe
}

/// Keys and values. Of a key that comes twice the first counts: later ones are other programs' quotes.
struct Settings(Vec<(String, String)>);

impl Settings {
    fn take_into(&self, recipe: &mut Recipe) {
        let mut lost = Vec::new();
        for field in FIELDS.iter().filter(|field| field.section != Section::InitImage) {
            self.take(field, recipe, &mut lost);
        }
        self.take_size(recipe, &mut lost);
        self.take_sampler(recipe, &mut lost);
        self.take_eta(recipe, &mut lost);
        let name = self.get("Model").filter(|name| !name.is_empty());
        recipe.model =
            name.map(|name| ModelIdentity { name: name.to_string(), ..ModelIdentity::default() });
        // It also stands beside a picture that was enlarged and gone over again.
        if !self.0.iter().any(|(key, _)| key.starts_with("Hires")) {
            for field in FIELDS.iter().filter(|field| field.section == Section::InitImage) {
                self.take(field, recipe, &mut lost);
            }
            let params = &mut recipe.params;
            params.strength = params.strength.filter(|strength| (0.0..=1.0).contains(strength));
            params.padding_mask_crop = params.padding_mask_crop.filter(|_| {
                params.strength.is_some() && self.get("Inpaint area") == Some("Only masked")
            });
            recipe.start = params.strength.map(|_| StartRecipe::default());
        }
        lost.extend(MATTER.iter().filter_map(|key| Some(told(key, self.get(key)?))));
        recipe.lost = lost;
    }

    /// Takes a number in.
    fn take(&self, field: &Field, recipe: &mut Recipe, lost: &mut Vec<Message>) {
        let Some(A1111 { key, offset, omits_default }) = field.a1111 else { return };
        let Some(text) = self.get(key) else {
            if let Some(usual) = GenerationParams::default().get(field)
                && omits_default
                && !self.0.is_empty()
            {
                recipe.params.set(field, &usual);
            }
            return;
        };
        let value = field.parse(text).ok().map(|value| match value {
            Value::Int(value) => Value::Int(value.saturating_sub(offset)),
            value => value,
        });
        let finite = |value: &Value| value.as_f64().is_some_and(f64::is_finite);
        if !value.filter(finite).is_some_and(|value| recipe.params.set(field, &value)) {
            lost.push(told(key, text));
        }
    }

    fn take_size(&self, recipe: &mut Recipe, lost: &mut Vec<Message>) {
        let Some(size) = self.get("Size") else { return };
        let sides = size.split_once('x');
        let sides = sides.and_then(|(w, h)| Some((w.parse::<u32>().ok()?, h.parse::<u32>().ok()?)));
        match sides {
            Some((width, height)) => {
                recipe.params.width = Some(width as usize);
                recipe.params.height = Some(height as usize);
            }
            None => lost.push(told("Size", size)),
        }
    }

    fn take_sampler(&self, recipe: &mut Recipe, lost: &mut Vec<Message>) {
        let Some(name) = self.get("Sampler") else { return };
        let schedule = self.get("Schedule type");
        let understood = sampler::understand(name, schedule);
        recipe.params.scheduler = understood.scheduler;
        if understood.scheduler.is_none() {
            lost.push(told("Sampler", name));
        } else if !understood.schedule {
            lost.push(match schedule {
                Some(schedule) => told("Schedule type", schedule),
                None => told("Sampler", name),
            });
        }
    }

    /// Before version 1.6 `Eta` stood also for DDIM's; of other samplers it is the part of their noise,
    /// which is always 1 here.
    fn take_eta(&self, recipe: &mut Recipe, lost: &mut Vec<Message>) {
        let Some(text) = self.get("Eta") else { return };
        let is_ddim =
            recipe.params.scheduler.is_some_and(|name| name.sampler() == SamplerName::Ddim);
        let is_told = self.get("Eta DDIM").is_some();
        match text.parse().ok().filter(|eta: &f64| eta.is_finite()) {
            Some(_) if is_ddim && is_told => {}
            Some(eta) if is_ddim => recipe.params.eta = Some(eta),
            Some(1.0) => {}
            _ => lost.push(told("Eta", text)),
        }
    }

    fn get(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str())
    }
}

/// `Sampler: UniPC`, short enough to be shown.
fn told(key: &str, value: &str) -> Message {
    const LONGEST: usize = 60;
    let most = LONGEST.saturating_sub(key.chars().count() + 2);
    let mut shown: String = value.chars().take(most).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    messages::setting(setting_name(key), shown)
}

/// A value with a comma, a colon or a line break stands in quotes, written as JSON.
fn quoted(value: &str) -> String {
    match value.contains([',', '\n', ':']) {
        true => serde_json::Value::from(value).to_string(),
        false => value.to_string(),
    }
}

/// The pairs of a line, as `\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)` finds them.
fn pairs(line: &str) -> impl Iterator<Item = (String, String)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let colon = rest.find([':', ','])?;
            let (before, after) = (&rest[..colon], &rest[colon + 1..]);
            if rest.as_bytes()[colon] == b',' {
                rest = after;
                continue;
            }
            let (value, next) = value(after.trim_start());
            rest = next;
            if let Some(key) = key(before) {
                return Some((key.to_string(), value));
            }
        }
        None
    })
}

/// The key at the end of this text.
fn key(text: &str) -> Option<&str> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-' | '/');
    let start = text
        .rfind(|c| !fits(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let key = text[start..].trim_start_matches([' ', '-', '/']);
    (key.chars().count() > 1).then_some(key)
}

/// The value that this text begins with, and what comes behind its comma.
fn value(text: &str) -> (String, &str) {
    if let Some(length) = quoted_length(text)
        && let Ok(value) = serde_json::from_str::<String>(&text[..length])
    {
        let rest = text[length..].trim_start();
        if rest.is_empty() || rest.starts_with(',') {
            return (value, rest.get(1..).unwrap_or_default());
        }
    }
    let (value, rest) = text.split_once(',').unwrap_or((text, ""));
    (value.trim().to_string(), rest)
}

/// Bytes of the text in quotes that this begins with, the quotes included.
fn quoted_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.strip_prefix('"')?.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    None
}
