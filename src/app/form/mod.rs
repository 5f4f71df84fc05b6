//! The form: its values as a request, a request or the model's defaults as its values, and what is
//! wrong with a value beside its field.

mod complaints;
mod draft;
mod scheduler_menu;

use std::collections::HashSet;

use web_sys::{Event, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use self::complaints::Complaints;
use self::draft::Draft;
use super::dom::{by_id, forgive, met, set};
use super::init_image::InitImage;
use super::number::{number, whole};
use super::protocol::{Fault, GenerateRequest, ModelSheet, Recipe};
use super::shape::{SHAPES, size};
use crate::error::Result;

/// Handles of the form's fields and what the user did with them.
pub struct Form {
    prompt: HtmlTextAreaElement,
    negative_prompt: HtmlTextAreaElement,
    steps: HtmlInputElement,
    steps_range: HtmlInputElement,
    guidance: HtmlInputElement,
    guidance_range: HtmlInputElement,
    seed: HtmlInputElement,
    keep_seed: HtmlInputElement,
    pictures: HtmlInputElement,
    scheduler: HtmlSelectElement,
    width: HtmlInputElement,
    height: HtmlInputElement,
    complaints: Complaints,
    draft: Draft,
    shapes: HtmlElement,
    start: InitImage,
    touched: HashSet<String>,
    own_size: (u32, u32),
    /// The model's own scheduler.
    own_scheduler: Option<String>,
    spent_seed: Option<String>,
}

impl Form {
    /// Finds the fields in the page.
    pub fn bind() -> Result<Self> {
        let mut form = Form {
            prompt: by_id("prompt")?,
            negative_prompt: by_id("negative-prompt")?,
            steps: by_id("steps")?,
            steps_range: by_id("steps-range")?,
            guidance: by_id("guidance")?,
            guidance_range: by_id("guidance-range")?,
            seed: by_id("seed")?,
            keep_seed: by_id("keep-seed")?,
            pictures: by_id("pictures")?,
            scheduler: by_id("scheduler")?,
            width: by_id("width")?,
            height: by_id("height")?,
            complaints: Complaints::bind()?,
            draft: Draft::of_this_page(),
            shapes: by_id("shapes")?,
            start: InitImage::bind()?,
            touched: HashSet::new(),
            own_size: (128, 128),
            own_scheduler: None,
            spent_seed: None,
        };
        if form.seed.value().is_empty() {
            form.seed.set_value(&random_seed());
        }
        scheduler_menu::fill(&form.scheduler, None, "");
        form.notice_what_was_typed();
        form.take_draft();
        Ok(form)
    }

    /// What was typed before this program ran is the user's choice like any other.
    fn notice_what_was_typed(&mut self) {
        if !self.prompt.value().is_empty() {
            self.touch("prompt");
        }
        for input in [&self.steps, &self.guidance, &self.width, &self.height] {
            if input.value() != input.default_value() {
                self.touched.insert(input.id());
            }
        }
    }

    /// What stood in the form before the page was reloaded stands there again.
    fn take_draft(&mut self) {
        for id in draft::FIELDS {
            if self.is_untouched(id) && self.draft.put_back(id) {
                self.touched.insert(id.to_string());
            }
        }
        self.steps_range.set_value(&self.steps.value());
        self.guidance_range.set_value(&self.guidance.value());
        self.keep_seed.set_checked(!self.is_untouched("seed"));
        self.size_changed();
    }

    /// The user typed, slid or chose something.
    pub fn edited(&mut self, event: &Event) {
        let Some(field) = met(event, "input, textarea, select") else { return };
        match field.id().as_str() {
            "steps" => self.steps_range.set_value(&self.steps.value()),
            "steps-range" => self.steps.set_value(&self.steps_range.value()),
            "guidance" => self.guidance_range.set_value(&self.guidance.value()),
            "guidance-range" => self.guidance.set_value(&self.guidance_range.value()),
            "width" | "height" => self.size_changed(),
            // Who types a seed means that seed, also the next time.
            "seed" => self.keep_seed.set_checked(!self.seed.value().trim().is_empty()),
            "keep-seed" => self.touch("seed"),
            _ => {}
        }
        self.touch(field.id().trim_end_matches("-range"));
    }

    /// Puts an example into the prompt.
    pub fn use_example(&mut self, prompt: &str) {
        self.prompt.set_value(prompt);
        self.touch("prompt");
        let _ = self.prompt.focus();
    }

    /// Sets the size to one of the shapes.
    pub fn use_shape(&mut self, shape: &str) {
        self.choose_size(size(self.own_size, shape));
    }

    /// Sets the size.
    pub fn choose_size(&mut self, size: (u32, u32)) {
        self.set_size(size);
        self.touch("width");
        self.touch("height");
    }

    /// Whether the seed is for the next picture too.
    pub fn keeps_seed(&self) -> bool {
        self.keep_seed.checked()
    }

    /// The same, as the user had it.
    pub fn keep_seed(&mut self, keeps: bool) {
        self.keep_seed.set_checked(keeps);
        self.touch("seed");
    }

    /// A new seed at the user's wish, and another one for the next picture.
    pub fn new_seed(&mut self) {
        self.keep_seed.set_checked(false);
        self.roll_seed();
    }

    /// A new seed at the user's wish.
    pub fn roll_seed(&mut self) {
        self.seed.set_value(&random_seed());
        self.touch("seed");
    }

    /// Before a run: a seed that has already made a picture is replaced, unless it is to be kept.
    pub fn ready_seed(&mut self) {
        let seed = self.seed.value();
        let spent = self.spent_seed.as_deref() == Some(seed.trim());
        if seed.trim().is_empty() || (spent && !self.keep_seed.checked()) {
            self.roll_seed();
        }
    }

    /// After a run: its seed has made its picture. It stays in view.
    pub fn seed_spent(&mut self, seed: &str) {
        self.spent_seed = Some(seed.to_string());
    }

    /// The picture to start from.
    pub fn start(&self) -> &InitImage {
        &self.start
    }

    /// The values, if they are possible at all; the engine judges the rest.
    pub fn read(&self) -> Result<GenerateRequest> {
        let settings = self.settings()?;
        let start = self.start.read((settings.width, settings.height))?;
        Ok(GenerateRequest { start, ..settings })
    }

    /// The same without the picture to start from, whose pixels are many.
    pub fn settings(&self) -> Result<GenerateRequest> {
        Ok(GenerateRequest {
            prompt: self.prompt.value(),
            negative_prompt: self.negative_prompt.value(),
            num_inference_steps: whole("num_inference_steps", &self.steps)?,
            guidance_scale: number("guidance_scale", &self.guidance)?,
            seed: self.seed.value().trim().to_string(),
            scheduler: self.scheduler.value(),
            width: whole("width", &self.width)?,
            height: whole("height", &self.height)?,
            start: None,
        })
    }

    /// How many pictures are wanted.
    pub fn pictures(&self) -> Result<u32> {
        whole("pictures", &self.pictures)
    }

    /// Takes over the model's defaults wherever the user has not chosen.
    pub fn take_defaults(&mut self, model: &ModelSheet) {
        self.offer_schedulers(model);
        self.own_size = (model.width, model.height);
        if self.is_untouched("prompt") {
            self.prompt.set_value(&model.default_prompt);
        }
        if self.is_untouched("steps") {
            self.set_steps(model.num_inference_steps);
        }
        if self.is_untouched("guidance") {
            self.set_guidance(model.guidance_scale);
        }
        if self.is_untouched("width") && self.is_untouched("height") {
            self.set_size(self.own_size);
        }
        self.size_changed();
    }

    /// Brings a picture's settings back, its seed included.
    pub fn restore(&mut self, request: &GenerateRequest) {
        self.prompt.set_value(&request.prompt);
        self.negative_prompt.set_value(&request.negative_prompt);
        self.set_steps(request.num_inference_steps);
        self.set_guidance(request.guidance_scale);
        self.seed.set_value(&request.seed);
        self.keep_seed.set_checked(true);
        self.scheduler.set_value(&request.scheduler);
        self.set_size((request.width, request.height));
        self.start.restore(request.start.as_deref());
        self.complaints.clear();
        for id in draft::FIELDS {
            self.touch(id);
        }
    }

    /// Brings back what is known of a picture's settings; the rest stays.
    pub fn restore_known(&mut self, recipe: &Recipe) {
        self.prompt.set_value(&recipe.prompt);
        self.negative_prompt.set_value(&recipe.negative_prompt);
        self.touch("prompt");
        self.touch("negative-prompt");
        if let Some(steps) = recipe.num_inference_steps {
            self.set_steps(steps);
            self.touch("steps");
        }
        if let Some(guidance) = recipe.guidance_scale {
            self.set_guidance(guidance);
            self.touch("guidance");
        }
        if let Some(seed) = &recipe.seed {
            self.seed.set_value(seed);
            self.keep_seed.set_checked(true);
            self.touch("seed");
        }
        if let Some(scheduler) = &recipe.scheduler {
            self.scheduler.set_value(scheduler);
            self.touch("scheduler");
        }
        if let Some([width, height]) = recipe.size {
            self.set_size((width, height));
            self.touch("width");
            self.touch("height");
        }
        // It was made from another picture than the one that is there, or from none.
        self.start.restore(None);
        if let Some(strength) = recipe.strength {
            self.start.take_settings(strength, recipe.padding);
        }
    }

    /// The size that the user has chosen, if it is not left to the model.
    pub fn chosen_size(&self) -> Option<[u32; 2]> {
        if self.is_untouched("width") && self.is_untouched("height") {
            return None;
        }
        let size = self.size()?;
        (size != self.own_size).then_some([size.0, size.1])
    }

    /// The engine weighed a size: why it cannot be, or that it can. What it says of a size that is
    /// no longer in the form concerns nobody.
    pub fn weighed(&self, size: (u32, u32), obstacle: Option<&Fault>) {
        if self.size() == Some(size) {
            match obstacle {
                Some(fault) => self.complaints.refuse_size(fault.argument("reason")),
                None => self.complaints.accept_size(),
            }
        }
    }

    fn size(&self) -> Option<(u32, u32)> {
        Some((whole("width", &self.width).ok()?, whole("height", &self.height).ok()?))
    }

    /// Shows what is wrong beside the field that it is about, and goes there. False if it is about no
    /// field.
    pub fn complain(&self, fault: &Fault) -> bool {
        self.complaints.show(fault)
    }

    /// The page speaks another language now.
    pub fn speak(&self) {
        self.write_schedulers(&self.scheduler.value());
        self.complaints.speak();
        self.start.speak();
    }

    /// Forgets all complaints.
    pub fn clear_complaints(&self) {
        self.complaints.clear();
    }

    fn touch(&mut self, id: &str) {
        forgive(id);
        self.touched.insert(id.to_string());
        match id {
            // One that was rolled is as good as any other.
            "seed" if !self.keep_seed.checked() => self.draft.drop(id),
            _ => self.draft.keep(id),
        }
    }

    fn is_untouched(&self, id: &str) -> bool {
        !self.touched.contains(id)
    }

    fn set_steps(&self, steps: u32) {
        self.steps.set_value(&steps.to_string());
        self.steps_range.set_value(&steps.to_string());
    }

    fn set_guidance(&self, guidance: f64) {
        self.guidance.set_value(&guidance.to_string());
        self.guidance_range.set_value(&guidance.to_string());
    }

    fn set_size(&self, (width, height): (u32, u32)) {
        self.width.set_value(&width.to_string());
        self.height.set_value(&height.to_string());
        self.size_changed();
    }

    fn size_changed(&self) {
        self.mark_shape();
        if let Some(size) = self.size() {
            self.start.fit_to(size);
        }
    }

    fn mark_shape(&self) {
        let now = (self.width.value_as_number(), self.height.value_as_number());
        for shape in SHAPES {
            let (width, height) = size(self.own_size, shape);
            let pressed = now == (f64::from(width), f64::from(height));
            if let Ok(Some(button)) = self.shapes.query_selector(&format!("[data-shape={shape}]")) {
                set(&button, "aria-pressed", if pressed { "true" } else { "false" });
            }
        }
    }

    fn offer_schedulers(&mut self, model: &ModelSheet) {
        let wanted = if self.is_untouched("scheduler") {
            model.scheduler.clone()
        } else {
            self.scheduler.value()
        };
        self.own_scheduler = Some(model.scheduler.clone());
        self.write_schedulers(&wanted);
    }

    fn write_schedulers(&self, wanted: &str) {
        if let Some(own) = &self.own_scheduler {
            scheduler_menu::fill(&self.scheduler, Some(own), wanted);
        }
    }
}

/// Short enough to read out; the field takes longer ones.
fn random_seed() -> String {
    ((js_sys::Math::random() * f64::from(u32::MAX)) as u32).to_string()
}
