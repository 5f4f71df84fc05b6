//! AUTOMATIC1111's `parameters` text.
//!
//! It has the prompt, the negative prompt and a line of settings: `create_infotext` in the web UI's
//! `modules/processing.py`, `parse_generation_parameters` in its `modules/infotext_utils.py`.

use super::generation_metadata::{GenerationMetadata, InitImageMetadata};
use super::model::ModelIdentity;
use super::setting_pairs::{pairs, quoted};
use super::unsupported::{OFF, UNSUPPORTED, is_extension};
use super::vae::{self, HASH_AND_NAME};
use super::{prompt_syntax, prompts_of, sampler, strength_of};
use crate::error::{Message, messages, setting_name};
use crate::params::{
    A1111, FIELDS, Field, GenerationParams, NamedHash, PartialParams, Section, Value,
};
use crate::prompt::{Emphasis, Grammar, NEGATIVE, split_parts};
use crate::scheduler::{NoiseSource, SamplerName};

/// What the line of settings begins with.
pub(super) const STEPS: &str = "Steps:";

/// Setting of AUTOMATIC1111's weights, written where they differ from its default.
const EMPHASIS: &str = "Emphasis";

/// Hearth's own setting of the prompts' grammar.
const GRAMMAR: &str = "Prompt grammar";

/// Hashes of the LoRAs that the prompt's tags name.
const LORA_HASHES: &str = "Lora hashes";

/// Hashes of the textual inversions that the prompts name.
const TI_HASHES: &str = "TI hashes";

/// Minimum number of settings. A last line with fewer belongs to the prompt.
pub(super) const MIN_SETTINGS: usize = 3;

/// Settings that `create_infotext` writes first; the others follow in the order of the field table.
const FIRST: [&str; 11] = [
    "Steps",
    "Sampler",
    "Schedule type",
    "CFG scale",
    "Seed",
    "Size",
    "Model",
    HASH_AND_NAME[0],
    HASH_AND_NAME[1],
    "Denoising strength",
    "Clip skip",
];

/// Writes all metadata that the format has.
pub fn write(metadata: &GenerationMetadata) -> String {
    let params = &metadata.params;
    let mut text = params.prompt.clone().unwrap_or_default();
    for adapter in &metadata.adapters {
        let tag = adapter.tag();
        if !text.contains(&tag) {
            let space = if text.is_empty() { "" } else { " " };
            text += &format!("{space}{tag}");
        }
    }
    if let Some(negative) = params.negative_prompt.as_ref().filter(|text| !text.is_empty()) {
        text += &format!("\n{NEGATIVE} {negative}");
    }
    let settings: Vec<String> = settings(metadata)
        .into_iter()
        .map(|(key, value)| format!("{key}: {}", quoted(&value)))
        .collect();
    format!("{text}\n{}", settings.join(", ")).trim().to_string()
}

fn settings(metadata: &GenerationMetadata) -> Vec<(&'static str, String)> {
    let params = &metadata.params;
    let whole = GenerationParams::default().with(params);
    let mut settings = Vec::new();
    for field in FIELDS.iter().filter(|field| applies(metadata, field)) {
        let (Some(A1111 { key, offset, omits_default, .. }), Some(value)) =
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
    if let Some(emphasis) = params.emphasis.filter(|emphasis| *emphasis != Emphasis::Original) {
        settings.push((EMPHASIS, emphasis.a1111_name().to_string()));
    }
    // Older pictures without it have none: their signs are text.
    if let Some(grammar) = params.grammar.filter(|grammar| *grammar != Grammar::Plain) {
        settings.push((GRAMMAR, grammar.to_string()));
    }
    if let Some((sampler, schedule)) = params.scheduler.map(sampler::names) {
        settings.push(("Sampler", sampler.to_string()));
        settings.push(("Schedule type", schedule.to_string()));
    }
    if params.seed.is_some() {
        let is_nv = params.noise == Some(NoiseSource::Nv);
        settings.push(("RNG", if is_nv { "NV" } else { "CPU" }.to_string()));
    }
    if let Some((width, height)) = params.width.zip(params.height) {
        settings.push(("Size", format!("{width}x{height}")));
    }
    if let Some(model) = &metadata.model {
        settings.push(("Model", model.name.clone()));
    }
    if let Some(NamedHash { name, hash }) = &metadata.vae {
        let [hash_key, name_key] = HASH_AND_NAME;
        settings.extend(hash.iter().map(|hash| (hash_key, hash.clone())));
        settings.push((name_key, name.clone()));
    }
    let place = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    settings.sort_by_key(|(key, _)| place(key));
    let hashes = [(LORA_HASHES, &metadata.adapter_hashes), (TI_HASHES, &metadata.embeddings)];
    for (key, files) in hashes {
        let known = files.iter().filter_map(|file| {
            let hash = file.hash.as_ref()?;
            Some(format!("{}: {hash}", file.name))
        });
        let known: Vec<String> = known.collect();
        if !known.is_empty() {
            settings.push((key, known.join(", ")));
        }
    }
    settings.push(("Version", concat!("Hearth ", env!("CARGO_PKG_VERSION")).to_string()));
    settings
}

/// Returns whether a field applies: those of the init image only where there is one.
fn applies(metadata: &GenerationMetadata, field: &Field) -> bool {
    field.section != Section::InitImage || metadata.init_image.is_some()
}

/// Reads the text of any program. What it lacks is left unset.
pub fn read(text: &str) -> GenerationMetadata {
    let text = text.trim();
    let (prompts, settings, further) = split(text);
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
    let mut metadata = GenerationMetadata::default();
    metadata.params.prompt = Some(positive);
    metadata.params.negative_prompt = Some(negative);
    let settings = Settings(pairs(settings).chain(further.lines().flat_map(pairs)).collect());
    settings.apply_to(&mut metadata);
    settings.read_grammar(&mut metadata);
    if !settings.is_own() {
        let prompts = prompts_of(&metadata.params);
        metadata.unsupported.extend(prompt_syntax::unsupported(&prompts, Grammar::A1111));
    }
    metadata
}

/// Splits a text into prompts, the line of settings, and the lines behind it. It is the last line
/// that begins with the steps: extensions write further lines, such as templates of the prompt.
/// Else it is the last line, if that has settings.
pub(super) fn split(text: &str) -> (&str, &str, &str) {
    let mut end = text.len();
    for line in text.rsplit('\n') {
        let start = end - line.len();
        if line.trim_start().starts_with(STEPS) && pairs(line).count() >= MIN_SETTINGS {
            let further = text.get(end + 1..).unwrap_or_default();
            return (text[..start].trim_end_matches('\n'), line, further);
        }
        end = start.saturating_sub(1);
    }
    let (prompts, last) = text.rsplit_once('\n').unwrap_or(("", text));
    // Weights of a prompt look like settings.
    let has_setting = pairs(last).any(|(key, _)| FIRST.contains(&key.as_str()));
    match pairs(last).count() {
        MIN_SETTINGS.. if has_setting => (prompts, last, ""),
        _ => (text, "", ""),
    }
}

/// Keys and values. Of a repeated key the first counts: later ones are quotes of other programs.
struct Settings(Vec<(String, String)>);

impl Settings {
    fn apply_to(&self, metadata: &mut GenerationMetadata) {
        let mut unsupported = Vec::new();
        for field in FIELDS.iter().filter(|field| field.section != Section::InitImage) {
            self.read_field(field, metadata, &mut unsupported);
        }
        self.read_size(metadata, &mut unsupported);
        self.read_sampler(metadata, &mut unsupported);
        self.read_eta(metadata, &mut unsupported);
        self.read_noise(metadata, &mut unsupported);
        let name = self.get("Model").filter(|name| !name.is_empty());
        metadata.model =
            name.map(|name| ModelIdentity { name: name.to_string(), ..ModelIdentity::default() });
        let (vae, is_module) = vae::of_web_ui(|key| self.get(key));
        metadata.vae = vae;
        // An image that was upscaled and refined has a denoising strength without an init image.
        let is_own = self.is_own();
        let is_refined = |key: &str| key.starts_with("Hires") || key == "First pass size";
        if !self.0.iter().any(|(key, _)| is_refined(key)) {
            for field in FIELDS.iter().filter(|field| field.section == Section::InitImage) {
                self.read_field(field, metadata, &mut unsupported);
            }
            let params = &mut metadata.params;
            // The web UI's API writes 0 for text to image.
            let least = if is_own { 0.0 } else { f64::MIN_POSITIVE };
            params.strength = params.strength.filter(|strength| (least..=1.0).contains(strength));
            params.padding_mask_crop = params.padding_mask_crop.filter(|_| {
                params.strength.is_some() && self.get("Inpaint area") == Some("Only masked")
            });
            // No blur is what is written of none.
            let is_masked = params.strength.is_some();
            params.mask_blur = params.mask_blur.filter(|blur| is_masked && *blur > 0);
            metadata.init_image = params.strength.map(|_| InitImageMetadata::default());
            self.count_web_ui_steps(params);
        }
        // Hashes say which files the prompt's tags mean.
        let prompt = metadata.params.prompt.as_deref().unwrap_or_default();
        let names_loras = prompt.contains("<lora:") || prompt.contains("<lyco:");
        let keys = UNSUPPORTED.iter().filter(|key| !(is_module && **key == "Module"));
        unsupported.extend(keys.filter_map(|key| self.unsupported(key)));
        let extensions = self.0.iter().filter(is_extension);
        unsupported.extend(extensions.map(|(key, value)| setting(key, value)));
        if !names_loras {
            unsupported.extend(self.unsupported(LORA_HASHES));
        }
        metadata.adapter_hashes = self.hashes(LORA_HASHES);
        metadata.embeddings = self.hashes(TI_HASHES);
        unsupported.dedup(); // One key may begin with another.
        metadata.unsupported = unsupported;
    }

    /// Returns the files of `name: hash, name: hash`.
    fn hashes(&self, key: &str) -> Vec<NamedHash> {
        let rows = self.get(key).unwrap_or_default().split(',');
        let rows = rows.filter_map(|row| row.rsplit_once(':'));
        let mut files: Vec<NamedHash> = Vec::new();
        for (name, hash) in rows.map(|(name, hash)| (name.trim(), hash.trim())) {
            // Some versions name a file once for each of its uses.
            if files.iter().all(|file| file.name != name) {
                let hash = Some(hash.to_string()).filter(|hash| !hash.is_empty());
                files.push(NamedHash { name: name.to_string(), hash });
            }
        }
        files
    }

    /// Reads a field.
    fn read_field(
        &self,
        field: &Field,
        metadata: &mut GenerationMetadata,
        unsupported: &mut Vec<Message>,
    ) {
        let Some(A1111 { key, other_keys, offset, omits_default }) = field.a1111 else { return };
        let mut keys = [key].into_iter().chain(other_keys.iter().copied());
        // A seed of −1 is any.
        let found = keys.find_map(|key| self.get(key));
        let found = found.filter(|text| (key, *text) != ("Seed", "-1"));
        let Some(text) = found else {
            if let Some(default) = GenerationParams::default().get(field)
                && omits_default
                && !self.0.is_empty()
            {
                metadata.params.set(field, &default);
            }
            return;
        };
        let value = field.parse(text).ok().map(|value| match value {
            Value::Int(value) => Value::Int(value.saturating_sub(offset)),
            value => value,
        });
        let finite = |value: &Value| value.as_f64().is_some_and(f64::is_finite);
        if !value.filter(finite).is_some_and(|value| metadata.params.set(field, &value)) {
            unsupported.push(setting(key, text));
        }
    }

    fn read_size(&self, metadata: &mut GenerationMetadata, unsupported: &mut Vec<Message>) {
        let Some(size) = self.get("Size") else { return };
        let sides = size.split_once('x');
        let sides = sides.and_then(|(w, h)| Some((w.parse::<u32>().ok()?, h.parse::<u32>().ok()?)));
        match sides {
            Some((width, height)) => {
                metadata.params.width = Some(width as usize);
                metadata.params.height = Some(height as usize);
            }
            None => unsupported.push(setting("Size", size)),
        }
    }

    fn read_sampler(&self, metadata: &mut GenerationMetadata, unsupported: &mut Vec<Message>) {
        let Some(name) = self.get("Sampler") else { return };
        // Since version 1.9 "Automatic" need not be written.
        let automatic = self.is_of_web_ui(|version| version >= (1, 9)).then_some("Automatic");
        let schedule = self.get("Schedule type").or(automatic);
        let parsed = sampler::parse(name, schedule);
        metadata.params.scheduler = parsed.scheduler;
        if parsed.scheduler.is_none() {
            unsupported.push(setting("Sampler", name));
            let schedule = self.get("Schedule type");
            unsupported.extend(schedule.map(|schedule| setting("Schedule type", schedule)));
        } else if !parsed.schedule {
            unsupported.push(match schedule {
                Some(schedule) => setting("Schedule type", schedule),
                None => setting("Sampler", name),
            });
        }
    }

    /// Reads what prompts mean: in other programs' pictures what they mean to AUTOMATIC1111.
    fn read_grammar(&self, metadata: &mut GenerationMetadata) {
        if self.0.is_empty() {
            return;
        }
        let params = &mut metadata.params;
        let emphasis = self.get(EMPHASIS).map_or(Ok(Emphasis::Original), str::parse);
        match emphasis {
            Ok(emphasis) => params.emphasis = Some(emphasis),
            Err(_) => {
                metadata.unsupported.extend(self.get(EMPHASIS).map(|it| setting(EMPHASIS, it)))
            }
        }
        if self.is_own() {
            let grammar = self.get(GRAMMAR).and_then(|name| name.parse().ok());
            params.grammar = Some(grammar.unwrap_or(Grammar::Plain));
            return;
        }
        params.grammar = Some(Grammar::A1111);
        params.clip_skip_negative = params.clip_skip;
        // The web UI skips no layer of SDXL's text encoders beyond the one that SDXL leaves out, Forge
        // counts that one.
        let is_forge = self.get("Version").is_some_and(|version| version.starts_with('f'));
        let skipped = params.clip_skip.unwrap_or(0);
        let of_sdxl = if is_forge { skipped.saturating_sub(1) } else { 0 };
        metadata.sdxl_clip_skip = (skipped != of_sdxl).then_some(of_sdxl);
        // A number at the end multiplies the guidance there, also where there is no AND.
        let parts = split_parts(params.prompt.as_deref().unwrap_or_default(), true);
        if let ([part], Some(scale)) = (parts.as_slice(), params.guidance_scale)
            && part.weight != 1.0
        {
            params.guidance_scale = Some(scale * part.weight);
            params.prompt = Some(part.text.clone());
        }
    }

    /// The web UI makes one more step of a picture than diffusers with the samplers of k-diffusion
    /// (`sample_img2img` in its `modules/sd_samplers_kdiffusion.py`).
    fn count_web_ui_steps(&self, params: &mut PartialParams) {
        /// Samplers of its `modules/sd_samplers_timesteps.py`.
        const WITHOUT: [SamplerName; 3] =
            [SamplerName::Ddim, SamplerName::Pndm, SamplerName::UniPc];
        let has_one_more = params.scheduler.is_some_and(|name| !WITHOUT.contains(&name.sampler()));
        if !(has_one_more && self.is_of_web_ui(|_| true)) {
            return;
        }
        if let (Some(strength), Some(steps)) = (params.strength, params.num_inference_steps) {
            let made = (strength.min(0.999) * steps as f64) as usize + 1;
            params.strength = Some(strength_of(made, steps));
        }
    }

    /// Reads `Eta`. Before version 1.6 it was also DDIM's eta; for other samplers it scales the
    /// noise of each step, which is always 1 here.
    fn read_eta(&self, metadata: &mut GenerationMetadata, unsupported: &mut Vec<Message>) {
        let Some(text) = self.get("Eta") else { return };
        let is_ddim =
            metadata.params.scheduler.is_some_and(|name| name.sampler() == SamplerName::Ddim);
        let has_eta_ddim = self.get("Eta DDIM").is_some();
        match text.parse().ok().filter(|eta: &f64| eta.is_finite()) {
            Some(_) if is_ddim && has_eta_ddim => {}
            Some(eta) if is_ddim => metadata.params.eta = Some(eta),
            Some(1.0) => {}
            _ => unsupported.push(setting("Eta", text)),
        }
    }

    /// Reads `RNG`. The web UI omits it for the graphics card's generator, which on NVIDIA cards is
    /// "NV".
    fn read_noise(&self, metadata: &mut GenerationMetadata, unsupported: &mut Vec<Message>) {
        match self.get("RNG") {
            Some("CPU") => {}
            Some("NV" | "GPU") => metadata.params.noise = Some(NoiseSource::Nv),
            Some(other) => unsupported.push(setting("RNG", other)),
            None if self.is_of_web_ui(|_| true) => metadata.params.noise = Some(NoiseSource::Nv),
            None => {}
        }
    }

    /// Returns whether the web UI or Forge wrote them, in a version that fits: `v1.10.1`,
    /// `f2.0.1v1.10.1-previous-664`.
    fn is_of_web_ui(&self, fits: impl Fn((u32, u32)) -> bool) -> bool {
        let version = self.get("Version").filter(|text| text.starts_with(['v', 'f']));
        let begins = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
        let version = version.and_then(|text| text.split('v').skip(1).find(begins));
        let version = version.and_then(|text| {
            let mut numbers = text.split(['.', '-']).map(str::parse);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        });
        version.is_some_and(fits)
    }

    /// Returns whether Hearth wrote them.
    fn is_own(&self) -> bool {
        self.get("Version").is_some_and(|version| version.starts_with("Hearth "))
    }

    /// Returns the first setting whose key begins with these words, unless its value means "off".
    fn unsupported(&self, words: &str) -> Option<Message> {
        let begins = |key: &str| key.strip_prefix(words).is_some_and(|rest| rest.starts_with(' '));
        let same = self.0.iter().find(|(key, _)| key == words);
        let (key, value) = same.or_else(|| self.0.iter().find(|(key, _)| begins(key)))?;
        (!OFF.contains(&value.as_str())).then(|| setting(key, value))
    }

    fn get(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str())
    }
}

/// Formats a setting as `Sampler: HeunPP2`, shortened for display.
pub(super) fn setting(key: &str, value: &str) -> Message {
    const LONGEST: usize = 60;
    let most = LONGEST.saturating_sub(key.chars().count() + 2);
    let mut shown: String = value.chars().take(most).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    messages::setting(setting_name(key), shown)
}
