//! Recognition of pasted generation parameters.

use super::super::generation::JobSource;
use crate::app::protocol::ImageMetadata;

/// A text with settings in the prompt's field.
#[derive(Default)]
pub struct PastedText {
    /// The prompt before it.
    pub before: String,
    /// The prompt as it was typed last, which is what the browser's own undo begins with.
    pub typed: String,
    /// Its settings, once the worker has read them.
    pub settings: Option<ImageMetadata>,
    /// What is to be made with the settings when they are read.
    pub waiting: Option<JobSource>,
}

/// Returns whether a prompt contains AUTOMATIC1111's `parameters` text: a line that begins with the
/// steps and has at least two more settings.
///
/// The worker, which has the parser, decides what it means; this only decides whether to ask it.
pub fn is_infotext(prompt: &str) -> bool {
    prompt.lines().skip(1).any(|line| {
        let mut settings = line.trim().split(", ");
        let steps = settings.next().and_then(|setting| setting.strip_prefix("Steps:"));
        let is_number = steps.is_some_and(|steps| steps.trim().parse::<u32>().is_ok());
        is_number && settings.filter(|setting| setting.contains(": ")).count() >= 2
    })
}

#[cfg(test)]
mod tests {
    use super::is_infotext;

    #[test]
    fn settings_line_of_web_ui_is_recognised() {
        let line = "Steps: 30, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 7, Size: 512x768";
        assert!(is_infotext(&format!("a castle\nNegative prompt: fog\n{line}")));
        assert!(is_infotext(&format!("a castle\r\n{line}\r\n")));
    }

    #[test]
    fn plain_prompt_is_no_infotext() {
        for prompt in [
            "",
            "a castle, Steps: 3",
            "a castle\nSteps: many, Sampler: one, CFG scale: 2",
            "a castle\nSteps: 30",
            "a sign that says “Steps: 30, Seed: 1, Size: 2x2”",
        ] {
            assert!(!is_infotext(prompt), "{prompt}");
        }
    }
}
