//! Files of a repository that is no folder in diffusers layout.

use serde::Deserialize;

use super::address::{Address, Repository};
use super::diffusers::MODEL_INDEX;
use super::http::{DownloadPolicy, Http, Transport};
use super::source::Source;

/// Kind of a file, as far as its name and the repository's tags tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// Probably a whole checkpoint.
    Checkpoint,
    /// A LoRA.
    Lora,
    /// A part of a model: a network alone, a shard, a ControlNet, an embedding.
    Part,
    /// Quantised weights in GGUF.
    Gguf,
    /// Weights that are not safetensors.
    Other,
}

/// A file of weights in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryFile {
    /// Path in the repository.
    pub path: String,
    /// Its kind.
    pub kind: FileKind,
}

/// The Hub's description of a repository (`/api/models/owner/name`).
#[derive(Deserialize)]
struct Description {
    siblings: Vec<Sibling>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
}

/// Folders of components, of which none is a checkpoint.
const COMPONENTS: [&str; 12] = [
    "unet",
    "vae",
    "text_encoder",
    "text_encoder_2",
    "text_encoder_3",
    "transformer",
    "tokenizer",
    "safety_checker",
    "image_encoder",
    "feature_extractor",
    "prior",
    "scheduler",
];

/// Words in names of files that are no checkpoints.
const PARTS: [&str; 11] = [
    "controlnet",
    "control_",
    "t2i",
    "ip-adapter",
    "ip_adapter",
    "embedding",
    "text_encoder",
    "upscal",
    "esrgan",
    "motion",
    "taesd",
];

/// Returns the files of weights in the Hub's description of a repository, whole checkpoints first;
/// `None` if the text is no such description.
pub fn weight_files(description: &[u8]) -> Option<Vec<RepositoryFile>> {
    let Description { siblings, tags } = serde_json::from_slice(description).ok()?;
    let is_lora = tags.iter().any(|tag| tag.eq_ignore_ascii_case("lora"));
    let file = |Sibling { rfilename: path }| {
        let kind = kind(&path, is_lora)?;
        Some(RepositoryFile { path, kind })
    };
    let mut files: Vec<_> = siblings.into_iter().filter_map(file).collect();
    files.sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
    Some(files)
}

/// File name that diffusers gives to every LoRA.
pub const USUAL_LORA: &str = "pytorch_lora_weights.safetensors";

/// Returns the files that may be meant as the adapter of a repository: diffusers' usual file, or else all
/// LoRAs, or else all whole files of weights.
pub fn adapter_files(files: &[RepositoryFile]) -> Vec<&str> {
    let of = |kind: FileKind| -> Vec<&str> {
        let files = files.iter().filter(|file| file.kind == kind);
        files.map(|file| file.path.as_str()).collect()
    };
    let loras = of(FileKind::Lora);
    match loras.contains(&USUAL_LORA) {
        true => vec![USUAL_LORA],
        false if loras.is_empty() => of(FileKind::Checkpoint),
        false => loras,
    }
}

/// Returns the files that may be meant as the autoencoder of a repository: those named so, or else all files of
/// weights.
pub fn vae_files(files: &[RepositoryFile]) -> Vec<&str> {
    let is_readable =
        |file: &&RepositoryFile| matches!(file.kind, FileKind::Checkpoint | FileKind::Part);
    let paths: Vec<&str> = files.iter().filter(is_readable).map(|file| &*file.path).collect();
    let named: Vec<&str> = paths.iter().copied().filter(|path| is_vae(path)).collect();
    if named.is_empty() { paths } else { named }
}

/// Returns whether the name of a file says that it is an autoencoder.
fn is_vae(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "vae")
}

/// Returns the kind of a file; `None` if it holds no weights.
fn kind(path: &str, is_lora: bool) -> Option<FileKind> {
    let lower = path.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    if ends(&[".gguf"]) {
        return Some(FileKind::Gguf);
    }
    if ends(&[".ckpt", ".pt", ".pth", ".bin"]) {
        return Some(FileKind::Other);
    }
    let stem = lower.strip_suffix(".safetensors")?;
    let name = stem.rsplit('/').next().unwrap_or_default();
    let mut folders = lower.split('/').rev().skip(1);
    let is_shard = name.split_once("-of-").is_some_and(|(begin, end)| {
        begin.ends_with(|c: char| c.is_ascii_digit()) && end.chars().all(|c| c.is_ascii_digit())
    });
    Some(if is_lora || ["lora", "lycoris", "locon"].iter().any(|word| stem.contains(word)) {
        FileKind::Lora
    } else if is_shard
        || (is_vae(stem) && !name.contains("baked"))
        || folders.any(|folder| COMPONENTS.contains(&folder))
        || PARTS.iter().any(|word| name.contains(word))
    {
        FileKind::Part
    } else {
        FileKind::Checkpoint
    })
}

/// Returns what to type for a file of a repository.
pub fn file_address(repository: &Repository, path: &str) -> String {
    let name = repository.name();
    match (repository.is_on_hub(), repository.revision.as_str()) {
        (true, "main") => format!("{name}/{path}"),
        (true, revision) => format!("{name}@{}/{path}", revision.replace("%2F", "/")),
        (false, _) => repository.url(&path.replace(' ', "%20")),
    }
}

/// Returns what an address means: `https://host/owner/name` is a folder of any server, or a
/// repository on a mirror of the Hub. It is a mirror's if there is no model in the folder and the
/// host describes the repository as the Hub does.
pub async fn resolved<T: Transport>(
    address: Address,
    transport: T,
    policy: DownloadPolicy,
) -> Address {
    let Some(mirror) = address.on_mirror.clone() else { return address };
    let Some(repository) = mirror.location.repository() else { return address };
    let http = |folder: String| Http::new(folder, transport.clone(), policy.clone());
    // Without an answer, neither is known; opening the folder reports why.
    if !matches!(http(address.location.address()).read_small_once(MODEL_INDEX).await, Ok(None)) {
        return address;
    }
    let (folder, file) = repository.description();
    match http(folder).read_small(&file).await {
        Ok(Some(json)) if weight_files(&json).is_some() => *mirror,
        _ => address,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{
        FileKind, RepositoryFile, USUAL_LORA, adapter_files, file_address, vae_files, weight_files,
    };
    use crate::weights::Address;

    #[test]
    fn adapter_of_repository_is_the_usual_file_or_all_that_may_be_meant() {
        let files = |paths: &[(&str, FileKind)]| -> Vec<RepositoryFile> {
            let file = |(path, kind): &(&str, FileKind)| RepositoryFile {
                path: path.to_string(),
                kind: *kind,
            };
            paths.iter().map(file).collect()
        };
        let usual = (USUAL_LORA, FileKind::Lora);
        let other = ("ink_lora.safetensors", FileKind::Lora);
        let model = ("style.safetensors", FileKind::Checkpoint);
        let old = ("old.ckpt", FileKind::Other);
        assert_eq!(adapter_files(&files(&[model, other, usual])), [usual.0]);
        assert_eq!(adapter_files(&files(&[model, other, old])), [other.0]);
        assert_eq!(adapter_files(&files(&[model, old])), [model.0]);
        assert!(adapter_files(&files(&[old])).is_empty());
    }

    #[test]
    fn autoencoder_of_repository_is_the_file_of_that_name_or_any() {
        let files = |names: &[&str]| {
            let file = |name: &&str| format!(r#"{{"rfilename": "{name}"}}"#);
            let names: Vec<String> = names.iter().map(file).collect();
            weight_files(format!(r#"{{"siblings": [{}]}}"#, names.join(",")).as_bytes()).unwrap()
        };
        let mse = "vae-ft-mse-840000-ema-pruned.safetensors";
        assert_eq!(vae_files(&files(&["model.safetensors", mse, "vae-ft-mse.ckpt"])), [mse]);
        assert_eq!(vae_files(&files(&["vae/a.safetensors"])), ["vae/a.safetensors"]);
        let two = ["sdxl.vae.safetensors", "sdxl_vae.safetensors"];
        assert_eq!(vae_files(&files(&two)), two);
        assert!(vae_files(&files(&["vae.pt", "a_lora.safetensors"])).is_empty());
    }

    const DESCRIPTION: &str = r#"{"id": "o/n", "tags": ["text-to-image"], "siblings": [
        {"rfilename": "README.md"}, {"rfilename": "v1-5-pruned.ckpt"},
        {"rfilename": "loras/add_detail.safetensors"}, {"rfilename": "model-Q4_0.gguf"},
        {"rfilename": "vae-ft-mse.safetensors"}, {"rfilename": "a/dreamshaper_8.safetensors"},
        {"rfilename": "unet/diffusion_pytorch_model.safetensors"},
        {"rfilename": "model-00001-of-00002.safetensors"}, {"rfilename": "v1-5.SAFETENSORS"},
        {"rfilename": "anything_bakedVae.safetensors"}]}"#;

    #[test]
    fn weight_files_are_sorted_by_kind() {
        let files = weight_files(DESCRIPTION.as_bytes()).unwrap();
        let files: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.kind)).collect();
        assert_eq!(
            files,
            [
                ("a/dreamshaper_8.safetensors", FileKind::Checkpoint),
                ("anything_bakedVae.safetensors", FileKind::Checkpoint),
                ("v1-5.SAFETENSORS", FileKind::Checkpoint),
                ("loras/add_detail.safetensors", FileKind::Lora),
                ("model-00001-of-00002.safetensors", FileKind::Part),
                ("unet/diffusion_pytorch_model.safetensors", FileKind::Part),
                ("vae-ft-mse.safetensors", FileKind::Part),
                ("model-Q4_0.gguf", FileKind::Gguf),
                ("v1-5-pruned.ckpt", FileKind::Other),
            ]
        );
    }

    #[test]
    fn repository_with_lora_tag_has_no_checkpoint() {
        let json = br#"{"tags": ["lora"], "siblings": [{"rfilename": "detail.safetensors"}]}"#;
        assert_eq!(weight_files(json).unwrap()[0].kind, FileKind::Lora);
        assert_eq!(weight_files(b"<!doctype html>"), None);
        assert_eq!(weight_files(br#"{"siblings": []}"#), Some(Vec::new()));
    }

    #[test]
    fn file_address_names_the_file_again() {
        for (typed, path, address) in [
            ("o/n", "a b.safetensors", "o/n/a b.safetensors"),
            ("o/n@v2", "x/a.safetensors", "o/n@v2/x/a.safetensors"),
            ("o/n@refs/pr/3", "a.safetensors", "o/n@refs/pr/3/a.safetensors"),
            (
                "https://hf-mirror.com/o/n",
                "a b.safetensors",
                "https://hf-mirror.com/o/n/resolve/main/a%20b.safetensors",
            ),
        ] {
            let repository = Address::parse(typed, |_| None).unwrap().location.repository();
            let found = file_address(&repository.unwrap(), path);
            assert_eq!(found, address);
            let location = Address::parse(&found, |_| None).unwrap().location;
            let file = path.rsplit('/').next().map(|file| file.replace(' ', "%20"));
            assert_eq!(location.file, file, "{found}");
        }
    }
}
