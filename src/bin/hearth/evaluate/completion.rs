//! One picture completed, measured and kept.

use std::path::{Path, PathBuf};
use std::time::Instant;

use hearth::Result;
use hearth::device::Compute;
use hearth::engine::Model;
use hearth::evaluation::Scores;
use hearth::image::RgbImage;
use hearth::params::GenerationParams;
use hearth::pipeline::recipe::{self, ModelIdentity};
use hearth::pipeline::{Event, Host, Request, Start};
use hearth::weights::Folder;
use indicatif::ProgressBar;

use super::super::files::write;
use super::inputs::Example;
use super::listing::stem;
use super::report::Row;

/// What completes pictures, one after the other.
pub struct Completion {
    /// What paints.
    pub model: Model<Folder>,
    /// For the recipes.
    pub identity: ModelIdentity,
    /// What is asked for, but for prompt, seed, picture and mask.
    pub common: Request,
    /// Where pictures are kept.
    pub output: Option<PathBuf>,
    /// Where it computes.
    pub compute: Compute,
    /// Counts the steps of all pictures, and one more for each.
    pub bar: ProgressBar,
}

impl Completion {
    /// Completes `example`, compares it with the true picture, and keeps it if that is asked for.
    pub async fn of(&self, example: Example) -> Result<Row> {
        let began = Instant::now();
        let request = self.request(&example);
        let completed = self.model.generate(&request, self).await?.image;
        let scores = Scores::of(&completed, &example.truth, &example.mask)?;
        if let Some(folder) = &self.output {
            let recipe = request.recipe(self.identity.clone());
            keep(folder, &example, &recipe::to_png(&completed, &recipe)?)?;
        }
        self.bar.inc(1);
        let values = example.mask.values();
        let part = values.iter().filter(|value| **value != 0).count() as f64 / values.len() as f64;
        Ok(Row { file: example.file, part, scores, seconds: began.elapsed().as_secs_f64() })
    }

    fn request(&self, example: &Example) -> Request {
        let Example { prompt, seed, truth, mask, .. } = example;
        let params = self.common.params.clone();
        Request {
            params: GenerationParams { prompt: prompt.clone(), seed: *seed, ..params },
            start: Some(Start { image: truth.clone(), mask: Some(mask.clone()) }),
        }
    }
}

impl Host for Completion {
    async fn breathe(&self) -> Result<()> {
        self.compute.check()
    }

    fn report(&self, event: Event) {
        if let Event::Step { .. } = event {
            self.bar.inc(1);
        }
    }

    fn wants_preview(&self) -> bool {
        false
    }
}

/// Writes the picture with its hole, as it was completed, and as it is.
fn keep(folder: &Path, Example { file, truth, mask, .. }: &Example, after: &[u8]) -> Result<()> {
    const HOLE: u8 = 128;
    let name = |which: &str| folder.join(format!("{}-{which}.png", stem(file)));
    let hole = RgbImage { pixels: vec![HOLE; truth.pixels.len()], ..truth.clone() };
    write(&name("before"), &mask.compose(&hole, truth)?.to_png(&[])?)?;
    write(&name("after"), after)?;
    write(&name("truth"), &truth.to_png(&[])?)
}
