//! Commands about stored models.

use super::call::Call;
use crate::app::protocol::{Event, Library, Response, StoredModel};
use crate::error::Result;
use crate::weights::address::Address;
use crate::weights::browser::{estimate, library};
use crate::weights::cache::KeptModel;

/// Answers [`Library`](crate::app::protocol::Command::Library).
pub async fn list_kept() -> Response {
    Response::Library { library: read().await }
}

/// Answers [`Remove`](crate::app::protocol::Command::Remove).
pub async fn remove(place: String) -> Response {
    let place = absolute_address(place);
    library_after(async { library().await?.remove(&place).await }.await).await
}

/// Answers [`RemoveAll`](crate::app::protocol::Command::RemoveAll).
pub async fn remove_all() -> Response {
    library_after(async { library().await?.remove_all().await }.await).await
}

async fn library_after(change: Result<()>) -> Response {
    match change {
        Ok(()) => list_kept().await,
        Err(error) => Response::failed(&error),
    }
}

/// Returns the address under which a model is stored, for an address or a repository name.
fn absolute_address(place: String) -> String {
    Address::parse(&place, |_| None).map_or(place, |address| address.location.place())
}

/// Answers [`Verify`](crate::app::protocol::Command::Verify).
pub async fn verify(call: &Call, place: String) -> Response {
    match count_damaged(call, &place).await {
        Ok(damaged) => Response::Verified { place, damaged },
        Err(error) => Response::failed(&error),
    }
}

async fn count_damaged(call: &Call, place: &str) -> Result<u64> {
    let library = library().await?;
    let mut reported = 0;
    let checked = |done: u64, total: u64| {
        // Ten reports at most: enough for a progress display, and not too many for screen readers.
        let tenth = done.saturating_mul(10) / total.max(1);
        if tenth > std::mem::replace(&mut reported, tenth) {
            call.event(Event::Checking { place: place.to_string(), percent: tenth as u32 * 10 });
        }
    };
    Ok(library.verify(place, checked).await?.damaged)
}

async fn read() -> Library {
    let (models, refused) = match list().await {
        Ok(models) => (models, None),
        Err(error) => (Vec::new(), Some((&error).into())),
    };
    Library { models: models.into_iter().map(kept).collect(), room: free_bytes().await, refused }
}

async fn list() -> Result<Vec<KeptModel>> {
    library().await?.list().await
}

/// Returns the bytes that are still free for this site, if the browser reports it.
pub async fn free_bytes() -> Option<u64> {
    let estimate = estimate().await?;
    Some((estimate.quota - estimate.usage).max(0.0) as u64)
}

/// Returns how many of the `weights` bytes of `files` at `place` the browser has not stored yet.
pub async fn bytes_to_download(place: &str, files: &[String], weights: u64) -> u64 {
    // Without a database no models are stored.
    let models = list().await.unwrap_or_default();
    let is_same = |model: &KeptModel| {
        // The stored model may have the weights of the other precision.
        model.place == place && files.iter().all(|file| model.files.contains(file))
    };
    match models.into_iter().find(is_same) {
        Some(KeptModel { complete: true, .. }) => 0,
        Some(model) => weights.saturating_sub(model.bytes),
        None => weights,
    }
}

fn kept(model: KeptModel) -> StoredModel {
    let KeptModel { place, name, bytes, complete, last_used, is_adapter, is_vae, .. } = model;
    StoredModel { place, name, bytes, complete, last_used, is_adapter, is_vae }
}
