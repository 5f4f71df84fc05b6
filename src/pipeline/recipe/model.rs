//! Which model made a picture.

use std::net::{IpAddr, Ipv6Addr};

/// A model, as far as it can be told from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelIdentity {
    /// For people.
    pub name: String,
    /// The address it was loaded from, without a secret in it; `None` for files of the user's own,
    /// whose paths are nobody else's business.
    pub place: Option<String>,
    /// What its weight files are (`weights::fingerprint`).
    pub fingerprint: Option<String>,
}

impl ModelIdentity {
    /// `place` is kept if it is an address without a user's name or a key in it.
    pub fn new(name: String, place: &str, fingerprint: Option<String>) -> Self {
        let has_secret = |(server, path): (&str, &str)| {
            server.contains('@') || server.contains(['?', '#']) || path.contains(['?', '#'])
        };
        let keeps = address(place).is_some_and(|parts| !has_secret(parts));
        ModelIdentity { name, place: keeps.then(|| place.to_string()), fingerprint }
    }

    /// The address, if it means the same to everybody: what a computer or a house calls its own is
    /// of no use to others, and not for them.
    pub fn public_place(&self) -> Option<&str> {
        let place = self.place.as_deref()?;
        let (server, _) = address(place)?;
        is_public(server).then_some(place)
    }
}

/// Server and path of a web address.
fn address(place: &str) -> Option<(&str, &str)> {
    let rest = place.strip_prefix("https://").or_else(|| place.strip_prefix("http://"))?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

/// Whether `server`, perhaps with a port, is reached from anywhere.
fn is_public(server: &str) -> bool {
    /// Names that each house gives for itself (RFC 6761, 6762, 8375, and what routers use).
    const OF_A_HOUSE: [&str; 7] =
        ["localhost", "local", "internal", "intranet", "lan", "home", "home.arpa"];
    let host = match server.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => server.split(':').next().unwrap_or_default(),
    };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => !(ip.is_private() || ip.is_loopback() || ip.is_link_local()),
        Ok(IpAddr::V6(ip)) => {
            !(ip == Ipv6Addr::LOCALHOST || ip.is_unique_local() || ip.is_unicast_link_local())
        }
        Err(_) => {
            let host = host.trim_end_matches('.').to_lowercase();
            let is_in = |end: &&str| host.strip_suffix(end).is_some_and(|rest| rest.ends_with("."));
            host.contains('.') && !OF_A_HOUSE.iter().any(is_in)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ModelIdentity;

    #[test]
    fn only_addresses_without_a_secret_are_kept() {
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

    #[test]
    fn what_a_house_calls_its_own_is_not_told() {
        let is_told = |server: &str| {
            let model = ModelIdentity::new(String::new(), &format!("http://{server}/a/"), None);
            assert!(model.place.is_some(), "{server}");
            model.public_place().is_some()
        };
        for server in
            ["models.example", "models.example:8443", "93.184.216.34", "[2606:2800::1]:80"]
        {
            assert!(is_told(server), "{server}");
        }
        for server in [
            "localhost:8080",
            "127.0.0.1:8080",
            "192.168.1.5",
            "10.0.0.7:80",
            "169.254.1.1",
            "[::1]:8080",
            "[fd00::2]",
            "[fe80::1]",
            "nas",
            "NAS.local",
            "models.corp.internal.",
            "printer.home.arpa",
            "a.localhost",
        ] {
            assert!(!is_told(server), "{server}");
        }
    }
}
