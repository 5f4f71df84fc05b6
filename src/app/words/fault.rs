//! Error messages in the page's language.

use super::{Language, capitalised, table};
use crate::app::protocol::Fault;
use crate::error::{Message, joined};

/// Returns the message in the page's language.
pub fn said(message: &Message) -> String {
    message.in_words(Language::of_page().catalogue())
}

/// Returns what happened and what to do.
pub fn fault(fault: &Fault) -> String {
    let language = Language::of_page();
    let sentences = joined(&fault.message, fault.next_step.as_ref(), language.catalogue());
    match language {
        Language::English => capitalised(&sentences),
        // Names of files and fields keep their case.
        Language::Chinese => sentences,
    }
}

/// Returns a model's error for its address field, which the text then need not name.
pub fn about_model(wrong: &Fault) -> String {
    match (wrong.code.as_str(), wrong.detail("field")) {
        ("invalid-request", "model") => complaint(&wrong.argument("reason")),
        _ => fault(wrong),
    }
}

/// Returns the reason as a part of another sentence.
pub fn cause(wrong: &Fault) -> String {
    let reason = wrong.argument("reason");
    match reason.is_empty() {
        true => without_stop(fault(wrong)),
        false => clause(&reason),
    }
}

/// Returns the message without a final full stop, as a part of another sentence.
pub fn clause(message: &Message) -> String {
    without_stop(said(message))
}

/// Returns the reason as a sentence of its own.
pub fn complaint(reason: &Message) -> String {
    table::sentence(capitalised(&clause(reason)))
}

fn without_stop(text: String) -> String {
    text.trim_end_matches(['.', '。']).to_string()
}

#[cfg(test)]
mod tests {
    use super::fault;
    use crate::error::{Error, messages};

    #[test]
    fn fault_begins_with_a_capital_unless_with_a_file_name() {
        let error = Error::InvalidRequest {
            field: "width",
            value: messages::empty(),
            reason: messages::multiple_of(8_usize, 64_usize),
        };
        let said = "Width is empty: it must be a multiple of 8, for instance 64.";
        assert_eq!(fault(&(&error).into()), said);
        let error = Error::CorruptWeights {
            path: "unet/a.json".into(),
            reason: messages::ends_before(9_u64),
        };
        assert_eq!(fault(&(&error).into()), error.to_string());
    }
}
