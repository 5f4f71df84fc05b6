//! Recognition of pasted generation parameters.

use super::super::generation::JobSource;
use crate::app::protocol::ImageMetadata;
use crate::prompt::NEGATIVE;

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

/// Returns whether a prompt contains AUTOMATIC1111's `parameters` text, or a part of it: settings that begin
/// with the steps and have at least two more, or a line with the negative prompt. Or it is JSON.
///
/// The worker, which has the parsers, decides what it means; this only decides whether to ask it.
pub fn is_infotext(prompt: &str) -> bool {
    let json = prompt.trim_start().strip_prefix('{');
    json.is_some_and(|rest| rest.trim_start().starts_with('"'))
        || prompt.lines().any(|line| line.trim_start().starts_with(NEGATIVE) || has_settings(line))
}

/// Returns whether a line has settings at its end; what copies a text may lose its line breaks.
fn has_settings(line: &str) -> bool {
    line.match_indices("Steps: ").any(|(at, _)| {
        let begins = line[..at].chars().next_back().is_none_or(char::is_whitespace);
        let mut settings = line[at..].split(", ");
        let steps = settings.next().and_then(|setting| setting.strip_prefix("Steps:"));
        let is_number = steps.is_some_and(|steps| steps.trim().parse::<u32>().is_ok());
        begins && is_number && settings.filter(|setting| setting.contains(": ")).count() >= 2
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
        assert!(is_infotext(line));
        assert!(is_infotext(&format!("a castle Negative prompt: fog {line}")));
    }

    #[test]
    fn part_of_it_and_json_are_recognised() {
        assert!(is_infotext("a castle\nNegative prompt: fog"));
        assert!(is_infotext("Negative prompt: fog"));
        assert!(is_infotext("{\n  \"3\": {\"class_type\": \"KSampler\"}}"));
    }

    #[test]
    fn plain_prompt_is_no_infotext() {
        for prompt in [
            "",
            "a castle, Steps: 3",
            "a castle\nSteps: many, Sampler: one, CFG scale: 2",
            "a castle\nSteps: 30",
            "{red|blue} castle",
            "a sign that says “Steps: 30, Seed: 1, Size: 2x2”",
        ] {
            assert!(!is_infotext(prompt), "{prompt}");
        }
    }
}
