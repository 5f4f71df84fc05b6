//! Matrix (X/Y/Z): pictures for combinations of values, and all of them in one labelled picture.

mod actions;
pub mod events;
mod grid;
mod state;

use web_sys::{
    HtmlButtonElement, HtmlDetailsElement, HtmlElement, HtmlInputElement, HtmlSelectElement,
};

pub use self::grid::{GridDrawing, GridView};
use self::state::{AxisText, AxisTexts};
use crate::app::dom::{
    by_id, create_element, keep_text, local_storage, scroll_into_view, set, unset,
};
use crate::app::protocol::ErrorReport;
use crate::app::words::{self, LocalizedElement};
use crate::error::Result;
use crate::params::{Axis, Kind, MOST_AXES, Matrix, Value};

/// `localStorage` key of the axes.
const STORAGE_KEY: &str = "hearth-matrix";

/// The elements.
pub struct MatrixPanel {
    section: HtmlDetailsElement,
    fields: [HtmlSelectElement; MOST_AXES],
    values: [HtmlInputElement; MOST_AXES],
    outlook: LocalizedElement,
    make: HtmlButtonElement,
    /// Number of pictures of the present matrix; 0 if there is none.
    count: usize,
}

/// What the pictures of a matrix have in common.
#[derive(Debug, Clone, Copy, Default)]
struct Outlook {
    /// Whether they have seeds of their own.
    has_seeds: bool,
    /// Whether the form asks for several pictures, of which each combination has one.
    ignores_count: bool,
}

impl MatrixPanel {
    /// Binds to the elements, and restores the axes of earlier visits.
    pub fn bind() -> Result<Self> {
        let text = local_storage().and_then(|storage| storage.get_item(STORAGE_KEY).ok()?);
        let axes = state::from_text(&text.unwrap_or_default());
        let section: HtmlDetailsElement = by_id("matrix")?;
        section.set_open(axes.iter().any(|axis| axis.field().is_some()));
        let mut panel = MatrixPanel {
            section,
            fields: elements("matrix-field")?,
            values: elements("matrix-values")?,
            outlook: LocalizedElement::new(by_id::<HtmlElement>("matrix-outlook")?),
            make: by_id("make-matrix")?,
            count: 0,
        };
        for (menu, axis) in panel.fields.iter().zip(&axes) {
            for field in Axis::fields() {
                let option = create_element("option", "")?;
                set(&option, "value", field.name);
                let _ = menu.append_child(&option);
            }
            menu.set_value(&axis.field);
        }
        for (input, AxisText { values, .. }) in panel.values.iter().zip(&axes) {
            input.set_value(values);
        }
        panel.update();
        panel.say(Ok(Outlook::default()));
        Ok(panel)
    }

    /// Returns the matrix; `None` if there is none.
    ///
    /// # Errors
    /// As [`state::read`].
    fn read(&self) -> Result<Option<Matrix>> {
        state::read(&self.axes())
    }

    fn axes(&self) -> AxisTexts {
        std::array::from_fn(|axis| AxisText {
            field: self.fields[axis].value(),
            values: self.values[axis].value(),
        })
    }

    /// Keeps the axes for the next visit and shows how many pictures they make.
    fn edited(&mut self) {
        keep_text(STORAGE_KEY, &state::to_text(&self.axes()));
        self.update();
    }

    /// Counts the pictures, and shows menus and button.
    fn update(&mut self) {
        let matrix = self.read().ok().flatten();
        self.count = matrix.as_ref().map_or(0, Matrix::count);
        self.show();
    }

    /// Says what the pictures have in common, or why they cannot be made.
    fn say(&self, outlook: Result<Outlook, ErrorReport>) {
        let class = if outlook.is_ok() { "hint outlook" } else { "hint outlook wrong" };
        set(self.outlook.element(), "class", class);
        match outlook {
            Ok(Outlook { has_seeds, ignores_count }) => self.outlook.set(move || {
                let one_seed = (!has_seeds).then(words::matrix_one_seed);
                let one_each = ignores_count.then(words::matrix_one_each);
                one_seed.into_iter().chain(one_each).collect::<Vec<_>>().join(" ")
            }),
            Err(error) => {
                let field = Axis::fields().find(|field| field.name == error.detail("field"));
                self.outlook.set(move || match field {
                    Some(field) => words::axis_error(field, &error),
                    None => words::error_text(&error),
                });
            }
        }
    }

    /// Says why a picture could not be made, and scrolls there.
    fn show_error(&self, error: &ErrorReport) {
        self.say(Err(error.clone()));
        self.section.set_open(true);
        scroll_into_view(self.outlook.element());
    }

    /// Retranslates menus, line and button.
    pub fn retranslate(&self) {
        self.outlook.retranslate();
        self.show();
    }

    fn show(&self) {
        self.make.set_disabled(self.count == 0);
        let make = match self.count {
            0 => words::matrix_make(),
            1 => words::matrix_make_one(),
            count => words::matrix_make_count(count),
        };
        self.make.set_text_content(Some(&make));
        for (menu, input) in self.fields.iter().zip(&self.values) {
            let options = menu.options();
            // The first stands for no parameter.
            for (index, field) in Axis::fields().enumerate() {
                if let Some(option) = options.item(index as u32 + 1) {
                    option.set_text_content(Some(&words::axis_name(field)));
                }
            }
            let wanted = menu.value();
            let field = Axis::fields().find(|field| field.name == wanted);
            let example = field.map(|field| match field.kind {
                Kind::Choice(choice) => {
                    let names = (choice.names)().into_iter().take(3);
                    let label =
                        |name: &str| words::shown_value(field, &Value::Text(name.to_string()));
                    names.map(label).collect::<Vec<_>>().join(", ")
                }
                Kind::Text => words::matrix_texts(),
                Kind::Float { .. } => "0.5, 0.6-1 (+0.2)".to_string(),
                _ if field.name == "seed" => "1-4".to_string(),
                _ => "8, 16-32 (+8)".to_string(),
            });
            set(input, "placeholder", &example.unwrap_or_default());
            if field.is_some() { unset(input, "disabled") } else { set(input, "disabled", "") }
        }
    }
}

fn elements<T: wasm_bindgen::JsCast>(name: &str) -> Result<[T; MOST_AXES]> {
    Ok([by_id(&format!("{name}-1"))?, by_id(&format!("{name}-2"))?, by_id(&format!("{name}-3"))?])
}
