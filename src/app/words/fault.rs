//! What went wrong, in the page's language.

use super::phrases::phrase;
use super::{Language, apart, capitalised, table};
use crate::app::protocol::Fault;
use crate::error::joined;

/// What happened and what to do.
pub fn fault(fault: &Fault) -> String {
    let of = |name: &str| phrase(fault.detail(name));
    let sentences = match fault.code.as_str() {
        "invalid-request" => {
            table::error_invalid_request(of("field"), fault_value(fault), of("reason"))
        }
        "missing-file" => table::error_missing_file(of("path"), of("place")),
        "invalid-config" => table::error_invalid_config(of("path"), of("reason")),
        "unsupported" => table::error_unsupported(of("path"), apart(of("what")), of("remedy")),
        "not-a-checkpoint" => {
            table::error_not_a_checkpoint(of("path"), apart(of("found")), of("remedy"))
        }
        "corrupt-weights" => table::error_corrupt_weights(of("path"), of("reason")),
        "tensor-mismatch" => table::error_tensor_mismatch(of("path"), of("differences")),
        "tokenizer" => table::error_tokenizer(of("reason")),
        "io" => table::error_io(of("path"), of("reason")),
        "network" => table::error_network(of("url"), of("reason")),
        "storage" => table::error_storage(of("reason")),
        "no-gpu" => table::error_no_gpu(of("reason")),
        "gpu" => table::error_gpu(of("reason")),
        "gpu-lost" => table::error_gpu_lost(because(fault.detail("reason"))),
        "out-of-memory" => match fault.smaller() {
            Some((width, height)) => {
                table::error_out_of_memory_smaller(format!("{width} × {height}"))
            }
            None => table::error_out_of_memory(),
        },
        "image" => table::error_image(of("action"), of("reason")),
        "cancelled" => table::error_cancelled(),
        "internal" => table::error_internal(of("reason")),
        _ => joined(&fault.message, &fault.next_step),
    };
    match Language::of_page() {
        Language::English => capitalised(&sentences),
        // A file's or field's own name keeps its letters.
        Language::Chinese => sentences,
    }
}

/// What is wrong with a model, beside the field where it was named: the field need not be.
pub fn about_model(wrong: &Fault) -> String {
    match (wrong.code.as_str(), wrong.detail("field")) {
        ("invalid-request", "model") => complaint(wrong.detail("reason")),
        _ => fault(wrong),
    }
}

/// Why it went wrong, as a part of another sentence.
pub fn cause(wrong: &Fault) -> String {
    match wrong.detail("reason") {
        "" => fault(wrong).trim_end_matches(['.', '。']).to_string(),
        reason => phrase(reason.trim_end_matches('.')),
    }
}

/// A reason as a sentence of its own.
pub fn complaint(reason: &str) -> String {
    table::sentence(capitalised(phrase(reason.trim_end_matches('.')).trim_end_matches('。')))
}

/// A reason, if there is one.
fn because(reason: &str) -> String {
    match reason.trim().trim_end_matches('.') {
        "" => String::new(),
        reason => table::because(phrase(reason)),
    }
}

/// What was given, which may be nothing.
fn fault_value(fault: &Fault) -> String {
    match fault.detail("value") {
        "empty" => phrase("empty"),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::fault;
    use crate::error::{Error, Result};

    /// The page's English is the terminal's.
    #[test]
    fn every_error_is_said_as_the_terminal_says_it() -> Result<()> {
        let [a, b, c] = ["unet/a.json", "b", "c"].map(String::from);
        let (path, reason) = (a.clone(), b.clone());
        let errors = [
            Error::InvalidRequest { field: "width", value: a.clone(), reason: b.clone() },
            Error::MissingFile { path: path.clone(), place: b.clone() },
            Error::InvalidConfig { path: path.clone(), reason: reason.clone() },
            Error::Unsupported { path: path.clone(), what: b.clone(), remedy: c.clone() },
            Error::NotACheckpoint { path: path.clone(), found: b.clone(), remedy: c.clone() },
            Error::CorruptWeights { path: path.clone(), reason: reason.clone() },
            Error::TensorMismatch {
                path: path.clone(),
                missing: vec![b.clone()],
                unexpected: Vec::new(),
                wrong_shape: vec![c],
            },
            Error::Tokenizer { reason: reason.clone() },
            Error::Io { path: path.clone(), reason: reason.clone() },
            Error::Network { url: a, reason: reason.clone() },
            Error::Storage { reason: reason.clone() },
            Error::NoGpu { reason: reason.clone() },
            Error::Gpu { reason: reason.clone() },
            Error::GpuLost { reason: reason.clone() },
            Error::GpuLost { reason: String::new() },
            Error::OutOfMemory { smaller: None },
            Error::OutOfMemory { smaller: Some([256, 384]) },
            Error::Image { action: "made", reason: reason.clone() },
            Error::Cancelled,
            Error::Internal { reason },
        ];
        for error in errors {
            let said = fault(&(&error).into());
            assert_eq!(said.to_lowercase(), error.to_string().to_lowercase());
            assert!(said.starts_with(|first: char| first.is_uppercase()) || said.contains('/'));
        }
        Ok(())
    }
}
