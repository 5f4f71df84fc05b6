//! State of the form: what the user has set and what the model proposes.
//!
//! The inputs hold the texts; this decides which of them come from the user, the draft or the
//! model.

use std::collections::HashSet;

use super::shape::{SHAPES, shape_size, size_like};
use super::{SCHEDULER, SEED, as_u32};
use crate::params::{DefaultRule, Field, GenerationParams, Kind};

/// The user's changes, the model's proposals and the last seed.
pub struct FormState {
    /// Ids of the fields that the user has set.
    touched: HashSet<String>,
    native_size: (u32, u32),
    /// The defaults that were applied last.
    defaults: Option<GenerationParams>,
    /// The scheduler of the model's config, once a model is loaded.
    model_scheduler: Option<String>,
    /// Seeds of this visit's runs and of waiting ones.
    used_seeds: Vec<u64>,
    /// Size of the init image that the size of the images follows.
    followed: Option<(u32, u32)>,
}

/// What happens to a field's value in the draft when the user sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftChange {
    /// It is saved.
    Save,
    /// It is removed: a random seed need not be restored.
    Remove,
}

impl Default for FormState {
    fn default() -> Self {
        FormState {
            touched: HashSet::new(),
            native_size: (128, 128),
            defaults: None,
            model_scheduler: None,
            used_seeds: Vec::new(),
            followed: None,
        }
    }
}

impl FormState {
    /// Records that field `id` was set before this program started, or is restored from the draft.
    pub fn restore(&mut self, id: &str) {
        self.touched.insert(id.to_string());
    }

    /// Records that the user sets field `id`. `keeps_seed`: whether the next image uses the same
    /// seed.
    pub fn touch(&mut self, id: &str, keeps_seed: bool) -> DraftChange {
        self.touched.insert(id.to_string());
        if id == SEED && !keeps_seed { DraftChange::Remove } else { DraftChange::Save }
    }

    /// Records that field `id` is left to the page and the model again.
    pub fn untouch(&mut self, id: &str) {
        self.touched.remove(id);
    }

    /// Returns whether field `id` is still left to the page and the model.
    pub fn is_untouched(&self, id: &str) -> bool {
        !self.touched.contains(id)
    }

    /// Takes over native size and scheduler of a loaded model's defaults. Returns whether these are others than
    /// before.
    pub fn set_defaults(&mut self, defaults: &GenerationParams) -> bool {
        self.native_size = as_u32(defaults.size());
        let own = defaults.scheduler.map_or(String::new(), |name| name.to_string());
        self.model_scheduler = Some(own);
        self.defaults.replace(defaults.clone()).as_ref() != Some(defaults)
    }

    /// Returns the scheduler of the model's config; `None` if no model was loaded yet.
    pub fn model_scheduler(&self) -> Option<&str> {
        self.model_scheduler.as_deref()
    }

    /// Returns the scheduler to select, where `selected` is selected now: the model's own unless
    /// the user has chosen one.
    pub fn scheduler_to_select(&self, selected: String) -> String {
        match &self.model_scheduler {
            Some(own) if self.is_untouched(SCHEDULER) => own.clone(),
            _ => selected,
        }
    }

    /// Returns the text that the model proposes for `field`; `None` if the user has set it or the
    /// model has no say. The scheduler's menu is apart ([`FormState::scheduler_to_select`]).
    pub fn proposal(&self, field: &Field, defaults: &GenerationParams) -> Option<String> {
        let is_models =
            field.default == DefaultRule::Model && !matches!(field.kind, Kind::Choice(_));
        let value = defaults.get(field).filter(|_| is_models && self.is_untouched(field.id))?;
        let followed = self.followed.map(|_| self.proposed_size());
        Some(match (field.id, followed) {
            ("width", Some((width, _))) => width.to_string(),
            ("height", Some((_, height))) => height.to_string(),
            _ => field.shown(&value),
        })
    }

    /// Lets the size follow an init image of size `own`, or the model again if there is none.
    /// Returns the size to set, unless the user has chosen one.
    pub fn follow(&mut self, own: Option<(u32, u32)>) -> Option<(u32, u32)> {
        if !(self.is_untouched("width") && self.is_untouched("height")) {
            return None;
        }
        self.followed = own;
        Some(self.proposed_size())
    }

    /// Records the form's size after an undo: another one than the init image's means that the
    /// size is not to follow it.
    pub fn size_undone(&mut self, size: Option<(u32, u32)>) {
        if size != Some(self.proposed_size()) {
            self.followed = None;
        }
    }

    /// Returns the size where the user has chosen none.
    fn proposed_size(&self) -> (u32, u32) {
        self.followed.map_or(self.native_size, |own| size_like(self.native_size, own))
    }

    /// Returns the size of a preset shape.
    pub fn shape_size(&self, shape: &str) -> (u32, u32) {
        shape_size(self.native_size, shape)
    }

    /// Returns each preset shape with whether `size` is its size.
    pub fn shapes(&self, size: Option<(u32, u32)>) -> impl Iterator<Item = (&'static str, bool)> {
        SHAPES.into_iter().map(move |shape| (shape, size == Some(self.shape_size(shape))))
    }

    /// Returns `size` if the user has chosen it and it differs from the model's native size.
    pub fn chosen_size(&self, size: Option<(u32, u32)>) -> Option<[u32; 2]> {
        if self.is_untouched("width") && self.is_untouched("height") {
            return None;
        }
        size.filter(|size| *size != self.native_size).map(|(width, height)| [width, height])
    }

    /// Records that a run uses this seed.
    pub fn mark_seed_used(&mut self, seed: u64) {
        self.used_seeds.push(seed);
    }

    /// Returns whether a run with the seed field's `text` needs a new random seed: the field is
    /// empty, or its seed is used and not to be kept.
    pub fn needs_new_seed(&self, text: &str, keeps_seed: bool) -> bool {
        let text = text.trim();
        let is_used = text.parse().is_ok_and(|seed| self.used_seeds.contains(&seed));
        is_random_seed(text) || (is_used && !keeps_seed)
    }
}

/// Returns whether the seed field's `text` asks for a random seed: it is empty, or -1 as in other
/// programs.
pub fn is_random_seed(text: &str) -> bool {
    matches!(text.trim(), "" | "-1")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{DraftChange, FormState};
    use crate::params::{FIELDS, Field, GenerationParams};

    fn defaults() -> GenerationParams {
        let scheduler = "ddim".parse().ok();
        let (num_inference_steps, width, height) = (30, 512, 512);
        GenerationParams { num_inference_steps, width, height, scheduler, ..<_>::default() }
    }

    fn field(name: &str) -> &'static Field {
        FIELDS.iter().find(|field| field.name == name).unwrap()
    }

    #[test]
    fn model_proposes_values_of_untouched_fields() {
        let (mut state, defaults) = (FormState::default(), defaults());
        let steps = field("num_inference_steps");
        assert_eq!(state.proposal(steps, &defaults).as_deref(), Some("30"));
        state.touch(steps.id, false);
        assert_eq!(state.proposal(steps, &defaults), None);
        // A restored draft counts as the user's choice.
        state.restore("width");
        assert_eq!(state.proposal(field("width"), &defaults), None);
        assert_eq!(state.proposal(field("height"), &defaults).as_deref(), Some("512"));
        // The model has no say in the seed; its scheduler is set with the menu.
        assert_eq!(state.proposal(field("seed"), &defaults), None);
        assert_eq!(state.proposal(field("scheduler"), &defaults), None);
    }

    #[test]
    fn scheduler_is_the_models_until_chosen() {
        let mut state = FormState::default();
        assert_eq!(state.scheduler_to_select("euler".to_string()), "euler");
        state.set_defaults(&defaults());
        assert_eq!(state.model_scheduler(), Some("ddim"));
        assert_eq!(state.scheduler_to_select("euler".to_string()), "ddim");
        state.touch("scheduler", false);
        assert_eq!(state.scheduler_to_select("euler".to_string()), "euler");
    }

    #[test]
    fn chosen_size_is_touched_and_not_native() {
        let mut state = FormState::default();
        state.set_defaults(&defaults());
        assert_eq!(state.chosen_size(Some((384, 512))), None);
        state.touch("width", false);
        assert_eq!(state.chosen_size(Some((384, 512))), Some([384, 512]));
        assert_eq!(state.chosen_size(Some((512, 512))), None);
        assert_eq!(state.chosen_size(None), None);
    }

    #[test]
    fn size_follows_init_image_until_the_user_chooses_one() {
        let mut state = FormState::default();
        assert_eq!(state.follow(Some((400, 300))), Some((144, 112)));
        // Another model has another number of pixels.
        state.set_defaults(&defaults());
        let defaults = defaults();
        assert_eq!(state.proposal(field("width"), &defaults).as_deref(), Some("584"));
        assert_eq!(state.proposal(field("height"), &defaults).as_deref(), Some("440"));
        assert_eq!(state.follow(None), Some((512, 512)));
        state.touch("width", false);
        assert_eq!(state.follow(Some((400, 300))), None);
    }

    #[test]
    fn undone_size_no_longer_follows_init_image() {
        let mut state = FormState::default();
        state.set_defaults(&defaults());
        state.follow(Some((400, 300)));
        state.size_undone(Some((584, 440)));
        assert_eq!(state.proposal(field("width"), &defaults()).as_deref(), Some("584"));
        state.size_undone(Some((512, 512)));
        assert_eq!(state.proposal(field("width"), &defaults()).as_deref(), Some("512"));
    }

    #[test]
    fn shape_of_the_present_size_is_marked() {
        let mut state = FormState::default();
        state.set_defaults(&defaults());
        let shapes: Vec<_> = state.shapes(Some((384, 512))).collect();
        assert_eq!(shapes, [("square", false), ("portrait", true), ("landscape", false)]);
        assert!(state.shapes(None).all(|(_, is_present)| !is_present));
    }

    #[test]
    fn used_seed_is_replaced_unless_kept() {
        let mut state = FormState::default();
        assert!(state.needs_new_seed(" ", true));
        assert!(state.needs_new_seed("-1", true));
        assert!(!state.needs_new_seed("-2", false));
        assert!(!state.needs_new_seed("7", false));
        state.mark_seed_used(7);
        assert!(state.needs_new_seed(" 7", false));
        assert!(!state.needs_new_seed("7", true));
        assert!(!state.needs_new_seed("8", false));
        // A queued run has used another one meanwhile.
        state.mark_seed_used(9);
        assert!(state.needs_new_seed("7", false) && state.needs_new_seed("9", false));
        // The worker rejects it; it is not replaced.
        assert!(!state.needs_new_seed("seven", false));
    }

    #[test]
    fn random_seed_is_not_in_the_draft() {
        let mut state = FormState::default();
        assert_eq!(state.touch("seed", false), DraftChange::Remove);
        assert_eq!(state.touch("seed", true), DraftChange::Save);
        assert_eq!(state.touch("prompt", false), DraftChange::Save);
        assert!(!state.is_untouched("prompt") && state.is_untouched("width"));
    }
}
