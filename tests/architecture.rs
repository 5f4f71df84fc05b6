//! The directions of `use`: a room knows only those below it, a file inside a room makes no circle,
//! and the browser stays in its places.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms it may use.
const ROOMS: [(&str, &[&str]); 18] = [
    ("error", &[]),
    ("prompt", &["error"]),
    ("kernels", &[]),
    ("device", &["error"]),
    ("image", &["error"]),
    ("tokenizer", &["error"]),
    ("model", &["error", "kernels"]),
    ("scheduler", &["error"]),
    ("params", &["error", "prompt", "scheduler"]),
    ("weights", &["error", "kernels", "model", "scheduler", "tokenizer"]),
    ("pipeline", &["error", "image", "model", "params", "prompt", "scheduler", "tokenizer"]),
    (
        "families",
        &[
            "error",
            "kernels",
            "model",
            "params",
            "pipeline",
            "prompt",
            "scheduler",
            "tokenizer",
            "weights",
        ],
    ),
    ("adapters", &["error", "families", "model", "params", "prompt", "scheduler", "weights"]),
    (
        "runtime",
        &[
            "adapters",
            "error",
            "device",
            "families",
            "kernels",
            "model",
            "params",
            "pipeline",
            "scheduler",
            "weights",
        ],
    ),
    (
        "bench",
        &[
            "error", "device", "families", "runtime", "kernels", "model", "params", "pipeline",
            "weights",
        ],
    ),
    ("evaluation", &["error", "image", "pipeline"]),
    (
        "app",
        &[
            "adapters",
            "error",
            "bench",
            "device",
            "families",
            "runtime",
            "evaluation",
            "image",
            "params",
            "pipeline",
            "prompt",
            "scheduler",
            "weights",
        ],
    ),
    // Programs: src/bin/*.rs, which call the library by its name.
    (
        "bin",
        &[
            "adapters",
            "error",
            "app",
            "bench",
            "device",
            "families",
            "runtime",
            "evaluation",
            "image",
            "params",
            "pipeline",
            "prompt",
            "scheduler",
            "weights",
        ],
    ),
];

/// The only files outside `app` that may speak to a browser.
const BROWSER_FILES: [&str; 1] = ["weights/browser"];

/// Crates that are a browser's.
const BROWSER_CRATES: [&str; 5] =
    ["web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures", "gloo"];

#[test]
fn rooms_use_only_what_lies_below_them() {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut checked = 0;
    for source in sources() {
        let may_use = allowed
            .get(source.room.as_str())
            .unwrap_or_else(|| panic!("{}: room {} is not in the plan", source.name, source.room));
        for used in source.crate_paths() {
            let room = used[0].as_str();
            // `hearth::Error` and `crate::Result` are re-exports of `error`.
            let room = if ["Error", "Result"].contains(&room) { "error" } else { room };
            assert!(
                room == source.room || may_use.contains(&room),
                "{} uses {room}, which does not lie below {}",
                source.name,
                source.room
            );
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} uses were found: the reading of `use` is broken");
}

#[test]
fn files_make_no_circles() {
    let sources = sources();
    let names: BTreeSet<String> = sources.iter().map(|source| source.name.clone()).collect();
    let graph: BTreeMap<String, BTreeSet<String>> = sources
        .iter()
        .filter(|source| !source.only_lists())
        .map(|source| (source.name.clone(), source.files_used(&names)))
        .collect();
    let arrows: usize = graph.values().map(BTreeSet::len).sum();
    assert!(arrows > 30, "only {arrows} arrows were found: the reading of `use` is broken");
    for start in graph.keys() {
        let mut path = vec![start.clone()];
        assert!(
            !returns(start, start, &graph, &mut BTreeSet::new(), &mut path),
            "circle: {path:?}"
        );
    }
}

/// What predicts is a matter of the families; the rooms above them and the steps of a run know a `Network`.
#[test]
fn only_families_and_model_name_the_unet() {
    let names = ["UNet2DConditionModel", "UNet2DConditionConfig"];
    let mut at_home = 0;
    for source in sources() {
        let named = names.iter().filter(|name| source.code().contains(**name)).count();
        if ["families", "model"].contains(&source.room.as_str()) {
            at_home += named;
        } else {
            assert_eq!(named, 0, "{} names the UNet", source.name);
        }
    }
    assert!(at_home > 4, "the UNet was found {at_home} times: the reading of files is broken");
}

/// Every family has a row in the list, and a README.
#[test]
fn a_family_is_a_folder_with_a_readme_and_a_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/families");
    let list = fs::read_to_string(folder.join("recognition.rs")).unwrap();
    let mut families = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        let Ok(text) = fs::read_to_string(path.join("mod.rs")) else { continue };
        if !text.contains(": FamilySpec = FamilySpec {") {
            continue; // Code that families share.
        }
        assert!(path.join("README.md").is_file(), "src/families/{name} has no README.md");
        assert!(list.contains(&format!("use super::{name}::")), "{name} is not in FAMILIES");
        families.push(name);
    }
    assert!(families.len() > 1, "only {families:?} were found");
}

/// A sampler is a file and a row of the table: no other place lists them.
#[test]
fn a_sampler_is_one_file_and_one_row() {
    const TABLE: &str = "scheduler/samplers/mod";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = sources();
    let table = &sources.iter().find(|source| source.name == TABLE).unwrap().text;
    let (_, rows) = table.split_once("\nsamplers! {\n").unwrap();
    let (rows, _) = rows.split_once("\n}\n").unwrap();
    // `Heun = heun::Heun {`
    let listed: BTreeMap<&str, &str> = rows
        .lines()
        .filter_map(|line| line.trim().strip_suffix(" {")?.split_once(" = "))
        .map(|(variant, path)| (path.split("::").next().unwrap(), variant))
        .collect();
    let files: BTreeSet<&str> = sources
        .iter()
        .filter_map(|source| source.name.strip_prefix("scheduler/samplers/"))
        .filter(|file| *file != "mod")
        .collect();
    assert!(files.len() > 7, "only {files:?} were found");
    assert_eq!(files, listed.keys().copied().collect(), "files and rows differ");

    // A rule may name a sampler or two; a file that names more is a second list.
    let names: Vec<&str> = rows.lines().filter_map(|line| quoted(line, "name: ")).collect();
    assert_eq!(names.len(), files.len());
    let others = sources.iter().filter(|source| source.name != TABLE);
    let mut texts: Vec<(String, String)> =
        others.map(|source| (source.name.clone(), source.code())).collect();
    for page in ["index.html", "npm/index.d.ts", "npm/element.d.ts"] {
        texts.push((page.to_string(), fs::read_to_string(root.join(page)).unwrap()));
    }
    for (place, text) in texts {
        let says = |name: &str| {
            let quoted = ["\"", "'"].map(|quote| format!("{quote}{name}{quote}"));
            quoted.iter().any(|quoted| text.contains(quoted))
        };
        let said: Vec<_> = names.iter().filter(|name| says(name)).collect();
        assert!(said.len() < 3, "{place} lists samplers: {said:?}");
        let variants = listed.values();
        let named: Vec<_> =
            variants.filter(|name| text.contains(&format!("SamplerName::{name}"))).collect();
        assert!(named.len() < 5, "{place} lists samplers: {named:?}");
    }
}

/// The text in quotes of a line that begins with `key`.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.trim().strip_prefix(key)?.strip_prefix('"')?.split('"').next()
}

#[test]
fn only_the_page_and_weights_browser_know_the_browser() {
    for source in sources() {
        let at_home = source.room == "app"
            || BROWSER_FILES.iter().any(|file| source.name.starts_with(file))
            || source.name.starts_with("bin/");
        for browser_crate in BROWSER_CRATES {
            let mentions = source.text.contains(&format!("{browser_crate}::"));
            assert!(at_home || !mentions, "{} knows {browser_crate}", source.name);
        }
    }
}

#[test]
fn no_file_is_too_long_to_read_in_one_sitting() {
    // Tables, with a line or a row for each message, text, field or sampler, are looked up rather than read.
    const TABLES: [&str; 5] = [
        "error/english",
        "error/chinese",
        "app/words/table",
        "params/fields",
        "scheduler/samplers/mod",
    ];
    for source in sources().into_iter().filter(|one| !TABLES.contains(&one.name.as_str())) {
        let lines = source.text.lines().count();
        assert!(lines <= 450, "{} has {lines} lines", source.name);
    }
}

struct Source {
    /// Path below `src` without `.rs`: `model/resnet`.
    name: String,
    room: String,
    text: String,
}

impl Source {
    /// Paths after `crate::`, `hearth::` and `super::`, resolved to the crate's root.
    fn crate_paths(&self) -> Vec<Vec<String>> {
        let parent: Vec<String> = match self.name.rsplit_once('/') {
            Some((parent, _)) => parent.split('/').map(str::to_string).collect(),
            None => Vec::new(),
        };
        let mut paths = Vec::new();
        for (prefix, base) in [("crate::", vec![]), ("hearth::", vec![]), ("super::", parent)] {
            for path in paths_after(&self.code(), prefix) {
                let mut base = base.clone();
                let mut rest = path.as_slice();
                while rest.first().is_some_and(|first| first == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
                base.extend(rest.iter().cloned());
                if !base.is_empty() {
                    paths.push(base);
                }
            }
        }
        paths
    }

    fn files_used(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        self.crate_paths()
            .into_iter()
            .filter_map(|path| {
                (1..=path.len())
                    .rev()
                    .map(|n| path[..n].join("/"))
                    .find(|name| names.contains(name))
            })
            .filter(|name| *name != self.name)
            .collect()
    }

    /// `mod.rs` and `lib.rs` list and re-export.
    fn only_lists(&self) -> bool {
        self.name == "lib" || self.name.ends_with("/mod")
    }

    /// Without comments and tests.
    fn code(&self) -> String {
        let text = self.text.split("#[cfg(test)]").next().unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// `use crate::a::{b::C, d}` gives `a b C` and `a d`.
fn paths_after(code: &str, prefix: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        let continues = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        if !continues {
            expand(&code[at + prefix.len()..], &[], &mut paths);
        }
    }
    paths
}

fn expand(code: &str, base: &[String], paths: &mut Vec<Vec<String>>) {
    let end =
        code.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(code.len());
    let mut path = base.to_vec();
    path.extend(code[..end].split("::").filter(|part| !part.is_empty()).map(str::to_string));
    if !code[end..].starts_with('{') {
        paths.push(path);
        return;
    }
    let (mut depth, mut from) = (0, end + 1);
    for (offset, c) in code[end..].char_indices() {
        let at = end + offset;
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if (c == ',' && depth == 1) || (c == '}' && depth == 0) {
            let part = code[from..at].trim();
            if !part.is_empty() {
                expand(part, &path, paths);
            }
            from = at + 1;
        }
        if depth == 0 {
            return;
        }
    }
}

fn returns(
    from: &str,
    to: &str,
    graph: &BTreeMap<String, BTreeSet<String>>,
    seen: &mut BTreeSet<String>,
    path: &mut Vec<String>,
) -> bool {
    let Some(next) = graph.get(from) else { return false };
    for name in next {
        path.push(name.clone());
        if name == to || (seen.insert(name.clone()) && returns(name, to, graph, seen, path)) {
            return true;
        }
        path.pop();
    }
    false
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files
        .into_iter()
        .filter(|path| *path != root.join("lib.rs"))
        .map(|path| {
            let below = path.strip_prefix(&root).unwrap().with_extension("");
            let name = below.to_str().unwrap().replace('\\', "/");
            let room = name.split('/').next().unwrap().to_string();
            Source { name, room, text: fs::read_to_string(path).unwrap() }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
