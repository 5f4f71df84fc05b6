//! Matrix of pictures over values of parameters.

use super::clip_skip::check_clip_skip;
use super::field::{Field, Kind, Section, Value};
use super::fields::{FIELDS, GenerationParams, PartialParams, REPLACEMENT, SCHEDULE};
use super::ranges;
use crate::error::{Error, Message, Result, messages};
use crate::prompt::Grammar;
use crate::scheduler::{SamplerName, SchedulerName, SigmaSchedule};

/// Largest number of axes: columns, rows, groups.
pub const MOST_AXES: usize = 3;

/// Largest number of pictures that one request makes.
pub const MOST_PICTURES: usize = 400;

/// Longest label, in letters.
const LONGEST_LABEL: usize = 40;

/// Axes of a matrix, the first for the columns, the second for the rows, the third for groups of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    axes: Vec<Axis>,
}

/// A parameter with the values that it takes.
#[derive(Debug, Clone)]
pub struct Axis {
    field: &'static Field,
    values: Vec<Value>,
}

impl PartialEq for Axis {
    fn eq(&self, other: &Self) -> bool {
        self.field.name == other.field.name && self.values == other.values
    }
}

impl Axis {
    /// Returns what an axis can have: all parameters but pictures, the sampler's noise levels apart from
    /// the sampler, and texts in the place of another in both prompts.
    pub fn fields() -> impl Iterator<Item = &'static Field> {
        FIELDS.iter().chain([&SCHEDULE, &REPLACEMENT])
    }

    /// Returns what separates the values of a parameter: `,`, and `|` for texts and where it is used, since
    /// names may have commas.
    fn separators(field: &Field, values: &str) -> &'static [char] {
        match field.kind {
            Kind::Text => &['|'],
            Kind::Choice(_) if values.contains('|') => &['|'],
            _ => &[',', '，'],
        }
    }

    /// Reads the values of a parameter, each with `read`; numbers may be ranges such as `1-5` or
    /// `1-10 (+2)`. A separator at the end does not count.
    ///
    /// # Errors
    /// If a value is none of the parameter.
    pub fn read(
        field: &'static Field,
        values: &str,
        read: impl Fn(&str) -> Result<Value>,
    ) -> Result<Self> {
        let separators = Axis::separators(field, values);
        let values = values.trim();
        let values = values.strip_suffix(separators).unwrap_or(values);
        let range = |value: &str| match field.kind {
            // One number too many, which `Matrix::new` refuses.
            Kind::Int { .. } => ranges::numbers(value, true, MOST_PICTURES as u32 + 1),
            Kind::Float { .. } => ranges::numbers(value, false, MOST_PICTURES as u32 + 1),
            _ => None,
        };
        let texts = values.split(separators).map(str::trim);
        let texts = texts.flat_map(|text| range(text).unwrap_or_else(|| vec![text.to_string()]));
        let values = texts.map(|text| {
            let value = read(&text)?;
            field.check(&value)?;
            field.check_multiple(&value).map(|()| value)
        });
        Ok(Axis { field, values: values.collect::<Result<_>>()? })
    }

    /// Returns the error of an axis that cannot be.
    fn refused(&self, reason: Message) -> Error {
        let values: Vec<_> = self.values.iter().map(|value| self.field.shown(value)).collect();
        let value = Message::verbatim(shortened(values.join(", ")));
        Error::InvalidRequest { field: self.field.name, value, reason }
    }
}

/// What is known of a run before a matrix is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct MatrixContext {
    /// Whether there is an init image.
    pub image: bool,
    /// Whether there is a mask.
    pub mask: bool,
    /// Whether the result has the init image's own size, whatever the requested one.
    pub keeps_size: bool,
    /// Largest `clip_skip` of the model, if it is known.
    pub most_clip_skip: Option<usize>,
}

impl Matrix {
    /// Creates a matrix.
    ///
    /// # Errors
    /// If there are too many axes or pictures, or two axes have one parameter. `text` is what the user wrote.
    pub fn new(axes: Vec<Axis>, text: &str) -> Result<Self> {
        let pictures =
            axes.iter().try_fold(1_usize, |all, axis| all.checked_mul(axis.values.len()));
        let fits = pictures.is_some_and(|pictures| pictures <= MOST_PICTURES);
        if !((1..=MOST_AXES).contains(&axes.len()) && fits) {
            return Err(refused(text, messages::matrix_size(MOST_AXES, MOST_PICTURES)));
        }
        for (index, axis) in axes.iter().enumerate() {
            if axes[..index].iter().any(|other| other.field.name == axis.field.name) {
                let (value, reason) = (Message::verbatim(text), messages::matrix_twice());
                return Err(Error::InvalidRequest { field: axis.field.name, value, reason });
            }
        }
        Ok(Matrix { axes })
    }

    /// Returns the number of pictures.
    pub fn count(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).product()
    }

    /// Returns whether a parameter is an axis.
    pub fn has_axis(&self, name: &str) -> bool {
        self.axes.iter().any(|axis| axis.field.name == name)
    }

    /// Checks that every axis goes with the given pictures and the model.
    ///
    /// # Errors
    /// If one has no effect with them, the size changes and the init image, which is fitted to it, does
    /// not, or the text encoders have too few layers.
    pub fn check(&self, context: MatrixContext) -> Result<()> {
        for axis in &self.axes {
            let field = axis.field;
            let reason = match field.requires {
                Some("image") if !context.image => messages::matrix_needs_image(),
                Some("mask") if !(context.image && context.mask) => messages::matrix_needs_mask(),
                _ if field.section == Section::Size && context.image && !context.keeps_size => {
                    messages::matrix_of_one_size()
                }
                _ => continue,
            };
            return Err(axis.refused(reason));
        }
        let skips = ["clip_skip", "clip_skip_negative"];
        for Axis { field, values } in self.axes.iter().filter(|it| skips.contains(&it.field.name)) {
            let skipped = values.iter().filter_map(Value::as_f64).map(|layers| layers as usize);
            if let (Some(most), Some(skipped)) = (context.most_clip_skip, skipped.max()) {
                check_clip_skip(field.name, skipped, most)?;
            }
        }
        Ok(())
    }

    /// Returns what each picture has of its own besides `base`, the columns of a row first.
    ///
    /// # Errors
    /// If a sampler does not go with a schedule, a text that is to be replaced is in no prompt, or an axis
    /// changes none of the pictures.
    pub fn cells(&self, base: &GenerationParams) -> Result<Vec<PartialParams>> {
        let mut cells: Vec<Vec<(&Field, &Value)>> = vec![Vec::new()];
        for Axis { field, values } in self.axes.iter().rev() {
            let mut all = Vec::with_capacity(cells.len() * values.len());
            for cell in &cells {
                all.extend(
                    values.iter().map(|value| [cell.as_slice(), &[(*field, value)]].concat()),
                );
            }
            cells = all;
        }
        let cells: Vec<_> =
            cells.iter().map(|values| self.cell(base, values)).collect::<Result<_>>()?;
        for axis in &self.axes {
            let reason = |cell| without_effect(axis.field, &base.clone().with(cell));
            // Most have an effect with the first one already.
            let mut reasons = cells.iter().map_while(reason);
            if let Some(reason) = reasons.next()
                && reasons.count() + 1 == cells.len()
            {
                return Err(axis.refused(reason));
            }
        }
        Ok(cells)
    }

    /// Returns the parameters of a picture with these values.
    fn cell(&self, base: &GenerationParams, values: &[(&Field, &Value)]) -> Result<PartialParams> {
        let mut cell = PartialParams::default();
        for (field, value) in values {
            cell.set(field, value); // False for what is no row of the table.
        }
        for (field, value) in values {
            let Value::Text(text) = value else { continue };
            if field.name == SCHEDULE.name {
                if let Some(name) = cell.scheduler.filter(|name| name.suffix().is_some()) {
                    let value = Message::verbatim(name.label());
                    let reason = messages::matrix_schedule_twice();
                    return Err(Error::InvalidRequest { field: "scheduler", value, reason });
                }
                // A model's own sampler is known once the model is.
                if let Some(name) = cell.scheduler.or(base.scheduler) {
                    cell.scheduler = Some(match SigmaSchedule::from_name(text) {
                        Some(sigmas) => with_schedule(name.sampler(), sigmas)?,
                        None => SchedulerName::automatic(name.sampler()),
                    });
                }
            } else if field.name == REPLACEMENT.name {
                self.replace(&mut cell, base, text)?;
            }
        }
        Ok(cell)
    }

    /// Puts a text in the place of the first one of its axis (`apply_prompt` in `scripts/xyz_grid.py`).
    fn replace(&self, cell: &mut PartialParams, base: &GenerationParams, text: &str) -> Result<()> {
        let axis = self.axes.iter().find(|axis| axis.field.name == REPLACEMENT.name);
        let Some((wanted, others)) = axis.and_then(|axis| axis.values.split_first()) else {
            return Ok(());
        };
        let wanted = &wanted.to_string();
        let prompts =
            [(&mut cell.prompt, &base.prompt), (&mut cell.negative_prompt, &base.negative_prompt)];
        let mut is_found = false;
        for (own, base) in prompts {
            let prompt = own.as_ref().unwrap_or(base);
            if !wanted.is_empty() && prompt.contains(wanted) {
                is_found = true;
                *own = Some(prompt.replace(wanted, text));
            }
        }
        match is_found {
            true => Ok(()),
            false => {
                let is_list = others.is_empty() && wanted.contains(',');
                let reason = match is_list {
                    true => messages::matrix_texts_apart(),
                    false => messages::matrix_lacks_text(),
                };
                let value = Message::verbatim(wanted);
                Err(Error::InvalidRequest { field: REPLACEMENT.name, value, reason })
            }
        }
    }

    /// Returns the largest width and height of the pictures, where no axis has it that of `base`.
    pub fn largest_size(&self, base: [usize; 2]) -> [usize; 2] {
        let side = |name: &str, base| {
            let axis = self.axes.iter().find(|axis| axis.field.name == name);
            let sides = axis.into_iter().flat_map(|axis| &axis.values).filter_map(Value::as_f64);
            sides.map(|side| side as usize).max().unwrap_or(base)
        };
        [side("width", base[0]), side("height", base[1])]
    }

    /// Returns the labels of columns, rows and groups, as `label` writes a parameter with its value. A
    /// text in the place of another one stands alone.
    pub fn labels(
        &self,
        label: impl Fn(&'static Field, &Value) -> String,
    ) -> [Vec<String>; MOST_AXES] {
        let written = |field: &'static Field, value: &Value| match field.name == REPLACEMENT.name {
            true => shortened(value.to_string()),
            false => shortened(label(field, value)),
        };
        std::array::from_fn(|axis| match self.axes.get(axis) {
            Some(Axis { field, values }) => {
                values.iter().map(|value| written(field, value)).collect()
            }
            None => Vec::new(),
        })
    }
}

/// Returns why a parameter changes no picture that has these, if that is so.
fn without_effect(field: &Field, params: &GenerationParams) -> Option<Message> {
    let sampler = params.scheduler.map(SchedulerName::sampler);
    match field.name {
        "eta" => sampler.filter(|name| !name.row().has_eta).map(|_| {
            let with = SamplerName::ALL.iter().map(|name| name.row()).filter(|row| row.has_eta);
            messages::matrix_needs_eta(with.map(|row| row.label).collect::<Vec<_>>().join(", "))
        }),
        "negative_prompt" | "clip_skip_negative" | "guidance_rescale" => {
            (!params.is_guided()).then(messages::matrix_needs_guidance)
        }
        "emphasis" => (params.grammar != Grammar::A1111).then(messages::matrix_needs_a1111),
        _ => None,
    }
}

/// Returns a sampler with a schedule.
///
/// # Errors
/// If they do not go together: the schedules that do are named.
fn with_schedule(sampler: SamplerName, sigmas: SigmaSchedule) -> Result<SchedulerName> {
    SchedulerName::new(sampler, Some(sigmas)).map_err(|_| {
        let row = sampler.row();
        let names: Vec<_> = row.sigmas.iter().map(|sigmas| sigmas.row().label).collect();
        let reason = match names.is_empty() {
            true => messages::matrix_sampler_without_schedules(row.label),
            false => messages::matrix_schedules_of(row.label, names.join(", ")),
        };
        let value = Message::verbatim(sigmas.row().label);
        Error::InvalidRequest { field: SCHEDULE.name, value, reason }
    })
}

fn shortened(label: String) -> String {
    match label.chars().count() {
        ..=LONGEST_LABEL => label,
        _ => label.chars().take(LONGEST_LABEL - 3).chain("...".chars()).collect(),
    }
}

/// Returns the error of a text that is no matrix.
pub fn refused(text: &str, reason: Message) -> Error {
    let value = match text.trim() {
        "" => messages::empty(),
        value => Message::verbatim(value),
    };
    Error::InvalidRequest { field: "matrix", value, reason }
}

#[cfg(test)]
#[path = "matrix_tests.rs"]
mod tests;
