//! What this browser keeps, for the page.

use super::port::Port;
use crate::app::protocol::{Command, Kept, Library, Report};
use crate::error::Result;
use crate::weights::address::Address;
use crate::weights::browser::{estimate, library};
use crate::weights::cache::KeptModel;

/// Does what a command about kept models asks for, and says what is kept afterwards.
pub async fn answer(port: &Port, command: Command) {
    if let Err(error) = change(port, command).await {
        port.post(&Report::LibraryFailed { fault: (&error).into() });
    }
    port.post(&Report::Library { library: read().await });
}

async fn change(port: &Port, command: Command) -> Result<()> {
    match command {
        Command::Remove { place } => {
            let place = absolute(place);
            library().await?.remove(&place).await
        }
        Command::RemoveAll => library().await?.remove_all().await,
        Command::Verify { place } => verify(port, place).await,
        _ => Ok(()),
    }
}

/// What a model is kept under, of whatever it is called by.
fn absolute(place: String) -> String {
    Address::parse(&place, |_| None).map_or(place, |address| address.location.place())
}

async fn verify(port: &Port, place: String) -> Result<()> {
    let library = library().await?;
    let mut told = 0;
    let checked = |done: u64, total: u64| {
        // Often enough to be followed, and not so often that nobody could listen.
        let tenth = done.saturating_mul(10) / total.max(1);
        if tenth > std::mem::replace(&mut told, tenth) {
            let (place, percent) = (place.clone(), tenth as u32 * 10);
            port.post(&Report::Checking { place, percent });
        }
    };
    let damaged = library.verify(&place, checked).await?.damaged;
    port.post(&Report::Verified { place, damaged });
    Ok(())
}

async fn read() -> Library {
    let (models, refused) = match list().await {
        Ok(models) => (models, None),
        Err(error) => (Vec::new(), Some((&error).into())),
    };
    Library { models: models.into_iter().map(kept).collect(), room: room().await, refused }
}

async fn list() -> Result<Vec<KeptModel>> {
    library().await?.list().await
}

/// Bytes that the browser still has room for, if it says so.
pub async fn room() -> Option<u64> {
    let estimate = estimate().await?;
    Some((estimate.quota - estimate.usage).max(0.0) as u64)
}

/// How many of the `weights` bytes of `files` at `place` are not in this browser yet.
pub async fn left(place: &str, files: &[String], weights: u64) -> u64 {
    // Without a database nothing is kept.
    let models = list().await.unwrap_or_default();
    let is_it = |model: &KeptModel| {
        // Of two precisions the other one may be kept.
        model.place == place && files.iter().all(|file| model.files.contains(file))
    };
    match models.into_iter().find(is_it) {
        Some(KeptModel { complete: true, .. }) => 0,
        Some(model) => weights.saturating_sub(model.bytes),
        None => weights,
    }
}

fn kept(model: KeptModel) -> Kept {
    let KeptModel { place, name, bytes, complete, last_used, .. } = model;
    Kept { place, name, bytes, complete, last_used }
}
