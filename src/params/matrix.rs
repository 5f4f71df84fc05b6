//! Matrix of pictures over values of parameters.

use super::field::{Field, Kind, Section, Value};
use super::fields::{FIELDS, PartialParams};
use crate::error::{Error, Message, Result, messages};

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
    /// Returns the parameters that an axis can have: those of a run, without sizes and pictures.
    pub fn fields() -> impl Iterator<Item = &'static Field> {
        FIELDS.iter().filter(|field| matches!(field.section, Section::Prompt | Section::Sampling))
    }

    /// Returns what separates the values of a parameter: `,`, and `|` for texts.
    pub fn separator(field: &Field) -> char {
        if matches!(field.kind, Kind::Text) { '|' } else { ',' }
    }

    /// Reads the values of a parameter, each with `read`. A separator at the end does not count.
    ///
    /// # Errors
    /// If a value is none of the parameter.
    pub fn read(
        field: &'static Field,
        values: &str,
        read: impl Fn(&str) -> Result<Value>,
    ) -> Result<Self> {
        let separator = Axis::separator(field);
        let values = values.trim();
        let values = values.strip_suffix(separator).unwrap_or(values);
        let values = values.split(separator).map(|value| {
            let value = read(value.trim())?;
            field.check(&value).map(|()| value)
        });
        Ok(Axis { field, values: values.collect::<Result<_>>()? })
    }
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
                return Err(refused(text, messages::matrix_twice(axis.field.flag)));
            }
        }
        Ok(Matrix { axes })
    }

    /// Returns the number of pictures.
    pub fn count(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).product()
    }

    /// Returns the parameters of each picture, the columns of a row first.
    pub fn cells(&self) -> Vec<PartialParams> {
        let mut cells = vec![PartialParams::default()];
        for axis in self.axes.iter().rev() {
            let with = |cell: &PartialParams, value: &Value| {
                let mut cell = cell.clone();
                cell.set(axis.field, value); // The value was read for this field.
                cell
            };
            let with_all = |cell: PartialParams| {
                axis.values.iter().map(move |value| with(&cell, value)).collect::<Vec<_>>()
            };
            cells = cells.into_iter().flat_map(with_all).collect();
        }
        cells
    }

    /// Returns the labels of columns, rows and groups: what `name` calls the parameter, and its value.
    pub fn labels(&self, name: impl Fn(&'static Field) -> String) -> [Vec<String>; MOST_AXES] {
        std::array::from_fn(|axis| match self.axes.get(axis) {
            Some(Axis { field, values }) => {
                let name = name(field);
                values.iter().map(|value| shortened(format!("{name} {value}"))).collect()
            }
            None => Vec::new(),
        })
    }
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Axis, Matrix};
    use crate::error::Result;

    fn axis(name: &str, values: &str) -> Result<Axis> {
        let field = Axis::fields().find(|field| field.name == name).unwrap();
        Axis::read(field, values, |text| field.parse(text))
    }

    #[test]
    fn labels_are_name_and_value_and_not_too_long() {
        let long = "a very long prompt that has no room above its column | b ";
        let axes =
            vec![axis("num_inference_steps", "10, 20,").unwrap(), axis("prompt", long).unwrap()];
        let [columns, rows, groups] =
            Matrix::new(axes, "").unwrap().labels(|field| field.flag.to_string());
        assert_eq!(columns, ["num-inference-steps 10", "num-inference-steps 20"]);
        assert_eq!(rows, ["prompt a very long prompt that has no...", "prompt b"]);
        assert!(groups.is_empty());
    }

    #[test]
    fn parameter_has_one_axis_and_sizes_have_none() {
        let axes = || vec![axis("seed", "1,2").unwrap(), axis("seed", "3").unwrap()];
        let error = Matrix::new(axes(), "seed=1,2;seed=3").unwrap_err().to_string();
        assert!(error.contains("seed has two axes"), "{error}");
        assert!(!Axis::fields().any(|field| ["width", "strength"].contains(&field.name)));
    }

    #[test]
    fn more_than_400_pictures_are_refused() {
        let many = (0..21).map(|seed| seed.to_string()).collect::<Vec<_>>().join(",");
        let matrix = |names: [&str; 2]| {
            Matrix::new(names.iter().map(|name| axis(name, &many).unwrap()).collect(), "")
        };
        assert!(matrix(["seed", "guidance_scale"]).unwrap_err().to_string().contains("400"));
        let one = Matrix::new(vec![axis("seed", &many).unwrap()], "").unwrap();
        assert_eq!(one.cells().len(), 21);
    }
}
