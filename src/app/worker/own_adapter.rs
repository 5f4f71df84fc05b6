//! Adapter that comes with the loaded model.

use std::rc::Rc;

use super::source::ModelSource;
use crate::adapters::{Adapter, AdapterFile, LayerNames, Suggestion};
use crate::app::protocol::{AdapterCard, FastSettings};
use crate::error::Result;
use crate::families::OwnAdapter;
use crate::runtime::Model;
use crate::weights::Source;

/// Opens the adapter that comes with a model, if there is one.
///
/// # Errors
/// As [`AdapterFile::read_at`] and [`Adapter::of_file`].
pub async fn open_own(
    model: &Model<ModelSource>,
    source: Rc<ModelSource>,
) -> Result<Option<(Rc<Adapter<ModelSource>>, AdapterCard)>> {
    let checkpoint = model.networks.checkpoint();
    let Some(OwnAdapter { file, params, .. }) = &checkpoint.adapter else {
        return Ok(None);
    };
    let place = source.place();
    let file = AdapterFile::read_at(source, file.clone()).await?;
    let adapter = Adapter::of_file(file, &LayerNames::of(checkpoint)).await?;
    let mut card = adapter_card(place, &adapter);
    let (method, params) = (card.name.clone(), params.clone());
    card.suggestion = Some(FastSettings { method, params });
    Ok(Some((Rc::new(adapter), card)))
}

/// Returns the description of an open adapter.
pub fn adapter_card(place: String, adapter: &Adapter<ModelSource>) -> AdapterCard {
    let summary = &adapter.summary;
    let title = summary.metadata.title.as_deref().unwrap_or_default();
    let suggestion = Suggestion::of([&*summary.name, title, &*place]);
    let bundled = adapter.embeddings.iter().map(|embedding| embedding.name.clone());
    AdapterCard {
        name: summary.name.clone(),
        suggestion: suggestion.map(|Suggestion { method, params }| FastSettings {
            method: method.to_string(),
            params,
        }),
        place,
        title: summary.metadata.title.clone(),
        is_embedding: false,
        description: summary.kind_and_ranks(),
        left_out: summary.left_out(),
        trigger_words: bundled.chain(summary.metadata.trigger_words.iter().cloned()).collect(),
        has_text_encoder: summary.has_text_encoder(),
        bytes: summary.bytes,
    }
}
