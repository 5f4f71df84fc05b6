//! A picture from a prompt, with the library:
//! `cargo run --release --example text_to_image -- www/models/emoji "a red apple on a blue background" apple.png`

use std::rc::Rc;

use hearth::Result;
use hearth::device::{Compute, DeviceKind};
use hearth::families::Checkpoint;
use hearth::params::GenerationParams;
use hearth::pipeline::{Callbacks, PipelineEvent, Request};
use hearth::runtime::{self, Limits, Residency};
use hearth::weights::{Folder, OpenOptions};

/// Prints each denoising step.
struct Progress;

impl Callbacks for Progress {
    /// Called between the blocks of a network. `Err(Error::Cancelled)` would end the run.
    async fn yield_now(&self) -> Result<()> {
        Ok(())
    }

    fn report(&self, event: PipelineEvent) {
        if let PipelineEvent::Step { done, total, .. } = event {
            println!("step {done} of {total}");
        }
    }

    fn wants_preview(&self) -> bool {
        false
    }
}

/// Returns a PNG file. `model` is a folder in diffusers layout.
pub async fn text_to_image(model: &str, prompt: &str, seed: u64) -> Result<Vec<u8>> {
    let source = Folder::open_model(model)?;
    let checkpoint = Checkpoint::open(&source, &OpenOptions::default()).await?;
    let defaults = runtime::default_params(&checkpoint, model);
    let params = GenerationParams { prompt: prompt.to_string(), seed, ..defaults };
    let request = Request::from(params);
    // `DeviceKind::Wgpu` is the GPU; its limits are then `compute.largest_binding` and so on.
    let device = Compute::open(DeviceKind::Cpu).await?.device;
    let (source, limits) = (Rc::new(source), Limits::default());
    let mut loaded = async |_bytes| Ok(());
    let model =
        runtime::load(checkpoint, source, &device, limits, Residency::All, &mut loaded).await?;
    model.generate(&request, &Progress).await?.image.to_png(&[])
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, prompt, output] = arguments.as_slice() else {
        return Err("usage: text_to_image MODEL PROMPT PICTURE.png".into());
    };
    let png = pollster::block_on(text_to_image(model, prompt, 7))?;
    Ok(std::fs::write(output, png)?)
}
