//! A run: the form's wishes become a picture.

use super::Worker;
use super::init_image::start;
use super::open::Session;
use crate::app::event_loop::next_task;
use crate::app::protocol::{self, GenerateRequest, Pixels, Remark, Report, Stage};
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::evaluation::Scores;
use crate::image::RgbImage;
use crate::pipeline::{Event, Host, Request, recipe};

impl Worker {
    /// Answers [`crate::app::protocol::Command::Generate`].
    pub async fn generate(&self, session: &Session, id: u32, form: GenerateRequest) {
        let start = js_sys::Date::now();
        let (size, guides) = (form.params.size(), form.params.is_guided());
        match self.picture(session, id, form).await {
            Ok(Made { image, png, scores }) => {
                let seconds = (js_sys::Date::now() - start) / 1000.0;
                self.port.post(&Report::Done {
                    id,
                    picture: Pixels::of(&image),
                    png,
                    seconds,
                    scores,
                });
            }
            Err(Error::Cancelled) => self.port.post(&Report::Cancelled { id }),
            Err(error) => {
                let error = self.cause(error, &session.compute, size, guides).await;
                let offer_cpu = error.is_of_gpu();
                self.port.failed(Some(id), &error, offer_cpu, true);
            }
        }
    }

    async fn picture(&self, session: &Session, id: u32, form: GenerateRequest) -> Result<Made> {
        let mut request =
            Request { params: form.params, start: form.start.map(start).transpose()? };
        request.params.scheduler = request.params.scheduler.or(session.scheduler);
        if let Some(obstacle) = self.obstacle(request.params.size(), request.params.is_guided()) {
            return Err(obstacle);
        }
        let host = Run { worker: self, compute: &session.compute, id };
        let picture = session.model.generate(&request, &host).await?;
        let recipe = request.recipe(session.identity.clone());
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
                preview: preview.as_ref().map(Pixels::of),
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
