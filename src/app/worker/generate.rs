//! Generation of an image.

use super::Worker;
use super::adapters;
use super::call::Call;
use super::init_image::{from_wire, scores};
use super::open::Session;
use crate::app::event_loop::next_task;
use crate::app::protocol::{
    Event, GenerateRequest, InitImagePixels, Note, Pixels, Response, Stage,
};
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::image::RgbImage;
use crate::params::AdapterUse;
use crate::pipeline::{Callbacks, PipelineEvent, Request, metadata};

impl Worker {
    /// Answers [`Generate`](crate::app::protocol::Command::Generate).
    pub async fn generate(
        &self,
        session: &Session,
        form: GenerateRequest,
        call: &Call,
    ) -> Response {
        let start = js_sys::Date::now();
        let (size, guides) = (form.params.size(), form.params.is_guided());
        match self.run(session, form, call).await {
            Ok(Output { image, png, adapters, embeddings }) => {
                let seconds = (js_sys::Date::now() - start) / 1000.0;
                let picture = Pixels::from_rgb(&image);
                Response::Generated { picture, png, seconds, adapters, embeddings }
            }
            Err(Error::Cancelled) => Response::Cancelled { model_stays: true },
            Err(error) => {
                let error = self.gpu_cause(error, &session.compute, size, guides).await;
                let offer_cpu = error.is_of_gpu();
                Response::Failed { error: (&error).into(), offer_cpu, model_stays: true }
            }
        }
    }

    async fn run(&self, session: &Session, form: GenerateRequest, call: &Call) -> Result<Output> {
        let mut request = Request {
            params: form.params,
            init_image: form.init_image.map(from_wire).transpose()?,
            embeddings: Vec::new(),
        };
        request.params.scheduler = request.params.scheduler.or(session.scheduler);
        if let Some(obstacle) = self.obstacle(request.params.size(), request.params.is_guided()) {
            return Err(obstacle);
        }
        let selection = self.adapters.borrow().select(&form.adapters, &request.params);
        request.embeddings = selection.embeddings.clone();
        let (hashes, in_effect) = (selection.set.hashes().await?, selection.set.uses());
        let adapters = adapters::apply(session, selection, call).await?;
        let callbacks = WorkerCallbacks { compute: &session.compute, call };
        let picture = session.model.generate(&request, &callbacks).await?;
        let mut metadata = request.metadata(session.identity.clone());
        metadata.vae.clone_from(&session.vae);
        metadata.adapters = adapters;
        metadata.adapter_hashes = hashes;
        metadata.embeddings = session.model.family.embeddings_in(&request)?;
        let png = metadata::to_png(&picture.image, &metadata)?;
        let embeddings = metadata.embeddings.into_iter().map(|file| file.name).collect();
        Ok(Output { image: picture.image, png, adapters: in_effect, embeddings })
    }
}

/// Answers [`Compare`](crate::app::protocol::Command::Compare).
pub fn compare(picture: Pixels, init_image: InitImagePixels) -> Response {
    match scores(picture, init_image) {
        Ok(scores) => Response::Compared { scores },
        Err(error) => Response::failed(&error),
    }
}

/// Result of a run.
struct Output {
    image: RgbImage,
    png: Vec<u8>,
    adapters: Vec<AdapterUse>,
    embeddings: Vec<String>,
}

/// Host of one pipeline run.
struct WorkerCallbacks<'a> {
    compute: &'a Compute,
    call: &'a Call,
}

impl Callbacks for WorkerCallbacks<'_> {
    async fn yield_now(&self) -> Result<()> {
        next_task().await;
        self.compute.check()?;
        if self.call.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }

    fn report(&self, event: PipelineEvent) {
        self.call.event(match event {
            PipelineEvent::Loading { what, .. } => {
                Event::Preparing { stage: Stage::Network { part: Message::plain(what) } }
            }
            PipelineEvent::PromptTruncated { field, removed_text } => Event::Note {
                note: Note::PromptTruncated { field: field.to_string(), lost: removed_text },
            },
            PipelineEvent::Encoding => Event::Encoding,
            PipelineEvent::Step { done, total, preview } => Event::Step {
                done: done as u32,
                total: total as u32,
                preview: preview.as_ref().map(Pixels::from_rgb),
            },
            PipelineEvent::Decoding { done, total } => {
                Event::Decoding { done: done as u32, total: total as u32 }
            }
        });
    }

    fn wants_preview(&self) -> bool {
        true
    }
}
