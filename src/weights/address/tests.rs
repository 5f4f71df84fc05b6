#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Address, Location, may_receive_token};
use crate::error::{Error, Id};

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
        ("https:///x", "names no server"),
        ("https://user:password@a.example/x", "what stands before the @"),
        ("owner/name/sub", "paste its address"),
        ("owner/name@", "neither"),
        ("owner/na me", "neither"),
        ("https://huggingface.co/", "no model"),
        ("https://huggingface.co/owner", "no model"),
        ("https://huggingface.co/spaces/owner/name", "no model"),
        ("https://huggingface.co/datasets/owner/name", "no model"),
        ("https://huggingface.co/owner/name/discussions/1", "no model"),
        ("https://huggingface.co/o/n/blob/main/v1-5.ckpt", "only .safetensors"),
        ("o/n/v1-5-pruned.ckpt", "can run any program"),
        ("o/n/q4/model.GGUF", ".gguf files are quantised"),
        ("https://a.example/model.gguf?download=true", ".gguf files are quantised"),
        ("https://a.example/model.onnx", "of single files only .safetensors"),
        ("dreamshaper_8.safetensors", "only the name of a file"),
        ("model.gguf", "only the name of a file"),
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

#[test]
fn address_without_scheme_is_completed() {
    for (typed, address) in [
        ("huggingface.co/o/n", "https://huggingface.co/o/n/resolve/main/"),
        ("www.huggingface.co/o/n/tree/v2", "https://huggingface.co/o/n/resolve/v2/"),
        (
            "hf.co/o/n/blob/main/a.safetensors",
            "https://huggingface.co/o/n/resolve/main/a.safetensors",
        ),
        ("HF-mirror.com/o/n", "https://hf-mirror.com/o/n/resolve/main/"),
        ("localhost:8000/x", "http://localhost:8000/x/"),
        ("127.0.0.1:8000/a.safetensors", "http://127.0.0.1:8000/a.safetensors"),
        ("models.example:8443/x", "https://models.example:8443/x/"),
    ] {
        assert_eq!(parse(typed).location.address(), address, "{typed}");
    }
}

#[test]
fn mirror_has_the_paths_of_the_hub() {
    for (typed, address) in [
        ("https://hf-mirror.com/o/n", "https://hf-mirror.com/o/n/resolve/main/"),
        ("https://hf-mirror.com/o/n/tree/main", "https://hf-mirror.com/o/n/resolve/main/"),
        (
            "https://hf-mirror.com/o/n/blob/main/a.safetensors",
            "https://hf-mirror.com/o/n/resolve/main/a.safetensors",
        ),
        ("https://hub.example/o/n/tree/v2/sub", "https://hub.example/o/n/resolve/v2/sub/"),
        (
            "http://hub.example:99/o/n/blob/main/a.safetensors",
            "http://hub.example:99/o/n/resolve/main/a.safetensors",
        ),
    ] {
        let found = parse(typed);
        assert_eq!(found.location.address(), address, "{typed}");
        assert!(found.name.starts_with("o/n"), "{}", found.name);
        let repository = found.location.repository().map(|repository| repository.name());
        assert_eq!(repository.as_deref(), Some("o/n"), "{typed}");
    }
}

#[test]
fn owner_and_name_on_unknown_host_may_be_a_mirrors() {
    let found = parse("https://hub.example/o/n");
    assert_eq!(found.location.address(), "https://hub.example/o/n/");
    let mirror = found.on_mirror.unwrap();
    assert_eq!(mirror.location.address(), "https://hub.example/o/n/resolve/main/");
    let (folder, file) = mirror.location.repository().unwrap().description();
    assert_eq!([folder, file], ["https://hub.example/api/models/o/", "n"]);
    // These cannot be repositories.
    for typed in [
        "https://a.example/x",
        "https://a.example/o/n/more",
        "https://a.example/o/n?key=1",
        "https://a.example/models/n",
        "models/n/",
    ] {
        assert_eq!(parse(typed).on_mirror, None, "{typed}");
    }
}

#[test]
fn description_of_another_revision_names_it() {
    let repository = parse("o/n@v2").location.repository().unwrap();
    let (folder, file) = repository.description();
    assert_eq!(folder + &file, "https://huggingface.co/api/models/o/n/revision/v2");
}

#[test]
fn civitai_and_disk_paths_are_recognised() {
    let reason = |typed: &str| match Address::parse(typed, page) {
        Err(Error::InvalidRequest { reason, .. }) => reason.id(),
        other => panic!("{typed}: {other:?}"),
    };
    for typed in [
        "https://civitai.com/models/4384/dreamshaper?modelVersionId=128713",
        "https://civitai.com/api/download/models/128713?type=Model&token=secret",
        "www.civitai.com/models/4384",
        "civitai.com/models/4384",
        "https://civitai.green/models/4384",
        "urn:air:sd1:checkpoint:civitai:4384@128713",
        "civitai:4384@128713",
    ] {
        assert_eq!(reason(typed), Some(Id::civitai_address), "{typed}");
    }
    for typed in [
        r"C:\models\x.safetensors",
        "d:/models/x",
        r"\\server\models\x.safetensors",
        "~/models/x",
        "/home/me/models/x.safetensors",
        "/Users/me/x",
        "/mnt/models/x",
        "file:///home/x",
        "\"C:\\models\\x.safetensors\"",
    ] {
        assert_eq!(reason(typed), Some(Id::disk_path), "{typed}");
    }
    // The server's own folder of that name.
    let at_home = |relative: &str| Some(format!("https://page.example/home/me/{relative}"));
    let found = Address::parse("/home/me/models/x", at_home);
    assert!(found.is_ok(), "{found:?}");
    for typed in ["notcivitai.com/x", "https://civitai.com.example/x"] {
        let found = Address::parse(typed, page);
        let is_civitai = matches!(&found, Err(Error::InvalidRequest { reason, .. })
            if reason.id() == Some(Id::civitai_address));
        assert!(!is_civitai, "{typed}");
    }
}

#[test]
fn key_in_an_address_is_in_no_message_and_no_name() {
    for typed in [
        "https://civitai.com/api/download/models/1?token=secret",
        "https://a.example/x.ckpt?token=secret",
        "ftp://a.example/x?token=secret",
        "https://user:secret@a.example/x",
        "name?token=secret",
    ] {
        let error = Address::parse(typed, page).unwrap_err();
        let said = format!("{error} {:?}", error.details());
        assert!(!said.contains("secret"), "{said}");
    }
    let found = parse("https://a.example/x/m.safetensors?token=secret");
    assert!(!format!("{} {}", found.name, found.location.place()).contains("secret"));
}

#[test]
fn token_goes_to_the_hub_alone() {
    for url in [
        "https://huggingface.co/o/n/resolve/main/model_index.json",
        "https://huggingface.co/api/models/o/n",
        "https://hf.co/o/n",
    ] {
        assert!(may_receive_token(url), "{url}");
    }
    for url in [
        "http://huggingface.co/o/n",
        "https://hf-mirror.com/o/n/resolve/main/model_index.json",
        "https://huggingface.co.example/o/n",
        "https://cdn-lfs.huggingface.co/x",
        "https://huggingface.co:8443/o/n",
        "https://user@huggingface.co/o/n",
        "https://a.example/?https://huggingface.co/",
        "models/emoji/",
    ] {
        assert!(!may_receive_token(url), "{url}");
    }
}
