//! Controller actions on the matrix.

use std::rc::Rc;

use super::super::controller::Controller;
use super::super::generation::JobSource;
use super::state;
use crate::app::protocol::GenerateRequest;
use crate::error::Result;
use crate::params::{GenerationParams, GivenImages, Matrix, PartialParams};

impl Controller {
    /// Takes over an edit of the axes.
    pub fn matrix_edited(&mut self) {
        self.parts.matrix.edited();
        self.check_matrix();
    }

    /// Makes the pictures of the matrix, now or when the model is loaded.
    pub fn generate_matrix(&mut self) {
        if self.check_matrix() {
            self.generate_from(JobSource::Matrix);
        }
    }

    /// Says whether the matrix goes with the form, and returns that.
    pub fn check_matrix(&mut self) -> bool {
        if self.parts.matrix.count == 0 {
            return false;
        }
        let Ok(params) = self.parts.form.settings() else { return true }; // The form says why not.
        let checked = self.matrix_of(&params).and_then(|matrix| {
            let Some((matrix, _)) = matrix else { return Ok(false) };
            if !self.parts.form.awaits_image()
                && let Ok(request) = self.parts.form.read()
            {
                matrix.check(given_images(&request))?;
            }
            Ok(matrix.has_seeds())
        });
        let is_right = checked.is_ok();
        self.parts.matrix.say(checked);
        is_right
    }

    /// Returns the matrix with what each of its pictures changes in `params`; `None` if there is no matrix.
    pub(in crate::app::page) fn matrix_of(
        &self,
        params: &GenerationParams,
    ) -> Result<Option<(Rc<Matrix>, Vec<PartialParams>)>> {
        let Some(matrix) = self.parts.matrix.read()? else { return Ok(None) };
        let pictures = state::pictures(&matrix, self.parts.prompts.expansion(), params)?;
        Ok(Some((Rc::new(matrix), pictures)))
    }

    /// Shows the matrix again.
    pub fn show_grid(&mut self) {
        self.parts.output.show_grid();
    }
}

/// Returns which pictures a request has for a matrix.
pub fn given_images(request: &GenerateRequest) -> GivenImages {
    let init_image = request.init_image.as_deref();
    GivenImages {
        image: init_image.is_some(),
        mask: init_image.is_some_and(|init_image| init_image.mask.is_some()),
        keeps_size: request.params.padding_mask_crop.is_some(),
    }
}
