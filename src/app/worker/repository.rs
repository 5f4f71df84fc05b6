//! Files to choose from in a repository without `model_index.json`.

use super::source::ModelSource;
use crate::adapters::PEFT_WEIGHTS;
use crate::app::protocol::{FileChoice, FileChoiceKind};
use crate::error::{Error, Message, Result, messages};
use crate::weights::Source;
use crate::weights::address::{Location, Repository};
use crate::weights::browser::{CachedHttp, http};
use crate::weights::diffusers::MODEL_INDEX;
use crate::weights::read_vae::CONFIGS;
use crate::weights::repository_files::{
    FileKind, RepositoryFile, adapter_files, file_address, vae_files, weight_files,
};

/// Returns the address of the file that is meant by a repository as an adapter; `None` if it is a folder of
/// PEFT, or no repository.
///
/// # Errors
/// [`Error::NotACheckpoint`] if there are several, some of which are named.
pub async fn adapter_in(kept: &CachedHttp) -> Result<Option<String>> {
    let repository = Location::new(&kept.place()).repository();
    let Some(repository) = repository.filter(|_| kept.single_file().is_none()) else {
        return Ok(None);
    };
    if kept.len(PEFT_WEIGHTS).await?.is_some() {
        return Ok(None);
    }
    let (folder, file) = repository.description();
    let Some(description) = http(folder).read_small(&file).await? else { return Ok(None) };
    let files = weight_files(&description).unwrap_or_default();
    one_of(&repository, &adapter_files(&files), messages::several_adapters)
}

/// Returns the address of the file that is meant by a repository as an autoencoder; `None` if it is a folder in
/// diffusers layout, or no repository.
///
/// # Errors
/// [`Error::NotACheckpoint`] if there are several, some of which are named.
pub async fn vae_in(kept: &CachedHttp) -> Result<Option<String>> {
    let repository = Location::new(&kept.place()).repository();
    let Some(repository) = repository.filter(|_| kept.single_file().is_none()) else {
        return Ok(None);
    };
    for config in CONFIGS {
        if kept.read_small(config).await?.is_some() {
            return Ok(None);
        }
    }
    let (folder, file) = repository.description();
    let Some(description) = http(folder).read_small(&file).await? else { return Ok(None) };
    let files = weight_files(&description).unwrap_or_default();
    one_of(&repository, &vae_files(&files), messages::several_vaes)
}

/// Returns the address of the only file; `None` if there is none.
fn one_of(
    repository: &Repository,
    files: &[&str],
    several: fn(usize) -> Message,
) -> Result<Option<String>> {
    const NAMED: usize = 4;
    match files {
        [] => Ok(None),
        [file] => Ok(Some(file_address(repository, file))),
        files => {
            let named = files.iter().take(NAMED).map(|file| file_address(repository, file));
            Err(Error::NotACheckpoint {
                path: repository.name(),
                found: several(files.len()),
                remedy: messages::add_one_of(named.collect::<Vec<_>>().join(", ")),
            })
        }
    }
}

/// Returns what to say instead of a missing `model_index.json`, and the files to choose from. `None`
/// if something else is wrong, or if the source is no repository of the Hub or of a mirror.
pub async fn files_instead(
    source: &ModelSource,
    problem: &Error,
) -> Option<(Error, Vec<FileChoice>)> {
    let ModelSource::Kept(kept) = source else { return None };
    if !matches!(problem, Error::MissingFile { path, .. } if path == MODEL_INDEX) {
        return None;
    }
    let repository = Location::new(&kept.place()).repository()?;
    let (folder, file) = repository.description();
    let description = http(folder).read_small(&file).await.ok()??;
    let files = weight_files(&description)?;
    let remedy = match files.iter().any(|file| file.kind == FileKind::Checkpoint) {
        true => messages::choose_repository_file(),
        false => messages::no_repository_file(),
    };
    let choice = |RepositoryFile { path, kind }| FileChoice {
        address: file_address(&repository, &path),
        kind: match kind {
            FileKind::Checkpoint => FileChoiceKind::Checkpoint,
            FileKind::Lora => FileChoiceKind::Lora,
            FileKind::Part => FileChoiceKind::Part,
            FileKind::Gguf => FileChoiceKind::Gguf,
            FileKind::Other => FileChoiceKind::Other,
        },
        label: match kind {
            FileKind::Checkpoint => messages::file_checkpoint(),
            FileKind::Lora => messages::file_lora(),
            FileKind::Part => messages::file_part(),
            FileKind::Gguf => messages::file_gguf(),
            FileKind::Other => messages::file_other_weights(),
        },
        path,
    };
    let files = files.into_iter().map(choice).collect();
    let path = repository.name();
    Some((Error::NotACheckpoint { path, found: messages::no_model_index(), remedy }, files))
}
