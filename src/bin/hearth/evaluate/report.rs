//! Report of an evaluation, as a table and as JSON.

use std::fmt::Write;

use hearth::error::Message;
use hearth::evaluation::{PIXEL_TOLERANCE, Score, Scores};
use hearth::params::{FIELDS, GenerationParams, Section};
use hearth::{Error, Result};
use serde_json::{Value, json};

/// The results of an evaluation.
pub struct Report {
    settings: Value,
    rows: Vec<Row>,
}

/// The result of one image.
pub struct Row {
    /// File name.
    pub file: String,
    /// Share of inpainted pixels, 0..=1.
    pub part: f64,
    /// Scores against the true image.
    pub scores: Scores,
    /// Duration, seconds.
    pub seconds: f64,
}

impl Report {
    /// Returns a report without results. All images have the settings of `params` except for prompt
    /// and seed.
    pub fn new(model: &str, params: &GenerationParams, masks: String) -> Self {
        let mut settings = json!({
            "model": model,
            "masks": masks,
            "first_seed": params.seed,
            "pixel_tolerance": PIXEL_TOLERANCE,
        });
        for field in FIELDS {
            // JSON cannot hold every seed as a number, and each image has its own prompt.
            if field.section != Section::Prompt && !params.is_default(field) {
                settings[field.name] = json!(params.get(field));
            }
        }
        Report { settings, rows: Vec::new() }
    }

    /// Adds an image's result.
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Returns whether it has no results.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns a table: a line for each image, then the means.
    pub fn table(&self) -> String {
        let wide = self.rows.iter().map(|row| row.file.chars().count()).max().unwrap_or(0).max(7);
        let mut table = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{:wide$}          inside the mask             overall", "");
        let _ = writeln!(
            table,
            "{:wide$}   mask   accuracy    PSNR   SSIM   accuracy    PSNR   SSIM",
            "picture"
        );
        let mut line = |name: &str, part: f64, scores: &Scores| {
            let _ = writeln!(
                table,
                "{name:wide$}  {:4.0} %  {}  {}",
                100.0 * part,
                columns(scores.inside),
                columns(scores.overall)
            );
        };
        for row in &self.rows {
            line(&row.file, row.part, &row.scores);
        }
        if let Some((part, scores)) = self.mean() {
            line("mean", part, &scores);
        }
        table
    }

    /// Returns settings, images and means as JSON; an infinite PSNR is null.
    pub fn json(&self) -> Result<String> {
        let images: Vec<Value> = self
            .rows
            .iter()
            .map(|Row { file, part, scores, seconds }| {
                json!({
                    "file": file, "mask_part": part, "seconds": seconds,
                    "inside": values(scores.inside), "overall": values(scores.overall),
                })
            })
            .collect();
        let mean = self.mean().map(|(part, scores)| {
            json!({
                "mask_part": part, "inside": values(scores.inside), "overall": values(scores.overall),
            })
        });
        let all = json!({ "settings": self.settings, "images": images, "mean": mean });
        serde_json::to_string_pretty(&all)
            .map(|text| text + "\n")
            .map_err(|error| Error::Internal { reason: Message::verbatim(error) })
    }

    fn mean(&self) -> Option<(f64, Scores)> {
        let scores: Vec<Scores> = self.rows.iter().map(|row| row.scores).collect();
        let part = self.rows.iter().map(|row| row.part).sum::<f64>() / self.rows.len() as f64;
        Some((part, Scores::mean(&scores)?))
    }
}

fn columns(score: Score) -> String {
    let Score { pixel_accuracy, psnr, ssim } = score;
    let psnr = if psnr.is_finite() { format!("{psnr:.2}") } else { "∞".to_string() };
    format!("{:6.1} %  {psnr:>6}  {ssim:5.3}", 100.0 * pixel_accuracy)
}

fn values(Score { pixel_accuracy, psnr, ssim }: Score) -> Value {
    json!({ "pixel_accuracy": pixel_accuracy, "psnr": psnr, "ssim": ssim })
}
