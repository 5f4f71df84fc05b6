//! Identity of a model.

use std::net::{IpAddr, Ipv6Addr};

/// Name, address and fingerprint of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelIdentity {
    /// Display name.
    pub name: String,
    /// Address it was loaded from, if it contains no secret; `None` for local files, whose paths
    /// are private.
    pub place: Option<String>,
    /// Fingerprint of its weight files (`weights::fingerprint`).
    pub fingerprint: Option<String>,
}

impl ModelIdentity {
    /// Keeps `place` if it is an address without user name, password or key.
    pub fn new(name: String, place: &str, fingerprint: Option<String>) -> Self {
        let has_secret = |(server, path): (&str, &str)| {
            server.contains('@') || server.contains(['?', '#']) || path.contains(['?', '#'])
        };
        let keeps = address(place).is_some_and(|parts| !has_secret(parts));
        ModelIdentity { name, place: keeps.then(|| place.to_string()), fingerprint }
    }

    /// Returns the address if it is public. Addresses within a computer or a local network are of
    /// no use to others, and private.
    pub fn public_place(&self) -> Option<&str> {
        let place = self.place.as_deref()?;
        let (server, _) = address(place)?;
        is_public(server).then_some(place)
    }
}

/// Splits a web address into server and path.
fn address(place: &str) -> Option<(&str, &str)> {
    let rest = place.strip_prefix("https://").or_else(|| place.strip_prefix("http://"))?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

/// Returns whether `server`, with or without a port, is reachable from the internet.
fn is_public(server: &str) -> bool {
    /// Top-level names of local networks (RFC 6761, 6762, 8375, and what routers use).
    const LOCAL_SUFFIXES: [&str; 7] =
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
            host.contains('.') && !LOCAL_SUFFIXES.iter().any(is_in)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ModelIdentity;

    #[test]
    fn new_address_with_secret_is_dropped() {
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
    fn public_place_of_local_address_is_none() {
        let is_public = |server: &str| {
            let model = ModelIdentity::new(String::new(), &format!("http://{server}/a/"), None);
            assert!(model.place.is_some(), "{server}");
            model.public_place().is_some()
        };
        for server in
            ["models.example", "models.example:8443", "93.184.216.34", "[2606:2800::1]:80"]
        {
            assert!(is_public(server), "{server}");
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
            assert!(!is_public(server), "{server}");
        }
    }
}
