//! Error messages in the page's language.

use super::{Language, capitalised, field_name, table};
use crate::app::protocol::ErrorReport;
use crate::error::{Message, joined};
use crate::params::Field;

/// Returns the message in the page's language.
pub fn message_text(message: &Message) -> String {
    message.in_words(Language::of_page().catalogue())
}

/// Returns what happened and what to do.
pub fn error_text(error: &ErrorReport) -> String {
    let language = Language::of_page();
    let sentences = joined(&error.message, error.next_step.as_ref(), language.catalogue());
    match language {
        Language::English => capitalised(&sentences),
        // Names of files and fields keep their case.
        Language::Chinese => sentences,
    }
}

/// Returns the error of a field, which is called by its label.
pub fn field_error(field: &Field, wrong: &ErrorReport) -> String {
    named_error(field_name(field), wrong)
}

/// Returns the error of a value of an axis of the matrix.
pub fn axis_error(field: &Field, wrong: &ErrorReport) -> String {
    named_error(super::axis_name(field), wrong)
}

fn named_error(name: String, wrong: &ErrorReport) -> String {
    let [value, reason] = ["value", "reason"].map(|name| message_text(&wrong.argument(name)));
    table::field_is(name, value, reason)
}

/// Returns a model's error for its address field, which the text then need not name.
pub fn model_error_text(wrong: &ErrorReport) -> String {
    match (wrong.code.as_str(), wrong.detail("field")) {
        ("invalid-request", "model") => as_sentence(&wrong.argument("reason")),
        ("invalid-request", "vae") => table::field_is(
            super::vae_label(),
            message_text(&wrong.argument("value")),
            message_text(&wrong.argument("reason")),
        ),
        _ => error_text(wrong),
    }
}

/// Returns the reason as a part of another sentence.
pub fn error_reason(wrong: &ErrorReport) -> String {
    let reason = wrong.argument("reason");
    match reason.is_empty() {
        true => without_period(error_text(wrong)),
        false => clause(&reason),
    }
}

/// Returns the message without a final full stop, as a part of another sentence.
pub fn clause(message: &Message) -> String {
    without_period(message_text(message))
}

/// Returns the reason as a sentence of its own.
pub fn as_sentence(reason: &Message) -> String {
    table::sentence(capitalised(&clause(reason)))
}

fn without_period(text: String) -> String {
    text.trim_end_matches(['.', '。']).to_string()
}

#[cfg(test)]
mod tests {
    use super::error_text;
    use crate::error::{Error, messages};

    #[test]
    fn error_text_is_capitalised_unless_file_name() {
        let error = Error::InvalidRequest {
            field: "width",
            value: messages::empty(),
            reason: messages::multiple_of(8_usize, 64_usize),
        };
        let message_text = "Width is empty: it must be a multiple of 8, for instance 64.";
        assert_eq!(error_text(&(&error).into()), message_text);
        let error = Error::CorruptWeights {
            path: "unet/a.json".into(),
            reason: messages::ends_before(9_u64),
        };
        assert_eq!(error_text(&(&error).into()), error.to_string());
    }
}
