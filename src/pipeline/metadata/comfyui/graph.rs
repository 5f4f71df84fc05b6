//! ComfyUI's graph of nodes, in either of its two forms.
//!
//! `prompt` maps ids to `{class_type, inputs}`, where an input is a value or a link `[id, slot]`
//! (`execution.py`). `workflow` is what its page saves: links in a list of their own, and values in the
//! order of the node's widgets.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A node: a step of the computation.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// `KSampler`, `CLIPTextEncode`, …
    pub class: String,
    inputs: Map<String, Value>,
}

impl Node {
    fn input(&self, name: &str) -> Option<Input<'_>> {
        self.inputs.get(name).map(input_of)
    }
}

/// What a node's input is.
#[derive(Debug, Clone, Copy)]
enum Input<'a> {
    /// A value.
    Value(&'a Value),
    /// Id of the node that makes it.
    Link(&'a str),
}

/// Nodes by id.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub nodes: BTreeMap<String, Node>,
}

/// Names of the widgets of the nodes that are read, in their order; an empty name is a widget whose
/// value changes no picture.
const WIDGETS: [(&str, &[&str]); 12] = [
    ("KSampler", &["seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"]),
    (
        "KSamplerAdvanced",
        &[
            "add_noise",
            "noise_seed",
            "",
            "steps",
            "cfg",
            "sampler_name",
            "scheduler",
            "start_at_step",
            "end_at_step",
            "return_with_leftover_noise",
        ],
    ),
    ("CheckpointLoaderSimple", &["ckpt_name"]),
    ("CLIPTextEncode", &["text"]),
    ("CLIPSetLastLayer", &["stop_at_clip_layer"]),
    ("EmptyLatentImage", &["width", "height", "batch_size"]),
    ("LoraLoader", &["lora_name", "strength_model", "strength_clip"]),
    ("LoraLoaderModelOnly", &["lora_name", "strength_model"]),
    ("VAELoader", &["vae_name"]),
    ("RescaleCFG", &["multiplier"]),
    ("LoadImage", &["image"]),
    ("PrimitiveNode", &["value"]),
];

/// Class of a node that passes on what it is given.
const REROUTE: &str = "Reroute";

/// Modes of a node that is left out: with all that follows from it, or as if it were not there.
const MUTED: u64 = 2;
const BYPASSED: u64 = 4;

impl Graph {
    /// Reads the form of `prompt`.
    pub fn of_prompt(text: &str) -> Option<Graph> {
        let object: Map<String, Value> = serde_json::from_str(&without_nan(text)).ok()?;
        let node = |(id, mut node): (String, Value)| {
            let class = node.get("class_type")?.as_str()?.to_string();
            let inputs = match node.get_mut("inputs").map(Value::take) {
                Some(Value::Object(inputs)) => inputs,
                _ => Map::new(),
            };
            Some((id, Node { class, inputs }))
        };
        let nodes: BTreeMap<String, Node> = object.into_iter().filter_map(node).collect();
        (!nodes.is_empty()).then_some(Graph { nodes })
    }

    /// Reads the form of `workflow`.
    pub fn of_workflow(text: &str) -> Option<Graph> {
        let object: Map<String, Value> = serde_json::from_str(&without_nan(text)).ok()?;
        let origins: BTreeMap<u64, (String, usize)> =
            object.get("links")?.as_array()?.iter().filter_map(origin).collect();
        let mut graph = Graph::default();
        for node in object.get("nodes")?.as_array()? {
            let (Some(id), Some(class)) = (node.get("id").and_then(id_text), class(node)) else {
                continue;
            };
            let mode = node.get("mode").and_then(Value::as_u64);
            if mode == Some(MUTED) {
                continue;
            }
            let bypassed = mode == Some(BYPASSED);
            let class = if bypassed { REROUTE } else { class };
            let inputs = inputs(node, class, &origins);
            graph.nodes.insert(id, Node { class: class.to_string(), inputs });
        }
        (!graph.nodes.is_empty()).then_some(graph)
    }

    /// Returns the node that an input comes from, behind all that only pass it on.
    pub fn source<'a>(&'a self, node: &'a Node, name: &str) -> Option<(&'a str, &'a Node)> {
        let Input::Link(id) = node.input(name)? else { return None };
        self.through_reroutes(id)
    }

    /// Returns the value of an input. Where it is linked, it is the only value of the node that makes it,
    /// or the one of a usual name.
    pub fn value<'a>(&'a self, node: &'a Node, name: &str) -> Option<&'a Value> {
        const NAMES: [&str; 7] = ["value", "text", "string", "seed", "noise_seed", "int", "float"];
        match node.input(name)? {
            Input::Value(value) => Some(value),
            Input::Link(id) => {
                let (_, node) = self.through_reroutes(id)?;
                let mut values = node.inputs.iter().filter_map(|(name, value)| {
                    matches!(input_of(value), Input::Value(_)).then_some((name.as_str(), value))
                });
                match (values.next(), values.next()) {
                    (Some((_, value)), None) => Some(value),
                    _ => NAMES.iter().find_map(|name| match node.input(name)? {
                        Input::Value(value) => Some(value),
                        Input::Link(_) => None,
                    }),
                }
            }
        }
    }

    fn through_reroutes<'a>(&'a self, mut id: &'a str) -> Option<(&'a str, &'a Node)> {
        for _ in 0..self.nodes.len() {
            let (id_of_node, node) = self.nodes.get_key_value(id)?;
            if node.class != REROUTE {
                return Some((id_of_node, node));
            }
            id = node.inputs.values().find_map(|value| match input_of(value) {
                Input::Link(id) => Some(id),
                Input::Value(_) => None,
            })?;
        }
        None
    }
}

fn input_of(value: &Value) -> Input<'_> {
    match value.as_array().map(Vec::as_slice) {
        Some([Value::String(id), Value::Number(_)]) => Input::Link(id),
        _ => Input::Value(value),
    }
}

fn class(node: &Value) -> Option<&str> {
    node.get("type")?.as_str()
}

fn id_text(id: &Value) -> Option<String> {
    match id {
        Value::Number(id) => Some(id.to_string()),
        Value::String(id) => Some(id.clone()),
        _ => None,
    }
}

/// Returns a link's id, its node and the number of that node's output. A link is a list
/// `[id, node, output, …]`, or an object in later files.
fn origin(link: &Value) -> Option<(u64, (String, usize))> {
    let part = |at: usize, name: &str| match link {
        Value::Array(parts) => parts.get(at),
        link => link.get(name),
    };
    let id = part(0, "id")?.as_u64()?;
    let slot = part(2, "origin_slot")?.as_u64()?;
    Some((id, (part(1, "origin_id").and_then(id_text)?, usize::try_from(slot).ok()?)))
}

/// Returns the inputs of a node of a workflow: links, and the values of its widgets. Of a node that is
/// bypassed it is the first input of the type of its first output.
fn inputs(
    node: &Value,
    class: &str,
    origins: &BTreeMap<u64, (String, usize)>,
) -> Map<String, Value> {
    let mut found = Map::new();
    let names = WIDGETS.iter().find(|(of, _)| *of == class).map_or(&[][..], |(_, names)| names);
    match node.get("widgets_values") {
        Some(Value::Array(values)) => {
            let named = names.iter().zip(values).filter(|(name, _)| !name.is_empty());
            found.extend(named.map(|(name, value)| (name.to_string(), value.clone())));
            // A node of another kind that holds one value may be linked to as that value.
            if let ([], [value]) = (names, values.as_slice()) {
                found.insert("value".to_string(), value.clone());
            }
        }
        Some(Value::Object(values)) => found.extend(values.clone()),
        _ => {}
    }
    let output = node.pointer("/outputs/0/type").filter(|_| class == REROUTE);
    for input in node.get("inputs").and_then(Value::as_array).into_iter().flatten() {
        let kind = input.get("type");
        let is_any = |kind: Option<&Value>| kind.is_some_and(|kind| *kind == "*");
        let fits = output.is_none() || kind == output || is_any(output) || is_any(kind);
        let link = input.get("link").and_then(Value::as_u64).and_then(|link| origins.get(&link));
        let name = input.get("name").and_then(Value::as_str);
        if let (Some((id, slot)), Some(name), true) = (link, name, fits) {
            found.insert(
                name.to_string(),
                Value::from(vec![id.as_str().into(), Value::from(*slot)]),
            );
        }
    }
    found
}

/// Replaces `NaN`, which Python writes into JSON, by `null`.
fn without_nan(text: &str) -> String {
    let (mut result, mut rest) = (String::with_capacity(text.len()), text);
    let (mut is_text, mut is_escaped) = (false, false);
    while let Some(letter) = rest.chars().next() {
        if !is_text && let Some(behind) = rest.strip_prefix("NaN") {
            result.push_str("null");
            rest = behind;
            continue;
        }
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_text,
            '"' => is_text = !is_text,
            _ => {}
        }
        result.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    result
}
