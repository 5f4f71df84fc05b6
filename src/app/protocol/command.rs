//! Commands of the page.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::tagged::tagged;
use super::{GenerateRequest, InitImagePixels, ModelChoice, Pixels, Place};
use crate::image::Fit;
use crate::params::{AdapterUse, GenerationParams};

/// A command to the worker. Each variant names its [`Response`](super::Response); the worker can
/// answer any command with `Failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(tag = "type"))]
#[serde(remote = "Self", rename_all = "kebab-case")]
pub enum Command {
    /// Loads a model onto `device`: `Opened`, `ConsentNeeded` or `Cancelled`. The files of a picked
    /// model are attached to the request. Of the loaded model with another autoencoder, only that is loaded.
    Open {
        /// The model.
        choice: ModelChoice,
        /// The device.
        device: DeviceChoice,
        /// Whether the user has seen the size; without it, the worker does not start a large
        /// download.
        consent: bool,
        /// Size of the images for which it must fit, `[width, height]` in pixels, if that is
        /// smaller than the model's own.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        size: Option<[u32; 2]>,
        /// The user's token of the Hub for this and later requests of the worker; empty for none.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<String>"))]
        hub_token: HubToken,
    },
    /// Describes a model and its requirements without loading it: `Inspected` or `Cancelled`.
    Inspect {
        /// The model.
        choice: ModelChoice,
        /// The device that it would run on.
        device: DeviceChoice,
        /// Size of the images, `[width, height]` in pixels; absent: the model's own.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        size: Option<[u32; 2]>,
        /// As for `Open`.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<String>"))]
        hub_token: HubToken,
    },
    /// Checks whether the loaded model can make images of this size: `SizeChecked`.
    CheckSize {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Whether classifier-free guidance is used, which doubles the batch.
        guides: bool,
    },
    /// Reads the prompts as the loaded model does: `PromptsRead`.
    ReadPrompts {
        /// Parameters; of the others only those of the prompts' grammar and the steps count.
        #[cfg_attr(test, ts(type = "GenerationParams"))]
        params: GenerationParams,
        /// As in `Generate`: the prompts may name the textual inversions among them.
        #[serde(default)]
        adapters: Vec<AdapterUse>,
    },
    /// Opens an adapter (LoRA and its kin, or a textual inversion) for the loaded model, downloads it if it is behind an
    /// address, and keeps it open until another model is loaded: `AdapterOpened` or `Cancelled`. The
    /// file of a picked one is attached. It takes effect in a `Generate` that names it.
    OpenAdapter {
        /// Its location.
        place: Place,
        /// As for `Open`.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<String>"))]
        hub_token: HubToken,
    },
    /// Closes an adapter: a prompt can name it no longer. Has no response.
    CloseAdapter {
        /// Its name.
        name: String,
    },
    /// Makes an image: `Generated` or `Cancelled`.
    Generate {
        /// Its parameters.
        #[cfg_attr(test, ts(type = "GenerateRequest"))]
        request: GenerateRequest,
    },
    /// Ends another request as soon as possible; the worker then answers that one with `Cancelled`.
    /// Has no response of its own.
    Cancel {
        /// The request to end.
        request: u32,
    },
    /// Reads the generation metadata of the attached image file, or of a `.txt` file with the text
    /// that the web UI of AUTOMATIC1111 shows under an image: `Metadata`.
    ReadMetadata,
    /// Reads the attached picture and fits it to a size: `ImageFitted`, or `Cancelled` if the page
    /// has sent this command again since.
    FitImage {
        /// The page's number for the picture, under which the worker caches the decoded pixels.
        /// Absent: not cached.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        picture: Option<u32>,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// How a picture of another aspect ratio is fitted.
        #[cfg_attr(test, ts(type = "\"crop\" | \"pad\""))]
        fit: Fit,
    },
    /// Reads the attached picture and fits it to a size as a mask: `MaskFitted`.
    FitMask {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// How a picture of another aspect ratio is fitted.
        #[cfg_attr(test, ts(type = "\"crop\" | \"pad\""))]
        fit: Fit,
    },
    /// Compares an inpainted image with its init image: `Compared`.
    Compare {
        /// The result.
        picture: Pixels,
        /// The init image with its mask, of the same size.
        init_image: InitImagePixels,
    },
    /// Lists the models in the browser's storage: `Library`.
    Library,
    /// Removes a stored model: `Library`.
    Remove {
        /// Its address, or its name on the Hub.
        place: String,
    },
    /// Removes all stored models: `Library`.
    RemoveAll,
    /// Checks every byte of a stored model: `Verified`.
    Verify {
        /// Its address.
        place: String,
    },
}

tagged!("type": Command);

/// The user's token of the Hub. Its value is in no log: `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HubToken(String);

impl HubToken {
    /// Wraps a token; empty for none.
    pub fn new(token: String) -> Self {
        HubToken(token)
    }

    /// Returns the token; `None` if there is none.
    pub fn into_option(self) -> Option<String> {
        Some(self.0).filter(|token| !token.is_empty())
    }
}

impl fmt::Debug for HubToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HubToken(…)")
    }
}

/// Where the model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum DeviceChoice {
    /// WebGPU.
    Webgpu,
    /// The CPU, in WebAssembly.
    Cpu,
}

#[cfg(test)]
mod tests {
    use super::HubToken;

    #[test]
    fn debug_text_of_token_does_not_show_it() {
        let token = HubToken::new("hf_secret".to_string());
        assert_eq!(format!("{token:?}"), "HubToken(…)");
        assert_eq!(token.into_option().as_deref(), Some("hf_secret"));
        assert_eq!(HubToken::default().into_option(), None);
    }
}
