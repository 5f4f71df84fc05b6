//! Fingerprints of models: independent of location, different for other weights.

use std::fs;

use hearth::weights::{Folder, Source, fingerprint};

async fn of(source: &Folder, files: &[&str]) -> Option<String> {
    let files: Vec<String> = files.iter().map(|file| file.to_string()).collect();
    fingerprint(source, &files).await.unwrap()
}

#[test]
fn other_weights_have_another_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let long: Vec<u8> = (0..200_000u32).map(|index| (index * 31 % 251) as u8).collect();
    write("one/unet/a.safetensors", &long);
    write("one/vae/b.safetensors", &[1]);
    write("two/unet/a.safetensors", &long);
    write("two/vae/b.safetensors", &[1]);
    write("two/vae/empty.safetensors", &[]);
    let mut trained = long.clone();
    trained.iter_mut().for_each(|byte| *byte ^= 1);
    write("three/unet/a.safetensors", &trained);
    write("three/vae/b.safetensors", &[1]);
    for (name, at) in [("first", 0), ("middle", 100_000), ("last", 199_999)] {
        let mut other = long.clone();
        other[at] ^= 1;
        write(&format!("{name}.safetensors"), &other);
    }
    write("whole.safetensors", &long);
    write("renamed.safetensors", &long);

    let open = |path: &str| Folder::open(folder.path().join(path)).unwrap();
    let files = ["unet/a.safetensors", "vae/b.safetensors"];
    pollster::block_on(async {
        let one = of(&open("one"), &files).await;
        assert_eq!(one.as_ref().map(String::len), Some(64));
        assert_eq!(of(&open("two"), &files).await, one);
        assert_eq!(of(&open("one"), &[files[1], files[0]]).await, one);
        assert_ne!(of(&open("three"), &files).await, one);
        assert_ne!(of(&open("two"), &[files[0], files[1], "vae/empty.safetensors"]).await, one);
        assert_eq!(of(&open("one"), &["unet/gone.safetensors"]).await, None);

        let single = async |name: &str| {
            let source = open(name);
            let file = source.single_file().unwrap().to_string();
            of(&source, &[&file]).await
        };
        let whole = single("whole.safetensors").await;
        assert_eq!(single("renamed.safetensors").await, whole);
        for other in ["first.safetensors", "middle.safetensors", "last.safetensors"] {
            assert_ne!(single(other).await, whole, "{other}");
        }
    });
}
