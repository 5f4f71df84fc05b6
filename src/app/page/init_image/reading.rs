//! Pictures and masks that the worker is reading, and which of its answers still count.

use crate::image::Fit;

/// What a file is opened as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The init image.
    Picture,
    /// Its mask.
    Mask,
}

/// What a picture is fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Width and height, pixels.
    pub size: (u32, u32),
    /// What happens to a picture of another shape.
    pub fit: Fit,
}

/// Question to the worker; `S` is what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<S> {
    /// Its number.
    pub id: u32,
    /// The number of the init image that is read; `None`: it is read as a mask.
    pub image: Option<u32>,
    /// What is read.
    pub source: S,
    /// What it is fitted to.
    pub target: Target,
}

/// An init image that is being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<S> {
    /// The question.
    pub question: Question<S>,
    /// The file's name; `None`: it is no file, or was read before.
    pub name: Option<String>,
    /// The engine has ended while it read this.
    has_failed: bool,
}

/// A mask that is being read, or waits for the picture that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AskedMask<S> {
    source: S,
    name: String,
    /// The question, once it was asked.
    question: Option<(u32, Target)>,
    has_failed: bool,
}

/// Everything that is being read.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading<S> {
    last_id: u32,
    last_image: u32,
    image: Option<Asked<S>>,
    mask: Option<AskedMask<S>>,
}

impl<S> Default for Reading<S> {
    fn default() -> Self {
        Reading { last_id: 0, last_image: 0, image: None, mask: None }
    }
}

/// What becomes of a mask that was read.
#[derive(Debug, PartialEq, Eq)]
pub enum MaskAnswer<S> {
    /// It is not wanted any more.
    Outdated,
    /// The picture has another size since.
    Again(Question<S>),
    /// It fits; the file has this name.
    Taken(String),
}

/// What becomes of the questions to an engine that has ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended<S> {
    /// To be asked again.
    pub again: Vec<Question<S>>,
    /// Files that ended two engines.
    pub given_up: Vec<(Role, String)>,
}

impl<S: Clone> Reading<S> {
    /// Returns whether nothing is being read.
    pub fn is_done(&self) -> bool {
        self.image.is_none() && self.mask.is_none()
    }

    /// Returns the number of a new init image. What was being read before it is not wanted any more.
    pub fn new_image(&mut self) -> u32 {
        self.stop();
        self.last_image += 1;
        self.last_image
    }

    /// Asks for an init image, in place of what was asked before about it.
    pub fn ask_image(
        &mut self,
        image: u32,
        source: S,
        name: Option<String>,
        target: Target,
    ) -> Question<S> {
        self.last_id += 1;
        let question = Question { id: self.last_id, image: Some(image), source, target };
        self.image = Some(Asked { question: question.clone(), name, has_failed: false });
        question
    }

    /// Asks for another size of what is being read; `None` if there is nothing, or it is read for that size.
    pub fn retarget(&mut self, target: Target) -> Option<Question<S>> {
        let Asked { question, name, .. } =
            self.image.take_if(|asked| asked.question.target != target)?;
        let image = question.image?;
        Some(self.ask_image(image, question.source, name, target))
    }

    /// Returns the init image that is being read.
    pub fn image(&self) -> Option<&Asked<S>> {
        self.image.as_ref()
    }

    /// Ends the reading of an init image whose size is there already.
    pub fn drop_image(&mut self) {
        self.image = None;
    }

    /// Returns the init image that question `id` was about, unless it is not wanted any more.
    pub fn take_image(&mut self, id: u32) -> Option<Asked<S>> {
        self.image.take_if(|asked| asked.question.id == id)
    }

    /// Notes a mask to be read.
    pub fn open_mask(&mut self, source: S, name: String) {
        self.mask = Some(AskedMask { source, name, question: None, has_failed: false });
    }

    /// Asks for the mask that waits, to be fitted as the picture is. `None` if none waits, or the picture
    /// itself is being read.
    pub fn ask_mask(&mut self, target: Target) -> Option<Question<S>> {
        if self.image.is_some() {
            return None;
        }
        let mask = self.mask.as_mut().filter(|mask| mask.question.is_none())?;
        self.last_id += 1;
        mask.question = Some((self.last_id, target));
        let source = mask.source.clone();
        Some(Question { id: self.last_id, image: None, source, target })
    }

    /// Takes in the answer to question `id` about a mask; `target` is what the picture is fitted to.
    pub fn take_mask(&mut self, id: u32, target: Target) -> MaskAnswer<S> {
        let Some((_, asked)) =
            self.mask.as_ref().and_then(|mask| mask.question.filter(|q| q.0 == id))
        else {
            return MaskAnswer::Outdated;
        };
        if asked == target && self.image.is_none() {
            return self
                .mask
                .take()
                .map_or(MaskAnswer::Outdated, |mask| MaskAnswer::Taken(mask.name));
        }
        if let Some(mask) = &mut self.mask {
            mask.question = None;
        }
        // While the picture itself is being read, the mask waits for it.
        self.ask_mask(target).map_or(MaskAnswer::Outdated, MaskAnswer::Again)
    }

    /// Question `id` cannot be answered. Returns the name of the mask's file, if it was about the mask.
    pub fn mask_failed(&mut self, id: u32) -> Option<String> {
        let is_it = |mask: &mut AskedMask<S>| mask.question.is_some_and(|(asked, _)| asked == id);
        self.mask.take_if(is_it).map(|mask| mask.name)
    }

    /// The engine has ended; `by_itself`: through no wish of the page. What it was asked is to be asked
    /// again, unless it has ended by itself twice.
    pub fn engine_ended(&mut self, by_itself: bool) -> Ended<S> {
        let mut ended = Ended { again: Vec::new(), given_up: Vec::new() };
        if let Some(mut asked) = self.image.take() {
            if asked.has_failed {
                ended.given_up.extend(asked.name.map(|name| (Role::Picture, name)));
            } else {
                self.last_id += 1;
                asked.question.id = self.last_id;
                asked.has_failed = by_itself;
                ended.again.push(asked.question.clone());
                self.image = Some(asked);
            }
        }
        if let Some(mut mask) = self.mask.take() {
            if mask.has_failed {
                ended.given_up.push((Role::Mask, mask.name));
            } else {
                if let Some((_, target)) = mask.question {
                    self.last_id += 1;
                    mask.question = Some((self.last_id, target));
                    mask.has_failed = by_itself;
                    let source = mask.source.clone();
                    ended.again.push(Question { id: self.last_id, image: None, source, target });
                }
                self.mask = Some(mask);
            }
        }
        ended
    }

    /// Forgets everything.
    pub fn stop(&mut self) {
        self.image = None;
        self.mask = None;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Ended, MaskAnswer, Question, Reading, Role, Target};
    use crate::image::Fit;

    fn target(side: u32) -> Target {
        Target { size: (side, side), fit: Fit::Crop }
    }

    /// A picture that is being read for 64 × 64.
    fn reading() -> (Reading<&'static str>, Question<&'static str>) {
        let mut reading = Reading::default();
        let image = reading.new_image();
        let question = reading.ask_image(image, "picture", Some("p.png".into()), target(64));
        (reading, question)
    }

    #[test]
    fn only_last_question_about_image_is_answered() {
        let (mut reading, first) = reading();
        assert_eq!(reading.retarget(target(64)), None);
        let second = reading.retarget(target(128)).unwrap();
        assert_ne!(second.id, first.id);
        assert_eq!((second.image, second.target), (first.image, target(128)));
        assert_eq!(reading.take_image(first.id), None);
        assert!(!reading.is_done());
        assert_eq!(reading.take_image(second.id).unwrap().name.as_deref(), Some("p.png"));
        assert!(reading.is_done());
    }

    #[test]
    fn new_image_ends_what_was_read_before() {
        let (mut reading, first) = reading();
        reading.open_mask("mask", "m.png".into());
        let image = reading.new_image();
        assert!(reading.is_done());
        assert_ne!(first.image, Some(image));
        assert_eq!(reading.take_image(first.id), None);
    }

    #[test]
    fn mask_waits_for_its_image() {
        let (mut reading, first) = reading();
        reading.open_mask("mask", "m.png".into());
        assert_eq!(reading.ask_mask(target(64)), None);
        assert!(reading.take_image(first.id).is_some());
        let asked = reading.ask_mask(target(64)).unwrap();
        assert_eq!((asked.image, asked.source), (None, "mask"));
        assert_eq!(reading.ask_mask(target(64)), None, "it is asked once");
        assert_eq!(reading.take_mask(asked.id, target(64)), MaskAnswer::Taken("m.png".into()));
        assert!(reading.is_done());
    }

    #[test]
    fn mask_of_another_size_is_asked_again() {
        let mut reading = Reading::default();
        reading.open_mask("mask", "m.png".into());
        let first = reading.ask_mask(target(64)).unwrap();
        let second = Question { id: first.id + 1, target: target(128), ..first.clone() };
        assert_eq!(reading.take_mask(first.id, target(128)), MaskAnswer::Again(second.clone()));
        assert_eq!(reading.take_mask(first.id, target(128)), MaskAnswer::Outdated);
        assert_eq!(reading.take_mask(second.id, target(128)), MaskAnswer::Taken("m.png".into()));
    }

    #[test]
    fn unreadable_mask_is_named() {
        let mut reading = Reading::default();
        reading.open_mask("mask", "m.png".into());
        let id = reading.ask_mask(target(64)).unwrap().id;
        assert_eq!(reading.mask_failed(id + 1), None);
        assert_eq!(reading.mask_failed(id).as_deref(), Some("m.png"));
        assert!(reading.is_done());
    }

    #[test]
    fn file_that_ends_two_engines_is_given_up() {
        let (mut reading, first) = reading();
        assert_eq!(reading.engine_ended(false).again.len(), 1, "the page has ended it");
        let Ended { again, given_up } = reading.engine_ended(true);
        assert_eq!((again.len(), given_up), (1, Vec::new()));
        assert!(again[0].id > first.id);
        assert_eq!(reading.take_image(first.id), None);
        let ended = reading.engine_ended(true);
        assert_eq!(ended.again, []);
        assert_eq!(ended.given_up, [(Role::Picture, "p.png".to_string())]);
        assert!(reading.is_done());
    }
}
