//! How the tensors of a file differ from those its config describes, in words.

use std::fmt;

/// Names the first few tensors of each kind: a wrong file can differ in hundreds.
pub struct Mismatch<'a> {
    /// What the config asks for and the file lacks.
    pub missing: &'a [String],
    /// What the file has and the config does not ask for.
    pub unexpected: &'a [String],
    /// Tensors with another shape.
    pub wrong_shape: &'a [String],
}

impl fmt::Display for Mismatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        let kinds = [
            ("missing", self.missing),
            ("unexpected", self.unexpected),
            ("wrong shape", self.wrong_shape),
        ];
        let mut separator = "";
        for (kind, names) in kinds.into_iter().filter(|(_, names)| !names.is_empty()) {
            write!(
                f,
                "{separator}{} {kind} ({}",
                names.len(),
                names[..names.len().min(SHOWN)].join("; ")
            )?;
            if names.len() > SHOWN {
                write!(f, "; …")?;
            }
            write!(f, ")")?;
            separator = ", ";
        }
        Ok(())
    }
}
