//! Model with text encoders, UNet and autoencoder.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::error::{Message, Result, messages};
use crate::families::spec::{FamilySpec, LatentSpace, TextStates, lacks};
use crate::model::{ClipTextConfig, Component, NetworkConfig, UNet2DConditionConfig, VaeConfig};
use crate::pipeline::NetworkFacts;
use crate::pipeline::preview::LatentRgb;
use crate::tokenizer::Tokenizer;
use crate::weights::ModelCard;
use crate::weights::diffusers::ModelIndex;

/// A model of a family with a UNet.
#[derive(Debug, Clone)]
pub struct UNetFamily {
    /// Family.
    pub spec: &'static FamilySpec,
    /// Text encoders, in the order in which their states are concatenated.
    pub text_encoders: Vec<TextEncoder>,
    pub(super) unet: UNet2DConditionConfig,
    pub(super) vae: VaeConfig,
    /// Whether the negative half is zeros instead of an empty text's states if there is no negative
    /// prompt.
    pub(super) force_zeros: bool,
}

/// A text encoder with its tokenizer.
#[derive(Debug, Clone)]
pub struct TextEncoder {
    /// Component.
    pub component: Component,
    /// Config.
    pub config: ClipTextConfig,
    /// Tokenizer.
    pub tokenizer: Rc<Tokenizer>,
}

impl UNetFamily {
    /// Returns the model of the family `spec` that these files describe.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) if they lack a component of the family.
    pub fn new(
        spec: &'static FamilySpec,
        index: &ModelIndex,
        configs: &BTreeMap<Component, NetworkConfig>,
        mut tokenizers: BTreeMap<Component, Rc<Tokenizer>>,
    ) -> Result<Self> {
        let (mut text_encoders, mut unet, mut vae) = (Vec::new(), None, None);
        for component in spec.components.iter().map(|row| row.component) {
            match configs.get(&component) {
                Some(NetworkConfig::ClipText(config)) => {
                    let tokenizer =
                        tokenizers.remove(&component).ok_or_else(|| lacks(component))?;
                    text_encoders.push(TextEncoder {
                        component,
                        config: config.clone(),
                        tokenizer,
                    });
                }
                Some(NetworkConfig::UNet2DCondition(config)) => unet = Some(config.clone()),
                Some(NetworkConfig::Vae(config)) => vae = Some(config.clone()),
                None => return Err(lacks(component)),
            }
        }
        Ok(UNetFamily {
            spec,
            text_encoders,
            unet: unet.ok_or_else(|| lacks(Component::UNET))?,
            vae: vae.ok_or_else(|| lacks(Component::VAE))?,
            force_zeros: spec.conditioning.forces_zeros && index.force_zeros_for_empty_prompt,
        })
    }

    /// Returns the display name of its kind.
    pub fn kind(&self) -> Message {
        let family = (self.spec.name)(&self.unet);
        let kind = match self.unet.time_cond_proj_dim {
            Some(_) => messages::distilled_from_guidance(family),
            None => Message::verbatim(family),
        };
        match self.unet.in_channels == self.vae.latent_channels() {
            true => kind,
            false => messages::for_inpainting(kind),
        }
    }

    /// Returns the largest number of tokens of a text encoder.
    pub fn most_tokens(&self) -> usize {
        let tokens = self.text_encoders.iter().map(|encoder| encoder.tokenizer.model_max_length());
        tokens.max().unwrap_or(0)
    }

    /// Returns the largest number of layers that every text encoder can leave out: there are as many hidden
    /// states as layers, and the embeddings before them; SDXL never takes the last.
    pub fn most_clip_skip(&self) -> usize {
        let kept = match self.spec.conditioning.states {
            TextStates::Last => 0,
            TextStates::Penultimate => 1,
        };
        let layers = self.text_encoders.iter().map(|it| it.config.num_hidden_layers);
        layers.min().unwrap_or(0).saturating_sub(kept)
    }

    /// Returns the denoising network.
    pub fn denoiser_component(&self) -> Component {
        Component::UNET
    }

    /// Returns height and width of the latents that it was trained on.
    pub fn sample_size(&self) -> [usize; 2] {
        self.unet.sample_size()
    }

    /// Returns the config of its autoencoder.
    pub fn vae(&self) -> &VaeConfig {
        &self.vae
    }

    /// Returns the properties of its UNet on which a run depends.
    pub fn facts(&self) -> NetworkFacts {
        let time_cond_proj_dim = self.unet.time_cond_proj_dim;
        NetworkFacts {
            in_channels: self.unet.in_channels,
            time_cond_proj_dim,
            // diffusers has no such pipeline for SDXL.
            strength_in_schedule: time_cond_proj_dim.is_some()
                && self.spec.conditioning.time_ids.is_none(),
            is_sdxl: self.spec.conditioning.time_ids.is_some(),
        }
    }

    /// Returns whether activations of its autoencoder exceed the range of f16.
    pub fn vae_overflows_f16(&self) -> bool {
        match &self.vae {
            VaeConfig::Kl(config) => config.force_upcast && self.spec.vae_overflows_f16,
            VaeConfig::Tiny(_) => false,
        }
    }

    /// Returns the projection of latents to RGB for previews: the checkpoint's own, or else the
    /// family's if the scaling factor shows that the latents are the family's.
    pub fn latent_rgb(&self, model_card: &ModelCard) -> Option<LatentRgb> {
        if !model_card.latent_rgb_factors.is_empty() {
            let ModelCard { latent_rgb_factors, latent_rgb_bias, .. } = model_card;
            return Some(LatentRgb::new(latent_rgb_factors, *latent_rgb_bias));
        }
        let LatentSpace { scaling_factor, rgb_factors, rgb_bias } = &self.spec.latents;
        let known = match &self.vae {
            VaeConfig::Kl(config) => (config.scaling_factor - scaling_factor).abs() < 1e-6,
            // TAESD has the latents of its family, unscaled.
            VaeConfig::Tiny(_) => true,
        };
        known.then(|| LatentRgb::new(rgb_factors, *rgb_bias))
    }
}
