//! Graphs that ComfyUI saves in its pictures.
//!
//! They are followed from the saved picture back to the sampler that began with empty latents or a
//! picture, and from there to its prompts, model, LoRAs and autoencoder. What lies on the way and is not
//! understood is named.

mod graph;

use std::collections::BTreeSet;

use serde_json::Value;

use self::graph::{Graph, Node};
use super::generation_metadata::{GenerationMetadata, InitImageMetadata};
use super::model::ModelIdentity;
use super::parameters::setting;
use super::prompt_syntax::comfy_embeddings;
use super::sampler::{Names, parse_names};
use super::vae;
use super::{prompts_of, strength_of};
use crate::error::{Message, messages, setting_name};
use crate::params::{AdapterUse, NamedHash, PartialParams};
use crate::prompt::{Emphasis, Grammar};
use crate::scheduler::StepNoise;

/// Reads a graph in the form of `prompt`; `None` if no sampler with a prompt leads to a picture.
pub(super) fn read_prompt(text: &str) -> Option<GenerationMetadata> {
    Reader::new(&Graph::of_prompt(text)?).read()
}

/// Reads a graph in the form of `workflow`.
pub(super) fn read_workflow(text: &str) -> Option<GenerationMetadata> {
    Reader::new(&Graph::of_workflow(text)?).read()
}

struct Reader<'a> {
    graph: &'a Graph,
    lost: Vec<Message>,
    /// Classes that were named already.
    named: BTreeSet<&'a str>,
    /// Autoencoder that is not the checkpoint's.
    vae: Option<NamedHash>,
}

/// Inputs that an unknown node may pass on with a change, by kind.
const LATENTS: [&str; 5] = ["samples", "latent", "latent_image", "samples_to", "LATENT"];
const IMAGES: [&str; 4] = ["images", "image", "pixels", "IMAGE"];
const CONDITIONING: [&str; 6] =
    ["conditioning", "conditioning_1", "conditioning_to", "positive", "negative", "CONDITIONING"];
const MODEL: [&str; 3] = ["model", "model1", "MODEL"];
const CLIP: [&str; 3] = ["clip", "clip1", "CLIP"];

/// Id and node.
type NodeOf<'a> = (&'a str, &'a Node);

fn is_sampler(node: &Node) -> bool {
    matches!(node.class.as_str(), "KSampler" | "KSamplerAdvanced")
}

impl<'a> Reader<'a> {
    fn new(graph: &'a Graph) -> Self {
        Reader { graph, lost: Vec::new(), named: BTreeSet::new(), vae: None }
    }

    fn read(mut self) -> Option<GenerationMetadata> {
        let sampler = self.sampler()?;
        let mut metadata = GenerationMetadata::default();
        let params = &mut metadata.params;
        let (sampler, strength) = self.read_latents(sampler, params);
        params.strength = strength;
        metadata.init_image = strength.map(|_| InitImageMetadata::default());
        let (positive, encoder) = self.text(sampler, "positive")?;
        params.prompt = Some(positive);
        params.negative_prompt =
            Some(self.text(sampler, "negative").map_or(String::new(), |(text, _)| text));
        (params.grammar, params.emphasis) = (Some(Grammar::Comfy), Some(Emphasis::Original));
        self.read_sampler(sampler, params);
        metadata.embeddings = comfy_embeddings(&prompts_of(params));
        let checkpoint = self.read_networks(sampler, encoder, &mut metadata);
        metadata.model = checkpoint.map(|name| ModelIdentity { name, ..ModelIdentity::default() });
        metadata.vae = self.vae;
        metadata.unsupported = self.lost;
        Some(metadata)
    }

    /// Returns the sampler that the saved picture comes from, or else the first one.
    fn sampler(&mut self) -> Option<&'a Node> {
        let nodes = || self.graph.nodes.values();
        let saves = |node: &&Node| node.class.contains("Save") || node.class.contains("Preview");
        let saved = nodes().filter(|node| node.class == "SaveImage").chain(nodes().filter(saves));
        for start in saved {
            let (mut node, mut passed) = (start, Vec::new());
            for _ in 0..self.graph.nodes.len() {
                let found = IMAGES.iter().chain(&["samples"]);
                let Some((_, source)) =
                    found.into_iter().find_map(|name| self.graph.source(node, name))
                else {
                    break;
                };
                node = source;
                if is_sampler(node) {
                    passed.iter().for_each(|class: &&str| self.name(class));
                    if let Some((_, decoder)) = self.decoder(start) {
                        self.read_vae(decoder);
                    }
                    return Some(node);
                }
                if !node.class.starts_with("VAEDecode") {
                    passed.push(&node.class);
                }
            }
        }
        nodes().find(|node| is_sampler(node))
    }

    /// Returns the decoder before a saved picture.
    fn decoder(&self, start: &'a Node) -> Option<NodeOf<'a>> {
        self.first(start, &IMAGES, |node| node.class.starts_with("VAEDecode")).0
    }

    /// Follows these inputs from a node until one `fits`, and returns it and the nodes passed on the way.
    fn first(
        &self,
        start: &'a Node,
        names: &[&str],
        fits: impl Fn(&Node) -> bool,
    ) -> (Option<NodeOf<'a>>, Vec<NodeOf<'a>>) {
        let (mut node, mut passed) = (start, Vec::new());
        for _ in 0..=self.graph.nodes.len() {
            let source = names.iter().find_map(|name| self.graph.source(node, name));
            let Some((id, source)) = source else { break };
            if fits(source) {
                return (Some((id, source)), passed);
            }
            passed.push((id, source));
            node = source;
        }
        (None, passed)
    }

    fn read_vae(&mut self, decoder: &'a Node) {
        let Some((_, loader)) = self.graph.source(decoder, "vae") else { return };
        match self.graph.value(loader, "vae_name").and_then(Value::as_str) {
            Some(name) => self.vae = vae::named(name),
            None if loader.class.starts_with("Checkpoint") => {}
            None => self.name(&loader.class),
        }
    }

    /// Reads the size or the picture that the run begins with. Returns the sampler that begins, where
    /// others go on from its latents, and the strength if it begins with a picture.
    fn read_latents(
        &mut self,
        mut sampler: &'a Node,
        params: &mut PartialParams,
    ) -> (&'a Node, Option<f64>) {
        let begins = |node: &Node| {
            is_sampler(node)
                || node.class.starts_with("Empty")
                || node.class.starts_with("VAEEncode")
        };
        for _ in 0..self.graph.nodes.len() {
            let (found, passed) = self.first(sampler, &LATENTS, begins);
            for (_, node) in &passed {
                self.name(&node.class);
            }
            let Some((_, node)) = found else { break };
            if is_sampler(node) {
                self.lost.push(messages::second_pass(sampler.class.as_str()));
                sampler = node;
                continue;
            }
            if node.class.starts_with("Empty") {
                params.width = self.number(node, "width");
                params.height = self.number(node, "height");
                return (sampler, None);
            }
            if node.class != "VAEEncode" {
                self.name(&node.class);
            }
            let strength = self.number(sampler, "denoise").unwrap_or(1.0);
            return (sampler, Some(strength).filter(|value| (0.0..=1.0).contains(value)));
        }
        (sampler, None)
    }

    /// Returns the text of a sampler's prompt and the node that encodes it.
    fn text(&mut self, sampler: &'a Node, prompt: &str) -> Option<(String, &'a Node)> {
        let is_encoder = |node: &Node| node.class.starts_with("CLIPTextEncode");
        let (_, source) = self.graph.source(sampler, prompt)?;
        let (encoder, passed) = match is_encoder(source) {
            true => (Some(source), Vec::new()),
            false => {
                let names = [&[prompt][..], &CONDITIONING].concat();
                let (found, mut passed) = self.first(source, &names, is_encoder);
                passed.insert(0, ("", source));
                (found.map(|(_, node)| node), passed)
            }
        };
        for (_, node) in passed {
            self.name(&node.class);
        }
        let encoder = encoder?;
        let graph = self.graph;
        let text = |name: &str| graph.value(encoder, name)?.as_str();
        let found = match (text("text"), text("text_g"), text("text_l")) {
            (Some(text), _, _) => text.to_string(),
            (None, Some(large), Some(small)) => {
                if large != small {
                    self.lost.push(setting("text_l", small));
                }
                large.to_string()
            }
            (None, large, small) => large.or(small)?.to_string(),
        };
        Some((found, encoder))
    }

    fn read_sampler(&mut self, sampler: &'a Node, params: &mut PartialParams) {
        params.seed = self.number(sampler, "seed").or_else(|| self.number(sampler, "noise_seed"));
        params.num_inference_steps = self.number(sampler, "steps");
        params.guidance_scale = self.number(sampler, "cfg").filter(|scale: &f64| scale.is_finite());
        (params.eta, params.guidance_rescale) = (Some(0.0), Some(0.0));
        let graph = self.graph;
        let text = |name: &str| graph.value(sampler, name)?.as_str();
        if let Some(name) = text("sampler_name") {
            let schedule = text("scheduler");
            let parsed = parse_names(name, schedule, Names::ComfyUi);
            params.scheduler = parsed.scheduler;
            if parsed.scheduler.is_none() {
                self.lost.push(setting("Sampler", name));
            } else if !parsed.schedule {
                self.lost.push(setting("Schedule type", schedule.unwrap_or(name)));
            }
            let noise = parsed.scheduler.map(|name| name.sampler().row().noise);
            if noise == Some(StepNoise::Draws) {
                self.lost.push(messages::noise_of_steps("ComfyUI"));
            }
        }
        let steps = params.num_inference_steps;
        match (params.strength, self.number::<f64>(sampler, "denoise")) {
            // As many steps are made as are asked for, the last ones of a longer schedule.
            (Some(strength), Some(_)) if strength > 0.0 => {
                if let Some(steps) = steps {
                    let whole = ((steps as f64 / strength) as usize).max(1);
                    params.num_inference_steps = Some(whole);
                    params.strength = Some(strength_of(steps, whole));
                }
            }
            (None, Some(part)) if part < 1.0 => {
                self.lost
                    .push(messages::setting(setting_name("Denoising strength"), part.to_string()));
            }
            _ => {}
        }
        let begin: usize = self.number(sampler, "start_at_step").unwrap_or(0);
        let end = self.number(sampler, "end_at_step").unwrap_or(usize::MAX);
        if begin > 0 {
            self.lost.push(setting("start_at_step", &begin.to_string()));
        }
        if steps.is_some_and(|steps| end < steps) {
            self.lost.push(setting("end_at_step", &end.to_string()));
        }
        if text("add_noise") == Some("disable") {
            self.lost.push(setting("add_noise", "disable"));
        }
    }

    /// Reads the LoRAs and the layer at which the text encoder stops. Returns the checkpoint's name.
    fn read_networks(
        &mut self,
        sampler: &'a Node,
        encoder: &'a Node,
        metadata: &mut GenerationMetadata,
    ) -> Option<String> {
        let is_checkpoint = |node: &Node| {
            node.class.starts_with("CheckpointLoader") || node.class.starts_with("UNETLoader")
        };
        let (checkpoint, of_model) = self.first(sampler, &MODEL, is_checkpoint);
        let (_, of_clip) = self.first(encoder, &CLIP, is_checkpoint);
        let mut adapters: Vec<(&str, AdapterUse)> = Vec::new();
        // Walked from the sampler on: the first that was loaded is the last.
        for &(id, node) in of_model.iter().rev() {
            match self.lora(node) {
                Some(name) => {
                    let unet = self.number(node, "strength_model").unwrap_or(1.0);
                    adapters.push((id, AdapterUse { name, unet, text_encoder: 0.0 }));
                }
                None if node.class == "RescaleCFG" => {
                    let share = self.number(node, "multiplier");
                    metadata.params.guidance_rescale =
                        share.filter(|share| (0.0..=1.0).contains(share)).or(Some(0.0));
                }
                None => self.name(&node.class),
            }
        }
        let mut skipped = 0;
        for &(id, node) in of_clip.iter().rev() {
            let weight = self.number(node, "strength_clip").unwrap_or(1.0);
            let known = adapters.iter_mut().find(|(other, _)| *other == id);
            match (known, self.lora(node)) {
                (Some((_, adapter)), _) => adapter.text_encoder = weight,
                (None, Some(name)) => {
                    adapters.push((id, AdapterUse { name, unet: 0.0, text_encoder: weight }));
                }
                (None, None) => match self.number::<i64>(node, "stop_at_clip_layer") {
                    Some(layer) => skipped = usize::try_from(-layer - 1).unwrap_or(0),
                    None => self.name(&node.class),
                },
            }
        }
        metadata.adapters = adapters.into_iter().map(|(_, adapter)| adapter).collect();
        let params = &mut metadata.params;
        (params.clip_skip, params.clip_skip_negative) = (Some(skipped), Some(skipped));
        // SDXL's encoders give their last but one layer by themselves.
        metadata.sdxl_clip_skip = skipped.checked_sub(1);
        let (_, checkpoint) = checkpoint?;
        let name = ["ckpt_name", "unet_name"];
        let name = name.iter().find_map(|name| self.graph.value(checkpoint, name)?.as_str());
        name.map(stem)
    }

    fn lora(&self, node: &Node) -> Option<String> {
        let is_loader = node.class.starts_with("LoraLoader");
        let name = self.graph.value(node, "lora_name").filter(|_| is_loader)?;
        name.as_str().map(stem)
    }

    /// Returns a number, which may be a text.
    fn number<T: std::str::FromStr>(&mut self, node: &Node, name: &str) -> Option<T> {
        let value = self.graph.value(node, name)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
        let parsed = text.trim().parse().ok();
        if parsed.is_none() {
            self.lost.push(setting(name, &text));
        }
        parsed
    }

    /// Names a class of nodes that changes the picture and is not understood, once.
    fn name(&mut self, class: &'a str) {
        if self.named.insert(class) {
            self.lost.push(Message::verbatim(class));
        }
    }
}

/// Returns the name of a file without its folders and ending.
pub(super) fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let endings = [".safetensors", ".ckpt", ".pt", ".sft", ".gguf"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name).to_string()
}
