//! An adapter file that is open for one checkpoint.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::base_model::BaseModel;
use super::change::{ChangeKind, LayerChange, Values};
use super::file::{AdapterFile, PEFT_WEIGHTS};
use super::metadata::{AdapterMetadata, PeftAlphas};
use super::names::{Layer, LayerNames};
use super::suffixes::{Part, split};
use crate::error::{Error, Message, Result, messages};
use crate::model::{Component, NetworkKind};
use crate::prompt::TextualInversion;
use crate::weights::Source;
use crate::weights::loader::{READ_STEP, is_readable, unreadable, widened};
use crate::weights::safetensors::{Entry, Index};
use crate::weights::tensors::Located;
use crate::weights::textual_inversion::{self, HASH_DIGITS, is_bundled, is_textual_inversion};

/// Config beside the weights in a folder of PEFT.
const PEFT_CONFIG: &str = "adapter_config.json";

/// An adapter: a LoRA or one of its kin.
#[derive(Debug)]
pub struct Adapter<S> {
    source: Rc<S>,
    file: String,
    /// Bytes of all tensors in the file.
    data: Range<u64>,
    /// Its hash, once it is known.
    hash: RefCell<Option<String>>,
    layers: BTreeMap<Layer, LayerChange>,
    /// Textual inversions beside the layers.
    pub embeddings: Vec<Rc<TextualInversion>>,
    /// Its summary.
    pub summary: AdapterSummary,
}

/// What an adapter is.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterSummary {
    /// Name of the file without its ending: the name in prompts.
    pub name: String,
    /// Kinds of its changes.
    pub kinds: BTreeSet<ChangeKind>,
    /// Whether it is a DoRA.
    pub is_decomposed: bool,
    /// Smallest and largest rank; `None` if it has none.
    pub ranks: Option<[usize; 2]>,
    /// Base model, if the file tells it.
    pub base: Option<BaseModel>,
    /// Number of layers by component.
    pub layers: BTreeMap<Component, usize>,
    /// Keys that belong to no layer of the checkpoint.
    pub unmatched: Vec<String>,
    /// Bytes of the file's tensors.
    pub bytes: u64,
    /// What the file says about itself.
    pub metadata: AdapterMetadata,
}

impl AdapterSummary {
    /// Returns kind and ranks: "LoRA, ranks 4 to 16".
    pub fn kind_and_ranks(&self) -> Message {
        let kinds: Vec<&str> = match self.is_decomposed {
            true => vec!["DoRA"],
            false => self.kinds.iter().map(|kind| kind.name()).collect(),
        };
        let kinds = kinds.join(", ");
        match self.ranks {
            Some([least, most]) if least == most => messages::adapter_of_rank(kinds, most),
            Some([least, most]) => messages::adapter_of_ranks(kinds, least, most),
            None => Message::verbatim(kinds),
        }
    }

    /// Returns whether it changes a text encoder.
    pub fn has_text_encoder(&self) -> bool {
        self.layers.keys().any(|component| component.kind == NetworkKind::ClipText)
    }

    /// Returns what of the file is not applied; `None` if everything is.
    pub fn left_out(&self) -> Option<Message> {
        /// Keys that are named.
        const NAMED: usize = 3;
        let first: Vec<&str> = self.unmatched.iter().take(NAMED).map(String::as_str).collect();
        let count = self.unmatched.len();
        (count > 0).then(|| messages::adapter_keys_left_out(&self.name, count, first.join(", ")))
    }
}

impl<S: Source> Adapter<S> {
    /// Opens the adapter at `source` for the layers of a checkpoint, see [`AdapterFile::read`].
    ///
    /// # Errors
    /// As [`AdapterFile::read`] and [`Adapter::of_file`].
    pub async fn open(source: Rc<S>, names: &LayerNames) -> Result<Self> {
        Self::of_file(AdapterFile::read(source).await?, names).await
    }

    /// Opens an adapter for the layers of a checkpoint. Its values are not read yet.
    ///
    /// # Errors
    /// [`Error::NotACheckpoint`] for a file that is no adapter, or one for another base model, which is
    /// named; [`Error::Unsupported`] for kinds and number formats that are not read;
    /// [`Error::CorruptWeights`] if parts are missing or do not fit their layer.
    pub async fn of_file(file: AdapterFile<S>, names: &LayerNames) -> Result<Self> {
        let name = file.name();
        let AdapterFile { source, path: file, index } = file;
        let base = BaseModel::of(&index);
        let mut alphas = PeftAlphas::of_metadata(&index.metadata);
        if file.ends_with(PEFT_WEIGHTS)
            && let Some(json) = source.read_small(&file.replace(PEFT_WEIGHTS, PEFT_CONFIG)).await?
        {
            alphas = PeftAlphas::of_config(&json);
        }
        let (layers, unmatched) = group(&index, &file, names, base)?;
        let bundled = textual_inversion::read_bundled(&*source, &file, &index).await?;
        let embeddings =
            bundled.into_iter().map(|file| names.embeddings.fit("", file).map(Rc::new));
        let (data, metadata) = (index.data(), AdapterMetadata::of(&index.metadata));
        let mut adapter = Adapter {
            file,
            data: data.clone(),
            hash: RefCell::new(metadata.hash.clone()),
            source,
            layers,
            embeddings: embeddings.collect::<Result<_>>()?,
            summary: AdapterSummary {
                name,
                kinds: BTreeSet::new(),
                is_decomposed: false,
                ranks: None,
                base,
                layers: BTreeMap::new(),
                unmatched,
                bytes: data.end - data.start,
                metadata,
            },
        };
        adapter.check(names, &alphas)?;
        Ok(adapter)
    }

    /// Checks every layer, fills in alphas and summarises.
    fn check(&mut self, names: &LayerNames, alphas: &PeftAlphas) -> Result<()> {
        let summary = &mut self.summary;
        for (layer, change) in &mut self.layers {
            let [weight, bias] = ["weight", "bias"].map(|what| names.shape(layer, what));
            change.check(weight, bias).map_err(|error| other_base(error, summary.base))?;
            let rank = change.rank();
            if !change.parts.contains_key(&Part::Alpha) {
                let rank = rank.unwrap_or(1);
                change.alpha = alphas.get(layer.component.name, &layer.path, rank);
            }
            summary.kinds.extend(change.kind());
            summary.is_decomposed |= change.is_decomposed();
            if let Some(rank) = rank {
                let [least, most] = summary.ranks.unwrap_or([rank; 2]);
                summary.ranks = Some([least.min(rank), most.max(rank)]);
            }
            *summary.layers.entry(layer.component).or_default() += 1;
        }
        Ok(())
    }

    /// Returns the paths of the parameters of `component` that it changes.
    pub fn paths(&self, component: Component) -> impl Iterator<Item = String> {
        let own = self.layers.iter().filter(move |(layer, _)| layer.component == component);
        own.flat_map(|(layer, change)| {
            let weight = change.kind().map(|_| format!("{}.weight", layer.path));
            let bias = change.parts.contains_key(&Part::DiffBias);
            weight.into_iter().chain(bias.then(|| format!("{}.bias", layer.path)))
        })
    }

    /// Downloads the file, if it is behind an address.
    ///
    /// # Errors
    /// If it cannot be downloaded.
    pub async fn fetch(&self) -> Result<()> {
        self.source.fetch(std::slice::from_ref(&self.file)).await
    }

    /// Returns the hash by which AUTOMATIC1111 and Civitai know the file: the trainer's, or else that of
    /// `addnet_hash_safetensors`, for which the file is read once.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) async fn hash(&self) -> Result<String> {
        let known = self.hash.borrow().clone();
        if let Some(hash) = known {
            return Ok(hash);
        }
        let mut sum = Sha256::new();
        for start in self.data.clone().step_by(READ_STEP as usize) {
            let end = self.data.end.min(start + READ_STEP);
            sum.update(self.source.read(&self.file, start..end).await?);
        }
        let mut hash = hex::encode(sum.finalize());
        hash.truncate(HASH_DIGITS);
        self.hash.replace(Some(hash.clone()));
        Ok(hash)
    }

    /// Returns the change of a layer and its values; `None` if it does not change it.
    pub(super) async fn read(&self, layer: &Layer) -> Result<Option<(&LayerChange, Values)>> {
        let Some(change) = self.layers.get(layer) else { return Ok(None) };
        let mut values = Values::new();
        let spans: Vec<Range<u64>> = change.parts.values().map(|at| at.range.clone()).collect();
        let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
        let end = spans.iter().map(|span| span.end).max().unwrap_or(0);
        let used: u64 = spans.iter().map(|span| span.end - span.start).sum();
        // The tensors of a layer usually lie side by side: one read instead of one for each.
        let together = match end - start <= used + used / 4 + (64 << 10) {
            true => Some(self.source.read(&self.file, start..end).await?),
            false => None,
        };
        for (part, at) in &change.parts {
            let bytes = match &together {
                Some(bytes) => {
                    let range = (at.range.start - start) as usize..(at.range.end - start) as usize;
                    bytes.get(range).unwrap_or_default().to_vec()
                }
                None => self.source.read(&self.file, at.range.clone()).await?,
            };
            let numbers = widened(at.dtype, &bytes);
            // One of them would make every value of a picture no number.
            if numbers.iter().any(|number| !number.is_finite()) {
                let (path, reason) = (self.file.clone(), messages::tensor_not_finite(&at.key));
                return Err(Error::CorruptWeights { path, reason });
            }
            values.insert(*part, numbers);
        }
        Ok(Some((change, values)))
    }
}

type Layers = BTreeMap<Layer, LayerChange>;

/// Groups the tensors of a file by layer; also returns the keys that belong to none.
fn group(
    index: &Index,
    file: &str,
    names: &LayerNames,
    base: Option<BaseModel>,
) -> Result<(Layers, Vec<String>)> {
    let (mut layers, mut unmatched): (Layers, _) = (BTreeMap::new(), Vec::new());
    let mut parts_found = 0;
    let networks = index.entries.iter().filter(|entry| !is_bundled(&entry.name));
    for entry in networks {
        let Some((name, part)) = split(&entry.name).filter(|(_, part)| *part != Part::Other) else {
            unmatched.push(entry.name.clone());
            continue;
        };
        parts_found += usize::from(part != Part::Alpha);
        if !is_readable(entry.dtype) {
            return Err(unreadable(file, &entry.name, entry.dtype));
        }
        match names.get(&name) {
            Some(layer) => {
                let change = layers.entry(layer.clone()).or_default();
                change.parts.insert(part, located(file, entry));
            }
            None => unmatched.push(entry.name.clone()),
        }
    }
    if parts_found == 0 {
        return Err(no_adapter(index, file));
    }
    layers
        .retain(|_, change| change.kind().is_some() || change.parts.contains_key(&Part::DiffBias));
    if layers.is_empty() {
        return Err(Error::NotACheckpoint {
            path: file.to_string(),
            found: match base {
                Some(base) => messages::adapter_for_base(base.name()),
                None => messages::adapter_without_layers(),
            },
            remedy: messages::take_adapter_for_model(),
        });
    }
    Ok((layers, unmatched))
}

/// Returns the error for a file without a readable part.
fn no_adapter(index: &Index, file: &str) -> Error {
    const KINDS: [(&str, &str); 5] = [
        (".oft_blocks", "OFT"),
        (".oft_diag", "OFT"),
        (".a1.weight", "GLoRA"),
        (".on_input", "IA³"),
        (".boft", "BOFT"),
    ];
    let ends = |suffix: &str| index.entries.iter().any(|entry| entry.name.ends_with(suffix));
    match KINDS.iter().find(|(suffix, _)| ends(suffix)) {
        Some((_, kind)) => Error::Unsupported {
            path: file.to_string(),
            what: messages::adapter_kind(*kind),
            remedy: messages::take_lora(),
        },
        None if is_textual_inversion(index) => Error::NotACheckpoint {
            path: file.to_string(),
            found: messages::textual_inversion(),
            remedy: messages::give_as_embedding(),
        },
        None => Error::NotACheckpoint {
            path: file.to_string(),
            found: messages::no_lora(),
            remedy: messages::take_lora(),
        },
    }
}

/// A tensor that does not fit means another base model, if the file tells its own.
fn other_base(error: Error, base: Option<BaseModel>) -> Error {
    match (error, base) {
        (Error::CorruptWeights { path, .. }, Some(base)) => Error::NotACheckpoint {
            path,
            found: messages::adapter_for_base(base.name()),
            remedy: messages::take_adapter_for_model(),
        },
        (error, _) => error,
    }
}

fn located(file: &str, entry: &Entry) -> Located {
    Located {
        file: file.to_string(),
        key: entry.name.clone(),
        dtype: entry.dtype,
        shape: entry.shape.clone(),
        range: entry.range.clone(),
        transposed: false,
    }
}
