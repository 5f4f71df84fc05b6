//! The user's choice of model and device, kept from visit to visit.

use web_sys::UrlSearchParams;

use super::address;
use super::model_panel::selection::VaeSelection;
use crate::app::dom::local_storage;
use crate::app::protocol::{DeviceChoice, ModelOptions, Place};

/// `localStorage` key. The value is a query string with the page's own parameters.
const STORAGE_KEY: &str = "hearth-choice";

/// Parameter of the autoencoder.
const VAE: &str = "vae";

/// A choice; absent parts are left to the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preferences {
    /// The model's address; absent: the bundled one.
    pub model: Option<ModelPreference>,
    /// The device; absent: the GPU, or else the CPU.
    pub device: Option<DeviceChoice>,
}

/// A model's address with the options that the user opened it with.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelPreference {
    /// The address as typed.
    pub address: String,
    /// The options.
    pub options: ModelOptions,
    /// The address of an autoencoder in place of its own; empty for none.
    pub vae: String,
}

impl ModelPreference {
    /// Returns the autoencoder; a relative address is relative to `base`.
    pub fn vae(&self, base: &str) -> VaeSelection {
        let (text, base) = (self.vae.clone(), base.to_string());
        ((!text.is_empty()).then_some(Place::Address { text, base }), Vec::new())
    }
}

impl Preferences {
    /// Reads the choice of earlier visits; empty if there is none, or the browser stores nothing.
    pub fn read() -> Self {
        let text = local_storage().and_then(|storage| storage.get_item(STORAGE_KEY).ok()?);
        let query = text.and_then(|text| UrlSearchParams::new_with_str(&text).ok());
        let Some(query) = query else { return Preferences::default() };
        let value = |name| query.get(name).unwrap_or_default();
        let model = query.get(address::MODEL).map(|address| ModelPreference {
            address,
            options: ModelOptions {
                prediction_type: value("prediction-type"),
                full_precision: query.has("full-precision"),
                low_memory: query.has("low-memory"),
                preview: value("preview"),
                merges: String::new(),
            },
            vae: value(VAE),
        });
        Preferences { model, device: address::device(&value(address::DEVICE)).ok().flatten() }
    }

    /// Saves the choice, and removes it if it is empty.
    pub fn save(&self) {
        let (Some(storage), Ok(query)) = (local_storage(), UrlSearchParams::new()) else { return };
        if let Some(device) = self.device {
            query.set(address::DEVICE, address::device_name(device));
        }
        if let Some(ModelPreference { address, options, vae }) = &self.model {
            query.set(address::MODEL, address);
            let texts = [
                ("prediction-type", &options.prediction_type),
                ("preview", &options.preview),
                (VAE, vae),
            ];
            for (name, value) in texts {
                if !value.is_empty() {
                    query.set(name, value);
                }
            }
            for (name, is_set) in
                [("full-precision", options.full_precision), ("low-memory", options.low_memory)]
            {
                if is_set {
                    query.set(name, "");
                }
            }
        }
        // If storage is full, the next visit begins without the choice.
        let _ = match *self == Preferences::default() {
            true => storage.remove_item(STORAGE_KEY),
            false => storage.set_item(STORAGE_KEY, &String::from(query.to_string())),
        };
    }

    /// Returns what to open: what the page's address names counts more than what was chosen before.
    /// A model of the address has the options of before if it is the same one.
    pub fn with_address(&self, model: Option<String>, device: Option<DeviceChoice>) -> Self {
        let remembered = self.model.clone();
        let model = match model {
            None => remembered,
            Some(address) => {
                let same = remembered.filter(|remembered| remembered.address == address);
                let (options, vae) = same.map(|same| (same.options, same.vae)).unwrap_or_default();
                Some(ModelPreference { address, options, vae })
            }
        };
        Preferences { model, device: device.or(self.device) }
    }

    /// Writes the parts that were chosen into the page's address.
    pub fn show_in_address(&self, model: bool, device: bool) {
        if model {
            let address = self.model.as_ref().map(|model| model.address.as_str());
            address::set_parameter(address::MODEL, address);
        }
        if device {
            address::set_parameter(address::DEVICE, self.device.map(address::device_name));
        }
    }
}

/// Returns the speed that was measured on a device, in GFLOP/s.
pub fn speed(device: &str) -> Option<f64> {
    local_storage()?.get_item(&speed_key(device)).ok()??.parse().ok()
}

/// Keeps the speed that was measured on a device.
pub fn set_speed(device: &str, speed: f64) {
    if let Some(storage) = local_storage() {
        // If storage is full, the next visit does not know it.
        let _ = storage.set_item(&speed_key(device), &format!("{speed:.1}"));
    }
}

fn speed_key(device: &str) -> String {
    format!("hearth-speed {device}")
}

#[cfg(test)]
mod tests {
    use super::{ModelPreference, Preferences};
    use crate::app::protocol::{DeviceChoice, ModelOptions};

    fn remembered() -> Preferences {
        let options = ModelOptions { low_memory: true, ..ModelOptions::default() };
        Preferences {
            model: Some(ModelPreference {
                address: "owner/name".to_string(),
                options,
                vae: "owner/vae".to_string(),
            }),
            device: Some(DeviceChoice::Cpu),
        }
    }

    #[test]
    fn address_counts_more_than_earlier_choice() {
        let choice =
            remembered().with_address(Some("other/name".to_string()), Some(DeviceChoice::Webgpu));
        assert_eq!(choice.device, Some(DeviceChoice::Webgpu));
        let model = choice.model.unwrap_or_else(|| unreachable!());
        assert_eq!(model.address, "other/name");
        assert_eq!(model.options, ModelOptions::default(), "options are another model's");
        assert_eq!(model.vae, "", "so is the autoencoder");
    }

    #[test]
    fn address_without_choice_keeps_earlier_one() {
        assert_eq!(remembered().with_address(None, None), remembered());
        let choice = remembered().with_address(Some("owner/name".to_string()), None);
        assert_eq!(choice, remembered(), "the same model keeps its options");
    }

    #[test]
    fn first_visit_without_address_leaves_all_to_the_page() {
        let choice = Preferences::default().with_address(None, None);
        assert_eq!(choice, Preferences::default());
    }
}
