//! What a run is asked for.

use super::recipe::{ModelIdentity, Recipe};
use super::start::Start;
use crate::error::{Error, Message, Result, messages};
use crate::params::{GenerationParams, LONGEST_SIDE, PartialParams, SIZE_STEP};

/// The parameters, and the pictures beside them.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Every value.
    pub params: GenerationParams,
    /// What the picture is made from; `None`: from noise alone.
    pub start: Option<Start>,
}

impl Request {
    /// Checks what does not depend on the scheduler. `scale_factor` is the autoencoder's.
    pub fn check(&self, scale_factor: usize) -> Result<()> {
        let params = &self.params;
        let step = SIZE_STEP.max(scale_factor);
        for (field, size) in [("width", params.width), ("height", params.height)] {
            if size == 0 || size > LONGEST_SIDE || !size.is_multiple_of(step) {
                let below = (size.min(LONGEST_SIDE) / step * step).max(step);
                return Err(Error::InvalidRequest {
                    field,
                    value: Message::verbatim(size),
                    reason: messages::multiple_of(step, below),
                });
            }
        }
        params.check()?;
        match &self.start {
            Some(start) => start.check(params),
            None => Ok(()),
        }
    }

    /// What must be typed in again to get the same picture.
    pub fn recipe(&self, model: ModelIdentity) -> Recipe {
        let mut params = PartialParams::from(self.params.clone());
        if self.start.is_none() {
            params.strength = None;
            params.padding_mask_crop = None;
        }
        Recipe {
            params,
            model: Some(model),
            start: self.start.as_ref().map(Start::recipe),
            lost: Vec::new(),
        }
    }
}

/// From noise alone.
impl From<GenerationParams> for Request {
    fn from(params: GenerationParams) -> Self {
        Request { params, start: None }
    }
}
