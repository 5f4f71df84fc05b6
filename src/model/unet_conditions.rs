//! Conditions of a UNet's prediction.

use burn::tensor::Tensor;

/// Inputs of a prediction in addition to sample and timestep.
#[derive(Debug, Clone)]
pub struct UNetConditions {
    /// Hidden states of the prompt, `[b, n, d]`.
    pub encoder_hidden_states: Tensor<3>,
    /// Embedded guidance scale of distilled models ([`embeddings`](super::embeddings)),
    /// `[1, time_cond_proj_dim]`.
    pub timestep_cond: Option<Tensor<2>>,
    /// SDXL's micro-conditioning.
    pub added: Option<AddedConditions>,
}

/// SDXL's micro-conditioning (Podell et al. 2023, arXiv:2307.01952, §2.2).
#[derive(Debug, Clone)]
pub struct AddedConditions {
    /// The pooled and projected prompt, `[b, d]`.
    pub text_embeds: Tensor<2>,
    /// Height and width of the original, top and left of the crop, height and width of the target:
    /// the same for the whole batch.
    pub time_ids: Vec<f32>,
}

impl From<Tensor<3>> for UNetConditions {
    fn from(encoder_hidden_states: Tensor<3>) -> Self {
        UNetConditions { encoder_hidden_states, timestep_cond: None, added: None }
    }
}
