//! Controller actions on the matrix.

use std::rc::Rc;

use super::super::controller::Controller;
use super::super::generation::JobSource;
use super::{Outlook, state};
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
            if self.jobs.is_running() || self.jobs.is_waiting() {
                self.parts.output.reveal(); // The button is far from it.
            }
        }
    }

    /// Says whether the matrix goes with the form, and returns that.
    pub fn check_matrix(&mut self) -> bool {
        let checked = self.parts.matrix.read().and_then(|matrix| {
            // What is wrong in the form, that says itself.
            if let (Some(matrix), Ok(params)) = (&matrix, self.parts.form.settings()) {
                self.pictures_of(matrix, &params)?;
            }
            Ok(matrix)
        });
        let is_right = matches!(checked, Ok(Some(_)));
        let outlook = checked.map(|matrix| Outlook {
            has_seeds: matrix.is_some_and(|matrix| matrix.has_axis("seed")),
            ignores_count: self.parts.form.pictures().is_ok_and(|count| count > 1),
        });
        self.parts.matrix.say(outlook.map_err(|error| ErrorReport::from(&error)));
        is_right
    }

    /// Says why a picture of a matrix could not be made, if one of its values is why: at the matrix, unless that is
    /// another one now. Returns whether it did.
    pub(in crate::app::page) fn show_matrix_error(
        &self,
        matrix: &Matrix,
        error: &ErrorReport,
    ) -> bool {
        let is_of_axis = matrix.has_axis(error.detail("field"));
        if is_of_axis {
            match self.parts.matrix.read() {
                Ok(Some(present)) if present == *matrix => self.parts.matrix.show_error(error),
                _ => self.notify_error(error, &[]),
            }
        }
        is_of_axis
    }

    /// Returns the matrix with what each of its pictures changes in `params`; `None` if there is no matrix.
    pub(in crate::app::page) fn matrix_of(
        &self,
        params: &GenerationParams,
    ) -> Result<Option<(Rc<Matrix>, Vec<PartialParams>)>> {
        let Some(matrix) = self.parts.matrix.read()? else { return Ok(None) };
        let pictures = self.pictures_of(&matrix, params)?;
        Ok(Some((Rc::new(matrix), pictures)))
    }

    /// Returns what each picture of a matrix changes in `params`.
    fn pictures_of(
        &self,
        matrix: &Matrix,
        params: &GenerationParams,
    ) -> Result<Vec<PartialParams>> {
        if !self.parts.form.awaits_image() {
            matrix.check(self.matrix_context()?)?;
        }
        state::pictures(matrix, self.parts.prompts.expansion(), params)
    }

    fn matrix_context(&self) -> Result<MatrixContext> {
        let init_image = self.parts.form.init_image();
        let (image, mask) = init_image.has_image_and_mask();
        let keeps_size = image && mask && init_image.settings()?.padding_mask_crop.is_some();
        let most_clip_skip = self.model.loaded().map(|loaded| loaded.sheet.most_clip_skip);
        Ok(MatrixContext { image, mask, keeps_size, most_clip_skip })
    }

    /// Shows the matrix again.
    pub fn show_grid(&mut self) {
        self.parts.output.show_grid();
    }
}
