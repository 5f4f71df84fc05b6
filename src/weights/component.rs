//! The networks of a checkpoint, and where their files are.

/// The networks of a checkpoint.
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
    /// All of them, in the order in which a prompt passes them.
    pub const ALL: [Component; 4] =
        [Component::TextEncoder, Component::TextEncoder2, Component::UNet, Component::Vae];

    /// Its folder in a checkpoint.
    pub fn folder(self) -> &'static str {
        match self {
            Component::TextEncoder => "text_encoder",
            Component::TextEncoder2 => "text_encoder_2",
            Component::UNet => "unet",
            Component::Vae => "vae",
        }
    }

    /// How its weights' files begin: `model.safetensors`, `model.fp16.safetensors`, …
    pub fn stem(self) -> &'static str {
        match self {
            Component::TextEncoder | Component::TextEncoder2 => "model",
            Component::UNet | Component::Vae => "diffusion_pytorch_model",
        }
    }
}
