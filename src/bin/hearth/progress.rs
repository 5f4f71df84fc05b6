//! Progress of a run on stderr.

use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::time::Duration;

use hearth::Result;
use hearth::device::Compute;
use hearth::pipeline::{Callbacks, PipelineEvent, Request};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the progress of a run on stderr.
pub struct TerminalProgress {
    compute: Compute,
    /// The current activity and its bar.
    bar: RefCell<Option<(&'static str, ProgressBar)>>,
    /// Tenths of the steps that were printed, if stderr is no terminal.
    printed: Cell<u64>,
}

impl TerminalProgress {
    /// Returns the progress display of a run on `compute`.
    pub fn new(compute: Compute) -> Self {
        TerminalProgress { compute, bar: RefCell::new(None), printed: Cell::new(0) }
    }

    /// Removes the bar.
    pub fn clear(&self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Prints what was made: its file, unless that is empty, and what is needed to make it again.
    pub fn finished(&self, file: &str, seed: u64, time: Duration) {
        let file = match file {
            "" => String::new(),
            file => format!("{file}: "),
        };
        let (seconds, device) = (time.as_secs_f64(), device_name(&self.compute));
        eprintln!("hearth: {file}seed {seed}, {seconds:.1} s on {device}");
    }

    /// Prints every tenth of the steps, where no bar can be shown.
    fn print_step(&self, done: u64, total: u64) {
        if std::io::stderr().is_terminal() || total == 0 {
            return;
        }
        let tenth = done * 10 / total;
        if done <= 1 {
            self.printed.set(0);
        }
        if tenth > self.printed.replace(tenth.max(self.printed.get())) {
            eprintln!("hearth: step {done} of {total} ({} %)", done * 100 / total);
        }
    }

    /// Shows the progress of an activity, in place of the previous one.
    fn show(&self, what: &'static str, done: u64, total: u64) {
        if self.bar.borrow().as_ref().is_none_or(|(before, _)| *before != what) {
            self.clear();
            self.bar.replace(Some((what, progress_bar(what, total))));
        }
        if let Some((_, bar)) = &*self.bar.borrow() {
            bar.set_position(done);
        }
    }
}

impl Callbacks for TerminalProgress {
    async fn yield_now(&self) -> Result<()> {
        self.compute.check()
    }

    fn report(&self, event: PipelineEvent) {
        match event {
            PipelineEvent::Loading { what, done, total } => self.show(what.english(), done, total),
            PipelineEvent::PromptTruncated { field, removed_text } => {
                eprintln!(
                    "hearth: the {field} is too long; this part has no effect: {removed_text}"
                );
            }
            PipelineEvent::Encoding => self.show(ENCODING, 0, 0),
            PipelineEvent::Step { done, total, .. } => {
                self.show(STEP, done as u64, total as u64);
                self.print_step(done as u64, total as u64);
            }
            PipelineEvent::Decoding { total: 0, .. } => {
                if let Some((_, bar)) = &*self.bar.borrow() {
                    bar.set_message("Decoding");
                }
            }
            PipelineEvent::Decoding { done, total } => self.show(PART, done as u64, total as u64),
        }
    }

    fn wants_preview(&self) -> bool {
        false
    }
}

/// Returns the device's name; a software adapter is named as one.
pub fn device_name(compute: &Compute) -> String {
    match compute.is_software() {
        true => format!("{} (no graphics card: software rendering, slow)", compute.name),
        false => compute.name.clone(),
    }
}

/// Prints which of the user's values are hardly meant so.
pub fn print_warnings(request: &Request) {
    for warning in request.params.warnings(request.init_image.is_some()) {
        eprintln!("hearth: {warning}");
    }
}

const STEP: &str = "Step";
const PART: &str = "Decoding";
/// Counted in steps.
pub const COMPLETING: &str = "Completing";
const ENCODING: &str = "Reading the picture";

/// Returns a progress bar on stderr, hidden if that is not a terminal. Steps and parts are counted;
/// everything else is in bytes.
pub fn progress_bar(what: &'static str, total: u64) -> ProgressBar {
    let template = match what {
        ENCODING => "{msg}",
        STEP | PART | COMPLETING => "{msg} {pos}/{len} [{bar:30}] {eta} left",
        _ => "{msg} {decimal_bytes}/{decimal_total_bytes} [{bar:30}] {eta} left",
    };
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::new(total).with_message(what);
    match style {
        Ok(style) => bar.with_style(style.progress_chars("█▌ ")),
        Err(_) => bar,
    }
}
