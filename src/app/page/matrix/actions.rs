//! Controller actions on the matrix.

use std::rc::Rc;

use super::super::controller::Controller;
use super::super::generation::JobSource;
use super::state;
use crate::app::protocol::ErrorReport;
use crate::error::Result;
use crate::params::{GenerationParams, Matrix, MatrixContext, PartialParams};

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
            self.parts.view.reveal_status(); // Its button is far from it.
        }
    }

    /// Says whether the matrix goes with the form, and returns that.
    pub fn check_matrix(&mut self) -> bool {
        if self.parts.matrix.count == 0 {
            return false;
        }
        let Ok(params) = self.parts.form.settings() else { return true }; // The form says why not.
        let ignores_count = self.parts.form.pictures().is_ok_and(|count| count > 1);
        let checked = self.matrix_of(&params).map(|_| ignores_count);
        let is_right = checked.is_ok();
        self.parts.matrix.say(checked.map_err(|error| ErrorReport::from(&error)));
        is_right
    }

    /// Says at the matrix why a picture of it could not be made, if one of its values is why. Returns whether
    /// it did.
    pub(in crate::app::page) fn show_matrix_error(
        &self,
        matrix: &Matrix,
        error: &ErrorReport,
    ) -> bool {
        let is_of_axis = matrix.has_axis(error.detail("field"));
        if is_of_axis {
            self.parts.matrix.say(Err(error.clone()));
        }
        is_of_axis
    }

    /// Returns the matrix with what each of its pictures changes in `params`; `None` if there is no matrix.
    pub(in crate::app::page) fn matrix_of(
        &self,
        params: &GenerationParams,
    ) -> Result<Option<(Rc<Matrix>, Vec<PartialParams>)>> {
        let Some(matrix) = self.parts.matrix.read()? else { return Ok(None) };
        if !self.parts.form.awaits_image() {
            matrix.check(self.matrix_context()?)?;
        }
        let pictures = state::pictures(&matrix, self.parts.prompts.expansion(), params)?;
        Ok(Some((Rc::new(matrix), pictures)))
    }

    fn matrix_context(&self) -> Result<MatrixContext> {
        let init_image = self.parts.form.init_image();
        let (image, mask) = init_image.given();
        let keeps_size = mask && init_image.settings()?.padding_mask_crop.is_some();
        let most_clip_skip = self.model.loaded().map(|loaded| loaded.sheet.most_clip_skip);
        Ok(MatrixContext { image, mask, keeps_size, most_clip_skip })
    }

    /// Shows the matrix again.
    pub fn show_grid(&mut self) {
        self.parts.output.show_grid();
    }
}
