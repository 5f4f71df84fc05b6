//! Components of a checkpoint.

use super::config::NetworkKind;

/// A network of a checkpoint. Families may have others than the constants here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Component {
    /// Name in `model_index.json`, which is also its folder.
    pub name: &'static str,
    /// Kind of the network.
    pub kind: NetworkKind,
}

impl Component {
    /// `text_encoder/`
    pub const TEXT_ENCODER: Component = Component::new("text_encoder", NetworkKind::ClipText);
    /// `text_encoder_2/`
    pub const TEXT_ENCODER_2: Component = Component::new("text_encoder_2", NetworkKind::ClipText);
    /// `unet/`
    pub const UNET: Component = Component::new("unet", NetworkKind::UNet2DCondition);
    /// `vae/`
    pub const VAE: Component = Component::new("vae", NetworkKind::Vae);

    /// Returns a component.
    pub const fn new(name: &'static str, kind: NetworkKind) -> Self {
        Component { name, kind }
    }

    /// Returns the path of its config inside a checkpoint.
    pub fn config_path(self) -> String {
        format!("{}/config.json", self.name)
    }
}
