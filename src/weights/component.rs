//! Networks of a checkpoint and their file names.

/// A network of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// `text_encoder/`
    TextEncoder,
    /// `text_encoder_2/`: SDXL's second.
    TextEncoder2,
    /// `unet/`
    UNet,
    /// `vae/`
    Vae,
}

impl Component {
    /// All networks, in the order in which a generation uses them.
    pub const ALL: [Component; 4] =
        [Component::TextEncoder, Component::TextEncoder2, Component::UNet, Component::Vae];

    /// Returns its folder in a checkpoint.
    pub fn folder(self) -> &'static str {
        match self {
            Component::TextEncoder => "text_encoder",
            Component::TextEncoder2 => "text_encoder_2",
            Component::UNet => "unet",
            Component::Vae => "vae",
        }
    }

    /// Returns the stem of its file names: `model.safetensors`, `model.fp16.safetensors`, …
    pub fn stem(self) -> &'static str {
        match self {
            Component::TextEncoder | Component::TextEncoder2 => "model",
            Component::UNet | Component::Vae => "diffusion_pytorch_model",
        }
    }
}
