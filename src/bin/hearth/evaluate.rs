//! `hearth evaluate`: how well a model completes pictures.

mod report;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hearth::device::Compute;
use hearth::engine::Usual;
use hearth::evaluation::{MaskKind, Scores};
use hearth::image::{Fit, Mask, RgbImage};
use hearth::pipeline::recipe;
use hearth::pipeline::{Event, Host, Request, Start};
use hearth::{Error, Result};
use indicatif::ProgressBar;

use self::report::{Report, Row};
use super::files::{failed, read, read_mask, read_png, write};
use super::model::{ModelArguments, Opened};
use super::sampling::Sampling;
use super::terminal::{PICTURES, progress_bar};

#[derive(clap::Args)]
pub struct Evaluate {
    #[command(flatten)]
    model: ModelArguments,
    /// Folder with the true pictures, as PNG
    #[arg(long, value_name = "FOLDER")]
    images: PathBuf,
    /// Folder with a mask for each picture, a PNG of the same name: what is white is painted anew
    #[arg(long, value_name = "FOLDER", conflicts_with = "mask")]
    masks: Option<PathBuf>,
    /// Make the masks: centre, half, or strokes (random ones for each picture)
    #[arg(long, value_name = "KIND", default_value = "centre")]
    mask: MaskKind,
    /// What the pictures show
    #[arg(long, value_name = "TEXT", default_value = "")]
    prompt: String,
    /// JSON object with a prompt for each picture, by its file's name; --prompt is for those it lacks
    #[arg(long, value_name = "FILE.json")]
    captions: Option<PathBuf>,
    /// No more than the first N pictures
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    #[command(flatten)]
    sampling: Sampling,
    /// How much of what the mask covers is given up, 0 to 1
    #[arg(long, value_name = "F", default_value_t = 1.0, allow_negative_numbers = true)]
    strength: f64,
    /// Seed of the first picture; each has the next
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Pixels to work at; pictures are cut to that shape [default: the model's own]
    #[arg(long, value_name = "W")]
    width: Option<usize>,
    /// Pixels to work at [default: the model's own]
    #[arg(long, value_name = "H")]
    height: Option<usize>,
    /// Folder for the pictures: NAME-before.png with the hole, NAME-after.png, NAME-truth.png
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Also write all figures as JSON
    #[arg(long, value_name = "FILE.json")]
    json: Option<PathBuf>,
}

/// Completes the pictures, compares them with the true ones, and prints a table.
pub async fn evaluate(arguments: &Evaluate) -> Result<()> {
    let opened = arguments.model.open().await?;
    let files = png_files(&arguments.images)?;
    let count = arguments.limit.map_or(files.len(), |limit| files.len().min(limit as usize));
    let captions = arguments.captions()?;
    let settings = Settings::of(&opened);
    if let Some(folder) = &arguments.output {
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    // What is wrong with all of them is said before the work.
    let first = arguments.request(&files[0], 0, &captions, &settings)?;
    let (size, guides) = ([first.width, first.height], first.guidance_scale > 1.0);
    let mut report = Report::new(&opened.name, &first, arguments.masks_used());
    let (identity, sampler) =
        (opened.identity().await?, arguments.sampling.sampler(settings.usual));
    let (model, compute) = opened.load(size, guides).await?;

    let bar = progress_bar(PICTURES, (count * (first.num_inference_steps + 1)) as u64);
    let complete = async |index: usize, file: String| -> Result<Option<Row>> {
        let request = arguments.request(&file, index, &captions, &settings)?;
        let began = Instant::now();
        let host = Quiet { compute: &compute, bar: &bar };
        let image = model.generate(&request, &host).await?.image;
        bar.inc(1);
        let Some(Start { image: truth, mask: Some(mask), .. }) = &request.start else {
            return Ok(None);
        };
        let scores = Scores::of(&image, truth, mask)?;
        if let Some(folder) = &arguments.output {
            let after = recipe::to_png(&image, &request.recipe(identity.clone(), sampler))?;
            save(folder, &file, &after, truth, mask)?;
        }
        let part = mask.values().iter().filter(|value| **value != 0).count();
        let part = part as f64 / mask.values().len() as f64;
        Ok(Some(Row { file, part, scores, seconds: began.elapsed().as_secs_f64() }))
    };
    let mut ended = Ok(());
    for (index, file) in files.into_iter().take(count).enumerate() {
        match complete(index, file).await {
            Ok(row) => row.into_iter().for_each(|row| report.add(row)),
            Err(error) => {
                ended = Err(error);
                break;
            }
        }
    }
    bar.finish_and_clear();
    // What was made before a picture failed is not lost.
    if !report.is_empty() {
        print!("{}", report.table());
        if let Some(path) = &arguments.json {
            write(path, report.json()?.as_bytes())?;
        }
    }
    ended
}

/// What the model is used to.
struct Settings {
    usual: Usual,
    size: [usize; 2],
    scale_factor: usize,
}

impl Settings {
    fn of(opened: &Opened<'_>) -> Self {
        let Opened { checkpoint, usual, .. } = opened;
        let (size, scale_factor) = (checkpoint.own_size(), checkpoint.vae.scale_factor());
        Settings { usual: *usual, size, scale_factor }
    }
}

impl Evaluate {
    /// The prompts of the pictures, by their files' names.
    fn captions(&self) -> Result<BTreeMap<String, String>> {
        let Some(path) = &self.captions else { return Ok(BTreeMap::new()) };
        serde_json::from_slice(&read(path)?).map_err(|error| {
            let reason = format!("{error}; it must be an object of names and prompts");
            Error::Io { path: path.display().to_string(), reason }
        })
    }

    /// What is asked for: the picture in `file`, without what the mask covers.
    fn request(
        &self,
        file: &str,
        index: usize,
        captions: &BTreeMap<String, String>,
        Settings { usual, size, scale_factor }: &Settings,
    ) -> Result<Request> {
        let (width, height) = (self.width.unwrap_or(size[0]), self.height.unwrap_or(size[1]));
        let seed = self.seed.wrapping_add(index as u64);
        let image = read_png(&self.images.join(file))?;
        let mask = match &self.masks {
            Some(folder) => read_mask(&folder.join(file), &image)?.fit(width, height, Fit::Crop)?,
            None => self.mask.make(width, height, seed)?,
        };
        let prompt = captions.get(file).unwrap_or(&self.prompt).clone();
        let request = Request {
            start: Some(Start {
                image: image.fit(width, height, Fit::Crop)?,
                mask: Some(mask),
                strength: self.strength,
                padding_mask_crop: None,
            }),
            ..self.sampling.request(*usual, prompt, seed, [width, height])
        };
        request.check(*scale_factor)?;
        Ok(request)
    }

    /// For people.
    fn masks_used(&self) -> String {
        match &self.masks {
            Some(folder) => folder.display().to_string(),
            None => MaskKind::NAMES
                .iter()
                .find(|(_, kind)| *kind == self.mask)
                .map_or(String::new(), |(name, _)| name.to_string()),
        }
    }
}

/// The names of the pictures in `folder`, in their order.
fn png_files(folder: &Path) -> Result<Vec<String>> {
    let list = std::fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let mut files = Vec::new();
    for entry in list {
        let name = entry.map_err(|error| failed(folder, &error))?.file_name();
        let name = name.to_string_lossy().into_owned();
        if name.to_lowercase().ends_with(".png") {
            files.push(name);
        }
    }
    files.sort();
    if files.is_empty() {
        let path = folder.display().to_string();
        return Err(Error::Io { path, reason: "there is no PNG in it".to_string() });
    }
    Ok(files)
}

fn save(folder: &Path, file: &str, after: &[u8], truth: &RgbImage, mask: &Mask) -> Result<()> {
    const HOLE: u8 = 128;
    let stem = &file[..file.len() - ".png".len()];
    let hole = RgbImage { pixels: vec![HOLE; truth.pixels.len()], ..truth.clone() };
    let before = mask.compose(&hole, truth)?;
    write(&folder.join(format!("{stem}-before.png")), &before.to_png(&[])?)?;
    write(&folder.join(format!("{stem}-after.png")), after)?;
    write(&folder.join(format!("{stem}-truth.png")), &truth.to_png(&[])?)
}

/// One bar for all pictures.
struct Quiet<'a> {
    compute: &'a Compute,
    bar: &'a ProgressBar,
}

impl Host for Quiet<'_> {
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
