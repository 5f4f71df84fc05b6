//! Summary of an error for a report.

use crate::app::protocol::ErrorReport;

/// Returns what a report says of an error: its code, and the texts of message and reason with their
/// parameters' names. The arguments may be names of files.
pub fn describe(error: &ErrorReport) -> String {
    let mut text = error.code.clone();
    for message in [&error.message, &error.argument("reason")] {
        if let Some(id) = message.id() {
            text += " | ";
            text += id.english();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::describe;
    use crate::error::{Error, Message, messages};

    #[test]
    fn report_names_no_file_and_no_value() {
        let place = Message::verbatim("private folder");
        let error = Error::MissingFile { path: "private.safetensors".to_string(), place };
        let text = describe(&(&error).into());
        assert_eq!(text, "missing-file | {path} is missing in {place}.");
        let error = Error::NoGpu { reason: messages::no_webgpu() };
        let text = describe(&(&error).into());
        assert!(text.ends_with("{reason}. | this browser offers no WebGPU"), "{text}");
    }
}
