//! What the page's own address says: where the model lies and where it runs.

use web_sys::{Url, UrlSearchParams};

use crate::app::dom::{document, thrown, window};
use crate::app::protocol::DeviceChoice;
use crate::error::{Error, Message, Result, messages};

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
        let missing = || Error::Internal { reason: Message::verbatim("the page has no address") };
        let base = document()?.base_uri().map_err(failed)?.ok_or_else(missing)?;
        let search = window()?.location().search().map_err(failed)?;
        let query = UrlSearchParams::new_with_str(&search).map_err(failed)?;
        Ok(Address { base, query })
    }

    /// The engine's program: the page says where it lies (`scripts/hash-engine.sh`).
    pub fn engine(&self) -> Result<String> {
        let engine = document()?.body().and_then(|body| body.get_attribute("data-engine"));
        let reason = || Message::verbatim("the page does not name its engine");
        let missing = || Error::Internal { reason: reason() };
        Ok(self.beside(&engine.ok_or_else(missing)?)?.href())
    }

    /// `?model=` as it stands there, or nothing if there is none.
    pub fn chosen_model(&self) -> Option<String> {
        self.query.get("model").map(|model| model.trim().to_string()).filter(|m| !m.is_empty())
    }

    /// What relative addresses are relative to.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The model that ships with the page.
    pub fn own_model(&self) -> Result<String> {
        Ok(self.beside(OWN_MODEL)?.href())
    }

    /// `?device=cpu` or `?device=webgpu`, else the GPU; and what stands there if it is neither.
    pub fn device(&self) -> (DeviceChoice, Option<String>) {
        match self.query.get("device").as_deref() {
            Some("cpu") => (DeviceChoice::Cpu, None),
            None | Some("" | "webgpu" | "gpu") => (DeviceChoice::Webgpu, None),
            Some(other) => (DeviceChoice::Webgpu, Some(other.to_string())),
        }
    }

    fn beside(&self, relative: &str) -> Result<Url> {
        Url::new_with_base(relative, &self.base).map_err(|_| Error::InvalidRequest {
            field: "model",
            value: Message::verbatim(relative),
            reason: messages::no_folder_address(),
        })
    }
}
