//! Arguments `--lora` and `--embedding`.

use std::path::PathBuf;
use std::rc::Rc;

use hearth::adapters::{
    Adapter, AdapterFile, AdapterSet, LayerNames, OpenAdapters, Selection, WeightedAdapter,
};
use hearth::error::messages;
use hearth::families::Checkpoint;
use hearth::params::{AdapterUse, GenerationParams};
use hearth::prompt::TextualInversion;
use hearth::runtime::Model;
use hearth::weights::Folder;
use hearth::{Error, Result};

/// A value of `--lora`: `PATH[:WEIGHT[:TE_WEIGHT]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraArgument {
    path: PathBuf,
    unet: f64,
    text_encoder: f64,
}

impl std::str::FromStr for LoraArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // From the right: a path may contain colons, a number is no path.
        let (mut path, mut weights) = (text, Vec::new());
        while let Some((rest, number)) = path.rsplit_once(':').filter(|_| weights.len() < 2) {
            let Ok(weight) = number.parse::<f64>() else { break };
            if !weight.is_finite() {
                return Err(format!("{number} is no weight"));
            }
            weights.insert(0, weight);
            path = rest;
        }
        if path.is_empty() {
            return Err("there is no path".to_string());
        }
        let unet = weights.first().copied().unwrap_or(1.0);
        let text_encoder = weights.get(1).copied().unwrap_or(unet);
        Ok(LoraArgument { path: PathBuf::from(path), unet, text_encoder })
    }
}

/// Opens the adapters for a checkpoint, and says on the standard error what each is. `own`: the file of the one
/// that comes with it, which is the first.
///
/// # Errors
/// As [`AdapterFile::read_at`] and [`Adapter::of_file`].
pub async fn open_adapters(
    arguments: &[LoraArgument],
    own: Option<AdapterFile<Folder>>,
    checkpoint: &Checkpoint,
) -> Result<AdapterSet<Folder>> {
    let mut files: Vec<_> = own.map(|file| (file, 1.0, 1.0)).into_iter().collect();
    for LoraArgument { path, unet, text_encoder } in arguments {
        let source = Rc::new(Folder::open(path)?);
        let file = AdapterFile::read(source).await.map_err(|error| match error {
            Error::MissingFile { .. } => Error::NotACheckpoint {
                path: path.display().to_string(),
                found: messages::no_lora(),
                remedy: messages::take_lora(),
            },
            error => error,
        })?;
        files.push((file, *unet, *text_encoder));
    }
    if files.is_empty() {
        return Ok(AdapterSet::default());
    }
    let names = LayerNames::of(checkpoint);
    let mut adapters = Vec::new();
    for (file, unet, text_encoder) in files {
        let adapter = Adapter::of_file(file, &names).await?;
        let summary = &adapter.summary;
        let (name, kind) = (&summary.name, summary.kind_and_ranks());
        eprintln!("hearth: {}", messages::adapter_summary(name, kind, unet, text_encoder));
        if let Some(left_out) = summary.left_out() {
            eprintln!("hearth: {left_out}");
        }
        adapters.push(WeightedAdapter { adapter: Rc::new(adapter), unet, text_encoder });
    }
    Ok(AdapterSet::new(adapters))
}

/// The adapters and textual inversions that were given.
pub struct GivenAdapters {
    open: OpenAdapters<Folder>,
    uses: Vec<AdapterUse>,
}

impl GivenAdapters {
    /// Returns the adapters in effect in a model that was just loaded, and `embeddings`.
    pub fn new(model: &Model<Folder>, embeddings: Vec<TextualInversion>) -> Self {
        let set = model.networks.adapters();
        let (mut open, mut uses) = (OpenAdapters::default(), set.uses());
        set.adapters().iter().for_each(|row| open.put(Rc::clone(&row.adapter)));
        for embedding in embeddings {
            uses.push(AdapterUse::whole(embedding.name.clone()));
            open.put_embedding(Rc::new(embedding));
        }
        GivenAdapters { open, uses }
    }

    /// Puts the adapters into effect with the weights that the prompt gives them.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub async fn apply(
        &self,
        model: &Model<Folder>,
        params: &GenerationParams,
    ) -> Result<Selection<Folder>> {
        let selection = self.open.select(&self.uses, params);
        for what in &selection.ignored {
            eprintln!("hearth: {}", messages::network_not_applied(what));
        }
        for name in &selection.unknown {
            eprintln!("hearth: {}", messages::adapter_not_given(name));
        }
        if !selection.set.is_same(&model.networks.adapters()) {
            model.networks.set_adapters(selection.set.clone(), &mut async |_| Ok(())).await?;
        }
        Ok(selection)
    }
}

/// Opens the textual inversions for a checkpoint, and says on the standard error what each is.
///
/// # Errors
/// As [`EmbeddingTarget::open`](hearth::families::EmbeddingTarget::open).
pub async fn open_embeddings(
    paths: &[PathBuf],
    checkpoint: &Checkpoint,
) -> Result<Vec<TextualInversion>> {
    let target = checkpoint.family.embedding_target();
    let mut embeddings = Vec::new();
    for path in paths {
        let embedding = target.open(&Folder::open(path)?).await?;
        eprintln!("hearth: {} is {} in prompts", path.display(), embedding.name);
        embeddings.push(embedding);
    }
    Ok(embeddings)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::LoraArgument;

    #[test]
    fn weights_are_the_last_numbers() {
        for (text, path, unet, text_encoder) in [
            ("a.safetensors", "a.safetensors", 1.0, 1.0),
            ("a.safetensors:0.8", "a.safetensors", 0.8, 0.8),
            ("a.safetensors:0.8:0", "a.safetensors", 0.8, 0.0),
            ("C:\\x:1.safetensors:-0.5:.25", "C:\\x:1.safetensors", -0.5, 0.25),
            ("a:1:2:3", "a:1", 2.0, 3.0),
        ] {
            let argument: LoraArgument = text.parse().unwrap();
            let found = (argument.path.to_str().unwrap(), argument.unet, argument.text_encoder);
            assert_eq!(found, (path, unet, text_encoder), "{text}");
        }
        assert!("".parse::<LoraArgument>().is_err());
        assert!("a:nan".parse::<LoraArgument>().is_err());
    }
}
