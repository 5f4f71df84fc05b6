//! JSON metadata of other programs.
//!
//! SwarmUI, Fooocus, InvokeAI and NovelAI write settings, ComfyUI a graph.

use serde_json::{Map, Value};

use super::comfyui;
use super::generation_metadata::GenerationMetadata;
use super::model::ModelIdentity;
use super::prompts_of;
use super::sampler::{Names, parse_names};
use super::texts::{bounded, find};
use super::vae::named;
use crate::error::{Message, messages, setting_name};
use crate::params::AdapterUse;
use crate::prompt::{Emphasis, Grammar};
use crate::scheduler::StepNoise;

/// JSON keys of a program.
struct Program {
    prompt: &'static [&'static str],
    negative_prompt: &'static [&'static str],
    steps: &'static str,
    guidance_scale: &'static [&'static str],
    guidance_rescale: &'static str,
    sampler: &'static str,
    schedule: &'static str,
    /// Whose sampler names it writes.
    names: Names,
    model: &'static [&'static str],
    /// Grammar of its prompts; plain if it is none of those that are read.
    grammar: Grammar,
    /// Key of the text encoder's last layer, and the number of layers that a value leaves out, of SDXL
    /// and of other models.
    clip_skip: (&'static str, fn(i64) -> [i64; 2]),
    /// Keys that change the image and are not implemented here, unless their value is empty.
    unsupported: &'static [&'static str],
}

/// `sui_image_params` (SwarmUI's `T2IParamTypes.cs`).
const SWARM_UI: Program = Program {
    prompt: &["prompt"],
    negative_prompt: &["negativeprompt"],
    steps: "steps",
    guidance_scale: &["cfgscale"],
    guidance_rescale: "rescalecfgmultiplier",
    sampler: "sampler",
    schedule: "scheduler",
    names: Names::ComfyUi,
    model: &["model"],
    grammar: Grammar::Comfy,
    clip_skip: ("clipstopatlayer", |layer| [-layer - 2, -layer - 1]),
    unsupported: &[
        "controlnetmodel",
        "refinermodel",
        "refinerupscale",
        "variationseed",
        "initimage",
        "initimagecreativity",
    ],
};

/// Fooocus' own scheme (`modules/meta_parser.py`, `FooocusMetadataParser`). It has SDXL alone, and
/// weights of ComfyUI's grammar that restore the mean.
const FOOOCUS: Program = Program {
    prompt: &["prompt"],
    negative_prompt: &["negative_prompt"],
    steps: "steps",
    guidance_scale: &["guidance_scale"],
    guidance_rescale: "",
    sampler: "sampler",
    schedule: "scheduler",
    names: Names::ComfyUi,
    model: &["base_model"],
    grammar: Grammar::Comfy,
    clip_skip: ("clip_skip", |layer| [layer - 2; 2]),
    unsupported: &["styles", "refiner_model", "sharpness", "adm_guidance", "freeu"],
};

/// `invokeai_metadata` (InvokeAI 3 and later).
const INVOKE_AI: Program = Program {
    prompt: &["positive_prompt"],
    negative_prompt: &["negative_prompt"],
    steps: "steps",
    guidance_scale: &["cfg_scale"],
    guidance_rescale: "cfg_rescale_multiplier",
    sampler: "scheduler",
    schedule: "",
    names: Names::WebUi,
    model: &["model"],
    grammar: Grammar::Plain,
    clip_skip: ("clip_skip", |layers| [layers; 2]),
    unsupported: &[
        "controlnets",
        "ipAdapters",
        "t2iAdapters",
        "refiner_model",
        "init_image",
        "strength",
        "positive_style_prompt",
        "seamless_x",
        "seamless_y",
    ],
};

/// `Comment` (NovelAI); the prompt is also in `Description`.
const NOVEL_AI: Program = Program {
    prompt: &["prompt"],
    negative_prompt: &["uc"],
    steps: "steps",
    guidance_scale: &["scale"],
    guidance_rescale: "cfg_rescale",
    sampler: "sampler",
    schedule: "noise_schedule",
    names: Names::WebUi,
    model: &[],
    grammar: Grammar::Plain,
    clip_skip: ("", |layers| [layers; 2]),
    unsupported: &["strength", "sm", "sm_dyn", "dynamic_thresholding"],
};

/// Keywords of texts that are not read, with the programs that write them.
const NOT_READ: [(&str, &str); 5] = [
    ("workflow", "ComfyUI"),
    ("prompt", "ComfyUI"),
    ("sd-metadata", "InvokeAI"),
    ("Dream", "InvokeAI"),
    ("invokeai_graph", "InvokeAI"),
];

/// Returns whether a text is JSON, which never is a prompt: an object, or a list. A prompt may begin
/// with a brace, but not with a brace and a quote.
pub fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let rest = text.strip_prefix('{').map(str::trim_start);
    rest.is_some_and(|rest| rest.starts_with(['"', '}']))
        || (text.starts_with('[') && serde_json::from_str::<Vec<Value>>(text).is_ok())
}

/// Reads `parameters` that are JSON.
pub fn read_parameters(text: &str) -> GenerationMetadata {
    let object = object(text);
    let of_swarm = object.as_ref().and_then(|object| object.get("sui_image_params"));
    match (of_swarm, object.as_ref()) {
        (Some(Value::Object(params)), _) => SWARM_UI.read(params),
        (_, Some(object)) if is_fooocus(object) => FOOOCUS.read(object),
        _ => comfyui::read_prompt(text).unwrap_or_else(|| not_read("JSON")),
    }
}

/// Reads the texts of programs that do not write `parameters`; `None` if there are none.
pub fn read_texts<K: AsRef<str>, T: AsRef<str>>(texts: &[(K, T)]) -> Option<GenerationMetadata> {
    let find = |wanted: &str| find(texts, wanted).filter(|text| bounded(text).is_ok());
    if let Some(object) = find("invokeai_metadata").and_then(object) {
        return Some(INVOKE_AI.read(&object));
    }
    if find("Software").is_some_and(|software| software.starts_with("NovelAI")) {
        return Some(match find("Comment").and_then(object) {
            Some(mut object) => {
                let prompt = find("Description").map(|text| Value::from(text.trim()));
                let prompt = prompt.or_else(|| object.get("prompt").cloned());
                object.insert("prompt".to_string(), prompt.unwrap_or(Value::Null));
                NOVEL_AI.read(&object)
            }
            None => not_read("NovelAI"),
        });
    }
    let graph = find("prompt").and_then(comfyui::read_prompt);
    if let Some(metadata) = graph.or_else(|| find("workflow").and_then(comfyui::read_workflow)) {
        return Some(metadata);
    }
    let found = NOT_READ.iter().find(|(keyword, program)| {
        // Other programs write a plain prompt.
        find(keyword).is_some_and(|text| *program != "ComfyUI" || is_json(text))
    });
    found.map(|(_, program)| not_read(program))
}

fn not_read(program: &str) -> GenerationMetadata {
    let unsupported = vec![messages::settings_of_program(program)];
    GenerationMetadata { unsupported, ..GenerationMetadata::default() }
}

fn is_fooocus(object: &Map<String, Value>) -> bool {
    let is_named = object.get("metadata_scheme").is_some_and(|scheme| scheme == "fooocus");
    is_named || (object.contains_key("base_model") && object.contains_key("performance"))
}

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

impl Program {
    fn read(&self, object: &Map<String, Value>) -> GenerationMetadata {
        let mut metadata = GenerationMetadata::default();
        let params = &mut metadata.params;
        let first = |keys: &[&str]| keys.iter().find_map(|key| object.get(*key)).and_then(text);
        let mut lost = Vec::new();
        let prompt = |keys| {
            let text = first(keys).unwrap_or_default();
            match self.grammar {
                Grammar::Comfy => super::prompt_syntax::in_comfy_grammar(&text),
                _ => text,
            }
        };
        params.prompt = Some(prompt(self.prompt));
        params.negative_prompt = Some(prompt(self.negative_prompt));
        params.num_inference_steps = number(object, self.steps, &mut lost);
        params.guidance_scale =
            self.guidance_scale.iter().find_map(|key| number(object, key, &mut lost));
        params.guidance_scale = params.guidance_scale.filter(|scale: &f64| scale.is_finite());
        params.seed = number(object, "seed", &mut lost);
        let size = object.get("resolution").and_then(text).and_then(|size| pair(&size));
        let [width, height] = size.map_or([None; 2], |[width, height]| [Some(width), Some(height)]);
        params.width = number(object, "width", &mut lost).or(width);
        params.height = number(object, "height", &mut lost).or(height);
        let (key, layers) = self.clip_skip;
        let [of_sdxl, skipped] = number(object, key, &mut lost).map_or([0; 2], layers);
        let clip_skip = usize::try_from(skipped).unwrap_or_default();
        let of_sdxl = usize::try_from(of_sdxl).unwrap_or_default();
        metadata.sdxl_clip_skip = (clip_skip != of_sdxl).then_some(of_sdxl);
        if skipped < 0 {
            lost.push(super::parameters::setting(key, &first(&[key]).unwrap_or_default()));
        }
        (params.clip_skip, params.clip_skip_negative) = (Some(clip_skip), Some(clip_skip));
        params.eta = Some(0.0);
        let rescale = number(object, self.guidance_rescale, &mut lost).unwrap_or(0.0);
        params.guidance_rescale = Some(rescale).filter(|share| (0.0..=1.0).contains(share));
        (params.grammar, params.emphasis) = (Some(self.grammar), Some(Emphasis::Original));
        if let Some(name) = first(&[self.sampler]) {
            // InvokeAI's names end in `_k` for Karras.
            let (sampler, in_name) = match name.strip_suffix("_k") {
                Some(sampler) => (sampler, Some("karras".to_string())),
                None => (name.as_str(), None),
            };
            let stated = first(&[self.schedule]).filter(|schedule| schedule != "native");
            let parsed = parse_names(sampler, in_name.or(stated).as_deref(), self.names);
            params.scheduler = parsed.scheduler;
            if parsed.scheduler.is_none() {
                lost.push(messages::setting(setting_name("Sampler"), name));
            } else if !parsed.schedule {
                let schedule = first(&[self.schedule]).unwrap_or(name);
                lost.push(messages::setting(setting_name("Schedule type"), schedule));
            }
            let noise = parsed.scheduler.map(|name| name.sampler().row().noise);
            if self.names == Names::ComfyUi && noise == Some(StepNoise::Draws) {
                lost.push(messages::noise_of_steps("ComfyUI"));
            }
        }
        match adapters(object) {
            Some(adapters) => metadata.adapters = adapters,
            None => lost.push(super::parameters::setting("loras", &object[LORAS].to_string())),
        }
        let model = self.model.iter().find_map(|key| object.get(*key)).and_then(model_name);
        metadata.model = model.map(|name| ModelIdentity { name, ..ModelIdentity::default() });
        let vae = object.get(VAE).filter(|value| !is_empty(value));
        metadata.vae = vae.and_then(model_name).as_deref().and_then(named);
        if let Some(value) = vae.filter(|_| metadata.vae.is_none()) {
            lost.push(super::parameters::setting(VAE, &value.to_string()));
        }
        let matters = self.unsupported.iter().filter_map(|key| {
            let value = object.get(*key).filter(|value| !is_empty(value))?;
            Some(super::parameters::setting(key, &text(value).unwrap_or(value.to_string())))
        });
        lost.extend(matters);
        let prompts = prompts_of(params);
        lost.extend(super::prompt_syntax::unsupported(&prompts, self.grammar));
        if self.grammar == Grammar::Comfy {
            metadata.embeddings = super::prompt_syntax::comfy_embeddings(&prompts);
        }
        metadata.unsupported = lost;
        metadata
    }
}

/// Key of the autoencoder.
const VAE: &str = "vae";

/// Key of a list of LoRAs.
const LORAS: &str = "loras";

/// Returns the LoRAs, if all of them are readable: SwarmUI's names beside lists of weights, Fooocus'
/// `[name, weight, hash]`, InvokeAI's objects.
fn adapters(object: &Map<String, Value>) -> Option<Vec<AdapterUse>> {
    let Some(rows) = object.get(LORAS).filter(|rows| !is_empty(rows)) else {
        return Some(Vec::new());
    };
    let weight = |value: &Value| -> Option<f64> {
        text(value)?.parse().ok().filter(|weight: &f64| weight.is_finite())
    };
    let beside = |key: &str, at: usize| weight(object.get(key)?.as_array()?.get(at)?);
    let adapter = |(at, row): (usize, &Value)| {
        let (name, unet, text_encoder) = match row {
            Value::String(name) => {
                let unet = beside("loraweights", at).unwrap_or(1.0);
                (name.clone(), unet, beside("loratencweights", at).unwrap_or(unet))
            }
            Value::Array(parts) => {
                let unet = weight(parts.get(1)?)?;
                (text(parts.first()?)?, unet, unet)
            }
            row => {
                let unet = weight(row.get("weight")?)?;
                (model_name(row.get("model").or_else(|| row.get("lora"))?)?, unet, unet)
            }
        };
        Some(AdapterUse { name: comfyui::stem(&name), unet, text_encoder })
    };
    rows.as_array()?.iter().enumerate().map(adapter).collect()
}

/// Returns a number, which may be a text; if it is something else, adds it to `lost`.
fn number<T: std::str::FromStr>(
    object: &Map<String, Value>,
    key: &str,
    lost: &mut Vec<Message>,
) -> Option<T> {
    let value = object.get(key).filter(|value| !value.is_null())?;
    let shown = text(value).unwrap_or_else(|| value.to_string());
    let parsed = shown.trim().parse().ok();
    if parsed.is_none() {
        lost.push(messages::setting(Message::verbatim(key), shown));
    }
    parsed
}

/// Returns a text or number as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Parses Fooocus' `(512, 768)`.
fn pair(text: &str) -> Option<[usize; 2]> {
    let (width, height) = text.trim_matches(['(', ')']).split_once(',')?;
    Some([width.trim().parse().ok()?, height.trim().parse().ok()?])
}

/// Returns the name of a model: a text, or InvokeAI's object.
fn model_name(value: &Value) -> Option<String> {
    let named = || value.get("name").or_else(|| value.get("model_name")).and_then(text);
    text(value).or_else(named).filter(|name| !name.is_empty())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => {
            matches!(text.as_str(), "" | "[]" | "None" | "none" | "Automatic" | "Default (model)")
        }
        Value::Array(values) => values.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    }
}
