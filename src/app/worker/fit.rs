//! Reading of pictures and masks, and their fitting to a size.
//!
//! It is done beside a run: between two rows, when some milliseconds have passed, the event loop has its turn,
//! and with it the run. Pictures come one after another.

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
use crate::image::{Fit, Mask, RgbImage};

/// The longest side that a picture is fitted to, as for a run.
const LONGEST_SIDE: u32 = 4096;

/// [`crate::app::protocol::Command::FitImage`] or [`crate::app::protocol::Command::FitMask`].
pub struct Question {
    /// The request.
    pub call: Call,
    /// What is read.
    pub what: What,
    /// Width and height, pixels.
    pub size: [u32; 2],
    /// What happens to a picture of another shape.
    pub fit: Fit,
    /// A `Blob`, an `ImageData` or an `ImageBitmap`.
    pub picture: JsValue,
}

/// What a picture is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An init image; `number` is the page's for it, if other sizes of it may be asked for.
    Image {
        /// The page's number.
        number: Option<u32>,
    },
    /// Its mask.
    Mask,
}

/// The questions that wait, and the picture that was read last.
#[derive(Default)]
pub struct Fits {
    waiting: VecDeque<Question>,
    is_at_work: bool,
    last: Option<Kept>,
}

/// A picture that was read, kept outside of WebAssembly's memory, which models need.
#[derive(Clone)]
struct Kept {
    number: u32,
    size: [usize; 2],
    pixels: Uint8Array,
}

impl Fits {
    /// Returns whether the page has asked about its picture again since.
    fn is_outdated(&self, what: What) -> bool {
        let is_of_page = |what| matches!(what, What::Image { number: Some(_) });
        is_of_page(what) && self.waiting.iter().any(|later| is_of_page(later.what))
    }

    /// Returns whether it has asked about another picture since.
    fn is_given_up(&self, what: What) -> bool {
        self.is_outdated(what) && !self.waiting.iter().any(|later| later.what == what)
    }
}

impl Worker {
    /// Answers a question about a picture, after those that wait.
    pub fn fit(self: Rc<Self>, question: Question) {
        let mut fits = self.fits.borrow_mut();
        fits.waiting.push_back(question);
        if std::mem::replace(&mut fits.is_at_work, true) {
            return;
        }
        drop(fits);
        spawn_local(async move {
            while let Some(question) = self.next_question() {
                self.answer_fit(question).await;
            }
        });
    }

    fn next_question(&self) -> Option<Question> {
        let mut fits = self.fits.borrow_mut();
        let next = fits.waiting.pop_front();
        fits.is_at_work = next.is_some();
        next
    }

    async fn answer_fit(&self, question: Question) {
        let call = question.call.clone();
        let response = match self.fitted(question).await {
            Ok(Some(response)) => response,
            Ok(None) => Response::Cancelled { model_stays: true },
            Err(error) => Response::failed(&error),
        };
        self.respond(&call, response);
    }

    /// Returns the answer; `None` if it is not wanted any more.
    async fn fitted(&self, question: Question) -> Result<Option<Response>> {
        let Question { what, size, fit, picture, .. } = question;
        check(size)?;
        let mut pauses = Pauses::new();
        let Some(image) = self.image(what, &picture, &mut pauses).await? else { return Ok(None) };
        let [width, height] = size.map(|side| side as usize);
        let mut fitting = image.fitting(width, height, fit)?;
        let fitted = loop {
            match fitting.step() {
                ControlFlow::Continue(next) => fitting = next,
                ControlFlow::Break(fitted) => break fitted,
            }
            if pauses.pause().await && self.fits.borrow().is_outdated(what) {
                return Ok(None);
            }
        };
        Ok(Some(match what {
            What::Image { .. } => {
                let own_size = [image.width, image.height].map(|side| side as u32);
                Response::ImageFitted { own_size, image: Pixels::of(&fitted) }
            }
            // Black and white only after the fitting, as in diffusers.
            What::Mask => {
                let mask = Mask::from_image(&fitted)?.values().to_vec();
                Response::MaskFitted { mask }
            }
        }))
    }

    /// Returns the picture at its own size; `None` if it is not wanted any more.
    async fn image(
        &self,
        what: What,
        picture: &JsValue,
        pauses: &mut Pauses,
    ) -> Result<Option<RgbImage>> {
        let What::Image { number: Some(number) } = what else {
            return decode(picture, pauses, || false).await;
        };
        let kept = self.fits.borrow().last.clone().filter(|kept| kept.number == number);
        if let Some(Kept { size: [width, height], pixels, .. }) = kept {
            return Ok(Some(RgbImage { width, height, pixels: pixels.to_vec() }));
        }
        let is_given_up = || self.fits.borrow().is_given_up(what);
        let image = decode(picture, pauses, is_given_up).await?;
        let last = image.as_ref().map(|image| Kept {
            number,
            size: [image.width, image.height],
            pixels: Uint8Array::from(image.pixels.as_slice()),
        });
        self.fits.borrow_mut().last = last;
        Ok(image)
    }
}

/// Refuses sizes that no run has: there might not be the memory for one.
fn check([width, height]: [u32; 2]) -> Result<()> {
    for (field, side) in [("width", width), ("height", height)] {
        if !(1..=LONGEST_SIDE).contains(&side) {
            let value = Message::verbatim(side);
            let reason = messages::multiple_of(8_u32, side.clamp(8, LONGEST_SIDE));
            return Err(Error::InvalidRequest { field, value, reason });
        }
    }
    Ok(())
}
