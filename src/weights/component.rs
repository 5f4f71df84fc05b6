//! The networks of a checkpoint, and where their files are.

/// The networks of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// `text_encoder/`
    TextEncoder,
    /// `unet/`
    UNet,
    /// `vae/`
    Vae,
}

impl Component {
    /// All of them, in the order in which a prompt passes them.
    pub const ALL: [Component; 3] = [Component::TextEncoder, Component::UNet, Component::Vae];

    /// Where its weights may be, the preferred file first.
    pub fn weight_files(self) -> [&'static str; 2] {
        match self {
            Component::TextEncoder => {
                ["text_encoder/model.fp16.safetensors", "text_encoder/model.safetensors"]
            }
            Component::UNet => [
                "unet/diffusion_pytorch_model.fp16.safetensors",
                "unet/diffusion_pytorch_model.safetensors",
            ],
            Component::Vae => [
                "vae/diffusion_pytorch_model.fp16.safetensors",
                "vae/diffusion_pytorch_model.safetensors",
            ],
        }
    }
}
