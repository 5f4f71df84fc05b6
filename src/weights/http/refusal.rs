//! Refusals of the Hub, which its responses explain in headers.

use super::transport::Headers;
use crate::error::{Message, messages};

/// Returns why a repository cannot be read, if the response says so; `None` if only the file is
/// missing, or if this is no answer of the Hub's.
///
/// The codes are those that `hf_raise_for_status` of huggingface_hub (`utils/_http.py`) reads. To
/// a user without access, the Hub answers 401 with `RepoNotFound` for a name that does not exist
/// and for a private repository alike.
pub fn reason(status: u16, headers: &Headers) -> Option<Message> {
    if status < 400 {
        return None;
    }
    match headers.get("x-error-code") {
        "RepoNotFound" => Some(messages::no_public_model()),
        "RevisionNotFound" => Some(messages::no_such_revision()),
        "GatedRepo" => Some(messages::gated_model()),
        "DisabledRepo" => Some(messages::model_disabled()),
        _ if headers.get("x-error-message") == "Access to this resource is disabled." => {
            Some(messages::model_disabled())
        }
        _ => None,
    }
}

/// Returns the clause for an exception of `fetch`. By the Fetch standard, every network error is a
/// `TypeError`; its text differs: "Failed to fetch" in Chromium, "NetworkError when attempting to
/// fetch resource." in Firefox, "Load failed" in Safari, or a sentence about the connection there.
/// None tells a lost network from an unknown server or a forbidden origin.
pub fn fetch_failure(error_name: &str, text: Message) -> Message {
    match error_name {
        "TypeError" => messages::server_unreachable(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{fetch_failure, reason};
    use crate::error::{Id, Message};
    use crate::weights::http::Headers;

    #[test]
    fn reason_is_that_of_the_error_code() {
        for (status, code, id) in [
            (401, "RepoNotFound", Some(Id::no_public_model)),
            (404, "RepoNotFound", Some(Id::no_public_model)),
            (404, "RevisionNotFound", Some(Id::no_such_revision)),
            (401, "GatedRepo", Some(Id::gated_model)),
            (403, "GatedRepo", Some(Id::gated_model)),
            (404, "EntryNotFound", None),
            (200, "RepoNotFound", None),
            (404, "", None),
        ] {
            let headers = Headers::read(|name| (name == "x-error-code").then(|| code.to_string()));
            let found = reason(status, &headers).and_then(|reason| reason.id());
            assert_eq!(found, id, "{status} {code}");
        }
    }

    #[test]
    fn disabled_repository_is_recognised_by_its_message() {
        let text = "Access to this resource is disabled.".to_string();
        let headers = Headers::read(|name| (name == "x-error-message").then(|| text.clone()));
        assert_eq!(reason(403, &headers).and_then(|r| r.id()), Some(Id::model_disabled));
    }

    #[test]
    fn fetch_failure_is_the_same_in_every_browser() {
        for text in [
            "Failed to fetch",
            "NetworkError when attempting to fetch resource.",
            "Load failed",
            "The Internet connection appears to be offline.",
        ] {
            let found = fetch_failure("TypeError", Message::verbatim(text));
            assert_eq!(found.id(), Some(Id::server_unreachable), "{text}");
        }
        let aborted = fetch_failure("AbortError", Message::verbatim("The user aborted a request"));
        assert_eq!(aborted.to_string(), "The user aborted a request");
    }
}
