//! State of the matrix: up to three parameters with the values that they take.

use super::super::prompts::Expansion;
use crate::app::words;
use crate::error::{Error, Message, Result, messages};
use crate::params::{
    Axis, Field, GenerationParams, Kind, MOST_AXES, Matrix, PartialParams, Value, matrix_refused,
};
use crate::scheduler::{SamplerName, SchedulerName};

/// What the user has chosen and typed for each axis.
pub type AxisTexts = [AxisText; MOST_AXES];

/// What the user has chosen and typed for an axis.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AxisText {
    /// Name of the parameter; empty for none.
    pub field: String,
    /// Its values.
    pub values: String,
}

impl AxisText {
    /// Returns the parameter.
    pub fn field(&self) -> Option<&'static Field> {
        Axis::fields().find(|field| field.name == self.field)
    }
}

/// Returns the matrix; `None` if there is no axis with values.
///
/// # Errors
/// If a value is none of its parameter, or there are too many.
pub fn read(axes: &AxisTexts) -> Result<Option<Matrix>> {
    let (mut read, mut texts) = (Vec::new(), Vec::new());
    for axis in axes {
        if let Some(field) = axis.field().filter(|_| !axis.values.trim().is_empty()) {
            read.push(Axis::read(field, &axis.values, |value| read_value(field, value))?);
            texts.push(axis.values.trim());
        }
    }
    match read.is_empty() {
        true => Ok(None),
        false => Matrix::new(read, &texts.join("; ")).map(Some),
    }
}

/// Reads a value as the form does; a choice may also have the name of its menu, and a sampler that of
/// AUTOMATIC1111.
fn read_value(field: &'static Field, text: &str) -> Result<Value> {
    let Kind::Choice(choice) = field.kind else { return field.read(text) };
    let is = |name: &str| name.eq_ignore_ascii_case(text);
    let label = |name: &&str| words::shown_value(field, &Value::Text((*name).to_string()));
    let read = field.read(text).ok().or_else(|| {
        let of_menu = (choice.names)().into_iter().find(|name| is(&label(name)));
        let of_webui = || SchedulerName::all().find(|name| is(&webui_name(*name)));
        let name = match field.name {
            "scheduler" => of_menu.or_else(|| of_webui().map(SchedulerName::as_str)),
            _ => of_menu,
        };
        name.map(|name| Value::Text(name.to_string()))
    });
    read.ok_or_else(|| {
        let labels: Vec<_> = match field.name {
            // Each of them goes with several schedules.
            "scheduler" => SamplerName::ALL.iter().map(|name| name.row().label.into()).collect(),
            _ => (choice.names)().iter().map(label).collect(),
        };
        let (value, reason) = (Message::verbatim(text), messages::one_of(labels.join(" | ")));
        Error::InvalidRequest { field: field.name, value, reason }
    })
}

fn webui_name(name: SchedulerName) -> String {
    let sampler = name.sampler().row().webui_name;
    match name.sigmas() {
        Some(sigmas) => format!("{sampler} {}", sigmas.row().webui_name),
        None => sampler.to_string(),
    }
}

/// Returns what each picture of a matrix changes in `params`, with its prompt drawn.
///
/// # Errors
/// As [`Matrix::cells`], or if the text has several prompts that are no axis, or a choice cannot be drawn.
pub fn pictures(
    matrix: &Matrix,
    expansion: &Expansion,
    params: &GenerationParams,
) -> Result<Vec<PartialParams>> {
    let mut cells = matrix.cells(params)?;
    for cell in &mut cells {
        let merged = params.clone().with(cell);
        if cell.prompt.is_none() && expansion.prompts(&merged.prompt).len() > 1 {
            return Err(matrix_refused(&merged.prompt, messages::matrix_of_one_prompt()));
        }
        cell.prompt = Some(expansion.draw(&merged.prompt, merged.seed)?);
        cell.seed = Some(merged.seed);
    }
    Ok(cells)
}

/// Returns the text that keeps the axes: a line for each.
pub fn to_text(axes: &AxisTexts) -> String {
    let line = |AxisText { field, values }: &AxisText| format!("{field}\t{values}");
    match axes.iter().all(|axis| *axis == AxisText::default()) {
        true => String::new(),
        false => axes.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

/// Restores the axes. What is none of [`to_text`] is left empty.
pub fn from_text(text: &str) -> AxisTexts {
    let mut lines = text.lines();
    std::array::from_fn(|_| {
        let (field, values) =
            lines.next().and_then(|line| line.split_once('\t')).unwrap_or_default();
        let axis = AxisText { field: field.to_string(), values: values.to_string() };
        match axis.field().is_some() || field.is_empty() {
            true => axis,
            false => AxisText::default(),
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{AxisTexts, from_text, pictures, read, to_text};
    use crate::app::page::prompts::Expansion;
    use crate::params::{GenerationParams, PartialParams};

    fn axes(text: &str) -> AxisTexts {
        from_text(&text.replace('=', "\t").replace(';', "\n"))
    }

    fn cells(text: &str, switches: &str, prompt: &str) -> crate::Result<Vec<PartialParams>> {
        let matrix = read(&axes(text)).unwrap().unwrap();
        let mut expansion = Expansion::default();
        expansion.set_switches(switches);
        let params = GenerationParams { prompt: prompt.to_string(), seed: 7, ..<_>::default() };
        pictures(&matrix, &expansion, &params)
    }

    #[test]
    fn columns_come_first_and_every_cell_has_one_seed() {
        let cells = cells("num_inference_steps=2, 3;=;guidance_scale=1,4", "", "a cat").unwrap();
        let read: Vec<_> = cells
            .iter()
            .map(|cell| (cell.num_inference_steps, cell.guidance_scale, cell.seed))
            .collect();
        let one = |steps, guidance| (Some(steps), Some(guidance), Some(7));
        assert_eq!(read, [one(2, 1.0), one(3, 1.0), one(2, 4.0), one(3, 4.0)]);
        assert!(cells.iter().all(|cell| cell.prompt.as_deref() == Some("a cat")));
    }

    #[test]
    fn samplers_have_the_names_of_their_menus_too() {
        let cells = cells("scheduler=euler, DPM++ 2M Karras,dpm++ 2m karras", "", "").unwrap();
        let names: Vec<_> = cells.iter().map(|cell| cell.scheduler.unwrap().to_string()).collect();
        assert_eq!(names, ["euler", "dpmpp-2m-karras", "dpmpp-2m-karras"]);
        assert!(read(&axes("scheduler=euler,nothing")).is_err());
    }

    #[test]
    fn prompts_and_seeds_are_drawn_for_their_cell() {
        let own = cells("prompt=a __b__|c", "lines", "x\ny").unwrap();
        assert_eq!(own[0].prompt.as_deref(), Some("a __b__"), "the prompts are an axis");
        let error = cells("seed=1,2", "lines", "x\ny").unwrap_err().to_string();
        assert!(error.contains("one prompt"), "{error}");
        let drawn = cells("seed=1,2,3,4,5,6,7,8", "draw", "{a|b}").unwrap();
        let texts: Vec<_> = drawn.iter().map(|cell| cell.prompt.clone().unwrap()).collect();
        assert!(texts.contains(&"a".to_string()) && texts.contains(&"b".to_string()), "{texts:?}");
    }

    #[test]
    fn axes_without_parameter_or_values_do_not_count() {
        assert_eq!(read(&axes("")).unwrap(), None);
        assert_eq!(read(&axes("seed= ;=5")).unwrap(), None);
        assert!(read(&axes("num_inference_steps=0")).is_err());
    }

    #[test]
    fn axes_are_kept_as_text() {
        let text = "seed\t1, 2\n\t\nprompt\ta | b";
        assert_eq!(to_text(&from_text(text)), text);
        assert_eq!(to_text(&axes("image=64")), "");
        assert_eq!(to_text(&AxisTexts::default()), "");
    }
}
