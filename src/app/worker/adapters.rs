//! Adapters (LoRA and its kin) and textual inversions of the loaded model.

use std::rc::Rc;

use super::Worker;
use super::call::Call;
use super::open::Session;
use super::own_adapter::adapter_card;
use super::progress::Progress;
use super::repository::adapter_in;
use super::source::{ModelSource, NamedSource};
use crate::adapters::{Adapter, AdapterFile, LayerNames, Selection};
use crate::app::event_loop::next_task;
use crate::app::message::PickedFile;
use crate::app::protocol::{AdapterCard, ModelChoice, ModelOptions, Note, Place, Response, Stage};
use crate::error::{Error, Result, messages};
use crate::params::AdapterUse;
use crate::prompt::TextualInversion;
use crate::weights::Source;

/// An [`OpenAdapter`](crate::app::protocol::Command::OpenAdapter) command with its file.
pub struct OpenAdapterRequest {
    /// Its location.
    pub place: Place,
    /// The file of a picked one.
    pub files: Vec<PickedFile>,
}

impl Worker {
    /// Answers [`OpenAdapter`](crate::app::protocol::Command::OpenAdapter).
    pub async fn open_adapter(
        &self,
        session: &Session,
        request: OpenAdapterRequest,
        call: &Call,
    ) -> Response {
        match call.until_cancelled(open(session, request, call)).await {
            Some(Ok((opened, card))) => {
                let mut adapters = self.adapters.borrow_mut();
                match opened {
                    Opened::Network(adapter) => adapters.put(adapter),
                    Opened::Embedding(embedding) => adapters.put_embedding(embedding),
                }
                Response::AdapterOpened { adapter: Box::new(card) }
            }
            Some(Err(error)) => Response::failed(&error),
            None => Response::Cancelled { model_stays: true },
        }
    }
}

/// What a file holds.
enum Opened {
    Network(Rc<Adapter<ModelSource>>),
    Embedding(Rc<TextualInversion>),
}

async fn open(
    session: &Session,
    request: OpenAdapterRequest,
    call: &Call,
) -> Result<(Opened, AdapterCard)> {
    let OpenAdapterRequest { place, files } = request;
    let progress = Rc::new(Progress::new(call.clone()));
    let listener = Rc::clone(&progress);
    let listener = Rc::new(move |transfer| listener.on_transfer(transfer));
    let choice = ModelChoice { place, vae: None, options: ModelOptions::default() };
    let mut named = NamedSource::open(&choice, files, listener.clone()).await?;
    if let ModelSource::Kept(kept) = &named.source
        && let Some(text) = adapter_in(kept).await?
    {
        let place = Place::Address { text, base: String::new() };
        let choice = ModelChoice { place, ..choice };
        named = NamedSource::open(&choice, Vec::new(), listener).await?;
    }
    let NamedSource { mut source, .. } = named;
    if let ModelSource::Kept(kept) = &mut source {
        kept.set_adapter();
    }
    let names = LayerNames::of(session.model.networks.checkpoint());
    let source = Rc::new(source);
    let file = AdapterFile::read(Rc::clone(&source)).await?;
    if file.is_textual_inversion() {
        progress.expect(source.len(&file.path).await?.unwrap_or(0));
        source.fetch(&[file.path]).await?;
        let embedding = names.embeddings.open(&*source).await?;
        let card = embedding_card(&source, &embedding).await?;
        return Ok((Opened::Embedding(Rc::new(embedding)), card));
    }
    let adapter = Adapter::of_file(file, &names).await?;
    progress.expect(adapter.summary.bytes);
    adapter.fetch().await?;
    let card = adapter_card(source.place(), &adapter);
    Ok((Opened::Network(Rc::new(adapter)), card))
}

async fn embedding_card(source: &ModelSource, embedding: &TextualInversion) -> Result<AdapterCard> {
    let file = source.single_file().unwrap_or_default();
    let vectors = embedding.vectors.iter().map(Vec::len).max().unwrap_or(0);
    Ok(AdapterCard {
        name: embedding.name.clone(),
        place: source.place(),
        title: None,
        is_embedding: true,
        description: match vectors {
            1 => messages::embedding_of_one_vector(),
            _ => messages::embedding_of_vectors(vectors),
        },
        left_out: None,
        trigger_words: vec![embedding.name.clone()],
        has_text_encoder: false,
        bytes: source.len(file).await?.unwrap_or(0),
        suggestion: None,
    })
}

/// Puts the adapters of a request and of its prompt into effect, and returns those that the prompt does not
/// name. What is not open or not applied is named in a note.
///
/// # Errors
/// If a file cannot be read, or the request is cancelled: the next one begins with the adapters of before.
pub async fn apply(
    session: &Session,
    selection: Selection<ModelSource>,
    call: &Call,
) -> Result<Vec<AdapterUse>> {
    let Selection { set, beside_prompt, unknown, ignored, .. } = selection;
    for what in ignored {
        call.note(Note::NetworkNotApplied { what });
    }
    for adapter in unknown {
        call.note(Note::AdapterNotOpen { adapter });
    }
    let networks = &session.model.networks;
    if set.is_same(&networks.adapters()) {
        return Ok(beside_prompt);
    }
    let total = networks.bytes_to_change(&set).max(1);
    call.preparing(Stage::Adapters { percent: 0 });
    let (mut done, mut reported) = (0, 0);
    let mut loaded = async |bytes| {
        done += bytes;
        let percent = (100 * done.min(total) / total) as u32;
        if percent > reported {
            reported = percent;
            call.preparing(Stage::Adapters { percent });
        }
        next_task().await;
        session.compute.check()?;
        if call.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    };
    networks.set_adapters(set, &mut loaded).await?;
    Ok(beside_prompt)
}
