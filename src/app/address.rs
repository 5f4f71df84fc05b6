//! What the page's own address says: where the model lies and where it runs.

use web_sys::{Url, UrlSearchParams};

use super::dom::{document, thrown, window};
use super::protocol::DeviceChoice;
use crate::error::{Error, Result};

/// The model that ships with the page.
const OWN_MODEL: &str = "models/emoji/";

/// The page's address and what stands after its `?`.
pub struct Address {
    base: String,
    query: UrlSearchParams,
}

impl Address {
    /// Reads it.
    pub fn read() -> Result<Self> {
        let failed = |error| thrown("the page's address cannot be read", &error);
        let missing = || Error::Internal { reason: "the page has no address".into() };
        let base = document()?.base_uri().map_err(failed)?.ok_or_else(missing)?;
        let search = window()?.location().search().map_err(failed)?;
        let query = UrlSearchParams::new_with_str(&search).map_err(failed)?;
        Ok(Address { base, query })
    }

    /// The engine's program: the page says where it lies (`scripts/hash-engine.sh`).
    pub fn engine(&self) -> Result<String> {
        let engine = document()?.body().and_then(|body| body.get_attribute("data-engine"));
        let missing = || Error::Internal { reason: "the page does not name its engine".into() };
        Ok(self.beside(&engine.ok_or_else(missing)?)?.href())
    }

    /// `?model=` as an absolute address ending in `/`, or nothing if there is none.
    pub fn chosen_model(&self) -> Option<Result<String>> {
        let model = self.query.get("model").filter(|model| !model.is_empty())?;
        Some(self.beside(&model).map(|url| {
            url.set_search("");
            url.set_hash("");
            if !url.pathname().ends_with('/') {
                url.set_pathname(&format!("{}/", url.pathname()));
            }
            url.href()
        }))
    }

    /// The model that ships with the page.
    pub fn own_model(&self) -> Result<String> {
        Ok(self.beside(OWN_MODEL)?.href())
    }

    /// `?device=cpu`, else the GPU.
    pub fn device(&self) -> DeviceChoice {
        match self.query.get("device").as_deref() {
            Some("cpu") => DeviceChoice::Cpu,
            _ => DeviceChoice::Webgpu,
        }
    }

    fn beside(&self, relative: &str) -> Result<Url> {
        Url::new_with_base(relative, &self.base).map_err(|_| Error::InvalidRequest {
            field: "model",
            value: relative.to_string(),
            reason: "that is not an address of a folder".into(),
        })
    }
}
