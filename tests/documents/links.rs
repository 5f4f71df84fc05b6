//! The documents speak of what there is: links lead somewhere, files and make targets exist, and every
//! module is in the architecture's code map.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold documents.
const FOLDERS: [&str; 7] =
    ["", "docs", "examples", "npm", "tests/golden", "training", "www/models/emoji"];
/// Where a path in a document's text begins, as seen from the top.
const TOP_FOLDERS: [&str; 8] =
    ["src/", "tests/", "scripts/", "docs/", "www/", "npm/", "examples/", "training/"];
/// Where builds are written.
const BUILT: [&str; 3] = ["target", "dist", "node_modules"];

struct Document {
    path: PathBuf,
    text: String,
}

impl Document {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        Document { path, text }
    }

    /// The lines outside code blocks.
    fn prose(&self) -> String {
        let mut is_code = false;
        let lines = self.text.lines().filter(|line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Targets of Markdown links and pictures.
    fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.map(str::to_string).collect()
    }

    /// What stands between backticks in the prose.
    fn code_spans(&self) -> Vec<String> {
        self.prose().split('`').skip(1).step_by(2).map(str::to_string).collect()
    }

    /// The anchors that GitHub gives to headings.
    fn anchors(&self) -> BTreeSet<String> {
        let prose = self.prose();
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<Document> {
    let mut documents = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                documents.push(Document::read(path));
            }
        }
    }
    documents
}

/// Whether `path`, seen from `folder`, is a file or folder of the repository.
fn exists(folder: &Path, path: &str) -> bool {
    let is_built = path.split('/').next().is_some_and(|first| BUILT.contains(&first));
    is_built || folder.join(path).exists()
}

#[test]
fn links_lead_to_files_and_headings() {
    let mut checked = 0;
    for document in documents() {
        let folder = document.path.parent().unwrap();
        for link in document.links().iter().filter(|link| !link.contains("://")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { document.path.clone() } else { folder.join(path) };
            assert!(target.exists(), "{}: {link} leads nowhere", document.path.display());
            if !heading.is_empty() {
                let anchors = Document::read(target).anchors();
                assert!(
                    anchors.contains(heading),
                    "{}: {link} is no heading; there are {anchors:?}",
                    document.path.display()
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} links were found");
}

#[test]
fn named_files_exist() {
    let (mut checked, mut missing) = (0, Vec::new());
    for document in documents() {
        // What a changelog tells of may be gone.
        if document.path.ends_with("CHANGELOG.md") {
            continue;
        }
        let folder = document.path.parent().unwrap();
        for span in document.code_spans() {
            let is_path = TOP_FOLDERS.iter().any(|top| span.starts_with(top));
            // Words in capitals stand for a name that the reader chooses.
            let is_pattern = span.contains(['*', ' ', '{']) || span.contains("NAME");
            if !is_path || is_pattern {
                continue;
            }
            if !exists(root(), &span) && !exists(folder, &span) {
                missing.push(format!("{}: `{span}`", document.path.display()));
            }
            checked += 1;
        }
    }
    assert!(missing.is_empty(), "these do not exist: {missing:#?}");
    assert!(checked > 60, "only {checked} paths were found");
}

#[test]
fn named_make_targets_exist() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let targets: BTreeSet<&str> =
        makefile.lines().filter_map(|line| line.split_once(": ").map(|(name, _)| name)).collect();
    let mut checked = 0;
    for document in documents() {
        let lines = document.text.lines().map(str::to_string);
        for command in lines.chain(document.code_spans()) {
            let Some(name) = command.strip_prefix("make ").and_then(|rest| rest.split(' ').next())
            else {
                continue;
            };
            assert!(
                targets.contains(name),
                "{}: `make {name}` is no target",
                document.path.display()
            );
            checked += 1;
        }
    }
    assert!(checked > 10, "only {checked} targets were found");
}

#[test]
fn code_map_names_every_module() {
    let map = Document::read(root().join("ARCHITECTURE.md")).text;
    let code_map = map.split("\n## ").find(|part| part.starts_with("Code map")).unwrap();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name == "lib" {
            continue;
        }
        let is_named = code_map.lines().filter(|line| line.starts_with("### ")).any(|line| {
            line.contains(&format!("`src/{name}`")) || line.contains(&format!("`src/{name}.rs`"))
        });
        assert!(is_named, "the code map in ARCHITECTURE.md lacks src/{name}");
    }
}
