//! Inpainting and scoring of one image.

use std::path::{Path, PathBuf};
use std::time::Instant;

use hearth::Result;
use hearth::device::Compute;
use hearth::evaluation::Scores;
use hearth::image::RgbImage;
use hearth::params::{GenerationParams, NamedHash};
use hearth::pipeline::metadata::{self, ModelIdentity};
use hearth::pipeline::{Callbacks, InitImage, PipelineEvent, Request};
use hearth::runtime::Model;
use hearth::weights::Folder;
use indicatif::ProgressBar;

use super::super::files::write;
use super::inputs::Example;
use super::listing::stem;
use super::report::Row;

/// Inpaints and scores images.
pub struct Completion {
    /// The model.
    pub model: Model<Folder>,
    /// The model's identity, for the metadata of images.
    pub identity: ModelIdentity,
    /// The autoencoder in place of the model's own, for the metadata of images.
    pub vae: Option<NamedHash>,
    /// The request, without prompt, seed, init image and mask.
    pub common: Request,
    /// Folder for the images.
    pub output: Option<PathBuf>,
    /// The device of the model.
    pub compute: Compute,
    /// Counts the steps of all images, plus one for each image.
    pub bar: ProgressBar,
}

impl Completion {
    /// Inpaints `example`, compares it with the true image, and writes it if there is an output
    /// folder.
    pub async fn run(&self, example: Example) -> Result<Row> {
        let began = Instant::now();
        let request = self.request(&example);
        let completed = self.model.generate(&request, self).await?.image;
        let scores = Scores::compare(&completed, &example.truth, &example.mask)?;
        if let Some(folder) = &self.output {
            let mut metadata = request.metadata(self.identity.clone());
            metadata.vae.clone_from(&self.vae);
            write_images(folder, &example, &metadata::to_png(&completed, &metadata)?)?;
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
            init_image: Some(InitImage { image: truth.clone(), mask: Some(mask.clone()) }),
            embeddings: Vec::new(),
        }
    }
}

impl Callbacks for Completion {
    async fn yield_now(&self) -> Result<()> {
        self.compute.check()
    }

    fn report(&self, event: PipelineEvent) {
        if let PipelineEvent::Step { .. } = event {
            self.bar.inc(1);
        }
    }

    fn wants_preview(&self) -> bool {
        false
    }
}

/// Writes the image with the masked area in grey, the inpainted image (`after`, a PNG), and the
/// true image.
fn write_images(
    folder: &Path,
    Example { file, truth, mask, .. }: &Example,
    after: &[u8],
) -> Result<()> {
    const HOLE: u8 = 128;
    let name = |which: &str| folder.join(format!("{}-{which}.png", stem(file)));
    let hole = RgbImage { pixels: vec![HOLE; truth.pixels.len()], ..truth.clone() };
    write(&name("before"), &mask.compose(&hole, truth)?.to_png(&[])?)?;
    write(&name("after"), after)?;
    write(&name("truth"), &truth.to_png(&[])?)
}
