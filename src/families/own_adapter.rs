//! Adapter that comes with a model, as its card names it.

use serde_json::Value;

use crate::error::{Error, Message, Result};
use crate::params::PartialParams;
use crate::weights::{CardAdapter, ModelCard, Source};

/// Adapter that comes with a model, and the parameters that it was made for.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnAdapter {
    /// Path of its file inside the checkpoint.
    pub file: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Default parameters with it, in place of those of the model.
    pub params: PartialParams,
}

impl OwnAdapter {
    /// Finds the adapter of a model card in the checkpoint at `source`.
    ///
    /// # Errors
    /// If its file is missing, or a parameter has a value that it cannot have.
    pub async fn find(
        source: &impl Source,
        CardAdapter { file, params }: &CardAdapter,
    ) -> Result<Self> {
        let bytes = source.len(file).await?.ok_or_else(|| source.missing(file))?;
        let params = serde_json::from_value(Value::Object(params.clone()));
        let params = params.map_err(|error| Error::InvalidConfig {
            path: ModelCard::PATH.to_string(),
            reason: Message::verbatim(error),
        })?;
        Ok(OwnAdapter { file: file.clone(), bytes, params })
    }
}
