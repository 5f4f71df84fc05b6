//! Argument `--matrix`: `steps=10,20;sampler=euler,ddim`.

use hearth::Result;
use hearth::error::messages;
use hearth::image::{GridLabels, RgbImage};
use hearth::params::{Axis, Field, Matrix, Value, matrix_refused};

use super::params::{parse, stands_for};

/// Reads axes, separated by `;`, each with values, separated by `,`, and by `|` for a text. Numbers may
/// be ranges.
///
/// # Errors
/// If a name is no parameter of a run, a value is none of it, or there are too many.
pub fn parse_matrix(text: &str) -> Result<Matrix> {
    let axes = text.split(';').filter(|axis| !axis.trim().is_empty()).map(parse_axis);
    Matrix::new(axes.collect::<Result<_>>()?, text)
}

fn parse_axis(text: &str) -> Result<Axis> {
    let (name, values) = text.split_once('=').unwrap_or((text, ""));
    // `--sampler` is a flag beside the table.
    let name = match name.trim() {
        "sampler" => "scheduler",
        name => name,
    };
    let Some(field) = Axis::fields().find(|field| stands_for(field, name)) else {
        let flags: Vec<&str> = Axis::fields().map(|field| field.flag).collect();
        return Err(matrix_refused(name, messages::one_of(flags.join(", "))));
    };
    Axis::read(field, values, |value| parse(field, value))
}

/// Returns the pictures of a matrix as one, with labels.
pub fn grid(matrix: &Matrix, pictures: &[RgbImage]) -> RgbImage {
    let label = |field: &'static Field, value: &Value| match field.name {
        "scheduler" => format!("sampler {value}"),
        _ => format!("{} {value}", field.flag),
    };
    let [columns, rows, groups] = matrix.labels(label);
    RgbImage::grid(pictures, &GridLabels { columns, rows, groups })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use hearth::params::GenerationParams;

    use super::parse_matrix;

    #[test]
    fn cells_are_columns_first() {
        let matrix = parse_matrix("steps=10,20; sampler=euler,ddim;prompt=a, b|c").unwrap();
        let cells = matrix.cells(&GenerationParams::default()).unwrap();
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
        let said = |text: &str| parse_matrix(text).unwrap_err().to_string();
        assert!(said("stepps=1").contains("num-inference-steps"), "{}", said("stepps=1"));
        assert!(said("width=65").contains("multiple of 8"), "{}", said("width=65"));
        assert!(said("steps=0").contains("whole number"), "{}", said("steps=0"));
        assert!(said("").contains("empty"), "{}", said(""));
        assert!(
            said("cfg=1;cfg=2;cfg=3;cfg=4").contains("3 axes"),
            "{}",
            said("cfg=1;cfg=2;cfg=3;cfg=4")
        );
    }
}
