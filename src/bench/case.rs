//! What is measured.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::error::{Error, Message, Result};
use crate::weights::{Architecture, Source};

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// The text encoder, one prompt.
    Text,
    /// One step of the UNet, with guidance's batch of two.
    Unet,
    /// The autoencoder's decoder.
    Vae,
}

/// A network of an architecture for pictures of so many pixels a side, with random weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Whose configs.
    pub architecture: Architecture,
    /// Which of its networks.
    pub network: Network,
    /// Pixels a side.
    pub pixels: usize,
}

impl Case {
    /// Those that are measured if nobody says which.
    pub const USUAL: [&'static str; 9] = [
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

/// The architectures by their names here.
const ARCHITECTURES: [(&str, Architecture); 3] =
    [("sd15", Architecture::V1), ("sd21", Architecture::V2), ("sdxl", Architecture::Xl)];

/// The networks by their names here.
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

/// A network with weights, inputs and the output that diffusers computed of them, as
/// `tests/bench/prepare.py` lays them out.
#[derive(Debug, Clone, Deserialize)]
pub struct Prepared {
    /// `emoji-unet-128`
    pub name: String,
    /// Which network.
    pub network: Network,
    /// Folder of the model, in diffusers layout.
    pub model: String,
    /// By name.
    pub inputs: BTreeMap<String, Numbers>,
    /// diffusers'.
    pub output: Numbers,
}

/// Raw f32.
#[derive(Debug, Clone, Deserialize)]
pub struct Numbers {
    /// Their file.
    pub file: String,
    /// Extent of each axis.
    pub shape: Vec<usize>,
}

impl Prepared {
    /// The case of this name in the `cases.json` at `source`.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn find(source: &impl Source, name: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Index {
            cases: Vec<Prepared>,
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

impl Numbers {
    /// Their values.
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
