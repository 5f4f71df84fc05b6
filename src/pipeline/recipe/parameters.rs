//! The text `parameters` of AUTOMATIC1111's web UI: prompt, negative prompt, and a line of settings
//! (`create_infotext` in its `modules/processing.py`, `parse_generation_parameters` in its
//! `modules/infotext_utils.py`).

use super::model::ModelIdentity;
use super::sampler;
use super::settings::{Recipe, StartRecipe};
use crate::error::{Message, messages, setting_name};

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

/// Writes what is known.
pub fn write(recipe: &Recipe) -> String {
    let mut text = recipe.prompt.clone();
    if !recipe.negative_prompt.is_empty() {
        text += &format!("\n{NEGATIVE} {}", recipe.negative_prompt);
    }
    let settings: Vec<String> = settings(recipe)
        .into_iter()
        .map(|(key, value)| format!("{key}: {}", quoted(&value)))
        .collect();
    format!("{text}\n{}", settings.join(", ")).trim().to_string()
}

fn settings(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    let mut add = |key, value: Option<String>| settings.extend(value.map(|value| (key, value)));
    let sampler = recipe.scheduler.map(sampler::names);
    add("Steps", recipe.num_inference_steps.map(|steps| steps.to_string()));
    add("Sampler", sampler.map(|(sampler, _)| sampler.to_string()));
    add("Schedule type", sampler.map(|(_, schedule)| schedule.to_string()));
    add("CFG scale", recipe.guidance_scale.map(|scale| scale.to_string()));
    add("Seed", recipe.seed.map(|seed| seed.to_string()));
    add("Size", recipe.width.zip(recipe.height).map(|(width, height)| format!("{width}x{height}")));
    add("Model", recipe.model.as_ref().map(|model| model.name.clone()));
    let start = recipe.start.as_ref();
    add("Denoising strength", start.map(|start| start.strength.to_string()));
    // There 1 is what diffusers calls 0.
    let skips = recipe.clip_skip.filter(|skip| *skip > 0);
    add("Clip skip", skips.map(|skip| (skip + 1).to_string()));
    let padding = start.and_then(|start| start.padding);
    add("Inpaint area", padding.map(|_| "Only masked".to_string()));
    add("Masked area padding", padding.map(|padding| padding.to_string()));
    add("Version", Some(concat!("Hearth ", env!("CARGO_PKG_VERSION")).to_string()));
    settings
}

/// Reads such a text, of whatever program; what it lacks is left open.
pub fn read(text: &str) -> Recipe {
    let text = text.trim();
    let (mut prompts, mut last) = text.rsplit_once('\n').unwrap_or(("", text));
    if pairs(last).count() < FEWEST {
        (prompts, last) = (text, "");
    }
    let mut recipe = Recipe::default();
    let mut is_negative = false;
    for line in prompts.lines() {
        let mut line = line.trim();
        if let Some(rest) = line.strip_prefix(NEGATIVE) {
            is_negative = true;
            line = rest.trim();
        }
        let prompt = if is_negative { &mut recipe.negative_prompt } else { &mut recipe.prompt };
        if !prompt.is_empty() {
            prompt.push('\n');
        }
        prompt.push_str(line);
    }
    Settings(pairs(last).collect()).take_into(&mut recipe);
    recipe
}

/// Keys and values. Of a key that comes twice the first counts: later ones are other programs' quotes.
struct Settings(Vec<(String, String)>);

impl Settings {
    fn take_into(&self, recipe: &mut Recipe) {
        let mut lost = Vec::new();
        recipe.num_inference_steps = self.number("Steps", &mut lost);
        recipe.guidance_scale = self.number("CFG scale", &mut lost);
        if let Some(infinite) = recipe.guidance_scale.take_if(|scale| !scale.is_finite()) {
            lost.push(told("CFG scale", &infinite.to_string()));
        }
        recipe.seed = self.number("Seed", &mut lost);
        recipe.clip_skip =
            self.number("Clip skip", &mut lost).map(|skip: usize| skip.saturating_sub(1));
        if let Some(size) = self.get("Size") {
            let sides = size.split_once('x');
            let sides =
                sides.and_then(|(w, h)| Some((w.parse::<u32>().ok()?, h.parse::<u32>().ok()?)));
            match sides {
                Some((width, height)) => {
                    (recipe.width, recipe.height) = (Some(width as usize), Some(height as usize));
                }
                None => lost.push(told("Size", size)),
            }
        }
        if let Some(name) = self.get("Sampler") {
            let schedule = self.get("Schedule type");
            let understood = sampler::understand(name, schedule);
            recipe.scheduler = understood.scheduler;
            if understood.scheduler.is_none() {
                lost.push(told("Sampler", name));
            } else if !understood.schedule {
                lost.push(match schedule {
                    Some(schedule) => told("Schedule type", schedule),
                    None => told("Sampler", name),
                });
            }
        }
        let name = self.get("Model").filter(|name| !name.is_empty());
        recipe.model =
            name.map(|name| ModelIdentity { name: name.to_string(), ..ModelIdentity::default() });
        // It also stands beside a picture that was enlarged and gone over again.
        if !self.0.iter().any(|(key, _)| key.starts_with("Hires")) {
            let strength = self.number("Denoising strength", &mut lost);
            recipe.start =
                strength.filter(|strength| (0.0..=1.0).contains(strength)).map(|strength| {
                    let padding = self.number("Masked area padding", &mut lost);
                    let padding =
                        padding.filter(|_| self.get("Inpaint area") == Some("Only masked"));
                    StartRecipe { strength, padding, ..StartRecipe::default() }
                });
        }
        lost.extend(MATTER.iter().filter_map(|key| Some(told(key, self.get(key)?))));
        recipe.lost = lost;
    }

    fn get(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str())
    }

    fn number<T: std::str::FromStr>(&self, key: &str, lost: &mut Vec<Message>) -> Option<T> {
        let value = self.get(key)?;
        let number = value.parse().ok();
        if number.is_none() {
            lost.push(told(key, value));
        }
        number
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
