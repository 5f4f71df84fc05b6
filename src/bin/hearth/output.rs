//! Where pictures and other files are written.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use hearth::error::messages;
use hearth::{Error, Result};

use super::files::{check_folder_of, failed};

/// The name of a picture without `--output`, and of one in a folder.
const DEFAULT_NAME: &str = "hearth.png";

/// The file of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A file.
    File(PathBuf),
    /// The standard output: `-`.
    Stdout,
}

impl Output {
    /// Returns where `path` leads: `-` is the standard output, a folder gets `hearth.png`, and a
    /// name without an ending `.png`.
    ///
    /// # Errors
    /// If another format is asked for by the name's ending.
    pub fn new(path: &Path) -> Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Output::Stdout);
        }
        if path.is_dir() {
            return Ok(Output::File(path.join(DEFAULT_NAME)));
        }
        if is_special(path) {
            return Ok(Output::File(path.to_path_buf()));
        }
        match path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()) {
            None => Ok(Output::File(path.with_extension("png"))),
            Some(ending) if ending == "png" => Ok(Output::File(path.to_path_buf())),
            // Ends that are no formats of pictures belong to the name: `sunset-v1.5`.
            Some(ending) if !IMAGE_ENDINGS.contains(&ending.as_str()) => {
                let mut name = path.as_os_str().to_os_string();
                name.push(".png");
                Ok(Output::File(name.into()))
            }
            Some(_) => {
                let name = path.with_extension("png").display().to_string();
                let reason = messages::only_png(name);
                Err(Error::Io { path: path.display().to_string(), reason })
            }
        }
    }

    /// Checks, before anything is computed, that `count` pictures can be written.
    ///
    /// # Errors
    /// If not.
    pub fn check(&self, count: u64) -> Result<()> {
        let refused = |reason| Err(Error::Io { path: "-".to_string(), reason });
        match self {
            Output::Stdout if count > 1 => refused(messages::one_picture_to_stdout()),
            Output::Stdout if std::io::stdout().is_terminal() => {
                refused(messages::stdout_is_terminal())
            }
            Output::Stdout => Ok(()),
            Output::File(path) => check_writable(path),
        }
    }

    /// Returns the output of one of several pictures, with `mark` at the end of its name.
    pub fn marked(&self, mark: &str) -> Self {
        match self {
            Output::File(path) => Output::File(with_mark(path, mark)),
            Output::Stdout => Output::Stdout,
        }
    }

    /// Writes a picture and returns its name: that of the standard output is empty.
    pub fn write(&self, bytes: &[u8], overwrite: bool) -> Result<String> {
        match self {
            Output::File(path) => write_file(path, bytes, overwrite),
            Output::Stdout => {
                let mut stdout = std::io::stdout().lock();
                let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
                written.map_err(|error| failed(Path::new("-"), &error))?;
                Ok(String::new())
            }
        }
    }
}

/// Endings of the formats of pictures, of which only PNG is written: it keeps every pixel, and the
/// settings with which the picture can be made again.
const IMAGE_ENDINGS: [&str; 16] = [
    "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "jxl",
    "tga", "ppm", "svg", "pdf",
];

/// Checks that a file can be written into its folder, without leaving anything there.
pub fn check_writable(path: &Path) -> Result<()> {
    check_folder_of(path)?;
    if path.is_dir() {
        let reason = messages::is_a_folder();
        return Err(Error::Io { path: path.display().to_string(), reason });
    }
    if is_special(path) {
        return Ok(());
    }
    let probe = with_mark(path, &format!("-{}.part", std::process::id()));
    match OpenOptions::new().write(true).create_new(true).open(&probe) {
        Ok(file) => {
            drop(file);
            std::fs::remove_file(&probe).map_err(|error| failed(path, &error))
        }
        Err(error) => Err(failed(path, &error)),
    }
}

/// Writes a file and returns its name. A file of this name stays, unless `overwrite`: the new one
/// then gets the next free number.
pub fn write_file(path: &Path, bytes: &[u8], overwrite: bool) -> Result<String> {
    let (file, path) = match overwrite || is_special(path) {
        true => (File::create(path).map_err(|error| failed(path, &error))?, path.to_path_buf()),
        false => create_numbered(path)?,
    };
    let mut file = file;
    let written = file.write_all(bytes).and_then(|()| file.flush());
    match written {
        Ok(()) => Ok(path.display().to_string()),
        Err(error) => {
            // Half a picture is worth nothing.
            if !is_special(&path) {
                let _ = std::fs::remove_file(&path);
            }
            Err(failed(&path, &error))
        }
    }
}

/// Creates `name.png`, or else `name-2.png`, `name-3.png`, …
fn create_numbered(path: &Path) -> Result<(File, PathBuf)> {
    let mut number = 1_u64;
    loop {
        let candidate = match number {
            1 => path.to_path_buf(),
            number => with_mark(path, &format!("-{number}")),
        };
        match OpenOptions::new().write(true).create_new(true).open(&candidate) {
            Ok(file) => return Ok((file, candidate)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(failed(&candidate, &error)),
        }
    }
}

/// Returns `path` with `mark` between its stem and its ending.
pub fn with_mark(path: &Path, mark: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{stem}{mark}{}", ending.unwrap_or_default()))
}

/// Returns whether this is a device or a pipe, such as `/dev/null`.
fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::{Path, PathBuf};

    use hearth::error::Id;
    use hearth::{Error, Result};

    use super::{Output, check_writable, write_file};

    fn output(path: &str) -> Result<Output> {
        Output::new(Path::new(path))
    }

    #[test]
    fn format_is_that_of_the_ending() {
        let file = |path: &str| Output::File(PathBuf::from(path));
        for (path, expected) in [
            ("a.png", file("a.png")),
            ("no/A.PNG", file("no/A.PNG")),
            ("a", file("a.png")),
            ("sunset-v1.5", file("sunset-v1.5.png")),
            ("-", Output::Stdout),
        ] {
            assert_eq!(output(path).unwrap(), expected, "{path}");
        }
        for path in ["a.jpg", "a.JPEG", "x/a.webp", "a.gif", "a.tiff"] {
            let error = output(path).unwrap_err();
            assert!(
                matches!(&error, Error::Io { reason, .. } if reason.id() == Some(Id::only_png))
            );
            assert!(error.to_string().contains("a.png"), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let inside = Output::new(folder.path()).unwrap();
        assert_eq!(inside, Output::File(folder.path().join("hearth.png")));
    }

    #[test]
    fn existing_file_stays_unless_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let names: Vec<String> =
            (0..3_u8).map(|n| write_file(&path, &[n], false).unwrap()).collect();
        let expected = ["a.png", "a-2.png", "a-3.png"].map(|name| folder.path().join(name));
        assert_eq!(names, expected.each_ref().map(|path| path.display().to_string()));
        for (n, path) in expected.iter().enumerate() {
            assert_eq!(std::fs::read(path).unwrap(), [n as u8]);
        }
        write_file(&path, &[9], true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [9]);
    }

    #[test]
    fn check_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        check_writable(&folder.path().join("a.png")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let missing = check_writable(&folder.path().join("no/a.png")).unwrap_err();
        assert!(missing.to_string().contains("no such folder"), "{missing}");
        let error = check_writable(folder.path()).unwrap_err();
        assert!(error.to_string().contains("it is a folder"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn full_disk_is_named_and_its_remedy_is_space() {
        let error = write_file(Path::new("/dev/full"), b"picture", false).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("no space left on the disk") && said.contains("Free some"), "{said}");
        assert!(!said.contains("Check that it exists"), "{said}");
    }

    #[test]
    fn several_pictures_do_not_go_to_the_standard_output() {
        let error = Output::Stdout.check(2).unwrap_err();
        assert!(error.to_string().contains("only one picture"), "{error}");
    }
}
