//! Parameters in the page's address.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Url, UrlSearchParams};

use crate::app::dom::{document, thrown, window};
use crate::app::protocol::DeviceChoice;
use crate::error::{Error, Message, Result, messages};

/// The bundled model, relative to the page.
const BUNDLED_MODEL: &str = "models/emoji/";

/// Its name in `hearth.json`.
pub const BUNDLED_NAME: &str = "Hearth Emoji";

/// Query parameter of the model.
pub const MODEL: &str = "model";

/// Query parameter of the device.
pub const DEVICE: &str = "device";

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
        self.query.get(MODEL).map(|model| model.trim().to_string()).filter(|m| !m.is_empty())
    }

    /// Returns the base of relative addresses.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Returns the address of the bundled model.
    pub fn bundled_model(&self) -> Result<String> {
        Ok(self.relative_url(BUNDLED_MODEL)?.href())
    }

    /// Returns the device that the address names, if it does; an unknown one as the error.
    pub fn device(&self) -> Result<Option<DeviceChoice>, String> {
        device(&self.query.get(DEVICE).unwrap_or_default())
    }

    fn relative_url(&self, relative: &str) -> Result<Url> {
        Url::new_with_base(relative, &self.base).map_err(|_| Error::InvalidRequest {
            field: "model",
            value: Message::verbatim(relative),
            reason: messages::no_folder_address(),
        })
    }
}

/// Returns the device of a parameter's value, which may be empty; an unknown one as the error.
pub fn device(value: &str) -> Result<Option<DeviceChoice>, String> {
    match value {
        "" => Ok(None),
        "cpu" => Ok(Some(DeviceChoice::Cpu)),
        "webgpu" | "gpu" => Ok(Some(DeviceChoice::Webgpu)),
        other => Err(other.to_string()),
    }
}

/// Returns the value of the parameter for a device.
pub fn device_name(device: DeviceChoice) -> &'static str {
    match device {
        DeviceChoice::Cpu => "cpu",
        DeviceChoice::Webgpu => "webgpu",
    }
}

/// Sets or removes a parameter in the page's address, without a new entry in the tab's history.
pub fn set_parameter(name: &str, value: Option<&str>) {
    // Only pages from the disk or in a sandbox refuse it; their address then stays as it is.
    let _ = replace_address(name, value);
}

fn replace_address(name: &str, value: Option<&str>) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let url = Url::new(&window.location().href()?)?;
    match value {
        Some(value) => url.search_params().set(name, value),
        None => url.search_params().delete(name),
    }
    let history = Reflect::get(&window, &"history".into())?;
    let replace: Function = Reflect::get(&history, &"replaceState".into())?.dyn_into()?;
    replace.call3(&history, &JsValue::NULL, &"".into(), &url.href().into()).map(drop)
}
