//! Decoding of images and masks, and fitting to a size.
//!
//! It runs concurrently with generation: between rows it yields to the event loop every few
//! milliseconds. Jobs run one after another.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::Worker;
use super::call::Call;
use super::decode::decode;
use crate::app::event_loop::Pauses;
use crate::app::protocol::{Pixels, Response};
use crate::error::{Error, Message, Result, messages};
use crate::image::{Fit, Mask, RgbImage, Transparency};

/// Longest allowed side, as for a run.
const LONGEST_SIDE: u32 = 4096;

/// A [`FitImage`](crate::app::protocol::Command::FitImage) or
/// [`FitMask`](crate::app::protocol::Command::FitMask) command.
pub struct FitJob {
    /// The request.
    pub call: Call,
    /// Init image or mask.
    pub kind: FitKind,
    /// Width and height, pixels.
    pub size: [u32; 2],
    /// How a picture of another aspect ratio is fitted.
    pub fit: Fit,
    /// A `Blob`, an `ImageData` or an `ImageBitmap`.
    pub picture: JsValue,
}

/// Use of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FitKind {
    /// An init image; with `number`, its pixels are cached for fits to other sizes.
    Image {
        /// The page's number.
        number: Option<u32>,
    },
    /// A mask.
    Mask,
}

/// Waiting jobs, and the init image that was decoded last.
#[derive(Default)]
pub struct FitQueue {
    waiting: VecDeque<FitJob>,
    is_running: bool,
    last: Option<DecodedImage>,
}

/// A decoded image, stored outside WebAssembly's memory, which models need.
#[derive(Clone)]
struct DecodedImage {
    number: u32,
    size: [usize; 2],
    pixels: Uint8Array,
}

impl FitQueue {
    /// Returns whether `kind` is a cached init image and a later job for one is waiting.
    fn is_outdated(&self, kind: FitKind) -> bool {
        let is_numbered = |kind| matches!(kind, FitKind::Image { number: Some(_) });
        is_numbered(kind) && self.waiting.iter().any(|later| is_numbered(later.kind))
    }

    /// Returns whether `kind` is outdated and no later job needs its pixels.
    fn is_abandoned(&self, kind: FitKind) -> bool {
        self.is_outdated(kind) && !self.waiting.iter().any(|later| later.kind == kind)
    }
}

impl Worker {
    /// Adds a job to the queue, and starts the queue if it is idle.
    pub fn fit(self: Rc<Self>, job: FitJob) {
        let mut fit_queue = self.fit_queue.borrow_mut();
        fit_queue.waiting.push_back(job);
        if std::mem::replace(&mut fit_queue.is_running, true) {
            return;
        }
        drop(fit_queue);
        spawn_local(async move {
            while let Some(job) = self.next_job() {
                self.answer_fit(job).await;
            }
        });
    }

    fn next_job(&self) -> Option<FitJob> {
        let mut fit_queue = self.fit_queue.borrow_mut();
        let next = fit_queue.waiting.pop_front();
        fit_queue.is_running = next.is_some();
        next
    }

    async fn answer_fit(&self, job: FitJob) {
        let call = job.call.clone();
        let response = match self.run_fit(job).await {
            Ok(Some(response)) => response,
            Ok(None) => Response::Cancelled { model_stays: true },
            Err(error) => Response::failed(&error),
        };
        self.respond(&call, response);
    }

    /// Returns the response; `None` if a later job replaces this one.
    async fn run_fit(&self, job: FitJob) -> Result<Option<Response>> {
        let FitJob { kind, size, fit, picture, .. } = job;
        check_size(size)?;
        let mut pauses = Pauses::new();
        let Some(image) = self.image(kind, &picture, &mut pauses).await? else { return Ok(None) };
        let [width, height] = size.map(|side| side as usize);
        let mut fitting = image.fitting(width, height, fit)?;
        let fitted = loop {
            match fitting.step() {
                ControlFlow::Continue(next) => fitting = next,
                ControlFlow::Break(fitted) => break fitted,
            }
            if pauses.pause().await && self.fit_queue.borrow().is_outdated(kind) {
                return Ok(None);
            }
        };
        Ok(Some(match kind {
            FitKind::Image { .. } => {
                let own_size = [image.width, image.height].map(|side| side as u32);
                Response::ImageFitted { own_size, image: Pixels::from_rgb(&fitted) }
            }
            // Thresholded after the fitting, as in diffusers.
            FitKind::Mask => {
                let mask = Mask::from_image(&fitted)?.values().to_vec();
                Response::MaskFitted { mask }
            }
        }))
    }

    /// Returns the picture at its original size; `None` if a later job replaces this one.
    async fn image(
        &self,
        kind: FitKind,
        picture: &JsValue,
        pauses: &mut Pauses,
    ) -> Result<Option<RgbImage>> {
        let FitKind::Image { number: Some(number) } = kind else {
            let transparency = match kind {
                FitKind::Image { .. } => Transparency::Drop,
                FitKind::Mask => Transparency::OnBlack,
            };
            return decode(picture, transparency, pauses, || false).await;
        };
        let kept = self.fit_queue.borrow().last.clone().filter(|kept| kept.number == number);
        if let Some(DecodedImage { size: [width, height], pixels, .. }) = kept {
            return Ok(Some(RgbImage { width, height, pixels: pixels.to_vec() }));
        }
        let is_abandoned = || self.fit_queue.borrow().is_abandoned(kind);
        let image = decode(picture, Transparency::Drop, pauses, is_abandoned).await?;
        let last = image.as_ref().map(|image| DecodedImage {
            number,
            size: [image.width, image.height],
            pixels: Uint8Array::from(image.pixels.as_slice()),
        });
        self.fit_queue.borrow_mut().last = last;
        Ok(image)
    }
}

/// Rejects sizes that no run has, for which there might not be enough memory.
fn check_size([width, height]: [u32; 2]) -> Result<()> {
    for (field, side) in [("width", width), ("height", height)] {
        if !(1..=LONGEST_SIDE).contains(&side) {
            let value = Message::verbatim(side);
            let reason = messages::multiple_of(8_u32, side.clamp(8, LONGEST_SIDE));
            return Err(Error::InvalidRequest { field, value, reason });
        }
    }
    Ok(())
}
