//! Request of a run.

use std::rc::Rc;

use super::init_image::InitImage;
use super::metadata::{GenerationMetadata, ModelIdentity};
use crate::error::{Error, Message, Result, messages};
use crate::params::{GenerationParams, LONGEST_SIDE, PartialParams, SIZE_STEP, no_multiple};
use crate::prompt::TextualInversion;

/// Parameters and init image of a run, and the textual inversions that its prompts may name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Parameters.
    pub params: GenerationParams,
    /// Init image; `None` for text to image.
    pub init_image: Option<InitImage>,
    /// Textual inversions.
    pub embeddings: Vec<Rc<TextualInversion>>,
}

impl Request {
    /// Checks everything that does not depend on the scheduler. `scale_factor` is the
    /// autoencoder's.
    pub fn check(&self, scale_factor: usize) -> Result<()> {
        let params = &self.params;
        let step = SIZE_STEP.max(scale_factor);
        for (field, size) in [("width", params.width), ("height", params.height)] {
            if size > LONGEST_SIDE {
                let value = Message::verbatim(size);
                let reason = messages::side_at_most(LONGEST_SIDE);
                return Err(Error::InvalidRequest { field, value, reason });
            }
            if size == 0 || !size.is_multiple_of(step) {
                return Err(no_multiple(field, size as u64, step as u64));
            }
        }
        params.check()?;
        match &self.init_image {
            Some(init_image) => init_image.check(params),
            None => Ok(()),
        }
    }

    /// Returns the metadata that reproduce the image.
    pub fn metadata(&self, model: ModelIdentity) -> GenerationMetadata {
        let mut params = PartialParams::from(self.params.clone());
        if self.init_image.is_none() {
            params.strength = None;
            params.padding_mask_crop = None;
        }
        // Without a mask nothing is blurred.
        let has_mask = self.init_image.as_ref().is_some_and(|given| given.mask.is_some());
        params.mask_blur = params.mask_blur.filter(|blur| has_mask && *blur > 0);
        GenerationMetadata {
            params,
            model: Some(model),
            init_image: self.init_image.as_ref().map(InitImage::metadata),
            ..GenerationMetadata::default()
        }
    }
}

/// Text to image.
impl From<GenerationParams> for Request {
    fn from(params: GenerationParams) -> Self {
        Request { params, ..Request::default() }
    }
}
