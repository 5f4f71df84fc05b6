//! Report of a problem, to be copied by the user.
//!
//! It has no prompt and no name of a file or model.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, HtmlTextAreaElement};

use super::controller::Controller;
use crate::app::dom::{by_id, thrown, window};
use crate::app::words;
use crate::error::Result;

/// Facts of a report.
#[derive(Debug, Default, PartialEq)]
pub struct Report {
    /// `navigator.userAgent`
    pub browser: String,
    /// The device that the model runs on, with its adapter.
    pub device: String,
    /// Size of the window and its device pixels.
    pub window: String,
    /// The last error's code.
    pub error: Option<String>,
}

impl Report {
    /// Returns the text, in English for those who read it.
    pub fn text(&self) -> String {
        let error = self.error.as_deref().unwrap_or("none");
        format!(
            "Hearth {}\nBrowser: {}\nDevice: {}\nWindow: {}\nLast error: {error}\n",
            env!("CARGO_PKG_VERSION"),
            self.browser,
            self.device,
            self.window,
        )
    }
}

impl Controller {
    /// Writes the report into its field.
    pub fn write_report(&mut self) {
        let written = self.report_text().and_then(|text| {
            let field: HtmlTextAreaElement = by_id("report-text")?;
            field.set_value(&text);
            Ok(())
        });
        self.report(written);
    }

    /// Writes the report again, and copies it.
    pub fn copy_report(&mut self) {
        self.write_report();
        let copied = self.report_text().and_then(|text| {
            let navigator = window()?.navigator();
            let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into());
            let copy = |text: &str| {
                let clipboard = get(&navigator, "clipboard")?;
                let write: Function = get(&clipboard, "writeText")?.dyn_into()?;
                write.call1(&clipboard, &text.into())
            };
            copy(&text).map_err(|error| thrown("the report cannot be copied", &error))
        });
        if let (Ok(_), Ok(button)) = (copied, by_id::<HtmlElement>("copy-report")) {
            button.set_text_content(Some(&words::report_copied()));
        }
    }

    fn report_text(&self) -> Result<String> {
        let window = window()?;
        let side = |side: std::result::Result<wasm_bindgen::JsValue, _>| {
            side.ok().and_then(|side| side.as_f64()).unwrap_or_default()
        };
        let device = self.model.loaded().map_or_else(
            || format!("{:?}, no model is loaded", self.model.target().device),
            |loaded| loaded.device_name.clone(),
        );
        let report = Report {
            browser: window.navigator().user_agent().unwrap_or_default(),
            device,
            window: format!(
                "{} × {}, {} device pixels",
                side(window.inner_width()),
                side(window.inner_height()),
                window.device_pixel_ratio(),
            ),
            error: self.last_error.borrow().clone(),
        };
        Ok(report.text())
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn report_has_version_browser_and_device() {
        let report = Report {
            browser: "Browser/1".to_string(),
            device: "WebGPU · Card".to_string(),
            window: "390 × 844, 3 device pixels".to_string(),
            error: None,
        };
        let text = report.text();
        assert!(text.starts_with(concat!("Hearth ", env!("CARGO_PKG_VERSION"), "\n")), "{text}");
        for part in ["Browser/1", "WebGPU · Card", "390 × 844", "Last error: none"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
