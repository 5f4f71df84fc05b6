//! Benchmark cases.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::error::{Error, Message, Result};
use crate::families::{sd, sdxl};
use crate::weights::{Architecture, Source};

/// A network of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// The text encoder, with one prompt.
    Text,
    /// One step of the UNet, with the batch of two of classifier-free guidance.
    Unet,
    /// The VAE's decoder.
    Vae,
}

/// A network of an architecture, for square images, with random weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The architecture whose default configs are used.
    pub architecture: &'static Architecture,
    /// The network of this architecture.
    pub network: Network,
    /// Side of the image, pixels.
    pub pixels: usize,
}

impl Case {
    /// The cases that are measured by default.
    pub const DEFAULTS: [&'static str; 9] = [
        "sd15-text-512",
        "sd15-unet-64",
        "sd15-unet-256",
        "sd15-unet-512",
        "sd15-vae-512",
        "sd21-unet-512",
        "sdxl-unet-512",
        "sdxl-unet-1024",
        "sdxl-vae-512",
    ];
}

/// The architectures by their names in cases.
static ARCHITECTURES: [(&str, &Architecture); 3] =
    [("sd15", &sd::SD_1), ("sd21", &sd::SD_2), ("sdxl", &sdxl::SDXL)];

/// The networks by their names in cases.
const NETWORKS: [(&str, Network); 3] =
    [("text", Network::Text), ("unet", Network::Unet), ("vae", Network::Vae)];

/// `sd15-unet-512`
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = ARCHITECTURES.iter().find(|(_, architecture)| *architecture == self.architecture);
        let network = NETWORKS.iter().find(|(_, network)| *network == self.network);
        let (of, network) = (of.map_or("", |(name, _)| name), network.map_or("", |(name, _)| name));
        write!(f, "{of}-{network}-{}", self.pixels)
    }
}

impl FromStr for Case {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let parts: Vec<&str> = name.split('-').collect();
        let case = || {
            let [architecture, network, pixels] = parts.as_slice() else { return None };
            let (_, architecture) = *ARCHITECTURES.iter().find(|(name, _)| name == architecture)?;
            let (_, network) = *NETWORKS.iter().find(|(name, _)| name == network)?;
            let pixels = pixels.parse().ok().filter(|pixels: &usize| {
                (64..=2048).contains(pixels) && pixels.is_multiple_of(64)
            })?;
            Some(Case { architecture, network, pixels })
        };
        case().ok_or_else(|| Error::InvalidRequest {
            field: "case",
            value: Message::verbatim(name),
            reason: Message::verbatim(
                "it must be sd15, sd21 or sdxl, then text, unet or vae, then a multiple of 64 \
                 pixels: sd15-unet-512",
            ),
        })
    }
}

/// A network with weights, inputs and diffusers' output, as written by `tests/bench/prepare.py`.
#[derive(Debug, Clone, Deserialize)]
pub struct ReferenceCase {
    /// `emoji-unet-128`
    pub name: String,
    /// The network.
    pub network: Network,
    /// The model's folder, in diffusers layout.
    pub model: String,
    /// Inputs by name.
    pub inputs: BTreeMap<String, ReferenceTensor>,
    /// diffusers' output.
    pub output: ReferenceTensor,
}

/// A tensor in a file of raw little-endian f32.
#[derive(Debug, Clone, Deserialize)]
pub struct ReferenceTensor {
    /// The file's path.
    pub file: String,
    /// Size of each axis.
    pub shape: Vec<usize>,
}

impl ReferenceCase {
    /// Returns the case `name` of the `cases.json` at `source`.
    ///
    /// # Errors
    /// If there is no such case.
    pub async fn find(source: &impl Source, name: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Index {
            cases: Vec<ReferenceCase>,
        }
        const PATH: &str = "cases.json";
        let invalid = |reason: String| Error::InvalidConfig {
            path: PATH.to_string(),
            reason: Message::verbatim(reason),
        };
        let json = source.read_small(PATH).await?.unwrap_or_default();
        let index: Index = serde_json::from_slice(&json).map_err(|e| invalid(e.to_string()))?;
        let found = index.cases.into_iter().find(|case| case.name == name);
        found.ok_or_else(|| {
            invalid(format!("it has no case {name}; tests/bench/prepare.py makes it"))
        })
    }
}

impl ReferenceTensor {
    /// Reads the values.
    pub(super) async fn read(&self, source: &impl Source) -> Result<Vec<f32>> {
        let bytes = source.read_small(&self.file).await?.unwrap_or_default();
        let values: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let wanted: usize = self.shape.iter().product();
        if values.len() == wanted {
            return Ok(values);
        }
        let reason = Message::verbatim(format!("it has {} numbers, not {wanted}", values.len()));
        Err(Error::InvalidConfig { path: self.file.clone(), reason })
    }
}
