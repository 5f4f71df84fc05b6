//! Parameters in the page's address.

use web_sys::{Url, UrlSearchParams};

use crate::app::dom::{document, thrown, window};
use crate::app::protocol::DeviceChoice;
use crate::error::{Error, Message, Result, messages};

/// The bundled model, relative to the page.
const BUNDLED_MODEL: &str = "models/emoji/";

/// The page's base address and query.
pub struct Address {
    base: String,
    query: UrlSearchParams,
}

impl Address {
    /// Reads the address of this page.
    pub fn read() -> Result<Self> {
        let failed = |error| thrown("the page's address cannot be read", &error);
        let missing = || Error::Internal { reason: Message::verbatim("the page has no address") };
        let base = document()?.base_uri().map_err(failed)?.ok_or_else(missing)?;
        let search = window()?.location().search().map_err(failed)?;
        let query = UrlSearchParams::new_with_str(&search).map_err(failed)?;
        Ok(Address { base, query })
    }

    /// Returns the address of the worker's program (`data-engine`, set by
    /// `scripts/hash-engine.sh`).
    pub fn engine(&self) -> Result<String> {
        let engine = document()?.body().and_then(|body| body.get_attribute("data-engine"));
        let reason = || Message::verbatim("the page does not name its engine");
        let missing = || Error::Internal { reason: reason() };
        Ok(self.relative_url(&engine.ok_or_else(missing)?)?.href())
    }

    /// Returns the value of `?model=`, if it is not empty.
    pub fn chosen_model(&self) -> Option<String> {
        self.query.get("model").map(|model| model.trim().to_string()).filter(|m| !m.is_empty())
    }

    /// Returns the base of relative addresses.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Returns the address of the bundled model.
    pub fn bundled_model(&self) -> Result<String> {
        Ok(self.relative_url(BUNDLED_MODEL)?.href())
    }

    /// Returns the device of `?device=cpu` or `?device=webgpu`, by default the GPU; and the value
    /// if it is neither.
    pub fn device(&self) -> (DeviceChoice, Option<String>) {
        match self.query.get("device").as_deref() {
            Some("cpu") => (DeviceChoice::Cpu, None),
            None | Some("" | "webgpu" | "gpu") => (DeviceChoice::Webgpu, None),
            Some(other) => (DeviceChoice::Webgpu, Some(other.to_string())),
        }
    }

    fn relative_url(&self, relative: &str) -> Result<Url> {
        Url::new_with_base(relative, &self.base).map_err(|_| Error::InvalidRequest {
            field: "model",
            value: Message::verbatim(relative),
            reason: messages::no_folder_address(),
        })
    }
}
