//! The form of generation settings.

mod actions;
mod control;
mod draft;
mod field_errors;
mod infotext;
mod prompt_summaries;
mod prompts;
mod replacement;
mod scheduler_menu;
mod seed;
mod shape;
mod state;
mod undo;

use web_sys::{Event, HtmlElement, HtmlInputElement};

use self::control::Control;
use self::draft::Draft;
use self::field_errors::FieldErrors;
pub use self::infotext::{PastedText, is_infotext};
use self::prompt_summaries::PromptSummaries;
pub use self::prompt_summaries::PromptTexts;
use self::scheduler_menu::{SAMPLER, SCHEDULE, SchedulerMenu};
pub use self::seed::random_seed;
use self::state::{DraftChange, FormState};
pub use self::undo::Undo;
use super::init_image::{InitImage, InitImageSettings};
use super::unwise_hint::UnwiseHint;
use crate::app::dom::{by_id, clear_field_error, closest, set};
use crate::app::protocol::{ErrorReport, GenerateRequest, ImageMetadata};
use crate::error::Result;
use crate::params::{DefaultRule, FIELDS, GenerationParams, NUM_IMAGES, PartialParams, Section};
use crate::scheduler::SchedulerName;

/// The parameter that differs between the images of a batch; also the `id` of its input.
const SEED: &str = "seed";

/// The parameter whose menus depend on the model; also the `id` of its hidden input.
const SCHEDULER: &str = "scheduler";

/// The form's inputs and state.
pub struct Form {
    /// One for each row of the table except those of the init image.
    controls: Vec<Control>,
    keep_seed: HtmlInputElement,
    pictures: Control,
    errors: FieldErrors,
    summaries: PromptSummaries,
    unwise: Vec<UnwiseHint>,
    draft: Draft,
    shapes: HtmlElement,
    shape_size: HtmlElement,
    init_image: InitImage,
    scheduler_menu: SchedulerMenu,
    state: FormState,
}

impl Form {
    /// Binds to the elements and restores the draft.
    pub fn bind() -> Result<Self> {
        let rows = FIELDS.iter().filter(|field| field.section != Section::InitImage);
        let mut form = Form {
            controls: rows.map(Control::bind).collect::<Result<_>>()?,
            keep_seed: by_id("keep-seed")?,
            pictures: Control::bind(&NUM_IMAGES)?,
            errors: FieldErrors::bind()?,
            summaries: PromptSummaries::bind()?,
            unwise: Vec::new(),
            draft: Draft::new(),
            shapes: by_id("shapes")?,
            shape_size: by_id("shape-size")?,
            init_image: InitImage::bind()?,
            scheduler_menu: SchedulerMenu::bind()?,
            state: FormState::default(),
        };
        // The rows of fields that index.html lacks are there now.
        let fields = form.controls.iter().map(|control| control.field);
        form.unwise = fields.filter_map(UnwiseHint::bind).collect();
        if form.text(SEED).is_empty() {
            form.write(SEED, &random_seed().to_string());
        }
        form.mark_typed_fields();
        form.load_draft();
        form.show_scheduler();
        Ok(form)
    }

    /// Marks fields that the user changed before this program started as touched.
    fn mark_typed_fields(&mut self) {
        for control in &self.controls {
            if control.field.name != SEED && control.was_written() {
                self.state.restore(control.field.id);
            }
        }
    }

    /// Restores the values of before a reload.
    fn load_draft(&mut self) {
        for id in draft::ids() {
            if self.state.is_untouched(id) && self.draft.restore_field(id) {
                self.state.restore(id);
            }
        }
        self.controls.iter().for_each(Control::update_slider);
        self.keep_seed.set_checked(!self.state.is_untouched(SEED));
        self.size_changed();
        self.show_unwise();
    }

    /// Handles an `input` event.
    pub fn edited(&mut self, event: &Event) {
        let Some(element) = closest(event, "input, textarea, select") else { return };
        let id = element.id();
        let (field_id, is_slider) = match id.strip_suffix("-range") {
            Some(field_id) => (field_id, true),
            None => (id.as_str(), false),
        };
        if let Some(control) = self.controls.iter().find(|control| control.field.id == field_id) {
            if is_slider { control.read_slider() } else { control.update_slider() }
        }
        match field_id {
            "width" | "height" => self.size_changed(),
            // A typed seed is also used for the next images.
            SEED => self.keep_seed.set_checked(!state::is_random_seed(&self.text(SEED))),
            "keep-seed" => self.touch(SEED),
            SAMPLER | SCHEDULE => {
                let name = self.scheduler_menu.chosen(field_id, &self.text(SCHEDULER));
                self.write(SCHEDULER, &name);
                return self.touch(SCHEDULER);
            }
            _ => {}
        }
        self.touch(field_id);
        self.show_unwise();
    }

    /// Validates the field `id` or that of its slider, and shows its error beside it.
    pub fn validate(&self, id: &str) {
        let id = id.strip_suffix("-range").unwrap_or(id);
        let mut controls = self.controls.iter().chain([&self.pictures]);
        let Some(control) = controls.find(|control| control.field.id == id) else { return };
        let is_random = id == SEED && state::is_random_seed(&control.text());
        let read = control.read().and_then(|value| match value {
            Some(value) => control.field.check_multiple(&value),
            None => Ok(()),
        });
        if let Some(error) = read.err().filter(|_| !is_random) {
            self.errors.write(&ErrorReport::from(&error));
        }
    }

    /// Replaces the prompt `field` and puts the focus there.
    pub fn use_prompt(&mut self, field: &'static str, text: &str) {
        self.write(field, text);
        self.touch(field);
        if let Some(control) = self.control(field) {
            control.focus();
        }
    }

    /// Selects the example prompt when its field gets the focus, so that typing replaces it.
    pub fn select_example(&self) {
        if self.state.is_untouched("prompt")
            && let Some(control) = self.control("prompt")
        {
            control.select();
        }
    }

    /// Sets the size to a preset shape.
    pub fn use_shape(&mut self, shape: &str) {
        self.choose_size(self.state.shape_size(shape));
    }

    /// Returns the size for an init image of size `own`, or for none, if it differs from the
    /// present one and the user has chosen none.
    pub fn follow(&mut self, own: Option<(u32, u32)>) -> Option<(u32, u32)> {
        self.state.follow(own).filter(|size| self.size() != Some(*size))
    }

    /// Sets the size, not as the user's choice.
    pub fn set_size(&mut self, (width, height): (u32, u32)) {
        self.write("width", &width.to_string());
        self.write("height", &height.to_string());
        self.size_changed();
    }

    /// Sets the size, as the user's choice.
    pub fn choose_size(&mut self, size: (u32, u32)) {
        self.set_size(size);
        self.touch("width");
        self.touch("height");
    }

    /// Returns the lines under the prompts.
    pub fn summaries(&self) -> &PromptSummaries {
        &self.summaries
    }

    /// Returns the text of a field.
    pub fn text(&self, name: &str) -> String {
        self.control(name).map_or(String::new(), Control::text)
    }

    /// Returns the prompt.
    pub fn prompt(&self) -> String {
        self.text("prompt")
    }

    /// Returns the init image.
    pub fn init_image(&self) -> &InitImage {
        &self.init_image
    }

    /// Returns whether the init image is still being read or fitted.
    pub fn awaits_image(&self) -> bool {
        self.size().is_some_and(|size| self.init_image.awaits(size))
    }

    /// Returns the request if the values are valid; the worker checks what depends on the model.
    pub fn read(&self) -> Result<GenerateRequest> {
        let mut params = self.settings()?;
        let init_image = self.init_image.read(as_u32(params.size()))?;
        if init_image.is_some() {
            let settings = self.init_image.settings()?;
            params.strength = settings.strength;
            params.padding_mask_crop = settings.padding_mask_crop;
            params.mask_blur = settings.mask_blur;
        }
        Ok(GenerateRequest { params, init_image, adapters: Vec::new() })
    }

    /// Returns the parameters, without copying the init image.
    pub fn settings(&self) -> Result<GenerationParams> {
        let mut values = PartialParams::default();
        for control in &self.controls {
            if let Some(value) = control.read()? {
                // Setting cannot fail: the value was parsed for this row.
                values.set(control.field, &value);
            }
        }
        Ok(GenerationParams::default().with(&values))
    }

    /// Returns the number of images.
    pub fn pictures(&self) -> Result<u32> {
        let count = self.pictures.read()?.and_then(|count| count.as_f64());
        Ok(count.map_or(1, |count| count as u32))
    }

    /// Applies the model's defaults to fields that the user has not changed, unless they are those of before.
    pub fn apply_defaults(&mut self, defaults: &GenerationParams) {
        if !self.state.set_defaults(defaults) {
            return;
        }
        self.write_schedulers(&self.state.scheduler_to_select(self.text(SCHEDULER)));
        for control in &self.controls {
            if let Some(text) = self.state.proposal(control.field, defaults) {
                control.write(&text);
                if control.has_focus() {
                    control.select();
                }
            }
        }
        self.size_changed();
        self.show_unwise();
    }

    /// Restores the settings of an image, including its seed.
    pub fn restore(&mut self, request: &GenerateRequest) {
        for control in &self.controls {
            let value = request.params.get(control.field);
            control.write(&value.map_or(String::new(), |value| control.field.shown(&value)));
        }
        self.keep_seed.set_checked(true);
        self.size_changed();
        self.show_unwise();
        self.init_image.restore(request.init_image.as_deref(), &request.params);
        self.errors.clear();
        for id in draft::ids() {
            self.touch(id);
        }
    }

    /// Applies an image's metadata; fields that it lacks stay as they are.
    pub fn apply_metadata(&mut self, metadata: &ImageMetadata) {
        let params = &metadata.params;
        if params.seed.is_some() {
            self.keep_seed.set_checked(true);
        }
        self.clear_absent(params);
        self.apply_params(params);
        // The image's own init image is unknown, so the present one is removed.
        self.init_image.restore(None, &GenerationParams::default());
        if let Some(strength) = params.strength {
            self.init_image.apply_settings(InitImageSettings {
                strength,
                padding_mask_crop: params.padding_mask_crop,
                mask_blur: params.mask_blur.unwrap_or_default(),
            });
        }
    }

    /// Empties the fields whose absence has a meaning of its own, and that `params` lacks.
    fn clear_absent(&self, params: &PartialParams) {
        let is_absent = |control: &&Control| {
            control.field.default == DefaultRule::Absent && params.get(control.field).is_none()
        };
        self.controls.iter().filter(is_absent).for_each(|control| control.write(""));
    }

    /// Applies some parameters, as the user's choice.
    pub fn apply_params(&mut self, params: &PartialParams) {
        let mut applied = Vec::new();
        for control in &self.controls {
            if let Some(value) = params.get(control.field) {
                control.write(&control.field.shown(&value));
                applied.push(control.field.id);
            }
        }
        applied.into_iter().for_each(|id| self.applied(id));
        self.size_changed();
        self.show_unwise();
    }

    /// Returns the size that the user has chosen, if it differs from the model's native size.
    pub fn chosen_size(&self) -> Option<[u32; 2]> {
        self.state.chosen_size(self.size())
    }

    /// Shows or clears the error of a checked size. Results for a size that has changed since are
    /// ignored.
    pub fn size_checked(&self, size: (u32, u32), obstacle: Option<&ErrorReport>) {
        if self.size() == Some(size) {
            match obstacle {
                Some(error) => self.errors.show_size_error(error.argument("reason")),
                None => self.errors.clear_size_error(),
            }
        }
    }

    fn size(&self) -> Option<(u32, u32)> {
        let side = |name| self.control(name)?.read().ok()??.as_f64();
        Some((side("width")? as u32, side("height")? as u32))
    }

    /// Shows an error beside its field and focuses the field. Returns false if it has no field.
    pub fn show_error(&self, error: &ErrorReport) -> bool {
        self.errors.show(error)
    }

    /// Retranslates menu, errors and init image.
    pub fn retranslate(&self) {
        self.write_schedulers(&self.text(SCHEDULER));
        self.errors.retranslate();
        self.summaries.retranslate();
        self.unwise.iter().for_each(UnwiseHint::retranslate);
        self.init_image.retranslate();
    }

    /// Clears all errors.
    pub fn clear_errors(&self) {
        self.errors.clear();
    }

    /// Says beside the fields which values spoil the picture or have no effect.
    fn show_unwise(&self) {
        let asked = self.controls.iter().filter(|control| !control.field.unwise.is_empty());
        for (control, hint) in asked.zip(&self.unwise) {
            hint.update(control.read().ok().flatten().as_ref());
        }
    }

    fn touch(&mut self, id: &str) {
        clear_field_error(id);
        if id == SCHEDULER {
            self.show_scheduler();
        }
        match self.state.touch(id, self.keep_seed.checked()) {
            DraftChange::Remove => self.draft.remove(id),
            DraftChange::Save => self.draft.save(id),
        }
    }

    fn control(&self, name: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.field.name == name)
    }

    fn write(&self, name: &str, text: &str) {
        if let Some(control) = self.control(name) {
            control.write(text);
        }
    }

    fn size_changed(&self) {
        self.mark_shape();
        if let Some(size) = self.size() {
            self.init_image.fit_to(size);
        }
    }

    fn mark_shape(&self) {
        let size =
            self.size().map_or(String::new(), |(width, height)| format!("{width} × {height}"));
        self.shape_size.set_text_content(Some(&size));
        for (shape, pressed) in self.state.shapes(self.size()) {
            if let Ok(Some(button)) = self.shapes.query_selector(&format!("[data-shape={shape}]")) {
                set(&button, "aria-pressed", if pressed { "true" } else { "false" });
            }
        }
    }

    /// Writes the scheduler `selected`, or the model's own if there is none of that name.
    fn write_schedulers(&self, selected: &str) {
        let own = self.state.model_scheduler();
        let is_known = selected.parse::<SchedulerName>().is_ok() || own.is_none();
        self.write(SCHEDULER, if is_known { selected } else { own.unwrap_or_default() });
        self.show_scheduler();
    }

    /// Shows the scheduler in its two menus.
    fn show_scheduler(&self) {
        self.scheduler_menu.show(self.state.model_scheduler(), &self.text(SCHEDULER));
    }
}

/// Converts a size; sides are below 2³².
fn as_u32([width, height]: [usize; 2]) -> (u32, u32) {
    (width as u32, height as u32)
}
