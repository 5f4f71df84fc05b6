//! A run: the form's wishes become a picture.

use super::Worker;
use super::given::start;
use super::open::Session;
use crate::app::event_loop::next_task;
use crate::app::protocol::{self, GenerateRequest, Pixels, Remark, Report, Stage};
use crate::device::Compute;
use crate::error::{Error, Message, Result, messages};
use crate::evaluation::Scores;
use crate::image::RgbImage;
use crate::pipeline::{Event, Host, Request, recipe};

impl Worker {
    /// Answers [`crate::app::protocol::Command::Generate`].
    pub async fn generate(&self, session: &Session, id: u32, form: &GenerateRequest) {
        let start = js_sys::Date::now();
        match self.picture(session, id, form).await {
            Ok(Made { image, png, scores }) => {
                let seconds = (js_sys::Date::now() - start) / 1000.0;
                self.port.post(&Report::Done { id, picture: pixels(&image), png, seconds, scores });
            }
            Err(Error::Cancelled) => self.port.post(&Report::Cancelled { id }),
            Err(error) => {
                let size = [form.width, form.height].map(|side| side as usize);
                let guides = form.guidance_scale > 1.0;
                let error = self.cause(error, &session.compute, size, guides).await;
                let offer_cpu = error.is_of_gpu();
                self.port.failed(Some(id), &error, offer_cpu, true);
            }
        }
    }

    async fn picture(&self, session: &Session, id: u32, form: &GenerateRequest) -> Result<Made> {
        let mut request = text_to_image(form)?;
        let scheduler = *request.scheduler.get_or_insert(session.scheduler);
        let size = [request.width, request.height];
        if let Some(obstacle) = self.obstacle(size, request.guidance_scale > 1.0) {
            return Err(obstacle);
        }
        let host = Run { worker: self, compute: &session.compute, id };
        let picture = session.model.generate(&request, &host).await?;
        let recipe = request.recipe(session.identity.clone(), scheduler);
        let png = recipe::to_png(&picture.image, &recipe)?;
        let scores = request.start.as_ref().and_then(|start| {
            let mask = start.mask.as_ref()?;
            Scores::compare(&picture.image, &start.image, mask).ok() // Too small to be compared.
        });
        Ok(Made { image: picture.image, png, scores: scores.map(Into::into) })
    }
}

/// What a run gives.
struct Made {
    image: RgbImage,
    png: Vec<u8>,
    scores: Option<protocol::Scores>,
}

/// One run, as the pipeline sees it.
struct Run<'a> {
    worker: &'a Worker,
    compute: &'a Compute,
    id: u32,
}

impl Host for Run<'_> {
    async fn breathe(&self) -> Result<()> {
        next_task().await;
        self.compute.check()?;
        if self.worker.cancelled.get() == Some(self.id) {
            return Err(Error::Cancelled);
        }
        Ok(())
    }

    fn report(&self, event: Event) {
        let id = self.id;
        self.worker.port.post(&match event {
            Event::Loading { what, .. } => {
                Report::Preparing { stage: Stage::Network { part: Message::plain(what) } }
            }
            Event::PromptTruncated { field, lost } => Report::Note {
                id: Some(id),
                remark: Remark::PromptTruncated { field: field.to_string(), lost },
            },
            Event::Encoding => Report::Encoding { id },
            Event::Step { done, total, preview } => Report::Step {
                id,
                done: done as u32,
                total: total as u32,
                preview: preview.as_ref().map(pixels),
            },
            Event::Decoding { done, total } => {
                Report::Decoding { id, done: done as u32, total: total as u32 }
            }
        });
    }

    fn wants_preview(&self) -> bool {
        true
    }
}

fn text_to_image(form: &GenerateRequest) -> Result<Request> {
    let seed = form.seed.trim();
    let scheduler = form.scheduler.trim();
    Ok(Request {
        prompt: form.prompt.clone(),
        negative_prompt: form.negative_prompt.clone(),
        num_inference_steps: form.num_inference_steps as usize,
        guidance_scale: form.guidance_scale,
        seed: seed.parse().map_err(|_| Error::InvalidRequest {
            field: "seed",
            value: if seed.is_empty() { messages::empty() } else { Message::verbatim(seed) },
            reason: messages::whole_number_between("0", u64::MAX.to_string()),
        })?,
        scheduler: if scheduler.is_empty() { None } else { Some(scheduler.parse()?) },
        width: form.width as usize,
        height: form.height as usize,
        eta: 0.0,
        clip_skip: 0,
        start: form.start.as_ref().map(start).transpose()?,
    })
}

/// As a canvas takes it.
fn pixels(image: &RgbImage) -> Pixels {
    let rgba = image.pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], u8::MAX]).collect();
    Pixels { width: image.width as u32, height: image.height as u32, rgba }
}
