//! Every error, with the sentences that are shown of it.

use super::{Error, joined};

/// One of each, with the sentences that terminal and page show.
fn all() -> Vec<(Error, &'static str, &'static str, &'static str)> {
    let (path, place, reason) = ("vae/config.json".to_string(), "m".to_string(), "why".to_string());
    let (what, remedy) = ("DiT".to_string(), "Others work".to_string());
    vec![
        (
            Error::InvalidRequest { field: "width", value: "7".into(), reason: reason.clone() },
            "invalid-request",
            "width is 7: why.",
            "",
        ),
        (
            Error::MissingFile { path: path.clone(), place },
            "missing-file",
            "vae/config.json is missing in m.",
            "Check that the checkpoint is complete and in diffusers layout.",
        ),
        (
            Error::InvalidConfig { path: path.clone(), reason: reason.clone() },
            "invalid-config",
            "vae/config.json cannot be read: why.",
            "Fetch this file of the checkpoint again.",
        ),
        (
            Error::Unsupported { path: path.clone(), what: what.clone(), remedy: remedy.clone() },
            "unsupported",
            "vae/config.json asks for DiT, which is not supported.",
            "Others work.",
        ),
        (
            Error::NotACheckpoint { path: path.clone(), found: "a song".into(), remedy },
            "not-a-checkpoint",
            "vae/config.json is a song.",
            "Others work.",
        ),
        (
            Error::CorruptWeights { path: path.clone(), reason: reason.clone() },
            "corrupt-weights",
            "vae/config.json is damaged: why.",
            "Try again to have it fetched anew; if you put it there yourself, replace it.",
        ),
        (
            Error::TensorMismatch {
                path: path.clone(),
                missing: ["a", "b", "c", "d"].map(String::from).to_vec(),
                unexpected: Vec::new(),
                wrong_shape: vec!["e".into()],
            },
            "tensor-mismatch",
            "vae/config.json does not fit its config: 4 missing (a; b; c; …), 1 wrong shape (e).",
            "Weights and config.json must come from the same checkpoint.",
        ),
        (
            Error::Tokenizer { reason: reason.clone() },
            "tokenizer",
            "The tokenizer cannot be built: why.",
            "Fetch the tokenizer folder of the checkpoint again.",
        ),
        (
            Error::Io { path, reason: reason.clone() },
            "io",
            "vae/config.json: why.",
            "Check that it exists and may be accessed.",
        ),
        (
            Error::Network { url: "https://a/b".into(), reason: reason.clone() },
            "network",
            "https://a/b could not be fetched: why.",
            "Check the connection and try again.",
        ),
        (
            Error::Storage { reason: reason.clone() },
            "storage",
            "The browser could not keep the weights: why.",
            "Until that is done, the model is fetched at every visit.",
        ),
        (
            Error::NoGpu { reason: reason.clone() },
            "no-gpu",
            "This device cannot run the model on the GPU: why.",
            "Use the CPU device instead.",
        ),
        (
            Error::Gpu { reason: reason.clone() },
            "gpu",
            "The GPU failed: why.",
            "Reload and try again, choose a smaller size, or use the CPU device.",
        ),
        (
            Error::GpuLost { reason: "why.".into() },
            "gpu-lost",
            "The GPU was lost: why.",
            "Try again; if it is lost again, choose a smaller size or use the CPU device.",
        ),
        (
            Error::OutOfMemory { smaller: Some([64, 32]) },
            "out-of-memory",
            "The GPU’s memory is full.",
            "Choose a smaller size, for instance 64 × 32, close other programs and tabs that use the GPU, or use the CPU device.",
        ),
        (
            Error::Image { action: "written", reason: reason.clone() },
            "image",
            "The picture cannot be written: why.",
            "",
        ),
        (Error::Cancelled, "cancelled", "Stopped.", ""),
        (
            Error::Internal { reason },
            "internal",
            "Something unexpected happened: why.",
            "Please report it.",
        ),
    ]
}

#[test]
fn every_error_says_what_happened_and_what_to_do() {
    let errors = all();
    let kinds: std::collections::HashSet<_> =
        errors.iter().map(|(error, ..)| std::mem::discriminant(error)).collect();
    assert_eq!(kinds.len(), 18, "one of each");
    for (error, code, what, next_step) in errors {
        assert_eq!(error.code(), code);
        assert_eq!(error.what(), what);
        assert_eq!(error.next_step(), next_step);
        assert_eq!(error.to_string(), joined(what, next_step));
    }
}

#[test]
fn details_are_named_as_the_fields() {
    let error = Error::Network { url: "https://a/b".into(), reason: "why".into() };
    let details = [("reason", "why".to_string()), ("url", "https://a/b".to_string())];
    assert!(error.details().into_iter().eq(details));
}
