//! How pictures are denoised: what every subcommand that makes some is told of it.

use hearth::pipeline::Request;
use hearth::runtime::DefaultSettings;
use hearth::scheduler::SchedulerName;
use hearth::weights::Checkpoint;

#[derive(clap::Args)]
pub struct Sampling {
    /// Denoising steps [default: what the model is used to]
    #[arg(long, value_name = "N")]
    num_inference_steps: Option<usize>,
    /// Classifier-free guidance; 1 or less turns it off [default: what the model is used to]
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    guidance_scale: Option<f64>,
    #[arg(long, value_name = "NAME", help = scheduler_help())]
    scheduler: Option<SchedulerName>,
}

impl Sampling {
    /// The scheduler that is used.
    pub fn sampler(&self, usual: DefaultSettings) -> SchedulerName {
        self.scheduler.unwrap_or(usual.scheduler)
    }

    /// Says which scheduler is used where the checkpoint's own is none of ours and none is asked for.
    pub fn say_replaced(&self, checkpoint: &Checkpoint, usual: DefaultSettings) {
        if let (None, Err(error)) = (self.scheduler, checkpoint.scheduler.scheduler_name()) {
            eprintln!("hearth: {error} {} is used.", self.sampler(usual));
        }
    }

    /// A picture of `size`, `[width, height]`, from its prompt alone.
    pub fn request(
        &self,
        usual: DefaultSettings,
        prompt: String,
        seed: u64,
        size: [usize; 2],
    ) -> Request {
        Request {
            prompt,
            negative_prompt: String::new(),
            num_inference_steps: self.num_inference_steps.unwrap_or(usual.num_inference_steps),
            guidance_scale: self.guidance_scale.unwrap_or(usual.guidance_scale),
            seed,
            scheduler: Some(self.sampler(usual)),
            width: size[0],
            height: size[1],
            eta: 0.0,
            clip_skip: 0,
            start: None,
        }
    }
}

fn scheduler_help() -> String {
    format!(
        "{}; with other noise levels as euler-karras: {} [default: the checkpoint's]",
        SchedulerName::list(),
        SchedulerName::sigmas_list()
    )
}
