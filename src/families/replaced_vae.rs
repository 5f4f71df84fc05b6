//! Autoencoder in place of a checkpoint's own.

use std::collections::BTreeMap;

use super::spec::FamilySpec;
use crate::error::{Error, Message, Result, messages};
use crate::model::{Component, NetworkConfig, VaeConfig};
use crate::weights::{VaeFiles, architecture_configs};

/// Returns the config of the autoencoder `vae` in a model of the family `spec`, whose own autoencoder has
/// the config `own`. What neither a config nor its tensors show is as in the model's own, because the
/// UNet was trained on latents of that scaling factor, or else as in the family.
pub(super) fn config(
    vae: &VaeFiles,
    spec: &FamilySpec,
    own: Option<Vec<u8>>,
) -> Result<NetworkConfig> {
    let is_kl = |json: &Vec<u8>| {
        matches!(VaeConfig::from_json(json, VaeConfig::PATH), Ok(VaeConfig::Kl(_)))
    };
    let usual = match own.filter(is_kl) {
        Some(own) => own,
        None => family_config(spec)?,
    };
    vae.config(&usual).map(NetworkConfig::Vae)
}

/// Returns the config of the autoencoder of the family's first model.
fn family_config(spec: &FamilySpec) -> Result<Vec<u8>> {
    let internal = || Error::Internal { reason: Message::verbatim("there is no preset of a VAE") };
    let architecture = spec.architectures.first().ok_or_else(internal)?;
    let mut configs = architecture_configs(architecture)?;
    configs.remove(VaeConfig::PATH).map(String::into_bytes).ok_or_else(internal)
}

/// Checks that the autoencoder `vae` has the latents of the model's UNet.
///
/// # Errors
/// [`Error::NotACheckpoint`] names its file and what is needed.
pub(super) fn check(
    vae: &VaeFiles,
    spec: &FamilySpec,
    configs: &BTreeMap<Component, NetworkConfig>,
) -> Result<()> {
    let (Some(NetworkConfig::UNet2DCondition(unet)), Some(NetworkConfig::Vae(config))) =
        (configs.get(&Component::UNET), configs.get(&Component::VAE))
    else {
        return Ok(());
    };
    let (found, wanted) = (config.latent_channels(), unet.out_channels);
    let other = vae.architecture.filter(|other| !spec.architectures.contains(other));
    let found = match other {
        Some(other) => messages::vae_of_architecture(other.name),
        None if found != wanted => messages::vae_latent_channels(found, wanted),
        None => return Ok(()),
    };
    let remedy = messages::take_vae_for((spec.name)(unet));
    Err(Error::NotACheckpoint { path: vae.shown_file(), found, remedy })
}
