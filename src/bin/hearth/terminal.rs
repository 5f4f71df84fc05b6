//! What a run says on stderr.

use std::cell::RefCell;

use hearth::Result;
use hearth::device::Compute;
use hearth::pipeline::{Event, Host};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows what happens on stderr.
pub struct Terminal {
    compute: Compute,
    /// What is under way, with its bar.
    bar: RefCell<Option<(&'static str, ProgressBar)>>,
}

impl Terminal {
    /// For a run on `compute`.
    pub fn new(compute: Compute) -> Self {
        Terminal { compute, bar: RefCell::new(None) }
    }

    /// Nothing is under way any more.
    pub fn clear(&self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Shows how far something is, in place of what came before.
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

impl Host for Terminal {
    async fn breathe(&self) -> Result<()> {
        self.compute.check()
    }

    fn report(&self, event: Event) {
        match event {
            Event::Loading { what, done, total } => self.show(what.english(), done, total),
            Event::PromptTruncated { field, lost } => {
                eprintln!("hearth: the {field} is too long; this part has no effect: {lost}");
            }
            Event::Encoding => self.show(ENCODING, 0, 0),
            Event::Step { done, total, .. } => {
                self.show(STEP, done as u64, total as u64);
            }
            Event::Decoding { total: 0, .. } => {
                if let Some((_, bar)) = &*self.bar.borrow() {
                    bar.set_message("Decoding");
                }
            }
            Event::Decoding { done, total } => self.show(PART, done as u64, total as u64),
        }
    }

    fn wants_preview(&self) -> bool {
        false
    }
}

const STEP: &str = "Step";
const PART: &str = "Decoding";
/// Their steps are counted.
pub const PICTURES: &str = "Completing";
const ENCODING: &str = "Reading the picture";

/// On stderr; hidden where that is not a terminal. Steps and parts are counted, everything else is bytes.
pub fn progress_bar(what: &'static str, total: u64) -> ProgressBar {
    let template = match what {
        ENCODING => "{msg}",
        STEP | PART | PICTURES => "{msg} {pos}/{len} [{bar:30}] {eta} left",
        _ => "{msg} {bytes}/{total_bytes} [{bar:30}] {eta} left",
    };
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::new(total).with_message(what);
    match style {
        Ok(style) => bar.with_style(style.progress_chars("█▌ ")),
        Err(_) => bar,
    }
}
