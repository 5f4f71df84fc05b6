//! Messages of system libraries that are no concern of the user's.

/// Starts this program again with `XDG_RUNTIME_DIR`, if that is not set.
///
/// While graphics cards are searched for, libwayland prints "error: XDG_RUNTIME_DIR is invalid or
/// not set in the environment." several times where no desktop runs: on servers, in containers.
/// Nothing is drawn on a screen here. A process may not change its own environment safely, so it is
/// replaced by itself (`execve`); if that fails, the messages stay.
#[cfg(target_os = "linux")]
pub fn silence_display_libraries() {
    use std::os::unix::process::CommandExt;

    const NAME: &str = "XDG_RUNTIME_DIR";
    if std::env::var_os(NAME).is_some_and(|folder| !folder.is_empty()) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let mut again = std::process::Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // Returns only if it fails.
    let _ = again.args(arguments).env(NAME, std::env::temp_dir()).exec();
}

/// Other systems have no such messages.
#[cfg(not(target_os = "linux"))]
pub fn silence_display_libraries() {}
