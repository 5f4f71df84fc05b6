#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Address, Location};
use crate::error::Error;

fn parse(typed: &str) -> Address {
    Address::parse(typed, page).unwrap_or_else(|error| panic!("{typed}: {error}"))
}

/// Stands in for a browser's own way with relative addresses.
fn page(relative: &str) -> Option<String> {
    Some(format!("https://page.example/hearth/{}", relative.trim_start_matches("./")))
}

#[test]
fn a_repository_of_the_hub() {
    for (typed, address, name) in [
        ("owner/name", "owner/name/resolve/main/", "owner/name"),
        (" owner/na.me-1_0 ", "owner/na.me-1_0/resolve/main/", "owner/na.me-1_0"),
        ("owner/name@v1.5", "owner/name/resolve/v1.5/", "owner/name@v1.5"),
        ("owner/name@refs/pr/3", "owner/name/resolve/refs%2Fpr%2F3/", "owner/name@refs/pr/3"),
        (
            "owner/name/a/b c.safetensors",
            "owner/name/resolve/main/a/b%20c.safetensors",
            "owner/name/a/b c.safetensors",
        ),
        (
            "owner/name@fp16/b.safetensors",
            "owner/name/resolve/fp16/b.safetensors",
            "owner/name@fp16/b.safetensors",
        ),
    ] {
        let found = parse(typed);
        assert_eq!(
            found.location.address(),
            format!("https://huggingface.co/{address}"),
            "{typed}"
        );
        assert_eq!(found.name, name, "{typed}");
    }
}

#[test]
fn an_address_of_the_hub_as_the_browser_shows_it() {
    for (typed, address) in [
        ("https://huggingface.co/owner/name", "owner/name/resolve/main/"),
        ("https://huggingface.co/owner/name/", "owner/name/resolve/main/"),
        ("http://hf.co/owner/name?x=1#files", "owner/name/resolve/main/"),
        ("https://huggingface.co/owner/name/tree/main", "owner/name/resolve/main/"),
        ("https://huggingface.co/owner/name/tree/v2/sub/er", "owner/name/resolve/v2/sub/er/"),
        ("https://huggingface.co/o/n/tree/refs%2Fpr%2F3", "o/n/resolve/refs%2Fpr%2F3/"),
        ("https://huggingface.co/o/n/tree/refs/pr/3/sub", "o/n/resolve/refs%2Fpr%2F3/sub/"),
        ("https://huggingface.co/o/n/blob/main/a.safetensors", "o/n/resolve/main/a.safetensors"),
        (
            "https://huggingface.co/o/n/resolve/v2/a/b.safetensors?download=true",
            "o/n/resolve/v2/a/b.safetensors",
        ),
        ("https://huggingface.co/o/n/blob/main/model_index.json", "o/n/resolve/main/"),
        ("https://huggingface.co/o/n/resolve/main/", "o/n/resolve/main/"),
    ] {
        let found = parse(typed).location.address();
        assert_eq!(found, format!("https://huggingface.co/{address}"), "{typed}");
    }
}

#[test]
fn any_other_address() {
    for (typed, address, name) in [
        ("https://a.example/models/x", "https://a.example/models/x/", "x"),
        ("HTTP://A.example:8080/", "http://a.example:8080/", "a.example:8080"),
        ("http://localhost:8000", "http://localhost:8000/", "localhost:8000"),
        ("https://a.example/x/model_index.json", "https://a.example/x/", "x"),
        ("https://a.example/x?token=a/b#y", "https://a.example/x/?token=a/b", "x"),
        (
            "https://a.example/my%20model.safetensors?sig=a%2Fb&t=1",
            "https://a.example/my%20model.safetensors?sig=a%2Fb&t=1",
            "my model.safetensors",
        ),
        ("models/emoji/", "https://page.example/hearth/models/emoji/", "emoji"),
        ("./models/emoji", "https://page.example/hearth/models/emoji/", "emoji"),
        ("x/a.safetensors", "https://page.example/hearth/x/a.safetensors", "a.safetensors"),
    ] {
        let found = parse(typed);
        assert_eq!(found.location.address(), address, "{typed}");
        assert_eq!(found.name, name, "{typed}");
        assert_eq!(Location::new(&found.location.address()), found.location, "{typed}");
    }
}

#[test]
fn what_is_none_of_these_is_said() {
    for (typed, why) in [
        ("", "owner/name"),
        ("name", "owner/name"),
        ("ftp://a.example/x", "https://"),
        ("file:///home/x", "https://"),
        ("https:///x", "names no server"),
        ("owner/name/sub", "paste its address"),
        ("owner/name@", "neither"),
        ("owner/na me", "neither"),
        ("https://huggingface.co/", "no model"),
        ("https://huggingface.co/owner", "no model"),
        ("https://huggingface.co/spaces/owner/name", "no model"),
        ("https://huggingface.co/datasets/owner/name", "no model"),
        ("https://huggingface.co/owner/name/discussions/1", "no model"),
        ("https://huggingface.co/o/n/blob/main/v1-5.ckpt", "only .safetensors"),
        ("https://a.example/x.ckpt?a=1", "only .safetensors"),
    ] {
        match Address::parse(typed, page) {
            Err(Error::InvalidRequest { field: "model", reason, .. }) => {
                assert!(reason.to_string().contains(why), "{typed}: {reason}");
            }
            other => panic!("{typed}: {other:?}"),
        }
    }
}

#[test]
fn a_signature_goes_into_every_request_and_into_no_name() {
    let folder = Location::new("https://a.example/x?sig=1");
    assert_eq!(folder.url("unet/config.json"), "https://a.example/x/unet/config.json?sig=1");
    assert_eq!(folder.bare_url("unet/config.json"), "https://a.example/x/unet/config.json");
    assert_eq!(folder.place(), "https://a.example/x/");

    let file = Location::new("https://a.example/x/m.safetensors?sig=1");
    assert_eq!(file.file.as_deref(), Some("m.safetensors"));
    assert_eq!(file.url("m.safetensors"), "https://a.example/x/m.safetensors?sig=1");
    assert_eq!(file.place(), "https://a.example/x/m.safetensors");
}
