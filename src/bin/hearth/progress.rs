//! Progress of a run on stderr.

use std::cell::RefCell;

use hearth::Result;
use hearth::device::Compute;
use hearth::pipeline::{Callbacks, PipelineEvent};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the progress of a run on stderr.
pub struct TerminalProgress {
    compute: Compute,
    /// The current activity and its bar.
    bar: RefCell<Option<(&'static str, ProgressBar)>>,
}

impl TerminalProgress {
    /// Returns the progress display of a run on `compute`.
    pub fn new(compute: Compute) -> Self {
        TerminalProgress { compute, bar: RefCell::new(None) }
    }

    /// Removes the bar.
    pub fn clear(&self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
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
        _ => "{msg} {bytes}/{total_bytes} [{bar:30}] {eta} left",
    };
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::new(total).with_message(what);
    match style {
        Ok(style) => bar.with_style(style.progress_chars("█▌ ")),
        Err(_) => bar,
    }
}
