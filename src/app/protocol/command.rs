//! Commands of the page.

use serde::{Deserialize, Serialize};

use super::{Choice, GenerateRequest};
use crate::image::Fit;

/// What the worker can do. Each variant names its [`Response`](super::Response); any command can also
/// be answered with `Failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Command {
    /// Loads a model onto `device`: `Opened`, `ConsentNeeded` or `Cancelled`. The files of a picked
    /// model are attached to the request.
    Open {
        /// The model.
        choice: Choice,
        /// The device.
        device: DeviceChoice,
        /// Whether the user has seen the size. Else a large download is not begun.
        consent: bool,
    },
    /// Describes a model and what it takes, and loads nothing: `Inspected` or `Cancelled`.
    Inspect {
        /// The model.
        choice: Choice,
        /// The device that it would run on.
        device: DeviceChoice,
        /// Size of the images, `[width, height]` in pixels; absent: the model's own.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        size: Option<[u32; 2]>,
    },
    /// Checks whether the loaded model can make images of this size: `SizeChecked`.
    CheckSize {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Whether there is classifier-free guidance, which doubles the batch.
        guides: bool,
    },
    /// Makes an image: `Generated` or `Cancelled`.
    Generate {
        /// Its parameters.
        #[cfg_attr(test, ts(type = "GenerateRequest"))]
        request: GenerateRequest,
    },
    /// Ends another request at its next opportunity; it is then answered with `Cancelled`. Has no
    /// response of its own.
    Cancel {
        /// The request to end.
        request: u32,
    },
    /// Reads how the image in the attached file was made: `Metadata`.
    ReadMetadata,
    /// Reads the attached picture, and fits it to a size: `ImageFitted`, or `Cancelled` if the page has sent
    /// this again meanwhile.
    FitImage {
        /// The page's number for the picture, which is then not read again for another size. Absent: it
        /// is not needed again.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        picture: Option<u32>,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// What happens to a picture of another shape.
        #[cfg_attr(test, ts(type = "\"crop\" | \"pad\""))]
        fit: Fit,
    },
    /// Reads the attached picture, and fits it to a size as a mask: `MaskFitted`.
    FitMask {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// What happens to a picture of another shape.
        #[cfg_attr(test, ts(type = "\"crop\" | \"pad\""))]
        fit: Fit,
    },
    /// Lists the models that the browser keeps: `Library`.
    Library,
    /// Removes a kept model: `Library`.
    Remove {
        /// Its address, or its name on the Hub.
        place: String,
    },
    /// Removes all kept models: `Library`.
    RemoveAll,
    /// Checks every byte of a kept model: `Verified`.
    Verify {
        /// Its address.
        place: String,
    },
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
