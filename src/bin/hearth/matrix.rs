//! Matrix of pictures over values of parameters: `steps=10,20;sampler=euler,ddim`.

use hearth::error::{Message, messages};
use hearth::image::{GridLabels, RgbImage};
use hearth::params::{FIELDS, Field, Kind, PartialParams, Section, Value};
use hearth::{Error, Result};

use super::params::{parse, stands_for};

/// Largest number of axes: columns, rows, groups.
const MOST_AXES: usize = 3;

/// Largest number of pictures.
const MOST_PICTURES: usize = 400;

/// Longest label, in letters.
const LONGEST_LABEL: usize = 40;

/// Axes of a matrix, the first for the columns.
#[derive(Debug, Clone)]
pub struct Matrix {
    axes: Vec<Axis>,
}

#[derive(Debug, Clone)]
struct Axis {
    field: &'static Field,
    values: Vec<Value>,
}

impl Matrix {
    /// Reads axes, separated by `;`, each with values, separated by `,`, and by `|` for a text.
    ///
    /// # Errors
    /// If a name is no parameter of a run, a value is none of it, or there are too many.
    pub fn parse(text: &str) -> Result<Self> {
        let axes = text.split(';').filter(|axis| !axis.trim().is_empty()).map(Axis::parse);
        let axes: Vec<Axis> = axes.collect::<Result<_>>()?;
        let pictures =
            axes.iter().try_fold(1_usize, |all, axis| all.checked_mul(axis.values.len()));
        let fits = pictures.is_some_and(|pictures| pictures <= MOST_PICTURES);
        match axes.len() {
            1..=MOST_AXES if fits => Ok(Matrix { axes }),
            _ => Err(refused(text, messages::matrix_size(MOST_AXES, MOST_PICTURES))),
        }
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

    /// Returns the pictures as one, with labels.
    pub fn grid(&self, pictures: &[RgbImage]) -> RgbImage {
        let labels = |axis: usize| {
            let axis = self.axes.get(axis);
            axis.map_or(Vec::new(), |axis| {
                axis.values.iter().map(|value| axis.label(value)).collect()
            })
        };
        let labels = GridLabels { columns: labels(0), rows: labels(1), groups: labels(2) };
        RgbImage::grid(pictures, &labels)
    }
}

impl Axis {
    fn parse(text: &str) -> Result<Self> {
        let (name, values) = text.split_once('=').unwrap_or((text, ""));
        let name = name.trim();
        let is_of_run =
            |field: &&Field| matches!(field.section, Section::Prompt | Section::Sampling);
        let fields: Vec<&'static Field> = FIELDS.iter().filter(is_of_run).collect();
        let field = fields.iter().copied().find(|field| stands_for(field, name));
        let Some(field) = field else {
            let flags: Vec<&str> = fields.iter().map(|field| field.flag).collect();
            return Err(refused(name, messages::one_of(flags.join(", "))));
        };
        let separator = if matches!(field.kind, Kind::Text) { '|' } else { ',' };
        let values = values.split(separator).map(|value| {
            let value = parse(field, value)?;
            field.check(&value).map(|()| value)
        });
        Ok(Axis { field, values: values.collect::<Result<_>>()? })
    }

    fn label(&self, value: &Value) -> String {
        let label = format!("{} {value}", self.field.flag);
        match label.chars().count() {
            ..=LONGEST_LABEL => label,
            _ => label.chars().take(LONGEST_LABEL - 3).chain("...".chars()).collect(),
        }
    }
}

fn refused(value: &str, reason: Message) -> Error {
    let value = match value.trim() {
        "" => messages::empty(),
        value => Message::verbatim(value),
    };
    Error::InvalidRequest { field: "matrix", value, reason }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Matrix;

    #[test]
    fn cells_are_columns_first() {
        let matrix = Matrix::parse("steps=10,20; sampler=euler,ddim;prompt=a, b|c").unwrap();
        let cells = matrix.cells();
        let read: Vec<(usize, String, String)> = cells
            .into_iter()
            .map(|cell| {
                let scheduler = cell.scheduler.unwrap().to_string();
                (cell.num_inference_steps.unwrap(), scheduler, cell.prompt.unwrap())
            })
            .collect();
        let row = |steps, scheduler: &str, prompt: &str| {
            (steps, scheduler.to_string(), prompt.to_string())
        };
        assert_eq!(
            read[..4],
            [
                row(10, "euler", "a, b"),
                row(20, "euler", "a, b"),
                row(10, "ddim", "a, b"),
                row(20, "ddim", "a, b"),
            ]
        );
        assert_eq!((read.len(), &read[7]), (8, &row(20, "ddim", "c")));
    }

    #[test]
    fn unknown_names_and_values_are_errors() {
        let said = |text: &str| Matrix::parse(text).unwrap_err().to_string();
        assert!(said("stepps=1").contains("num-inference-steps"), "{}", said("stepps=1"));
        assert!(said("width=64").contains("width"), "{}", said("width=64"));
        assert!(said("steps=0").contains("whole number"), "{}", said("steps=0"));
        assert!(said("").contains("empty"), "{}", said(""));
        assert!(
            said("cfg=1;cfg=2;cfg=3;cfg=4").contains("3 axes"),
            "{}",
            said("cfg=1;cfg=2;cfg=3;cfg=4")
        );
    }
}
