//! Requests to the worker to read and fit images.
//!
//! [`FitRequests`] decides which answers are still valid.

use crate::image::Fit;

/// Use of an opened file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The init image.
    Picture,
    /// The mask.
    Mask,
}

/// Size and mode of a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FitTarget {
    /// Width and height, pixels.
    pub size: (u32, u32),
    /// How an image of another aspect ratio is fitted.
    pub fit: Fit,
}

/// Request to the worker; `S` is the type of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FitRequest<S> {
    /// Number of the request.
    pub id: u32,
    /// Number of the init image; `None` for a mask.
    pub image: Option<u32>,
    /// The source.
    pub source: S,
    /// The target of the fit.
    pub target: FitTarget,
}

/// An init image that is being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingImage<S> {
    /// The request.
    pub request: FitRequest<S>,
    /// The file's name; `None` if it is not a file or was read before.
    pub name: Option<String>,
    /// Whether the worker exited unexpectedly during this request.
    has_failed: bool,
}

/// A mask that is being read, or that waits for its init image.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PendingMask<S> {
    source: S,
    name: String,
    /// Number and target of the request, once it is sent.
    request: Option<(u32, FitTarget)>,
    has_failed: bool,
}

/// The requests in progress.
#[derive(Debug, PartialEq, Eq)]
pub struct FitRequests<S> {
    last_id: u32,
    last_image: u32,
    image: Option<PendingImage<S>>,
    mask: Option<PendingMask<S>>,
}

impl<S> Default for FitRequests<S> {
    fn default() -> Self {
        FitRequests { last_id: 0, last_image: 0, image: None, mask: None }
    }
}

/// Consequence of an answer about a mask.
#[derive(Debug, PartialEq, Eq)]
pub enum MaskAnswer<S> {
    /// The answer is outdated.
    Outdated,
    /// The image's target has changed, so the mask is to be fitted again.
    Refit(FitRequest<S>),
    /// The mask is valid; the file has this name.
    Accepted(String),
}

/// Requests after an exit of the worker.
#[derive(Debug, PartialEq, Eq)]
pub struct AfterExit<S> {
    /// Requests to send again.
    pub resend: Vec<FitRequest<S>>,
    /// Files that were being read at two unexpected exits.
    pub dropped: Vec<(Role, String)>,
}

impl<S: Clone> FitRequests<S> {
    /// Returns whether nothing is being read.
    pub fn is_done(&self) -> bool {
        self.image.is_none() && self.mask.is_none()
    }

    /// Returns the number of a new init image, and drops all previous requests.
    pub fn new_image(&mut self) -> u32 {
        self.stop();
        self.last_image += 1;
        self.last_image
    }

    /// Creates the request for an init image, in place of the previous one.
    pub fn request_image(
        &mut self,
        image: u32,
        source: S,
        name: Option<String>,
        target: FitTarget,
    ) -> FitRequest<S> {
        self.last_id += 1;
        let request = FitRequest { id: self.last_id, image: Some(image), source, target };
        self.image = Some(PendingImage { request: request.clone(), name, has_failed: false });
        request
    }

    /// Creates a request for another target of the image that is being read; `None` if there is
    /// none, or its target is the same.
    pub fn retarget(&mut self, target: FitTarget) -> Option<FitRequest<S>> {
        let PendingImage { request, name, .. } =
            self.image.take_if(|pending| pending.request.target != target)?;
        let image = request.image?;
        Some(self.request_image(image, request.source, name, target))
    }

    /// Returns the init image that is being read.
    pub fn image(&self) -> Option<&PendingImage<S>> {
        self.image.as_ref()
    }

    /// Drops the request for an init image whose fitted pixels are already shown.
    pub fn drop_image(&mut self) {
        self.image = None;
    }

    /// Removes and returns the init image of request `id`, unless it is outdated.
    pub fn take_image(&mut self, id: u32) -> Option<PendingImage<S>> {
        self.image.take_if(|pending| pending.request.id == id)
    }

    /// Adds a mask to be read.
    pub fn open_mask(&mut self, source: S, name: String) {
        self.mask = Some(PendingMask { source, name, request: None, has_failed: false });
    }

    /// Creates the request for the waiting mask. `None` if there is none, or the init image itself
    /// is being read.
    pub fn request_mask(&mut self, target: FitTarget) -> Option<FitRequest<S>> {
        if self.image.is_some() {
            return None;
        }
        let mask = self.mask.as_mut().filter(|mask| mask.request.is_none())?;
        self.last_id += 1;
        mask.request = Some((self.last_id, target));
        let source = mask.source.clone();
        Some(FitRequest { id: self.last_id, image: None, source, target })
    }

    /// Handles the answer to request `id` about a mask; `target` is that of the shown image.
    pub fn take_mask(&mut self, id: u32, target: FitTarget) -> MaskAnswer<S> {
        let Some((_, pending)) =
            self.mask.as_ref().and_then(|mask| mask.request.filter(|q| q.0 == id))
        else {
            return MaskAnswer::Outdated;
        };
        if pending == target && self.image.is_none() {
            return self
                .mask
                .take()
                .map_or(MaskAnswer::Outdated, |mask| MaskAnswer::Accepted(mask.name));
        }
        if let Some(mask) = &mut self.mask {
            mask.request = None;
        }
        // While the init image is being read, the mask waits for it.
        self.request_mask(target).map_or(MaskAnswer::Outdated, MaskAnswer::Refit)
    }

    /// Handles the failure of request `id`. Returns the name of the mask's file, if it was about
    /// the mask.
    pub fn mask_failed(&mut self, id: u32) -> Option<String> {
        let is_same =
            |mask: &mut PendingMask<S>| mask.request.is_some_and(|(pending, _)| pending == id);
        self.mask.take_if(is_same).map(|mask| mask.name)
    }

    /// Handles an exit of the worker: returns the requests to send again, except those during which
    /// it has exited unexpectedly twice.
    pub fn worker_exited(&mut self, unexpectedly: bool) -> AfterExit<S> {
        let mut ended = AfterExit { resend: Vec::new(), dropped: Vec::new() };
        if let Some(mut pending) = self.image.take() {
            if pending.has_failed {
                ended.dropped.extend(pending.name.map(|name| (Role::Picture, name)));
            } else {
                self.last_id += 1;
                pending.request.id = self.last_id;
                pending.has_failed = unexpectedly;
                ended.resend.push(pending.request.clone());
                self.image = Some(pending);
            }
        }
        if let Some(mut mask) = self.mask.take() {
            if mask.has_failed {
                ended.dropped.push((Role::Mask, mask.name));
            } else {
                if let Some((_, target)) = mask.request {
                    self.last_id += 1;
                    mask.request = Some((self.last_id, target));
                    mask.has_failed = unexpectedly;
                    let source = mask.source.clone();
                    ended.resend.push(FitRequest { id: self.last_id, image: None, source, target });
                }
                self.mask = Some(mask);
            }
        }
        ended
    }

    /// Drops all requests.
    pub fn stop(&mut self) {
        self.image = None;
        self.mask = None;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{AfterExit, FitRequest, FitRequests, FitTarget, MaskAnswer, Role};
    use crate::image::Fit;

    fn target(side: u32) -> FitTarget {
        FitTarget { size: (side, side), fit: Fit::Crop }
    }

    /// Returns an image that is being read for 64 × 64.
    fn requests() -> (FitRequests<&'static str>, FitRequest<&'static str>) {
        let mut requests = FitRequests::default();
        let image = requests.new_image();
        let request = requests.request_image(image, "picture", Some("p.png".into()), target(64));
        (requests, request)
    }

    #[test]
    fn only_last_image_request_is_valid() {
        let (mut requests, first) = requests();
        assert_eq!(requests.retarget(target(64)), None);
        let second = requests.retarget(target(128)).unwrap();
        assert_ne!(second.id, first.id);
        assert_eq!((second.image, second.target), (first.image, target(128)));
        assert_eq!(requests.take_image(first.id), None);
        assert!(!requests.is_done());
        assert_eq!(requests.take_image(second.id).unwrap().name.as_deref(), Some("p.png"));
        assert!(requests.is_done());
    }

    #[test]
    fn new_image_drops_previous_requests() {
        let (mut requests, first) = requests();
        requests.open_mask("mask", "m.png".into());
        let image = requests.new_image();
        assert!(requests.is_done());
        assert_ne!(first.image, Some(image));
        assert_eq!(requests.take_image(first.id), None);
    }

    #[test]
    fn mask_request_waits_for_image() {
        let (mut requests, first) = requests();
        requests.open_mask("mask", "m.png".into());
        assert_eq!(requests.request_mask(target(64)), None);
        assert!(requests.take_image(first.id).is_some());
        let pending = requests.request_mask(target(64)).unwrap();
        assert_eq!((pending.image, pending.source), (None, "mask"));
        assert_eq!(requests.request_mask(target(64)), None, "it is requested once");
        assert_eq!(
            requests.take_mask(pending.id, target(64)),
            MaskAnswer::Accepted("m.png".into())
        );
        assert!(requests.is_done());
    }

    #[test]
    fn mask_with_old_target_is_requested_again() {
        let mut requests = FitRequests::default();
        requests.open_mask("mask", "m.png".into());
        let first = requests.request_mask(target(64)).unwrap();
        let second = FitRequest { id: first.id + 1, target: target(128), ..first.clone() };
        assert_eq!(requests.take_mask(first.id, target(128)), MaskAnswer::Refit(second.clone()));
        assert_eq!(requests.take_mask(first.id, target(128)), MaskAnswer::Outdated);
        assert_eq!(
            requests.take_mask(second.id, target(128)),
            MaskAnswer::Accepted("m.png".into())
        );
    }

    #[test]
    fn failed_mask_returns_its_name() {
        let mut requests = FitRequests::default();
        requests.open_mask("mask", "m.png".into());
        let id = requests.request_mask(target(64)).unwrap().id;
        assert_eq!(requests.mask_failed(id + 1), None);
        assert_eq!(requests.mask_failed(id).as_deref(), Some("m.png"));
        assert!(requests.is_done());
    }

    #[test]
    fn file_with_two_unexpected_exits_is_dropped() {
        let (mut requests, first) = requests();
        assert_eq!(requests.worker_exited(false).resend.len(), 1, "the page has ended it");
        let AfterExit { resend, dropped } = requests.worker_exited(true);
        assert_eq!((resend.len(), dropped), (1, Vec::new()));
        assert!(resend[0].id > first.id);
        assert_eq!(requests.take_image(first.id), None);
        let ended = requests.worker_exited(true);
        assert_eq!(ended.resend, []);
        assert_eq!(ended.dropped, [(Role::Picture, "p.png".to_string())]);
        assert!(requests.is_done());
    }
}
