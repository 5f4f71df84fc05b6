//! Inputs of an evaluation: images, masks and prompts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hearth::error::{Message, messages};
use hearth::evaluation::MaskKind;
use hearth::image::{Fit, Mask, RgbImage};
use hearth::{Error, Result};

use super::super::files::{image_size, read, read_image, read_mask_image};
use super::listing::Listing;

#[derive(clap::Args)]
pub struct Inputs {
    /// Folder with the true pictures, as PNG, JPEG or WebP
    #[arg(long, value_name = "FOLDER")]
    images: PathBuf,
    /// Folder with a mask for each picture, of the same size and name, or that name with .png: what is white changes
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
}

/// The images by file name; none has been read.
pub struct Examples<'a> {
    inputs: &'a Inputs,
    files: Vec<String>,
    captions: BTreeMap<String, String>,
    /// `[width, height]` to which they are cropped.
    size: [usize; 2],
    first_seed: u64,
}

/// One image, cropped to the common size.
pub struct Example {
    /// File name.
    pub file: String,
    /// Prompt.
    pub prompt: String,
    /// Seed of the noise and of a random mask.
    pub seed: u64,
    /// The true image.
    pub truth: RgbImage,
    /// The area to be inpainted.
    pub mask: Mask,
}

impl Inputs {
    /// Lists the images, which are cropped to `size`, `[width, height]`; each has the next seed.
    /// Prints which files are left out.
    pub fn list(&self, size: [usize; 2], first_seed: u64) -> Result<Examples<'_>> {
        let Listing { pictures: mut files, left_out } =
            Listing::new(&self.images, self.captions.as_deref())?;
        let folder = self.images.display();
        if left_out.count() > 0 {
            let all = files.len() + left_out.count();
            eprintln!(
                "hearth: {} of {all} entries of {folder} are left out, since only PNG, JPEG and WebP are read: {left_out}.",
                left_out.count()
            );
        }
        if files.is_empty() {
            let path = folder.to_string();
            return Err(Error::Io { path, reason: messages::no_png_in_it() });
        }
        files.truncate(self.limit.map_or(usize::MAX, |limit| limit as usize));
        let captions = self.captions()?;
        let without = files.iter().filter(|file| !captions.contains_key(*file)).count();
        if self.captions.is_some() && without > 0 {
            eprintln!(
                "hearth: {without} of {} pictures have no caption; --prompt is taken for them.",
                files.len()
            );
        }
        Ok(Examples { inputs: self, files, captions, size, first_seed })
    }

    /// Returns the name of the masks for the report.
    pub fn masks_used(&self) -> String {
        match &self.masks {
            Some(folder) => folder.display().to_string(),
            None => MaskKind::NAMES
                .iter()
                .find(|(_, kind)| *kind == self.mask)
                .map_or(String::new(), |(name, _)| name.to_string()),
        }
    }

    /// Reads the prompts by file name.
    fn captions(&self) -> Result<BTreeMap<String, String>> {
        let Some(path) = &self.captions else { return Ok(BTreeMap::new()) };
        serde_json::from_slice(&read(path)?).map_err(|error| {
            let reason =
                Message::verbatim(format!("{error}; it must be an object of names and prompts"));
            Error::Io { path: path.display().to_string(), reason }
        })
    }
}

impl Examples<'_> {
    /// Returns the number of images.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Checks all files as far as that is quick (the headers of the images, and the masks) and
    /// prints every problem.
    pub fn check(&self) -> Result<()> {
        let problems = self.files.iter().filter_map(|file| self.check_file(file).err());
        let wrong = problems.inspect(|problem| eprintln!("hearth: {problem}")).count();
        if wrong == 0 {
            return Ok(());
        }
        Err(Error::InvalidRequest {
            field: "images",
            value: Message::verbatim(self.inputs.images.display()),
            reason: Message::verbatim(format!(
                "{wrong} of {} cannot be completed, as said above",
                self.len()
            )),
        })
    }

    /// Reads the image at `index`.
    pub fn read(&self, index: usize) -> Result<Example> {
        let Examples { inputs, files, captions, size: [width, height], first_seed } = self;
        let (file, seed) = (&files[index], first_seed.wrapping_add(index as u64));
        let image = read_image(&inputs.images.join(file))?;
        let mask = match &inputs.masks {
            Some(folder) => self.mask(&mask_path(folder, file), [image.width, image.height])?,
            None => inputs.mask.make(*width, *height, seed)?,
        };
        Ok(Example {
            file: file.clone(),
            prompt: captions.get(file).unwrap_or(&inputs.prompt).clone(),
            seed,
            truth: image.fit(*width, *height, Fit::Crop)?,
            mask,
        })
    }

    fn check_file(&self, file: &str) -> Result<()> {
        let size = image_size(&self.inputs.images.join(file))?;
        match &self.inputs.masks {
            Some(folder) => self.mask(&mask_path(folder, file), size).map(drop),
            None => Ok(()),
        }
    }

    /// Reads the mask of an image of `size`, cropped as the image is.
    fn mask(&self, path: &Path, size: [usize; 2]) -> Result<Mask> {
        let [width, height] = self.size;
        let mask = read_mask_image(path, size)?.fit(width, height, Fit::Crop)?;
        let mask = Mask::from_image(&mask)?;
        if mask.is_black() {
            return Err(Error::InvalidRequest {
                field: "mask",
                value: Message::verbatim(path.display()),
                reason: messages::mask_is_black_once_cut(width, height),
            });
        }
        Ok(mask)
    }
}

/// Returns the mask of the image `file`: of the same name, else a PNG with its stem.
fn mask_path(folder: &Path, file: &str) -> PathBuf {
    let same = folder.join(file);
    let png = same.with_extension("png");
    if !same.exists() && png.exists() { png } else { same }
}
