//! The form: its values as a request, a request or the model's defaults as its values, and what is
//! wrong with a value beside its field.

mod complaints;
mod control;
mod draft;
mod scheduler_menu;
mod shape;

use std::collections::HashSet;

use web_sys::{Event, HtmlElement, HtmlInputElement, HtmlSelectElement};

use self::complaints::Complaints;
use self::control::Control;
use self::draft::Draft;
use self::shape::{SHAPES, size};
use super::init_image::InitImage;
use crate::app::dom::{by_id, forgive, met, set};
use crate::app::protocol::{Fault, GenerateRequest, ModelSheet, Recipe};
use crate::error::Result;
use crate::params::{
    DefaultRule, FIELDS, Field, GenerationParams, Kind, NUM_IMAGES, PartialParams, Section,
};

/// The parameter of which each picture has its own; also the `id` of its input.
const SEED: &str = "seed";

/// The one whose choices go by the model; also the `id` of its input.
const SCHEDULER: &str = "scheduler";

/// Handles of the form's fields and what the user did with them.
pub struct Form {
    /// One for each row of the table but those of the picture to start from.
    controls: Vec<Control>,
    keep_seed: HtmlInputElement,
    pictures: Control,
    complaints: Complaints,
    draft: Draft,
    shapes: HtmlElement,
    start: InitImage,
    touched: HashSet<String>,
    own_size: (u32, u32),
    /// The model's own scheduler.
    own_scheduler: Option<String>,
    spent_seed: Option<u64>,
}

impl Form {
    /// Finds the fields in the page.
    pub fn bind() -> Result<Self> {
        let rows = FIELDS.iter().filter(|field| field.section != Section::InitImage);
        let mut form = Form {
            controls: rows.map(Control::bind).collect::<Result<_>>()?,
            keep_seed: by_id("keep-seed")?,
            pictures: Control::bind(&NUM_IMAGES)?,
            complaints: Complaints::bind()?,
            draft: Draft::of_this_page(),
            shapes: by_id("shapes")?,
            start: InitImage::bind()?,
            touched: HashSet::new(),
            own_size: (128, 128),
            own_scheduler: None,
            spent_seed: None,
        };
        if form.text(SEED).is_empty() {
            form.write(SEED, &random_seed());
        }
        form.fill_scheduler_menu(None, "");
        form.notice_what_was_typed();
        form.take_draft();
        Ok(form)
    }

    /// What was typed before this program ran is the user's choice like any other.
    fn notice_what_was_typed(&mut self) {
        for control in &self.controls {
            if control.field.name != SEED && control.was_written() {
                self.touched.insert(control.field.id.to_string());
            }
        }
    }

    /// What stood in the form before the page was reloaded stands there again.
    fn take_draft(&mut self) {
        for id in draft::ids() {
            if self.is_untouched(id) && self.draft.put_back(id) {
                self.touched.insert(id.to_string());
            }
        }
        self.controls.iter().for_each(Control::lead_slider);
        self.keep_seed.set_checked(!self.is_untouched(SEED));
        self.size_changed();
    }

    /// The user typed, slid or chose something.
    pub fn edited(&mut self, event: &Event) {
        let Some(element) = met(event, "input, textarea, select") else { return };
        let id = element.id();
        let (of, is_slider) = match id.strip_suffix("-range") {
            Some(of) => (of, true),
            None => (id.as_str(), false),
        };
        if let Some(control) = self.controls.iter().find(|control| control.field.id == of) {
            if is_slider { control.follow_slider() } else { control.lead_slider() }
        }
        match of {
            "width" | "height" => self.size_changed(),
            // Who types a seed means that seed, also the next time.
            SEED => self.keep_seed.set_checked(!self.text(SEED).trim().is_empty()),
            "keep-seed" => self.touch(SEED),
            _ => {}
        }
        self.touch(of);
    }

    /// Puts an example into the prompt.
    pub fn use_example(&mut self, prompt: &str) {
        self.write("prompt", prompt);
        self.touch("prompt");
        if let Some(control) = self.control("prompt") {
            control.focus();
        }
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
        self.touch(SEED);
    }

    /// A new seed at the user's wish, and another one for the next picture.
    pub fn new_seed(&mut self) {
        self.keep_seed.set_checked(false);
        self.roll_seed();
    }

    /// A new seed at the user's wish.
    pub fn roll_seed(&mut self) {
        self.write(SEED, &random_seed());
        self.touch(SEED);
    }

    /// Before a run: a seed that has already made a picture is replaced, unless it is to be kept.
    pub fn ready_seed(&mut self) {
        let seed = self.text(SEED);
        let is_spent = self.spent_seed.is_some() && self.spent_seed == seed.trim().parse().ok();
        if seed.trim().is_empty() || (is_spent && !self.keep_seed.checked()) {
            self.roll_seed();
        }
    }

    /// After a run: its seed has made its picture. It stays in view.
    pub fn seed_spent(&mut self, seed: u64) {
        self.spent_seed = Some(seed);
    }

    /// The picture to start from.
    pub fn start(&self) -> &InitImage {
        &self.start
    }

    /// Returns whether the init image is still being read, or fitted to the form's size.
    pub fn awaits_image(&self) -> bool {
        self.size().is_some_and(|size| self.start.awaits(size))
    }

    /// The values, if they are possible at all; the engine judges the rest.
    pub fn read(&self) -> Result<GenerateRequest> {
        let mut params = self.settings()?;
        let start = self.start.read(as_u32(params.size()))?;
        if start.is_some() {
            (params.strength, params.padding_mask_crop) = self.start.settings()?;
        }
        Ok(GenerateRequest { params, start })
    }

    /// The same without the picture to start from, whose pixels are many.
    pub fn settings(&self) -> Result<GenerationParams> {
        let mut given = PartialParams::default();
        for control in &self.controls {
            if let Some(value) = control.read()? {
                // It has been checked against the row.
                given.set(control.field, &value);
            }
        }
        Ok(GenerationParams::default().with(&given))
    }

    /// How many pictures are wanted.
    pub fn pictures(&self) -> Result<u32> {
        let count = self.pictures.read()?.and_then(|count| count.as_f64());
        Ok(count.map_or(1, |count| count as u32))
    }

    /// Takes over the model's defaults wherever the user has not chosen.
    pub fn take_defaults(&mut self, model: &ModelSheet) {
        self.offer_schedulers(model);
        self.own_size = as_u32(model.defaults.size());
        for control in &self.controls {
            let Field { id, kind, default, .. } = control.field;
            // Schedulers have been offered.
            let is_taken = *default == DefaultRule::Model && !matches!(kind, Kind::Choice(_));
            if let Some(value) = model.defaults.get(control.field)
                && is_taken
                && self.is_untouched(id)
            {
                control.write(&value.to_string());
            }
        }
        self.size_changed();
    }

    /// Brings a picture's settings back, its seed included.
    pub fn restore(&mut self, request: &GenerateRequest) {
        for control in &self.controls {
            let value = request.params.get(control.field);
            control.write(&value.map_or(String::new(), |value| value.to_string()));
        }
        self.keep_seed.set_checked(true);
        self.size_changed();
        self.start.restore(request.start.as_deref(), &request.params);
        self.complaints.clear();
        for id in draft::ids() {
            self.touch(id);
        }
    }

    /// Brings back what is known of a picture's settings; the rest stays.
    pub fn restore_known(&mut self, recipe: &Recipe) {
        let params = &recipe.params;
        let mut known = Vec::new();
        for control in &self.controls {
            if let Some(value) = params.get(control.field) {
                control.write(&value.to_string());
                known.push(control.field.id);
            }
        }
        if params.seed.is_some() {
            self.keep_seed.set_checked(true);
        }
        known.into_iter().for_each(|id| self.touch(id));
        self.size_changed();
        // It was made from another picture than the one that is there, or from none.
        self.start.restore(None, &GenerationParams::default());
        if let Some(strength) = params.strength {
            self.start.take_settings(strength, params.padding_mask_crop);
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
        let side = |name| self.control(name)?.read().ok()??.as_f64();
        Some((side("width")? as u32, side("height")? as u32))
    }

    /// Shows what is wrong beside the field that it is about, and goes there. False if it is about no
    /// field.
    pub fn complain(&self, fault: &Fault) -> bool {
        self.complaints.show(fault)
    }

    /// The page speaks another language now.
    pub fn speak(&self) {
        self.write_schedulers(&self.text(SCHEDULER));
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
            SEED if !self.keep_seed.checked() => self.draft.drop(id),
            _ => self.draft.keep(id),
        }
    }

    fn is_untouched(&self, id: &str) -> bool {
        !self.touched.contains(id)
    }

    fn control(&self, name: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.field.name == name)
    }

    fn text(&self, name: &str) -> String {
        self.control(name).map_or(String::new(), Control::text)
    }

    fn write(&self, name: &str, text: &str) {
        if let Some(control) = self.control(name) {
            control.write(text);
        }
    }

    fn set_size(&self, (width, height): (u32, u32)) {
        self.write("width", &width.to_string());
        self.write("height", &height.to_string());
        self.size_changed();
    }

    fn size_changed(&self) {
        self.mark_shape();
        if let Some(size) = self.size() {
            self.start.fit_to(size);
        }
    }

    fn mark_shape(&self) {
        let now = self.size();
        for shape in SHAPES {
            let (width, height) = size(self.own_size, shape);
            let pressed = now == Some((width, height));
            if let Ok(Some(button)) = self.shapes.query_selector(&format!("[data-shape={shape}]")) {
                set(&button, "aria-pressed", if pressed { "true" } else { "false" });
            }
        }
    }

    fn offer_schedulers(&mut self, model: &ModelSheet) {
        let own = model.defaults.scheduler.map_or(String::new(), |name| name.to_string());
        let wanted = if self.is_untouched(SCHEDULER) { own.clone() } else { self.text(SCHEDULER) };
        self.own_scheduler = Some(own);
        self.write_schedulers(&wanted);
    }

    fn write_schedulers(&self, wanted: &str) {
        if let Some(own) = &self.own_scheduler {
            self.fill_scheduler_menu(Some(own), wanted);
        }
    }

    fn fill_scheduler_menu(&self, own: Option<&str>, wanted: &str) {
        let menu =
            self.control(SCHEDULER).and_then(|control| control.element::<HtmlSelectElement>());
        if let Some(menu) = menu {
            scheduler_menu::fill(menu, own, wanted);
        }
    }
}

/// Sizes are below four thousand.
fn as_u32([width, height]: [usize; 2]) -> (u32, u32) {
    (width as u32, height as u32)
}

/// Short enough to read out; the field takes longer ones.
fn random_seed() -> String {
    ((js_sys::Math::random() * f64::from(u32::MAX)) as u32).to_string()
}
