//! Subcommand `hearth evaluate`.
//!
//! It scores inpainting on images whose masked area is known.

mod completion;
mod inputs;
mod listing;
mod report;

use std::path::PathBuf;

use hearth::Result;
use hearth::image::{Mask, RgbImage};
use hearth::params::GenerationParams;
use hearth::pipeline::{InitImage, Request, Schedule};

use self::completion::Completion;
use self::inputs::{Examples, Inputs};
use self::report::Report;
use super::files::{check_folder_of, failed, write};
use super::model_args::{ModelArguments, OpenedCheckpoint};
use super::params::SamplingArguments;
use super::progress::{COMPLETING, print_warnings, progress_bar};

#[derive(clap::Args)]
pub struct Evaluate {
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    sampling: SamplingArguments,
    /// How much of what the mask covers is given up, 0 to 1
    #[arg(long, value_name = "F", default_value_t = 1.0, allow_negative_numbers = true)]
    strength: f64,
    /// Seed of the first picture; each has the next
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    seed: u64,
    /// Pixels to work at; pictures are cut to that shape [default: the model's own]
    #[arg(long, value_name = "W", allow_negative_numbers = true)]
    width: Option<usize>,
    /// Pixels to work at [default: the model's own]
    #[arg(long, value_name = "H", allow_negative_numbers = true)]
    height: Option<usize>,
    /// Folder for the pictures: NAME-before.png with the hole, NAME-after.png, NAME-truth.png
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Also write all figures as JSON
    #[arg(long, value_name = "FILE.json")]
    json: Option<PathBuf>,
}

/// Inpaints the images, compares them with the true ones, and prints a table.
pub async fn evaluate(arguments: &Evaluate) -> Result<()> {
    // 1. Check everything that can be checked before the work.
    let opened = arguments.model.open().await?;
    let common = arguments.common(&opened)?;
    let schedule =
        Schedule::new(&common, &opened.checkpoint.scheduler, opened.checkpoint.family.facts())?;
    let steps = schedule.timesteps().len();
    let size = common.params.size();
    let examples = arguments.inputs.list(size, arguments.seed)?;
    examples.check()?;
    arguments.check_outputs()?;
    print_warnings(&common);

    // 2. The model.
    let mut report = Report::new(&opened.name, &common.params, arguments.inputs.masks_used());
    let (identity, vae) = (opened.identity().await?, opened.vae_identity());
    let (model, compute) = opened.load(&common.params).await?;

    // 3. The images. Results before a failure are reported.
    let bar = progress_bar(COMPLETING, (examples.len() * (steps + 1)) as u64);
    let output = arguments.output.clone();
    let completion = Completion { model, identity, vae, common, output, compute, bar };
    let measured = measure(&completion, &examples, &mut report).await;
    completion.bar.finish_and_clear();
    let reported = arguments.write_report(&report);
    measured.and(reported)
}

async fn measure(
    completion: &Completion,
    examples: &Examples<'_>,
    report: &mut Report,
) -> Result<()> {
    for index in 0..examples.len() {
        report.add(completion.run(examples.read(index)?).await?);
    }
    Ok(())
}

impl Evaluate {
    /// Returns the request that all images share, with a black init image in place of each.
    fn common(&self, opened: &OpenedCheckpoint<'_>) -> Result<Request> {
        let scale_factor = opened.checkpoint.scale_factor();
        let defaults = self.sampling.complete(opened)?;
        let params = GenerationParams {
            prompt: String::new(),
            seed: self.seed,
            width: self.width.unwrap_or(defaults.width),
            height: self.height.unwrap_or(defaults.height),
            strength: self.strength,
            ..defaults
        };
        let [width, height] = params.size();
        let request = Request::from(params);
        // Images are generated only in valid sizes.
        request.check(scale_factor)?;
        let init_image = InitImage {
            image: RgbImage { width, height, pixels: vec![0; width * height * 3] },
            mask: Some(Mask::white(width, height)),
        };
        let request = Request { init_image: Some(init_image), ..request };
        request.check(scale_factor)?;
        Ok(request)
    }

    /// Checks that the outputs can be written.
    fn check_outputs(&self) -> Result<()> {
        if let Some(folder) = &self.output {
            std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        }
        self.json.as_deref().map_or(Ok(()), check_folder_of)
    }

    /// Prints and writes the report, unless it is empty.
    fn write_report(&self, report: &Report) -> Result<()> {
        if report.is_empty() {
            return Ok(());
        }
        print!("{}", report.table());
        match &self.json {
            Some(path) => write(path, report.json()?.as_bytes()),
            None => Ok(()),
        }
    }
}
