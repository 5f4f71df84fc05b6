//! Which model made a picture.

/// A model, as far as it can be told from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelIdentity {
    /// For people.
    pub name: String,
    /// The address it was loaded from; `None` for files of the user's own, whose paths are nobody
    /// else's business.
    pub place: Option<String>,
    /// What its weight files are (`weights::fingerprint`).
    pub fingerprint: Option<String>,
}

impl ModelIdentity {
    /// `place` is kept if it is an address that means the same to everybody: without a user's name
    /// or a key in it.
    pub fn new(name: String, place: &str, fingerprint: Option<String>) -> Self {
        ModelIdentity { name, place: public(place), fingerprint }
    }
}

fn public(place: &str) -> Option<String> {
    let rest = place.strip_prefix("https://").or_else(|| place.strip_prefix("http://"))?;
    let server = rest.split('/').next().unwrap_or_default();
    (!server.contains('@') && !rest.contains(['?', '#'])).then(|| place.to_string())
}

#[cfg(test)]
mod tests {
    use super::ModelIdentity;

    #[test]
    fn only_public_addresses_are_written() {
        let place = |place| ModelIdentity::new(String::new(), place, None).place;
        let address = "https://models.example/owner/name/";
        assert_eq!(place(address).as_deref(), Some(address));
        for private in [
            "/home/somebody/models/a",
            "C:\\models\\a",
            "model.safetensors",
            "https://somebody:secret@models.example/a/",
            "https://models.example/a/?token=secret",
        ] {
            assert_eq!(place(private), None, "{private}");
        }
    }
}
